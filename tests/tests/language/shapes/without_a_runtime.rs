use super::*;
use saga_core::{Policy, RunOptions};
use saga_tests::Calls;

#[derive(Default)]
struct Bare {
    calls: Calls,
    fails: bool,
}

#[saga]
impl Bare {
    #[step(compensate = undo_first)]
    async fn first(&self, number: &u8) -> Result<u8, String> {
        yield_once().await;
        self.calls.add("first");
        Ok(*number)
    }

    // Retried at once, so it needs no timer.
    #[step(compensate = undo_second, retry(attempts = 2))]
    async fn second(&self, number: &u8) -> Result<u8, String> {
        self.calls.add("second");
        yield_once().await;
        if self.fails {
            return Err("no".to_owned());
        }
        Ok(*number)
    }

    #[step]
    async fn last(&self, number: &u8) -> Result<u8, String> {
        self.calls.add("last");
        Ok(*number)
    }

    async fn undo_first(&self) -> Result<(), String> {
        yield_once().await;
        self.calls.add("undo_first");
        Ok(())
    }

    async fn undo_second(&self) -> Result<(), String> {
        self.calls.add("undo_second");
        Ok(())
    }
}

#[test]
fn a_run_without_a_timer_needs_no_runtime() {
    let service = Bare::default();
    assert_eq!(block_on(BareSaga::run(&service, 3)).unwrap(), 3);
    assert_eq!(service.calls.take(), ["first", "second", "last"]);
    let service = Bare {
        fails: true,
        ..Bare::default()
    };
    let error = block_on(BareSaga::run(&service, 3)).unwrap_err();
    assert_eq!(error.step().unwrap().name, "second");
    assert_eq!(error.attempts(), 2);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        service.calls.take(),
        ["first", "second", "second", "undo_first"]
    );
}

type Run = fn(&Bare, RunOptions<BareSaga>) -> Outcome;

fn runs() -> [(&'static str, Run); 2] {
    [
        ("outside a runtime", |service, options| {
            block_on(BareSaga::run_with(service, 3, options))
        }),
        ("in a runtime without time", |service, options| {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let run = BareSaga::run_with(service, 3, options);
            runtime.unwrap().block_on(run)
        }),
    ]
}

type Outcome = Result<u8, SagaError<BareSaga>>;

const TIMED: Policy = Policy::ONCE.timeout(core::time::Duration::from_secs(1));

#[test]
fn a_timeout_without_a_timer_is_an_error_that_names_the_step_and_not_a_panic() {
    for (place, run) in runs() {
        let service = Bare::default();
        let options = RunOptions::new().policy("second", TIMED).unwrap();
        let error = run(&service, options).unwrap_err();
        assert_eq!(error.step().unwrap().name, "second", "{place}");
        assert_eq!(error.attempts(), 0, "none was begun: {place}");
        assert!(!error.in_doubt(), "{place}");
        assert_eq!(error.end(), End::Compensated, "{place}");
        assert_eq!(service.calls.take(), ["first", "undo_first"], "{place}");
        let line = error.to_string();
        for part in ["`second`", "Tokio", "time"] {
            let line = line.to_lowercase();
            let part = part.to_lowercase();
            assert!(line.contains(&part), "{part:?} is not in {line:?}: {place}");
        }
    }
}

#[test]
fn a_timeout_of_the_last_step_without_a_timer_undoes_the_others() {
    for (place, run) in runs() {
        let service = Bare::default();
        let options = RunOptions::new().policy("last", TIMED).unwrap();
        let error = run(&service, options).unwrap_err();
        assert_eq!(error.step().unwrap().name, "last", "{place}");
        assert_eq!(error.attempts(), 0, "none was begun: {place}");
        assert!(!error.in_doubt(), "nothing took effect: {place}");
        assert_eq!(error.end(), End::Compensated, "{place}");
        assert_eq!(
            service.calls.take(),
            ["first", "second", "undo_second", "undo_first"],
            "{place}",
        );
    }
}

#[test]
fn a_timeout_of_a_compensation_without_a_timer_is_a_failure_of_it_and_not_a_panic() {
    for (place, run) in runs() {
        let service = Bare {
            fails: true,
            ..Bare::default()
        };
        let options = RunOptions::new()
            .compensation_policy("first", TIMED)
            .unwrap();
        let error = run(&service, options).unwrap_err();
        assert_eq!(error.step().unwrap().name, "second", "{place}");
        assert_eq!(error.attempts(), 2, "{place}");
        assert_eq!(error.end(), End::Stuck, "{place}");
        let [failure] = error.compensation_failures() else {
            panic!("{place}: {error:?}");
        };
        assert_eq!(failure.step.name, "first", "{place}");
        assert_eq!(service.calls.take(), ["first", "second", "second"]);
    }
}

/// Only the undo of its first step has a time limit.
#[derive(Default)]
struct LimitedUndo {
    calls: Calls,
}

#[saga]
impl LimitedUndo {
    #[step(compensate = undo_first)]
    async fn first(&self) -> Result<u8, String> {
        self.calls.add("first");
        Ok(1)
    }

    #[step]
    async fn last(&self) -> Result<(), String> {
        self.calls.add("last");
        Err("no".to_owned())
    }

    #[compensation(timeout = "1s")]
    async fn undo_first(&self) -> Result<(), String> {
        self.calls.add("undo_first");
        Ok(())
    }
}

#[test]
fn a_timer_that_the_definition_needs_anywhere_is_missed_before_anything_is_done() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap();
    for (place, in_runtime) in [("outside a runtime", false), ("without time", true)] {
        let service = LimitedUndo::default();
        let run = LimitedUndoSaga::run(&service, ());
        let ended = if in_runtime {
            runtime.block_on(run)
        } else {
            block_on(run)
        };
        let error = ended.unwrap_err();
        assert_eq!(
            (error.step().unwrap().name, error.attempts()),
            ("first", 0),
            "{place}"
        );
        assert_eq!(error.end(), End::Compensated, "{place}");
        assert!(service.calls.take().is_empty(), "{place}");
    }
}

#[test]
fn a_wait_between_two_attempts_without_a_timer_is_an_error_and_not_a_panic() {
    let second = core::time::Duration::from_secs(1);
    let waits = Policy::attempts(3).backoff(second, second);
    for (place, run) in runs() {
        let service = Bare {
            fails: true,
            ..Bare::default()
        };
        let options = RunOptions::new().policy("second", waits).unwrap();
        let error = run(&service, options).unwrap_err();
        assert_eq!(error.step().unwrap().name, "second", "{place}");
        assert!(!error.in_doubt(), "{place}");
        assert_eq!(error.end(), End::Compensated, "{place}");
        let calls = service.calls.take();
        let begun = calls.iter().filter(|call| *call == "second").count();
        assert_eq!(u32::try_from(begun), Ok(error.attempts()), "{place}");
        assert_eq!(calls.last().map(String::as_str), Some("undo_first"));
    }
}
