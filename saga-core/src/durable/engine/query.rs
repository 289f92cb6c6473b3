//! Waits for the end of a saga, and reads its outcome from the journal.

use std::sync::Arc;

use crate::drive::Ended;
use crate::durable::codec::{IntoSagaId, Journalable as _};
use crate::durable::engine::active::{Active, Stage};
use crate::durable::engine::list::Changes;
use crate::durable::engine::{Engine, EngineInner};
use crate::durable::error::{OutcomeError, Untyped};
use crate::durable::executor::Halt;
use crate::durable::fingerprint::text_of;
use crate::durable::log::{Purpose, SagaLog};
use crate::durable::status::Status;
use crate::id::SagaId;
use crate::machine::{Saga, Slots as _};
use crate::report::Report;
use saga_journal::{
    JournalError, JournalErrorKind, READER, Record, RecordPosition, SagaEntry, SagaState,
};

impl Engine {
    /// How a saga ended: its output, or the error with its whole report. Waits until it has ended.
    ///
    /// The outcome is read from the journal. The error of a step is [`Failure::Error`](crate::Failure::Error) if its
    /// type is `Serialize` and `Deserialize`. Of an error of another type only the text was recorded, and it is
    /// [`Failure::Recorded`](crate::Failure::Recorded).
    ///
    /// The result of a saga that has ended stays readable if its definition changes: the output is read as its current
    /// type, and if an error can no longer be built from the records, [`OutcomeError::Ended`] has the report.
    ///
    /// # Errors
    ///
    /// [`OutcomeError`]. It never waits for a saga that does not go on.
    ///
    /// # Cancellation
    ///
    /// Dropping the future has no effect on the saga.
    pub async fn outcome<S>(&self, id: impl IntoSagaId) -> Result<Ended<S>, OutcomeError>
    where
        S: Saga + 'static,
        S::Output: Send,
    {
        let id = id.into_saga_id();
        let entry = self.wait_for_end(&id, S::DEFINITION.name).await?;
        self.0.result_of::<S>(&entry).await
    }

    /// Waits until a run of this saga has ended.
    pub(in crate::durable) async fn wait_for_end(
        &self,
        id: &SagaId,
        saga: &'static str,
    ) -> Result<SagaEntry, OutcomeError> {
        let inner = &self.0;
        let failed = |error| OutcomeError::Unknown {
            id: id.clone(),
            error,
        };
        loop {
            if let Some(active) = inner.find_active(id) {
                inner.wait_for(id, saga, &active).await?;
            }
            let found = inner.journal.find(id).await.map_err(failed)?;
            let Some(entry) = found else {
                return Err(OutcomeError::NotFound { id: id.clone() });
            };
            is_of(id, saga, &entry.saga)?;
            if entry.state != SagaState::Unfinished {
                return Ok(entry);
            }
            if inner.is_shut_down() {
                return Err(OutcomeError::ShutDown { id: id.clone() });
            }
            if let Some(reason) = inner.parked(&entry).await.map_err(failed)? {
                let id = id.clone();
                return Err(OutcomeError::Parked { id, reason });
            }
            if entry.min_reader > READER {
                let (id, min_reader) = (id.clone(), entry.min_reader);
                return Err(OutcomeError::Newer { id, min_reader });
            }
            // The saga waits to be recovered.
            inner.adopt(entry, None);
        }
    }

    /// Ready with the reason once a saga cannot go on; pending if it ends.
    pub(in crate::durable) async fn in_trouble(
        &self,
        id: &SagaId,
        saga: &'static str,
    ) -> OutcomeError {
        match self.wait_for_end(id, saga).await {
            Err(trouble) => trouble,
            Ok(_) => core::future::pending().await,
        }
    }

    /// The report of a saga that has ended and did not complete; `None` for one that completed. It is the report that
    /// was made at the end, so it does not depend on the types and the definition of today. Does not wait.
    ///
    /// # Errors
    ///
    /// If there is no such saga, it has not ended, or the journal cannot be read.
    pub async fn report(&self, id: impl IntoSagaId) -> Result<Option<Report>, OutcomeError> {
        let id = id.into_saga_id();
        let failed = |error| OutcomeError::Unknown {
            id: id.clone(),
            error,
        };
        let found = self.0.journal.find(&id).await.map_err(failed)?;
        let Some(entry) = found else {
            return Err(OutcomeError::NotFound { id });
        };
        match entry.state {
            SagaState::Unfinished => {
                let mut changes = Changes::default();
                let status = self
                    .0
                    .status_of(entry, &mut changes)
                    .await
                    .map_err(failed)?;
                return Err(match status.status {
                    Status::Parked(reason) => OutcomeError::Parked { id, reason },
                    Status::Newer { min_reader } => OutcomeError::Newer { id, min_reader },
                    _ => OutcomeError::Unfinished { id },
                });
            }
            SagaState::Completed => return Ok(None),
            SagaState::Compensated | SagaState::Stuck => {}
        }
        let end = self.0.end_of(&entry).await?;
        let json = self.0.shared.decoded(&end.value);
        let json = json.map_err(|error| OutcomeError::Unread {
            id: id.clone(),
            end: entry.state,
            reason: Halt::Codec { error }.to_string().into(),
        })?;
        match Report::of_json(&json) {
            Ok(report) => Ok(Some(report)),
            Err(error) => Err(OutcomeError::Ended {
                id,
                end: entry.state,
                reason: Untyped::unreadable("its report", error),
                report: None,
            }),
        }
    }
}

