use saga_core::{StepContext, saga};

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order, _context: StepContext) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
