//! What a generated machine calls for each of its steps and compensations.

use core::future::Future;
use std::sync::Arc;

use crate::context::Cause;
use crate::definition::{Definition, Step};
use crate::executor::{Begin, Call, Execute, Faults, Stop};
use crate::failure::Failure;
use crate::group::Siblings;
use crate::map::map;

/// The step at this position.
pub struct At<const STEP: usize>;

impl<const STEP: usize> At<STEP> {
    #[expect(clippy::indexing_slicing, reason = "the macro counts the steps")]
    const fn of(definition: &'static Definition) -> &'static Step {
        &definition.steps[STEP]
    }

    /// Carries out the step.
    #[inline]
    pub fn step<'a, X, T, E, F, Fut>(
        executor: &'a X,
        definition: &'static Definition,
        faults: fn() -> Faults<E>,
        attempt: F,
        slot: &'a mut Option<T>,
    ) -> impl Future<Output = Result<(), Stop<Failure<E>, X::Halt>>> + Send
    where
        X: Execute<STEP, T>,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        let call = Call::step(definition, Self::of(definition));
        executor.execute(call, faults, attempt, slot)
    }

    /// Carries out the step as a member of a parallel group.
    #[inline]
    pub fn member<'a, X, T, E, F, Fut, S>(
        executor: &'a X,
        definition: &'static Definition,
        siblings: Option<&'a Siblings>,
        faults: fn() -> Faults<E>,
        attempt: F,
        slot: &'a mut Option<T>,
        variant: fn(Failure<E>) -> S,
    ) -> impl Future<Output = Result<(), Stop<S, X::Halt>>> + Send
    where
        X: Execute<STEP, T>,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
        S: 'a,
    {
        let call = Call::step(definition, Self::of(definition)).among(siblings);
        let outcome = executor.execute(call, faults, attempt, slot);
        map(outcome, move |outcome| {
            outcome.map_err(|stop| stop.map(variant))
        })
    }

    /// Carries out its compensation.
    #[inline]
    pub fn undo<'a, X, E, F, Fut>(
        executor: &'a X,
        definition: &'static Definition,
        cause: Option<&'a Arc<Cause>>,
        faults: fn() -> Faults<E>,
        attempt: F,
        slot: &'a mut Option<()>,
    ) -> impl Future<Output = Result<(), Stop<Failure<E>, X::Halt>>> + Send
    where
        X: Execute<0, ()>,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<(), E>> + Send,
        E: Send,
    {
        let call = Call::compensation(definition, Self::of(definition), cause);
        executor.execute(call, faults, attempt, slot)
    }
}
