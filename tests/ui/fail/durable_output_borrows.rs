use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<&'static str, String> {
        todo!()
    }
}

fn main() {}
