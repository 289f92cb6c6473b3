//! The events of a run that an observer receives: for metrics and alerts.
//!
//! Knows nothing of how a run is executed. Nothing that an observer does changes a run.

use core::fmt;
use core::time::Duration;

use crate::definition::{Definition, Phase, Step};
use crate::id::{LazyId, SagaId};
use crate::outcome::{Cancellation, CompensationFailure, End, ErrorText, FailureKind, Outcome};

/// Receives the events of a run as they happen: for metrics and alerts. Attach it by
/// [`RunOptions::observer`](crate::RunOptions::observer). One observer can serve any number of runs of any sagas.
///
/// A closure is an observer as well.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::{Arc, Mutex};
///
/// use saga_core::{RunOptions, Saga, saga, observe::{Event, EventKind, Observer}};
///
/// /// How often each step and compensation ended how.
/// #[derive(Default)]
/// struct Counts(Mutex<BTreeMap<String, u32>>);
///
/// impl Observer for Counts {
///     fn observe(&self, event: &Event<'_>) {
///         if let EventKind::StepEnded { step, phase, outcome, .. } = event.kind {
///             let key = format!("{} {} {}", step.name, phase.as_str(), outcome.as_str());
///             *self.0.lock().unwrap().entry(key).or_default() += 1;
///         }
///     }
/// }
///
/// struct Kitchen;
///
/// #[saga]
/// impl Kitchen {
///     #[step(compensate = throw_away)]
///     async fn mix(&self, eggs: &u32) -> Result<u32, String> {
///         Ok(*eggs)
///     }
///
///     #[step(pivot)]
///     async fn bake(&self, dough: &u32) -> Result<u32, String> {
///         if *dough > 9 { Err("the oven is too small".to_owned()) } else { Ok(*dough) }
///     }
///
///     async fn throw_away(&self, _dough: &u32) -> Result<(), String> {
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let counts = Arc::new(Counts::default());
/// for eggs in [3, 12] {
///     let options = RunOptions::new().observer(counts.clone());
///     let _ = KitchenSaga::run_with(&Kitchen, eggs, options).await;
/// }
/// let counts = counts.0.lock().unwrap();
/// let counts: Vec<_> = counts.iter().map(|(key, count)| format!("{key}: {count}")).collect();
/// assert_eq!(counts, [
///     "bake step completed: 1",
///     "bake step failed: 1",
///     "mix compensation completed: 1",
///     "mix step completed: 2",
/// ]);
/// # }
/// ```
///
/// # Order
///
/// The events of one run are sent one at a time, from the task that drives it:
///
/// 1. [`SagaStarted`](EventKind::SagaStarted), before anything is run;
/// 2. for each step, [`AttemptStarted`](EventKind::AttemptStarted) and [`AttemptEnded`](EventKind::AttemptEnded) for
///    each attempt, then [`StepEnded`](EventKind::StepEnded). Each member of a parallel group keeps this order; the
///    events of different members are interleaved as they happen;
/// 3. in the same way for each compensation, last step first;
/// 4. [`SagaEnded`](EventKind::SagaEnded) or [`SagaStopped`](EventKind::SagaStopped), and nothing after it.
///
/// A nested saga is a run of its own, with these events under its own definition and [id](Event::saga_id), between the
/// events of the attempt of the step that runs it. If it completed and is undone later, the events of its compensations
/// come after its end, between the events of the attempt that undoes the step.
///
/// A step whose turn did not come is in no event. A step that could not begin an attempt, because there is no timer,
/// has only a [`StepEnded`](EventKind::StepEnded). A run whose future is never polled sends no events.
///
/// # Cost
///
/// The observer is called on the task of the run, which waits for it: move slow or blocking work behind a channel. A
/// run without an observer pays nothing.
///
/// # Panics
///
/// A panic of an observer is caught and does not change the run: the observer is called again for the next event. The
/// same holds for a panic when it is dropped with the run.
pub trait Observer: Send + Sync {
    /// Receives an event.
    fn observe(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}

/// An event of a run, for an [`Observer`].
///
/// An event never contains a value: no input, no argument and no output. The text of an error is written only when
/// [`Reason::text`] is called.
#[non_exhaustive]
pub struct Event<'a> {
    /// The saga.
    pub definition: &'static Definition,
    /// What happened.
    pub kind: EventKind<'a>,
    pub(crate) id: &'a LazyId,
    pub(crate) trace_context: Option<&'a str>,
}

