use saga_core::durable::Engine;
use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
#[derive(serde::Serialize, serde::Deserialize)]
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        todo!()
    }
}

async fn submit(engine: &Engine) {
    let _ = engine.submit::<Checkout>("order-1", Order).await;
}

fn main() {
    let _ = submit;
}
