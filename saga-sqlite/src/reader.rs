//! The thread that reads.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Statement};
use saga_journal::{
    Count, JournalError, Query, Record, RecordPosition, SagaEntry, SagaId, SagaKey, SagaState,
};
use tokio::sync::oneshot;

use crate::error::Error;
use crate::file::{Opened, Place};
use crate::page;
use crate::queue::Queue;
use crate::row::{self, Records};

/// The channel to the caller that waits for the answer.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, JournalError>>;

const ID_OF: &str = "SELECT id FROM saga WHERE key = ?1";

/// A call that reads.
pub(crate) enum Read {
    Definition(u64, Answer<Option<String>>),
    Find(SagaId, Answer<Option<SagaEntry>>),
    Records(SagaKey, Answer<Vec<Record>>),
    Record(SagaKey, RecordPosition, Answer<Option<Record>>),
    List(Query, Answer<Vec<SagaEntry>>),
    Counts(Answer<Vec<Count>>),
}

/// Reads until the queue is closed and empty.
pub(crate) fn run(queue: &Queue<Read>, place: &Place) {
    let _ends = queue.ends();
    let mut reads = Vec::new();
    loop {
        if reads.is_empty() {
            match queue.take(1, Duration::ZERO) {
                Some(next) => reads = next,
                None => return,
            }
        }
        let failed = match place.open_to_read() {
            Ok(opened) => match serve(queue, place, &opened, &mut reads) {
                Ok(()) => return,
                // The remaining calls are read on a new connection.
                Err(Failed::Answered | Failed::Stale) => continue,
                Err(Failed::Unanswered(error)) => error,
            },
            Err(error) => error.into(),
        };
        let failed = JournalError::from(failed);
        for read in reads.drain(..) {
            read.fail(failed.clone());
        }
    }
}

enum Failed {
    /// The call at which it failed was answered.
    Answered,
    /// The remaining calls were not answered.
    Unanswered(Error),
    /// The connection does not see the current data.
    Stale,
}

fn serve(
    queue: &Queue<Read>,
    place: &Place,
    opened: &Opened,
    reads: &mut Vec<Read>,
) -> Result<(), Failed> {
    let mut reader = Reader::new(place, &opened.connection).map_err(Failed::Unanswered)?;
    loop {
        place.still(opened).map_err(Failed::Unanswered)?;
        if place.is_stale(opened) {
            return Err(Failed::Stale);
        }
        reads.reverse();
        while let Some(read) = reads.pop() {
            if !reader.read(read) {
                reads.reverse();
                return Err(Failed::Answered);
            }
        }
        match queue.take(1, Duration::ZERO) {
            Some(next) => *reads = next,
            None => return Ok(()),
        }
    }
}

impl Read {
    fn fail(self, error: JournalError) {
        // The caller may be gone.
        match self {
            Self::Definition(_, answer) => drop(answer.send(Err(error))),
            Self::Find(_, answer) => drop(answer.send(Err(error))),
            Self::Records(_, answer) => drop(answer.send(Err(error))),
            Self::Record(_, _, answer) => drop(answer.send(Err(error))),
            Self::List(_, answer) => drop(answer.send(Err(error))),
            Self::Counts(answer) => drop(answer.send(Err(error))),
        }
    }
}

/// Reads on one connection.
struct Reader<'a> {
    place: &'a Place,
    connection: &'a Connection,
    definition: Statement<'a>,
    of_id: Statement<'a>,
    is_there: Statement<'a>,
    counts: Statement<'a>,
    records: Records<'a>,
    one: Records<'a>,
    last_number: Statement<'a>,
}

impl<'a> Reader<'a> {
    fn new(place: &'a Place, connection: &'a Connection) -> Result<Self, Error> {
        let prepare = |sql: &str| {
            let prepared = connection.prepare(sql);
            prepared.map_err(place.failed("preparing to read"))
        };
        Ok(Self {
            place,
            connection,
            definition: prepare("SELECT text FROM definition WHERE hash = ?1")?,
            of_id: prepare(&format!("{} WHERE id = ?1", row::ENTRY))?,
            is_there: prepare("SELECT 1 FROM saga WHERE key = ?1")?,
            counts: prepare("SELECT name, state, count(*) FROM saga GROUP BY name, state")?,
            records: Records {
                from: prepare(&format!(
                    "{} AND number >= ?2 ORDER BY number",
                    row::RECORDS
                ))?,
                id_of: prepare(ID_OF)?,
            },
            one: Records {
                from: prepare(&format!("{} AND number = ?2", row::RECORDS))?,
                id_of: prepare(ID_OF)?,
            },
            last_number: prepare("SELECT max(number) FROM record WHERE saga = ?1")?,
        })
    }

