//! The span of the code that began a run in a task of its own.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::Span;

use crate::util::panics;

/// The span of the caller, until the span of the run follows it. Kept no longer: a span is open as long as anything has
/// it, and a saga may run for days.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller(Option<Arc<Held>>);

#[derive(Debug)]
struct Held(Mutex<Option<Span>>);

impl Caller {
    /// The current span, if there is one.
    pub(crate) fn current() -> Self {
        let span = panics::catch(Span::current).ok();
        let span = span.filter(|span| !span.is_disabled());
        Self(span.map(|span| Arc::new(Held(Mutex::new(Some(span))))))
    }

    /// Whether there is a caller.
    pub(super) const fn is_any(&self) -> bool {
        self.0.is_some()
    }

    /// The span, once.
    pub(crate) fn take(&self) -> Option<Span> {
        self.0.as_ref()?.take()
    }
}

impl Held {
    fn take(&self) -> Option<Span> {
        let mut span = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        span.take()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Dropping a span calls the subscriber.
        panics::discard(self.take());
    }
}
