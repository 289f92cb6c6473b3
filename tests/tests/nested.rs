//! A step that runs another saga.

use std::sync::Mutex;

use saga_core::{Failure, RunOptions, Saga, StepContext, saga};

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[derive(Default)]
struct Payments {
    log: Log,
    fails_at: Option<&'static str>,
}

#[derive(Debug, Clone)]
struct Amount(u32);

#[derive(Debug, Clone)]
struct Receipt(u32);

impl Payments {
    fn call(&self, what: &str, run: &StepContext) -> Result<(), String> {
        self.log.note(run.idempotency_key());
        if self.fails_at == Some(what) {
            Err(format!("{what} does not work"))
        } else {
            Ok(())
        }
    }
}

#[saga]
impl Payments {
    #[step(compensate = release)]
    async fn reserve(&self, amount: &Amount, run: &StepContext) -> Result<u32, String> {
        self.call("reserve", run)?;
        Ok(amount.0)
    }

    #[step(compensate = refund)]
    async fn charge(&self, reserved: &u32, run: &StepContext) -> Result<Receipt, String> {
        self.call("charge", run)?;
        Ok(Receipt(*reserved + 1))
    }

    async fn release(&self, _reserved: &u32, run: &StepContext) -> Result<(), String> {
        self.call("release", run)
    }

    async fn refund(&self, _receipt: &Receipt, run: &StepContext) -> Result<(), String> {
        self.call("refund", run)
    }
}

#[derive(Default)]
struct Shop {
    payments: Payments,
    ships: bool,
}

#[saga]
impl Shop {
    #[step(readonly)]
    async fn price(&self, cents: &u32) -> Result<Amount, String> {
        Ok(Amount(*cents))
    }

    #[step(saga = PaymentsSaga, on = self.payments)]
    fn pay(&self, amount: &Amount) -> Amount {
        amount.clone()
    }

    #[step(pivot)]
    async fn ship(&self, receipt: &Receipt, run: &StepContext) -> Result<u32, String> {
        self.payments.log.note(run.idempotency_key());
        if self.ships {
            Ok(receipt.0)
        } else {
            Err("no courier".to_owned())
        }
    }
}

fn options<S: Saga>() -> RunOptions<S> {
    RunOptions::new().id("o-1")
}

#[tokio::test]
async fn a_saga_runs_as_a_step_and_its_output_goes_on() {
    let shop = Shop {
        ships: true,
        ..Shop::default()
    };
    let shipped = ShopSaga::run_with(&shop, 7, options()).await;
    assert_eq!(shipped.unwrap(), 8);
    assert_eq!(
        shop.payments.log.take(),
        [
            "payments/shop/o-1/pay/1/reserve/do",
            "payments/shop/o-1/pay/1/charge/do",
            "shop/o-1/ship/do",
        ]
    );
}

#[tokio::test]
async fn a_later_failure_undoes_it_by_its_own_compensations_in_reverse() {
    let shop = Shop::default();
    let error = ShopSaga::run_with(&shop, 7, options()).await.unwrap_err();
    println!("{}", error.report());
    println!("{}", ShopSaga::DEFINITION);
    assert_eq!(
        shop.payments.log.take(),
        [
            "payments/shop/o-1/pay/1/reserve/do",
            "payments/shop/o-1/pay/1/charge/do",
            "shop/o-1/ship/do",
            "payments/shop/o-1/pay/1/charge/undo",
            "payments/shop/o-1/pay/1/reserve/undo",
        ]
    );
    assert!(matches!(
        error.error(),
        ShopSagaError::Ship(Failure::Error(_))
    ));
    assert!(!error.is_stuck());
}

#[tokio::test]
async fn its_failure_is_the_failure_of_the_step() {
    for fails_at in ["charge", "refund"] {
        let payments = Payments {
            fails_at: Some(fails_at),
            ..Payments::default()
        };
        let shop = Shop {
            payments,
            ships: false,
        };
        let error = ShopSaga::run_with(&shop, 7, options()).await.unwrap_err();
        println!("{error}\n{}", error.report());
        println!("{}", serde_json::to_string_pretty(&error.report()).unwrap());
    }
}
