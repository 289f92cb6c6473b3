use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn check_card(&self, _order: &Order) -> Result<u32, String> {
        todo!()
    }

    #[step(pivot)]
    async fn charge_card(&self) -> Result<Payment, String> {
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
