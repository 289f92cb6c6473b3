//! What the driver is seen to do.

use saga_core::{CompensationFailure, OptionsError, RunOptions, Saga, SagaError, StepRecord};
use tokio::runtime::Builder;

use crate::case::{Case, Phase};
use crate::machine::{Random, Refused, Service};
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

fn run_of<const SHAPE: usize>(case: &Case) -> Running<'_> {
    Box::pin(async {
        let service = Service::of(case);
        let options = options(case).expect("options that fit");
        let run = Random::<SHAPE>::run_with(&service, (), options).await;
        let told = match run {
            Ok(()) => completed(),
            Err(error) => failed(&error),
        };
        Told {
            calls: service.into_calls(),
            ..told
        }
    })
}

fn options<S: Saga>(case: &Case) -> Result<RunOptions<S>, OptionsError> {
    let mut options = RunOptions::new();
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

fn completed() -> Told {
    Told {
        calls: Vec::new(),
        cause: None,
        secondary: Vec::new(),
        steps: Vec::new(),
        compensations: Vec::new(),
        end: End::Completed,
    }
}

fn failed<const SHAPE: usize>(error: &SagaError<Random<SHAPE>>) -> Told {
    let primary = GaveUp {
        step: index_of(error.step()),
        phase: Phase::Do,
        failure: step_failure(&error.error().failure),
        attempts: error.attempts(),
    };
    let compensations = error.compensation_failures().iter();
    Told {
        calls: Vec::new(),
        cause: Some(Cause::Step(primary)),
        secondary: Vec::new(),
        steps: error.steps().map(record).collect(),
        compensations: compensations.map(compensation).collect(),
        end: match error.end() {
            saga_core::End::Compensated => End::Compensated,
            saga_core::End::Stuck => End::Stuck,
            other => panic!("{other}"),
        },
    }
}

fn index_of(step: &saga_core::Step) -> usize {
    step.name
        .parse()
        .expect("steps are called by their position")
}

fn step_failure(failure: &saga_core::Failure<Refused>) -> Failure {
    match failure {
        saga_core::Failure::Error(error) => Failure::Error(error.attempt),
        saga_core::Failure::TimedOut(_) => Failure::TimedOut,
        saga_core::Failure::Panicked(attempt) => Failure::Panicked(number(attempt)),
        other => panic!("{other:?}"),
    }
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
    }
}

fn number(text: &str) -> u32 {
    let number = text.parse();
    number.unwrap_or_else(|_| panic!("the number of an attempt: {text}"))
}

fn record(record: StepRecord) -> (Outcome, Undo) {
    let outcome = match record.outcome {
        saga_core::Outcome::NotRun => Outcome::NotRun,
        saga_core::Outcome::Completed => Outcome::Completed,
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
