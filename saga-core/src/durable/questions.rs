//! What an engine says of its sagas.

use super::codec::Journalable;
use super::engine::{Engine, Stage};
use super::error::{OutcomeError, Parked};
use super::executor::{Durable, Halt};
use super::journal::{JournalError, Query, Record, SagaEntry, SagaState};
use super::status::{SagaStatus, Status};
use crate::driver::Ended;
use crate::id::SagaId;
use crate::position::Position;
use crate::report::Report;
use crate::saga::Machine;

impl Engine {
    /// How a saga ended, once it has: its output, or the error with its whole report.
    ///
    /// An error that was recorded is one: of the type that the step returned only its text is left, as
    /// [`Failure::Recorded`](crate::Failure::Recorded). The [handle](super::DurableHandle::outcome) that `submit`
    /// gave may still have the error itself.
    ///
    /// # Errors
    ///
    /// [`OutcomeError`] when nobody can say: it never waits for a saga that does not go on.
    ///
    /// # Cancellation
    ///
    /// Dropping the future changes nothing.
    pub async fn outcome<S>(&self, id: impl Into<SagaId>) -> Result<Ended<S>, OutcomeError>
    where
        S: Machine<Durable> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
    {
        let (inner, id) = (&self.0, id.into());
        let saga = S::DEFINITION.name;
        let Some(typed) = inner.typed::<S>() else {
            return Err(OutcomeError::NotRegistered { saga: saga.into() });
        };
        self.wait_for_end(&id).await?;
        let entry = self.ended_entry(&id).await?;
        if *entry.saga != *saga {
            let existing = entry.saga;
            return Err(OutcomeError::OtherSaga { id, saga, existing });
        }
        let failed = |error| OutcomeError::Journal {
            id: id.clone(),
            error,
        };
        if let Some(reason) = inner.parked(&entry).await.map_err(failed)? {
            return Err(OutcomeError::Parked { id, reason });
        }
        let (log, first) = inner.log_of(&entry, true).await.map_err(failed)?;
        typed
            .read(log, &first)
            .await
            .map_err(|halt| OutcomeError::Parked {
                id,
                reason: Parked::Unreadable(halt),
            })
    }

    /// The entry of a saga that is not active.
    pub(super) async fn ended_entry(&self, id: &SagaId) -> Result<SagaEntry, OutcomeError> {
        let found = self.0.shared.journal.find(id).await;
        let found = found.map_err(|error| OutcomeError::Journal {
            id: id.clone(),
            error,
        })?;
        match found {
            None => Err(OutcomeError::NotFound { id: id.clone() }),
            // Between its submission and now, the engine was shut down.
            Some(entry) if entry.state == SagaState::Unfinished => {
                Err(OutcomeError::ShutDown { id: id.clone() })
            }
            Some(entry) => Ok(entry),
        }
    }

    /// Waits until a saga is no longer active.
    pub(super) async fn wait_for_end(&self, id: &SagaId) -> Result<(), OutcomeError> {
        let Some(active) = self.0.find_active(id) else {
            return Ok(());
        };
        let mut stage = active.stage.subscribe();
        let mut trouble = self.0.shared.trouble.subscribe();
        loop {
            let id = id.clone();
            match &*stage.borrow_and_update() {
                Stage::Gone => return Ok(()),
                Stage::ShutDown => return Err(OutcomeError::ShutDown { id }),
                Stage::Parked(reason) => {
                    let reason = reason.clone();
                    return Err(OutcomeError::Parked { id, reason });
                }
                Stage::Creating | Stage::Queued | Stage::Running(_) => {}
            }
            if let Some(error) = &*trouble.borrow_and_update() {
                let error = error.clone();
                return Err(OutcomeError::Journal { id, error });
            }
            tokio::select! {
                changed = stage.changed() => if changed.is_err() {
                    return Err(OutcomeError::ShutDown { id });
                },
                _ = trouble.changed() => {}
            }
        }
    }

    /// Ready when a saga cannot go on, and only then.
    pub(super) async fn in_trouble(&self, id: &SagaId) -> OutcomeError {
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
    pub async fn report(&self, id: impl Into<SagaId>) -> Result<Option<Report>, OutcomeError> {
        let (shared, id) = (&self.0.shared, id.into());
        let failed = |error| OutcomeError::Journal {
            id: id.clone(),
            error,
        };
        let found = shared.journal.find(&id).await.map_err(failed)?;
        let Some(entry) = found else {
            return Err(OutcomeError::NotFound { id });
        };
        match entry.state {
            SagaState::Unfinished => return Err(OutcomeError::Unfinished { id }),
            SagaState::Completed => return Ok(None),
            SagaState::Compensated | SagaState::Stuck => {}
        }
        let records = shared.journal.records(entry.key).await.map_err(failed)?;
        let is_end = |record: &&Record| record.head.starts_with(r#"{"ended":"#);
        let end = records.iter().rev().find(is_end);
        let report = end.map(|end| shared.decode(&end.value)).transpose();
        report.map_err(|error| OutcomeError::Parked {
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

    pub(super) fn status_of(&self, entry: SagaEntry) -> SagaStatus {
        let active = self.0.find_active(&entry.id);
        let status = match (entry.state, active) {
            (SagaState::Unfinished, Some(active)) => match &*active.stage.borrow() {
                Stage::Parked(reason) => Status::Parked(reason.clone()),
                Stage::Creating | Stage::Queued => Status::Queued,
                Stage::ShutDown => Status::ShutDown(active.progress.get()),
                _ => Status::Running(active.progress.get()),
            },
            (SagaState::Unfinished, None) => Status::Running(Position::Ended),
            (SagaState::Completed, _) => Status::Completed,
            (SagaState::Compensated, _) => Status::Compensated,
            (SagaState::Stuck, _) => Status::Stuck,
        };
        SagaStatus::new(entry, status)
    }
}
