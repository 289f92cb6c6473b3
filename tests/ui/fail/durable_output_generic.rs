use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;

struct Checkout<T>(T);

#[saga(durable)]
impl<T: Send + Sync> Checkout<T> {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<T, String> {
        todo!()
    }
}

fn main() {}
