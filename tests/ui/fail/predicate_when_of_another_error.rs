use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

fn is_busy(code: &u32) -> bool {
    *code == 503
}

#[saga]
impl Checkout {
    #[step(pivot, retry(attempts = 3, when = is_busy))]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
