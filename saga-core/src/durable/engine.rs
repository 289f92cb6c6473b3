//! The engine: takes sagas in, runs them over a journal, and goes on with what an earlier process left.

use core::fmt;
use core::time::Duration;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::builder::EngineBuilder;
use super::codec::{Journalable, Plain};
use super::entry::READER;
use super::error::{CancelError, CancelOutcome, Parked};
use super::executor::{Durable, Halt};
use super::fingerprint::{difference, text_of};
use super::journal::{
    Claim, JournalError, JournalErrorKind, JournalLock, Record, SagaEntry, SagaState,
};
use super::log::{SagaLog, Stopped};
use super::registered::{Registered, Taken, Typed, Unended, first_of};
use super::shared::Shared;
use crate::id::SagaId;
use crate::position::Progress;
use crate::saga::Machine;

/// How many sagas are asked for at once.
const PAGE: usize = 500;

pub(super) struct Known {
    pub(super) hash: u64,
    pub(super) saga: Arc<dyn Registered>,
}

/// Runs sagas so that they survive: over a [`Journal`](super::Journal).
///
/// A clone is the same engine. Dropping all of them does not end it: its sagas go on, and it keeps its journal
/// for as long as there are any. [`shutdown`](Self::shutdown) ends it.
#[derive(Clone)]
pub struct Engine(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) shared: Arc<Shared>,
    pub(super) known: BTreeMap<&'static str, Known>,
    /// The sagas that have not ended: those that go on here, and those that are parked.
    pub(super) active: Mutex<HashMap<SagaId, Arc<Active>>>,
    pub(super) tasks: TaskTracker,
    /// The cancellations that are being recorded.
    pub(super) requests: TaskTracker,
    pub(super) abort: CancellationToken,
    pub(super) lock: Mutex<Option<JournalLock>>,
}

/// A saga that has not ended.
pub(super) struct Active {
    pub(super) saga: Arc<str>,
    pub(super) stage: watch::Sender<Stage>,
    pub(super) token: CancellationToken,
    pub(super) progress: Arc<Progress>,
}

/// How far a saga is, for the engine.
#[derive(Debug, Clone)]
pub(super) enum Stage {
    /// It is being written for the first time.
    Creating,
    /// It waits for a place among the sagas in flight.
    Queued,
    /// It is carried out.
    Running(Arc<SagaLog>),
    /// It does not go on here.
    Parked(Parked),
    /// It has ended, or was never created: it is no longer among the active.
    Gone,
    /// It stopped where it was.
    ShutDown,
}

impl Active {
    pub(super) fn new(saga: Arc<str>, stage: Stage) -> Arc<Self> {
        Arc::new(Self {
            saga,
            stage: watch::Sender::new(stage),
            token: CancellationToken::new(),
            progress: Arc::new(Progress::new()),
        })
    }
}

