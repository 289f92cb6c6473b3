use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
struct Payment;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(only_if = is_large, readonly)]
    async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
        todo!()
    }

    #[step(pivot)]
    async fn book_courier(&self) -> Result<u32, String> {
        todo!()
    }

    fn is_large(&self, _order: &Order) -> bool {
        true
    }
}

fn main() {}
