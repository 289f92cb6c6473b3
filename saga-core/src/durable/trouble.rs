//! What keeps one saga, and no other, from going on.

use std::sync::Arc;

use tokio::sync::watch;

/// Why a saga cannot go on for now, if it cannot, for example because its codec fails.
#[derive(Debug)]
pub(super) struct SagaTrouble(watch::Sender<Option<Arc<str>>>);

impl Default for SagaTrouble {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl SagaTrouble {
    /// Sets why the saga waits.
    pub(super) fn set(&self, why: String) {
        self.0.send_replace(Some(why.into()));
    }

    /// Clears it: the saga goes on.
    pub(super) fn is_over(&self) {
        self.0.send_if_modified(|trouble| trouble.take().is_some());
    }

    /// Why the saga waits, if it does.
    pub(super) fn reason(&self) -> Option<Arc<str>> {
        self.0.borrow().clone()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.0.subscribe()
    }
}
