//! Runs a saga to its end: through its steps in order, and back when one gives up.
//!
//! Knows nothing of how an attempt is carried out, nor of what is to be undone: that is said by the
//! verdict.

use core::borrow::Borrow;
use core::future::Future;

use crate::error::{Details, SagaError};
use crate::executor::{Executor, Stop};
use crate::panics;
use crate::record::CompensationFailure;
use crate::saga::{Machine, Saga, Slots, StepError};
use crate::verdict::Verdict;

/// How a saga that was not halted ended.
pub type Ended<S> = Result<<S as Saga>::Output, SagaError<S>>;

/// Drives a saga through `executor` to its end.
///
/// # Errors
///
/// The outer one is the executor's: the run stopped where it was, nothing was decided and nothing
/// undone. The inner one is the saga's.
///
/// # Cancellation
///
/// Dropping the future stops the saga where it is and undoes nothing.
pub fn drive<S, X>(
    service: &S::Service,
    executor: &X,
    input: S::Input,
) -> impl Future<Output = Result<Ended<S>, X::Halt>> + Send
where
    S: Machine<X>,
    X: Executor,
{
    drive_by::<S, X, _>(service, executor, input)
}

/// The same with an executor that is lent or given: a future of its own to hold one would be one more
/// that is moved before it runs.
pub(crate) fn drive_by<S, X, R>(
    service: &S::Service,
    executor: R,
    input: S::Input,
) -> impl Future<Output = Result<Ended<S>, X::Halt>> + Send
where
    S: Machine<X>,
    X: Executor,
    R: Borrow<X> + Send + Sync,
{
    // Made before the first poll: the input is stored once, in its slot.
    let mut slots = S::Slots::begin(input);
    async move {
        let executor = executor.borrow();
        let gave_up = match S::advance(service, &mut slots, executor).await {
            Ok(()) => match slots.finish() {
                Ok(output) => {
                    panics::discard(slots);
                    return Ok(Ok(output));
                }
                Err(gave_up) => gave_up,
            },
            Err(Stop::GaveUp(gave_up)) => gave_up,
            Err(Stop::Halted(halt)) => return Err(halt),
        };
        let verdict = Verdict::of(S::DEFINITION, gave_up.failure.step(), gave_up.in_doubt);
        let cause = verdict.cause(S::DEFINITION, &gave_up.failure);
        let mut compensation_failures = Vec::new();
        for (index, step) in verdict.due(S::DEFINITION) {
            match S::rewind(service, &mut slots, index, cause.as_ref(), executor).await {
                Ok(()) => {}
                Err(Stop::Halted(halt)) => return Err(halt),
                Err(Stop::GaveUp(gave_up)) => {
                    compensation_failures.push(CompensationFailure::new(step, gave_up));
                }
            }
        }
        Ok(Err(SagaError::new(Details {
            id: executor.saga_id().clone(),
            verdict,
            gave_up,
            compensation_failures,
            slots,
        })))
    }
}
