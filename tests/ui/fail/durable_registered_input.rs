use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::saga;

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

async fn open() {
    let engine = Engine::builder().register::<CheckoutSaga>(Checkout);
    let _ = engine.open(InMemoryJournal::new()).await;
}

fn main() {
    drop(open());
}
