//! A journal that survives nothing: for tests.

use core::sync::atomic::{AtomicBool, Ordering};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::journal::{
    Answer, Created, DefinitionText, Journal, JournalError, JournalErrorKind, JournalLock, NewSaga,
    Query, Record, SagaEntry, SagaKey, SagaState,
};
use crate::id::SagaId;

/// A journal in memory, which survives its engine and nothing else: for the tests of a service.
///
/// A clone of it is the same journal, so that a test may end an engine and open another on what is left.
#[derive(Debug, Clone, Default)]
pub struct MemoryJournal(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    // A lock that is let go in any order with the rest.
    locked: Arc<AtomicBool>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    definitions: BTreeMap<u64, String>,
    by_id: HashMap<SagaId, SagaKey>,
    sagas: BTreeMap<SagaKey, (SagaEntry, Vec<Record>)>,
}

impl MemoryJournal {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Every change is made at once, or not at all.
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    fn create(&mut self, saga: NewSaga) -> Created {
        let there = self.by_id.get(&saga.id).and_then(|key| self.sagas.get(key));
        if let Some((entry, _)) = there {
            return Created::Existing(entry.clone());
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
        };
        self.by_id.insert(saga.id, key);
        self.sagas.insert(key, (entry, vec![saga.first]));
        Created::New(key)
    }

    fn append(
        &mut self,
        key: SagaKey,
        new: &[Record],
        state: Option<SagaState>,
    ) -> Result<(), JournalError> {
        let Some((entry, records)) = self.sagas.get_mut(&key) else {
            return Err(conflict(format!("there is no saga {}", key.0)));
        };
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
            // All of it, or nothing.
            records.truncate(had);
            return Err(conflict(refused));
        }
        if let Some(state) = state {
            entry.state = state;
        }
        Ok(())
    }

    fn list(&self, query: &Query) -> Vec<SagaEntry> {
        let fits = |entry: &&SagaEntry| {
            query.after.is_none_or(|after| entry.key > after)
                && query.state.is_none_or(|state| entry.state == state)
                && query.saga.as_ref().is_none_or(|saga| entry.saga == *saga)
        };
        let entries = self.sagas.values().map(|(entry, _)| entry);
        entries.filter(fits).take(query.limit).cloned().collect()
    }
}

impl Journal for MemoryJournal {
    fn lock(&self) -> Result<JournalLock, JournalError> {
        let locked = Arc::clone(&self.0.locked);
        if locked.swap(true, Ordering::Acquire) {
            let text = "this journal in memory has an engine that is still open";
            return Err(JournalError::new(JournalErrorKind::Locked, text));
        }
        Ok(JournalLock::new(Unlock(locked)))
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

    fn create(&self, saga: NewSaga) -> Answer<'_, Created> {
        Box::pin(async move { Ok(self.kept().create(saga)) })
    }

    fn append(
        &self,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()> {
        Box::pin(async move { self.kept().append(saga, &records, state) })
    }

    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>> {
        let id = id.clone();
        Box::pin(async move {
            let kept = self.kept();
            let key = kept.by_id.get(&id);
            Ok(key.and_then(|key| Some(kept.sagas.get(key)?.0.clone())))
        })
    }

    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            let kept = self.kept();
            let records = kept.sagas.get(&saga).map(|(_, records)| records.clone());
            Ok(records.unwrap_or_default())
        })
    }

    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>> {
        Box::pin(async move { Ok(self.kept().list(&query)) })
    }
}
