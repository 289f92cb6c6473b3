use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
struct Payment;

struct Payments;

#[saga(durable)]
impl Payments {
    #[step(readonly)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        todo!()
    }
}

struct Checkout {
    payments: Payments,
}

#[saga(durable)]
impl Checkout {
    #[step(saga = PaymentsSaga, on = self.payments)]
    fn pay(&self, _order: &Order) -> Order {
        todo!()
    }
}

async fn open(checkout: Checkout) {
    let engine = Engine::builder().register::<CheckoutSaga>(checkout);
    let _ = engine.open(InMemoryJournal::new()).await;
}

fn main() {
    let _ = open;
}
