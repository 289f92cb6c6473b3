//! The observer of a run, and what a run tells it.

use core::fmt;
use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use crate::definition::Definition;
use crate::id::LazyId;
use crate::observe::{Event, EventKind, Observer};
use crate::run::Run;
use crate::util::panics;

/// The observer of a run. A clone is for another run: that has not begun.
pub(crate) struct Observed {
    // There until this is dropped.
    observer: Option<Arc<dyn Observer>>,
    /// The saga that is under way.
    under_way: Mutex<Option<UnderWay>>,
}

struct UnderWay {
    definition: &'static Definition,
    // Kept for the case that the run is dropped with all the rest.
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

    /// Puts this in the place of what is under way.
    fn under_way(&self, now: Option<UnderWay>) -> Option<UnderWay> {
        // Nobody is told anything while it is locked.
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        core::mem::replace(&mut *under_way, now)
    }

    fn tell(&self, id: &LazyId, definition: &'static Definition, kind: EventKind<'_>) {
        if let Some(observer) = &self.observer {
            let event = Event {
                definition,
                kind,
                id,
            };
            // Its panic was told to the user's hook, and nobody else wants it.
            let _ = panics::catch(|| observer.observe(&event));
        }
    }

    /// What is still under way ends here.
    fn tell_stopped(&self) {
        if let Some(UnderWay {
            definition,
            id,
            began,
        }) = self.under_way(None)
        {
            let took = began.elapsed();
            self.tell(&id, definition, EventKind::SagaStopped { took });
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
        self.tell_stopped();
        // It may be the last that has it.
        panics::discard(self.observer.take());
    }
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed").finish_non_exhaustive()
    }
}

/// What the driver and the attempts tell.
impl Run {
    #[cold]
    pub(crate) fn tell(&self, definition: &'static Definition, kind: EventKind<'_>) {
        if let Some(observed) = self.observed() {
            observed.tell(&self.id, definition, kind);
        }
    }

    #[cold]
    pub(crate) fn tell_start(&self, definition: &'static Definition) {
        if let Some(observed) = self.observed() {
            observed.under_way(Some(UnderWay {
                definition,
                id: self.id.clone(),
                began: Instant::now(),
            }));
            observed.tell(&self.id, definition, EventKind::SagaStarted);
        }
    }

    /// How long the saga took whose end is now to be told, which is once.
    #[cold]
    pub(crate) fn took(&self) -> Option<Duration> {
        let under_way = self.observed()?.under_way(None)?;
        Some(under_way.began.elapsed())
    }

    #[cold]
    pub(crate) fn tell_stopped(&self) {
        if let Some(observed) = self.observed() {
            observed.tell_stopped();
        }
    }
}
