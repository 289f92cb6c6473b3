use saga_core::saga;

struct Order;
struct Payment;
struct CardError;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, CardError> {
        Ok(Payment)
    }
}

fn main() {}
