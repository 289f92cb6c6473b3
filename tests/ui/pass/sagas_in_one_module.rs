#![deny(warnings)]

use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;
struct Returns;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

// A second one of the same service.
#[saga(saga = CancelSaga)]
impl Checkout {
    #[step(pivot)]
    async fn cancel(&self, _payment: &Payment) -> Result<(), String> {
        Ok(())
    }
}

// The same step names in another.
#[saga]
impl Returns {
    #[step(pivot)]
    async fn charge_card(&self, _payment: &Payment) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
