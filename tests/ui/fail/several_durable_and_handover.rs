use saga_core::durable::{Engine, MemoryJournal};
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
    let _ = engine.open(MemoryJournal::new()).await;
}

fn main() {
    drop(open());
}
