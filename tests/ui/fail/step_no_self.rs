use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(_order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

fn main() {}
