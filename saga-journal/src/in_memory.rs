//! A journal in memory, for tests.

use core::sync::atomic::{AtomicBool, Ordering};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::entry::READER;
use crate::id::SagaId;
use crate::journal::{
    Answer, Claim, Count, Created, DefinitionText, Epoch, Journal, JournalError, JournalErrorKind,
    JournalLock, NewSaga, Query, Record, SagaEntry, SagaKey, SagaState,
};

/// A journal in memory, which survives its engine but not the process: for the tests of a service.
///
/// A clone is the same journal, so a test can end an engine, by its `shutdown` or `abort`, and open another one on what
/// is left.
#[derive(Debug, Clone, Default)]
pub struct InMemoryJournal {
    locked: Arc<AtomicBool>,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The epoch of the last engine; 0 before there was one.
    epoch: i64,
    definitions: BTreeMap<u64, String>,
    by_id: HashMap<SagaId, SagaKey>,
    sagas: BTreeMap<SagaKey, KeptSaga>,
}

#[derive(Debug)]
struct KeptSaga {
    entry: SagaEntry,
    owner: Epoch,
    records: Vec<Record>,
}

impl InMemoryJournal {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Every change is made as a whole, so it is consistent after a panic.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The contents, for an engine with this epoch.
    fn owned(&self, epoch: Epoch) -> Result<MutexGuard<'_, Kept>, JournalError> {
        let kept = self.kept();
        let last = Epoch(kept.epoch);
        if epoch == last && last.0 > 0 {
            Ok(kept)
        } else {
            Err(fenced(epoch, last))
        }
    }
}

fn fenced(epoch: Epoch, last: Epoch) -> JournalError {
    let text = format!(
        "this engine has the epoch {}, and its owner {}",
        epoch.0, last.0
    );
    JournalError::new(JournalErrorKind::Fenced, text)
}

struct Unlock(Arc<AtomicBool>);

impl Drop for Unlock {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

fn conflict(what: String) -> JournalError {
    JournalError::new(JournalErrorKind::Conflict, what)
}

impl Kept {
    fn create(&mut self, epoch: Epoch, saga: NewSaga) -> Created {
        let there = self.by_id.get(&saga.id).and_then(|key| self.sagas.get(key));
        if let Some(there) = there {
            return Created::Existing(there.entry.clone());
        }
        let last = self.sagas.last_key_value();
        let key = SagaKey(last.map_or(1, |(SagaKey(last), _)| last + 1));
        let entry = SagaEntry {
            key,
            id: saga.id.clone(),
            saga: saga.saga,
            definition: saga.definition,
            state: SagaState::Unfinished,
            created_at: saga.first.at,
            min_reader: saga.first.min_reader,
            loads: 0,
            damage: None,
        };
        self.by_id.insert(saga.id, key);
        let saga = KeptSaga {
            entry,
            owner: epoch,
            records: vec![saga.first],
        };
        self.sagas.insert(key, saga);
        Created::New(key)
    }

    fn owned(&mut self, epoch: Epoch, key: SagaKey) -> Result<&mut KeptSaga, JournalError> {
        match self.sagas.get_mut(&key) {
            None => Err(conflict(format!("there is no saga {}", key.0))),
            Some(saga) if saga.owner != epoch => Err(fenced(epoch, saga.owner)),
            Some(saga) => Ok(saga),
        }
    }

    fn append(
        &mut self,
        epoch: Epoch,
        key: SagaKey,
        new: &[Record],
        state: Option<SagaState>,
    ) -> Result<(), JournalError> {
        let KeptSaga { entry, records, .. } = self.owned(epoch, key)?;
        let had = records.len();
        for record in new {
            let place = usize::try_from(record.number).unwrap_or(usize::MAX);
            let refused = match records.get(place) {
                Some(there) if there == record => continue,
                Some(_) => format!("saga {} has another record {place}", entry.id),
                None if place == records.len() => {
                    records.push(record.clone());
                    continue;
                }
                None => format!("saga {} has no record before record {place}", entry.id),
            };
            // All records, or none.
            records.truncate(had);
            return Err(conflict(refused));
        }
        let newest = records.iter().map(|record| record.min_reader).max();
        entry.min_reader = newest.unwrap_or_default();
        entry.loads = 0;
        if let Some(state) = state {
            entry.state = state;
        }
        Ok(())
    }

    fn claim(&mut self, epoch: Epoch, claim: &Claim) -> Vec<SagaEntry> {
        let is_open =
            |saga: &&mut KeptSaga| saga.owner != epoch && saga.entry.state == SagaState::Unfinished;
        let fits = |saga: &&mut KeptSaga| match claim {
            Claim::One(key) => saga.entry.key == *key,
            Claim::Next {
                definitions,
                reader,
                ..
            } => definitions.contains(&saga.entry.definition) && saga.entry.min_reader <= *reader,
        };
        let limit = match claim {
            Claim::One(_) => 1,
            Claim::Next { limit, .. } => *limit,
        };
        let sagas = self.sagas.values_mut().filter(is_open).filter(fits);
        let claimed = sagas.take(limit).map(|saga| {
            saga.owner = epoch;
            saga.entry.loads += 1;
            saga.entry.clone()
        });
        claimed.collect()
    }

