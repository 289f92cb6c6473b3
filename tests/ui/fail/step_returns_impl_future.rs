use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    fn charge_card(&self, _order: &Order) -> impl Future<Output = Result<Payment, String>> {
        async { Ok(Payment) }
    }
}

fn main() {}
