//! What a generated machine calls for each of its steps and compensations.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use pin_project_lite::pin_project;

use crate::definition::Step;
use crate::drive::SagaError;
use crate::drive::nested::{Nests, Ran, Slot, SplitOutput, Unfinished, run_step, undo};
use crate::executor::{Begin, Execute, Faults};
use crate::machine::{Failures, Rollback, Saga};
use crate::outcome::{Failure, JsonForm, Stop};
use crate::run::{Call, Cause, Siblings};
use crate::util::map::map;

/// The step of the saga `S` at this position.
///
/// A zero-sized type that converts into a call: the constant parts of a call are known at compile time, and take no
/// space in the future of the run.
pub struct StepOf<S, const STEP: usize>(PhantomData<fn() -> S>);

impl<S, const STEP: usize> Clone for StepOf<S, STEP> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, const STEP: usize> Copy for StepOf<S, STEP> {}

impl<S: Saga, const STEP: usize> From<StepOf<S, STEP>> for Call<'_> {
    #[inline]
    fn from(_: StepOf<S, STEP>) -> Self {
        Self::step(S::DEFINITION, StepOf::<S, STEP>::of_definition())
    }
}

/// A member of a parallel group.
#[derive(Clone, Copy)]
struct MemberOf<'a, A>(A, Option<&'a Siblings>);

impl<'a, A: Into<Self>> From<MemberOf<'a, A>> for Call<'a> {
    #[inline]
    fn from(member: MemberOf<'a, A>) -> Self {
        member.0.into().among(member.1)
    }
}

/// The compensation of a step.
#[derive(Clone, Copy)]
struct UndoOf<'a, A>(A, Option<&'a Arc<Cause>>);

impl<'a, S: Saga, const STEP: usize> From<UndoOf<'a, StepOf<S, STEP>>> for Call<'a> {
    #[inline]
    fn from(undo: UndoOf<'a, StepOf<S, STEP>>) -> Self {
        Self::compensation(S::DEFINITION, StepOf::<S, STEP>::of_definition(), undo.1)
    }
}

