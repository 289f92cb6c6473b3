//! In place of `on`, without the feature `tracing`: nothing.

use core::future::Future;

use crate::drive::error::SagaError;
use crate::executor::Begin;
use crate::machine::Saga;
use crate::observe::EventKind;
use crate::run::Run;

/// Whether there is anything here.
pub(crate) const IS_BUILT: bool = false;

#[inline]
pub(crate) const fn is_on() -> bool {
    false
}

#[cfg(feature = "durable")]
pub(crate) const fn silently<F: Future>(read: F) -> F {
    read
}

/// There are none, so nothing is ever asked of them.
pub(crate) enum CallSpans {}

impl CallSpans {
    #[inline]
    pub(crate) const fn of(_: &Begin<'_>) -> Option<Self> {
        None
    }

    pub(crate) const fn tell(&mut self, _: &Begin<'_>, _: &EventKind<'_>) {
        match *self {}
    }

    pub(crate) const fn enter(&self) {
        match *self {}
    }

    pub(crate) const fn exit(&self) {
        match *self {}
    }
}

#[inline]
pub(crate) const fn wants_events() -> bool {
    false
}

pub(crate) const fn event(_: &Begin<'_>, _: &EventKind<'_>) {}

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
