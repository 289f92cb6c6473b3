//! Rows: how sagas and records are stored in columns.

use std::borrow::Cow;
use std::sync::Arc;

use crc32fast::Hasher;
use rusqlite::types::ValueRef;
use rusqlite::{Row, Statement};
use saga_journal::{Entry, Epoch, READER, Record, SagaEntry, SagaId, SagaKey, SagaState};

use crate::error::Error;
use crate::file::Place;

/// Selects the columns of an entry. The owner is the last.
pub(crate) const ENTRY: &str =
    "SELECT key, id, name, definition, state, created_at, min_reader, loads, owner_epoch FROM saga";

pub(crate) const RECORDS: &str =
    "SELECT number, at, min_reader, head, value, checksum FROM record WHERE saga = ?1";

pub(crate) const UNFINISHED: i64 = 0;
/// The state that the index `saga_open` leaves out.
pub(crate) const COMPLETED: i64 = 1;

pub(crate) const fn of_state(state: SagaState) -> i64 {
    match state {
        SagaState::Unfinished => UNFINISHED,
        SagaState::Completed => COMPLETED,
        SagaState::Compensated => 2,
        SagaState::Stuck => 3,
    }
}

fn column<'r>(row: &'r Row<'_>, place: usize) -> ValueRef<'r> {
    row.get_ref(place).unwrap_or(ValueRef::Null)
}

/// Reads the columns of an entry, and collects those that cannot be read.
struct Columns<'r, 'stmt> {
    row: &'r Row<'stmt>,
    damage: Vec<String>,
}

impl Columns<'_, '_> {
    fn text(&mut self, place: usize, name: &str) -> Arc<str> {
        let ValueRef::Text(bytes) = column(self.row, place) else {
            self.damage.push(format!("its {name} is missing"));
            return Arc::from("");
        };
        let text = String::from_utf8_lossy(bytes);
        if let Cow::Owned(_) = text {
            self.damage.push(format!("its {name} is not UTF-8"));
        }
        text.into()
    }

    fn number(&mut self, place: usize, name: &str) -> i64 {
        if let ValueRef::Integer(number) = column(self.row, place) {
            return number;
        }
        self.damage.push(format!("its {name} is missing"));
        0
    }

    fn small(&mut self, place: usize, name: &str) -> u32 {
        let number = self.number(place, name);
        u32::try_from(number).unwrap_or_else(|_| {
            let what = format!("its {name} is {number}, which was not written here");
            self.damage.push(what);
            0
        })
    }

    fn state(&mut self, place: usize) -> SagaState {
        let number = self.number(place, "state");
        let is = |one: &SagaState| of_state(*one) == number;
        SagaState::ALL.into_iter().find(is).unwrap_or_else(|| {
            let what = format!("its state is {number}, which does not exist");
            self.damage.push(what);
            SagaState::Unfinished
        })
    }
}

/// The entry in a row of [`ENTRY`]. Its damage says what cannot be read.
pub(crate) fn entry(row: &Row<'_>) -> SagaEntry {
    let damage = Vec::new();
    let mut columns = Columns { row, damage };
    let mut entry = SagaEntry {
        key: SagaKey(columns.number(0, "key")),
        id: SagaId::new(columns.text(1, "id")),
        saga: columns.text(2, "name"),
        definition: columns.number(3, "definition").cast_unsigned(),
        state: columns.state(4),
        created_at: columns.number(5, "time of creation").cast_unsigned(),
        min_reader: columns.small(6, "min_reader"),
        loads: columns.small(7, "count of loads"),
        damage: None,
    };
    if !columns.damage.is_empty() {
        entry.damage = Some(columns.damage.join(", ").into());
    }
    entry
}

/// The owner in a row of [`ENTRY`]. `None` if it cannot be read.
pub(crate) fn owner(row: &Row<'_>) -> Option<Epoch> {
    match column(row, 8) {
        ValueRef::Integer(epoch) => Some(Epoch(epoch)),
        _ => None,
    }
}

/// The entry of a saga whose row cannot be read at all.
pub(crate) fn unreadable(key: SagaKey, error: &rusqlite::Error) -> SagaEntry {
    SagaEntry {
        key,
        id: SagaId::new(""),
        saga: Arc::from(""),
        definition: 0,
        state: SagaState::Unfinished,
        created_at: 0,
        min_reader: 0,
        loads: 0,
        damage: Some(format!("its row cannot be read: {error}").into()),
    }
}

/// A record in the form of its columns.
#[derive(Clone, Copy)]
pub(crate) struct Columned<'r> {
    pub(crate) number: u64,
    pub(crate) at: u64,
    pub(crate) min_reader: u32,
    pub(crate) head: &'r str,
    pub(crate) value: &'r [u8],
}

impl<'r> Columned<'r> {
    pub(crate) fn of(record: &'r Record, head: &'r str) -> Self {
        Self {
            number: record.number,
            at: record.at,
            min_reader: record.min_reader,
            head,
            value: &record.value,
        }
    }

    /// The checksum that is written with the record and compared when it is read.
    pub(crate) fn checksum(&self, saga: SagaKey) -> u32 {
        let mut of = Hasher::new();
        of.update(&saga.0.to_le_bytes());
        of.update(&self.number.to_le_bytes());
        of.update(&self.at.to_le_bytes());
        of.update(&u64::from(self.min_reader).to_le_bytes());
        // The boundary between the head and the value.
        of.update(&(self.head.len() as u64).to_le_bytes());
        of.update(self.head.as_bytes());
        of.update(self.value);
        of.finalize()
    }

