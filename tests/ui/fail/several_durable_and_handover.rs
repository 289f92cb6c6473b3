use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::saga;

struct Reservation;
#[derive(serde::Serialize, serde::Deserialize)]
struct Payment;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(readonly)]
    async fn reserve_stock(&self) -> Result<Reservation, String> {
        todo!()
    }

    #[step(pivot)]
    async fn charge_card(&self, _reservation: &Payment) -> Result<Payment, String> {
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
