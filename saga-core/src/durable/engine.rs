//! The engine: takes sagas in, runs them over a journal, and goes on with what an earlier process left.

use core::fmt;
use core::time::Duration;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::codec::{Codec, Journalable, Plain};
use super::entry::{Entry, millis, now};
use super::error::{CancelError, CancelOutcome, NotEnded, OpenError, Parked, SubmitError};
use super::executor::{Durable, Halt};
use super::fingerprint::{difference, text_of};
use super::handle::DurableHandle;
use super::journal::{
    Created, Journal, JournalError, JournalErrorKind, JournalLock, NewSaga, Query, Record,
    SagaEntry, SagaKey, SagaState,
};
use super::log::{SagaLog, Stopped, first_calls};
use super::registered::{Registered, Taken, Typed, Unended, first_of};
use super::shared::Shared;
use super::status::{Condition, SagaStatus};
use crate::driver::Ended;
use crate::id::SagaId;
use crate::options::RunOptions;
use crate::position::{Position, Progress};
use crate::report::Report;
use crate::saga::{Machine, Saga};
#[cfg(feature = "testing")]
use crate::testing::Running;

/// How many sagas are asked for at once.
const PAGE: usize = 500;

/// The longest id.
const LONGEST_ID: usize = 512;

/// An engine that is to be opened: which sagas it knows, and how it runs them.
#[must_use]
pub struct EngineBuilder {
    registered: Vec<Arc<dyn Registered>>,
    codec: Arc<dyn Codec>,
    max_in_flight: usize,
    max_interruptions: u32,
    #[cfg(feature = "testing")]
    broken: Option<Arc<Running>>,
}

impl EngineBuilder {
    const fn with(codec: Arc<dyn Codec>) -> Self {
        Self {
            registered: Vec::new(),
            codec,
            max_in_flight: 1_024,
            max_interruptions: 5,
            #[cfg(feature = "testing")]
            broken: None,
        }
    }

    /// Breaks its sagas as a cell of a fault matrix says, and takes down what is called.
    #[cfg(feature = "testing")]
    pub(crate) fn broken_by(self, running: Arc<Running>) -> Self {
        Self {
            broken: Some(running),
            ..self
        }
    }

    /// Makes a saga known, and the service that its steps are methods of.
    pub fn register<S>(self, service: impl Into<Arc<S::Service>>) -> Self
    where
        S: Machine<Durable> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
    {
        self.register_with::<S>(service, RunOptions::new())
    }

    /// The same, where each run has these options in place of the definition's policies and deadline, and this
    /// observer. An id or a token among them are not looked at.
    pub fn register_with<S>(
        mut self,
        service: impl Into<Arc<S::Service>>,
        options: RunOptions<S>,
    ) -> Self
    where
        S: Machine<Durable> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
    {
        let service = service.into();
        self.registered.push(Arc::new(Typed { service, options }));
        self
    }

    /// Changes values on their way to the journal and back.
    pub fn codec(self, codec: impl Codec) -> Self {
        Self {
            codec: Arc::new(codec),
            ..self
        }
    }

    /// How many sagas are carried out at once, at most; 1024 without it, and at least 1. One that waits for
    /// its next attempt is not counted.
    pub fn max_in_flight(self, max_in_flight: usize) -> Self {
        Self {
            max_in_flight: max_in_flight.clamp(1, Semaphore::MAX_PERMITS),
            ..self
        }
    }

    /// How often a step may be interrupted by the end of the process until it gives up, and is in doubt; 5
    /// without it.
    pub fn max_interruptions(self, max_interruptions: u32) -> Self {
        Self {
            max_interruptions,
            ..self
        }
    }

