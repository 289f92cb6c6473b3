//! How a saga gets into the journal, once for each id.

use core::time::Duration;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::calls::calls_of_stage;
use super::codec::Journalable;
use super::engine::{Active, Engine, Inner, Stage};
use super::entry::{Entry, millis, now};
use super::error::SubmitError;
use super::executor::Durable;
use super::handle::DurableHandle;
use super::journal::{
    Created, JournalError, JournalErrorKind, NewSaga, Record, SagaEntry, SagaKey, SagaState,
};
use super::log::SagaLog;
use super::registered::{Taken, Typed, first_of};
use crate::driver::Ended;
use crate::id::SagaId;
use crate::saga::{Machine, Saga};

/// The longest id.
const LONGEST_ID: usize = 512;

impl Engine {
    /// Submits a saga: it is in the journal when this returns, and runs from then on, whatever becomes of
    /// this process.
    ///
    /// The id says which run it is. Submitted again under the same id, with the same input, it is the same
    /// run: it is not run twice, and the handle is one more of it. Inputs are the same if they are as JSON.
    ///
    /// Waits while as many sagas are carried out as the engine [may](super::EngineBuilder::max_in_flight). A step
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
                if inner.shared.is_shutting_down() {
                    // Nobody clears away what was being created then.
                    return Err(SubmitError::ShutDown);
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
        let entry = Entry::Submitted {
            deadline: deadline.map(|after| now().saturating_add(millis(after))),
            begins: calls_of_stage(None, S::DEFINITION, 0),
        };
        let first = Record::new(0, now(), entry, value);
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
    pub(super) async fn same<S>(
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
    pub(super) async fn existing<S>(
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
        let log = SagaLog::fresh(Arc::clone(&inner.shared), id.clone(), key, &first);
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
    pub(super) async fn create(
        &self,
        new: NewSaga,
    ) -> Result<Result<SagaKey, SagaEntry>, JournalError> {
        match self.shared.journal.create(self.shared.epoch, new).await? {
            Created::New(key) => Ok(Ok(key)),
            Created::Existing(entry) => Ok(Err(entry)),
        }
    }

    /// Whether a saga is there although its journal said that it failed to add it.
    pub(super) async fn there(&self, id: &SagaId) -> Option<SagaKey> {
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
