//! A journal that stops its process at a write: nothing is written after it, and no call is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use saga_core::SagaId;
use saga_core::durable::{
    Answer, Claim, Count, Created, DefinitionText, Epoch, InMemoryJournal, Journal, JournalLock,
    NewSaga, Query, Record, SagaEntry, SagaKey, SagaState,
};
use tokio::sync::Notify;

/// When the process "ends", at a write of its current life, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// Never.
    Never,
    /// Before the write takes effect.
    Before(usize),
    /// The write has taken effect, and its caller has not been answered.
    After(usize),
    /// The process does not end: the write is answered, and an orderly shutdown begins.
    Shutdown(usize),
}

/// One life of a process on a journal that survives it.
#[derive(Debug, Clone)]
pub struct CutJournal {
    kept: InMemoryJournal,
    kill: Kill,
    life: Arc<Life>,
}

#[derive(Debug, Default)]
struct Life {
    writes: AtomicUsize,
    over: Notify,
}

impl CutJournal {
    /// A life that ends at this cut.
    #[must_use]
    pub fn new(kept: InMemoryJournal, kill: Kill) -> Self {
        Self {
            kept,
            kill,
            life: Arc::default(),
        }
    }

    /// How many writes there were.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.life.writes.load(Ordering::Relaxed)
    }

    /// Returns when the process has "ended".
    pub async fn over(&self) {
        self.life.over.notified().await;
    }

    async fn write<T>(&self, write: impl Future<Output = T>) -> T {
        let nth = self.life.writes.fetch_add(1, Ordering::Relaxed) + 1;
        let (before, after) = match self.kill {
            Kill::Never => return write.await,
            Kill::Before(last) => (last, usize::MAX),
            Kill::After(last) => (last.saturating_add(1), last),
            Kill::Shutdown(last) => {
                let written = write.await;
                if nth == last {
                    self.life.over.notify_one();
                }
                return written;
            }
        };
        if nth < before {
            let written = write.await;
            if nth != after {
                return written;
            }
        }
        self.life.over.notify_one();
        std::future::pending().await
    }
}

impl Journal for CutJournal {
    fn lock(&self) -> Answer<'_, JournalLock> {
        self.kept.lock()
    }

    fn define(&self, definition: DefinitionText) -> Answer<'_, ()> {
        self.kept.define(definition)
    }

    fn definition(&self, hash: u64) -> Answer<'_, Option<String>> {
        self.kept.definition(hash)
    }

    fn create(&self, epoch: Epoch, saga: NewSaga) -> Answer<'_, Created> {
        Box::pin(self.write(self.kept.create(epoch, saga)))
    }

    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()> {
        Box::pin(self.write(self.kept.append(epoch, saga, records, state)))
    }

    fn claim(&self, epoch: Epoch, claim: Claim) -> Answer<'_, Vec<SagaEntry>> {
        self.kept.claim(epoch, claim)
    }

    fn loaded(&self, epoch: Epoch, saga: SagaKey) -> Answer<'_, ()> {
        self.kept.loaded(epoch, saga)
    }

    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>> {
        self.kept.find(id)
    }

    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>> {
        self.kept.records(saga)
    }

    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>> {
        self.kept.list(query)
    }

    fn counts(&self) -> Answer<'_, Vec<Count>> {
        self.kept.counts()
    }
}