impl Inner {
    pub(super) fn active(&self) -> MutexGuard<'_, HashMap<SagaId, Arc<Active>>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find_active(&self, id: &SagaId) -> Option<Arc<Active>> {
        self.active().get(id).cloned()
    }

    pub(super) fn set_gone(&self, id: &SagaId, active: &Active) {
        self.active().remove(id);
        active.stage.send_replace(Stage::Gone);
    }

    pub(super) fn typed<S>(&self) -> Option<Arc<Typed<S>>>
    where
        S: Machine<Durable> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
    {
        let known = self.known.get(S::DEFINITION.name)?;
        Arc::clone(&known.saga).as_any().downcast().ok()
    }

    /// Why a saga of the journal does not go on here, if it does not.
    pub(super) async fn parked(&self, entry: &SagaEntry) -> Result<Option<Parked>, JournalError> {
        let saga = Arc::clone(&entry.saga);
        let Some(known) = self.known.get(&*entry.saga) else {
            return Ok(Some(Parked::NotRegistered { saga }));
        };
        if known.hash == entry.definition {
            return Ok(None);
        }
        let was = self.shared.journal.definition(entry.definition).await?;
        let is = text_of(known.saga.definition()).text;
        let change = match was {
            Some(was) => difference(&was, &is),
            None => "what it was is not in the journal".to_owned(),
        };
        Ok(Some(Parked::OtherDefinition { saga, change }))
    }

    /// The log of a saga, and its first record.
    pub(super) async fn log_of(
        &self,
        entry: &SagaEntry,
        is_read_only: bool,
    ) -> Result<(Arc<SagaLog>, Record), JournalError> {
        let records = self.shared.journal.records(entry.key).await?;
        let first = first_of(&records)?;
        let (shared, id) = (Arc::clone(&self.shared), entry.id.clone());
        let log = SagaLog::new(shared, id, entry.key, records, is_read_only);
        Ok((Arc::new(log), first))
    }

    /// Takes down what became of a run.
    pub(super) fn finish(&self, id: &SagaId, active: &Active, unended: Option<Unended>) {
        let parked = match unended {
            None => return self.set_gone(id, active),
            Some(Unended::Stopped(Stopped::ShutDown) | Unended::Halted(Halt::ShutDown)) => None,
            Some(Unended::Stopped(Stopped::Broken(error))) => Some(Parked::Journal(error)),
            Some(Unended::Halted(halt)) => Some(Parked::Unreadable(halt)),
        };
        let stage = parked.map_or(Stage::ShutDown, Stage::Parked);
        active.stage.send_replace(stage);
    }

    /// Goes on with a saga that an earlier process left.
    pub(super) async fn resume(&self, entry: &SagaEntry, active: &Arc<Active>) {
        let Some(slot) = self.shared.slot().await else {
            active.stage.send_replace(Stage::ShutDown);
            return;
        };
        let mut wait = Duration::from_millis(10);
        let read = loop {
            match self.log_of(entry, false).await {
                Err(error) if error.kind() == JournalErrorKind::Unavailable => {
                    self.shared.journal_failed(&error);
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_secs(1));
                }
                read => {
                    self.shared.journal_is_back();
                    break read;
                }
            }
        };
        let (log, first) = match read {
            Ok(read) => read,
            Err(error) => {
                active
                    .stage
                    .send_replace(Stage::Parked(Parked::Journal(error)));
                return;
            }
        };
        let Some(known) = self.known.get(&*entry.saga) else {
            return;
        };
        log.hold(slot);
        if log.is_cancelled() {
            active.token.cancel();
        }
        active.stage.send_replace(Stage::Running(Arc::clone(&log)));
        let taken = Taken {
            log,
            first,
            token: active.token.clone(),
            progress: Arc::clone(&active.progress),
        };
        let resumed = Arc::clone(&known.saga).resume(taken).await;
        self.finish(&entry.id, active, resumed.err());
    }
}

