use saga_core::durable::Engine;
use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
#[derive(serde::Serialize, serde::Deserialize)]
struct Payment;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        Ok(Payment)
    }
}

async fn submit(engine: &Engine) {
    let _ = engine.submit::<CheckoutSaga>(Order, "order-1").await;
}

fn main() {
    let _ = submit;
}
