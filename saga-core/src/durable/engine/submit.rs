//! Adds a saga to the journal, once for each id.

use core::fmt;
use core::pin::Pin;
use core::sync::atomic::Ordering;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, TryAcquireError, oneshot};

use crate::definition::Source;
use crate::drive::Ended;
use crate::durable::clock::{millis, now};
use crate::durable::codec::{IntoSagaId, Journalable, RunsDurably};
use crate::durable::engine::active::{Active, Guard, Loaded, Stage};
use crate::durable::engine::{Engine, EngineInner};
use crate::durable::error::SubmitError;
use crate::durable::executor::Halt;
use crate::durable::handle::DurableHandle;
use crate::durable::log::SagaLog;
use crate::durable::registered::{Boxed, RunParts, Typed};
use crate::durable::site::calls_of_stage;
use crate::executor::Executor;
use crate::id::SagaId;
use crate::machine::{Machine, Saga, Slots as _};
use crate::run::Caller;
use crate::util::panics;
use saga_journal::{
    Created, Entry, JournalError, JournalErrorKind, NewSaga, Record, RecordPosition, SagaEntry,
    SagaKey, SagaState,
};

/// The future of [`Engine::submit`] and [`Engine::try_submit`].
///
/// A type of its own, without the bounds of these methods: the compiler reports a saga that has not what they require
/// once, and not again wherever the future is used.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Submitting<'a, S: Saga>(Boxed<'a, Result<DurableHandle<S>, SubmitError>>);

impl<S: Saga> Future for Submitting<'_, S> {
    type Output = Result<DurableHandle<S>, SubmitError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl<S: Saga> fmt::Debug for Submitting<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submitting")
            .field("saga", &S::DEFINITION.name)
            .finish_non_exhaustive()
    }
}

/// The longest id.
const LONGEST_ID: usize = 512;

impl Engine {
    /// Submits a saga. When this returns, the saga is in the journal, and it runs from then on even if this process
    /// ends.
    ///
    /// The id identifies the run. Submitting the same id with the same input again refers to the same run: it does not
    /// run twice, and the call returns another handle of it. Two inputs are the same if they are equal by `==`, if
    /// their type has it (for a type parameter: if its bounds say so), or if they have the same JSON. The recorded
    /// input is read as its current type.
    ///
    /// Waits while as many sagas are in flight as the engine [may have](crate::durable::EngineBuilder::max_in_flight):
    /// until one of them ends or waits for its next attempt, and every saga that came before has had its turn, also
    /// those of an earlier process. [`try_submit`](Self::try_submit) does not wait. This does not wait either if the
    /// saga is already in the journal. A step must not wait for this, because its own saga is one of those in flight.
    ///
    /// # Errors
    ///
    /// A [`SubmitError`], which knows whether the saga [may be in the journal](SubmitError::may_be_there).
    ///
    /// # Cancellation
    ///
    /// If the future is dropped, the saga may or may not be submitted. Submit it again under the same id to find out:
    /// it is the same run.
    pub fn submit<S>(&self, id: impl IntoSagaId, input: S::Input) -> Submitting<'_, S>
    where
        S: Saga + RunsDurably<<S as Saga>::Input> + 'static,
        S::Input: 'static,
        S::Output: Send + 'static,
    {
        Submitting(Box::pin(self.submit_as::<S>(
            id.into_saga_id(),
            input,
            Full::Waits,
        )))
    }

    /// Like [`submit`](Self::submit), but returns an error instead of waiting if as many sagas are in flight as the
    /// engine may have.
    ///
    /// # Errors
    ///
    /// [`SubmitError::Full`] in that case, otherwise like [`submit`](Self::submit).
    ///
    /// # Cancellation
    ///
    /// Like [`submit`](Self::submit).
    pub fn try_submit<S>(&self, id: impl IntoSagaId, input: S::Input) -> Submitting<'_, S>
    where
        S: Saga + RunsDurably<<S as Saga>::Input> + 'static,
        S::Input: 'static,
        S::Output: Send + 'static,
    {
        Submitting(Box::pin(self.submit_as::<S>(
            id.into_saga_id(),
            input,
            Full::Refuses,
        )))
    }

