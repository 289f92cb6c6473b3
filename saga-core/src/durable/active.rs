//! A saga that an engine has in memory, and how far the engine is with it.

use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use tokio::sync::{OnceCell, watch};
use tokio_util::sync::CancellationToken;

use super::engine::EngineInner;
use super::error::{Dropped, Parked};
use super::log::SagaLog;
use crate::id::SagaId;
use crate::run::Progress;
use saga_journal::{Record, SagaEntry};

/// A saga that has not ended, and that this engine has taken up or is submitting.
pub(super) struct Active {
    pub(super) saga: Arc<str>,
    /// Its entry, of one that was in the journal.
    pub(super) entry: Option<SagaEntry>,
    pub(super) stage: watch::Sender<Stage>,
    pub(super) token: CancellationToken,
    pub(super) progress: Arc<Progress>,
    /// What is recorded of it, once it was read. There is one log of a saga, whether a cancellation reads it first
    /// or the saga has its turn.
    pub(super) loaded: OnceCell<Loaded>,
    /// Whether the journal was asked to add it.
    asked: AtomicBool,
}

pub(super) struct Loaded {
    pub(super) log: Arc<SagaLog>,
    pub(super) first: Record,
}

/// How far a saga is, for the engine.
#[derive(Debug, Clone)]
pub(super) enum Stage {
    /// It is being written for the first time.
    Creating,
    /// It waits for a place among the sagas in flight.
    Queued,
    /// It runs, or waits for its next attempt.
    Running,
    /// It does not go on here.
    Parked(Parked),
    /// It has ended, or was never created: it is no longer among the active.
    Gone,
    /// The engine was shut down.
    ShutDown,
    /// Its task ended, and it did not.
    Dropped(Dropped),
}

impl Stage {
    const fn goes_on(&self) -> bool {
        matches!(self, Self::Creating | Self::Queued | Self::Running)
    }
}

impl Active {
    pub(super) fn new(saga: Arc<str>) -> Arc<Self> {
        Arc::new(Self::of(saga, None, Stage::Creating))
    }

    pub(super) fn recovered(entry: SagaEntry) -> Arc<Self> {
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

    pub(super) fn log(&self) -> Option<&Arc<SagaLog>> {
        self.loaded.get().map(|loaded| &loaded.log)
    }

    /// Why it stays where it is for now, if it does.
    pub(super) fn trouble(&self) -> Option<Arc<str>> {
        self.log()?.trouble.reason()
    }

    /// From now on it may be in the journal.
    pub(super) fn is_about_to_be_created(&self) {
        self.asked.store(true, Ordering::Release);
    }

    /// Whether it may be in the journal.
    pub(super) fn may_be_there(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }

    /// Whether it runs, and only waits for its next attempt.
    pub(super) fn is_waiting(&self) -> bool {
        self.log().is_some_and(|log| !log.has_place())
    }

    /// It stays where it is, and holds no place. Nothing changes of one that does not go on anyway.
    pub(super) fn stop(&self, stage: Stage) {
        self.stage.send_if_modified(|now| {
            let goes_on = now.goes_on();
            if goes_on {
                *now = stage;
            }
            goes_on
        });
        self.release();
    }

    pub(super) fn release(&self) {
        if let Some(log) = self.log() {
            log.release();
        }
    }
}

/// Held by the task of a saga: however the task ends, the saga holds no place then, and those who wait for it are
/// answered.
pub(super) struct Guard {
    pub(super) inner: Arc<EngineInner>,
    pub(super) id: SagaId,
    pub(super) active: Arc<Active>,
}

impl Guard {
    /// The task panicked, which is caught.
    pub(super) fn panicked(&self, message: String) {
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
