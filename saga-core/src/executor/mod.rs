//! The seam between a saga and how its attempts are carried out and remembered.
//!
//! A generated machine calls [`Execute::execute`] once for each step and each compensation, and
//! knows nothing of what happens there. [`InMemory`](crate::InMemory) runs the attempts and
//! forgets; an executor with a journal answers with what is recorded, or runs the attempts and
//! records the outcome. Nothing here needs serde: an executor that does says so in the bounds of
//! its own implementation.

mod injected;
mod json_form;

use core::future::Future;
use std::sync::Arc;

use crate::definition::Policy;
#[cfg(feature = "testing")]
use crate::definition::Source;
use crate::definition::{Definition, Phase, Step};
use crate::machine::Siblings;
use crate::machine::StepError;
#[cfg(feature = "testing")]
use crate::machine::Value;
use crate::outcome::Cancellation;
use crate::outcome::{ErrorView, Failure};
use crate::run::Run;
use crate::run::{Cause, StepContext};

#[cfg(feature = "testing")]
pub(crate) use self::injected::AnyError;
pub use self::injected::Injected;
pub use self::json_form::JsonForm;

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

    /// Its steps have run, or one of them stopped it, with these values: for a fault matrix.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    fn reached<'v>(&self, saga: &'static Definition, values: &dyn Fn(Source) -> Value<'v>) {
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
    fn execute<'a, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        attempt: F,
        slot: &'a mut Option<T>,
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

/// What is to be carried out: a step or its compensation.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The saga.
    pub definition: &'static Definition,
    /// The step.
    pub step: &'static Step,
    /// The step itself, or its compensation because of this.
    pub cause: Option<&'a Arc<Cause>>,
    /// Whether the step is carried out or undone.
    pub phase: Phase,
    /// The other members of a parallel group, if its members are to wait for each other: not after the
    /// pivot.
    pub siblings: Option<&'a Siblings>,
}

impl<'a> Call<'a> {
    /// The step itself.
    #[must_use]
    pub const fn step(definition: &'static Definition, step: &'static Step) -> Self {
        Self {
            definition,
            step,
            cause: None,
            phase: Phase::Step,
            siblings: None,
        }
    }

    /// The same as a member of a parallel group.
    #[must_use]
    pub const fn among(self, siblings: Option<&'a Siblings>) -> Self {
        Self { siblings, ..self }
    }

    /// Its compensation, because of `cause` (which is only there if a compensation asks for it).
    #[must_use]
    pub const fn compensation(
        definition: &'static Definition,
        step: &'static Step,
        cause: Option<&'a Arc<Cause>>,
    ) -> Self {
        Self {
            definition,
            step,
            cause,
            phase: Phase::Compensation,
            siblings: None,
        }
    }

    /// Whether nothing has taken effect before this call, or the group that it is part of.
    pub(crate) fn is_first(&self) -> bool {
        self.phase == Phase::Step && self.definition.stage(0).contains(&self.step.index)
    }

    /// Whether a cancellation changes anything: not after the pivot, and not while compensating.
    #[must_use]
    pub fn can_be_cancelled(&self) -> bool {
        self.phase == Phase::Step && !self.definition.is_past_the_pivot(self.step)
    }

    /// The policy in the definition for this call.
    #[must_use]
    pub fn policy(&self) -> &'static Policy {
        match (self.phase, &self.step.compensation) {
            (Phase::Step, _) => &self.step.policy,
            (Phase::Compensation, Some(compensation)) => &compensation.policy,
            (Phase::Compensation, None) => &Policy::ONCE,
        }
    }
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
        StepContext::of(self)
    }
}

/// How the errors of one step are judged and told. Function pointers, so that no executor needs a
/// bound on `E`; and passed as a function that makes them, for a call that completes never asks.
pub struct Faults<E> {
    /// Whether another attempt is worth it.
    pub when: fn(&E) -> bool,
    /// Whether the step may have taken effect although it returned this error.
    pub in_doubt: fn(&E) -> bool,
    /// What the error says.
    pub view: for<'e> fn(&'e E) -> ErrorView<'e>,
    /// Whether a test can give one.
    pub injected: Injected<E>,
    /// How a journal keeps one, if it can: a later life of the process has it then.
    pub journal: JsonForm<E>,
}

#[cfg(feature = "durable")]
impl<E> Faults<E> {
    /// Of an error that is kept as its text, and about which nothing is asked.
    pub(crate) fn text_only(view: for<'e> fn(&'e E) -> ErrorView<'e>) -> Self {
        Self {
            when: |_| true,
            in_doubt: |_| false,
            view,
            injected: Injected::none(),
            journal: JsonForm::none(),
        }
    }
}

impl<E> Clone for Faults<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Faults<E> {}

impl<E> core::fmt::Debug for Faults<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Faults").finish_non_exhaustive()
    }
}

/// A step or compensation that makes no other attempt.
#[derive(Debug)]
#[non_exhaustive]
pub struct GaveUp<F> {
    /// How the last attempt ended.
    pub failure: F,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether any of them may have taken effect.
    pub in_doubt: bool,
}

impl<F> GaveUp<F> {
    /// After this many attempts, the last of which ended with `failure`.
    #[must_use]
    pub const fn new(failure: F, attempts: u32, in_doubt: bool) -> Self {
        Self {
            failure,
            attempts,
            in_doubt,
        }
    }

    /// The step that gave up.
    #[must_use]
    pub fn step(&self) -> Option<&'static Step>
    where
        F: StepError,
    {
        self.failure.step()
    }

    /// The same with the failure in another form.
    pub fn map<G>(self, f: impl FnOnce(F) -> G) -> GaveUp<G> {
        GaveUp::new(f(self.failure), self.attempts, self.in_doubt)
    }
}

/// Why a step or compensation has no output.
#[derive(Debug)]
pub enum Stop<F, H> {
    /// It used up its attempts, or makes no other because a sibling gave up.
    GaveUp(GaveUp<F>),
    /// It makes no other attempt because the run was cancelled, for this reason; with the failure of the
    /// last one, if there was any.
    Cancelled(Cancellation, Option<GaveUp<F>>),
    /// The run stops where it is: nothing is decided and nothing is to be undone.
    Halted(H),
}

impl<F, H> Stop<F, H> {
    /// The same with the failure in another form.
    pub fn map<G>(self, f: impl FnOnce(F) -> G) -> Stop<G, H> {
        match self {
            Self::GaveUp(gave_up) => Stop::GaveUp(gave_up.map(f)),
            Self::Cancelled(why, gave_up) => Stop::Cancelled(why, gave_up.map(|g| g.map(f))),
            Self::Halted(halt) => Stop::Halted(halt),
        }
    }
}
