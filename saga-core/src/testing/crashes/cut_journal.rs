//! A journal that ends the process at one of its writes: nothing is written after it, and no call returns.

use core::future::{Future, pending};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::durable::{
    Answer, Claim, Count, Created, DefinitionText, Epoch, InMemoryJournal, Journal, JournalLock,
    NewSaga, Query, Record, SagaEntry, SagaKey, SagaState,
};
use crate::id::SagaId;

/// The write at which the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    /// The number of the write in its life, counted from 1.
    pub(super) write: usize,
    /// Whether the write took effect although its call never returned.
    pub(super) is_after: bool,
}

/// The journal of one life of a process. The records survive the process.
#[derive(Debug, Clone)]
pub(in crate::testing) struct CutJournal {
    kept: InMemoryJournal,
    cut: Option<Cut>,
    life: Arc<CutLife>,
}

#[derive(Debug, Default)]
struct CutLife {
    /// The heads of the records of each write that was requested.
    writes: Mutex<Vec<Vec<String>>>,
    over: Notify,
}

impl CutJournal {
    /// The journal of a life that ends at this write, or by itself.
    pub(super) fn new(kept: InMemoryJournal, cut: Option<Cut>) -> Self {
        Self {
            kept,
            cut,
            life: Arc::default(),
        }
    }

    /// The heads of the records of each write that was requested. The last write may not have taken effect.
    pub(super) fn writes(&self) -> Vec<Vec<String>> {
        self.all().clone()
    }

    /// Ready when the process has ended.
    pub(super) async fn over(&self) {
        self.life.over.notified().await;
    }

    fn all(&self) -> MutexGuard<'_, Vec<Vec<String>>> {
        let writes = &self.life.writes;
        writes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write<T>(&self, heads: Vec<String>, write: impl Future<Output = T>) -> T {
        let nth = {
            let mut all = self.all();
            all.push(heads);
            all.len()
        };
        let Some(cut) = self.cut.filter(|cut| nth >= cut.write) else {
            return write.await;
        };
        if cut.is_after && nth == cut.write {
            write.await;
        }
        self.life.over.notify_one();
        pending().await
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
        let heads = vec![saga.first.entry.to_json()];
        Box::pin(self.write(heads, self.kept.create(epoch, saga)))
    }

    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()> {
        let heads = records
            .iter()
            .map(|record| record.entry.to_json())
            .collect();
        Box::pin(self.write(heads, self.kept.append(epoch, saga, records, state)))
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
