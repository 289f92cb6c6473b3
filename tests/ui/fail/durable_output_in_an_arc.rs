use std::sync::Arc;

use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
#[derive(serde::Serialize, serde::Deserialize)]
struct Payment;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<Arc<Payment>, String> {
        todo!()
    }
}

fn main() {}