impl<S: Saga, const STEP: usize> StepOf<S, STEP> {
    /// Runs the step by a run of the saga `N`. Returns `false` if it gave up, which is recorded.
    ///
    /// The executor runs the steps of that saga. For the step itself it is only notified of the begin and the end.
    ///
    /// # Errors
    ///
    /// If the run must stop where it is.
    pub fn nested<'a, X, N, T, F, Fut, Q, V>(
        executor: &'a X,
        faults: Q,
        attempt: F,
        slot: (&'a mut Option<T::Output>, &'a mut Option<Ran<N>>),
        failures: &'a mut Failures<S::Error>,
        variant: V,
    ) -> impl Future<Output = Result<bool, X::Halt>> + Send
    where
        X: Nests<N>,
        N: Saga,
        T: SplitOutput<N> + Send,
        T::Output: Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, Unfinished<N, X::Halt>>> + Send,
        Q: Fn() -> Faults<Unfinished<N, X::Halt>> + Copy + Send,
        V: Fn(Failure<SagaError<N>>) -> S::Error + Send,
    {
        let call = Self(PhantomData);
        let outcome = run_step(executor, call, faults, attempt, slot);
        noted(outcome, failures, move |failures, stop| {
            failures.note(STEP, stop, &variant)
        })
    }

    /// The same as a member of a parallel group.
    pub fn nested_member<'a, X, N, T, F, Fut, Q, V>(
        executor: &'a X,
        faults: Q,
        attempt: F,
        slot: (&'a mut Option<T::Output>, &'a mut Option<Ran<N>>),
        siblings: Option<&'a Siblings>,
        variant: V,
    ) -> impl Future<Output = Result<(), Stop<S::Error, X::Halt>>> + Send
    where
        X: Nests<N>,
        N: Saga,
        T: SplitOutput<N> + Send,
        T::Output: Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, Unfinished<N, X::Halt>>> + Send,
        Q: Fn() -> Faults<Unfinished<N, X::Halt>> + Copy + Send,
        V: Fn(Failure<SagaError<N>>) -> S::Error + Send,
    {
        let call = MemberOf(Self(PhantomData), siblings);
        let outcome = run_step(executor, call, faults, attempt, slot);
        map(outcome, move |outcome| {
            outcome.map_err(|stop| stop.map(&variant))
        })
    }

    /// Undoes the nested run of the saga `N`.
    ///
    /// # Errors
    ///
    /// If the run must stop where it is.
    pub fn undo_nested<'a, X, N>(
        executor: &'a X,
        slot: &'a mut (dyn Slot<N::Output> + Send + 'a),
        ran: &'a mut Option<Ran<N>>,
        rollback: &'a mut Rollback,
        service: impl FnOnce() -> &'a N::Service + Send + 'a,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send
    where
        X: Nests<N>,
        N: Saga,
        N::Service: 'a,
        N::Output: Send,
    {
        let call = Call::compensation(S::DEFINITION, Self::of_definition(), None);
        undo(executor, call, slot, ran, rollback, service)
    }

    #[expect(clippy::indexing_slicing, reason = "the macro counts the steps")]
    fn of_definition() -> &'static Step {
        &S::DEFINITION.steps[STEP]
    }

    /// Runs the step. Returns `false` if it gave up, which is recorded.
    ///
    /// # Errors
    ///
    /// If the run must stop where it is.
    #[inline]
    pub fn run_on_any_thread<'a, X, T, E, F, Fut, Q, V>(
        executor: &'a X,
        faults: Q,
        attempt: F,
        slot: &'a mut Option<T>,
        failures: &'a mut Failures<S::Error>,
        variant: V,
    ) -> impl Future<Output = Result<bool, X::Halt>> + Send
    where
        X: Execute<STEP, T>,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send,
        E: Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        V: Fn(Failure<E>) -> S::Error + Send,
    {
        let outcome = executor.execute(Self(PhantomData), faults, attempt, slot);
        noted(outcome, failures, move |failures, stop| {
            failures.note(STEP, stop, &variant)
        })
    }

    /// Runs the step as a member of a parallel group.
    #[inline]
    pub fn run_member_on_any_thread<'a, X, T, E, F, Fut, Q, V>(
        executor: &'a X,
        faults: Q,
        attempt: F,
        slot: &'a mut Option<T>,
        siblings: Option<&'a Siblings>,
        variant: V,
    ) -> impl Future<Output = Result<(), Stop<S::Error, X::Halt>>> + Send
    where
        X: Execute<STEP, T>,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send,
        E: Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        V: Fn(Failure<E>) -> S::Error + Send,
    {
        let call = MemberOf(Self(PhantomData), siblings);
        let outcome = executor.execute(call, faults, attempt, slot);
        map(outcome, move |outcome| {
            outcome.map_err(|stop| stop.map(&variant))
        })
    }

    /// Records the outcome of its compensation. If it gave up, the others still run.
    ///
    /// # Errors
    ///
    /// If the run must stop where it is.
    #[inline]
    pub fn note<E, H>(
        rollback: &mut Rollback,
        undone: Result<(), Stop<Failure<E>, H>>,
        faults: fn() -> Faults<E>,
    ) -> Result<(), H> {
        rollback.note(Self::of_definition(), undone, faults)
    }

    /// Runs its compensation.
    #[inline]
    pub fn undo_on_any_thread<'a, X, E, F, Fut, Q>(
        executor: &'a X,
        cause: Option<&'a Arc<Cause>>,
        faults: Q,
        attempt: F,
        slot: &'a mut Option<()>,
    ) -> impl Future<Output = Result<(), Stop<Failure<E>, X::Halt>>> + Send
    where
        X: Execute<0, ()>,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<(), E>> + Send,
        E: Send,
        Q: Fn() -> Faults<E> + Copy + Send,
    {
        let call = UndoOf(Self(PhantomData), cause);
        // A report contains only the text of the error, so the error itself is not recorded.
        let faults = move || Faults {
            journal: JsonForm::none(),
            ..faults()
        };
        executor.execute(call, faults, attempt, slot)
    }
}

fn noted<Fut, F, H, S, N>(outcome: Fut, failures: &mut Failures<S>, note: N) -> Noted<'_, Fut, S, N>
where
    Fut: Future<Output = Result<(), Stop<F, H>>>,
    N: Fn(&mut Failures<S>, Stop<F, H>) -> Result<(), H>,
{
    Noted {
        outcome,
        failures,
        note,
    }
}

pin_project! {
    /// A step that records its own failure. If the failure were returned, a large value would be copied even where
    /// there is no failure.
    struct Noted<'a, Fut, S, N> {
        #[pin]
        outcome: Fut,
        failures: &'a mut Failures<S>,
        note: N,
    }
}

impl<Fut, F, H, S, N> Future for Noted<'_, Fut, S, N>
where
    Fut: Future<Output = Result<(), Stop<F, H>>>,
    N: Fn(&mut Failures<S>, Stop<F, H>) -> Result<(), H>,
{
    type Output = Result<bool, H>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.outcome.poll(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(true)),
            Poll::Ready(Err(stop)) => Poll::Ready((this.note)(this.failures, stop).map(|()| false)),
            Poll::Pending => Poll::Pending,
        }
    }
}