    async fn submit_as<S>(
        &self,
        id: SagaId,
        input: S::Input,
        full: Full,
    ) -> Result<DurableHandle<S>, SubmitError>
    where
        S: Saga + 'static,
        S::Input: Journalable + 'static,
        S::Output: Send + 'static,
    {
        let (inner, saga) = (&self.0, S::DEFINITION.name);
        let id = SagaId::new(id.to_string());
        let bytes = id.to_string().len();
        if !(1..=LONGEST_ID).contains(&bytes) {
            return Err(SubmitError::Id { bytes });
        }
        let not_registered = || SubmitError::NotRegistered {
            saga,
            type_name: core::any::type_name::<S>(),
        };
        let typed = Arc::clone(inner.typed::<S>().ok_or_else(not_registered)?);
        // The input as later processes will read it.
        let read = input
            .to_json()
            .and_then(|json| Ok((S::Input::of_json(&json)?, json)));
        panics::discard(input);
        let (input, json) = read.map_err(|error| SubmitError::Input {
            id: id.clone(),
            saga,
            error: if S::DEFINITION.is_sensitive(Source::Input, None) {
                // The message of serde may quote the value.
                "why is not said, for it is sensitive".to_owned()
            } else {
                error
            },
        })?;
        let value = inner.shared.encoded(json);
        let value = value.map_err(|error| SubmitError::Codec {
            id: id.clone(),
            saga,
            error,
        })?;
        let deadline = typed.deadline_after();
        let (guard, place) = match self.begin(&id, saga, full).await? {
            Begun::Here(entry) => return self.existing::<S>(entry, input).await,
            Begun::New(guard, place) => (guard, place),
        };
        let entry = Entry::Submitted {
            deadline: deadline.map(|after| now().saturating_add(millis(after))),
            trace_context: inner.shared.trace_context(),
            begins: calls_of_stage(None, S::DEFINITION, 0),
        };
        let first = Record::new(0, now(), entry, value);
        let new = NewSaga {
            id: id.clone(),
            saga: saga.into(),
            definition: inner.known.get(saga).map_or(0, |known| known.hash),
            first,
        };
        let (created, answer) = oneshot::channel();
        let (live, ended) = oneshot::channel();
        let active = Arc::clone(&guard.active);
        let submission = Submission {
            inner: Arc::clone(inner),
            active: Arc::clone(&active),
            new,
            place,
            deadline,
            caller: Caller::current(),
        };
        inner.spawn_saga(guard, typed.submit(submission, input, created, live));
        match answer.await {
            Ok(Ok(Fresh::Created)) => Ok(DurableHandle::new(self.clone(), id, Some(ended))),
            Ok(Ok(Fresh::Existing(entry, input))) => self.existing::<S>(entry, input).await,
            Ok(Err(error)) => Err(SubmitError::Journal { id, saga, error }),
            Err(_) if active.may_be_there() => Err(SubmitError::Unknown { id, saga }),
            Err(_) => Err(inner.takes_no_more()),
        }
    }

    /// Reserves the id and a place among the sagas in flight, unless there is a saga with this id.
    async fn begin(
        &self,
        id: &SagaId,
        saga: &'static str,
        full: Full,
    ) -> Result<Begun, SubmitError> {
        let inner = &self.0;
        let failed = |error| SubmitError::Journal {
            id: id.clone(),
            saga,
            error,
        };
        loop {
            if let Some(active) = inner.find_active(id) {
                if let Some(entry) = self.same(id, saga, &active).await? {
                    return Ok(Begun::Here(entry));
                }
                continue;
            }
            let place = match Arc::clone(&inner.shared.slots).try_acquire_owned() {
                Ok(place) => place,
                Err(TryAcquireError::Closed) => return Err(inner.takes_no_more()),
                Err(TryAcquireError::NoPermits) => {
                    // A saga that exists already needs no place.
                    let found = inner.journal.find(id).await;
                    if let Some(entry) = found.map_err(failed)? {
                        return Ok(Begun::Here(entry));
                    }
                    if matches!(full, Full::Refuses) {
                        let id = id.clone();
                        return Err(SubmitError::Full { id, saga });
                    }
                    let place = tokio::select! {
                        biased;
                        place = inner.shared.slot() => place,
                        // The sagas that hold the places wait for the journal.
                        error = inner.shared.has_trouble() => return Err(failed(error)),
                    };
                    place.ok_or_else(|| inner.takes_no_more())?
                }
            };
            let mut all = inner.active();
            if !all.contains_key(id) {
                let active = Active::new(saga.into());
                all.insert(id.clone(), Arc::clone(&active));
                let (inner, id) = (Arc::clone(inner), id.clone());
                return Ok(Begun::New(Guard { inner, id, active }, place));
            }
        }
    }