    /// Opens the engine, and goes on with every saga in the journal that has not ended.
    ///
    /// # Errors
    ///
    /// When two sagas have one name, another engine has the journal, or it cannot be read.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime that has time enabled.
    pub async fn open(self, journal: impl Journal) -> Result<Engine, OpenError> {
        let Self {
            registered,
            codec,
            max_in_flight,
            max_interruptions,
            #[cfg(feature = "testing")]
            broken,
        } = self;
        let mut by_name = BTreeMap::new();
        for saga in registered {
            let definition = saga.definition();
            let known = Known {
                hash: text_of(definition).hash,
                saga,
            };
            if by_name.insert(definition.name, known).is_some() {
                let saga = definition.name;
                return Err(OpenError::SameName { saga });
            }
        }
        let lock = journal.lock()?;
        let shared = Shared {
            journal: Arc::new(journal),
            codec,
            max_interruptions,
            slots: Arc::new(Semaphore::new(max_in_flight)),
            shutdown: CancellationToken::new(),
            trouble: watch::Sender::new(None),
            #[cfg(feature = "testing")]
            broken,
        };
        for known in by_name.values() {
            let text = text_of(known.saga.definition());
            shared.journal.define(text).await?;
        }
        let engine = Engine(Arc::new(Inner {
            shared: Arc::new(shared),
            known: by_name,
            active: Mutex::default(),
            tasks: TaskTracker::new(),
            requests: TaskTracker::new(),
            abort: CancellationToken::new(),
            lock: Mutex::new(Some(lock)),
        }));
        engine.recover().await?;
        Ok(engine)
    }
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.registered.iter().map(|saga| saga.definition().name);
        f.debug_struct("EngineBuilder")
            .field("sagas", &names.collect::<Vec<_>>())
            .field("max_in_flight", &self.max_in_flight)
            .field("max_interruptions", &self.max_interruptions)
            .finish_non_exhaustive()
    }
}

struct Known {
    hash: u64,
    saga: Arc<dyn Registered>,
}

/// Runs sagas so that they survive: over a [`Journal`].
///
/// A clone is the same engine. Dropping all of them does not end it: its sagas go on, and it keeps its journal
/// for as long as there are any. [`shutdown`](Self::shutdown) ends it.
#[derive(Clone)]
pub struct Engine(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) shared: Arc<Shared>,
    known: BTreeMap<&'static str, Known>,
    /// The sagas that have not ended: those that go on here, and those that are parked.
    active: Mutex<HashMap<SagaId, Arc<Active>>>,
    tasks: TaskTracker,
    /// The cancellations that are being recorded.
    requests: TaskTracker,
    abort: CancellationToken,
    lock: Mutex<Option<JournalLock>>,
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
    fn new(saga: Arc<str>, stage: Stage) -> Arc<Self> {
        Arc::new(Self {
            saga,
            stage: watch::Sender::new(stage),
            token: CancellationToken::new(),
            progress: Arc::new(Progress::new()),
        })
    }
}

