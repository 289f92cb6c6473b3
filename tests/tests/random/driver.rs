//! What the driver is seen to do.

use core::time::Duration;
use std::sync::Arc;

use saga_core::{
    CancelAnswer, Cancellation, CancellationToken, Ended, OptionsError, Report, RunOptions, Saga,
    SagaError, StepError as _,
    report::{CompensationFailure, StepRecord},
};
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep, timeout};

use crate::case::{Case, Phase};
use crate::definitions::policy;
use crate::errors::Broken;
use crate::machine::{Outputs, Random};
use crate::reports;
use crate::service::{Input, Place, Service};
use crate::shapes::SHAPES;
use crate::summary::{Answer, Cause, End, Failure, GaveUp, Nested, Outcome, RunSummary, Undo};

/// Runs the saga of this case, on a clock of its own.
pub(crate) fn run(case: &Case) -> RunSummary {
    let shape = SHAPES.iter().position(|shape| *shape == case.shape);
    let shape = shape.expect("one of the sagas");
    // A runtime with nothing but a clock.
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let run = RUNS.as_flattened()[shape];
    runtime.block_on(async { run(case).await })
}

type Running<'a> = core::pin::Pin<Box<dyn Future<Output = RunSummary> + 'a>>;
type Run = fn(&Case) -> Running<'_>;

/// One for each of the sagas. Two of sixteen are run in a task of their own, which is more to compile.
static RUNS: [[Run; 16]; 24] = {
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
    macro_rules! sixteen {
        ($digits:expr) => {
            [
                here!(16 * $digits),
                here!(16 * $digits + 1),
                here!(16 * $digits + 2),
                here!(16 * $digits + 3),
                here!(16 * $digits + 4),
                here!(16 * $digits + 5),
                here!(16 * $digits + 6),
                in_a_task!(16 * $digits + 7),
                here!(16 * $digits + 8),
                here!(16 * $digits + 9),
                here!(16 * $digits + 10),
                here!(16 * $digits + 11),
                here!(16 * $digits + 12),
                here!(16 * $digits + 13),
                here!(16 * $digits + 14),
                in_a_task!(16 * $digits + 15),
            ]
        };
    }
    [
        sixteen!(0),
        sixteen!(1),
        sixteen!(2),
        sixteen!(3),
        sixteen!(4),
        sixteen!(5),
        sixteen!(6),
        sixteen!(7),
        sixteen!(8),
        sixteen!(9),
        sixteen!(10),
        sixteen!(11),
        sixteen!(12),
        sixteen!(13),
        sixteen!(14),
        sixteen!(15),
        sixteen!(16),
        sixteen!(17),
        sixteen!(18),
        sixteen!(19),
        sixteen!(20),
        sixteen!(21),
        sixteen!(22),
        sixteen!(23),
    ]
};

/// Longer than all the waits of a run: what is not at its end by then hangs.
const FOR_EVER: Duration = Duration::from_hours(1000 * 365 * 24);

fn place(case: &Case) -> Input {
    Input(Arc::new(Place {
        case: case.clone(),
        within: Vec::new(),
    }))
}

