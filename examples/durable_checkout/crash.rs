//! A journal at whose N-th write the process ends.

use std::num::NonZeroU64;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use saga_core::SagaId;
use saga_core::durable::{
    Answer, Claim, Count, Created, DefinitionText, Epoch, Journal, JournalLock, NewSaga, Query,
    Record, SagaEntry, SagaKey, SagaState,
};

/// How often a journal was asked to write.
#[derive(Clone, Default)]
pub(crate) struct Writes(Arc<AtomicU64>);

impl Writes {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Another journal, and the write at which the process ends, if it is to end.
pub(crate) struct Crashing<J> {
    pub(crate) journal: J,
    pub(crate) writes: Writes,
    pub(crate) at: Option<NonZeroU64>,
}

impl<J> Crashing<J> {
    /// Before anything is written. What the write is to say has happened already, and stays unrecorded.
    fn before_write(&self) {
        let number = self.writes.0.fetch_add(1, Ordering::Relaxed) + 1;
        if self.at.is_some_and(|at| at.get() == number) {
            eprintln!("(crash on purpose at write {number} to the journal)");
            // Nothing is dropped, flushed or rolled back.
            process::abort();
        }
    }
}

impl<J: Journal> Journal for Crashing<J> {
    fn lock(&self) -> Answer<'_, JournalLock> {
        self.journal.lock()
    }

    fn define(&self, definition: DefinitionText) -> Answer<'_, ()> {
        self.before_write();
        self.journal.define(definition)
    }

    fn definition(&self, hash: u64) -> Answer<'_, Option<String>> {
        self.journal.definition(hash)
    }

    fn create(&self, epoch: Epoch, saga: NewSaga) -> Answer<'_, Created> {
        self.before_write();
        self.journal.create(epoch, saga)
    }

    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()> {
        self.before_write();
        self.journal.append(epoch, saga, records, state)
    }

    fn claim(&self, epoch: Epoch, claim: Claim) -> Answer<'_, Vec<SagaEntry>> {
        self.journal.claim(epoch, claim)
    }

    fn loaded(&self, epoch: Epoch, saga: SagaKey) -> Answer<'_, ()> {
        self.journal.loaded(epoch, saga)
    }

    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>> {
        self.journal.find(id)
    }

    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>> {
        self.journal.records(saga)
    }

    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>> {
        self.journal.list(query)
    }

    fn counts(&self) -> Answer<'_, Vec<Count>> {
        self.journal.counts()
    }
}
