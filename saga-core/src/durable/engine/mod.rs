//! The engine: accepts sagas, runs them over a journal, and resumes what an earlier process left.

mod active;
mod builder;
mod cancel;
mod list;
mod query;
mod recover;
mod shutdown;
mod submit;

use core::any::Any;
use core::fmt;
use core::sync::atomic::AtomicI64;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::durable::codec::{Journalable, Plain};
use crate::durable::engine::active::{Active, Guard, Stage};
use crate::durable::error::{Dropped, Parked};
use crate::durable::executor::Halt;
use crate::durable::fingerprint::{difference, text_of};
use crate::durable::guarded_journal::Guarded;
use crate::durable::log::{Purpose, SagaLog, Stopped};
use crate::durable::record_store::Keeper;
use crate::durable::registered::{Boxed, Registered, RunStop, Runs, Typed, first_of};
use crate::durable::shared::Shared;
use crate::executor::Executor;
use crate::id::SagaId;
use crate::machine::{Machine, Saga};
use crate::util::panics;
use saga_journal::{
    Epoch, JournalError, JournalErrorKind, JournalLock, READER, Record, SagaEntry, SagaKey,
};

pub use self::builder::EngineBuilder;
pub use self::list::Sagas;
pub use self::submit::Submitting;
pub(in crate::durable) use self::submit::{Submission, SubmitAnswer};

pub(in crate::durable) struct KnownSaga {
    pub(in crate::durable) hash: u64,
    pub(in crate::durable) saga: Arc<dyn Registered>,
    /// The same saga with its types, an `Arc<dyn Runs<S>>`.
    pub(in crate::durable) typed: Box<dyn Any + Send + Sync>,
}

impl KnownSaga {
    pub(in crate::durable) fn of<S, X>(typed: Arc<Typed<S, X>>) -> Self
    where
        S: Machine<X> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
        X: Executor<Halt = Halt> + 'static,
    {
        let runs: Arc<dyn Runs<S>> = typed.clone();
        Self {
            hash: text_of(S::DEFINITION).hash,
            saga: typed,
            typed: Box::new(runs),
        }
    }
}

/// Runs sagas over a [`Journal`](crate::durable::Journal), so that they survive the process.
///
/// Sagas run on the Tokio runtime on which the engine was [opened](EngineBuilder::open). The methods of the engine can
/// be called from any other runtime, and without one. If the runtime ends before the engine is shut down, the sagas
/// stay where they are, callers that wait for them get an error, and the sagas go on when an engine is opened again.
///
/// A clone is the same engine. Dropping all clones does not end it: its sagas go on, and it keeps its journal. What ends
/// it is [`shutdown`](Self::shutdown), [`abort`](Self::abort), or the end of its runtime.
#[derive(Clone)]
pub struct Engine(pub(in crate::durable) Arc<EngineInner>);

pub(in crate::durable) struct EngineInner {
    pub(in crate::durable) shared: Arc<Shared>,
    pub(in crate::durable) journal: Arc<Guarded>,
    /// The epoch of this engine.
    pub(in crate::durable) epoch: Epoch,
    pub(in crate::durable) known: BTreeMap<&'static str, KnownSaga>,
    /// The sagas that have not ended and that this engine runs or is about to run.
    pub(in crate::durable) active: Mutex<HashMap<SagaId, Arc<Active>>>,
    /// The runtime on which the sagas run.
    pub(in crate::durable) runtime: Handle,
    /// The tasks of sagas.
    pub(in crate::durable) tasks: TaskTracker,
    /// The tasks of the engine: one recovers sagas, others record cancellations.
    pub(in crate::durable) chores: TaskTracker,
    pub(in crate::durable) abort: CancellationToken,
    pub(in crate::durable) lock: Mutex<Option<JournalLock>>,
    /// The smallest key of a saga that this engine added: sagas left by an earlier process have smaller keys.
    pub(in crate::durable) first_created: AtomicI64,
}

