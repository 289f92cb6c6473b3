use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
#[derive(serde::Serialize, serde::Deserialize)]
struct Payment;
struct Receipt;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<(Payment, Receipt), String> {
        todo!()
    }
}

fn main() {}
