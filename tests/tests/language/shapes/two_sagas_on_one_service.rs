use super::*;
use saga_tests::Calls;

#[derive(Default)]
struct Shop {
    calls: Calls,
}

#[saga]
impl Shop {
    #[step(compensate = put_back)]
    async fn take(&self, what: &str) -> Result<usize, String> {
        self.calls.add(format!("take {what}"));
        Ok(what.len())
    }

    #[step]
    async fn charge(&self, taken: &usize) -> Result<usize, String> {
        self.calls.add(format!("charge {taken}"));
        if *taken > 5 {
            return Err("too much".to_owned());
        }
        Ok(*taken)
    }

    async fn put_back(&self, taken: &usize) -> Result<(), String> {
        self.calls.add(format!("put back {taken}"));
        Ok(())
    }
}

#[saga(saga = RefundSaga)]
impl Shop {
    #[step(compensate = charge_again)]
    async fn refund(&self, payment: &u64) -> Result<String, String> {
        self.calls.add(format!("refund {payment}"));
        Ok(format!("refund of {payment}"))
    }

    #[step(readonly)]
    async fn notify(&self, refund: &str) -> Result<(), String> {
        self.calls.add(format!("notify of the {refund}"));
        Err("no address".to_owned())
    }

    async fn charge_again(&self, refund: &str) -> Result<(), String> {
        self.calls.add(format!("take back the {refund}"));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn one_service_can_have_two_sagas() {
    let shop = Shop::default();
    assert_eq!(ShopSaga::run(&shop, "cup".to_owned()).await.unwrap(), 3);
    let error = RefundSaga::run(&shop, 9).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "notify");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert!(matches!(
        error.error(),
        RefundSagaError::Notify(Failure::Error(_))
    ));
    let RefundSagaState::BeforeNotify { input: 9, refund } = error.state() else {
        panic!("{:?}", error.state());
    };
    assert_eq!(refund, "refund of 9");
    assert_eq!(
        shop.calls.take(),
        [
            "take cup",
            "charge 3",
            "refund 9",
            "notify of the refund of 9",
            "take back the refund of 9",
        ],
    );
}

#[test]
fn their_idempotency_keys_cannot_be_the_same() {
    assert_ne!(ShopSaga::DEFINITION.name, RefundSaga::DEFINITION.name);
    assert_eq!(ShopSaga::DEFINITION.name, "shop");
}
