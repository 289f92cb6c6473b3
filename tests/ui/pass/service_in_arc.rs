#![deny(warnings)]

use std::sync::Arc;

use saga_core::{Saga as _, saga};

struct Order;

struct Checkout;

#[saga]
impl Checkout {
    #[step(pivot)]
    async fn charge_card(&self, _order: &Order) -> Result<u32, String> {
        Ok(7)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let checkout = Arc::new(Checkout);
    let task = tokio::spawn(async move { CheckoutSaga::run(&*checkout, Order).await.unwrap() });
    assert_eq!(task.await.unwrap(), 7);
}
