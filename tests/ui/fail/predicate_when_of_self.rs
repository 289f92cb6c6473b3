use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

impl Checkout {
    fn is_busy(_error: &u32) -> bool {
        false
    }
}

#[saga]
impl Checkout {
    #[step(pivot, retry(attempts = 3, when = Self::is_busy))]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
