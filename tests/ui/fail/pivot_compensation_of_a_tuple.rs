use saga_core::{StepContext, saga};

struct Order;
struct Payment;
struct Receipt;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot, compensate = refund)]
    async fn charge_card(&self, _order: &Order) -> Result<(Payment, Receipt), String> {
        Ok((Payment, Receipt))
    }

    async fn refund(
        &self,
        _payment: &Payment,
        _receipt: &Receipt,
        #[input] _order: &Order,
        _run: &StepContext,
    ) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
