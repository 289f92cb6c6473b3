#![deny(warnings)]

use saga_core::saga;

struct Payment;

macro_rules! checkout {
    ($service:ident, $returned:ty) => {
        struct $service;

        #[saga]
        impl $service {
            #[step(pivot)]
            async fn charge_card(&self) -> $returned {
                Ok(Payment)
            }
        }
    };
}

checkout!(Checkout, Result<Payment, String>);

fn main() {}
