//! A wrong executor, which reports a completed step without an output. Nothing unwinds or hangs, no method is
//! called with a missing value, and the error names the executor as the cause.

use saga_core::{
    End, Failure, SagaId, attempts,
    definition::Phase,
    drive,
    executor::{Begin, Call, Execute, Executor, Faults, RecordsNothing, Run, Stop},
    saga,
};
use saga_tests::Calls;

const MISSING: &str =
    "an output is missing: the executor said that its step completed, and left none";

/// An executor that loses the output of one step.
struct Forgetful {
    run: Run,
    step: &'static str,
}

impl Executor for Forgetful {
    type Halt = std::convert::Infallible;

    fn run(&self) -> &Run {
        &self.run
    }

    fn nested(&self, run: Run) -> Self {
        Self { run, ..*self }
    }
}

impl RecordsNothing for Forgetful {}

impl<const STEP: usize, T: Send> Execute<STEP, T> for Forgetful {
    async fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        attempt: F,
        slot: &'slot mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, Self::Halt>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        let call: Call<'a> = call.into();
        let outcome = attempts(&self.run, call, faults, attempt, &mut *slot).await;
        if call.step.name == self.step && call.phase == Phase::Step {
            *slot = None;
        }
        outcome
    }
}

#[derive(Default)]
struct Shop {
    calls: Calls,
}

#[saga]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self) -> Result<u32, String> {
        self.calls.add("reserve");
        Ok(1)
    }

    #[step(compensate = refund)]
    async fn charge(&self, _reservation: &u32) -> Result<u32, String> {
        self.calls.add("charge");
        Ok(2)
    }

    #[step]
    async fn ship(&self, _payment: &u32) -> Result<u32, String> {
        self.calls.add("ship");
        Ok(3)
    }

    async fn release(&self, _reservation: &u32) -> Result<(), String> {
        self.calls.add("release");
        Ok(())
    }

    async fn refund(&self, _payment: &u32) -> Result<(), String> {
        self.calls.add("refund");
        Ok(())
    }
}

async fn forgetting(step: &'static str, shop: &Shop) -> saga_core::SagaError<ShopSaga> {
    let run = Run::new(SagaId::new("1"));
    let executor = Forgetful { run, step };
    let Ok(end) = drive::<ShopSaga, _>(shop, &executor, ()).await;
    end.expect_err("an output is missing")
}

#[tokio::test]
async fn a_step_that_would_be_lent_a_forgotten_output_is_not_called() {
    let shop = Shop::default();
    let error = forgetting("reserve", &shop).await;
    assert_eq!(error.step().unwrap().name, "charge");
    assert!(error.in_doubt());
    let ShopSagaError::Charge(Failure::Panicked(message)) = error.error() else {
        panic!("{error}");
    };
    assert_eq!(message, MISSING);
    // Nothing can undo a step without its output: that is reported to an operator.
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(shop.calls.take(), ["reserve"]);
    let [failed] = error.compensation_failures() else {
        panic!("{}", error.report());
    };
    assert_eq!(failed.step.name, "reserve");
    assert_eq!(failed.error.message, format!("panicked: {MISSING}"));
}

#[tokio::test]
async fn the_last_output_forgotten_leaves_the_last_step_in_doubt() {
    let shop = Shop::default();
    let error = forgetting("ship", &shop).await;
    assert_eq!(error.step().unwrap().name, "ship");
    assert!(error.in_doubt());
    let ShopSagaError::Ship(Failure::Panicked(message)) = error.error() else {
        panic!("{error}");
    };
    assert_eq!(message, MISSING);
    // It was executed, so nothing before it may be undone.
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(shop.calls.take(), ["reserve", "charge", "ship"]);
}

/// A saga whose last step can be undone if it has an output.
#[derive(Default)]
struct Stall {
    calls: Calls,
}

#[saga]
impl Stall {
    #[step(compensate = unwrap)]
    async fn wrap(&self) -> Result<u32, String> {
        self.calls.add("wrap");
        Ok(1)
    }

    #[step(compensate = take_back)]
    async fn hand_over(&self, _wrapped: &u32) -> Result<u32, String> {
        self.calls.add("hand_over");
        Ok(2)
    }

    async fn unwrap(&self, _wrapped: &u32) -> Result<(), String> {
        self.calls.add("unwrap");
        Ok(())
    }

    async fn take_back(&self, _handed_over: &u32) -> Result<(), String> {
        self.calls.add("take_back");
        Ok(())
    }
}

#[tokio::test]
async fn the_last_output_forgotten_of_a_step_that_is_undone_with_it_is_not_undone_and_those_before_are()
 {
    let stall = Stall::default();
    let run = Run::new(SagaId::new("1"));
    let step = "hand_over";
    let Ok(end) = drive::<StallSaga, _>(&stall, &Forgetful { run, step }, ()).await;
    let error = end.expect_err("an output is missing");
    assert_eq!(error.step().unwrap().name, "hand_over");
    assert!(error.in_doubt());
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(stall.calls.take(), ["wrap", "hand_over", "unwrap"]);
    // The step says that an operator has to act, and no compensation does, because none was due.
    assert_eq!(error.compensation_failures().len(), 0, "{error:?}");
}
