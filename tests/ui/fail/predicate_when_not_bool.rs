use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

fn is_busy(error: &String) -> Option<u32> {
    error.parse().ok()
}

#[saga]
impl Checkout {
    #[step(pivot, retry(attempts = 3, when = is_busy))]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
