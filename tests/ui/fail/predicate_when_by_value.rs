use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

fn is_busy(error: String) -> bool {
    error == "busy"
}

#[saga]
impl Checkout {
    #[step(pivot, retry(attempts = 3, when = is_busy))]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
