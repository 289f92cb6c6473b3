use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
struct Payment;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(readonly)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        todo!()
    }

    #[step(pivot)]
    async fn book_courier(&self) -> Result<Payment, String> {
        todo!()
    }
}

fn main() {}
