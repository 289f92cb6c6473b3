use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
struct Payment;
type BankResult<T> = Result<T, String>;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> BankResult<Payment> {
        todo!()
    }
}

fn main() {}
