//! The seam between a saga and how its attempts are run and recorded.
//!
//! A generated machine calls [`Execute::execute`] once for each step and each compensation, and does not know what the
//! executor does. [`InMemory`](crate::InMemory) runs the attempts and records nothing. An executor with a journal
//! returns the recorded outcome, or runs the attempts and records the outcome. Nothing in this room needs serde: an
//! executor that needs it says so in the bounds of its own implementation.

mod faults;
mod injected;

use core::future::Future;

pub use self::faults::Faults;
pub use self::injected::Injected;
use crate::definition::{Definition, Source};
use crate::outcome::Failure;
pub use crate::outcome::{Doubt, ErrorView, GaveUp, JsonForm, Prevention, Stop, Value};
use crate::run::StepContext;
pub use crate::run::{Call, Run, Siblings};

/// Runs the calls of one run of a saga.
pub trait Executor: Send + Sync {
    /// Why a run can stop where it is, with nothing decided and nothing undone: for example, because the journal cannot
    /// be written or the process is shutting down. `Infallible` for an executor that never halts a run.
    type Halt: Send;

    /// The run that it executes.
    fn run(&self) -> &Run;

    /// Returns the executor for a nested saga, whose run is `run`. What it runs is part of what this one runs.
    #[must_use]
    fn nested(&self, run: Run) -> Self
    where
        Self: Sized;

    /// Moves the run out. The executor is not used afterwards, so one that owns its run need not clone it.
    #[must_use]
    fn take_run(&mut self) -> Run {
        self.run().clone()
    }

    /// Called when a step has halted the run, with the values of the run.
    #[doc(hidden)]
    fn halted<'v>(&self, saga: &'static Definition, values: &dyn Fn(Source) -> Value<'v>) {
        let _ = (saga, values);
    }
}

/// Runs the attempts of step `STEP`, whose output is a `T`; `Execute<0, ()>` runs those of every compensation.
///
/// There is never a bound on the error of a step: executors classify and view errors by [`Faults`]. Nor need an
/// implementation ask that `T` is `Send`: `execute` does. `STEP` distinguishes two steps whose outputs differ only in a
/// lifetime.
#[diagnostic::on_unimplemented(
    message = "the output `{T}` of a step cannot be carried by `{Self}`",
    label = "this executor cannot remember a `{T}`"
)]
pub trait Execute<const STEP: usize, T>: Executor {
    /// Determines the outcome of `call`, from a record or by running `attempt` until it completes or gives up, and puts
    /// the output into `slot`.
    ///
    /// The output goes straight into its slot because it may be large: if it were returned, it would be copied from
    /// future to future.
    ///
    /// `call` is a [`Call`], or a zero-sized type that converts into one: the constant parts of a call then take no
    /// space in the future of the run. `faults` returns how the errors are classified and viewed; it is only called
    /// when an attempt fails.
    ///
    /// # Errors
    ///
    /// `slot` is unchanged after an error. [`Stop::GaveUp`] if no other attempt is made, [`Stop::Cancelled`] if that is
    /// because the run was ended from outside, [`Stop::Halted`] if the run must stop where it is.
    ///
    /// # Groups
    ///
    /// The members of a parallel group run at the same time, each by a call of its own. The first one that returns an
    /// error is the primary failure: an executor that returns recorded outcomes must return them in the order in which
    /// it recorded them.
    ///
    /// # Cancellation
    ///
    /// Dropping the future drops the attempt in flight at its last `await`, without notice to anyone. What it has done
    /// so far stays done.
    fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        attempt: F,
        slot: &'slot mut Option<T>,
    ) -> impl Future<Output = Result<(), Stop<Failure<E>, Self::Halt>>> + Send
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send,
        E: Send;
}

/// An executor for steps that run sagas whose input is an `I`.
///
/// Such a step is not one call: the calls of the nested saga are executed and recorded. An executor that records must
/// also know when the step begins and how it ends, and record both; otherwise it could not distinguish a step that
/// never began from one whose saga completed. An executor that records nothing implements [`RecordsNothing`] instead.
pub trait ExecuteNested<I>: Executor {
    /// Called before the attempts of the step.
    ///
    /// # Errors
    ///
    /// If the step makes no attempt: a record says that it ended without one, the run was ended from outside, or the
    /// run must stop where it is.
    fn start_nested<'a, E: Send>(
        &'a self,
        call: Call<'a>,
    ) -> impl Future<Output = Result<(), Stop<Failure<E>, Self::Halt>>> + Send;

    /// Begins an attempt. Returns its run and its input, which `input` makes unless it is recorded. A panic in `input`
    /// leaves no doubt, because nothing has taken effect.
    ///
    /// # Errors
    ///
    /// If the run must stop where it is.
    fn begin_nested<'a, F>(
        &'a self,
        begin: Begin<'a>,
        input: F,
    ) -> impl Future<Output = Result<(Run, I), Self::Halt>> + Send
    where
        F: FnOnce() -> I + Send;

    /// Called when the step has ended: it completed, was skipped because its condition returned `false`, or stopped
    /// with an error, which `view` views. A [halt](Stop::Halted) of its run does not end the step; but members of a
    /// group that wait for the turn of this step need not wait any longer.
    fn end_nested<'a, E>(
        &'a self,
        call: Call<'a>,
        ended: Result<Completed, &Stop<Failure<E>, Self::Halt>>,
        view: for<'e> fn(&'e E) -> ErrorView<'e>,
    ) -> impl Future<Output = ()> + Send;
}

/// An executor that records nothing, and so has nothing to do where a step runs a saga: this makes it an
/// [`ExecuteNested`].
///
/// Not for a decorator. That forwards the three methods of [`ExecuteNested`] to the executor that it is around, which
/// may record: what it does not hear of, it executes again in a later life.
pub trait RecordsNothing: Executor {}

impl<I: Send, X: RecordsNothing> ExecuteNested<I> for X {
    async fn start_nested<'a, E: Send>(
        &'a self,
        _: Call<'a>,
    ) -> Result<(), Stop<Failure<E>, X::Halt>> {
        Ok(())
    }

    async fn begin_nested<'a, F>(&'a self, begin: Begin<'a>, input: F) -> Result<(Run, I), X::Halt>
    where
        F: FnOnce() -> I + Send,
    {
        Ok((begin.run.nested(begin.call, begin.attempt), input()))
    }

    fn end_nested<'a, E>(
        &'a self,
        _: Call<'a>,
        _: Result<Completed, &Stop<Failure<E>, X::Halt>>,
        _: for<'e> fn(&'e E) -> ErrorView<'e>,
    ) -> impl Future<Output = ()> + Send {
        core::future::ready(())
    }
}

/// How a step that runs a saga completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completed {
    /// The nested saga ran and completed.
    Ran,
    /// The condition of the step returned `false`.
    Skipped,
}

/// The attempt that begins. Its context is only made for a method that takes it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Begin<'a> {
    /// The run.
    pub run: &'a Run,
    /// The call that is run.
    pub call: Call<'a>,
    /// The number of the attempt, counted from 1.
    pub attempt: u32,
}

impl Begin<'_> {
    /// The context of this attempt.
    #[must_use]
    pub fn context(&self) -> StepContext {
        StepContext::of(self.run, self.call, self.attempt)
    }
}