impl Inner {
    fn active(&self) -> MutexGuard<'_, HashMap<SagaId, Arc<Active>>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn find_active(&self, id: &SagaId) -> Option<Arc<Active>> {
        self.active().get(id).cloned()
    }

    fn set_gone(&self, id: &SagaId, active: &Active) {
        self.active().remove(id);
        active.stage.send_replace(Stage::Gone);
    }

    fn typed<S>(&self) -> Option<Arc<Typed<S>>>
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
    async fn parked(&self, entry: &SagaEntry) -> Result<Option<Parked>, JournalError> {
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
    async fn log_of(
        &self,
        entry: &SagaEntry,
        is_read_only: bool,
    ) -> Result<(Arc<SagaLog>, Record), JournalError> {
        let records = self.shared.journal.records(entry.key).await?;
        let first = first_of(&records)?;
        let (shared, id) = (Arc::clone(&self.shared), entry.id.clone());
        let log = SagaLog::new(shared, id, entry.key, records, is_read_only)?;
        Ok((Arc::new(log), first))
    }

    /// Takes down what became of a run.
    fn finish(&self, id: &SagaId, active: &Active, unended: Option<Unended>) {
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
    async fn resume(&self, entry: &SagaEntry, active: &Arc<Active>) {
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
    async fn recover(&self) -> Result<(), JournalError> {
        let inner = &self.0;
        let mut left = Vec::new();
        let mut after = None;
        loop {
            let query = Query {
                after,
                ..Query::new().state(SagaState::Unfinished).limit(PAGE)
            };
            let page = inner.shared.journal.list(query).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = Some(last.key);
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
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn_among(&self.0.tasks, task);
    }

    fn spawn_among(&self, tasks: &TaskTracker, task: impl Future<Output = ()> + Send + 'static) {
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

    /// Submits a saga: it is in the journal when this returns, and runs from then on, whatever becomes of
    /// this process.
    ///
    /// The id says which run it is. Submitted again under the same id, with the same input, it is the same
    /// run: it is not run twice, and the handle is one more of it. Inputs are the same if they are as JSON.
    ///
    /// Waits while as many sagas are carried out as the engine [may](EngineBuilder::max_in_flight). A step
    /// must not wait for that: it is one of them.
    ///
    /// # Errors
    ///
    /// A [`SubmitError`]; nothing is left behind, except after [`SubmitError::Journal`].
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves it open whether the saga is submitted.
    pub async fn submit<S>(
        &self,
        id: impl Into<SagaId>,
        input: S::Input,
    ) -> Result<DurableHandle<S>, SubmitError>
    where
        S: Machine<Durable> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable + 'static,
        S::Output: Send + 'static,
    {
        let (inner, saga) = (&self.0, S::DEFINITION.name);
        let id = id.into();
        let id = SagaId::new(id.to_string());
        let bytes = id.to_string().len();
        if !(1..=LONGEST_ID).contains(&bytes) {
            return Err(SubmitError::Id { bytes });
        }
        let not_registered = || SubmitError::NotRegistered {
            saga,
            type_name: core::any::type_name::<S>(),
        };
        let typed = inner.typed::<S>().ok_or_else(not_registered)?;
        let hash = inner.known.get(saga).map_or(0, |known| known.hash);
        let value = inner.shared.encode(&input);
        let value = value.map_err(|error| SubmitError::Input {
            id: id.clone(),
            saga,
            error,
        })?;
        let deadline = typed.options.deadline_after();
        let active = loop {
            if let Some(active) = inner.find_active(&id) {
                if let Some(handle) = self.same::<S>(&id, &active, &input).await? {
                    return Ok(handle);
                }
                continue;
            }
            let slot = inner.shared.slot().await.ok_or(SubmitError::ShutDown)?;
            let mut all = inner.active();
            if !all.contains_key(&id) {
                let active = Active::new(saga.into(), Stage::Creating);
                all.insert(id.clone(), Arc::clone(&active));
                break (active, slot);
            }
        };
        let (active, slot) = active;
        let begins = first_calls("", S::DEFINITION, 0);
        let first = Record {
            number: 0,
            at: now(),
            head: Entry::Submitted {
                deadline: deadline.map(|after| now().saturating_add(millis(after))),
                begins: begins.clone(),
            }
            .head(),
            value,
        };
        let new = NewSaga {
            id: id.clone(),
            saga: saga.into(),
            definition: hash,
            first: first.clone(),
        };
        let (created, answer) = oneshot::channel();
        let (live, ended) = oneshot::channel();
        let submission = Submission {
            inner: Arc::clone(inner),
            active,
            new,
            begins,
            slot,
            deadline,
        };
        self.spawn(async move {
            submission
                .carry_out::<S>(&typed, input, created, live)
                .await;
        });
        match answer.await {
            Ok(Ok(Fresh::Created)) => Ok(DurableHandle::new(self.clone(), id, Some(ended))),
            Ok(Ok(Fresh::Existing(entry, input))) => self.existing::<S>(&entry, &input).await,
            Ok(Err(error)) => Err(SubmitError::Journal { id, saga, error }),
            Err(_) => Err(SubmitError::ShutDown),
        }
    }

    /// The handle of a saga that is active already, once it is known to be in the journal; none if it turned
    /// out not to be.
    async fn same<S>(
        &self,
        id: &SagaId,
        active: &Active,
        input: &S::Input,
    ) -> Result<Option<DurableHandle<S>>, SubmitError>
    where
        S: Saga,
        S::Input: Journalable,
    {
        let saga = S::DEFINITION.name;
        let failed = |error| SubmitError::Journal {
            id: id.clone(),
            saga,
            error,
        };
        let mut stage = active.stage.subscribe();
        tokio::select! {
            biased;
            known = stage.wait_for(|stage| !matches!(stage, Stage::Creating)) => if known.is_err() {
                return Ok(None);
            },
            error = self.0.shared.has_trouble() => return Err(failed(error)),
        }
        let entry = self.0.shared.journal.find(id).await.map_err(failed)?;
        let Some(entry) = entry else {
            return Ok(None);
        };
        let input = input.to_json().unwrap_or_default();
        self.existing::<S>(&entry, &input).await.map(Some)
    }

    /// The handle of a saga of the journal, if it is a run of this saga with this input.
    async fn existing<S>(
        &self,
        entry: &SagaEntry,
        input: &[u8],
    ) -> Result<DurableHandle<S>, SubmitError>
    where
        S: Saga,
    {
        let (id, saga) = (entry.id.clone(), S::DEFINITION.name);
        if *entry.saga != *saga {
            let existing = Arc::clone(&entry.saga);
            return Err(SubmitError::OtherSaga { id, saga, existing });
        }
        let failed = |error| SubmitError::Journal {
            id: id.clone(),
            saga,
            error,
        };
        let records = self.0.shared.journal.records(entry.key).await;
        let first = first_of(&records.map_err(failed)?).map_err(failed)?;
        let was: Result<serde_json::Value, _> = self.0.shared.decode(&first.value);
        let is: Result<serde_json::Value, _> = serde_json::from_slice(input);
        match (was, is) {
            (Ok(was), Ok(is)) if was == is => Ok(DurableHandle::new(self.clone(), id, None)),
            (Err(error), _) => Err(failed(JournalError::new(JournalErrorKind::Corrupt, error))),
            _ => Err(SubmitError::OtherInput { id, saga }),
        }
    }

    /// How a saga ended, once it has: its output, or the error with its whole report.
    ///
    /// An error that was recorded is one: of the type that the step returned only its text is left, as
    /// [`Failure::Recorded`](crate::Failure::Recorded). The [handle](DurableHandle::outcome) that `submit`
    /// gave may still have the error itself.
    ///
    /// # Errors
    ///
    /// [`NotEnded`] when nobody can say: it never waits for a saga that does not go on.
    ///
    /// # Cancellation
    ///
    /// Dropping the future changes nothing.
    pub async fn outcome<S>(&self, id: impl Into<SagaId>) -> Result<Ended<S>, NotEnded>
    where
        S: Machine<Durable> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
    {
        let (inner, id) = (&self.0, id.into());
        let saga = S::DEFINITION.name;
        let Some(typed) = inner.typed::<S>() else {
            return Err(NotEnded::NotRegistered { saga: saga.into() });
        };
        self.wait_for_end(&id).await?;
        let entry = self.ended_entry(&id).await?;
        if *entry.saga != *saga {
            let existing = entry.saga;
            return Err(NotEnded::OtherSaga { id, saga, existing });
        }
        let failed = |error| NotEnded::Journal {
            id: id.clone(),
            error,
        };
        if let Some(reason) = inner.parked(&entry).await.map_err(failed)? {
            return Err(NotEnded::Parked { id, reason });
        }
        let (log, first) = inner.log_of(&entry, true).await.map_err(failed)?;
        typed
            .read(log, &first)
            .await
            .map_err(|halt| NotEnded::Parked {
                id,
                reason: Parked::Unreadable(halt),
            })
    }

    /// The entry of a saga that is not active.
    async fn ended_entry(&self, id: &SagaId) -> Result<SagaEntry, NotEnded> {
        let found = self.0.shared.journal.find(id).await;
        let found = found.map_err(|error| NotEnded::Journal {
            id: id.clone(),
            error,
        })?;
        match found {
            None => Err(NotEnded::NotFound { id: id.clone() }),
            // Between its submission and now, the engine was shut down.
            Some(entry) if entry.state == SagaState::Unfinished => {
                Err(NotEnded::ShutDown { id: id.clone() })
            }
            Some(entry) => Ok(entry),
        }
    }

    /// Waits until a saga is no longer active.
    async fn wait_for_end(&self, id: &SagaId) -> Result<(), NotEnded> {
        let Some(active) = self.0.find_active(id) else {
            return Ok(());
        };
        let mut stage = active.stage.subscribe();
        let mut trouble = self.0.shared.trouble.subscribe();
        loop {
            let id = id.clone();
            match &*stage.borrow_and_update() {
                Stage::Gone => return Ok(()),
                Stage::ShutDown => return Err(NotEnded::ShutDown { id }),
                Stage::Parked(reason) => {
                    let reason = reason.clone();
                    return Err(NotEnded::Parked { id, reason });
                }
                Stage::Creating | Stage::Queued | Stage::Running(_) => {}
            }
            if let Some(error) = &*trouble.borrow_and_update() {
                let error = error.clone();
                return Err(NotEnded::Journal { id, error });
            }
            tokio::select! {
                changed = stage.changed() => if changed.is_err() {
                    return Err(NotEnded::ShutDown { id });
                },
                _ = trouble.changed() => {}
            }
        }
    }

    /// Ready when a saga cannot go on, and only then.
    pub(super) async fn in_trouble(&self, id: &SagaId) -> NotEnded {
        match self.wait_for_end(id).await {
            Err(trouble) => trouble,
            Ok(()) => core::future::pending().await,
        }
    }

    /// The report of a saga that has ended and did not complete; none of one that completed. Whatever became of
    /// the types and the definition since, for it is the report that was made at the end. Does not wait.
    ///
    /// # Errors
    ///
    /// When there is no such saga, it has not ended, or the journal cannot be read.
    pub async fn report(&self, id: impl Into<SagaId>) -> Result<Option<Report>, NotEnded> {
        let (shared, id) = (&self.0.shared, id.into());
        let failed = |error| NotEnded::Journal {
            id: id.clone(),
            error,
        };
        let found = shared.journal.find(&id).await.map_err(failed)?;
        let Some(entry) = found else {
            return Err(NotEnded::NotFound { id });
        };
        match entry.state {
            SagaState::Unfinished => return Err(NotEnded::Unfinished { id }),
            SagaState::Completed => return Ok(None),
            SagaState::Compensated | SagaState::Stuck => {}
        }
        let records = shared.journal.records(entry.key).await.map_err(failed)?;
        let is_end = |record: &&Record| record.head.starts_with(r#"{"ended":"#);
        let end = records.iter().rev().find(is_end);
        let report = end.map(|end| shared.decode(&end.value)).transpose();
        report.map_err(|error| NotEnded::Parked {
            id,
            reason: Parked::Unreadable(Halt::Unreadable {
                call: "the report".to_owned(),
                error,
            }),
        })
    }

    /// What has become of a saga, so far; none if there is none of this id.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn status(&self, id: impl Into<SagaId>) -> Result<Option<SagaStatus>, JournalError> {
        let entry = self.0.shared.journal.find(&id.into()).await?;
        Ok(entry.map(|entry| self.status_of(entry)))
    }

    /// The sagas that fit `query`, in the order in which they were submitted: a page, after which
    /// [`Query::after`] asks for the next.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub async fn list(&self, query: Query) -> Result<Vec<SagaStatus>, JournalError> {
        let entries = self.0.shared.journal.list(query).await?;
        let statuses = entries.into_iter().map(|entry| self.status_of(entry));
        Ok(statuses.collect())
    }

    fn status_of(&self, entry: SagaEntry) -> SagaStatus {
        let active = self.0.find_active(&entry.id);
        let condition = match (entry.state, active) {
            (SagaState::Unfinished, Some(active)) => match &*active.stage.borrow() {
                Stage::Parked(reason) => Condition::Parked(reason.clone()),
                Stage::Creating | Stage::Queued => Condition::Queued,
                Stage::ShutDown => Condition::ShutDown,
                _ => Condition::Running(active.progress.get()),
            },
            (SagaState::Unfinished, None) => Condition::Running(Position::Ended),
            (SagaState::Completed, _) => Condition::Completed,
            (SagaState::Compensated, _) => Condition::Compensated,
            (SagaState::Stuck, _) => Condition::Stuck,
        };
        SagaStatus::new(entry, condition)
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

/// What the journal said to a saga that was submitted.
enum Fresh {
    Created,
    /// There is one of its id; and the input that was submitted, as JSON.
    Existing(SagaEntry, Vec<u8>),
}

/// A saga that is being submitted.
struct Submission {
    inner: Arc<Inner>,
    active: Arc<Active>,
    new: NewSaga,
    begins: Vec<String>,
    slot: tokio::sync::OwnedSemaphorePermit,
    deadline: Option<Duration>,
}

impl Submission {
    async fn carry_out<S>(
        self,
        typed: &Typed<S>,
        input: S::Input,
        answer: oneshot::Sender<Result<Fresh, JournalError>>,
        live: oneshot::Sender<Ended<S>>,
    ) where
        S: Machine<Durable> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
    {
        let Self {
            inner,
            active,
            new,
            begins,
            slot,
            deadline,
        } = self;
        let (id, first) = (new.id.clone(), new.first.clone());
        let mut answer = Some(answer);
        let key = match inner.create(new).await {
            Ok(Ok(key)) => Some(key),
            Ok(Err(entry)) => {
                inner.set_gone(&id, &active);
                let existing = Fresh::Existing(entry, input.to_json().unwrap_or_default());
                let _ = answer.map(|answer| answer.send(Ok(existing)));
                return;
            }
            Err(error) => {
                // Whoever submitted it need not wait; but it may be there.
                let _ = answer.take().map(|answer| answer.send(Err(error)));
                inner.there(&id).await
            }
        };
        let Some(key) = key else {
            return inner.set_gone(&id, &active);
        };
        let log = SagaLog::fresh(Arc::clone(&inner.shared), id.clone(), key, begins);
        log.hold(slot);
        let log = Arc::new(log);
        active.stage.send_replace(Stage::Running(Arc::clone(&log)));
        let _ = answer.map(|answer| answer.send(Ok(Fresh::Created)));
        let taken = Taken {
            log,
            first,
            token: active.token.clone(),
            progress: Arc::clone(&active.progress),
        };
        match typed.carry(&taken, input, deadline).await {
            Ok(ended) => {
                // Before anybody is told that it has ended: the handle has it then.
                if let Err(ended) = live.send(ended) {
                    crate::panics::discard(ended);
                }
                inner.finish(&id, &active, None);
            }
            Err(unended) => inner.finish(&id, &active, Some(unended)),
        }
    }
}

impl Inner {
    /// Adds a saga, or says which has its id.
    async fn create(&self, new: NewSaga) -> Result<Result<SagaKey, SagaEntry>, JournalError> {
        match self.shared.journal.create(new).await? {
            Created::New(key) => Ok(Ok(key)),
            Created::Existing(entry) => Ok(Err(entry)),
        }
    }

    /// Whether a saga is there although its journal said that it failed to add it.
    async fn there(&self, id: &SagaId) -> Option<SagaKey> {
        let mut wait = Duration::from_millis(10);
        loop {
            match self.shared.journal.find(id).await {
                Ok(found) => {
                    self.shared.journal_is_back();
                    // Nobody else goes on with a saga of this id here.
                    let unfinished = |entry: &SagaEntry| entry.state == SagaState::Unfinished;
                    return found.filter(unfinished).map(|entry| entry.key);
                }
                Err(error) if error.kind() == JournalErrorKind::Unavailable => {
                    self.shared.journal_failed(&error);
                }
                // What there is of this id cannot be gone on with, and whoever asks for it is told.
                Err(_) => return None,
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(1));
        }
    }
}
