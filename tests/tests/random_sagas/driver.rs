//! What the driver is seen to do.

use core::time::Duration;

use saga_core::{
    Cancellation, CancellationToken, CompensationFailure, OptionsError, RunOptions, Saga,
    SagaError, StepError as _, StepRecord,
};
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep, timeout};

use crate::case::{Case, Phase};
use crate::machine::{Broken, Outputs, Random, Service};
use crate::shapes::{SHAPES, policy};
use crate::told::{Cause, End, Failure, GaveUp, Outcome, Told, Undo};

/// Runs the saga of this case, on a clock of its own.
pub(crate) fn run(case: &Case) -> Told {
    let shape = SHAPES.iter().position(|shape| *shape == case.shape);
    let shape = shape.expect("one of the sagas");
    // A runtime with nothing but a clock.
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(RUNS.as_flattened().as_flattened()[shape](case))
}

type Running<'a> = core::pin::Pin<Box<dyn Future<Output = Told> + 'a>>;
type Run = fn(&Case) -> Running<'_>;

/// One for each of the sagas.
static RUNS: [[[Run; 16]; 16]; 2] = {
    macro_rules! sixteen {
        ($next:ident, $digits:expr) => {
            [
                $next!(16 * $digits),
                $next!(16 * $digits + 1),
                $next!(16 * $digits + 2),
                $next!(16 * $digits + 3),
                $next!(16 * $digits + 4),
                $next!(16 * $digits + 5),
                $next!(16 * $digits + 6),
                $next!(16 * $digits + 7),
                $next!(16 * $digits + 8),
                $next!(16 * $digits + 9),
                $next!(16 * $digits + 10),
                $next!(16 * $digits + 11),
                $next!(16 * $digits + 12),
                $next!(16 * $digits + 13),
                $next!(16 * $digits + 14),
                $next!(16 * $digits + 15),
            ]
        };
    }
    macro_rules! run_of {
        ($shape:expr) => {
            run_of::<{ $shape }>
        };
    }
    macro_rules! block {
        ($digits:expr) => {
            sixteen!(run_of, ($digits))
        };
    }
    [sixteen!(block, 0), sixteen!(block, 1)]
};

/// Longer than all the waits of a run: what is not at its end by then hangs.
const FOR_EVER: Duration = Duration::from_hours(200 * 365 * 24);

fn run_of<const SHAPE: usize>(case: &Case) -> Running<'_> {
    Box::pin(async {
        let service = Service::of(case);
        let mut options = options(case).expect("options that fit");
        let token = CancellationToken::new();
        if let Some(at) = case.cancel {
            options = options.cancellation(token.clone());
            if at == 0 {
                token.cancel();
            }
        }
        let cancel = async {
            if let Some(at @ 1..) = case.cancel {
                sleep(Duration::from_millis(at)).await;
                token.cancel();
            }
        };
        let began = Instant::now();
        let run = async {
            let ended = Random::<SHAPE>::run_with(&service, (), options).await;
            (ended, began.elapsed())
        };
        let ended = timeout(FOR_EVER, async { tokio::join!(run, cancel).0 }).await;
        let (ended, took) = ended.expect("an end of the run");
        let told = match ended {
            Ok(outputs) => completed(&outputs),
            Err(error) => failed(&error),
        };
        Told {
            calls: service.into_calls(),
            took: u64::try_from(took.as_millis()).ok(),
            ..told
        }
    })
}

fn options<S: Saga>(case: &Case) -> Result<RunOptions<S>, OptionsError> {
    let mut options = RunOptions::new();
    if let Some(at) = case.deadline {
        options = options.deadline(Duration::from_millis(at));
    }
    for (index, script) in case.scripts.iter().enumerate() {
        let name = S::DEFINITION.steps[index].name;
        if let Some(changed) = &script.policy {
            options = options.policy(name, policy(index, changed))?;
        }
        if let Some(changed) = &script.undo_policy {
            options = options.compensation_policy(name, policy(index, changed))?;
        }
    }
    Ok(options)
}