    /// Reads record `number` of `saga` from a row of [`RECORDS`], or says what is wrong with it.
    fn read(saga: SagaKey, number: u64, row: &'r Row<'_>) -> Result<Self, &'static str> {
        let column = |place| column(row, place);
        let numbers = [column(0), column(1), column(2)];
        let [
            ValueRef::Integer(there),
            ValueRef::Integer(at),
            ValueRef::Integer(reader),
        ] = numbers
        else {
            return Err(NOT_WRITTEN);
        };
        let [ValueRef::Text(head), ValueRef::Blob(value)] = [column(3), column(4)] else {
            return Err(NOT_WRITTEN);
        };
        if there.cast_unsigned() != number {
            return Err("is missing");
        }
        let (Ok(head), Ok(min_reader)) = (str::from_utf8(head), u32::try_from(reader)) else {
            return Err(OTHER_CHECKSUM);
        };
        let at = at.cast_unsigned();
        let read = Self {
            number,
            at,
            min_reader,
            head,
            value,
        };
        if column(5) != ValueRef::Integer(read.checksum(saga).into()) {
            return Err(OTHER_CHECKSUM);
        }
        Ok(read)
    }

    fn record(&self) -> Result<Record, String> {
        let entry = Entry::from_json(self.head)?;
        Ok(Record {
            number: self.number,
            at: self.at,
            min_reader: self.min_reader,
            entry,
            value: self.value.to_vec(),
        })
    }
}

const NOT_WRITTEN: &str = "is not one that was written here";
const OTHER_CHECKSUM: &str = "does not have the checksum that was written with it";

/// The statements that read the records of a saga.
pub(crate) struct Records<'c> {
    pub(crate) from: Statement<'c>,
    pub(crate) id_of: Statement<'c>,
}

impl Records<'_> {
    /// The records of a saga from number `number` on, in order.
    pub(crate) fn read(
        &mut self,
        place: &Place,
        saga: SagaKey,
        number: u64,
    ) -> Result<Vec<Record>, Error> {
        let mut records = Vec::new();
        let id_of = &mut self.id_of;
        each(place, &mut self.from, saga, number, |read| {
            let number = match read {
                Ok(read) if read.min_reader > READER => {
                    return Err(Error::NewerRecord {
                        path: place.path.clone(),
                        id: id(id_of, saga),
                        number: read.number,
                        needed: read.min_reader,
                    });
                }
                Ok(read) => match read.record() {
                    Ok(record) => {
                        records.push(record);
                        return Ok(());
                    }
                    Err(why) => (read.number, format!("does not say what can be read: {why}")),
                },
                Err((number, what)) => (number, what.to_owned()),
            };
            let (number, what) = number;
            Err(Error::BadRecord {
                path: place.path.clone(),
                id: id(id_of, saga),
                number,
                what,
            })
        })?;
        Ok(records)
    }

    /// The first of these records that differs from the record in the journal with its number.
    pub(crate) fn first_other(
        &mut self,
        place: &Place,
        saga: SagaKey,
        records: &[(&Record, &str)],
    ) -> Result<Option<u64>, Error> {
        let Some((first, _)) = records.first() else {
            return Ok(None);
        };
        let mut same = vec![false; records.len()];
        let id_of = &mut self.id_of;
        each(place, &mut self.from, saga, first.number, |read| {
            let read = read.map_err(|(number, what)| Error::BadRecord {
                path: place.path.clone(),
                id: id(id_of, saga),
                number,
                what: what.to_owned(),
            })?;
            // Compared one by one: there are few, in any order.
            for ((record, head), same) in records.iter().zip(&mut same) {
                *same |= record.number == read.number
                    && record.at == read.at
                    && record.min_reader == read.min_reader
                    && *head == read.head
                    && record.value == read.value;
            }
            Ok(())
        })?;
        let mut other = records.iter().zip(&same);
        let other = other.find(|(_, same)| !**same);
        Ok(other.map(|((record, _), _)| record.number))
    }

    /// The id of a saga, for an error text.
    pub(crate) fn id(&mut self, saga: SagaKey) -> String {
        id(&mut self.id_of, saga)
    }
}

/// Passes each record of a saga from number `number` on to a closure, in order. A bad one is passed as its number
/// and what is wrong.
fn each(
    place: &Place,
    statement: &mut Statement<'_>,
    saga: SagaKey,
    mut number: u64,
    mut then: impl FnMut(Result<Columned<'_>, (u64, &'static str)>) -> Result<(), Error>,
) -> Result<(), Error> {
    let failed = place.failed("reading records");
    let mut rows = statement
        .query([saga.0, number.cast_signed()])
        .map_err(&failed)?;
    while let Some(row) = rows.next().map_err(&failed)? {
        let read = Columned::read(saga, number, row);
        then(read.map_err(|what| (number, what)))?;
        number += 1;
    }
    Ok(())
}

fn id(statement: &mut Statement<'_>, saga: SagaKey) -> String {
    let read = statement.query_row([saga.0], |row| {
        Ok(match row.get_ref(0)? {
            ValueRef::Text(id) => String::from_utf8_lossy(id).into_owned(),
            _ => format!("with the key {}", saga.0),
        })
    });
    read.unwrap_or_else(|_| format!("with the key {}", saga.0))
}