impl EngineInner {
    pub(in crate::durable) fn active(&self) -> MutexGuard<'_, HashMap<SagaId, Arc<Active>>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::durable) fn find_active(&self, id: &SagaId) -> Option<Arc<Active>> {
        self.active().get(id).cloned()
    }

    pub(in crate::durable) fn set_gone(&self, id: &SagaId, active: &Active) {
        let mut all = self.active();
        // By now the id may belong to another saga.
        let is_it = |now: &Arc<Active>| core::ptr::eq(Arc::as_ptr(now), active);
        if all.get(id).is_some_and(is_it) {
            all.remove(id);
        }
        drop(all);
        active.stage.send_replace(Stage::Gone);
        active.release();
    }

    pub(in crate::durable) fn is_shut_down(&self) -> bool {
        self.shared.is_shutting_down() || self.abort.is_cancelled()
    }

    /// The registered saga `S` with its types.
    pub(in crate::durable) fn typed<S: Saga + 'static>(&self) -> Option<&Arc<dyn Runs<S>>> {
        self.known.get(S::DEFINITION.name)?.typed.downcast_ref()
    }

    /// Whether sagas of this name and definition can run here.
    pub(in crate::durable) fn runs(&self, entry: &SagaEntry) -> bool {
        let known = self.known.get(&*entry.saga);
        let is_known = known.is_some_and(|known| known.hash == entry.definition);
        is_known && entry.damage.is_none() && entry.min_reader <= READER
    }

    /// Why an unfinished saga of the journal does not go on here, if it does not.
    pub(in crate::durable) async fn parked(
        &self,
        entry: &SagaEntry,
    ) -> Result<Option<Parked>, JournalError> {
        if let Some(damage) = &entry.damage {
            let error = JournalError::new(JournalErrorKind::Corrupt, &**damage);
            return Ok(Some(Parked::Journal(error)));
        }
        let saga = Arc::clone(&entry.saga);
        let Some(known) = self.known.get(&*entry.saga) else {
            return Ok(Some(Parked::NotRegistered { saga }));
        };
        if known.hash == entry.definition {
            return Ok(None);
        }
        let change = match self.journal.definition(entry.definition).await {
            Ok(Some(was)) => difference(&was, &text_of(known.saga.definition()).text),
            Ok(None) => "what it was is not in the journal".to_owned(),
            Err(error) if error.kind() == JournalErrorKind::Unavailable => return Err(error),
            // Concerns this saga alone.
            Err(error) => format!("what it was cannot be read: {error}"),
        };
        Ok(Some(Parked::OtherDefinition { saga, change }))
    }

    /// The log of a saga, and its first record.
    pub(in crate::durable) async fn log_of(
        &self,
        entry: &SagaEntry,
        purpose: Purpose,
    ) -> Result<(Arc<SagaLog>, Record), JournalError> {
        let records = self.journal.records(entry.key).await?;
        let first = first_of(&records)?;
        let (shared, id) = (Arc::clone(&self.shared), entry.id.clone());
        let keeper = self.keeper(entry.key);
        let log = SagaLog::new(shared, id, keeper, records, purpose);
        Ok((Arc::new(log), first))
    }

    /// Keeps the records of this saga.
    pub(in crate::durable) fn keeper(&self, key: SagaKey) -> Keeper {
        Keeper::Journal {
            journal: Arc::clone(&self.journal),
            epoch: self.epoch,
            key,
        }
    }

    /// Records in memory how a run ended or why it stopped.
    pub(in crate::durable) fn finish(&self, id: &SagaId, active: &Active, stop: Option<RunStop>) {
        let parked = match stop {
            None => return self.set_gone(id, active),
            Some(RunStop::Stopped(Stopped::ShutDown) | RunStop::Halted(Halt::ShutDown)) => None,
            Some(RunStop::Stopped(Stopped::Broken(error))) => Some(Parked::Journal(error)),
            Some(RunStop::Halted(halt)) => Some(Parked::Unreadable(halt)),
        };
        active.stop(parked.map_or(Stage::ShutDown, Stage::Parked));
    }

    /// Called when the task of a saga has ended, whatever the reason.
    pub(in crate::durable) fn leave(&self, id: &SagaId, active: &Active, why: Dropped) {
        if !active.may_be_there() {
            return self.set_gone(id, active);
        }
        active.stop(if self.is_shut_down() {
            Stage::ShutDown
        } else {
            Stage::Dropped(why)
        });
    }

    /// Runs a saga in a task of its own.
    pub(in crate::durable) fn spawn_saga(self: &Arc<Self>, guard: Guard, task: Boxed<'static, ()>) {
        self.spawn(&self.tasks, async move {
            if let Err(message) = panics::caught(task).await {
                guard.panicked(message);
            }
        });
    }

    /// Runs a task on the runtime of the engine, until the engine has stopped waiting for it.
    pub(in crate::durable) fn spawn(
        &self,
        among: &TaskTracker,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let abort = self.abort.clone();
        let task = async move {
            tokio::select! {
                biased;
                // Polled first, so that a task that is spawned after that does nothing.
                () = abort.cancelled() => {}
                () = task => {}
            }
        };
        drop(among.spawn_on(task, &self.runtime));
    }
}

impl Engine {
    /// A builder for an engine that knows no sagas yet.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::with(Arc::new(Plain))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("active", &self.0.active().len())
            .finish_non_exhaustive()
    }
}
