#![expect(clippy::unused_async, reason = "a compensation is async")]
//! A compensation in another block takes what one in the block can take of its own step.

use super::*;
use saga_core::definition::{Parameter, Source};
use saga_core::{Attempt, RunOptions, StepContext};
use saga_tests::Calls;

#[derive(Default)]
struct Shapes {
    calls: Calls,
}

impl Shapes {
    async fn nothing(&self) -> Result<(), String> {
        self.calls.add("nothing");
        Ok(())
    }

    async fn generic<T: std::fmt::Debug + Sync>(
        &self,
        made: &T,
        run: &StepContext,
    ) -> Result<(), String> {
        self.calls
            .add(format!("generic {made:?} of {}", run.step()));
        Ok(())
    }

    async fn lent(&self, text: &str, run: &StepContext) -> Result<(), String> {
        let cause = run.cause().unwrap().step.clone();
        self.calls.add(format!("lent {text} because of {cause:?}"));
        Ok(())
    }

    async fn after_context(&self, run: &StepContext, list: &[u8]) -> Result<(), String> {
        self.calls
            .add(format!("after_context {list:?} {}", run.attempt()));
        Ok(())
    }

    async fn whole(&self, (number, text): &(u8, String)) -> Result<(), String> {
        self.calls.add(format!("whole {number} {text}"));
        Ok(())
    }

    async fn unboxed(&self, made: &u64) -> Result<(), String> {
        self.calls.add(format!("unboxed {made}"));
        Ok(())
    }

    async fn attempt(&self, made: Attempt<&u8>, run: &StepContext) -> Result<(), String> {
        self.calls
            .add(format!("attempt {made:?} {}", run.step_idempotency_key()));
        Ok(())
    }

    fn boxed<'a>(
        &'a self,
        made: &'a u8,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>> {
        Box::pin(async move {
            self.calls.add(format!("boxed {made}"));
            Ok(())
        })
    }
}

#[saga]
impl Shapes {
    #[step(compensate = nothing)]
    async fn a(&self) -> Result<u8, String> {
        Ok(1)
    }

    #[step(compensate = generic)]
    async fn b(&self) -> Result<u8, String> {
        Ok(2)
    }

    #[step(compensate = lent)]
    async fn c(&self) -> Result<String, String> {
        Ok("three".to_owned())
    }

    #[step(compensate = after_context)]
    async fn d(&self) -> Result<Vec<u8>, String> {
        Ok(vec![4])
    }

    #[step(compensate = whole)]
    async fn e(&self) -> Result<(u8, String), String> {
        Ok((5, "five".to_owned()))
    }

    #[step(compensate = unboxed)]
    async fn f(&self) -> Result<Box<u64>, String> {
        Ok(Box::new(6))
    }

    #[step(compensate = attempt, parallel = group)]
    async fn g(&self) -> Result<u8, String> {
        Ok(7)
    }

    #[step(compensate = boxed, parallel = group, only_if = always)]
    async fn h(&self) -> Result<u8, String> {
        Ok(8)
    }

    #[step(compensate = attempt, in_doubt = is_lost)]
    async fn i(&self) -> Result<u8, String> {
        Err("lost".to_owned())
    }

    #[step]
    async fn j(&self) -> Result<(), String> {
        Ok(())
    }

    fn always(&self) -> bool {
        true
    }
}

fn is_lost(error: &String) -> bool {
    error == "lost"
}

#[tokio::test(start_paused = true)]
async fn a_compensation_in_another_block_takes_output_attempt_and_context_in_any_shape() {
    let service = Shapes::default();
    let options = RunOptions::new().id("1");
    let error = ShapesSaga::run_with(&service, (), options)
        .await
        .unwrap_err();
    assert!(error.in_doubt());
    assert_eq!(error.end(), End::Compensated, "{error:?}");
    assert_eq!(
        service.calls.take(),
        [
            "attempt InDoubt shapes/1/i/do",
            "boxed 8",
            "attempt Completed(7) shapes/1/g/do",
            "unboxed 6",
            "whole 5 five",
            "after_context [4] 1",
            "lent three because of Some(\"i\")",
            "generic 2 of b",
            "nothing",
        ]
    );
}

#[test]
fn the_definition_has_the_parameters_of_a_compensation_in_another_block() {
    let of = |step: &str| {
        let step = ShapesSaga::DEFINITION.step(step).unwrap();
        step.compensation.as_ref().unwrap()
    };
    assert!(of("g").takes_attempt() && !of("h").takes_attempt());
    let run = Parameter::new("run", Source::Context);
    assert_eq!(of("a").parameters, []);
    assert_eq!(
        of("b").parameters,
        [Parameter::new("output", Source::Output(1)), run]
    );
    assert_eq!(
        of("c").parameters,
        [Parameter::new("output", Source::Output(2)), run]
    );
    assert_eq!(
        of("d").parameters,
        [run, Parameter::new("output", Source::Output(3))]
    );
    assert_eq!(
        of("g").parameters,
        [Parameter::new("attempt", Source::Attempt), run]
    );
    let text = ShapesSaga::DEFINITION.to_string();
    assert!(
        text.contains("undone by attempt(attempt), in doubt too"),
        "{text}"
    );
}

/// The error enum has none of its parameters.
struct Bank<'a, C, const LIMIT: u64> {
    client: &'a C,
}

trait Client: Send + Sync {
    fn log(&self, line: String);
}

impl Client for Calls {
    fn log(&self, line: String) {
        self.add(line);
    }
}

#[saga(saga = PayOnceSaga)]
impl<C: Client, const LIMIT: u64> Bank<'_, C, LIMIT> {
    #[step(pivot, compensate = revoke, in_doubt = is_lost)]
    async fn pay(&self) -> Result<u64, String> {
        Err("lost".to_owned())
    }

    #[step]
    async fn note(&self) -> Result<(), String> {
        Ok(())
    }
}

#[saga(saga = PayTwiceSaga)]
impl<C: Client, const LIMIT: u64> Bank<'_, C, LIMIT> {
    #[step(compensate = revoke)]
    async fn pay_first(&self) -> Result<u64, String> {
        Ok(LIMIT)
    }

    #[step(compensate = revoke, in_doubt = is_lost)]
    async fn pay_second(&self) -> Result<u64, String> {
        Err("lost".to_owned())
    }

    #[step]
    async fn finish(&self) -> Result<(), String> {
        Ok(())
    }
}

impl<C: Client, const LIMIT: u64> Bank<'_, C, LIMIT> {
    async fn revoke(&self, paid: Attempt<&u64>, run: &StepContext) -> Result<(), String> {
        self.client.log(format!("{} {paid:?}", run.step()));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn two_sagas_of_a_generic_service_share_a_compensation_that_takes_an_attempt() {
    let calls = Calls::default();
    let bank = Bank::<Calls, 5> { client: &calls };
    let error = PayOnceSaga::run(&bank, ()).await.unwrap_err();
    assert_eq!((error.in_doubt(), error.end()), (true, End::Compensated));
    assert_eq!(
        calls.take(),
        ["pay InDoubt"],
        "the pivot is undone in doubt"
    );
    let error = PayTwiceSaga::run(&bank, ()).await.unwrap_err();
    assert_eq!((error.in_doubt(), error.end()), (true, End::Compensated));
    assert_eq!(
        calls.take(),
        ["pay_second InDoubt", "pay_first Completed(5)"]
    );
    let step = &PayOnceSaga::<Calls, 5>::DEFINITION.steps[0];
    assert!(step.compensation.as_ref().unwrap().takes_attempt());
}
