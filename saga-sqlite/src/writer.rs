//! The thread that writes: all that waits in one transaction, and then all are answered.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, Statement, params};
use saga_core::durable::{
    Created, DefinitionText, JournalError, NewSaga, Record, SagaKey, SagaState,
};
use tokio::sync::oneshot;

use crate::error::Error;
use crate::file::{Opened, Place};
use crate::lock::Locked;
use crate::queue::Queue;
use crate::row;

/// A call that writes.
pub(crate) struct Write {
    /// The lock of the engine whose call it is: nobody else has the journal before this is written, or is not, even
    /// if that engine has ended meanwhile. The first to be dropped: who is answered may let the journal go.
    pub(crate) lock: Option<Arc<Locked>>,
    pub(crate) what: What,
    pub(crate) answer: oneshot::Sender<Result<Written, JournalError>>,
}

impl Write {
    fn answer(self, outcome: Result<Written, JournalError>) {
        drop(self.lock);
        // Who asked may be gone.
        let _ = self.answer.send(outcome);
    }
}

pub(crate) enum What {
    Define(DefinitionText),
    Create(NewSaga),
    Append(SagaKey, Arc<[Record]>, Option<SagaState>),
}

/// What a call that writes came to.
pub(crate) enum Written {
    Done,
    Created(Created),
}

/// Writes until the queue is closed and empty.
pub(crate) fn run(queue: &Queue<Write>, place: &Place, opened: Opened) {
    let _ends = queue.ends();
    let mut opened = Some(opened);
    let mut pace = Pace::default();
    while let Some(mut writes) = pace.next(queue) {
        let there = match opened.take() {
            Some(there) => Ok(there),
            None => place.open_to_write().map_err(Error::from),
        };
        let served = there.and_then(|there| serve(queue, place, &there, &mut pace, &mut writes));
        let Err(failed) = served else { return };
        // Nobody knows what state the connection is in: the next write is on a new one.
        let failed = JournalError::from(failed);
        for write in writes {
            write.answer(Err(failed.clone()));
        }
    }
}

/// Writes on one connection until it fails, with `writes` what is left of what it failed at, or the queue has
/// ended.
fn serve(
    queue: &Queue<Write>,
    place: &Place,
    opened: &Opened,
    pace: &mut Pace,
    writes: &mut Vec<Write>,
) -> Result<(), Error> {
    let mut hand = Hand::new(place, &opened.connection)?;
    loop {
        let began = Instant::now();
        let outcomes = hand.group(writes)?;
        place.still(opened)?;
        pace.took(outcomes.len(), began.elapsed());
        for (write, outcome) in writes.drain(..).zip(outcomes) {
            write.answer(outcome.map_err(JournalError::from));
        }
        match pace.next(queue) {
            Some(next) => *writes = next,
            None => return Ok(()),
        }
    }
}

/// How long is waited for calls to be written with those that are there.
///
/// Who has just been answered mostly calls again at once. To begin with the first of them would leave the others
/// to the next transaction, so that each sync is for half of them. So as many are waited for as were written the
/// last time, but only for a part of the time that it took: one saga alone waits for nobody.
#[derive(Default)]
struct Pace {
    last: usize,
    patience: Duration,
}

impl Pace {
    fn took(&mut self, calls: usize, time: Duration) {
        self.last = calls;
        self.patience = (time / 4).min(Duration::from_millis(2));
    }

    fn next(&self, queue: &Queue<Write>) -> Option<Vec<Write>> {
        queue.take(self.last, self.patience)
    }
}

/// Sagas of which the last number is remembered, at most.
const REMEMBERED: usize = 65_536;

/// What writes, on one connection.
struct Hand<'a> {
    place: &'a Place,
    connection: &'a Connection,
    begin: Statement<'a>,
    commit: Statement<'a>,
    define: Statement<'a>,
    create: Statement<'a>,
    of_id: Statement<'a>,
    id_of: Statement<'a>,
    record: Statement<'a>,
    records: Statement<'a>,
    last: Statement<'a>,
    state: Statement<'a>,
    /// The last numbers of sagas that are likely to go on. Never more than is in the tables, and never wrong
    /// while the engine that has the lock is the only one that writes.
    lasts: HashMap<SagaKey, u64>,
}

type Outcome = Result<Written, Error>;

