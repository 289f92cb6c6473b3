//! Random sequences of calls, compared with a model.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::asserts::{broken_off, fenced, ok, refused, rule, same};
use super::fixtures::{call, entry, locked, saga};
use super::listing::counts;
use crate::entry::{Entry, READER};
use crate::id::SagaId;
use crate::journal::{
    Claim, Created, DefinitionText, Epoch, Journal, JournalErrorKind, JournalLock, Query, Record,
    SagaEntry, SagaKey, SagaState,
};

const CALLS: u32 = 500;

/// A random number generator; the same seed yields the same numbers (xorshift; Marsaglia 2003).
struct Drawn(u64);

impl Drawn {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    fn count(&mut self, end: u64) -> usize {
        usize::try_from(self.below(end)).unwrap_or_default()
    }

    fn state(&mut self) -> Option<SagaState> {
        let place = self.count(8);
        SagaState::ALL.get(place).copied()
    }

    fn record(&mut self, number: u64) -> Record {
        let entry = match self.below(3) {
            0 => Entry::CancelRequested {},
            1 => Entry::Dropped { calls: Vec::new() },
            _ => Entry::Began {
                call: call("drawn"),
                attempt: 1,
            },
        };
        Record {
            number,
            at: self.next(),
            min_reader: READER + u32::from(self.below(40) == 0),
            entry,
            value: self.next().to_le_bytes().to_vec(),
        }
    }
}

struct ModelSaga {
    entry: SagaEntry,
    owner: Epoch,
    records: Vec<Record>,
}

/// The expected content of the journal.
struct Model {
    epoch: Epoch,
    definitions: BTreeMap<u64, String>,
    sagas: Vec<ModelSaga>,
}

/// The expected result of a call.
type Expected = Result<(), JournalErrorKind>;

impl Model {
    fn of_id(&self, id: &SagaId) -> Option<&SagaEntry> {
        let mut entries = self.sagas.iter().map(|saga| &saga.entry);
        entries.find(|entry| entry.id == *id)
    }

    fn owned(&mut self, epoch: Epoch, key: SagaKey) -> Result<&mut ModelSaga, JournalErrorKind> {
        if epoch != self.epoch {
            return Err(JournalErrorKind::Fenced);
        }
        let of_key = |saga: &&mut ModelSaga| saga.entry.key == key;
        match self.sagas.iter_mut().find(of_key) {
            None => Err(JournalErrorKind::Conflict),
            Some(saga) if saga.owner != epoch => Err(JournalErrorKind::Fenced),
            Some(saga) => Ok(saga),
        }
    }

    /// Applies the call to the model. Returns its expected result.
    fn append(
        &mut self,
        epoch: Epoch,
        key: SagaKey,
        batch: &[Record],
        state: Option<SagaState>,
    ) -> Expected {
        let ModelSaga { entry, records, .. } = self.owned(epoch, key)?;
        let mut all = records.clone();
        for record in batch {
            let place = usize::try_from(record.number).unwrap_or(usize::MAX);
            match all.get(place) {
                Some(there) if there == record => {}
                None if place == all.len() => all.push(record.clone()),
                _ => return Err(JournalErrorKind::Conflict),
            }
        }
        let readers = all.iter().map(|record| record.min_reader);
        entry.min_reader = readers.max().unwrap_or_default();
        entry.state = state.unwrap_or(entry.state);
        entry.loads = 0;
        *records = all;
        Ok(())
    }

    fn claim(&mut self, epoch: Epoch, claim: &Claim) -> Result<Vec<SagaEntry>, JournalErrorKind> {
        if epoch != self.epoch {
            return Err(JournalErrorKind::Fenced);
        }
        let mut claimed = Vec::new();
        for ModelSaga { entry, owner, .. } in &mut self.sagas {
            let (fits, limit) = match claim {
                Claim::One(key) => (entry.key == *key, 1),
                Claim::Next {
                    definitions,
                    reader,
                    limit,
                } => {
                    let fits = definitions.contains(&entry.definition);
                    (fits && entry.min_reader <= *reader, *limit)
                }
            };
            let is_open = entry.state == SagaState::Unfinished && *owner != epoch;
            if fits && is_open && claimed.len() < limit {
                *owner = epoch;
                entry.loads += 1;
                claimed.push(entry.clone());
            }
        }
        Ok(claimed)
    }

    fn list(&self, query: &Query) -> Vec<SagaEntry> {
        let fits = |entry: &&SagaEntry| {
            query.after.is_none_or(|after| entry.key > after)
                && query.state.is_none_or(|state| entry.state == state)
                && query.saga.as_ref().is_none_or(|name| entry.saga == *name)
                && query.created_before.is_none_or(|at| entry.created_at < at)
        };
        let entries = self.sagas.iter().map(|saga| &saga.entry);
        entries.filter(fits).take(query.limit).cloned().collect()
    }

