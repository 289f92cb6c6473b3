use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot, retry(attempts = 4), retries = 3)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
