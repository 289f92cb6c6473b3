//! What keeps the records of one saga: a journal, or an engine that hosts its run.

use core::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::guarded::Guarded;
use saga_journal::{Answer, Epoch, JournalError, Record, SagaKey, SagaState};

/// Where the records of one run are kept by another engine: for [`Hosted`](super::Hosted).
pub trait Records: Send + Sync + 'static {
    /// Keeps these records behind those that are there. `state` is what the saga has come to with them, if it has
    /// ended.
    ///
    /// They are numbered consecutively, and the first follows on the last that is there. `Ok` says that they are
    /// durable: what they say is acted on after that. After an error of the kind
    /// [`Unavailable`](super::JournalErrorKind::Unavailable) the same call is made again until it returns something
    /// else, so records that are there already are passed over. One call is made at a time.
    ///
    /// # Errors
    ///
    /// When they are not durable, or that is not known.
    ///
    /// # Cancellation
    ///
    /// Dropping the future leaves it open whether they are kept.
    fn append(&self, records: Arc<[Record]>, state: Option<SagaState>) -> Answer<'_, ()>;
}

/// What keeps the records of one saga.
#[derive(Debug, Clone)]
pub(super) enum Keeper {
    /// A journal of many sagas.
    Journal {
        journal: Arc<Guarded>,
        epoch: Epoch,
        key: SagaKey,
    },
    /// The engine that hosts the run.
    Host(Arc<Host>),
}

/// The records of a run in the engine that hosts it.
pub(super) struct Host {
    records: Box<dyn Records>,
    /// All that it keeps so far: it is not asked for them again.
    kept: Mutex<Vec<Record>>,
}

impl Keeper {
    /// Of a run that has these records in the engine that hosts it.
    pub(super) fn host(records: impl Records, kept: Vec<Record>) -> Self {
        Self::Host(Arc::new(Host {
            records: Box::new(records),
            kept: Mutex::new(kept),
        }))
    }

    /// Keeps these records behind those that are there.
    pub(super) async fn append(
        &self,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Result<(), JournalError> {
        match self {
            Self::Journal {
                journal,
                epoch,
                key,
            } => journal.append(*epoch, *key, records, state).await,
            Self::Host(host) => {
                host.records.append(Arc::clone(&records), state).await?;
                host.kept().extend(records.iter().cloned());
                Ok(())
            }
        }
    }

    /// All records that are there.
    pub(super) async fn records(&self) -> Result<Vec<Record>, JournalError> {
        match self {
            Self::Journal { journal, key, .. } => journal.records(*key).await,
            Self::Host(host) => Ok(host.kept().clone()),
        }
    }

    /// The records were read, and the process did not end over them.
    pub(super) async fn loaded(&self) -> Result<(), JournalError> {
        match self {
            Self::Journal {
                journal,
                epoch,
                key,
            } => journal.loaded(*epoch, *key).await,
            Self::Host(_) => Ok(()),
        }
    }
}

impl Host {
    fn kept(&self) -> MutexGuard<'_, Vec<Record>> {
        // Nothing of the user's runs while it is locked.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}