    /// Answers one call. Returns whether the connection can still be used.
    fn read(&mut self, read: Read) -> bool {
        match read {
            Read::Definition(hash, answer) => send(answer, self.definition(hash)),
            Read::Find(id, answer) => send(answer, self.find(&id)),
            Read::Records(saga, answer) => send(answer, self.records(saga)),
            Read::Record(saga, position, answer) => send(answer, self.record(saga, position)),
            Read::List(query, answer) => send(answer, self.list(&query)),
            Read::Counts(answer) => send(answer, self.counts()),
        }
    }

    fn definition(&mut self, hash: u64) -> Result<Option<String>, Error> {
        let hash = hash.cast_signed();
        let read = self.definition.query_row([hash], |row| row.get(0));
        let read = read.optional();
        read.map_err(self.place.failed("reading a definition"))
    }

    fn find(&mut self, id: &SagaId) -> Result<Option<SagaEntry>, Error> {
        let id = id.to_string();
        let found = page::find(self.connection, &mut self.of_id, &id);
        found.map_err(self.place.failed("finding a saga"))
    }

    fn records(&mut self, saga: SagaKey) -> Result<Vec<Record>, Error> {
        let records = self.records.read(self.place, saga, 0)?;
        if !records.is_empty() {
            return Ok(records);
        }
        let is_there = self.is_there.exists([saga.0]);
        if !is_there.map_err(self.place.failed("finding a saga"))? {
            return Ok(records);
        }
        // The saga may have been added meanwhile.
        let records = self.records.read(self.place, saga, 0)?;
        if records.is_empty() {
            return Err(Error::BadRecord {
                path: self.place.path.clone(),
                id: self.records.id(saga),
                number: 0,
                what: "is missing".to_owned(),
            });
        }
        Ok(records)
    }

    fn record(&mut self, saga: SagaKey, position: RecordPosition) -> Result<Option<Record>, Error> {
        let failed = self.place.failed("reading a record");
        let mut number = match position {
            RecordPosition::First => 0,
            RecordPosition::End => {
                let last = self.last_number.query_row([saga.0], |row| row.get(0));
                let last: Option<i64> = last.map_err(failed)?;
                match last {
                    Some(last) => last.cast_unsigned(),
                    None => return Ok(None),
                }
            }
        };
        loop {
            let record = self.one.read(self.place, saga, number)?.pop();
            let is_it =
                |record: &Record| position == RecordPosition::First || record.entry.is_end();
            match record {
                Some(record) if is_it(&record) => return Ok(Some(record)),
                // A request that came too late has a record after the end.
                Some(_) if number > 0 => number -= 1,
                Some(_) | None => return Ok(None),
            }
        }
    }

    fn list(&self, query: &Query) -> Result<Vec<SagaEntry>, Error> {
        let listed = page::list(self.connection, query);
        listed.map_err(self.place.failed("listing sagas"))
    }

    fn counts(&mut self) -> Result<Vec<Count>, Error> {
        let failed = self.place.failed("counting sagas");
        let mut rows = self.counts.query([]).map_err(&failed)?;
        // An unreadable state counts as unfinished, an unreadable name as the part that can be read.
        let mut counts = BTreeMap::<(Arc<str>, &str), (SagaState, u64)>::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            let name = match row.get_ref(0).map_err(&failed)? {
                ValueRef::Text(name) => String::from_utf8_lossy(name).into(),
                _ => Arc::from(""),
            };
            let state = row.get::<_, i64>(1).ok();
            let mut states = SagaState::ALL.into_iter();
            let state = states.find(|one| state == Some(row::of_state(*one)));
            let state = state.unwrap_or(SagaState::Unfinished);
            let sagas: i64 = row.get(2).map_err(&failed)?;
            let count = counts.entry((name, state.as_str()));
            count.or_insert((state, 0)).1 += sagas.cast_unsigned();
        }
        let count = |((saga, _), (state, sagas))| Count { saga, state, sagas };
        Ok(counts.into_iter().map(count).collect())
    }
}

/// Returns whether the connection can still be used.
fn send<T>(answer: Answer<T>, read: Result<T, Error>) -> bool {
    let good = !matches!(read, Err(Error::Sqlite { .. }));
    // The caller may be gone.
    let _ = answer.send(read.map_err(JournalError::from));
    good
}
