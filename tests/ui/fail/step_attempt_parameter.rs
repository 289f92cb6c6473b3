use saga_core::{Attempt, saga};

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: Attempt<&Order>) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
