//! What the hand-written contestants have in common: how they report a failure.

use core::any::Any;

use crate::steps::{Refused, Value};

/// Why a call has no output.
#[derive(Debug)]
pub enum Fault {
    /// It returned its error.
    Returned(Refused),
    /// It panicked, with this.
    Panicked(Box<dyn Any + Send>),
}

/// The result of a call in which panics are caught.
#[inline]
pub(crate) fn settled<T>(
    caught: Result<Result<T, Refused>, Box<dyn Any + Send>>,
) -> Result<T, Fault> {
    match caught {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(refused)) => Err(Fault::Returned(refused)),
        Err(panic) => Err(Fault::Panicked(panic)),
    }
}

/// A run that did not complete, with all that the author of such code would want to know.
#[derive(Debug)]
pub struct Failed<F> {
    /// The position of the step that failed.
    pub step: usize,
    /// Why.
    pub fault: F,
    /// The faults of the compensations. Usually empty, and then it does not allocate.
    pub not_undone: Vec<F>,
}

impl<F> Failed<F> {
    /// The end as [`Contestant::number_or_step`](super::Contestant::number_or_step) returns it.
    ///
    /// # Panics
    ///
    /// If a compensation failed. None does here.
    pub(crate) fn number_or_step<V: Value>(ended: Result<V, Self>) -> Result<u64, usize> {
        match ended {
            Ok(output) => Ok(output.number()),
            Err(failed) => {
                assert!(failed.not_undone.is_empty(), "a compensation failed");
                Err(failed.step)
            }
        }
    }
}
