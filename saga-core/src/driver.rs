//! Runs a saga to its end: through its steps in order, and back when one gives up.
//!
//! Which steps are undone, and how the saga ends, is decided here and nowhere else. Knows nothing
//! of how an attempt is carried out.

use core::cmp::Ordering;
use core::future::Future;
use std::sync::Arc;

use crate::context::Cause;
use crate::definition::{Compensation, Definition, Kind, Step};
use crate::error::{CompensationFailure, Details, Outcome, SagaError, StepRecord, Undo};
use crate::executor::{Executor, Stop};
use crate::panics;
use crate::saga::{Machine, Saga, Slots, StepError};

/// How a saga that was not halted ended.
pub type Ended<S> = Result<<S as Saga>::Output, SagaError<S>>;

/// Drives a saga through `executor` to its end.
///
/// # Errors
///
/// The outer one is the executor's: the run stopped where it was, nothing was decided and nothing
/// undone. The inner one is the saga's.
///
/// # Cancellation
///
/// Dropping the future stops the saga where it is and undoes nothing.
pub fn drive<'a, S, X>(
    service: &'a S::Service,
    executor: &'a X,
    input: S::Input,
) -> impl Future<Output = Result<Ended<S>, X::Halt>> + Send + 'a
where
    S: Machine<X> + 'a,
    X: Executor,
{
    // Made before the first poll: the input is stored once, in its slot.
    let mut slots = S::Slots::begin(input);
    async move {
        let gave_up = match S::advance(service, &mut slots, executor).await {
            Ok(()) => match slots.finish() {
                Ok(output) => {
                    panics::discard(slots);
                    return Ok(Ok(output));
                }
                Err(gave_up) => gave_up,
            },
            Err(Stop::GaveUp(gave_up)) => gave_up,
            Err(Stop::Halted(halt)) => return Err(halt),
        };
        let verdict = Verdict::of(S::DEFINITION, gave_up.failure.step(), gave_up.in_doubt);
        let cause = verdict.cause(S::DEFINITION, &gave_up.failure);
        let mut compensation_failures = Vec::new();
        for (index, step) in verdict.due(S::DEFINITION) {
            match S::rewind(service, &mut slots, index, cause.as_ref(), executor).await {
                Ok(()) => {}
                Err(Stop::Halted(halt)) => return Err(halt),
                Err(Stop::GaveUp(gave_up)) => {
                    compensation_failures.push(CompensationFailure::new(step, gave_up));
                }
            }
        }
        Ok(Err(SagaError::new(Details {
            id: executor.saga_id().clone(),
            verdict,
            gave_up,
            compensation_failures,
            slots,
        })))
    }
}

/// What is to be done about a saga one step of which gave up.
///
/// What became of every step follows from this, and from which compensations gave up: so it is
/// worked out when it is asked for, and nothing is kept for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The position of the step that gave up.
    failed: usize,
    in_doubt: bool,
    due: Due,
    /// Whether the saga needs a person, however the compensations go.
    pub(crate) stuck: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// No step.
    Nothing,
    /// The steps that completed.
    Completed,
    /// The step that is in doubt, then those that completed.
    CompletedAndInDoubt,
}

impl Verdict {
    fn of(definition: &'static Definition, step: &'static Step, in_doubt: bool) -> Self {
        let failed = definition.index_of(step).unwrap_or(definition.steps.len());
        let past_the_pivot = definition.pivot().is_some_and(|pivot| failed > pivot);
        let takes_attempt = || {
            let compensation = step.compensation.as_ref();
            compensation.is_some_and(Compensation::takes_attempt)
        };
        let (due, stuck) = match step.kind {
            _ if past_the_pivot => (Due::Nothing, true),
            _ if !in_doubt => (Due::Completed, false),
            _ if takes_attempt() => (Due::CompletedAndInDoubt, false),
            Kind::Compensatable => (Due::Completed, true),
            Kind::ReadOnly | Kind::NoCompensation { .. } => (Due::Completed, false),
            Kind::Pivot | Kind::Last | Kind::Retriable => (Due::Nothing, true),
        };
        Self {
            failed,
            in_doubt,
            due,
            stuck,
        }
    }

    /// The steps that are to be undone, in the order in which they are.
    fn due(
        self,
        definition: &'static Definition,
    ) -> impl Iterator<Item = (usize, &'static Step)> + Send {
        let steps = definition.steps.iter().enumerate().rev();
        steps.filter(move |(index, step)| self.is_due(*index, step))
    }

    fn is_due(self, index: usize, step: &Step) -> bool {
        step.compensation.is_some()
            && match self.due {
                Due::Nothing => false,
                Due::Completed => index < self.failed,
                Due::CompletedAndInDoubt => index <= self.failed,
            }
    }

    /// The cause in recorded form, if any compensation that is due asks for its context.
    fn cause(self, definition: &'static Definition, error: &impl StepError) -> Option<Arc<Cause>> {
        let asked_for = |(_, step): (usize, &Step)| {
            let compensation = step.compensation.as_ref();
            compensation.is_some_and(Compensation::takes_context)
        };
        let wanted = self.due(definition).any(asked_for);
        wanted.then(|| Arc::new(Cause::new(error.step().name, error.text())))
    }

    /// What became of every step, in order of the definition.
    pub(crate) fn records<'a>(
        self,
        definition: &'static Definition,
        compensation_failures: &'a [CompensationFailure],
    ) -> impl Iterator<Item = StepRecord> + 'a {
        let steps = definition.steps.iter().enumerate();
        steps.map(move |(index, step)| StepRecord {
            step,
            outcome: match index.cmp(&self.failed) {
                Ordering::Less => Outcome::Completed,
                Ordering::Equal if self.in_doubt => Outcome::InDoubt,
                Ordering::Equal => Outcome::Failed,
                Ordering::Greater => Outcome::NotRun,
            },
            undo: if !self.is_due(index, step) {
                Undo::NotDue
            } else if compensation_failures.iter().any(|f| f.is_of(step)) {
                Undo::GaveUp
            } else {
                Undo::Done
            },
        })
    }
}
