#![deny(warnings)]

use saga_core::{Failure, Saga, SagaError, saga};

struct Payments<C>(C);

#[saga]
impl<C: Send + Sync> Payments<C> {
    #[step(compensate = refund)]
    async fn charge(&self, amount: &u32) -> Result<u32, String> {
        Ok(*amount)
    }

    async fn refund(&self, _charged: &u32) -> Result<(), String> {
        Ok(())
    }
}

type CardSaga = PaymentsSaga<u8>;

struct Shop {
    payments: Payments<u8>,
}

#[saga]
impl Shop {
    #[step(saga = CardSaga, on = self.payments, retry(attempts = 2, when = is_busy))]
    fn pay(&self, cents: &u32) -> u32 {
        *cents
    }

    #[step]
    async fn ship(&self, paid: &u32) -> Result<u32, String> {
        Err(paid.to_string())
    }
}

fn is_busy(error: &SagaError<CardSaga>) -> bool {
    matches!(error.error(), PaymentsSagaError::Charge(_))
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let shop = Shop {
        payments: Payments(1),
    };
    let error = ShopSaga::run(&shop, 7).await.unwrap_err();
    match error.error() {
        ShopSagaError::Pay(Failure::Error(error)) => panic!("{error}"),
        ShopSagaError::Ship(Failure::Error(text)) => assert_eq!(text, "7"),
        error => panic!("{error}"),
    }
    assert!(matches!(
        error.state(),
        ShopSagaState::BeforeShip {
            input: 7,
            pay: 7,
            ..
        }
    ));
}
