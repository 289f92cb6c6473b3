//! Sequences of calls that are drawn, against what they should come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::durable::journal::{
    Created, DefinitionText, Journal, JournalErrorKind, Query, Record, SagaEntry, SagaKey,
    SagaState,
};
use crate::id::SagaId;

use super::made::{entry, saga};
use super::told::{broken_off, ok, refused, same};

const CALLS: u32 = 400;

/// Draws numbers, the same for the same seed (xorshift; Marsaglia 2003).
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

    fn state(&mut self) -> Option<SagaState> {
        let place = usize::try_from(self.below(6)).unwrap_or_default();
        SagaState::ALL.get(place).copied()
    }

    fn record(&mut self, number: u64) -> Record {
        Record {
            number,
            at: self.next(),
            head: format!("{{\"drawn\":{}}}", self.below(3)),
            value: self.next().to_le_bytes().to_vec(),
        }
    }
}

/// What should be there.
#[derive(Default)]
struct Model {
    definitions: BTreeMap<u64, String>,
    sagas: Vec<(SagaEntry, Vec<Record>)>,
}

impl Model {
    fn of_id(&self, id: &SagaId) -> Option<&SagaEntry> {
        let mut entries = self.sagas.iter().map(|(entry, _)| entry);
        entries.find(|entry| entry.id == *id)
    }

    /// Whether it goes well; what it changes is changed.
    fn append(&mut self, key: SagaKey, batch: &[Record], state: Option<SagaState>) -> bool {
        let of_key = |(entry, _): &&mut (SagaEntry, Vec<Record>)| entry.key == key;
        let Some((entry, records)) = self.sagas.iter_mut().find(of_key) else {
            return false;
        };
        let mut all = records.clone();
        for record in batch {
            let place = usize::try_from(record.number).unwrap_or(usize::MAX);
            match all.get(place) {
                Some(there) if there == record => {}
                None if place == all.len() => all.push(record.clone()),
                _ => return false,
            }
        }
        *records = all;
        entry.state = state.unwrap_or(entry.state);
        true
    }

    fn list(&self, query: &Query) -> Vec<SagaEntry> {
        let fits = |entry: &&SagaEntry| {
            query.after.is_none_or(|after| entry.key > after)
                && query.state.is_none_or(|state| entry.state == state)
                && query.saga.as_ref().is_none_or(|name| entry.saga == *name)
        };
        let entries = self.sagas.iter().map(|(entry, _)| entry);
        entries.filter(fits).take(query.limit).cloned().collect()
    }
}

/// Makes the calls that `seed` draws.
pub(super) async fn agrees<J: Journal>(journal: J, seed: u64, mut reopen: impl FnMut(J) -> J) {
    let mut drawn = Drawn(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut model = Model::default();
    let mut journal = journal;
    for call in 0..CALLS {
        let place = format!("(seed {seed}, call {call})");
        match drawn.below(40) {
            0..8 => create(&journal, &mut model, &mut drawn, &place).await,
            8..26 => append(&journal, &mut model, &mut drawn, &place).await,
            26..28 => define(&journal, &mut model, &mut drawn, &place).await,
            28..34 => one(&journal, &model, &mut drawn, &place).await,
            34..39 => list(&journal, &model, &mut drawn, &place).await,
            _ => journal = reopen(journal),
        }
    }
    for (entry, records) in &model.sagas {
        let kept = ok("records", journal.records(entry.key).await);
        same(
            &format!("all records are there (seed {seed})"),
            &kept,
            records,
        );
    }
}

async fn create<J: Journal>(journal: &J, model: &mut Model, drawn: &mut Drawn, place: &str) {
    let mut new = saga(format!("saga {}", drawn.below(24)));
    new.saga = format!("name {}", drawn.below(3)).into();
    new.definition = drawn.next();
    new.first = drawn.record(0);
    let created = ok(
        &format!("create {place}"),
        journal.create(new.clone()).await,
    );
    match (created, model.of_id(&new.id)) {
        (Created::Existing(seen), Some(expected)) => {
            same(
                &format!("create gives the saga that is there {place}"),
                &seen,
                expected,
            );
        }
        (Created::New(key), None) => {
            let last = model.sagas.last().map(|(entry, _)| entry.key);
            let grows = last.is_none_or(|last| last < key);
            super::told::rule(&format!("keys grow {place}"), grows, (last, key));
            model.sagas.push((entry(key, &new), vec![new.first]));
        }
        (created, expected) => {
            let rule = format!("create adds an id once {place}");
            broken_off(&rule, &(created, expected));
        }
    }
}

async fn append<J: Journal>(journal: &J, model: &mut Model, drawn: &mut Drawn, place: &str) {
    let sagas = u64::try_from(model.sagas.len()).unwrap_or_default();
    let chosen = usize::try_from(drawn.below(sagas + 1)).unwrap_or_default();
    let (key, there) = match model.sagas.get(chosen) {
        Some((entry, records)) => (entry.key, records.clone()),
        None => (SagaKey(-1), vec![]),
    };
    let next = u64::try_from(there.len()).unwrap_or_default();
    // Mostly what follows; else from what is there, or past it.
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
    let fits = model.append(key, &batch, state);
    // After an error nobody knows, and the call is made again.
    for _ in 0..=drawn.below(2) {
        let answer = journal.append(key, Arc::clone(&batch), state).await;
        if fits {
            ok(&format!("append {place}"), answer);
        } else {
            let what = format!("append of {batch:?} to {key:?} {place}");
            refused(&what, JournalErrorKind::Conflict, &answer);
        }
    }
    let kept = ok(&format!("records {place}"), journal.records(key).await);
    let expected = model.sagas.get(chosen).map(|(_, records)| records.clone());
    same(
        &format!("append writes all or nothing {place}"),
        &kept,
        &expected.unwrap_or_default(),
    );
}

async fn define<J: Journal>(journal: &J, model: &mut Model, drawn: &mut Drawn, place: &str) {
    let hash = drawn.below(4);
    let text = format!("text {}", drawn.next());
    let of_hash = model.definitions.entry(hash);
    of_hash.or_insert_with(|| text.clone());
    let new = DefinitionText { hash, text };
    ok(&format!("define {place}"), journal.define(new).await);
    let seen = ok("definition", journal.definition(hash).await);
    let expected = model.definitions.get(&hash).cloned();
    same(
        &format!("a definition that is there stays {place}"),
        &seen,
        &expected,
    );
}

async fn one<J: Journal>(journal: &J, model: &Model, drawn: &mut Drawn, place: &str) {
    let id = SagaId::new(format!("saga {}", drawn.below(24)));
    let seen = ok(&format!("find {place}"), journal.find(&id).await);
    let expected = model.of_id(&id).cloned();
    same(
        &format!("find gives what is there {place}"),
        &seen,
        &expected,
    );
}

async fn list<J: Journal>(journal: &J, model: &Model, drawn: &mut Drawn, place: &str) {
    let name = drawn.below(6);
    let after = i64::try_from(drawn.below(30)).unwrap_or_default();
    let query = Query {
        state: drawn.state(),
        saga: (name < 3).then(|| format!("name {name}").into()),
        after: (after < 20).then_some(SagaKey(after)),
        limit: usize::try_from(drawn.below(12)).unwrap_or_default(),
    };
    let expected = model.list(&query);
    let rule = format!("list gives what fits {place} {query:?}");
    let seen = ok(&format!("list {place}"), journal.list(query).await);
    same(&rule, &seen, &expected);
}
