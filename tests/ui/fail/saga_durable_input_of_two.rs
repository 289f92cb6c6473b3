use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
struct Card;
#[derive(serde::Serialize, serde::Deserialize)]
struct Payment;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order, _card: &Card) -> Result<Payment, String> {
        todo!()
    }
}

fn main() {}
