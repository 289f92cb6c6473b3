//! A saga whose steps an executor can run.

use crate::executor::Executor;
use crate::machine::{Failures, Rollback, Saga};
/// A saga whose steps the executor `X` can run.
///
/// The driver calls [`advance`](Self::advance) once and, if a step gives up, [`rewind`](Self::rewind) once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a saga that `{X}` can run",
    label = "not a saga for it",
    note = "a saga is the type that `#[saga]` generates beside a service: for `impl {Self}` write `{Self}Saga`"
)]
pub trait Machine<X: Executor>: Saga {
    /// Runs the steps in order, those of a parallel group at the same time, and puts each output into its slot, until a
    /// step gives up. Its failure is recorded in `failures`.
    ///
    /// # Errors
    ///
    /// If the run must stop.
    fn advance<'a>(
        service: &'a Self::Service,
        slots: &'a mut Self::Slots,
        failures: &'a mut Failures<Self::Error>,
        executor: &'a X,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send;

    /// Undoes the steps that are due, last first: each with its output if there is one, otherwise as in doubt.
    ///
    /// # Errors
    ///
    /// If the run must stop. A compensation that gave up is recorded in `rollback`.
    fn rewind<'a>(
        service: &'a Self::Service,
        slots: &'a mut Self::Slots,
        rollback: &'a mut Rollback,
        executor: &'a X,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send;
}