impl Engine {
    /// An engine that knows no saga yet, and is not open.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::with(Arc::new(Plain))
    }

    /// Begins to go on with what an earlier process left.
    pub(super) async fn recover(&self) -> Result<(), JournalError> {
        let inner = &self.0;
        let mut left = Vec::new();
        let definitions: Arc<[u64]> = inner.known.values().map(|known| known.hash).collect();
        loop {
            let claim = Claim::Next {
                definitions: Arc::clone(&definitions),
                reader: READER,
                limit: PAGE,
            };
            let page = inner.shared.journal.claim(inner.shared.epoch, claim).await?;
            if page.is_empty() {
                break;
            }
            for entry in page {
                let parked = inner.parked(&entry).await?;
                let goes_on = parked.is_none();
                let stage = parked.map_or(Stage::Queued, Stage::Parked);
                let active = Active::new(Arc::clone(&entry.saga), stage);
                inner.active().insert(entry.id.clone(), Arc::clone(&active));
                if goes_on {
                    left.push((entry, active));
                }
            }
        }
        for (entry, active) in left {
            let inner = Arc::clone(inner);
            self.spawn(async move { inner.resume(&entry, &active).await });
        }
        Ok(())
    }

    /// In a task of its own, which is dropped where it is when the engine has waited long enough.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn_among(&self.0.tasks, task);
    }

    pub(super) fn spawn_among(
        &self,
        tasks: &TaskTracker,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let abort = self.0.abort.clone();
        tasks.spawn(async move {
            tokio::select! {
                biased;
                // First: what is spawned after that does nothing.
                () = abort.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// Ends the engine where it is, as the end of the process would: for tests.
    #[cfg(feature = "testing")]
    pub(crate) async fn kill(&self) {
        let Inner {
            shared,
            tasks,
            abort,
            lock,
            ..
        } = &*self.0;
        abort.cancel();
        tasks.close();
        tasks.wait().await;
        shared.shutdown.cancel();
        drop(lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Asks a saga to end: recorded before this returns. The attempt in hand finishes, no other is begun, and
    /// what has completed is undone.
    ///
    /// # Errors
    ///
    /// When there is no such saga, it does not go on here, or the engine is shut down. After
    /// [`CancelError::Journal`] nobody knows whether it is recorded: ask again.
    ///
    /// # Cancellation
    ///
    /// Dropping the future does not take it back.
    pub async fn cancel(&self, id: impl Into<SagaId>) -> Result<CancelOutcome, CancelError> {
        let id = id.into();
        if let Some(active) = self.0.find_active(&id) {
            let mut stage = active.stage.subscribe();
            let ready = stage.wait_for(|stage| !matches!(stage, Stage::Creating | Stage::Queued));
            let now = tokio::select! {
                biased;
                ready = ready => ready.map_or(Stage::ShutDown, |stage| stage.clone()),
                error = self.0.shared.has_trouble() => return Err(CancelError::Journal(error)),
            };
            match now {
                Stage::Running(log) => {
                    let position = active.progress.get();
                    let definition = self.0.known.get(&*active.saga);
                    let definition = definition.map(|known| known.saga.definition());
                    if definition.is_some_and(|saga| position.is_final(saga)) {
                        return Ok(CancelOutcome::TooLate);
                    }
                    // In a task, so that nothing is written once the engine is shut down, and what is written
                    // is carried out though nobody waits for it any more.
                    let (answer, told) = oneshot::channel();
                    let token = active.token.clone();
                    self.spawn_among(&self.0.requests, async move {
                        let requested = log.request_cancellation().await;
                        if requested.is_ok() {
                            token.cancel();
                        }
                        let _ = answer.send(requested);
                    });
                    return tokio::select! {
                        biased;
                        told = told => match told {
                            Ok(Ok(())) => Ok(CancelOutcome::Requested),
                            Ok(Err(error)) => {
                                let reason = Parked::Journal(error);
                                Err(CancelError::Parked { id, reason })
                            }
                            Err(_) => Err(CancelError::ShutDown),
                        },
                        error = self.0.shared.has_trouble() => Err(CancelError::Journal(error)),
                    };
                }
                Stage::Parked(reason) => return Err(CancelError::Parked { id, reason }),
                Stage::ShutDown => return Err(CancelError::ShutDown),
                Stage::Creating | Stage::Queued | Stage::Gone => {}
            }
        }
        match self.0.shared.journal.find(&id).await? {
            None => Err(CancelError::NotFound { id }),
            Some(entry) if entry.state == SagaState::Unfinished => Err(CancelError::ShutDown),
            Some(entry) => Ok(CancelOutcome::Ended(entry.state)),
        }
    }

    /// Ends the engine: no step is begun any more, those in hand finish, for as long as `grace`, and the
    /// journal is let go. What has not ended goes on when an engine is opened again. What is still in hand
    /// after that is dropped where it is, as if the process had ended.
    ///
    /// Gives how many sagas were.
    pub async fn shutdown(&self, grace: Duration) -> usize {
        let Inner {
            shared,
            tasks,
            requests,
            abort,
            lock,
            ..
        } = &*self.0;
        shared.shutdown.cancel();
        shared.slots.close();
        tasks.close();
        requests.close();
        let all = async || {
            tasks.wait().await;
            requests.wait().await;
        };
        let in_time = timeout(grace, all()).await.is_ok();
        let left = if in_time { 0 } else { tasks.len() };
        abort.cancel();
        all().await;
        for active in self.0.active().values() {
            let ends = |stage: &mut Stage| {
                let goes_on = matches!(stage, Stage::Creating | Stage::Queued | Stage::Running(_));
                if goes_on {
                    *stage = Stage::ShutDown;
                }
                goes_on
            };
            active.stage.send_if_modified(ends);
        }
        drop(lock.lock().unwrap_or_else(PoisonError::into_inner).take());
        left
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("active", &self.0.active().len())
            .finish_non_exhaustive()
    }
}