    fn list(&self, query: &Query) -> Vec<SagaEntry> {
        let fits = |entry: &&SagaEntry| {
            query.after.is_none_or(|after| entry.key > after)
                && query.state.is_none_or(|state| entry.state == state)
                && query.saga.as_ref().is_none_or(|saga| entry.saga == *saga)
                && query.created_before.is_none_or(|at| entry.created_at < at)
        };
        let entries = self.sagas.values().map(|saga| &saga.entry);
        entries.filter(fits).take(query.limit).cloned().collect()
    }

    fn counts(&self) -> Vec<Count> {
        let mut counts = BTreeMap::<_, (SagaState, u64)>::new();
        for KeptSaga { entry, .. } in self.sagas.values() {
            let key = (Arc::clone(&entry.saga), entry.state.as_str());
            counts.entry(key).or_insert((entry.state, 0)).1 += 1;
        }
        let count = |((saga, _), (state, sagas))| Count { saga, state, sagas };
        counts.into_iter().map(count).collect()
    }
}

impl Journal for InMemoryJournal {
    fn lock(&self) -> Answer<'_, JournalLock> {
        Box::pin(async move {
            let locked = Arc::clone(&self.locked);
            if locked.swap(true, Ordering::Acquire) {
                let text = "this journal in memory has an engine that is still open";
                return Err(JournalError::new(JournalErrorKind::Locked, text));
            }
            let mut kept = self.kept();
            kept.epoch += 1;
            Ok(JournalLock::new(Epoch(kept.epoch), Unlock(locked)))
        })
    }

    fn define(&self, definition: DefinitionText) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut kept = self.kept();
            let of_hash = kept.definitions.entry(definition.hash);
            of_hash.or_insert(definition.text);
            Ok(())
        })
    }

    fn definition(&self, hash: u64) -> Answer<'_, Option<String>> {
        Box::pin(async move { Ok(self.kept().definitions.get(&hash).cloned()) })
    }

    fn create(&self, epoch: Epoch, saga: NewSaga) -> Answer<'_, Created> {
        Box::pin(async move { Ok(self.owned(epoch)?.create(epoch, saga)) })
    }

    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()> {
        Box::pin(async move { self.owned(epoch)?.append(epoch, saga, &records, state) })
    }

    fn claim(&self, epoch: Epoch, claim: Claim) -> Answer<'_, Vec<SagaEntry>> {
        Box::pin(async move { Ok(self.owned(epoch)?.claim(epoch, &claim)) })
    }

    fn loaded(&self, epoch: Epoch, saga: SagaKey) -> Answer<'_, ()> {
        Box::pin(async move {
            self.owned(epoch)?.owned(epoch, saga)?.entry.loads = 0;
            Ok(())
        })
    }

    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>> {
        let id = id.clone();
        Box::pin(async move {
            let kept = self.kept();
            let key = kept.by_id.get(&id);
            Ok(key.and_then(|key| Some(kept.sagas.get(key)?.entry.clone())))
        })
    }

    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            let kept = self.kept();
            let Some(saga) = kept.sagas.get(&saga) else {
                return Ok(Vec::new());
            };
            if saga.entry.min_reader > READER {
                let KeptSaga { entry, .. } = saga;
                let text = format!("saga {} needs reader {}", entry.id, entry.min_reader);
                return Err(JournalError::new(JournalErrorKind::Newer, text));
            }
            Ok(saga.records.clone())
        })
    }

    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>> {
        Box::pin(async move { Ok(self.kept().list(&query)) })
    }

    fn counts(&self) -> Answer<'_, Vec<Count>> {
        Box::pin(async move { Ok(self.kept().counts()) })
    }
}

/// What a test does to it.
#[cfg(test)]
impl InMemoryJournal {
    /// The same journal, for a second engine while a first one has it.
    pub(super) fn with_broken_lock(&self) -> Self {
        Self {
            locked: Arc::default(),
            kept: Arc::clone(&self.kept),
        }
    }

    pub(super) fn newest_epoch(&self) -> Epoch {
        Epoch(self.kept().epoch)
    }

    pub(super) fn set_newest_epoch(&self, epoch: Epoch) {
        self.kept().epoch = epoch.0;
    }

    pub(super) fn forget_definition(&self, hash: u64) {
        self.kept().definitions.remove(&hash);
    }

    pub(super) fn all_definitions(&self) -> Arc<[u64]> {
        let kept = self.kept();
        let sagas = kept.sagas.values();
        sagas.map(|saga| saga.entry.definition).collect()
    }

    pub(super) fn owners(&self) -> Vec<(SagaKey, Epoch)> {
        let kept = self.kept();
        let sagas = kept.sagas.iter();
        sagas.map(|(key, saga)| (*key, saga.owner)).collect()
    }

    pub(super) fn records_of(&self, key: SagaKey) -> Vec<Record> {
        let kept = self.kept();
        let saga = kept.sagas.get(&key);
        saga.map(|saga| saga.records.clone()).unwrap_or_default()
    }

    /// Changes each saga: its owner, its entry and its records.
    pub(super) fn edit(&self, mut edit: impl FnMut(&mut Epoch, &mut SagaEntry, &mut Vec<Record>)) {
        for saga in self.kept().sagas.values_mut() {
            edit(&mut saga.owner, &mut saga.entry, &mut saga.records);
        }
    }
}