impl<'a> Hand<'a> {
    fn new(place: &'a Place, connection: &'a Connection) -> Result<Self, Error> {
        let prepare = |sql: &str| {
            let prepared = connection.prepare(sql);
            prepared.map_err(place.failed("preparing to write"))
        };
        Ok(Self {
            place,
            connection,
            begin: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            define: prepare("INSERT INTO definition VALUES (?1, ?2) ON CONFLICT DO NOTHING")?,
            create: prepare(
                "INSERT INTO saga (id, name, definition, state, created_at)
                VALUES (?1, ?2, ?3, 0, ?4) ON CONFLICT (id) DO NOTHING",
            )?,
            of_id: prepare(&format!("{} WHERE id = ?1", row::ENTRY))?,
            id_of: prepare("SELECT id FROM saga WHERE key = ?1")?,
            record: prepare(
                "INSERT INTO record (saga, number, at, head, value, checksum)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            records: prepare(&format!(
                "{} AND number >= ?2 ORDER BY number",
                row::RECORDS
            ))?,
            last: prepare("SELECT max(number) FROM record WHERE saga = ?1")?,
            state: prepare("UPDATE saga SET state = ?2 WHERE key = ?1")?,
            lasts: HashMap::new(),
        })
    }

    /// Writes all in one transaction; says what each came to, once that is on disk.
    ///
    /// One that SQLite refuses is answered and taken out of `writes`, and the others are written without it.
    fn group(&mut self, writes: &mut Vec<Write>) -> Result<Vec<Outcome>, Error> {
        loop {
            let begun = self.begin.execute([]);
            begun.map_err(self.place.failed("beginning a transaction"))?;
            let mut outcomes = Vec::with_capacity(writes.len());
            let mut refused = None;
            for (place, write) in writes.iter().enumerate() {
                match self.write(&write.what) {
                    Ok(outcome) => outcomes.push(outcome),
                    Err(error) if is_its_own_fault(&error) => {
                        refused = Some((place, error));
                        break;
                    }
                    Err(error) => {
                        self.roll_back();
                        return Err(error);
                    }
                }
            }
            if let Some((place, error)) = refused {
                let remembered = !self.lasts.is_empty();
                self.roll_back();
                // What was remembered may be at fault, where somebody else has written.
                if !(remembered && is_constraint(&error)) {
                    let write = writes.remove(place);
                    write.answer(Err(error.into()));
                }
                continue;
            }
            if let Err(error) = self.commit.execute([]) {
                self.roll_back();
                return Err(self.place.failed("committing")(error));
            }
            if self.lasts.len() > REMEMBERED {
                self.lasts = HashMap::new();
            }
            return Ok(outcomes);
        }
    }

    fn roll_back(&mut self) {
        self.lasts.clear();
        if !self.connection.is_autocommit() {
            // Where it fails, who calls drops the connection, or the next BEGIN fails.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// What a call comes to. An error is one of SQLite.
    fn write(&mut self, what: &What) -> Result<Outcome, Error> {
        match what {
            What::Define(definition) => self.define(definition),
            What::Create(saga) => self.create(saga),
            What::Append(saga, records, state) => self.append(*saga, records, *state),
        }
    }

    fn define(&mut self, definition: &DefinitionText) -> Result<Outcome, Error> {
        let hash = definition.hash.cast_signed();
        let defined = self.define.execute(params![hash, definition.text]);
        defined.map_err(self.place.failed("writing a definition"))?;
        Ok(Ok(Written::Done))
    }

    fn create(&mut self, saga: &NewSaga) -> Result<Outcome, Error> {
        let failed = self.place.failed("adding a saga");
        let id = saga.id.to_string();
        let definition = saga.definition.cast_signed();
        let at = saga.first.at.cast_signed();
        let added = self.create.execute(params![id, saga.saga, definition, at]);
        if added.map_err(&failed)? == 0 {
            let mut rows = self.of_id.query([id]).map_err(&failed)?;
            return Ok(match rows.next().map_err(&failed)? {
                Some(row) => row::entry(self.place, row)
                    .map(|entry| Written::Created(Created::Existing(entry))),
                // It did conflict with something.
                None => Err(failed(rusqlite::Error::QueryReturnedNoRows)),
            });
        }
        let key = SagaKey(self.connection.last_insert_rowid());
        self.record(key, &saga.first)?;
        self.lasts.insert(key, saga.first.number);
        Ok(Ok(Written::Created(Created::New(key))))
    }

    fn append(
        &mut self,
        saga: SagaKey,
        records: &[Record],
        state: Option<SagaState>,
    ) -> Result<Outcome, Error> {
        let remembered = self.lasts.get(&saga).copied();
        let checked = match remembered {
            Some(last) => self.follows(saga, last, records)?,
            None => Err(None),
        };
        let (last, new) = match checked {
            Ok(new) => (remembered.unwrap_or_default(), new),
            // A refusal is never made from memory.
            Err(_) => {
                let Some(last) = self.last(saga)? else {
                    let path = self.place.path.clone();
                    return Ok(Err(Error::NoSaga { path, key: saga.0 }));
                };
                match self.follows(saga, last, records)? {
                    Ok(new) => (last, new),
                    Err(Some(refused)) => return Ok(Err(refused)),
                    Err(None) => (last, records),
                }
            }
        };
        for record in new {
            self.record(saga, record)?;
        }
        if let Some(state) = state {
            let set = self.state.execute([saga.0, row::of_state(state)]);
            set.map_err(self.place.failed("setting the state of a saga"))?;
        }
        if state.is_none_or(|state| state == SagaState::Unfinished) {
            let last = new.last().map_or(last, |record| record.number);
            self.lasts.insert(saga, last);
        } else {
            self.lasts.remove(&saga);
        }
        Ok(Ok(Written::Done))
    }

    /// Those of `records` that are not there, or why they do not follow on `last`.
    fn follows<'r>(
        &mut self,
        saga: SagaKey,
        last: u64,
        records: &'r [Record],
    ) -> Result<Result<&'r [Record], Option<Error>>, Error> {
        let there = records.partition_point(|record| record.number <= last);
        let (again, new) = records.split_at(there);
        let mut next = last;
        for record in new {
            if record.number.checked_sub(1) != Some(next) {
                return Ok(Err(Some(Error::LeftOut {
                    path: self.place.path.clone(),
                    id: row::id(&mut self.id_of, saga),
                    number: record.number,
                    last: next,
                })));
            }
            next = record.number;
        }
        if let Some(first) = again.first() {
            let from = first.number;
            let kept = row::records(self.place, &mut self.records, &mut self.id_of, saga, from)?;
            // Looked up one by one: they are few, and may be in any order.
            let other = again.iter().find(|record| {
                let same = |kept: &&Record| kept.number == record.number;
                kept.iter().find(same) != Some(record)
            });
            if let Some(other) = other {
                return Ok(Err(Some(Error::OtherRecord {
                    path: self.place.path.clone(),
                    id: row::id(&mut self.id_of, saga),
                    number: other.number,
                })));
            }
        }
        Ok(Ok(new))
    }

    /// The number of the last record of a saga that is there.
    fn last(&mut self, saga: SagaKey) -> Result<Option<u64>, Error> {
        let last = self
            .last
            .query_row([saga.0], |row| row.get::<_, Option<i64>>(0));
        let last = last.map_err(self.place.failed("reading the last record of a saga"))?;
        Ok(last.map(i64::cast_unsigned))
    }

    fn record(&mut self, saga: SagaKey, record: &Record) -> Result<(), Error> {
        let Record {
            number,
            at,
            head,
            value,
        } = record;
        let checksum = row::checksum(saga, *number, *at, head.as_bytes(), value);
        let written = self.record.execute(params![
            saga.0,
            number.cast_signed(),
            at.cast_signed(),
            head,
            value,
            checksum
        ]);
        written.map_err(self.place.failed("writing a record"))?;
        Ok(())
    }
}

