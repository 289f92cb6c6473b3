//! The roll-back of a saga and its outcome.

use std::sync::Arc;

use crate::definition::{Definition, Step};
use crate::executor::Faults;
use crate::outcome::{CompensationFailure, ErrorText, Failure, GaveUp, Stop};
use crate::run::Cause;

/// The steps of a saga that are undone, the cause, and the compensations that gave up.
///
/// A generated machine visits its steps in reverse order, asks for each step with a compensation whether it is due, and
/// records the outcome.
#[derive(Debug)]
pub struct Rollback {
    // The steps before this position are due.
    due: usize,
    // So are the completed members of the parallel group that ends before this position,
    end: usize,
    // and these steps, which are in doubt.
    in_doubt: Vec<usize>,
    cause: Option<Arc<Cause>>,
    failures: Vec<CompensationFailure>,
}

impl Rollback {
    pub(crate) const fn new(
        due: usize,
        end: usize,
        in_doubt: Vec<usize>,
        cause: Option<Arc<Cause>>,
    ) -> Self {
        Self {
            due,
            end,
            in_doubt,
            cause,
            failures: Vec::new(),
        }
    }

    /// The roll-back of all steps, for a run that has completed.
    pub(crate) const fn whole(definition: &Definition, cause: Option<Arc<Cause>>) -> Self {
        let all = definition.steps.len();
        Self::new(all, all, Vec::new(), cause)
    }

    /// Records that the compensation of a step gave up.
    pub(crate) fn gave_up(&mut self, step: &'static Step, gave_up: GaveUp<ErrorText>) {
        self.failures.push(CompensationFailure::new(step, gave_up));
    }

    /// Whether the step at this position, counted from 0, must be undone.
    #[must_use]
    #[inline]
    pub const fn is_due(&self, step: usize) -> bool {
        step < self.due
    }

    /// The same for a member of a parallel group, or a step with a condition, which may not have completed although the
    /// saga got past its position. `is_there` says whether it has an output.
    #[must_use]
    pub fn is_member_due(&self, step: usize, is_there: bool) -> bool {
        let completed = is_there && (self.is_due(step) || step < self.end);
        completed || self.in_doubt.contains(&step)
    }

    /// The cause of the roll-back, if any compensation takes it.
    #[must_use]
    pub const fn cause(&self) -> Option<&Arc<Cause>> {
        self.cause.as_ref()
    }

    /// Records the outcome of the compensation of `step`. If it gave up, the others still run.
    ///
    /// # Errors
    ///
    /// If the run must stop where it is.
    #[inline]
    pub fn note<E, H>(
        &mut self,
        step: &'static Step,
        undone: Result<(), Stop<Failure<E>, H>>,
        faults: fn() -> Faults<E>,
    ) -> Result<(), H> {
        match undone {
            Ok(()) => Ok(()),
            Err(stop) => self.note_stop(step, stop, faults),
        }
    }

    #[cold]
    fn note_stop<E, H>(
        &mut self,
        step: &'static Step,
        stop: Stop<Failure<E>, H>,
        faults: fn() -> Faults<E>,
    ) -> Result<(), H> {
        let gave_up = match stop.map(|failure| failure.into_text(faults().view)) {
            Stop::GaveUp(gave_up) | Stop::Cancelled(_, Some(gave_up)) => gave_up,
            // From an executor that does not know that compensations are not cancelled.
            Stop::Cancelled(why, None) => GaveUp::new(ErrorText::new(why.to_string()), 0, false),
            Stop::Halted(halt) => return Err(halt),
        };
        self.gave_up(step, gave_up);
        Ok(())
    }

    pub(crate) fn failures(&self) -> &[CompensationFailure] {
        &self.failures
    }
}
