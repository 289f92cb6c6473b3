//! Panics in `Clone`, and where values are dropped.

use super::*;

/// A value whose `Clone` panics.
#[derive(Debug)]
struct Unique;

impl Clone for Unique {
    fn clone(&self) -> Self {
        panic!("there is only one");
    }
}

#[derive(Default)]
struct Cloning {
    calls: Calls,
}

#[saga]
impl Cloning {
    #[step(compensate = undo_first)]
    async fn first(&self) -> Result<Unique, String> {
        self.calls.add("first");
        Ok(Unique)
    }

    // The step takes it by value, and its undo and the next step need it as well, so it is cloned.
    #[step(readonly, retry(attempts = 3))]
    async fn second(&self, first: Unique) -> Result<u8, String> {
        self.calls.add(format!("second({first:?})"));
        Ok(2)
    }

    #[step(readonly)]
    async fn third(&self, #[from(first)] first: &Unique) -> Result<(), String> {
        self.calls.add(format!("third({first:?})"));
        Ok(())
    }

    async fn undo_first(&self, first: &Unique) -> Result<(), String> {
        self.calls.add(format!("undo_first({first:?})"));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_clone_of_an_argument_is_a_panic_of_the_step_that_it_is_for() {
    let service = Cloning::default();
    let error = fails::<CloningSaga>(&service, ()).await;
    assert_eq!(error.step().unwrap().name, "second");
    assert_eq!(error.attempts(), 1);
    assert!(!error.in_doubt(), "it is read-only");
    assert_eq!(error.end(), End::Compensated);
    assert!(matches!(
        error.error(),
        CloningSagaError::Second(Failure::Panicked(message)) if message == "there is only one"
    ));
    assert_eq!(service.calls.take(), ["first", "undo_first(Unique)"]);
}

// Drops.

/// Every call hangs until its attempt times out, and panics while it is dropped.
#[derive(Default)]
struct Dropping {
    calls: Calls,
    /// The step that hangs.
    hangs: &'static str,
}

impl Dropping {
    async fn call(&self, call: &'static str) {
        self.calls.add(call);
        if self.hangs == call {
            let _bomb = Bomb(call);
            pending::<()>().await;
        }
    }
}

#[saga]
impl Dropping {
    #[step(compensate = undo_first)]
    async fn first(&self) -> Result<u8, String> {
        self.call("first").await;
        Ok(1)
    }

    #[step(readonly, retry(attempts = 2, backoff = "1s..2s"), timeout = "3s")]
    async fn look(&self) -> Result<u8, String> {
        self.call("look").await;
        Ok(2)
    }

    #[step(compensate = undo_second, timeout = "3s")]
    async fn second(&self) -> Result<u8, String> {
        self.call("second").await;
        Ok(3)
    }

    #[step(readonly)]
    async fn last(&self) -> Result<(), String> {
        self.call("last").await;
        Err("the last step failed".to_owned())
    }

    async fn undo_first(&self) -> Result<(), String> {
        self.call("undo_first").await;
        Ok(())
    }

    #[compensation(retry(attempts = 2), timeout = "4s")]
    async fn undo_second(&self, second: Attempt<&u8>) -> Result<(), String> {
        self.calls.add(format!("{second:?}:"));
        self.call("undo_second").await;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_panics_when_it_times_out_is_in_doubt_and_undone_as_such() {
    let service = Dropping {
        hangs: "second",
        ..Dropping::default()
    };
    let error = fails::<DroppingSaga>(&service, ()).await;
    assert_eq!(error.step().unwrap().name, "second");
    assert_eq!(error.attempts(), 1);
    assert!(error.in_doubt());
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        service.calls.take(),
        [
            "first",
            "look",
            "second",
            "InDoubt:",
            "undo_second",
            "undo_first"
        ],
    );
    assert!(matches!(
        error.error(),
        DroppingSagaError::Second(Failure::TimedOut(_) | Failure::Panicked(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_of_a_read_only_step_that_panics_when_it_times_out_does_not_hang_the_saga() {
    let service = Dropping {
        hangs: "look",
        ..Dropping::default()
    };
    let error = fails::<DroppingSaga>(&service, ()).await;
    assert_eq!(error.step().unwrap().name, "look");
    assert!(!error.in_doubt());
    assert_eq!(error.end(), End::Compensated);
    let calls = service.calls.take();
    // Timeouts are retried and panics are not. It is not documented which of them this counts as.
    let looks = calls.iter().filter(|call| *call == "look").count();
    assert_eq!(u32::try_from(looks), Ok(error.attempts()));
    assert_eq!(calls.last().map(String::as_str), Some("undo_first"));
}

#[tokio::test(start_paused = true)]
async fn a_compensation_that_panics_when_it_times_out_does_not_stop_the_others() {
    let service = Dropping {
        hangs: "undo_second",
        ..Dropping::default()
    };
    let error = fails::<DroppingSaga>(&service, ()).await;
    assert_eq!(error.step().unwrap().name, "last");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(
        service.calls.take()[3..],
        [
            "last",
            "Completed(3):",
            "undo_second",
            "Completed(3):",
            "undo_second",
            "undo_first",
        ],
    );
    let [failure] = error.compensation_failures() else {
        panic!("{error:?}");
    };
    assert_eq!(failure.step.name, "second");
    assert_eq!(failure.attempts, 2);
}

/// A step whose error panics when it is dropped.
struct Explosive {
    calls: Calls,
    compensation: bool,
}

struct Charged(#[expect(dead_code, reason = "what counts is its drop")] Bomb);

impl fmt::Display for Charged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("charged")
    }
}

#[saga]
impl Explosive {
    #[step(compensate = undo_first)]
    async fn first(&self) -> Result<u8, String> {
        self.calls.add("first");
        Ok(1)
    }

    #[step(compensate = undo_second)]
    async fn second(&self) -> Result<u8, String> {
        self.calls.add("second");
        Ok(2)
    }

    #[step(readonly, retry(attempts = 2))]
    async fn third(&self, context: &StepContext) -> Result<(), Charged> {
        self.calls.add(format!("third {}", context.attempt()));
        if self.compensation {
            return Ok(());
        }
        Err(Charged(Bomb("the error")))
    }

    #[step(readonly)]
    async fn last(&self) -> Result<(), String> {
        self.calls.add("last");
        Err("the last step failed".to_owned())
    }

    async fn undo_first(&self) -> Result<(), String> {
        self.calls.add("undo_first");
        Ok(())
    }

    #[compensation(retry(attempts = 2))]
    async fn undo_second(&self) -> Result<(), Charged> {
        self.calls.add("undo_second");
        if self.compensation {
            return Err(Charged(Bomb("the error")));
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_panics_when_it_is_dropped_between_two_attempts_does_not_unwind_the_driver() {
    let service = Explosive {
        calls: Calls::new(),
        compensation: false,
    };
    let error = fails::<ExplosiveSaga>(&service, ()).await;
    assert_eq!(error.step().unwrap().name, "third");
    assert_eq!(error.end(), End::Compensated);
    let outcomes: Vec<_> = error.steps().map(|record| record.outcome).collect();
    assert_eq!(
        outcomes,
        [
            Outcome::Completed,
            Outcome::Completed,
            Outcome::Failed,
            Outcome::NotRun,
        ],
    );
    let calls = service.calls.take();
    let begun = calls.iter().filter(|call| call.starts_with("third"));
    assert_eq!(u32::try_from(begun.count()), Ok(error.attempts()));
    assert_eq!(calls[calls.len() - 2..], ["undo_second", "undo_first"]);
    // The test owns it now, and it must not panic here.
    std::mem::forget(error);
}

#[tokio::test(start_paused = true)]
async fn a_run_dropped_between_two_attempts_drops_an_error_that_panics_and_does_not_unwind() {
    let service = Explosive {
        calls: Calls::new(),
        compensation: false,
    };
    let patient = Policy::attempts(2).backoff(Duration::from_hours(1), Duration::from_hours(1));
    let options = RunOptions::new().policy("third", patient).unwrap();
    let mut run = Box::pin(ExplosiveSaga::run_with(&service, (), options));
    let waits = poll_fn(|cx| Poll::Ready(run.as_mut().poll(cx).is_pending())).await;
    assert!(waits);
    assert_eq!(service.calls.take(), ["first", "second", "third 1"]);
    drop(run);
    assert!(service.calls.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_compensation_that_panics_when_it_is_dropped_does_not_stop_the_others() {
    let service = Explosive {
        calls: Calls::new(),
        compensation: true,
    };
    let error = fails::<ExplosiveSaga>(&service, ()).await;
    assert_eq!(error.step().unwrap().name, "last");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Stuck);
    let [failure] = error.compensation_failures() else {
        panic!("{error:?}");
    };
    assert_eq!(failure.step.name, "second");
    let calls = service.calls.take();
    assert_eq!(calls.last().map(String::as_str), Some("undo_first"));
}
