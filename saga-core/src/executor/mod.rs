//! The seam between a saga and how its attempts are carried out and remembered.
//!
//! A generated machine calls [`Execute::execute`] once for each step and each compensation, and
//! knows nothing of what happens there. [`InMemory`](crate::InMemory) runs the attempts and
//! forgets; an executor with a journal answers with what is recorded, or runs the attempts and
//! records the outcome. Nothing here needs serde: an executor that does says so in the bounds of
//! its own implementation.

mod faults;
mod injected;

use core::future::Future;

pub use self::faults::Faults;
pub use self::injected::Injected;
use crate::definition::{Definition, Source};
use crate::outcome::Failure;
pub use crate::outcome::{ErrorView, GaveUp, JsonForm, Stop, Value};
use crate::run::StepContext;
pub use crate::run::{Call, Run, Siblings};

/// What carries out one run of a saga.
pub trait Executor: Send + Sync {
    /// Why a run can stop where it is, with nothing decided and nothing to be undone: the journal
    /// cannot be written, the process is shutting down. `Infallible` where that cannot happen.
    type Halt: Send;

    /// Which run this is.
    fn run(&self) -> &Run;

    /// The executor of a saga that a step of this one runs, which is `run`. What it carries out is part of
    /// what this one does.
    #[must_use]
    fn nested(&self, run: Run) -> Self
    where
        Self: Sized;

    /// Gives its run away, after which it is asked for nothing: an executor that has it for itself need not copy it.
    #[must_use]
    fn take_run(&mut self) -> Run {
        self.run().clone()
    }

    /// A step of its run has halted it, with these values.
    #[doc(hidden)]
    fn halted<'v>(&self, saga: &'static Definition, values: &dyn Fn(Source) -> Value<'v>) {
        let _ = (saga, values);
    }
}

/// Carries out the attempts of step `STEP` that give a `T`; with `Execute<0, ()>`, those of every
/// compensation.
///
/// There is no bound on the error of a step, ever: executors judge and tell errors by [`Faults`].
/// `STEP` tells apart two steps whose outputs differ only in a lifetime.
#[diagnostic::on_unimplemented(
    message = "the output `{T}` of a step cannot be carried by `{Self}`",
    label = "this executor cannot remember a `{T}`"
)]
pub trait Execute<const STEP: usize, T>: Executor {
    /// Brings about the outcome of `call`, known already or by running `attempt` until it
    /// completes or gives up, and puts the output into `slot`.
    ///
    /// The output goes straight into its slot because it may be large: returned, it would be
    /// copied from future to future.
    ///
    /// `call` is a [`Call`], or a type without a size that turns into one: what never changes of a call need
    /// not be kept in the future of every run. `faults` says how the errors are judged and told, for a
    /// call that fails.
    ///
    /// # Errors
    ///
    /// `slot` is as it was. [`Stop::GaveUp`] when no other attempt is to be made; [`Stop::Cancelled`] when
    /// that is because the run was; [`Stop::Halted`] when the run has to stop where it is.
    ///
    /// # Groups
    ///
    /// The members of a parallel group are carried out at the same time, each by a call of its own. The
    /// first that returns an error is the primary failure: an executor that answers from a record has to
    /// answer in the order in which it recorded.
    ///
    /// # Cancellation
    ///
    /// Dropping the future drops the attempt in flight where it is. Nobody is told; what it did so
    /// far stays done.
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
        E: Send;
}

/// An executor of steps that run sagas whose input is an `I`.
///
/// Such a step is not one call: what is executed and remembered are the calls of the saga that it runs. An executor
/// that remembers has to know when the step begins and how it ends besides, or it could not tell, later, a step
/// that was never begun from one whose saga completed; so it records both. One that remembers nothing has
/// nothing to do: `impl<I: Send> ExecuteNested<I> for MyExecutor {}`.
pub trait ExecuteNested<I>: Executor {
    /// Before the attempts of the step.
    ///
    /// # Errors
    ///
    /// When the step makes none: it is recorded to have ended without one, the run was ended from outside, or it
    /// has to stop where it is.
    fn start_nested<'a, E: Send>(
        &'a self,
        call: Call<'a>,
    ) -> impl Future<Output = Result<(), Stop<Failure<E>, Self::Halt>>> + Send {
        let _ = call;
        async { Ok(()) }
    }

    /// Begins an attempt: returns the run that it is, and its input, which `input` makes unless it is recorded.
    /// A panic in `input` is clean, for nothing has taken effect.
    ///
    /// # Errors
    ///
    /// When the run has to stop where it is.
    fn begin_nested<'a, F>(
        &'a self,
        begin: Begin<'a>,
        input: F,
    ) -> impl Future<Output = Result<(Run, I), Self::Halt>> + Send
    where
        F: FnOnce() -> I + Send,
    {
        async move { Ok((begin.run.nested(begin.call, begin.attempt), input())) }
    }

    /// The step has ended: completed, or skipped because its condition said no, or stopped, with an error that
    /// `view` shows. A [halt](Stop::Halted) of its run ends nothing, but who waits for the turn of this step in a group
    /// need not wait any more.
    fn end_nested<'a, E>(
        &'a self,
        call: Call<'a>,
        ended: Result<Completed, &Stop<Failure<E>, Self::Halt>>,
        view: for<'e> fn(&'e E) -> ErrorView<'e>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (call, ended, view);
        async {}
    }
}

/// How a step completed that runs a saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completed {
    /// The saga that it runs completed.
    Ran,
    /// Its condition said no.
    Skipped,
}

/// What an attempt begins with. The context is only made for a method that asks for it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Begin<'a> {
    /// Which run.
    pub run: &'a Run,
    /// What is carried out.
    pub call: Call<'a>,
    /// Which attempt this is, counted from 1.
    pub attempt: u32,
}

impl Begin<'_> {
    /// The context of this attempt.
    #[must_use]
    pub fn context(&self) -> StepContext {
        StepContext::of(self.run, self.call, self.attempt)
    }
}
