//! Cancels a saga. A task of the engine records the cancellation, so that it is not lost if the caller goes away.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::durable::clock::now;
use crate::durable::codec::IntoSagaId;
use crate::durable::engine::active::{Active, Stage};
use crate::durable::engine::{Engine, EngineInner};
use crate::durable::error::{CancelError, CancelOutcome, Parked};
use crate::durable::fingerprint::{points_of_no_return, text_of};
use crate::durable::log::{SagaLog, Stopped};
use crate::id::SagaId;
use saga_journal::{
    Claim, Entry, JournalError, JournalErrorKind, READER, Record, SagaEntry, SagaState,
};

/// How often a request is repeated that conflicts with another one.
const TRIES: u32 = 10;

impl Engine {
    /// Cancels a saga. The cancellation is recorded before this returns. The attempt in flight finishes, no other
    /// attempt begins, and what has completed is undone.
    ///
    /// It is recorded at once, also for a saga that waits for a place among those in flight, and for one that is
    /// parked: there it takes effect when the saga goes on.
    ///
    /// # Errors
    ///
    /// If there is no such saga, or the engine is shut down. After [`CancelError::Unknown`] the cancellation may or may
    /// not be recorded: cancel again.
    ///
    /// # Cancellation
    ///
    /// Dropping the future does not take the cancellation back, once the future was polled.
    pub async fn cancel(&self, id: impl IntoSagaId) -> Result<CancelOutcome, CancelError> {
        let (id, inner) = (id.into_saga_id(), Arc::clone(&self.0));
        let request = CancelRequest::default();
        let (answer, answered) = oneshot::channel();
        let (asking, of) = (request.clone(), id.clone());
        self.0.spawn(&self.0.chores, async move {
            let outcome = inner.cancel(&of, &asking).await;
            let _ = answer.send(outcome);
        });
        let in_trouble = async {
            request.waits.cancelled().await;
            self.0.shared.has_trouble().await
        };
        tokio::select! {
            biased;
            answered = answered => answered.unwrap_or_else(|_| {
                if request.asked.is_cancelled() {
                    Err(CancelError::Unknown { id, error: None })
                } else {
                    Err(self.0.cannot_cancel())
                }
            }),
            error = in_trouble => Err(CancelError::Unknown { id, error: Some(error) }),
        }
    }
}

/// The progress of a request.
#[derive(Debug, Clone, Default)]
struct CancelRequest {
    /// Cancelled when it waits for something that takes as long as the journal is unavailable.
    waits: CancellationToken,
    /// Cancelled when the journal may have been called to record it.
    asked: CancellationToken,
}

impl CancelRequest {
    fn asks(&self) {
        self.asked.cancel();
        self.waits.cancel();
    }
}

impl EngineInner {
    fn cannot_cancel(&self) -> CancelError {
        if self.is_shut_down() {
            CancelError::ShutDown
        } else {
            CancelError::RuntimeEnded
        }
    }

    async fn cancel(
        self: &Arc<Self>,
        id: &SagaId,
        request: &CancelRequest,
    ) -> Result<CancelOutcome, CancelError> {
        loop {
            let active = self.find_active(id);
            if let Some(active) = &active {
                request.waits.cancel();
                let mut stage = active.stage.subscribe();
                let ready = stage.wait_for(|stage| !matches!(stage, Stage::Creating));
                let now = ready.await.map_or(Stage::Gone, |stage| stage.clone());
                match now {
                    Stage::Queued | Stage::Running => {
                        return self.cancel_active(id, active, request).await;
                    }
                    Stage::Parked(reason @ Parked::Journal(_)) => {
                        let id = id.clone();
                        return Err(CancelError::Parked { id, reason });
                    }
                    Stage::Creating
                    | Stage::Parked(_)
                    | Stage::Gone
                    | Stage::ShutDown
                    | Stage::Dropped(_) => {}
                }
            }
            let found = self.journal.find(id).await;
            let entry = match found.map_err(CancelError::Journal)? {
                None => return Err(CancelError::NotFound { id: id.clone() }),
                Some(entry) if entry.state != SagaState::Unfinished => {
                    return Ok(CancelOutcome::Ended(entry.state));
                }
                Some(entry) => entry,
            };
            if self.is_shut_down() {
                return Err(CancelError::ShutDown);
            }
            let stays = active.is_some_and(|active| match &*active.stage.borrow() {
                Stage::Parked(_) | Stage::Dropped(_) => true,
                Stage::Creating
                | Stage::Queued
                | Stage::Running
                | Stage::Gone
                | Stage::ShutDown => false,
            });
            let parked = self.parked(&entry).await.map_err(CancelError::Journal)?;
            if let Some(reason @ Parked::Journal(_)) = parked {
                let id = id.clone();
                return Err(CancelError::Parked { id, reason });
            }
            if entry.min_reader > READER {
                let (id, min_reader) = (id.clone(), entry.min_reader);
                return Err(CancelError::Newer { id, min_reader });
            }
            if stays || parked.is_some() {
                request.asks();
                return self.cancel_parked(&entry).await;
            }
            // The saga waits to be recovered.
            self.adopt(entry, None);
        }
    }

