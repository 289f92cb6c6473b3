use std::pin::Pin;

use saga_core::saga;

struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    fn charge_card(&self, _order: &Order) -> Pin<Box<dyn Future<Output = Result<Payment, String>> + Send + '_>> {
        Box::pin(async { Ok(Payment) })
    }
}

fn main() {}