fn completed(Outputs(outputs): &Outputs) -> Told {
    let outcomes = outputs.iter().map(|output| match output {
        None => Outcome::NotRun,
        Some(None) => Outcome::Skipped,
        Some(Some(_)) => Outcome::Completed,
    });
    Told {
        calls: Vec::new(),
        cause: None,
        secondary: Vec::new(),
        steps: outcomes.map(|outcome| (outcome, Undo::NotDue)).collect(),
        compensations: Vec::new(),
        end: End::Completed,
        took: None,
    }
}

fn failed<const SHAPE: usize>(error: &SagaError<Random<SHAPE>>) -> Told {
    let cause = match error.error().cancellation() {
        Some(Cancellation::Requested) => Cause::Cancelled,
        Some(Cancellation::DeadlineExceeded) => Cause::DeadlineExceeded,
        Some(other) => panic!("{other}"),
        None => Cause::Step(step(error.error(), error.attempts(), error.in_doubt())),
    };
    let secondary = error.also_failed();
    let secondary = secondary.map(|also| step(&also.failure, also.attempts, also.in_doubt));
    let compensations = error.compensation_failures().iter();
    Told {
        calls: Vec::new(),
        cause: Some(cause),
        secondary: secondary.collect(),
        steps: error.steps().map(record).collect(),
        compensations: compensations.map(compensation).collect(),
        end: match error.end() {
            saga_core::End::Compensated => End::Compensated,
            saga_core::End::Stuck => End::Stuck,
            other => panic!("{other}"),
        },
        took: None,
    }
}

/// A step that gave up.
fn step(broken: &Broken, attempts: u32, in_doubt: bool) -> GaveUp {
    let Broken::Step(step, failure) = broken else {
        panic!("a second cause that is no step: {broken}");
    };
    GaveUp {
        step: index_of(step),
        phase: Phase::Do,
        failure: match failure {
            saga_core::Failure::Error(error) => Failure::Error(error.attempt),
            saga_core::Failure::TimedOut(_) => Failure::TimedOut,
            saga_core::Failure::Panicked(attempt) => Failure::Panicked(number(attempt)),
            other => panic!("{other:?}"),
        },
        attempts,
        in_doubt,
    }
}

fn index_of(step: &saga_core::Step) -> usize {
    step.name
        .parse()
        .expect("steps are called by their position")
}

fn compensation(failure: &CompensationFailure) -> GaveUp {
    let text = failure.error.message.as_str();
    GaveUp {
        step: index_of(failure.step),
        phase: Phase::Undo,
        failure: match text.strip_prefix("panicked: ") {
            Some(attempt) => Failure::Panicked(number(attempt)),
            None if text.starts_with("timed out") => Failure::TimedOut,
            None => Failure::Error(number(text)),
        },
        attempts: failure.attempts,
        in_doubt: failure.in_doubt,
    }
}

fn number(text: &str) -> u32 {
    // Of a panic in a condition the message says where it was.
    let number = text
        .strip_prefix("in the condition `asks`: ")
        .unwrap_or(text)
        .parse();
    number.unwrap_or_else(|_| panic!("the number of an attempt: {text}"))
}

fn record(record: StepRecord) -> (Outcome, Undo) {
    let outcome = match record.outcome {
        saga_core::Outcome::NotRun => Outcome::NotRun,
        saga_core::Outcome::Completed => Outcome::Completed,
        saga_core::Outcome::Skipped => Outcome::Skipped,
        saga_core::Outcome::Failed => Outcome::Failed,
        saga_core::Outcome::InDoubt => Outcome::InDoubt,
        other => panic!("{other:?}"),
    };
    let undo = match record.undo {
        saga_core::Undo::NotDue => Undo::NotDue,
        saga_core::Undo::Done => Undo::Done,
        saga_core::Undo::GaveUp => Undo::GaveUp,
        other => panic!("{other:?}"),
    };
    (outcome, undo)
}