/// Cancelled by a token.
fn here<const SHAPE: usize>(case: &Case) -> Running<'_> {
    let (service, place) = (Service::default(), place(case));
    let mut options = options(case).expect("options that fit").id("1");
    if let Some(at) = case.cancel {
        options = options.cancellation(cancelled(at));
    }
    Box::pin(async move {
        let began = Instant::now();
        let run = Random::<SHAPE>::run_with(&service, place, options);
        let ended = timeout(FOR_EVER, run).await.expect("an end of the run");
        summary(&service, &ended, began.elapsed(), None)
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

/// Cancelled by its handle, and with a random id.
fn in_a_task<const SHAPE: usize>(case: &Case) -> Running<'_> {
    let (service, place) = (Arc::new(Service::default()), place(case));
    let options = options(case).expect("options that fit");
    Box::pin(async move {
        let began = Instant::now();
        let mut run = Random::<SHAPE>::spawn(Arc::clone(&service), place, options);
        let id = run.id().to_string();
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
        let mut summary = summary(&service, &ended, took, answer);
        for call in &mut summary.calls {
            call.key = call.key.replacen(&id, "1", 1);
        }
        with_id(&mut summary.nested, &id);
        summary
    })
}

/// As if its id were 1.
fn with_id(nested: &mut [Option<Nested>], id: &str) {
    for run in nested.iter_mut().flatten() {
        run.id = run.id.replacen(id, "1", 1);
        with_id(&mut run.runs, id);
    }
}

fn answered(answer: CancelAnswer) -> Answer {
    match answer {
        CancelAnswer::Requested => Answer::Requested,
        CancelAnswer::TooLate(_) => Answer::TooLate,
        other => panic!("{other:?}"),
    }
}

fn summary<const SHAPE: usize>(
    service: &Service,
    ended: &Ended<Random<SHAPE>>,
    took: Duration,
    answer: Option<Answer>,
) -> RunSummary {
    let calls = service.take_calls();
    let summary = match ended {
        Ok(outputs) => completed(outputs),
        Err(error) => {
            let report = error.report();
            reports::check_what_is_left(&report, &calls);
            reports::check_json(&report, &calls);
            if report.started_at_unix_ms.is_some() {
                reports::check_times(&report.steps);
            }
            failed(error, &report)
        }
    };
    RunSummary {
        calls,
        took: u64::try_from(took.as_millis()).ok(),
        answer,
        ..summary
    }
}

/// Whether its times are recorded.
const fn is_timed(case: &Case) -> bool {
    case.shape.steps().len().is_multiple_of(2)
}

fn options<S: Saga>(case: &Case) -> Result<RunOptions<S>, OptionsError> {
    let mut options = RunOptions::new();
    if is_timed(case) {
        options = options.timed();
    }
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

fn completed(outputs: &Outputs) -> RunSummary {
    let steps = reports::outcomes(outputs).into_iter();
    RunSummary {
        calls: Vec::new(),
        cause: None,
        secondary: Vec::new(),
        steps: steps.map(|outcome| (outcome, Undo::NotDue)).collect(),
        nested: reports::of_outputs(outputs),
        compensations: Vec::new(),
        end: End::Completed,
        took: None,
        answer: None,
    }
}

fn failed<const SHAPE: usize>(error: &SagaError<Random<SHAPE>>, report: &Report) -> RunSummary {
    let cause = match error.error().cancellation() {
        Some(Cancellation::Requested) => Cause::Cancelled,
        Some(Cancellation::DeadlineExceeded) => Cause::DeadlineExceeded,
        Some(other) => panic!("{other}"),
        None => Cause::Step(step(error.error(), error.attempts(), error.in_doubt())),
    };
    let secondary = error.also_failed();
    let secondary = secondary.map(|also| step(&also.failure, also.attempts, also.in_doubt));
    let compensations = error.compensation_failures().iter();
    RunSummary {
        calls: Vec::new(),
        cause: Some(cause),
        secondary: secondary.collect(),
        steps: error.steps().map(record).collect(),
        nested: reports::of_steps(&report.steps),
        compensations: compensations.map(compensation).collect(),
        end: reports::end(error.end()),
        took: None,
        answer: None,
    }
}

/// A step that gave up.
fn step(broken: &Broken, attempts: u32, in_doubt: bool) -> GaveUp {
    use saga_core::Failure::{Error, Panicked, TimedOut};
    let (step, failure) = match broken {
        Broken::Step(step, Error(error)) => (step, Failure::Error(error.attempt)),
        Broken::Step(step, TimedOut(_)) => (step, Failure::TimedOut),
        Broken::Step(step, Panicked(attempt)) | Broken::Run(step, Panicked(attempt)) => {
            (step, Failure::Panicked(reports::number(attempt)))
        }
        Broken::Run(step, Error(_)) => (step, Failure::Run),
        other => panic!("a second cause that is no step, or another failure: {other:?}"),
    };
    GaveUp {
        step: step.index,
        phase: Phase::Do,
        failure,
        attempts,
        in_doubt,
    }
}

fn compensation(failure: &CompensationFailure) -> GaveUp {
    let text = failure.error.message.as_str();
    GaveUp {
        step: failure.step.index,
        phase: Phase::Undo,
        failure: match text.strip_prefix("panicked: ") {
            Some(attempt) => Failure::Panicked(reports::number(attempt)),
            None if text.starts_with("timed out") => Failure::TimedOut,
            None if failure.step.nested.is_some() => Failure::Run,
            None => Failure::Error(reports::number(text)),
        },
        attempts: failure.attempts,
        in_doubt: failure.in_doubt,
    }
}

fn record(record: StepRecord) -> (Outcome, Undo) {
    (reports::outcome(record.outcome), reports::undo(record.undo))
}
