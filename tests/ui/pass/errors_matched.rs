#![deny(warnings)]

use saga_core::{Failure, Saga as _, saga};

struct Order;
struct Payment;

#[derive(Debug, thiserror::Error)]
enum CardError {
    #[error("declined")]
    Declined,
}

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = release_stock)]
    async fn reserve_stock(&self, _order: &Order) -> Result<u32, String> {
        Ok(7)
    }

    #[step(pivot)]
    async fn charge_card(&self, _reservation: &u32) -> Result<Payment, CardError> {
        Err(CardError::Declined)
    }

    async fn release_stock(&self, _reservation: &u32) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Err(error) = CheckoutSaga::run(&Checkout, Order).await else {
        panic!("charged");
    };
    assert!(!error.is_stuck());
    let reserved = match error.state() {
        CheckoutSagaState::BeforeChargeCard { reserve_stock, .. } => *reserve_stock,
        other => panic!("{other:?}"),
    };
    assert_eq!(reserved, 7);
    match error.into_error() {
        CheckoutSagaError::ChargeCard(Failure::Error(CardError::Declined)) => {}
        other => panic!("{other}"),
    }
}
