use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
#[derive(serde::Serialize)]
struct Payment;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        todo!()
    }
}

fn main() {}
