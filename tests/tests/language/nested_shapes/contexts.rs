use super::*;

struct Shop {
    payments: Payments,
    log: Log,
}

#[saga(crate = saga_core)]
impl Shop {
    #[step(readonly)]
    async fn price(&self, cents: u32) -> Result<Amount, String> {
        Ok(Amount(cents))
    }

    #[step(
        saga = PaymentsSaga,
        on = self.payments,
        retry(attempts = 3, backoff = "1ms..2ms"),
        timeout = "1s"
    )]
    fn pay(
        &self,
        run: &StepContext,
        #[from(price)] amount: &Amount,
        #[input] cents: &u32,
        #[sensitive] _again: Amount,
    ) -> Amount {
        self.log.note(run.idempotency_key());
        Amount(amount.0 + cents)
    }

    #[step(saga = PaymentsSaga, on = self.payments, only_if = is_first)]
    fn pay_again(&self, run: &StepContext, paid: &Receipt) -> Amount {
        self.log.note(run.idempotency_key());
        Amount(paid.0 + 1)
    }

    #[step]
    async fn ship(&self, paid: Option<Receipt>) -> Result<u32, String> {
        paid.map(|paid| paid.0).ok_or("unpaid".to_owned())
    }

    fn is_first(&self, run: &StepContext) -> bool {
        run.attempt() == 1
    }
}

fn shop(declines: bool) -> Shop {
    let payments = Payments {
        declines,
        ..Payments::default()
    };
    Shop {
        payments,
        log: Log::default(),
    }
}

#[tokio::test(start_paused = true)]
async fn the_method_takes_what_any_step_can_take() {
    let shop = shop(false);
    let options = RunOptions::new().id("7");
    let shipped = ShopSaga::run_with(&shop, 3, options).await;
    assert_eq!(shipped.unwrap(), 7);
    assert_eq!(shop.log.take(), ["shop/7/pay/do", "shop/7/pay_again/do"]);
}

#[tokio::test(start_paused = true)]
async fn the_method_is_asked_again_for_each_run_of_the_saga() {
    let shop = shop(true);
    let error = ShopSaga::run(&shop, 3).await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    assert_eq!(shop.log.take().len(), 3);
    let log = shop.payments.log.take();
    assert_eq!(log.join(" "), ["reserve release"; 3].join(" "));
    assert!(matches!(
        error.into_error(),
        ShopSagaError::Pay(Failure::Error(error))
            if matches!(error.error(), PaymentsSagaError::Charge(Failure::Error(text)) if text == "declined")
    ));
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_runs_another_may_be_spawned_and_cancelled() {
    let handle = ShopSaga::spawn(Arc::new(shop(false)), 3, RunOptions::new());
    assert_eq!(handle.await.unwrap().unwrap(), 7);
    let handle = ShopSaga::spawn(Arc::new(shop(false)), 3, RunOptions::new());
    handle.cancel();
    let error = handle.await.unwrap().unwrap_err();
    assert!(matches!(error.error(), ShopSagaError::Cancelled));
}
