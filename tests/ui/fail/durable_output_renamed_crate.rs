use saga_core as sagas;
use sagas::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
struct Payment;

struct Checkout;

#[saga(durable, crate = sagas)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        todo!()
    }
}

fn main() {}
