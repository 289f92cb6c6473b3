//! Where the records of one saga are kept: in a journal, or by the engine that hosts its run.

use core::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::guarded_journal::{Guarded, panicked};
use crate::util::panics;
use saga_journal::{Answer, Epoch, JournalError, Record, SagaKey, SagaState};

/// The records of one run that another engine keeps: for [`Hosted`](super::Hosted).
pub trait Records: Send + Sync + 'static {
    /// Appends these records to those that exist. If the saga has ended with them, `state` is how.
    ///
    /// Records are numbered consecutively, and the first one follows the last existing one. `Ok` means that they are
    /// durable: the saga acts on them only after that. After an error of the kind
    /// [`Unavailable`](super::JournalErrorKind::Unavailable) the same call is repeated until it returns something else,
    /// so records that already exist must be skipped. There is at most one call at a time.
    ///
    /// # Errors
    ///
    /// If the records are not durable, or that is not known.
    ///
    /// # Cancellation
    ///
    /// If the future is dropped, the records may or may not be kept.
    fn append(&self, records: Arc<[Record]>, state: Option<SagaState>) -> Answer<'_, ()>;
}

/// Keeps the records of one saga.
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

/// The records of a run that the engine that hosts it keeps.
pub(super) struct Host {
    records: Box<dyn Records>,
    /// A copy of all records so far, so that the engine need not be asked for them.
    kept: Mutex<Vec<Record>>,
}

impl Keeper {
    /// The keeper of a hosted run with these records.
    pub(super) fn host(records: impl Records, kept: Vec<Record>) -> Self {
        Self::Host(Arc::new(Host {
            records: Box::new(records),
            kept: Mutex::new(kept),
        }))
    }

    /// Appends these records to those that exist.
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
                let answer = panics::catch(|| host.records.append(Arc::clone(&records), state));
                let answer = answer.map_err(|message| panicked(&message))?;
                let kept = panics::caught(answer).await;
                kept.map_err(|message| panicked(&message))??;
                host.kept().extend(records.iter().cloned());
                Ok(())
            }
        }
    }

    /// All existing records.
    pub(super) async fn records(&self) -> Result<Vec<Record>, JournalError> {
        match self {
            Self::Journal { journal, key, .. } => journal.records(*key).await,
            Self::Host(host) => Ok(host.kept().clone()),
        }
    }

    /// Reports that the records were read without the process ending.
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
        // No user code runs while it is locked.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").finish_non_exhaustive()
    }
}
