//! Decides which steps are undone when a run goes no further, and whether an operator must act.
//!
//! Decided here and nowhere else, from the definition and the failures, before anything is undone. Nothing here runs
//! anything. A compensation that gives up makes the saga stuck as well, which `details` adds once they have run.

use core::ops::Range;
use std::sync::Arc;

use crate::definition::{Compensation, Definition, Kind, Step};
use crate::machine::{Rollback, StepError};
use crate::outcome::{CompensationFailure, GaveUp, Outcome, StepRecord, Undo};
use crate::run::Cause;

/// What is done about a run that goes no further.
///
/// The outcome of each step follows from this, from which steps have outputs, and from which compensations gave up. It
/// is computed on demand, and nothing is stored for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether the run had passed the pivot, so that it could only go forward.
    pub(crate) past_the_pivot: bool,
    /// Whether anything is undone.
    undone: bool,
    /// Whether an operator must act, whatever the outcome of the compensations.
    pub(crate) stuck: bool,
}

/// The consequence of a step in doubt, for itself and the steps before it.
enum Consequence {
    /// The steps before it are undone.
    Undo,
    /// The steps before it are undone, and so is the step, without an output.
    UndoInDoubt,
    /// The steps before it are undone, and an operator must act.
    UndoAndStuck,
    /// Nothing is undone, and an operator must act.
    Stuck,
}

fn consequence(step: &Step) -> Consequence {
    match step.kind {
        _ if step.is_undone_in_doubt() => Consequence::UndoInDoubt,
        Kind::Compensatable => Consequence::UndoAndStuck,
        Kind::ReadOnly | Kind::NoCompensation { .. } => Consequence::Undo,
        Kind::Pivot | Kind::Last | Kind::Retriable => Consequence::Stuck,
    }
}

impl Verdict {
    /// The verdict on a run that stopped at the step at this position, and the roll-back: with the cause as text if any
    /// compensation that is due takes its context.
    pub(crate) fn of<E: StepError>(
        definition: &'static Definition,
        at: usize,
        first: &GaveUp<E>,
        others: &[GaveUp<E>],
    ) -> (Self, Rollback) {
        let stage = definition.stage(at);
        let past_the_pivot = definition.pivot().is_some_and(|pivot| stage.start > pivot);
        let mut verdict = Self {
            past_the_pivot,
            undone: !past_the_pivot,
            stuck: past_the_pivot,
        };
        let mut in_doubt = Vec::new();
        // A failure without doubt has no consequence but that the steps before it are undone.
        let doubtful = core::iter::once(first).chain(others);
        for gave_up in doubtful.filter(|gave_up| gave_up.in_doubt && !past_the_pivot) {
            // The error knows its position. The saga knows its compensation.
            let at = gave_up.failure.step().map(|step| step.index);
            let Some(step) = at.and_then(|at| definition.steps.get(at)) else {
                continue;
            };
            match consequence(step) {
                Consequence::Undo => {}
                Consequence::UndoInDoubt => in_doubt.push(step.index),
                Consequence::UndoAndStuck => verdict.stuck = true,
                Consequence::Stuck => (verdict.undone, verdict.stuck) = (false, true),
            }
        }
        let rollback = verdict.rollback(definition, stage, in_doubt, &first.failure);
        (verdict, rollback)
    }

    /// The verdict on a run that completed, and was undone as a whole or not at all.
    pub(crate) const fn whole(undone: bool) -> Self {
        Self {
            past_the_pivot: false,
            undone,
            stuck: false,
        }
    }

    /// The roll-back of a run that stopped in this stage, which is the positions of the steps that ran at that time.
    fn rollback(
        &self,
        definition: &'static Definition,
        Range { start, end }: Range<usize>,
        in_doubt: Vec<usize>,
        error: &impl StepError,
    ) -> Rollback {
        if !self.undone {
            return Rollback::new(0, 0, Vec::new(), None);
        }
        let needs_cause = |step: &Step| {
            let compensation = step.compensation.as_ref();
            compensation.is_some_and(Compensation::takes_context)
                || step.nested.is_some_and(Definition::needs_cause)
        };
        let mut due = definition.steps.iter().take(end);
        let wanted = definition.needs_cause() && due.any(needs_cause);
        let cause = wanted.then(|| Arc::new(Cause::of(error)));
        // A step in doubt that is alone in its stage is due by its position.
        let alone = end - start == 1 && !in_doubt.is_empty();
        let due = if alone { end } else { start };
        Rollback::new(due, end, in_doubt, cause)
    }

    /// The outcome of each step, in order of the definition. `gave_up` returns whether a step is in doubt, if it gave
    /// up; `reached` returns the outcome of another step according to the slots.
    pub(crate) fn records<'a>(
        &'a self,
        definition: &'static Definition,
        gave_up: impl Fn(&'static Step) -> Option<bool> + 'a,
        reached: impl Fn(usize) -> Outcome + 'a,
        compensation_failures: &'a [CompensationFailure],
    ) -> impl Iterator<Item = StepRecord> + 'a {
        let steps = definition.steps.iter().enumerate();
        steps.map(move |(index, step)| {
            let outcome = match gave_up(step) {
                Some(true) => Outcome::InDoubt,
                Some(false) => Outcome::Failed,
                None => reached(index),
            };
            let due = self.undone
                && match outcome {
                    // The pivot is undone only in doubt: with an output it has completed.
                    Outcome::Completed => step.is_undone(),
                    Outcome::InDoubt => step.is_undone_in_doubt(),
                    Outcome::NotRun | Outcome::Failed | Outcome::Skipped => false,
                };
            let undo = if !due {
                Undo::NotDue
            } else if compensation_failures.iter().any(|f| f.is_of(step)) {
                Undo::GaveUp
            } else {
                Undo::Done
            };
            StepRecord {
                step,
                outcome,
                undo,
            }
        })
    }
}
