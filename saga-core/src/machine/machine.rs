//! A saga whose steps an executor can run.

use crate::executor::Executor;
use crate::machine::{Failures, Rollback, Saga};
/// A saga whose steps the executor `X` can carry out.
///
/// The driver calls [`advance`](Self::advance) once, and when a step gives up
/// [`rewind`](Self::rewind), once.
#[diagnostic::on_unimplemented(
    message = "the saga `{Self}` cannot be run by `{X}`",
    label = "this saga needs another executor, or other types"
)]
pub trait Machine<X: Executor>: Saga {
    /// Carries out the steps in order, each output into its slot, and those of a parallel group at the
    /// same time, until one gives up: that is recorded in `failures`.
    ///
    /// # Errors
    ///
    /// When the run has to stop.
    fn advance<'a>(
        service: &'a Self::Service,
        slots: &'a mut Self::Slots,
        failures: &'a mut Failures<Self::Error>,
        executor: &'a X,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send;

    /// Undoes the steps that are due, last first: each with its output where it has one, else as in
    /// doubt.
    ///
    /// # Errors
    ///
    /// When the run has to stop. A compensation that gave up is noted in `rollback`.
    fn rewind<'a>(
        service: &'a Self::Service,
        slots: &'a mut Self::Slots,
        rollback: &'a mut Rollback,
        executor: &'a X,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send;
}
