//! Parameters by value: moved if no later step needs the value, cloned otherwise.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use saga_core::{Failure, OptionsError, Policy, RunOptions, Saga, StepContext, saga};
use saga_tests::Calls;

static CLONES: AtomicU32 = AtomicU32::new(0);

/// Counts its clones.
#[derive(Debug)]
struct Counted(u32);

impl Clone for Counted {
    fn clone(&self) -> Self {
        CLONES.fetch_add(1, Ordering::Relaxed);
        Self(self.0)
    }
}

/// Neither `Clone` nor `Sync`: it can only be moved.
#[derive(Debug)]
struct Unique(Cell<u32>);

#[derive(Default)]
struct Service {
    calls: Calls,
}

#[saga(saga = MovesSaga)]
impl Service {
    #[step(readonly)]
    async fn take_input(&self, order: Unique) -> Result<Unique, String> {
        self.calls.add(format!("take_input {}", order.0.get()));
        Ok(Unique(Cell::new(order.0.get() + 1)))
    }

    #[step(readonly)]
    async fn take_output(
        &self,
        unique: Unique,
        ctx: &StepContext,
    ) -> Result<(Unique, String), String> {
        self.calls
            .add(format!("take_output {} {}", unique.0.get(), ctx.attempt()));
        Ok((unique, "text".to_owned()))
    }

    #[step(readonly)]
    async fn take_fields(&self, unique: Unique, text: String) -> Result<u32, String> {
        self.calls
            .add(format!("take_fields {} {text}", unique.0.get()));
        Err(format!("after {text}"))
    }
}

#[tokio::test]
async fn a_value_that_is_not_needed_later_is_moved_and_the_report_says_so() {
    let service = Service::default();
    let options = RunOptions::new().id("run-1");
    let run = MovesSaga::run_with(&service, Unique(Cell::new(1)), options).await;
    let error = run.expect_err("the last step fails");
    assert_eq!(error.step().unwrap().name, "take_fields");
    assert_eq!(
        service.calls.take(),
        ["take_input 1", "take_output 2 1", "take_fields 2 text"]
    );
    let line = error.step().unwrap().location.line;
    assert_eq!(
        error.report().to_string(),
        format!(
            "saga `moves` (run-1) was compensated: step `take_fields` failed: after text

steps:
  1. take_input(order: (moved))
       completed: (moved)
  2. take_output(unique: (moved))
       completed: (moved)
  3. take_fields(unique: (moved), text: (moved))
       failed: after text

failure of step 3 `take_fields` at tests/tests/language/owned.rs:{line}:
  after text"
        )
    );
    assert!(matches!(
        error.state(),
        MovesSagaState::BeforeTakeFields { .. }
    ));
}

#[test]
fn a_step_that_takes_a_value_by_move_cannot_have_a_policy_of_several_attempts() {
    let refused = RunOptions::<MovesSaga>::new().policy("take_output", Policy::attempts(2));
    let refused = refused.expect_err("it has one attempt");
    assert!(matches!(refused, OptionsError::NotRepeatable { .. }));
    assert_eq!(
        refused.to_string(),
        "step `take_output` of saga `moves` cannot have several attempts: a value is moved \
         into the first; take it by reference, or write `retry(attempts = ..)` at the step, so that \
         it is cloned"
    );
    assert!(
        RunOptions::<MovesSaga>::new()
            .policy("take_output", Policy::ONCE)
            .is_ok()
    );
}

#[saga(saga = ClonesSaga)]
impl Service {
    #[step(compensate = undo_make)]
    async fn make(&self, #[input] seed: &u32) -> Result<Counted, String> {
        Ok(Counted(*seed))
    }

    // Cloned for the compensation of `make`, which may need it.
    #[step(readonly)]
    async fn needed_by_an_undo(&self, counted: Counted) -> Result<Counted, String> {
        self.calls.add(format!("needed_by_an_undo {}", counted.0));
        Ok(counted)
    }

    // Cloned for each attempt.
    #[step(readonly, retry(attempts = 3))]
    async fn needed_by_a_retry(
        &self,
        counted: Counted,
        ctx: &StepContext,
    ) -> Result<Counted, String> {
        self.calls.add(format!("needed_by_a_retry {}", counted.0));
        if ctx.attempt() < 3 {
            Err("again".to_owned())
        } else {
            Ok(counted)
        }
    }

    // Borrowed first and taken by value later: cloned here, moved there.
    #[step(readonly)]
    async fn needed_by_a_later_step(&self, counted: Counted) -> Result<(), String> {
        self.calls
            .add(format!("needed_by_a_later_step {}", counted.0));
        Ok(())
    }

    #[step(pivot)]
    async fn last(&self, #[from(needed_by_a_retry)] counted: Counted) -> Result<(), String> {
        self.calls.add(format!("last {}", counted.0));
        Err("no".to_owned())
    }

    async fn undo_make(&self, counted: Counted) -> Result<(), String> {
        self.calls.add(format!("undo_make {}", counted.0));
        Ok(())
    }
}

#[tokio::test]
async fn a_value_that_is_needed_again_is_cloned_as_often_as_it_has_to_be() {
    CLONES.store(0, Ordering::Relaxed);
    let service = Service::default();
    let error = ClonesSaga::run(&service, 5)
        .await
        .expect_err("the last step fails");
    assert_eq!(error.step().unwrap().name, "last");
    let expected = [
        "needed_by_an_undo 5",
        "needed_by_a_retry 5",
        "needed_by_a_retry 5",
        "needed_by_a_retry 5",
        "needed_by_a_later_step 5",
        "last 5",
        "undo_make 5",
    ];
    assert_eq!(service.calls.take(), expected);
    // For the undo, three attempts, the later step, the compensation; `last` gets the value.
    assert_eq!(CLONES.load(Ordering::Relaxed), 6);
}

/// Panics when it is cloned.
#[derive(Debug)]
struct Uncloneable;

impl Clone for Uncloneable {
    fn clone(&self) -> Self {
        std::panic::panic_any("cannot be cloned")
    }
}

#[saga(saga = PanicsSaga)]
impl Service {
    #[step(compensate = undo_first)]
    async fn first(&self) -> Result<Uncloneable, String> {
        Ok(Uncloneable)
    }

    #[step(readonly)]
    async fn second(&self, value: Uncloneable) -> Result<Uncloneable, String> {
        Ok(value)
    }

    async fn undo_first(&self, _value: &Uncloneable) -> Result<(), String> {
        self.calls.add("undo_first");
        Ok(())
    }
}

#[tokio::test]
async fn a_clone_that_panics_is_a_panic_of_the_step_it_is_for() {
    let service = Service::default();
    let error = PanicsSaga::run(&service, ())
        .await
        .expect_err("it cannot be cloned");
    assert_eq!(error.step().unwrap().name, "second");
    assert!(matches!(
        error.error(),
        PanicsSagaError::Second(Failure::Panicked(message)) if message == "cannot be cloned"
    ));
    assert_eq!(service.calls.take(), ["undo_first"]);
}
