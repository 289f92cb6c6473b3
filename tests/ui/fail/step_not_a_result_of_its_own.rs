use saga_core::saga;

struct Order;
struct Payment;
struct PaymentOrError(Payment);

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> PaymentOrError {
        PaymentOrError(Payment)
    }
}

fn main() {}
