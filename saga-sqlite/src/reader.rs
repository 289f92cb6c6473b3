//! The thread that reads.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Statement};
use saga_core::SagaId;
use saga_core::durable::{JournalError, Query, Record, SagaEntry, SagaKey};
use tokio::sync::oneshot;

use crate::error::Error;
use crate::file::{Opened, Place};
use crate::queue::Queue;
use crate::row;

/// Who is told, and what.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, JournalError>>;

/// A call that reads.
pub(crate) enum Read {
    Definition(u64, Answer<Option<String>>),
    Find(SagaId, Answer<Option<SagaEntry>>),
    Records(SagaKey, Answer<Vec<Record>>),
    List(Query, Answer<Vec<SagaEntry>>),
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
                // One has been told; what is left is read on a new connection.
                Err(Failed::Told) => continue,
                Err(Failed::Untold(error)) => error,
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
    Told,
    Untold(Error),
}

fn serve(
    queue: &Queue<Read>,
    place: &Place,
    opened: &Opened,
    reads: &mut Vec<Read>,
) -> Result<(), Failed> {
    let mut eye = Eye::new(place, &opened.connection).map_err(Failed::Untold)?;
    loop {
        place.still(opened).map_err(Failed::Untold)?;
        reads.reverse();
        while let Some(read) = reads.pop() {
            if !eye.read(read) {
                reads.reverse();
                return Err(Failed::Told);
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
        // Who asked may be gone.
        match self {
            Self::Definition(_, answer) => drop(answer.send(Err(error))),
            Self::Find(_, answer) => drop(answer.send(Err(error))),
            Self::Records(_, answer) => drop(answer.send(Err(error))),
            Self::List(_, answer) => drop(answer.send(Err(error))),
        }
    }
}

/// What reads, on one connection.
struct Eye<'a> {
    place: &'a Place,
    connection: &'a Connection,
    definition: Statement<'a>,
    of_id: Statement<'a>,
    id_of: Statement<'a>,
    records: Statement<'a>,
}

impl<'a> Eye<'a> {
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
            id_of: prepare("SELECT id FROM saga WHERE key = ?1")?,
            records: prepare(&format!(
                "{} AND number >= ?2 ORDER BY number",
                row::RECORDS
            ))?,
        })
    }

    /// Answers one. Says whether the connection is still good.
    fn read(&mut self, read: Read) -> bool {
        match read {
            Read::Definition(hash, answer) => tell(answer, self.definition(hash)),
            Read::Find(id, answer) => tell(answer, self.find(&id)),
            Read::Records(saga, answer) => tell(answer, self.records(saga)),
            Read::List(query, answer) => tell(answer, self.list(&query)),
        }
    }

    fn definition(&mut self, hash: u64) -> Result<Option<String>, Error> {
        let hash = hash.cast_signed();
        let read = self.definition.query_row([hash], |row| row.get(0));
        let read = read.optional();
        read.map_err(self.place.failed("reading a definition"))
    }

    fn find(&mut self, id: &SagaId) -> Result<Option<SagaEntry>, Error> {
        let failed = self.place.failed("finding a saga");
        let mut rows = self.of_id.query([id.to_string()]).map_err(&failed)?;
        let row = rows.next().map_err(&failed)?;
        row.map(|row| row::entry(self.place, row)).transpose()
    }

    fn records(&mut self, saga: SagaKey) -> Result<Vec<Record>, Error> {
        let mut read = || row::records(self.place, &mut self.records, &mut self.id_of, saga, 0);
        let records = read()?;
        if !records.is_empty() {
            return Ok(records);
        }
        let id = self.id_of.query_row([saga.0], |row| row.get(0)).optional();
        let id = id.map_err(self.place.failed("finding a saga"))?;
        let Some(id) = id else {
            return Ok(records);
        };
        // It may have been added meanwhile.
        let records = row::records(self.place, &mut self.records, &mut self.id_of, saga, 0)?;
        if records.is_empty() {
            return Err(Error::BadRecord {
                path: self.place.path.clone(),
                id,
                number: 0,
                what: "is missing",
            });
        }
        Ok(records)
    }

    fn list(&mut self, query: &Query) -> Result<Vec<SagaEntry>, Error> {
        let failed = self.place.failed("listing sagas");
        // Rare, and of many forms: prepared each time.
        let mut statement = self.connection.prepare(&list_sql(query)).map_err(&failed)?;
        let after = query.after.map_or(i64::MIN, |after| after.0);
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let name = query.saga.as_deref();
        let mut rows = statement.query((after, limit, name)).map_err(&failed)?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            entries.push(row::entry(self.place, row)?);
        }
        Ok(entries)
    }
}

/// SQLite is told to take the index of what has not completed, because it would rather go through all sagas in
/// order; and that what is asked for is in it, which it does not conclude.
fn list_sql(query: &Query) -> String {
    let (index, of_state) = match query.state.map(row::of_state) {
        None => ("", String::new()),
        Some(row::COMPLETED) => ("", format!("state = {} AND", row::COMPLETED)),
        Some(state) => (
            "INDEXED BY saga_open",
            format!("state = {state} AND state <> {} AND", row::COMPLETED),
        ),
    };
    format!(
        "{} {index} WHERE {of_state} key > ?1 AND (?3 IS NULL OR name = ?3) ORDER BY key LIMIT ?2",
        row::ENTRY
    )
}

/// Says whether the connection is still good.
fn tell<T>(answer: Answer<T>, read: Result<T, Error>) -> bool {
    let good = !matches!(read, Err(Error::Sqlite { .. }));
    // Who asked may be gone.
    let _ = answer.send(read.map_err(JournalError::from));
    good
}

#[cfg(test)]
mod tests {
    use saga_core::durable::SagaState;

    use super::*;
    use crate::schema::MIGRATIONS;

    #[test]
    fn what_has_not_completed_is_listed_without_a_look_at_what_has() {
        let connection = Connection::open_in_memory().unwrap();
        for migration in MIGRATIONS {
            connection.execute_batch(migration).unwrap();
        }
        let plan = |state, saga: Option<&str>| {
            let query = Query {
                state,
                saga: saga.map(Into::into),
                after: None,
                limit: 10,
            };
            let sql = format!("EXPLAIN QUERY PLAN {}", list_sql(&query));
            let mut statement = connection.prepare(&sql).unwrap();
            let rows = statement.query_map((1, 10, saga), |row| row.get::<_, String>(3));
            rows.unwrap()
                .map(Result::unwrap)
                .collect::<Vec<_>>()
                .join("; ")
        };
        for saga in [None, Some("checkout")] {
            for state in SagaState::ALL {
                let expected = match state {
                    SagaState::Completed => "SEARCH saga USING INTEGER PRIMARY KEY (rowid>?)",
                    _ => "SEARCH saga USING INDEX saga_open (state=? AND rowid>?)",
                };
                assert_eq!(plan(Some(state), saga), expected);
            }
            let all = "SEARCH saga USING INTEGER PRIMARY KEY (rowid>?)";
            assert_eq!(plan(None, saga), all);
        }
    }
}
