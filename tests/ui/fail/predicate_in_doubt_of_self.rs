use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

impl Checkout {
    fn is_lost(_error: &u32) -> bool {
        false
    }
}

#[saga]
impl Checkout {
    #[step(pivot, in_doubt = Self::is_lost)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
