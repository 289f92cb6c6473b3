use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot, retry(retries = 3, backoff = "100ms..1s"))]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