impl Event<'_> {
    /// The id of the run.
    #[must_use]
    pub fn saga_id(&self) -> SagaId {
        self.id.id()
    }

    /// The trace in which an engine accepted this saga, when it [starts](EventKind::SagaStarted) in this process: what
    /// `EngineBuilder::trace_context` returned, perhaps in an earlier
    /// process. Called within the span of the saga, an observer can link that to the trace. `None` in other events, and
    /// of runs in memory.
    #[must_use]
    pub const fn trace_context(&self) -> Option<&str> {
        self.trace_context
    }

    /// Whether this run is a step of another saga. Its id then begins with the name and the id of that saga's run.
    #[must_use]
    pub const fn is_nested(&self) -> bool {
        self.id.nested().is_some()
    }
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("saga", &self.definition.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What happened. Durations are measured by Tokio's clock, which a test can pause.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum EventKind<'a> {
    /// A run begins. Exactly one [`SagaEnded`](Self::SagaEnded) or [`SagaStopped`](Self::SagaStopped) follows, whatever
    /// happens: a gauge of the sagas in flight can count up here and down there.
    SagaStarted,
    /// An attempt of a step or compensation begins.
    #[non_exhaustive]
    AttemptStarted {
        /// The step, also for its compensation.
        step: &'static Step,
        /// Whether the step is run or undone.
        phase: Phase,
        /// Which attempt, counted from 1.
        attempt: u32,
    },
    /// An attempt of a step or compensation has ended.
    #[non_exhaustive]
    AttemptEnded {
        /// The step, also for its compensation.
        step: &'static Step,
        /// Whether the step is run or undone.
        phase: Phase,
        /// Which attempt, counted from 1.
        attempt: u32,
        /// How this attempt ended, regardless of earlier ones. `Skipped` if the step's condition returned `false`.
        outcome: Outcome,
        /// Why there is no output.
        reason: Option<Reason<'a>>,
        /// How long it took.
        took: Duration,
        /// If another attempt follows, the wait until then. It does not follow if the run is ended from outside during
        /// the wait.
        retry_in: Option<Duration>,
    },
    /// A step or compensation has ended: no other attempt follows.
    #[non_exhaustive]
    StepEnded {
        /// The step, also for its compensation.
        step: &'static Step,
        /// Whether the step was run or undone.
        phase: Phase,
        /// How it ended. `InDoubt` if any of its attempts may have taken effect.
        outcome: Outcome,
        /// Why it gave up: the failure of its last attempt.
        reason: Option<Reason<'a>>,
        /// How many attempts were made.
        attempts: u32,
        /// How long it took since the first attempt began, including the waits.
        took: Duration,
    },
    /// The run has ended.
    #[non_exhaustive]
    SagaEnded {
        /// How it ended.
        outcome: SagaOutcome,
        /// The step that gave up first. `None` if the run completed or was ended from outside.
        step: Option<&'static Step>,
        /// What ended the run from outside.
        cancellation: Option<Cancellation>,
        /// Why it did not complete: the first error.
        reason: Option<Reason<'a>>,
        /// The compensations that gave up, in the order in which they ran: their errors are text already.
        compensation_failures: &'a [CompensationFailure],
        /// How long it took.
        took: Duration,
    },
    /// The run stopped where it was, and nothing was undone: its future was dropped, or its executor halted it.
    #[non_exhaustive]
    SagaStopped {
        /// How long it had taken until then.
        took: Duration,
    },
}

impl EventKind<'_> {
    pub(crate) const fn completed(took: Duration) -> Self {
        Self::SagaEnded {
            outcome: SagaOutcome::Completed,
            step: None,
            cancellation: None,
            reason: None,
            compensation_failures: &[],
            took,
        }
    }
}

impl fmt::Debug for EventKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only the name of a step: the rest is in the definition.
        match self {
            Self::SagaStarted => f.write_str("SagaStarted"),
            Self::AttemptStarted {
                step,
                phase,
                attempt,
            } => f
                .debug_struct("AttemptStarted")
                .field("step", &step.name)
                .field("phase", phase)
                .field("attempt", attempt)
                .finish(),
            Self::AttemptEnded {
                step,
                phase,
                attempt,
                outcome,
                reason,
                took,
                retry_in,
            } => f
                .debug_struct("AttemptEnded")
                .field("step", &step.name)
                .field("phase", phase)
                .field("attempt", attempt)
                .field("outcome", outcome)
                .field("reason", reason)
                .field("took", took)
                .field("retry_in", retry_in)
                .finish(),
            Self::StepEnded {
                step,
                phase,
                outcome,
                reason,
                attempts,
                took,
            } => f
                .debug_struct("StepEnded")
                .field("step", &step.name)
                .field("phase", phase)
                .field("outcome", outcome)
                .field("reason", reason)
                .field("attempts", attempts)
                .field("took", took)
                .finish(),
            Self::SagaEnded {
                outcome,
                step,
                cancellation,
                reason,
                compensation_failures,
                took,
            } => f
                .debug_struct("SagaEnded")
                .field("outcome", outcome)
                .field("step", &step.map(|step| step.name))
                .field("cancellation", cancellation)
                .field("reason", reason)
                .field("compensation_failures", &compensation_failures.len())
                .field("took", took)
                .finish(),
            Self::SagaStopped { took } => {
                f.debug_struct("SagaStopped").field("took", took).finish()
            }
        }
    }
}

/// Why something did not complete.
///
/// `Debug` writes only the [`kind`](Self::kind).
#[derive(Clone, Copy)]
pub struct Reason<'a> {
    kind: FailureKind,
    text: &'a dyn Fn() -> ErrorText,
}

impl<'a> Reason<'a> {
    pub(crate) const fn new(kind: FailureKind, text: &'a dyn Fn() -> ErrorText) -> Self {
        Self { kind, text }
    }

    /// The kind of the failure: one of few values, for metrics.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// The text of the error and its sources. It is written now, by the `Display` of the error. It contains whatever
    /// that writes: an error that quotes an argument puts it in here.
    #[must_use]
    pub fn text(&self) -> ErrorText {
        (self.text)()
    }
}

impl fmt::Debug for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reason").field(&self.kind).finish()
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SagaOutcome {
    /// It has an output.
    Completed,
    /// As [`End::Compensated`].
    Compensated,
    /// As [`End::Stuck`]: an operator must act.
    Stuck,
}

impl SagaOutcome {
    /// `completed`, `compensated` or `stuck`. Suitable as a label of metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Compensated => "compensated",
            Self::Stuck => "stuck",
        }
    }
}

impl From<End> for SagaOutcome {
    fn from(end: End) -> Self {
        match end {
            End::Compensated => Self::Compensated,
            End::Stuck => Self::Stuck,
        }
    }
}
