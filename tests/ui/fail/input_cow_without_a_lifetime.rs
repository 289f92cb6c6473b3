use std::borrow::Cow;

use saga_core::saga;

struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: Cow<str>) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
