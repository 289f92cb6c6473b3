//! Which steps are undone when one gives up, and whether the saga needs a person.
//!
//! Decided here and nowhere else, from the definition alone. Nothing here runs anything.

use core::cmp::Ordering;
use std::sync::Arc;

use crate::context::Cause;
use crate::definition::{Compensation, Definition, Kind, Step};
use crate::record::{CompensationFailure, Outcome, StepRecord, Undo};
use crate::rollback::Rollback;
use crate::saga::StepError;

/// What is to be done about a saga one step of which gave up.
///
/// What became of every step follows from this, and from which compensations gave up: so it is
/// worked out when it is asked for, and nothing is kept for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The position of the step that gave up.
    failed: usize,
    in_doubt: bool,
    // The steps before this position are undone.
    due: usize,
    /// Whether the saga needs a person, however the compensations go.
    pub(crate) stuck: bool,
}

impl Verdict {
    pub(crate) fn of(definition: &'static Definition, step: &'static Step, in_doubt: bool) -> Self {
        let failed = definition.index_of(step).unwrap_or(definition.steps.len());
        let past_the_pivot = definition.pivot().is_some_and(|pivot| failed > pivot);
        let takes_attempt = || {
            let compensation = step.compensation.as_ref();
            compensation.is_some_and(Compensation::takes_attempt)
        };
        let (due, stuck) = match step.kind {
            _ if past_the_pivot => (0, true),
            _ if !in_doubt => (failed, false),
            _ if takes_attempt() => (failed + 1, false),
            Kind::Compensatable => (failed, true),
            Kind::ReadOnly | Kind::NoCompensation { .. } => (failed, false),
            Kind::Pivot | Kind::Last | Kind::Retriable => (0, true),
        };
        Self {
            failed,
            in_doubt,
            due,
            stuck,
        }
    }

    /// What is to be undone; with the cause in recorded form if any compensation that is due asks for
    /// its context.
    pub(crate) fn rollback(
        self,
        definition: &'static Definition,
        error: &impl StepError,
    ) -> Rollback {
        let asks_for_cause = |step: &Step| {
            let compensation = step.compensation.as_ref();
            compensation.is_some_and(Compensation::takes_context)
        };
        let mut due = definition.steps.iter().take(self.due);
        let wanted = definition.asks_for_cause() && due.any(asks_for_cause);
        let cause = wanted.then(|| Arc::new(Cause::new(error.step().name, error.text())));
        Rollback::new(self.due, cause)
    }

    fn is_due(self, index: usize, step: &Step) -> bool {
        step.compensation.is_some() && index < self.due
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
