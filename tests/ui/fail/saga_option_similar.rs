use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga(visibility = pub)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
