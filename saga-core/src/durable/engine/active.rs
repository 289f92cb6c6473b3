//! A saga that an engine has in memory, and how far the engine is with it.

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

/// A saga that has not ended, and that this engine has taken up or is submitting.
pub(in crate::durable) struct Active {
    pub(in crate::durable) saga: Arc<str>,
    /// Its entry, of one that was in the journal.
    pub(in crate::durable) entry: Option<SagaEntry>,
    pub(in crate::durable) stage: watch::Sender<Stage>,
    pub(in crate::durable) token: CancellationToken,
    pub(in crate::durable) progress: Arc<Progress>,
    /// What is recorded of it, once it was read. There is one log of a saga, whether a cancellation reads it first
    /// or the saga has its turn.
    pub(in crate::durable) loaded: OnceCell<Loaded>,
    /// Whether the journal was asked to add it.
    asked: AtomicBool,
}

pub(in crate::durable) struct Loaded {
    pub(in crate::durable) log: Arc<SagaLog>,
    pub(in crate::durable) first: Record,
}

/// How far a saga is, for the engine.
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

    /// From now on it may be in the journal.
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

    /// It stays where it is, and holds no place. Nothing changes of one that does not go on anyway.
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

/// Held by the task of a saga: however the task ends, the saga holds no place then, and those who wait for it are
/// answered.
pub(in crate::durable) struct Guard {
    pub(in crate::durable) inner: Arc<EngineInner>,
    pub(in crate::durable) id: SagaId,
    pub(in crate::durable) active: Arc<Active>,
}

impl Guard {
    /// The task panicked, which is caught.
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
