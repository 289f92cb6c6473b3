//! What somebody who looks on is told of a run: for metrics and alerts.
//!
//! Knows nothing of how a run is carried out. Nothing that an observer does changes a run.

use core::fmt;
use core::time::Duration;

use crate::definition::{Definition, Phase, Step};
use crate::id::{LazyId, SagaId};
use crate::outcome::{Cancellation, CompensationFailure, End, ErrorText, FailureKind, Outcome};

/// Is told what happens in a run, as it happens: for metrics and alerts. Attached by
/// [`RunOptions::observer`](crate::RunOptions::observer), one for any number of runs of any sagas.
///
/// A closure is one as well.
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
/// let told: Vec<_> = counts.iter().map(|(key, count)| format!("{key}: {count}")).collect();
/// assert_eq!(told, [
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
/// The events of one run come one after another, never two at once, from the task that drives it:
///
/// 1. [`SagaStarted`](EventKind::SagaStarted), before anything is carried out;
/// 2. for each step in its turn, [`AttemptStarted`](EventKind::AttemptStarted) and
///    [`AttemptEnded`](EventKind::AttemptEnded) for each attempt, then [`StepEnded`](EventKind::StepEnded).
///    The members of a parallel group keep this order each by itself, and their events come as they happen,
///    between each other's;
/// 3. in the same way for each compensation, last step first;
/// 4. [`SagaEnded`](EventKind::SagaEnded), or [`SagaStopped`](EventKind::SagaStopped), and nothing after it.
///
/// A saga that a step runs is a run of its own, with these events under its own definition and
/// [id](Event::saga_id), between those of the attempt of that step. If it has completed and is undone later, the events
/// of its compensations come after its end, between those of the attempt that undoes the step.
///
/// A step whose turn did not come is in no event. One that could not begin an attempt, for want of a timer,
/// has a [`StepEnded`](EventKind::StepEnded) alone. A future of a run that is never polled tells nothing.
///
/// # Cost
///
/// It is called on the task of the run, which waits for it: what takes long, or may block, belongs behind a
/// channel. A run without an observer pays nothing.
///
/// # Panics
///
/// One that panics is caught, and changes nothing of the run: it is called again for the next event. So is
/// one that panics when it is dropped with the run.
pub trait Observer: Send + Sync {
    /// Takes note of an event.
    fn observe(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}

/// Something that happened in a run: for an [`Observer`].
///
/// It never holds a value: no input, no argument and no output. What an error says is made into text when
/// somebody asks for it, by [`Reason::text`].
#[non_exhaustive]
pub struct Event<'a> {
    /// The saga.
    pub definition: &'static Definition,
    /// What happened.
    pub kind: EventKind<'a>,
    pub(crate) id: &'a LazyId,
}

impl Event<'_> {
    /// Which run of the saga.
    #[must_use]
    pub fn saga_id(&self) -> SagaId {
        self.id.id()
    }

    /// Whether this run is a step of another saga. Its id begins with the name and the id of that.
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

/// What happened. Durations are by Tokio's clock, which a test can pause.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum EventKind<'a> {
    /// A run begins. One of [`SagaEnded`](Self::SagaEnded) and [`SagaStopped`](Self::SagaStopped) follows,
    /// whatever happens: what counts the sagas in flight goes up here and down there.
    SagaStarted,
    /// An attempt of a step or compensation begins.
    #[non_exhaustive]
    AttemptStarted {
        /// The step, also of a compensation.
        step: &'static Step,
        /// Whether it is carried out or undone.
        phase: Phase,
        /// Which attempt, counted from 1.
        attempt: u32,
    },
    /// It has ended.
    #[non_exhaustive]
    AttemptEnded {
        /// The step, also of a compensation.
        step: &'static Step,
        /// Whether it is carried out or undone.
        phase: Phase,
        /// Which attempt, counted from 1.
        attempt: u32,
        /// How this attempt went, whatever those before it did. `Skipped` where the step's condition said no.
        outcome: Outcome,
        /// Why it has no output.
        reason: Option<Reason<'a>>,
        /// How long it took.
        took: Duration,
        /// If another attempt follows, how long that is waited for. What ends the run in the meantime makes it
        /// not come.
        retry_in: Option<Duration>,
    },
    /// A step or compensation has ended: there is no other attempt.
    #[non_exhaustive]
    StepEnded {
        /// The step, also of a compensation.
        step: &'static Step,
        /// Whether it was carried out or undone.
        phase: Phase,
        /// How it went. `InDoubt` if any of its attempts may have taken effect.
        outcome: Outcome,
        /// Why it gave up: what its last attempt ended with.
        reason: Option<Reason<'a>>,
        /// How many attempts were made.
        attempts: u32,
        /// How long it took from the first attempt on, with the waits.
        took: Duration,
    },
    /// The run has ended.
    #[non_exhaustive]
    SagaEnded {
        /// How.
        outcome: SagaOutcome,
        /// The step that gave up first; none if the run completed, or was cancelled.
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
        /// How long it took until then.
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
        // Of a step only its name: the rest is the definition's.
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
/// `Debug` says the [`kind`](Self::kind) only.
#[derive(Clone, Copy)]
pub struct Reason<'a> {
    kind: FailureKind,
    text: &'a dyn Fn() -> ErrorText,
}

impl<'a> Reason<'a> {
    pub(crate) const fn new(kind: FailureKind, text: &'a dyn Fn() -> ErrorText) -> Self {
        Self { kind, text }
    }

    /// What kind of failure it is: one of few, to be counted by.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// What the error and its sources say. It is made now, by the `Display` of the error, and it says
    /// whatever that writes: an error that repeats an argument puts it in here.
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
    /// As [`End::Stuck`]: something needs a person.
    Stuck,
}

impl SagaOutcome {
    /// `completed`, `compensated` or `stuck`: for the labels of metrics.
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
