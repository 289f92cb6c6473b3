//! What the driver is seen to do.

use core::time::Duration;
use std::sync::Arc;

use saga_core::{
    CancelAnswer, Cancellation, CancellationToken, CompensationFailure, Ended, OptionsError,
    RunOptions, Saga, SagaError, StepError as _, StepRecord,
};
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep, timeout};

use crate::case::{Case, Phase};
use crate::machine::{Broken, Outputs, Random, Service};
use crate::shapes::{SHAPES, policy};
use crate::told::{Answer, Cause, End, Failure, GaveUp, Outcome, Told, Undo};

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
    let run = RUNS.as_flattened().as_flattened()[shape];
    runtime.block_on(async { run(case).await })
}

type Running<'a> = core::pin::Pin<Box<dyn Future<Output = Told> + 'a>>;
type Run = fn(&Case) -> Running<'_>;

/// One for each of the sagas. Two of sixteen are run in a task of their own, which is more to compile.
static RUNS: [[[Run; 16]; 16]; 2] = {
    macro_rules! sixteen {
        ($run:ident, $or:ident, $digits:expr) => {
            [
                $run!(16 * $digits),
                $run!(16 * $digits + 1),
                $run!(16 * $digits + 2),
                $run!(16 * $digits + 3),
                $run!(16 * $digits + 4),
                $run!(16 * $digits + 5),
                $run!(16 * $digits + 6),
                $or!(16 * $digits + 7),
                $run!(16 * $digits + 8),
                $run!(16 * $digits + 9),
                $run!(16 * $digits + 10),
                $run!(16 * $digits + 11),
                $run!(16 * $digits + 12),
                $run!(16 * $digits + 13),
                $run!(16 * $digits + 14),
                $or!(16 * $digits + 15),
            ]
        };
    }
    macro_rules! here {
        ($shape:expr) => {
            here::<{ $shape }>
        };
    }
    macro_rules! in_a_task {
        ($shape:expr) => {
            in_a_task::<{ $shape }>
        };
    }
    macro_rules! block {
        ($digits:expr) => {
            sixteen!(here, in_a_task, ($digits))
        };
    }
    [sixteen!(block, block, 0), sixteen!(block, block, 1)]
};

/// Longer than all the waits of a run: what is not at its end by then hangs.
const FOR_EVER: Duration = Duration::from_hours(200 * 365 * 24);

/// Cancelled by a token.
fn here<const SHAPE: usize>(case: &Case) -> Running<'_> {
    let service = Service::of(case);
    let mut options = options(case).expect("options that fit");
    if let Some(at) = case.cancel {
        options = options.cancellation(cancelled(at));
    }
    Box::pin(async move {
        let began = Instant::now();
        let run = Random::<SHAPE>::run_with(&service, (), options);
        let ended = timeout(FOR_EVER, run).await.expect("an end of the run");
        told(&service, &ended, began.elapsed(), None)
    })
}

/// A token that is cancelled then.
fn cancelled(at: u64) -> CancellationToken {
    let token = CancellationToken::new();
    if at == 0 {
        token.cancel();
    } else {
        let token = token.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(at)).await;
            token.cancel();
        });
    }
    token
}

/// Cancelled by its handle.
fn in_a_task<const SHAPE: usize>(case: &Case) -> Running<'_> {
    let service = Arc::new(Service::of(case));
    let options = options(case).expect("options that fit");
    Box::pin(async move {
        let began = Instant::now();
        let mut run = Random::<SHAPE>::spawn(Arc::clone(&service), (), options);
        let mut ended = None;
        if let Some(at @ 1..) = case.cancel {
            let before = timeout(Duration::from_millis(at), &mut run).await.ok();
            ended = before.map(|ended| (ended, began.elapsed()));
        }
        let answer = case.cancel.map(|_| answered(run.cancel()));
        let (ended, took) = match ended {
            Some(ended) => ended,
            None => {
                let ended = timeout(FOR_EVER, run).await.expect("an end of the run");
                (ended, began.elapsed())
            }
        };
        let ended = ended.expect("a task that goes on");
        told(&service, &ended, took, answer)
    })
}

fn answered(answer: CancelAnswer) -> Answer {
    match answer {
        CancelAnswer::Requested => Answer::Requested,
        CancelAnswer::TooLate(_) => Answer::TooLate,
        other => panic!("{other:?}"),
    }
}

fn told<const SHAPE: usize>(
    service: &Service,
    ended: &Ended<Random<SHAPE>>,
    took: Duration,
    answer: Option<Answer>,
) -> Told {
    let told = match ended {
        Ok(outputs) => completed(outputs),
        Err(error) => failed(error),
    };
    Told {
        calls: service.take_calls(),
        took: u64::try_from(took.as_millis()).ok(),
        answer,
        ..told
    }
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
        answer: None,
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
        answer: None,
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