fn is_of(id: &SagaId, saga: &'static str, existing: &Arc<str>) -> Result<(), OutcomeError> {
    if **existing == *saga {
        return Ok(());
    }
    let (id, existing) = (id.clone(), Arc::clone(existing));
    Err(OutcomeError::OtherSaga { id, saga, existing })
}

impl EngineInner {
    /// Waits until a saga is no longer active.
    async fn wait_for(
        &self,
        id: &SagaId,
        saga: &'static str,
        active: &Active,
    ) -> Result<(), OutcomeError> {
        let mut stage = active.stage.subscribe();
        let mut trouble = self.shared.trouble.subscribe();
        loop {
            let id = id.clone();
            let now = stage.borrow_and_update().clone();
            if !matches!(now, Stage::Creating | Stage::Gone) {
                is_of(&id, saga, &active.saga)?;
            }
            match now {
                Stage::Gone => return Ok(()),
                Stage::ShutDown => return Err(OutcomeError::ShutDown { id }),
                Stage::Dropped(reason) => return Err(OutcomeError::Dropped { id, reason }),
                Stage::Parked(reason) => return Err(OutcomeError::Parked { id, reason }),
                Stage::Creating | Stage::Queued | Stage::Running => {}
            }
            if let Some(error) = &*trouble.borrow_and_update() {
                let error = error.clone();
                return Err(OutcomeError::Journal { id, error });
            }
            let log = active.log().cloned();
            let in_trouble = async {
                match &log {
                    Some(log) => in_trouble(log).await,
                    None => core::future::pending().await,
                }
            };
            tokio::select! {
                changed = stage.changed() => if changed.is_err() {
                    return Err(OutcomeError::ShutDown { id });
                },
                _ = trouble.changed() => {}
                reason = in_trouble => return Err(OutcomeError::Trouble { id, reason }),
            }
        }
    }

    /// How a saga ended, read from its records.
    async fn result_of<S>(&self, entry: &SagaEntry) -> Result<Ended<S>, OutcomeError>
    where
        S: Saga + 'static,
        S::Output: Send,
    {
        let id = entry.id.clone();
        let last = self.end_of(entry).await?;
        let ended = |reason, report: Option<Report>| OutcomeError::Ended {
            id: id.clone(),
            end: entry.state,
            reason,
            report: report.map(Box::new),
        };
        let for_now = |reason: Arc<str>| OutcomeError::Unread {
            id: id.clone(),
            end: entry.state,
            reason,
        };
        let codec_fails = |error| for_now(Halt::Codec { error }.to_string().into());
        let report = if entry.state == SagaState::Completed {
            if !last.value.is_empty() {
                // The record has the whole output, whatever the definition was.
                let json = self.shared.decoded(&last.value).map_err(codec_fails)?;
                match S::Slots::output_json().read(&json) {
                    Some(Ok(output)) => return Ok(Ok(output)),
                    Some(Err(error)) => {
                        return Err(ended(Untyped::unreadable("its output", error), None));
                    }
                    // Only the registered saga can read the output.
                    None => {}
                }
            }
            None
        } else {
            self.shared.decode(&last.value).ok()
        };
        if entry.definition != text_of(S::DEFINITION).hash {
            return Err(ended(Untyped::OtherDefinition, report));
        }
        let Some(typed) = self.typed::<S>() else {
            return Err(ended(Untyped::NotRegistered, report));
        };
        let (log, first) = match self.log_of(entry, Purpose::Read).await {
            Ok(read) => read,
            Err(error) if error.kind() == JournalErrorKind::Corrupt => {
                return Err(ended(Untyped::Damaged(error), report));
            }
            Err(error) => return Err(unread(entry, error)),
        };
        let read = tokio::select! {
            biased;
            read = typed.read(Arc::clone(&log), &first) => read,
            reason = in_trouble(&log) => return Err(for_now(reason)),
        };
        let read = read.map(|ended| match (ended, &report) {
            (Err(error), Some(report)) => Err(error.with_report(report.clone())),
            (ended, _) => ended,
        });
        read.map_err(|halt| match halt {
            Halt::Codec { error } => codec_fails(error),
            Halt::Unreadable { call, error } => {
                let what = format!("what is recorded of `{call}`");
                ended(Untyped::unreadable(what, error), report)
            }
            Halt::NotEnded => {
                let text = "its records do not come to that end";
                let error = JournalError::new(JournalErrorKind::Corrupt, text);
                ended(Untyped::Damaged(error), report)
            }
            Halt::ShutDown => for_now(halt.to_string().into()),
        })
    }

    /// The record of the end of a saga.
    async fn end_of(&self, entry: &SagaEntry) -> Result<Record, OutcomeError> {
        let end = self.journal.record(entry.key, RecordPosition::End).await;
        let end = end.map_err(|error| unread(entry, error))?;
        end.ok_or_else(|| {
            let text = "its state says that it has ended, and no record of it does";
            unread(entry, JournalError::new(JournalErrorKind::Corrupt, text))
        })
    }
}

/// Why there is no result of a saga that has ended, if the journal did not return its records.
fn unread(entry: &SagaEntry, error: JournalError) -> OutcomeError {
    let (id, end) = (entry.id.clone(), entry.state);
    match error.kind() {
        JournalErrorKind::Corrupt => OutcomeError::Damaged { id, end, error },
        _ => OutcomeError::Unknown { id, error },
    }
}

/// Ready with the reason once this saga alone cannot go on.
async fn in_trouble(log: &SagaLog) -> Arc<str> {
    let mut trouble = log.trouble.subscribe();
    loop {
        if let Some(reason) = &*trouble.borrow_and_update() {
            return Arc::clone(reason);
        }
        // `log` owns the sender, so this cannot fail.
        let _ = trouble.changed().await;
    }
}