/// Whether another call in its place could have gone well.
fn is_its_own_fault(error: &Error) -> bool {
    // A record that was there, and cannot be read, is in the way of this call only.
    is_constraint(error)
        || matches!(error, Error::BadRecord { .. })
        || matches!(error, Error::Sqlite { reason, .. }
            if reason.sqlite_error_code() == Some(ErrorCode::TooBig))
}

fn is_constraint(error: &Error) -> bool {
    matches!(error, Error::Sqlite { reason, .. }
        if reason.sqlite_error_code() == Some(ErrorCode::ConstraintViolation))
}

#[cfg(test)]
mod tests {
    use std::thread;

    use saga_core::SagaId;

    use super::*;

    fn create(id: &str, size: usize) -> What {
        What::Create(NewSaga {
            id: SagaId::new(id),
            saga: "checkout".into(),
            definition: 7,
            first: Record {
                number: 0,
                at: 1,
                head: "{}".to_owned(),
                value: vec![7; size],
            },
        })
    }

    fn push(queue: &Queue<Write>, what: What) -> oneshot::Receiver<Result<Written, JournalError>> {
        let (answer, told) = oneshot::channel();
        let lock = None;
        queue.push(Write { lock, what, answer });
        told
    }

    #[test]
    fn a_full_disk_fails_all_that_was_to_be_written_at_once_and_the_next_goes_well() {
        let name = format!("saga-sqlite-full-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let (place, opened) = Place::make(&folder.join("sagas.db"), Duration::ZERO).unwrap();
        // Of this connection only: the next one has room.
        let pages: i64 = opened
            .connection
            .pragma_query_value(None, "page_count", |row| row.get(0))
            .unwrap();
        opened
            .connection
            .pragma_update_and_check(None, "max_page_count", pages + 3, |_| Ok(()))
            .unwrap();
        let queue = Queue::new();
        let small = push(&queue, create("small", 10));
        let large = push(&queue, create("large", 100_000));
        let other = push(&queue, create("other", 10));
        thread::scope(|scope| {
            scope.spawn(|| run(&queue, &place, opened));
            for told in [small, large, other] {
                let error = told.blocking_recv().unwrap().err().unwrap();
                let text = error.to_string();
                assert!(text.contains("sagas.db") && text.contains("full"), "{text}");
            }
            for id in ["small", "large", "other"] {
                let told = push(&queue, create(id, 100_000)).blocking_recv();
                let is_new = matches!(told, Ok(Ok(Written::Created(Created::New(_)))));
                assert!(is_new, "nothing of {id} was left behind");
            }
            queue.close();
        });
        std::fs::remove_dir_all(folder).unwrap();
    }
}
