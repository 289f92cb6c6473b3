//! In place of the span of a saga, without the feature `tracing`: nothing.

use core::future::Future;

use crate::drive::SagaError;
use crate::machine::Saga;
use crate::run::Run;

#[inline]
pub(crate) const fn began(_: &Run) {}

#[inline]
pub(crate) fn around<S, T, H, F>(run: F) -> F
where
    S: Saga,
    F: Future<Output = Result<Result<T, SagaError<S>>, H>>,
{
    run
}
