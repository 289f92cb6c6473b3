use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Payment;

struct Checkout;

#[saga(durable, input = &'static str)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &'static str) -> Result<Payment, String> {
        todo!()
    }
}

fn main() {}
