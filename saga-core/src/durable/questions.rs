//! What an engine says of its sagas.

use super::codec::Journalable;
use super::engine::{Engine, Stage};
use super::entry::Entry;
use super::error::{NotEnded, Parked};
use super::executor::{Durable, Halt};
use super::journal::{JournalError, Query, Record, SagaEntry, SagaState};
use super::status::{Condition, SagaStatus};
use crate::driver::Ended;
use crate::id::SagaId;
use crate::position::Position;
use crate::report::Report;
use crate::saga::Machine;

impl Engine {
    /// How a saga ended, once it has: its output, or the error with its whole report.
    ///
    /// It is read from the journal. The error of a step is there as [`Failure::Error`](crate::Failure::Error) if its
    /// type is `Serialize` and `Deserialize`; of another type only the text was recorded, and it is
    /// [`Failure::Recorded`](crate::Failure::Recorded).
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
    pub(super) async fn ended_entry(&self, id: &SagaId) -> Result<SagaEntry, NotEnded> {
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
    pub(super) async fn wait_for_end(&self, id: &SagaId) -> Result<(), NotEnded> {
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
        let is_end = |record: &&Record| matches!(record.entry, Entry::Ended { .. });
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

    pub(super) fn status_of(&self, entry: SagaEntry) -> SagaStatus {
        let active = self.0.find_active(&entry.id);
        let condition = match (entry.state, active) {
            (SagaState::Unfinished, Some(active)) => match &*active.stage.borrow() {
                Stage::Parked(reason) => Condition::Parked(reason.clone()),
                Stage::Creating | Stage::Queued => Condition::Queued,
                Stage::ShutDown => Condition::ShutDown(active.progress.get()),
                _ => Condition::Running(active.progress.get()),
            },
            (SagaState::Unfinished, None) => Condition::Running(Position::Ended),
            (SagaState::Completed, _) => Condition::Completed,
            (SagaState::Compensated, _) => Condition::Compensated,
            (SagaState::Stuck, _) => Condition::Stuck,
        };
        SagaStatus::new(entry, condition)
    }
}
