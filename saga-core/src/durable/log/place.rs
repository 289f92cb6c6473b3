//! The place of a saga among those in flight, and what it holds while its records are read.

use super::{Loading, LogInner, SagaLog};
use tokio::sync::OwnedSemaphorePermit;

impl SagaLog {
    /// Holds a place among the sagas in flight, as long as any call of the saga is.
    pub(in crate::durable) fn hold(&self, place: OwnedSemaphorePermit) {
        let mut inner = self.inner();
        (inner.place, inner.has_left_place) = (Some(place), false);
        drop(inner);
        self.placed.notify_waiters();
    }

    /// Releases the place, whatever is in flight: nothing of the saga runs any more.
    pub(in crate::durable) fn release(&self) {
        let mut inner = self.inner();
        let held = (
            inner.place.take(),
            core::mem::take(&mut inner.alone),
            inner.loading.take(),
        );
        drop(inner);
        drop(held);
    }

    /// Whether the saga has a place, or has released it temporarily. A saga without a place waits for its next attempt.
    pub(in crate::durable) fn has_place(&self) -> bool {
        let inner = self.inner();
        inner.place.is_some() || inner.has_left_place
    }

    /// Called when the records are read for the first time in this process. `loading` is held until that is over.
    pub(in crate::durable) fn loads(&self, loading: Loading) {
        self.inner().loading = Some(loading);
    }
}

impl LogInner {
    /// Releases the place if no call of the saga is in flight.
    pub(super) fn release_place(&mut self) {
        if !self.state.is_in_flight() {
            (self.place, self.has_left_place) = (None, false);
        }
    }
}
