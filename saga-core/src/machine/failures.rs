//! The failures that keep a run from completing.

use core::fmt;

use crate::machine::StepError;
use crate::outcome::{GaveUp, Stop};

/// Why a run goes no further, in order of time: the steps that gave up, and that the run was ended from outside.
///
/// A generated machine fills it in. There are several failures if members of a parallel group gave up, or if the run
/// was ended from outside, and that prevented another attempt of one that failed: then the end from outside is the first,
/// and the attempt is one of the others. [`SagaError`](crate::SagaError) returns the first as its [`error`](crate::SagaError::error), and
/// the others as [`also_failed`](crate::SagaError::also_failed).
pub struct Failures<E> {
    first: Option<First<E>>,
    others: Vec<GaveUp<E>>,
}

struct First<E> {
    gave_up: GaveUp<E>,
    at: usize,
}

impl<E> Failures<E> {
    pub(crate) const fn new() -> Self {
        Self {
            first: None,
            others: Vec::new(),
        }
    }

    /// Whether there is no failure.
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The first failure, the position of the step at which it occurred, and the other failures in order of time.
    #[inline]
    pub(crate) fn into_parts(self) -> Option<(GaveUp<E>, usize, Vec<GaveUp<E>>)> {
        let First { gave_up, at } = self.first?;
        Some((gave_up, at, self.others))
    }
}

impl<E: StepError> Failures<E> {
    /// Records why the step at this position, counted from 0, has no output. `variant` is the step's variant of the
    /// error enum.
    ///
    /// # Errors
    ///
    /// If the run must stop where it is.
    #[cold]
    pub fn note<F, H>(
        &mut self,
        step: usize,
        stop: Stop<F, H>,
        variant: impl FnOnce(F) -> E,
    ) -> Result<(), H> {
        let gave_up = match stop {
            Stop::GaveUp(gave_up) => Some(gave_up),
            Stop::Cancelled(why, gave_up) => {
                if self.first.is_none() {
                    self.put(step, GaveUp::new(E::cancelled(why), 0, false));
                }
                gave_up
            }
            Stop::Halted(halt) => return Err(halt),
        };
        if let Some(gave_up) = gave_up {
            self.put(step, gave_up.map(variant));
        }
        Ok(())
    }

    fn put(&mut self, at: usize, gave_up: GaveUp<E>) {
        match &self.first {
            None => self.first = Some(First { gave_up, at }),
            Some(_) => self.others.push(gave_up),
        }
    }
}

impl<E> fmt::Debug for Failures<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = usize::from(self.first.is_some()) + self.others.len();
        f.debug_struct("Failures")
            .field("count", &count)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_says_how_many_there_are_and_nothing_of_the_errors() {
        let gave_up = |error| GaveUp::new(error, 1, false);
        let mut failures = Failures::new();
        assert_eq!(format!("{failures:?}"), "Failures { count: 0, .. }");
        failures.first = Some(First {
            gave_up: gave_up("no money"),
            at: 0,
        });
        failures.others = vec![gave_up("no boat"), gave_up("no wind")];
        assert_eq!(format!("{failures:?}"), "Failures { count: 3, .. }");
    }
}