    /// The entry of a saga that is active already, once it is known to be in the journal. `None` if it turned out not
    /// to be there.
    async fn same(
        &self,
        id: &SagaId,
        saga: &'static str,
        active: &Active,
    ) -> Result<Option<SagaEntry>, SubmitError> {
        let failed = |error| SubmitError::Journal {
            id: id.clone(),
            saga,
            error,
        };
        let mut stage = active.stage.subscribe();
        let is_gone = tokio::select! {
            biased;
            known = stage.wait_for(|stage| !matches!(stage, Stage::Creating)) => {
                known.is_err() || known.is_ok_and(|stage| matches!(*stage, Stage::Gone))
            }
            error = self.0.shared.has_trouble() => return Err(failed(error)),
        };
        if is_gone {
            return Ok(None);
        }
        let found = self.0.journal.find(id).await.map_err(failed)?;
        if found.is_some() {
            return Ok(found);
        }
        match &*active.stage.borrow() {
            Stage::Gone => Ok(None),
            // It was being submitted when the engine ended, and that may still take effect in the journal.
            Stage::ShutDown | Stage::Dropped(_) => {
                let id = id.clone();
                Err(SubmitError::Unknown { id, saga })
            }
            Stage::Creating | Stage::Queued | Stage::Running | Stage::Parked(_) => {
                let text = "a saga in flight is not in it";
                Err(failed(JournalError::new(JournalErrorKind::Conflict, text)))
            }
        }
    }

    /// The handle of a saga of the journal, if it is a run of the same saga with the same input.
    async fn existing<S>(
        &self,
        entry: SagaEntry,
        input: S::Input,
    ) -> Result<DurableHandle<S>, SubmitError>
    where
        S: Saga,
        S::Input: Journalable,
    {
        let (id, saga) = (entry.id, S::DEFINITION.name);
        if *entry.saga != *saga {
            let existing = Arc::clone(&entry.saga);
            return Err(SubmitError::OtherSaga { id, saga, existing });
        }
        if let Some(parked) = self.0.ends_process(entry.loads) {
            let error = parked.to_string();
            return Err(SubmitError::UnreadableInput { id, saga, error });
        }
        let failed = |error| SubmitError::Existing {
            id: id.clone(),
            saga,
            error,
        };
        let first = self
            .0
            .journal
            .record(entry.key, RecordPosition::First)
            .await;
        let first = first.map_err(failed)?.ok_or_else(|| {
            let text = "a saga without a record";
            failed(JournalError::new(JournalErrorKind::Corrupt, text))
        })?;
        let json = self.0.shared.decoded(&first.value);
        let json = json.map_err(|error| Halt::Codec { error }.to_string());
        let is_same = json.and_then(|json| S::Input::of_json(&json));
        let is_same = is_same.map(|was| is_same_input::<S>(was, input));
        match is_same {
            Ok(true) => Ok(DurableHandle::new(self.clone(), id, None)),
            Ok(false) => Err(SubmitError::OtherInput { id, saga }),
            Err(error) => Err(SubmitError::UnreadableInput { id, saga, error }),
        }
    }
}

/// Whether the recorded input, read as its current type, equals this one: by `==`, or by the JSON of both. So neither
/// the order of a set nor a new field with a default makes a different input, while two large numbers that differ do.
fn is_same_input<S: Saga<Input: Journalable>>(was: S::Input, is: S::Input) -> bool {
    let is_equal = panics::catch(|| S::Slots::is_same_input(&was, &is));
    let is_same = is_equal.unwrap_or(false)
        || matches!((was.to_json(), is.to_json()), (Ok(was), Ok(is)) if was == is);
    panics::discard(was);
    panics::discard(is);
    is_same
}

/// What a submission does if there is no place.
#[derive(Debug, Clone, Copy)]
enum Full {
    Waits,
    Refuses,
}

/// The result of reserving an id.
enum Begun {
    /// The id belongs to a saga of the journal.
    Here(SagaEntry),
    /// The id was free, and is reserved now.
    New(Guard, OwnedSemaphorePermit),
}

/// What a submission is answered with.
pub(in crate::durable) type SubmitAnswer<I> = Result<Fresh<I>, JournalError>;

/// The answer of the journal to a submission.
pub(in crate::durable) enum Fresh<I> {
    Created,
    /// There is a saga with this id. The input is the submitted one.
    Existing(SagaEntry, I),
}

