//! Rows: what of a saga is in which column.

use std::sync::Arc;

use crc32fast::Hasher;
use rusqlite::types::ValueRef;
use rusqlite::{Row, Statement};
use saga_core::SagaId;
use saga_core::durable::{Record, SagaEntry, SagaKey, SagaState};

use crate::error::Error;
use crate::file::Place;

pub(crate) const ENTRY: &str = "SELECT key, id, name, definition, state, created_at FROM saga";

pub(crate) const RECORDS: &str =
    "SELECT number, at, head, value, checksum FROM record WHERE saga = ?1";

/// In `saga_open`, too: the state that is not in that index.
pub(crate) const COMPLETED: i64 = 1;

pub(crate) const fn of_state(state: SagaState) -> i64 {
    match state {
        SagaState::Unfinished => 0,
        SagaState::Completed => COMPLETED,
        SagaState::Compensated => 2,
        SagaState::Stuck => 3,
    }
}

/// The entry in a row of [`ENTRY`].
pub(crate) fn entry(place: &Place, row: &Row<'_>) -> Result<SagaEntry, Error> {
    let read = || {
        let key: i64 = row.get(0)?;
        let id: Arc<str> = row.get(1)?;
        let saga: Arc<str> = row.get(2)?;
        let definition: i64 = row.get(3)?;
        let state: i64 = row.get(4)?;
        let created_at: i64 = row.get(5)?;
        Ok((key, id, saga, definition, state, created_at))
    };
    let (key, id, saga, definition, state, created_at) =
        read().map_err(place.failed("reading a saga"))?;
    let is = |one: &SagaState| of_state(*one) == state;
    let Some(state) = SagaState::ALL.into_iter().find(is) else {
        return Err(Error::BadSaga {
            path: place.path.clone(),
            key,
            what: "has a state that does not exist",
        });
    };
    Ok(SagaEntry {
        key: SagaKey(key),
        id: SagaId::new(id),
        saga,
        definition: definition.cast_unsigned(),
        state,
        created_at: created_at.cast_unsigned(),
    })
}

/// What was written of a record, to be compared when it is read.
pub(crate) fn checksum(saga: SagaKey, number: u64, at: u64, head: &[u8], value: &[u8]) -> u32 {
    let mut of = Hasher::new();
    of.update(&saga.0.to_le_bytes());
    of.update(&number.to_le_bytes());
    of.update(&at.to_le_bytes());
    // Where the head ends and the value begins.
    of.update(&(head.len() as u64).to_le_bytes());
    of.update(head);
    of.update(value);
    of.finalize()
}

/// The record in a row of [`RECORDS`], or what is wrong with it.
pub(crate) fn record(saga: SagaKey, number: u64, row: &Row<'_>) -> Result<Record, &'static str> {
    let column = |place| row.get_ref(place).unwrap_or(ValueRef::Null);
    let [ValueRef::Integer(there), ValueRef::Integer(at)] = [column(0), column(1)] else {
        return Err(NOT_WRITTEN);
    };
    let [ValueRef::Text(head), ValueRef::Blob(value)] = [column(2), column(3)] else {
        return Err(NOT_WRITTEN);
    };
    if there.cast_unsigned() != number {
        return Err("is missing");
    }
    let at = at.cast_unsigned();
    let sum = ValueRef::Integer(checksum(saga, number, at, head, value).into());
    if column(4) != sum {
        return Err("does not have the checksum that was written with it");
    }
    let Ok(head) = str::from_utf8(head) else {
        return Err(NOT_WRITTEN);
    };
    Ok(Record {
        number,
        at,
        head: head.to_owned(),
        value: value.to_vec(),
    })
}

const NOT_WRITTEN: &str = "is not one that was written here";

/// The records of a saga from number `from` on, in order.
pub(crate) fn records(
    place: &Place,
    statement: &mut Statement<'_>,
    id_of: &mut Statement<'_>,
    saga: SagaKey,
    mut number: u64,
) -> Result<Vec<Record>, Error> {
    let failed = place.failed("reading records");
    let mut rows = statement
        .query([saga.0, number.cast_signed()])
        .map_err(&failed)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(&failed)? {
        match record(saga, number, row) {
            Ok(record) => records.push(record),
            Err(what) => {
                return Err(Error::BadRecord {
                    path: place.path.clone(),
                    id: id(id_of, saga),
                    number,
                    what,
                });
            }
        }
        number += 1;
    }
    Ok(records)
}

/// The id of a saga, for a text.
pub(crate) fn id(statement: &mut Statement<'_>, saga: SagaKey) -> String {
    let read = statement.query_row([saga.0], |row| row.get(0));
    read.unwrap_or_else(|_| format!("with the key {}", saga.0))
}
