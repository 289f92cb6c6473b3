#![deny(warnings)]

mod shop {
    use saga_core::saga;

    pub struct Checkout;
    pub struct Order;

    #[saga(vis = pub(crate))]
    impl Checkout {
        #[step(pivot)]
        async fn charge_card(&self, _order: &Order) -> Result<u32, String> {
            Ok(7)
        }
    }
}

use saga_core::{Failure, Saga};
use shop::{Checkout, CheckoutSaga, CheckoutSagaError, Order};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    assert_eq!(CheckoutSaga::DEFINITION.name, "checkout");
    match CheckoutSaga::run(&Checkout, Order).await {
        Ok(payment) => assert_eq!(payment, 7),
        Err(error) => match error.into_error() {
            CheckoutSagaError::ChargeCard(Failure::Error(text)) => panic!("{text}"),
            other => panic!("{other}"),
        },
    }
}
