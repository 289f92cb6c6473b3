use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga(prefix = "shop")]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
