use saga_core::durable::Engine;
use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        todo!()
    }
}

async fn outcome(engine: &Engine) {
    let _ = engine.outcome::<CheckoutSaga>("order-1").await;
}

fn main() {
    let _ = outcome;
}
