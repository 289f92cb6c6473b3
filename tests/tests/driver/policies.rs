//! Retries, waits and time limits: where they are declared, what they do, and what a run may override.

use std::time::Duration;

use saga_core::{OptionsError, Policy, RunOptions, Saga, StepContext, saga};
use saga_tests::Calls;
use tokio::time::Instant;

#[derive(Debug, thiserror::Error)]
#[error("busy")]
struct Busy;

#[derive(Default)]
struct Service {
    calls: Calls,
}

#[saga(retry(attempts = 3), compensation(retry(attempts = 2), timeout = "9s"))]
impl Service {
    #[step(compensate = undo)]
    async fn takes_the_defaults(&self, ctx: &StepContext) -> Result<(), Busy> {
        self.calls.add(format!("default {}", ctx.attempt()));
        if ctx.attempt() < 3 { Err(Busy) } else { Ok(()) }
    }

    #[step(retry(attempts = 4, backoff = "100ms..150ms"))]
    async fn has_its_own(&self, ctx: &StepContext) -> Result<(), Busy> {
        self.calls.add(format!("own {}", ctx.attempt()));
        Err(Busy)
    }

    async fn undo(&self, ctx: &StepContext) -> Result<(), Busy> {
        self.calls.add(format!("undo {}", ctx.attempt()));
        Err(Busy)
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_has_the_sagas_policy_unless_it_has_one_of_its_own() {
    let service = Service::default();
    let error = ServiceSaga::run(&service, ())
        .await
        .expect_err("the last step fails");
    assert_eq!(error.step().unwrap().name, "has_its_own");
    assert_eq!(error.attempts(), 4);
    let expected = [
        "default 1",
        "default 2",
        "default 3",
        "own 1",
        "own 2",
        "own 3",
        "own 4",
        "undo 1",
        "undo 2",
    ];
    assert_eq!(service.calls.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn the_waits_between_attempts_stay_below_their_ceilings_and_are_not_all_alike() {
    let mut waited = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        let run = ServiceSaga::run(&Service::default(), ()).await;
        assert_eq!(
            run.expect_err("the last step fails").step().unwrap().name,
            "has_its_own"
        );
        waited.push(start.elapsed());
    }
    // 100 ms, then twice the longest wait of 150 ms; each rounded up to a tick of the timer.
    let ceiling = Duration::from_millis(100 + 150 + 150 + 3);
    assert!(waited.iter().all(|waited| *waited <= ceiling), "{waited:?}");
    waited.sort();
    waited.dedup();
    assert!(waited.len() > 10, "full jitter: {waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_may_have_other_policies_than_the_definition() -> Result<(), OptionsError> {
    let service = Service::default();
    let options = RunOptions::new()
        .policy("has_its_own", Policy::attempts(2))?
        .policy("has_its_own", Policy::ONCE)?
        .compensation_policy("takes_the_defaults", Policy::ONCE)?;
    let run = ServiceSaga::run_with(&service, (), options.clone()).await;
    assert_eq!(
        run.expect_err("the last step fails").attempts(),
        1,
        "the later one counts"
    );
    let expected = ["default 1", "default 2", "default 3", "own 1", "undo 1"];
    assert_eq!(service.calls.take(), expected);
    Ok(())
}

#[test]
fn a_policy_for_a_step_that_is_not_there_is_an_error_that_names_those_that_are() {
    let options = RunOptions::<ServiceSaga>::new();
    let unknown = options
        .clone()
        .policy("take_the_defaults", Policy::ONCE)
        .unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "saga `service` has no step `take_the_defaults`; its steps are `takes_the_defaults`, \
         `has_its_own`"
    );
    let none = options
        .compensation_policy("has_its_own", Policy::ONCE)
        .unwrap_err();
    assert_eq!(
        none.to_string(),
        "step `has_its_own` of saga `service` has no compensation that could have a policy"
    );
}

#[test]
fn the_definition_shows_policies_and_where_each_step_stands() {
    let definition = ServiceSaga::DEFINITION;
    let line = definition.location.line;
    assert_eq!(
        definition.to_string(),
        format!(
            "saga service, 2 steps (tests/tests/driver/policies.rs:{line})
  1. takes_the_defaults()  undone by undo()
       3 attempts
       undo: 2 attempts, timeout 9s
  2. has_its_own()
       4 attempts, backoff 100ms..150ms"
        )
    );
    let lines: Vec<_> = definition
        .steps
        .iter()
        .map(|step| step.location.line)
        .collect();
    assert!(
        matches!(*lines, [first, second] if line < first && first < second),
        "{lines:?}"
    );
}
