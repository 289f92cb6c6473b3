//! A saga that an engine holds in memory, and its stage.

use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use tokio::sync::{OnceCell, watch};
use tokio_util::sync::CancellationToken;

use crate::durable::engine::EngineInner;
use crate::durable::error::{Dropped, Parked};
use crate::durable::log::SagaLog;
use crate::id::SagaId;
use crate::run::Progress;
use saga_journal::{Record, SagaEntry};

/// A saga that has not ended, and that this engine runs, is about to run, or is submitting.
pub(in crate::durable) struct Active {
    pub(in crate::durable) saga: Arc<str>,
    /// Its entry, if it was in the journal before.
    pub(in crate::durable) entry: Option<SagaEntry>,
    pub(in crate::durable) stage: watch::Sender<Stage>,
    pub(in crate::durable) token: CancellationToken,
    pub(in crate::durable) progress: Arc<Progress>,
    /// Its log, once its records were read. There is one log per saga, whether a cancellation or the run reads the
    /// records first.
    pub(in crate::durable) loaded: OnceCell<Loaded>,
    /// Whether the journal was called to add it.
    asked: AtomicBool,
}

pub(in crate::durable) struct Loaded {
    pub(in crate::durable) log: Arc<SagaLog>,
    pub(in crate::durable) first: Record,
}

/// The stage of a saga in the engine.
#[derive(Debug, Clone)]
pub(in crate::durable) enum Stage {
    /// It is being written for the first time.
    Creating,
    /// It waits for a place among the sagas in flight.
    Queued,
    /// It runs, or waits for its next attempt.
    Running,
    /// It does not go on here.
    Parked(Parked),
    /// It has ended, or was never created: it is no longer among the active sagas.
    Gone,
    /// The engine was shut down.
    ShutDown,
    /// Its task ended before the saga did.
    Dropped(Dropped),
}

impl Stage {
    const fn goes_on(&self) -> bool {
        matches!(self, Self::Creating | Self::Queued | Self::Running)
    }
}

impl Active {
    pub(in crate::durable) fn new(saga: Arc<str>) -> Arc<Self> {
        Arc::new(Self::of(saga, None, Stage::Creating))
    }

    pub(in crate::durable) fn recovered(entry: SagaEntry) -> Arc<Self> {
        Arc::new(Self::of(
            Arc::clone(&entry.saga),
            Some(entry),
            Stage::Queued,
        ))
    }

    fn of(saga: Arc<str>, entry: Option<SagaEntry>, stage: Stage) -> Self {
        Self {
            saga,
            asked: AtomicBool::new(entry.is_some()),
            entry,
            stage: watch::Sender::new(stage),
            token: CancellationToken::new(),
            progress: Arc::new(Progress::new()),
            loaded: OnceCell::new(),
        }
    }

    pub(in crate::durable) fn log(&self) -> Option<&Arc<SagaLog>> {
        self.loaded.get().map(|loaded| &loaded.log)
    }

    /// Why it stays where it is for now, if it does.
    pub(in crate::durable) fn trouble(&self) -> Option<Arc<str>> {
        self.log()?.trouble.reason()
    }

    /// Marks that the saga may be in the journal from now on.
    pub(in crate::durable) fn is_about_to_be_created(&self) {
        self.asked.store(true, Ordering::Release);
    }

    /// Whether it may be in the journal.
    pub(in crate::durable) fn may_be_there(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// Whether it runs, and only waits for its next attempt.
    pub(in crate::durable) fn is_waiting(&self) -> bool {
        self.log().is_some_and(|log| !log.has_place())
    }

    /// Stops it where it is, and releases its place. Has no effect on the stage of a saga that has stopped before.
    pub(in crate::durable) fn stop(&self, stage: Stage) {
        self.stage.send_if_modified(|now| {
            let goes_on = now.goes_on();
            if goes_on {
                *now = stage;
            }
            goes_on
        });
        self.release();
    }

    pub(in crate::durable) fn release(&self) {
        if let Some(log) = self.log() {
            log.release();
        }
    }
}

/// Held by the task of a saga. However the task ends, the saga then holds no place, and callers that wait for it get an
/// answer.
pub(in crate::durable) struct Guard {
    pub(in crate::durable) inner: Arc<EngineInner>,
    pub(in crate::durable) id: SagaId,
    pub(in crate::durable) active: Arc<Active>,
}

impl Guard {
    /// Called when the task has panicked, which was caught.
    pub(in crate::durable) fn panicked(&self, message: String) {
        let message = message.into();
        self.inner
            .leave(&self.id, &self.active, Dropped::Panicked { message });
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.inner
            .leave(&self.id, &self.active, Dropped::RuntimeEnded);
    }
}
