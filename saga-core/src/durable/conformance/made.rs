//! What the suite writes.

use std::sync::Arc;

use crate::durable::journal::{
    Created, Journal, JournalError, NewSaga, Query, Record, SagaEntry, SagaKey, SagaState,
};
use crate::id::SagaId;

use super::told::{broken_off, ok};

/// Record `number` of a saga: each number has another content.
pub(super) fn record(number: u64) -> Record {
    Record {
        number,
        at: 1_700_000_000_000_u64.wrapping_add(number),
        head: format!(r#"{{"number":{number}}}"#),
        value: format!("value {number}").into_bytes(),
    }
}

/// Records of these numbers.
pub(super) fn records(numbers: impl IntoIterator<Item = u64>) -> Vec<Record> {
    numbers.into_iter().map(record).collect()
}

/// A saga of this id.
pub(super) fn saga(id: impl Into<SagaId>) -> NewSaga {
    NewSaga {
        id: id.into(),
        saga: "checkout".into(),
        definition: 7,
        first: record(0),
    }
}

/// What the journal has of `saga` when it was just added.
pub(super) fn entry(key: SagaKey, saga: &NewSaga) -> SagaEntry {
    SagaEntry {
        key,
        id: saga.id.clone(),
        saga: Arc::clone(&saga.saga),
        definition: saga.definition,
        state: SagaState::Unfinished,
        created_at: saga.first.at,
    }
}

/// Adds a saga whose id is not there.
pub(super) async fn added<J: Journal>(journal: &J, saga: NewSaga) -> SagaKey {
    let id = saga.id.clone();
    match ok("create", journal.create(saga).await) {
        Created::New(key) => key,
        Created::Existing(entry) => {
            broken_off("create adds a saga whose id is not there", &(id, entry))
        }
    }
}

/// Adds a saga with this id, and the records 1 to `last`.
pub(super) async fn with_records<J: Journal>(journal: &J, id: &str, last: u64) -> SagaKey {
    let key = added(journal, saga(id)).await;
    let more: Arc<[Record]> = records(1..=last).into();
    ok("append", journal.append(key, more, None).await);
    key
}

/// `append`, of records that are made for it.
pub(super) async fn append<J: Journal>(
    journal: &J,
    key: SagaKey,
    records: Vec<Record>,
    state: Option<SagaState>,
) -> Result<(), JournalError> {
    journal.append(key, records.into(), state).await
}

/// All records of a saga.
pub(super) async fn read<J: Journal>(journal: &J, key: SagaKey) -> Vec<Record> {
    ok("records", journal.records(key).await)
}

/// The saga of this id, which is there.
pub(super) async fn found<J: Journal>(journal: &J, id: &SagaId) -> SagaEntry {
    match ok("find", journal.find(id).await) {
        Some(entry) => entry,
        None => broken_off("find gives the saga of an id that is there", id),
    }
}

/// Everything.
pub(super) fn all() -> Query {
    Query {
        state: None,
        saga: None,
        after: None,
        limit: usize::MAX,
    }
}
