//! The observer of a run, and the events that the run sends to it.

use core::fmt;
use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use crate::definition::Definition;
use crate::id::LazyId;
use crate::observe::{Event, EventKind, Observer};
use crate::run::Run;
use crate::util::panics;

/// The observer of a run. A clone is for another run, which has not begun.
pub(crate) struct Observed {
    // `None` only while this is dropped.
    observer: Option<Arc<dyn Observer>>,
    /// The saga whose end has not been reported yet.
    under_way: Mutex<Option<UnderWay>>,
}

struct UnderWay {
    definition: &'static Definition,
    // Kept so that the end can be reported when the rest of the run is dropped.
    id: LazyId,
    began: Instant,
}

impl Observed {
    pub(crate) fn by(observer: Arc<dyn Observer>) -> Self {
        Self {
            observer: Some(observer),
            under_way: Mutex::new(None),
        }
    }

    /// Replaces the saga that is under way and returns the previous one.
    fn under_way(&self, now: Option<UnderWay>) -> Option<UnderWay> {
        // No observer is called while it is locked.
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        core::mem::replace(&mut *under_way, now)
    }

    fn notify(
        &self,
        id: &LazyId,
        definition: &'static Definition,
        kind: EventKind<'_>,
        trace_context: Option<&str>,
    ) {
        if let Some(observer) = &self.observer {
            let event = Event {
                definition,
                kind,
                id,
                trace_context,
            };
            // The panic hook has reported a panic of the observer; the run ignores it.
            let _ = panics::catch(|| observer.observe(&event));
        }
    }

    /// Reports that the saga stopped, unless its end has been reported.
    fn notify_stopped(&self) {
        if let Some(UnderWay {
            definition,
            id,
            began,
        }) = self.under_way(None)
        {
            let took = began.elapsed();
            self.notify(&id, definition, EventKind::SagaStopped { took }, None);
        }
    }
}

impl Clone for Observed {
    fn clone(&self) -> Self {
        Self {
            observer: self.observer.clone(),
            under_way: Mutex::new(None),
        }
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.notify_stopped();
        // This may be the last reference to the observer.
        panics::discard(self.observer.take());
    }
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed").finish_non_exhaustive()
    }
}

/// The events that the driver and the attempts report.
impl Run {
    #[cold]
    pub(crate) fn notify(&self, definition: &'static Definition, kind: EventKind<'_>) {
        if let Some(observed) = self.observed() {
            observed.notify(&self.id, definition, kind, None);
        }
    }

    #[cold]
    pub(crate) fn notify_started(&self, definition: &'static Definition) {
        if let Some(observed) = self.observed() {
            observed.under_way(Some(UnderWay {
                definition,
                id: self.id.clone(),
                began: Instant::now(),
            }));
            let trace_context = self.trace_context();
            observed.notify(&self.id, definition, EventKind::SagaStarted, trace_context);
        }
    }

    /// How long the saga took, for the event of its end. `None` if that has been reported.
    #[cold]
    pub(crate) fn took(&self) -> Option<Duration> {
        let under_way = self.observed()?.under_way(None)?;
        Some(under_way.began.elapsed())
    }

    #[cold]
    pub(crate) fn notify_stopped(&self) {
        if let Some(observed) = self.observed() {
            observed.notify_stopped();
        }
    }
}
