//! Builds the records and sagas that the suite writes.

use std::sync::Arc;

use super::asserts::{broken_off, ok};
use crate::call_id::{Begun, CallId, RunId};
use crate::entry::Entry;
use crate::id::SagaId;
use crate::journal::{
    Created, Epoch, Journal, JournalError, JournalLock, NewSaga, Query, Record, SagaEntry, SagaKey,
    SagaState,
};
use crate::phase::Phase;

/// The call of a step of the outermost saga.
pub(super) fn call(step: impl Into<String>) -> CallId {
    CallId::new(None, step.into(), Phase::Step)
}

/// The entry of record `number`: each number has another one.
pub(super) fn entry_of(number: u64) -> Entry {
    let this = call(format!("step {number}"));
    let next = call(format!("step {}", number.wrapping_add(1)));
    let attempt = u32::try_from(number % 1_000).unwrap_or_default();
    match number % 5 {
        _ if number == 0 => Entry::Submitted {
            deadline: None,
            trace_context: None,
            begins: vec![Begun::Call(next)],
        },
        0 => Entry::Interrupted {
            call: this,
            attempt,
            times: 1,
            in_doubt: true,
        },
        1 | 2 => Entry::Completed {
            call: this,
            skipped: false,
            begins: vec![Begun::Call(next)],
            ends: false,
        },
        3 => Entry::Failed {
            call: this,
            next: attempt,
            in_doubt: false,
            wait: Some(number),
        },
        _ => Entry::NestedBegan {
            call: this,
            attempt,
            deadline: Some(number),
            begins: vec![Begun::NextUndo(Some(RunId::new(None, "pay", attempt)))],
        },
    }
}

/// Record `number` of a saga: each number has another content.
pub(super) fn record(number: u64) -> Record {
    Record::new(
        number,
        1_700_000_000_000_u64.wrapping_add(number),
        entry_of(number),
        format!("value {number}").into_bytes(),
    )
}

/// Records with these numbers.
pub(super) fn records(numbers: impl IntoIterator<Item = u64>) -> Vec<Record> {
    numbers.into_iter().map(record).collect()
}

/// A saga with this id.
pub(super) fn saga(id: impl Into<SagaId>) -> NewSaga {
    NewSaga {
        id: id.into(),
        saga: "checkout".into(),
        definition: 7,
        first: record(0),
    }
}

/// The entry of a saga that was just added.
pub(super) fn entry(key: SagaKey, saga: &NewSaga) -> SagaEntry {
    SagaEntry {
        key,
        id: saga.id.clone(),
        saga: Arc::clone(&saga.saga),
        definition: saga.definition,
        state: SagaState::Unfinished,
        created_at: saga.first.at,
        min_reader: saga.first.min_reader,
        loads: 0,
        damage: None,
    }
}

/// Locks the journal, which no engine has.
pub(super) async fn locked<J: Journal>(journal: &J) -> JournalLock {
    ok("lock of a journal that no engine has", journal.lock().await)
}

/// Adds a saga whose id is not in the journal yet.
pub(super) async fn added<J: Journal>(journal: &J, epoch: Epoch, saga: NewSaga) -> SagaKey {
    let id = saga.id.clone();
    match ok("create", journal.create(epoch, saga).await) {
        Created::New(key) => key,
        Created::Existing(entry) => {
            broken_off("create adds a saga whose id is not there", &(id, entry))
        }
    }
}

/// Adds a saga with this id, and the records 1 to `last`.
pub(super) async fn with_records<J: Journal>(
    journal: &J,
    epoch: Epoch,
    id: &str,
    last: u64,
) -> SagaKey {
    let key = added(journal, epoch, saga(id)).await;
    let more = append(journal, epoch, key, records(1..=last), None).await;
    ok("append", more);
    key
}

/// Calls `append` with these records.
pub(super) async fn append<J: Journal>(
    journal: &J,
    epoch: Epoch,
    key: SagaKey,
    records: Vec<Record>,
    state: Option<SagaState>,
) -> Result<(), JournalError> {
    journal.append(epoch, key, records.into(), state).await
}

/// All records of a saga.
pub(super) async fn read<J: Journal>(journal: &J, key: SagaKey) -> Vec<Record> {
    ok("records", journal.records(key).await)
}

/// Finds the saga with this id, which has to exist.
pub(super) async fn found<J: Journal>(journal: &J, id: &SagaId) -> SagaEntry {
    match ok("find", journal.find(id).await) {
        Some(entry) => entry,
        None => broken_off("find returns the saga of an id that is there", id),
    }
}

/// The query for all sagas.
pub(super) const fn all() -> Query {
    Query {
        state: None,
        saga: None,
        after: None,
        created_before: None,
        limit: usize::MAX,
    }
}

/// All entries, each with its records or the kind of the error of reading them.
pub(super) async fn everything<J: Journal>(
    journal: &J,
) -> Vec<(SagaEntry, Result<Vec<Record>, String>)> {
    let mut there = Vec::new();
    for entry in ok("list", journal.list(all()).await) {
        let records = journal.records(entry.key).await;
        let records = records.map_err(|error| format!("{:?}", error.kind()));
        there.push((entry, records));
    }
    there
}