    /// Cancels a saga that goes on here.
    async fn cancel_active(
        &self,
        id: &SagaId,
        active: &Active,
        request: &CancelRequest,
    ) -> Result<CancelOutcome, CancelError> {
        let parked = |error| CancelError::Parked {
            id: id.clone(),
            reason: Parked::Journal(error),
        };
        let position = active.progress.get();
        let definition = self.known.get(&*active.saga);
        let definition = definition.map(|known| known.saga.definition());
        let too_late = Ok(CancelOutcome::TooLate);
        if definition.is_some_and(|saga| position.is_final(saga)) {
            return too_late;
        }
        let log = match self.load(active).await {
            Ok(loaded) => &loaded.log,
            Err(Stopped::ShutDown) => return Err(CancelError::ShutDown),
            Err(Stopped::Broken(error)) => return Err(parked(error)),
        };
        let text = definition.map(|saga| text_of(saga).text);
        let points = text.as_deref().map(points_of_no_return);
        request.asks();
        // What an earlier process recorded takes effect, even before the saga has its turn in this one.
        let is_requested = log.request_cancellation(&points.unwrap_or_default()).await;
        if is_requested.map_err(parked)? {
            active.token.cancel();
            return Ok(CancelOutcome::Requested);
        }
        log.end()
            .map_or(too_late, |end| Ok(CancelOutcome::Ended(end)))
    }

    /// Cancels a saga that does not go on here: nothing else writes to it.
    async fn cancel_parked(&self, entry: &SagaEntry) -> Result<CancelOutcome, CancelError> {
        let parked = |error| CancelError::Parked {
            id: entry.id.clone(),
            reason: Parked::Journal(error),
        };
        let mut tries = 0;
        loop {
            let asked = self.shared.once_available(|| self.try_cancel_parked(entry));
            match asked.await {
                // Another request may have been recorded in between.
                Err(error) if error.kind() == JournalErrorKind::Conflict && tries < TRIES => {
                    tries += 1;
                }
                asked => return asked.map_err(parked),
            }
        }
    }

    async fn try_cancel_parked(&self, entry: &SagaEntry) -> Result<CancelOutcome, JournalError> {
        let (journal, epoch) = (&self.journal, self.epoch);
        let records = journal.records(entry.key).await?;
        let definition = journal.definition(entry.definition).await?;
        let points = definition.as_deref().map(points_of_no_return);
        if SagaLog::is_final(&records, &points.unwrap_or_default()) {
            return Ok(CancelOutcome::TooLate);
        }
        let is_request = |record: &Record| record.entry == Entry::CancelRequested {};
        if records.iter().any(is_request) {
            return Ok(CancelOutcome::Recorded);
        }
        let number = records.last().map_or(0, |last| last.number + 1);
        let record = Record::new(number, now(), Entry::CancelRequested {}, Vec::new());
        // A saga that is parked because of its definition is claimed by no open engine.
        journal.claim(epoch, Claim::One(entry.key)).await?;
        journal
            .append(epoch, entry.key, [record].into(), None)
            .await?;
        Ok(CancelOutcome::Recorded)
    }
}
