use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
#[derive(serde::Serialize, serde::Deserialize)]
struct Payment<'a>(&'a str);

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment<'static>, String> {
        todo!()
    }
}

fn main() {}