/// A saga that is being submitted.
pub(in crate::durable) struct Submission {
    inner: Arc<EngineInner>,
    active: Arc<Active>,
    new: NewSaga,
    place: OwnedSemaphorePermit,
    deadline: Option<Duration>,
    caller: Caller,
}

impl Submission {
    pub(in crate::durable) async fn run<S, X>(
        self,
        typed: &Typed<S, X>,
        input: S::Input,
        answer: oneshot::Sender<SubmitAnswer<S::Input>>,
        live: oneshot::Sender<Ended<S>>,
    ) where
        S: Machine<X> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
        X: Executor<Halt = Halt> + 'static,
    {
        let Self {
            inner,
            active,
            new,
            place,
            deadline,
            caller,
        } = self;
        let (id, first) = (new.id.clone(), new.first.clone());
        let mut answer = Some(answer);
        active.is_about_to_be_created();
        let key = match inner.create(new).await {
            Ok(Ok(key)) => Some(key),
            Ok(Err(entry)) => {
                inner.set_gone(&id, &active);
                drop(place);
                // Recovery may have skipped it meanwhile.
                if entry.state == SagaState::Unfinished && inner.runs(&entry) {
                    inner.adopt(entry.clone(), None);
                }
                let unheard = answer.map(|answer| answer.send(Ok(Fresh::Existing(entry, input))));
                return panics::discard(unheard);
            }
            Err(error) => {
                if error.kind() == JournalErrorKind::Fenced {
                    inner.shared.journal_failed(&error);
                }
                // The caller need not wait; but the saga may be in the journal.
                let _ = answer.take().map(|answer| answer.send(Err(error)));
                inner.there(&id, &first).await
            }
        };
        let Some(key) = key else {
            inner.set_gone(&id, &active);
            drop(place);
            return inner.take_up_passed(&id).await;
        };
        let log = SagaLog::fresh(
            Arc::clone(&inner.shared),
            id.clone(),
            inner.keeper(key),
            &first,
        );
        log.hold(place);
        let log = Arc::new(log);
        // Nothing else sets it for a saga that is created here.
        let _ = active.loaded.set(Loaded {
            log: Arc::clone(&log),
            first: first.clone(),
        });
        active.stage.send_replace(Stage::Running);
        let _ = answer.map(|answer| answer.send(Ok(Fresh::Created)));
        let taken = RunParts {
            log,
            first,
            token: active.token.clone(),
            progress: Arc::clone(&active.progress),
            caller,
        };
        match typed.run(&taken, input, deadline).await {
            Ok(ended) => {
                // Sent before the saga is reported as ended, so that the handle has it by then.
                if let Err(ended) = live.send(ended) {
                    panics::discard(ended);
                }
                inner.finish(&id, &active, None);
            }
            Err(stop) => inner.finish(&id, &active, Some(stop)),
        }
    }
}

impl EngineInner {
    /// Why the engine accepts no more sagas.
    fn takes_no_more(&self) -> SubmitError {
        if self.is_shut_down() {
            SubmitError::ShutDown
        } else {
            SubmitError::RuntimeEnded
        }
    }

    /// Adds a saga, or returns the entry that has its id.
    async fn create(&self, new: NewSaga) -> Result<Result<SagaKey, SagaEntry>, JournalError> {
        match self.journal.create(self.epoch, new).await? {
            Created::New(key) => {
                self.first_created.fetch_min(key.0, Ordering::Relaxed);
                Ok(Ok(key))
            }
            Created::Existing(entry) => Ok(Err(entry)),
        }
    }

    /// The key of a saga that is in the journal although adding it failed: one with exactly this record.
    async fn there(&self, id: &SagaId, first: &Record) -> Option<SagaKey> {
        let found = self.shared.once_available(|| self.find_unfinished(id));
        // A saga that cannot be read cannot go on; callers that wait for it get an error.
        let (key, records) = found.await.ok().flatten()?;
        let is_it = records.first() == Some(first) && records.len() == 1;
        is_it.then_some(key)
    }

    async fn find_unfinished(
        &self,
        id: &SagaId,
    ) -> Result<Option<(SagaKey, Vec<Record>)>, JournalError> {
        let journal = &self.journal;
        match journal.find(id).await? {
            Some(entry) if entry.state == SagaState::Unfinished => {
                let records = journal.records(entry.key).await?;
                Ok(Some((entry.key, records)))
            }
            _ => Ok(None),
        }
    }
}
