use super::*;
use saga_tests::Calls;

#[derive(Default)]
struct Inner {
    calls: Calls,
}

#[saga]
impl Inner {
    #[step(compensate = put_back)]
    async fn take(&self, what: &str) -> Result<usize, String> {
        self.calls.add(format!("take {what}"));
        Ok(what.len())
    }

    #[step]
    async fn pay(&self, taken: &usize) -> Result<usize, std::num::ParseIntError> {
        self.calls.add(format!("pay {taken}"));
        "nothing".parse()
    }

    async fn put_back(&self, taken: &usize) -> Result<(), String> {
        self.calls.add(format!("put back {taken}"));
        Ok(())
    }
}

struct Outer<'i>(&'i Inner);

#[saga]
impl<'i> Outer<'i> {
    #[step(compensate = close)]
    async fn open(&self, what: &str) -> Result<&'i str, String> {
        self.0.calls.add(format!("open for {what}"));
        Ok("opened")
    }

    #[step(readonly)]
    async fn order(&self, #[input] what: &str) -> Result<usize, SagaError<InnerSaga>> {
        InnerSaga::run(self.0, what.to_owned()).await
    }

    async fn close(&self, opened: &&'i str) -> Result<(), String> {
        self.0.calls.add(format!("close what was {opened}"));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_may_run_a_saga_and_fail_with_its_error() {
    let inner = Inner::default();
    let outer = Outer(&inner);
    let run = OuterSaga::run(&outer, "cup".to_owned());
    let error = is_send(run).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "order");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        inner.calls.take(),
        [
            "open for cup",
            "take cup",
            "pay 3",
            "put back 3",
            "close what was opened",
        ],
    );
    let OuterSagaError::Order(Failure::Error(inside)) = error.error() else {
        panic!("{error:?}");
    };
    assert_eq!(inside.step().unwrap().name, "pay");
    assert_eq!(inside.attempts(), 1);
    assert!(error.to_string().contains("invalid digit"), "{error}");
}
