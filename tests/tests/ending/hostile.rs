//! Hostile user code, and a runtime that shuts down: nothing hangs, nothing unwinds, and what is due is undone.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use saga_core::{End, Policy, RunOptions, Saga, StepContext, saga};
use saga_tests::Calls;

/// An error that is its own source.
#[derive(Debug)]
struct Circular;

impl fmt::Display for Circular {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("round and round")
    }
}

impl Error for Circular {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self)
    }
}

/// Panics on the way to an error.
struct Misleading;

impl fmt::Display for Misleading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("misleading")
    }
}

impl AsRef<dyn Error + Send + Sync> for Misleading {
    fn as_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        std::panic::panic_any("as_ref")
    }
}

#[derive(Default)]
struct Service {
    calls: Calls,
}

#[saga(saga = TellsSaga)]
impl Service {
    #[step(compensate = undo_first)]
    async fn first(&self) -> Result<u8, String> {
        Ok(1)
    }

    #[step(compensate = undo_second)]
    async fn second(&self) -> Result<u8, String> {
        Ok(2)
    }

    #[step(pivot)]
    async fn third(&self) -> Result<u8, Circular> {
        Err(Circular)
    }

    async fn undo_first(&self, ctx: &StepContext) -> Result<(), String> {
        let cause = ctx.cause().map(|cause| cause.error.message.clone());
        self.calls.add(format!("undo_first because {cause:?}"));
        Ok(())
    }

    async fn undo_second(&self) -> Result<(), Misleading> {
        self.calls.add("undo_second");
        Err(Misleading)
    }
}

#[tokio::test]
async fn errors_that_lead_nowhere_are_reported_and_the_other_compensations_run() {
    let service = Service::default();
    let error = TellsSaga::run(&service, ())
        .await
        .expect_err("the third step fails");
    assert_eq!(error.step().unwrap().name, "third");
    assert_eq!(error.end(), End::Stuck);
    let expected = [
        "undo_second",
        "undo_first because Some(\"round and round\")",
    ];
    assert_eq!(service.calls.take(), expected);
    let report = error.report().to_string();
    assert_eq!(
        report.matches("caused by: round and round").count(),
        64,
        "the chain is cut"
    );
    let failure = error.compensation_failures().first().expect("one gave up");
    assert_eq!(failure.error.message, "misleading");
    assert_eq!(failure.error.chain, ["(its source panicked: as_ref)"]);
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        std::panic::panic_any("dropped");
    }
}

#[saga(saga = DropsSaga)]
impl Service {
    #[step(readonly)]
    async fn make(&self) -> Result<PanicsWhenDropped, String> {
        Ok(PanicsWhenDropped)
    }

    #[step]
    async fn last(&self) -> Result<u8, String> {
        Ok(7)
    }
}

#[tokio::test]
async fn an_output_that_panics_when_it_is_dropped_does_not_cost_the_sagas_own() {
    assert_eq!(DropsSaga::run(&Service::default(), ()).await.ok(), Some(7));
}

#[saga(saga = RetriesSaga)]
impl Service {
    #[step(compensate = undo_once)]
    async fn once(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(pivot)]
    async fn again_and_again(&self, ctx: &StepContext) -> Result<(), String> {
        Err(format!("attempt {}", ctx.attempt()))
    }

    async fn undo_once(&self) -> Result<(), String> {
        self.calls.add("undo_once");
        Ok(())
    }
}

#[tokio::test]
async fn attempts_that_fail_at_once_let_others_have_their_turn() {
    let others_ran = AtomicBool::new(false);
    let service = Service::default();
    let options = RunOptions::new().policy("again_and_again", Policy::attempts(1_000));
    let run = RetriesSaga::run_with(&service, (), options.expect("there is such a step"));
    let other = async {
        tokio::task::yield_now().await;
        others_ran.store(true, Ordering::Relaxed);
    };
    let mut run = std::pin::pin!(run);
    // `biased`: the run is polled first, and would finish there if it kept the thread.
    tokio::select! {
        biased;
        _ = &mut run => panic!("a thousand attempts in one turn"),
        () = other => {}
    }
    assert!(others_ran.load(Ordering::Relaxed));
    let error = run.await.expect_err("it fails for ever");
    assert_eq!(
        (error.step().unwrap().name, error.attempts()),
        ("again_and_again", 1_000)
    );
}

#[test]
fn a_runtime_that_shuts_down_during_a_wait_ends_the_attempts_and_the_undo_runs() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .expect("a runtime can be made");
    let handle = runtime.handle().clone();
    let options = RunOptions::new()
        .policy(
            "again_and_again",
            Policy::attempts(3).backoff(Duration::from_hours(1), Duration::from_hours(1)),
        )
        .expect("there is such a step");
    let service = Service::default();
    let error = std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            handle.block_on(async { RetriesSaga::run_with(&service, (), options).await })
        });
        runtime.shutdown_background();
        run.join().expect("the driver does not unwind")
    });
    let error = error.expect_err("it fails for ever");
    assert_eq!(error.step().unwrap().name, "again_and_again");
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(service.calls.take(), ["undo_once"]);
}

#[saga(saga = ClonesSaga)]
impl Service {
    #[step(compensate = undo_made)]
    async fn made(&self) -> Result<PanicsWhenCloned, String> {
        Ok(PanicsWhenCloned)
    }

    #[step(pivot)]
    async fn refused(&self) -> Result<(), String> {
        Err("refused".to_owned())
    }

    #[compensation(retry(attempts = 1000))]
    async fn undo_made(&self, _made: PanicsWhenCloned) -> Result<(), String> {
        Ok(())
    }
}

struct PanicsWhenCloned;

impl Clone for PanicsWhenCloned {
    fn clone(&self) -> Self {
        std::panic::panic_any("cannot be cloned")
    }
}

#[tokio::test]
async fn undos_whose_arguments_cannot_be_made_let_others_have_their_turn_and_are_all_counted() {
    let service = Service::default();
    let mut run = std::pin::pin!(ClonesSaga::run(&service, ()));
    tokio::select! {
        biased;
        _ = &mut run => panic!("a thousand attempts in one turn"),
        () = tokio::task::yield_now() => {}
    }
    let error = run.await.expect_err("the last step refuses");
    assert_eq!(
        (error.step().unwrap().name, error.end()),
        ("refused", End::Stuck)
    );
    let [failure] = error.compensation_failures() else {
        panic!("{error:?}");
    };
    assert_eq!((failure.step.name, failure.attempts), ("made", 1_000));
    assert_eq!(failure.error.message, "panicked: cannot be cloned");
}