    fn counts(&self) -> BTreeMap<(String, &'static str), u64> {
        let mut counts = BTreeMap::new();
        for ModelSaga { entry, .. } in &self.sagas {
            let of = (entry.saga.to_string(), entry.state.as_str());
            *counts.entry(of).or_default() += 1;
        }
        counts
    }

    /// The key of a random saga, or one that does not exist.
    fn key(&self, drawn: &mut Drawn) -> SagaKey {
        let sagas = u64::try_from(self.sagas.len()).unwrap_or_default();
        let chosen = self.sagas.get(drawn.count(sagas + 1));
        chosen.map_or(SagaKey(-1), |saga| saga.entry.key)
    }
}

/// A journal and its model.
struct Compared<J> {
    journal: J,
    lock: JournalLock,
    model: Model,
    drawn: Drawn,
    place: String,
}

/// Makes random calls, the same for the same `seed`.
pub(super) async fn agrees<J: Journal>(journal: J, seed: u64, mut reopen: impl FnMut(J) -> J) {
    let lock = locked(&journal).await;
    let model = Model {
        epoch: lock.epoch(),
        definitions: BTreeMap::new(),
        sagas: Vec::new(),
    };
    let mut compared = Compared {
        journal,
        lock,
        model,
        drawn: Drawn(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
        place: String::new(),
    };
    for call in 0..CALLS {
        compared.place = format!("(seed {seed}, call {call})");
        match compared.drawn.below(50) {
            0..8 => compared.create().await,
            8..26 => compared.append().await,
            26..28 => compared.define().await,
            28..33 => compared.one().await,
            33..38 => compared.list().await,
            38..44 => compared.claim().await,
            44..46 => compared.loaded().await,
            46..48 => compared.counts().await,
            48 => compared = compared.relocked(|journal| journal).await,
            _ => compared = compared.relocked(&mut reopen).await,
        }
    }
    for saga in 0..compared.model.sagas.len() {
        compared.reads(saga).await;
    }
}

impl<J: Journal> Compared<J> {
    /// Mostly the epoch of the engine, sometimes an older one.
    fn epoch(&mut self) -> Epoch {
        let newest = self.model.epoch;
        match self.drawn.below(16) {
            0 => Epoch(newest.0 - 1),
            _ => newest,
        }
    }

    async fn relocked(self, reopen: impl FnOnce(J) -> J) -> Self {
        let Self {
            journal,
            lock,
            mut model,
            drawn,
            place,
        } = self;
        drop(lock);
        let journal = reopen(journal);
        let lock = locked(&journal).await;
        let (old, new) = (model.epoch, lock.epoch());
        rule(&format!("epochs grow {place}"), old < new, (old, new));
        model.epoch = new;
        Self {
            journal,
            lock,
            model,
            drawn,
            place,
        }
    }

    /// Compares the records of this saga with the model.
    async fn reads(&self, saga: usize) {
        let Some(saga) = self.model.sagas.get(saga) else {
            return;
        };
        let kept = self.journal.records(saga.entry.key).await;
        let place = &self.place;
        if saga.entry.min_reader > READER {
            let what = format!("records of a newer version {place}");
            refused(&what, JournalErrorKind::Newer, &kept);
        } else {
            let kept = ok(&format!("records {place}"), kept);
            let what = format!("all records of calls that went well are there {place}");
            same(&what, &kept, &saga.records);
        }
    }

    async fn create(&mut self) {
        let epoch = self.epoch();
        let Self {
            model,
            drawn,
            place,
            ..
        } = self;
        let mut new = saga(format!("saga {}", drawn.below(32)));
        new.saga = format!("name {}", drawn.below(3)).into();
        new.definition = drawn.below(4);
        new.first = drawn.record(0);
        let created = self.journal.create(epoch, new.clone()).await;
        if epoch != model.epoch {
            fenced(&format!("create under an old epoch {place}"), &created);
            return;
        }
        let created = ok(&format!("create {place}"), created);
        match (created, model.of_id(&new.id)) {
            (Created::Existing(seen), Some(expected)) => {
                let rule = format!("create returns the saga that is there {place}");
                same(&rule, &seen, expected);
            }
            (Created::New(key), None) => {
                let last = model.sagas.last().map(|saga| saga.entry.key);
                let grows = last.is_none_or(|last| last < key);
                rule(&format!("keys grow {place}"), grows, (last, key));
                model.sagas.push(ModelSaga {
                    entry: entry(key, &new),
                    owner: epoch,
                    records: vec![new.first],
                });
            }
            (created, expected) => {
                let rule = format!("create adds an id once {place}");
                broken_off(&rule, &(created, expected));
            }
        }
    }

    async fn append(&mut self) {
        let epoch = self.epoch();
        let Self {
            model,
            drawn,
            place,
            ..
        } = self;
        let sagas = u64::try_from(model.sagas.len()).unwrap_or_default();
        let chosen = drawn.count(sagas + 1);
        let (key, there) = match model.sagas.get(chosen) {
            Some(saga) => (saga.entry.key, saga.records.clone()),
            None => (SagaKey(-1), vec![]),
        };
        let next = u64::try_from(there.len()).unwrap_or_default();
        // Mostly the next number; sometimes one that exists, or a gap.
        let from = match drawn.below(8) {
            0 => drawn.below(next),
            1 => next + 1,
            _ => next,
        };
        let mut batch: Vec<Record> = Vec::new();
        for number in from..from + drawn.below(4) {
            let place = usize::try_from(number).unwrap_or(usize::MAX);
            match there.get(place) {
                Some(there) if drawn.below(8) != 0 => batch.push(there.clone()),
                _ => batch.push(drawn.record(number)),
            }
        }
        let state = drawn.state();
        let batch: Arc<[Record]> = batch.into();
        let expected = model.append(epoch, key, &batch, state);
        // An engine repeats a call if it does not know whether the call took effect.
        for _ in 0..=drawn.below(2) {
            let answer = self.journal.append(epoch, key, Arc::clone(&batch), state);
            let answer = answer.await;
            match expected {
                Ok(()) => ok(&format!("append {place}"), answer),
                Err(kind) => {
                    let what = format!("append of {batch:?} to {key:?} {place}");
                    refused(&what, kind, &answer);
                }
            }
        }
        self.reads(chosen).await;
    }

    async fn claim(&mut self) {
        let epoch = self.epoch();
        let Self {
            model,
            drawn,
            place,
            ..
        } = self;
        let claim = if drawn.below(4) == 0 {
            Claim::One(model.key(drawn))
        } else {
            let first = drawn.below(4);
            Claim::Next {
                definitions: (first..first + drawn.below(4)).collect(),
                reader: READER + u32::from(drawn.below(4) == 0),
                limit: drawn.count(6),
            }
        };
        let rule = format!("claim returns what fits {place} {claim:?}");
        let expected = model.claim(epoch, &claim);
        let claimed = self.journal.claim(epoch, claim).await;
        match expected {
            Ok(expected) => same(&rule, &ok(&format!("claim {place}"), claimed), &expected),
            Err(kind) => refused(&format!("claim {place}"), kind, &claimed),
        }
    }

    async fn loaded(&mut self) {
        let epoch = self.epoch();
        let Self {
            model,
            drawn,
            place,
            ..
        } = self;
        let key = model.key(drawn);
        let loaded = self.journal.loaded(epoch, key).await;
        match model.owned(epoch, key) {
            Ok(saga) => {
                saga.entry.loads = 0;
                ok(&format!("loaded {place}"), loaded);
            }
            Err(kind) => refused(&format!("loaded of {key:?} {place}"), kind, &loaded),
        }
    }

    async fn define(&mut self) {
        let Self {
            model,
            drawn,
            place,
            ..
        } = self;
        let hash = drawn.below(4);
        let text = format!("text {}", drawn.next());
        let of_hash = model.definitions.entry(hash);
        of_hash.or_insert_with(|| text.clone());
        let new = DefinitionText { hash, text };
        ok(&format!("define {place}"), self.journal.define(new).await);
        let seen = ok("definition", self.journal.definition(hash).await);
        let expected = model.definitions.get(&hash).cloned();
        let rule = format!("a definition that is there stays {place}");
        same(&rule, &seen, &expected);
    }

    async fn one(&mut self) {
        let Self {
            model,
            drawn,
            place,
            ..
        } = self;
        let id = SagaId::new(format!("saga {}", drawn.below(32)));
        let seen = ok(&format!("find {place}"), self.journal.find(&id).await);
        let expected = model.of_id(&id).cloned();
        let rule = format!("find returns what is there {place}");
        same(&rule, &seen, &expected);
    }

    async fn list(&mut self) {
        let Self {
            model,
            drawn,
            place,
            ..
        } = self;
        let name = drawn.below(6);
        let after = i64::try_from(drawn.below(30)).unwrap_or_default();
        let query = Query {
            state: drawn.state(),
            saga: (name < 3).then(|| format!("name {name}").into()),
            after: (after < 20).then_some(SagaKey(after)),
            created_before: (drawn.below(4) == 0).then(|| drawn.next()),
            limit: drawn.count(12),
        };
        let expected = model.list(&query);
        let rule = format!("list returns what fits {place} {query:?}");
        let seen = ok(&format!("list {place}"), self.journal.list(query).await);
        same(&rule, &seen, &expected);
    }

    async fn counts(&mut self) {
        let rule = format!("counts counts each saga once {}", self.place);
        same(&rule, &counts(&self.journal).await, &self.model.counts());
    }
}
