//! The thread that writes. It writes all pending calls in one transaction, and then answers them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Statement, params};
use saga_journal::{
    Claim, Created, DefinitionText, Epoch, JournalError, NewSaga, Record, SagaEntry, SagaKey,
    SagaState,
};
use tokio::sync::oneshot;

use crate::error::Error;
use crate::file::{Opened, Place};
use crate::lock::Locked;
use crate::queue::Queue;
use crate::row::{self, Columned, Records};
use crate::{log, page};

/// A call that writes.
pub(crate) struct Write {
    /// The lock of the calling engine. It keeps other engines out until this call is written or has failed, even if
    /// its engine has ended. It is dropped before the answer, because the caller may release the journal after
    /// that.
    pub(crate) lock: Option<Arc<Locked>>,
    pub(crate) what: What,
    pub(crate) answer: oneshot::Sender<Result<Written, JournalError>>,
}

impl Write {
    fn answer(self, outcome: Result<Written, JournalError>) {
        drop(self.lock);
        // The caller may be gone.
        let _ = self.answer.send(outcome);
    }

    /// The epoch of the call. A call without one has the epoch of its engine.
    fn epoch(&self) -> Option<Epoch> {
        match &self.what {
            What::Lock => None,
            What::Define(_) => self.lock.as_ref()?.epoch.get().copied(),
            What::Create(Creation { epoch, .. })
            | What::Append(Addition { epoch, .. })
            | What::Claim(epoch, _)
            | What::Loaded(epoch, _) => Some(*epoch),
        }
    }
}

pub(crate) enum What {
    Lock,
    Define(DefinitionText),
    Create(Creation),
    Append(Addition),
    Claim(Epoch, Claim),
    Loaded(Epoch, SagaKey),
}

pub(crate) struct Creation {
    epoch: Epoch,
    saga: NewSaga,
    head: String,
}

impl Creation {
    /// The caller encodes the head, because all calls share the one thread that writes.
    pub(crate) fn new(epoch: Epoch, saga: NewSaga) -> Self {
        let head = saga.first.entry.to_json();
        Self { epoch, saga, head }
    }
}

pub(crate) struct Addition {
    epoch: Epoch,
    saga: SagaKey,
    records: Arc<[Record]>,
    /// The heads of the records.
    heads: Vec<String>,
    state: Option<SagaState>,
}

impl Addition {
    pub(crate) fn new(
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Self {
        let heads = records.iter().map(|record| record.entry.to_json());
        Self {
            epoch,
            saga,
            heads: heads.collect(),
            records,
            state,
        }
    }
}

/// The result of a writing call.
pub(crate) enum Written {
    Done,
    Locked(Epoch),
    Created(Created),
    Claimed(Vec<SagaEntry>),
}

/// Writes until the queue is closed and empty.
pub(crate) fn run(queue: &Queue<Write>, place: &Place, opened: Opened) {
    let _ends = queue.ends();
    let mut opened = Some(opened);
    let mut pace = Pace::default();
    let mut unsure = Unsure::default();
    while let Some(mut writes) = pace.next(queue) {
        let there = match opened.take() {
            Some(there) => Ok(there),
            None => open(place),
        };
        let failed = match there {
            Ok(there) => match serve(queue, place, &there, &mut pace, &mut unsure, &mut writes) {
                Ok(()) => return,
                Err(failed) => {
                    // Otherwise the state of the connection is unknown, and the next write uses a new one.
                    if !log::is_saved(place, &there, &failed) {
                        opened = Some(there);
                    }
                    failed
                }
            },
            Err(failed) => failed,
        };
        let failed = JournalError::from(failed);
        for write in writes {
            write.answer(Err(failed.clone()));
        }
    }
}

fn open(place: &Place) -> Result<Opened, Error> {
    let path = || place.path.clone();
    place
        .open_to_write()?
        .ok_or_else(|| Error::ReadOnly { path: path() })
}

/// Writes on one connection until a write fails or the queue ends. `writes` are the calls that an earlier failure
/// left.
fn serve(
    queue: &Queue<Write>,
    place: &Place,
    opened: &Opened,
    pace: &mut Pace,
    unsure: &mut Unsure,
    writes: &mut Vec<Write>,
) -> Result<(), Error> {
    let mut writer = Writer::new(place, &opened.connection, unsure)?;
    let mut bound = log::Bound::default();
    // The log was deleted earlier, and could not be saved.
    place.log_size(opened)?;
    loop {
        let began = Instant::now();
        let outcomes = writer.group(writes)?;
        place.still(opened)?;
        let log = place.log_size(opened)?;
        pace.took(outcomes.len(), began.elapsed());
        for (write, outcome) in writes.drain(..).zip(outcomes) {
            writer.unsure.answered(&outcome);
            write.answer(outcome.map_err(JournalError::from));
        }
        bound.keep(place, opened, log);
        match pace.next(queue) {
            Some(next) => *writes = next,
            None => return Ok(()),
        }
    }
}

/// The sagas of claims that were, or may have been, written although their caller got an error. The caller repeats
/// the claim and has to get them.
#[derive(Default)]
struct Unsure {
    epoch: Option<Epoch>,
    sagas: BTreeSet<SagaKey>,
}

impl Unsure {
    /// Whether the saga belongs to this engine without its knowledge.
    fn has(&self, epoch: Epoch, saga: SagaKey) -> bool {
        self.epoch == Some(epoch) && self.sagas.contains(&saga)
    }

    /// Called before a commit, because the commit or its answer may fail.
    fn commits(&mut self, epoch: Option<Epoch>, outcomes: &[Outcome]) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.sagas.clear();
        }
        for outcome in outcomes {
            self.sagas.extend(Self::claimed(outcome));
        }
    }

    fn answered(&mut self, outcome: &Outcome) {
        for saga in Self::claimed(outcome) {
            self.sagas.remove(&saga);
        }
    }

    fn claimed(outcome: &Outcome) -> impl Iterator<Item = SagaKey> {
        let page = match outcome {
            Ok(Written::Claimed(page)) => page.as_slice(),
            _ => &[],
        };
        page.iter().map(|entry| entry.key)
    }
}

/// Decides how long the writer waits for more calls before it begins a transaction.
///
/// A caller that got its answer mostly calls again at once. If a transaction began with the first such call, the others
/// would be left to the next one, so that each sync would serve half of the callers. So the writer waits for as many
/// calls as it wrote the last time, but only for a part of the time that this took. A single saga does not wait.
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

/// The maximum number of sagas whose last record number is cached.
const REMEMBERED: usize = 65_536;

/// The cached data of a saga.
#[derive(Clone, Copy)]
struct Last {
    number: u64,
    min_reader: u32,
    /// Whether it was claimed, and not loaded since.
    is_loading: bool,
}

/// How far the search for sagas to claim has come.
struct Cursor {
    definitions: Arc<[u64]>,
    reader: u32,
    after: i64,
}

/// Writes on one connection.
struct Writer<'a> {
    place: &'a Place,
    connection: &'a Connection,
    begin: Statement<'a>,
    commit: Statement<'a>,
    newest: Statement<'a>,
    tombstone: Statement<'a>,
    define: Statement<'a>,
    create: Statement<'a>,
    of_id: Statement<'a>,
    record: Statement<'a>,
    records: Records<'a>,
    last: Statement<'a>,
    state: Statement<'a>,
    head: Statement<'a>,
    /// The epoch of the newest engine.
    epoch: Option<Epoch>,
    /// Whether any saga was pruned.
    is_pruned: bool,
    /// The last record numbers of sagas that belong to that epoch and are likely to continue. A number is never
    /// larger than the one in the tables, and always correct while that engine is the only writer.
    lasts: HashMap<SagaKey, Last>,
    cursor: Option<Cursor>,
    /// Sagas whose rows cannot be read. Reading one in a transaction would fail the whole transaction.
    unreadable: BTreeSet<SagaKey>,
    unsure: &'a mut Unsure,
}

type Outcome = Result<Written, Error>;

/// A saga, and its owner before the claim.
type Claimable = (SagaEntry, Option<Epoch>);

impl<'a> Writer<'a> {
    fn new(
        place: &'a Place,
        connection: &'a Connection,
        unsure: &'a mut Unsure,
    ) -> Result<Self, Error> {
        let prepare = |sql: &str| {
            let prepared = connection.prepare(sql);
            prepared.map_err(place.failed("preparing to write"))
        };
        Ok(Self {
            place,
            connection,
            begin: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            newest: prepare("SELECT max(epoch), EXISTS (SELECT 1 FROM tombstone) FROM worker")?,
            tombstone: prepare("SELECT 1 FROM tombstone WHERE id = ?1")?,
            define: prepare("INSERT INTO definition VALUES (?1, ?2) ON CONFLICT DO NOTHING")?,
            create: prepare(
                "INSERT INTO saga
                (id, name, definition, state, created_at, min_reader, owner_epoch, loads)
                VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, 0)
                ON CONFLICT (id) DO NOTHING",
            )?,
            of_id: prepare(&format!("{} WHERE id = ?1", row::ENTRY))?,
            record: prepare(
                "INSERT INTO record (saga, number, at, min_reader, head, value, checksum)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?,
            records: Records {
                from: prepare(&format!(
                    "{} AND number >= ?2 ORDER BY number",
                    row::RECORDS
                ))?,
                id_of: prepare("SELECT id FROM saga WHERE key = ?1")?,
            },
            last: prepare(
                "SELECT owner_epoch, min_reader, loads,
                (SELECT max(number) FROM record WHERE saga = ?1) FROM saga WHERE key = ?1",
            )?,
            state: prepare("UPDATE saga SET state = ?2 WHERE key = ?1")?,
            head: prepare(
                "UPDATE saga SET state = coalesce(?2, state), min_reader = ?3, loads = 0
                WHERE key = ?1",
            )?,
            epoch: None,
            is_pruned: false,
            lasts: HashMap::new(),
            cursor: None,
            unreadable: BTreeSet::new(),
            unsure,
        })
    }

    /// Writes all calls in one transaction. Returns the result of each, once they are on disk.
    ///
    /// If SQLite refuses a call, it is answered and removed from `writes`, and the others are written without it.
    fn group(&mut self, writes: &mut Vec<Write>) -> Result<Vec<Outcome>, Error> {
        // Causes other than the call itself: a wrong cache, unreadable rows. Each is repaired once.
        let (mut memory, mut rows) = (true, true);
        loop {
            let begun = self.begin.execute([]);
            begun.map_err(self.place.failed("beginning a transaction"))?;
            if let Err(error) = self.fence() {
                self.roll_back();
                return Err(error);
            }
            let mut outcomes = Vec::with_capacity(writes.len());
            let mut refused = None;
            for (place, write) in writes.iter().enumerate() {
                match self.write(write) {
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
                self.roll_back();
                let is_claim = |write: &Write| matches!(write.what, What::Claim(..));
                let is_of_memory = error.is_code(ErrorCode::ConstraintViolation)
                    || matches!(error, Error::NoSaga { .. });
                if memory && is_of_memory {
                    // Another program has written, so the cache was wrong.
                    memory = false;
                } else if rows
                    && error.is_code(ErrorCode::DatabaseCorrupt)
                    && writes.get(place).is_some_and(is_claim)
                {
                    rows = false;
                    self.find_unreadable()?;
                } else {
                    let write = writes.remove(place);
                    write.answer(Err(error.into()));
                }
                continue;
            }
            self.unsure.commits(self.epoch, &outcomes);
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

    /// Reads which engine is the newest. Clears the cache if it is another one than before.
    fn fence(&mut self) -> Result<(), Error> {
        let newest = self
            .newest
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)));
        let newest = newest.map_err(self.place.failed("reading who owns the journal"));
        let (newest, is_pruned) = newest?;
        self.is_pruned = is_pruned;
        self.owned_by(Option::map(newest, Epoch));
        Ok(())
    }

    /// Reads all sagas that have not completed, outside of a transaction.
    fn find_unreadable(&mut self) -> Result<(), Error> {
        let failed = self.place.failed("reading sagas one by one");
        let keys = page::keys(self.connection, i64::MIN, true).map_err(&failed)?;
        let unreadable = &mut self.unreadable;
        page::one_by_one(self.connection, &keys, |row| {
            if let Err(entry) = row {
                unreadable.insert(entry.key);
            }
            true
        })
        .map_err(&failed)
    }

    fn owned_by(&mut self, newest: Option<Epoch>) {
        if self.epoch != newest {
            self.epoch = newest;
            self.lasts.clear();
            self.cursor = None;
        }
    }

    fn roll_back(&mut self) {
        self.owned_by(None);
        if !self.connection.is_autocommit() {
            // If this fails, the connection is dropped, or the next BEGIN fails.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// Returns the result of a call. An error is one of SQLite.
    fn write(&mut self, write: &Write) -> Result<Outcome, Error> {
        if let Some(epoch) = write.epoch()
            && self.epoch != Some(epoch)
        {
            return Ok(Err(Error::Fenced {
                path: self.place.path.clone(),
                epoch: epoch.0,
                newest: self.epoch.map_or(0, |newest| newest.0),
            }));
        }
        match &write.what {
            What::Lock => self.lock(),
            What::Define(definition) => self.define(definition),
            What::Create(creation) => self.create(creation),
            What::Append(addition) => self.append(addition),
            What::Claim(epoch, claim) => self.claim(*epoch, claim),
            What::Loaded(epoch, saga) => self.loaded(*epoch, *saga),
        }
    }

    fn lock(&mut self) -> Result<Outcome, Error> {
        let failed = self.place.failed("taking the journal");
        let now = now().cast_signed();
        // If the rows of the engines were deleted, the sagas still have their epochs.
        let sql = "SELECT coalesce((SELECT max(epoch) FROM worker), (SELECT max(owner_epoch) FROM saga), 0)";
        let read = self
            .connection
            .query_row(sql, [], |row| row.get::<_, i64>(0));
        let epoch = read.map_err(&failed)? + 1;
        let ended = "UPDATE worker SET ended_at = ?1 WHERE ended_at IS NULL";
        self.connection.execute(ended, [now]).map_err(&failed)?;
        let begun = "INSERT INTO worker (epoch, started_at) VALUES (?1, ?2)";
        let begun = self.connection.execute(begun, [epoch, now]);
        begun.map_err(&failed)?;
        drop(failed);
        self.owned_by(Some(Epoch(epoch)));
        Ok(Ok(Written::Locked(Epoch(epoch))))
    }

    fn define(&mut self, definition: &DefinitionText) -> Result<Outcome, Error> {
        let hash = definition.hash.cast_signed();
        let defined = self.define.execute(params![hash, definition.text]);
        defined.map_err(self.place.failed("writing a definition"))?;
        Ok(Ok(Written::Done))
    }

    fn create(&mut self, creation: &Creation) -> Result<Outcome, Error> {
        let Creation { epoch, saga, head } = creation;
        let failed = self.place.failed("adding a saga");
        let id = saga.id.to_string();
        let first = &saga.first;
        if self.is_pruned && self.tombstone.exists([&id]).map_err(&failed)? {
            let path = self.place.path.clone();
            return Ok(Err(Error::Pruned { path, id }));
        }
        let added = self.create.execute(params![
            id,
            saga.saga,
            saga.definition.cast_signed(),
            first.at.cast_signed(),
            first.min_reader,
            epoch.0
        ]);
        if added.map_err(&failed)? == 0 {
            let mut rows = self.of_id.query([id]).map_err(&failed)?;
            return Ok(match rows.next().map_err(&failed)? {
                Some(row) => Ok(Written::Created(Created::Existing(row::entry(row)))),
                // Something must have conflicted.
                None => Err(failed(rusqlite::Error::QueryReturnedNoRows)),
            });
        }
        let key = SagaKey(self.connection.last_insert_rowid());
        self.record(key, first, head)?;
        let last = Last {
            number: first.number,
            min_reader: first.min_reader,
            is_loading: false,
        };
        self.lasts.insert(key, last);
        Ok(Ok(Written::Created(Created::New(key))))
    }

    fn append(&mut self, addition: &Addition) -> Result<Outcome, Error> {
        let saga = addition.saga;
        let remembered = match self.lasts.get(&saga).copied() {
            // A refusal is never decided from the cache.
            Some(last) => self.follows(last, addition)?.ok().map(|new| (last, new)),
            None => None,
        };
        let (last, new) = match remembered {
            Some(found) => found,
            None => {
                let last = match self.last(addition.epoch, saga)? {
                    Ok(last) => last,
                    Err(refused) => return Ok(Err(refused)),
                };
                match self.follows(last, addition)? {
                    Ok(new) => (last, new),
                    Err(refused) => return Ok(Err(refused)),
                }
            }
        };
        let mut now = last;
        for (record, head) in addition.records.iter().zip(&addition.heads).skip(new) {
            self.record(saga, record, head)?;
            now.number = record.number;
            now.min_reader = now.min_reader.max(record.min_reader);
        }
        let state = addition.state.map(row::of_state);
        let failed = self.place.failed("setting the state of a saga");
        let set = if last.is_loading || now.min_reader > last.min_reader {
            let params = params![saga.0, state, now.min_reader];
            self.head.execute(params).map_err(failed)?
        } else if let Some(state) = state {
            self.state.execute([saga.0, state]).map_err(failed)?
        } else {
            1
        };
        if set == 0 {
            // The cache had the saga, and its row was deleted since.
            let path = self.place.path.clone();
            return Err(Error::NoSaga { path, key: saga.0 });
        }
        now.is_loading = false;
        if state.is_none_or(|state| state == row::UNFINISHED) {
            self.lasts.insert(saga, now);
        } else {
            self.lasts.remove(&saga);
        }
        Ok(Ok(Written::Done))
    }

    /// The index of the first record that is not stored yet, or why the records do not follow `last`.
    fn follows(&mut self, last: Last, addition: &Addition) -> Result<Result<usize, Error>, Error> {
        let Addition {
            saga,
            records,
            heads,
            ..
        } = addition;
        let there = records.partition_point(|record| record.number <= last.number);
        let mut next = last.number;
        for record in records.iter().skip(there) {
            if record.number.checked_sub(1) != Some(next) {
                return Ok(Err(Error::LeftOut {
                    path: self.place.path.clone(),
                    id: self.records.id(*saga),
                    number: record.number,
                    last: next,
                }));
            }
            next = record.number;
        }
        if there > 0 {
            let again = records.iter().zip(heads).take(there);
            let again: Vec<_> = again
                .map(|(record, head)| (record, head.as_str()))
                .collect();
            let other = self.records.first_other(self.place, *saga, &again)?;
            if let Some(number) = other {
                return Ok(Err(Error::OtherRecord {
                    path: self.place.path.clone(),
                    id: self.records.id(*saga),
                    number,
                }));
            }
        }
        Ok(Ok(there))
    }

    /// The last record of a saga, or why the engine may not write to it.
    fn last(&mut self, epoch: Epoch, saga: SagaKey) -> Result<Result<Last, Error>, Error> {
        let failed = self.place.failed("reading the last record of a saga");
        let path = || self.place.path.clone();
        let mut rows = self.last.query([saga.0]).map_err(&failed)?;
        let Some(row) = rows.next().map_err(&failed)? else {
            let path = path();
            return Ok(Err(Error::NoSaga { path, key: saga.0 }));
        };
        let number = |place| match row.get_ref(place) {
            Ok(ValueRef::Integer(number)) => Some(number),
            _ => None,
        };
        let small = |place| number(place).and_then(|number| u32::try_from(number).ok());
        let owner = number(0);
        if owner != Some(epoch.0) {
            return Ok(Err(Error::NotOwned {
                path: path(),
                id: self.records.id(saga),
                epoch: epoch.0,
                owner,
            }));
        }
        let (Some(min_reader), Some(loads)) = (small(1), small(2)) else {
            return Ok(Err(Error::BadSaga {
                path: path(),
                id: self.records.id(saga),
                what: "its min_reader or its count of loads was not written here".into(),
            }));
        };
        let Some(last) = number(3) else {
            return Ok(Err(Error::BadRecord {
                path: path(),
                id: self.records.id(saga),
                number: 0,
                what: "is missing".to_owned(),
            }));
        };
        Ok(Ok(Last {
            number: last.cast_unsigned(),
            min_reader,
            is_loading: loads > 0,
        }))
    }

    fn record(&mut self, saga: SagaKey, record: &Record, head: &str) -> Result<(), Error> {
        let columned = Columned::of(record, head);
        let written = self.record.execute(params![
            saga.0,
            record.number.cast_signed(),
            record.at.cast_signed(),
            record.min_reader,
            head,
            record.value,
            columned.checksum(saga)
        ]);
        written.map_err(self.place.failed("writing a record"))?;
        Ok(())
    }

    fn loaded(&mut self, epoch: Epoch, saga: SagaKey) -> Result<Outcome, Error> {
        let last = match self.lasts.get(&saga) {
            Some(last) => *last,
            None => match self.last(epoch, saga)? {
                Ok(last) => last,
                // A damaged last record does not matter here: only the entry changes.
                Err(Error::BadRecord { .. }) => Last {
                    number: 0,
                    min_reader: 0,
                    is_loading: true,
                },
                Err(refused) => return Ok(Err(refused)),
            },
        };
        if last.is_loading {
            let sql = "UPDATE saga SET loads = 0 WHERE key = ?1";
            let set = self.connection.execute(sql, [saga.0]);
            set.map_err(self.place.failed("noting that a saga was loaded"))?;
            if let Some(last) = self.lasts.get_mut(&saga) {
                last.is_loading = false;
            }
        }
        Ok(Ok(Written::Done))
    }

    /// One statement finds a page, and another claims it.
    fn claim(&mut self, epoch: Epoch, claim: &Claim) -> Result<Outcome, Error> {
        let failed = self.place.failed("claiming sagas");
        let mut page = Vec::new();
        let may = |entry: &SagaEntry, owner: Option<Epoch>| {
            let is_other = owner != Some(epoch) || self.unsure.has(epoch, entry.key);
            let is_open = entry.state == SagaState::Unfinished && is_other;
            // A damaged saga is not claimed.
            is_open && entry.damage.is_none()
        };
        match claim {
            Claim::One(key) => self
                .one_by_one(&[*key], 1, may, &mut page)
                .map_err(&failed)?,
            Claim::Next {
                definitions,
                reader,
                limit,
            } => {
                let after = self.cursor.take().filter(|cursor| {
                    cursor.definitions == *definitions && cursor.reader == *reader
                });
                let after = after.map_or(i64::MIN, |cursor| cursor.after);
                let may = |entry: &SagaEntry, owner| {
                    let fits = definitions.contains(&entry.definition);
                    fits && entry.min_reader <= *reader && may(entry, owner)
                };
                self.next_page(after, epoch, definitions, *limit, may, &mut page)
                    .map_err(&failed)?;
                // The sagas before the last one of the page belong to this engine now, or cannot be claimed like
                // this.
                if let Some((last, _)) = page.last().filter(|_| page.len() == *limit) {
                    self.cursor = Some(Cursor {
                        definitions: Arc::clone(definitions),
                        reader: *reader,
                        after: last.key.0,
                    });
                }
            }
        }
        // In a repeated call, the saga already belongs to this engine.
        let new = page.iter().filter(|(_, owner)| *owner != Some(epoch));
        let new = json(new.map(|(entry, _)| entry.key.0));
        let sql = "UPDATE saga SET owner_epoch = ?1, loads = min(loads + 1, 4294967295)
            WHERE key IN (SELECT value FROM json_each(?2))";
        if !page.is_empty() {
            let owned = self.connection.execute(sql, params![epoch.0, new]);
            owned.map_err(&failed)?;
        }
        let claimed = page.into_iter().map(|(entry, owner)| {
            let more = u32::from(owner != Some(epoch));
            let loads = entry.loads.saturating_add(more);
            SagaEntry { loads, ..entry }
        });
        let page = claimed.collect();
        Ok(Ok(Written::Claimed(page)))
    }

    /// The sagas after this one that can be claimed, at most `limit`.
    fn next_page(
        &self,
        after: i64,
        epoch: Epoch,
        definitions: &[u64],
        limit: usize,
        may: impl Fn(&SagaEntry, Option<Epoch>) -> bool,
        page: &mut Vec<Claimable>,
    ) -> rusqlite::Result<()> {
        if limit == 0 || definitions.is_empty() {
            return Ok(());
        }
        if !self.unreadable.is_empty() || !self.unsure.sagas.is_empty() {
            let keys = page::keys(self.connection, after, true)?;
            return self.one_by_one(&keys, limit, may, page);
        }
        let sql = format!(
            "{} INDEXED BY saga_open WHERE state = 0 AND state IS NOT 1 AND key > ?1
            AND owner_epoch IS NOT ?2 AND definition IN (SELECT value FROM json_each(?3))
            ORDER BY key",
            row::ENTRY
        );
        let mut statement = self.connection.prepare(&sql)?;
        let hashes = json(definitions.iter().map(|hash| hash.cast_signed()));
        let mut rows = statement.query(params![after, epoch.0, hashes])?;
        while let Some(row) = rows.next()? {
            let entry = row::entry(row);
            if may(&entry, row::owner(row)) {
                page.push((entry, row::owner(row)));
                if page.len() == limit {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Those of these sagas that can be claimed, at most `limit`, without those that cannot be read.
    fn one_by_one(
        &self,
        keys: &[SagaKey],
        limit: usize,
        may: impl Fn(&SagaEntry, Option<Epoch>) -> bool,
        page: &mut Vec<Claimable>,
    ) -> rusqlite::Result<()> {
        let mut statement = self
            .connection
            .prepare(&format!("{} WHERE key = ?1", row::ENTRY))?;
        for key in keys {
            if self.unreadable.contains(key) {
                continue;
            }
            let mut rows = statement.query([key.0])?;
            if let Some(row) = rows.next()? {
                let entry = row::entry(row);
                if may(&entry, row::owner(row)) {
                    page.push((entry, row::owner(row)));
                }
            }
            if page.len() == limit {
                break;
            }
        }
        Ok(())
    }
}

/// A JSON array, for `json_each`.
fn json(numbers: impl Iterator<Item = i64>) -> String {
    let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
    format!("[{}]", numbers.join(","))
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    u64::try_from(millis).unwrap_or(u64::MAX)
}

/// Whether another call could have succeeded in its place.
fn is_its_own_fault(error: &Error) -> bool {
    // A damaged row only affects this call.
    matches!(error, Error::BadRecord { .. } | Error::NoSaga { .. })
        || error.is_code(ErrorCode::DatabaseCorrupt)
        || error.is_code(ErrorCode::ConstraintViolation)
        || error.is_code(ErrorCode::TooBig)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use saga_journal::{Entry, JournalErrorKind, SagaId};

    use super::*;
    use crate::file::Found;

    type Answered = oneshot::Receiver<Result<Written, JournalError>>;

    /// The epoch of the engine that has taken the journal.
    const EPOCH: Epoch = Epoch(1);

    fn create(id: &str, size: usize) -> What {
        let saga = NewSaga {
            id: SagaId::new(id),
            saga: "checkout".into(),
            definition: 7,
            first: Record::new(0, 1, Entry::CancelRequested {}, vec![7; size]),
        };
        What::Create(Creation::new(EPOCH, saga))
    }

    fn push(queue: &Queue<Write>, what: What) -> Answered {
        let (answer, answered) = oneshot::channel();
        let lock = None;
        queue.push(Write { lock, what, answer });
        answered
    }

    /// A journal in a new folder, locked by an engine.
    fn made(name: &str) -> (std::path::PathBuf, Place, Opened) {
        let name = format!("saga-sqlite-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let found = Place::make(&folder.join("sagas.db"), Duration::ZERO).unwrap();
        let (place, Found::Writable(opened)) = found else {
            panic!("it can be written");
        };
        let locked = {
            let unsure = &mut Unsure::default();
            let writer = Writer::new(&place, &opened.connection, unsure);
            writer.unwrap().lock()
        };
        assert!(locked.is_ok());
        (folder, place, opened)
    }

    #[test]
    fn a_value_that_is_too_large_is_rejected_alone_and_the_others_of_its_group_are_written() {
        let (folder, place, opened) = made("too-large");
        let limit = rusqlite::limits::Limit::SQLITE_LIMIT_LENGTH;
        opened.connection.set_limit(limit, 50_000).unwrap();
        let queue = Queue::new();
        let [small, large, other] = [("small", 10), ("large", 100_000), ("other", 40_000)]
            .map(|(id, size)| push(&queue, create(id, size)));
        thread::scope(|scope| {
            scope.spawn(|| run(&queue, &place, opened));
            for written in [small, other] {
                let written = written.blocking_recv();
                assert!(matches!(written, Ok(Ok(Written::Created(Created::New(_))))));
            }
            let error = large.blocking_recv().unwrap().err().unwrap();
            assert_eq!(error.kind(), JournalErrorKind::Rejected, "{error}");
            // The same connection continues: a new one would not have the limit.
            let large = push(&queue, create("large", 100_000)).blocking_recv();
            let error = large.unwrap().err().unwrap();
            assert_eq!(error.kind(), JournalErrorKind::Rejected, "{error}");
            queue.close();
        });
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_call_that_conflicts_after_others_of_its_group_were_remembered_is_answered() {
        let (folder, place, opened) = made("conflicts");
        // A record that is left of a saga whose row was deleted. The second saga gets its key.
        let left = "INSERT INTO record VALUES (1, 2, 0, 1, 1, '', x'', 0)";
        opened.connection.execute_batch(left).unwrap();
        let queue = Queue::new();
        let calls = ["first", "second", "third"].map(|id| push(&queue, create(id, 10)));
        thread::scope(|scope| {
            scope.spawn(|| run(&queue, &place, opened));
            let [first, second, third] = calls.map(|call| call.blocking_recv().unwrap());
            assert!(matches!(
                first,
                Ok(Written::Created(Created::New(SagaKey(1))))
            ));
            // Each of the other calls would get that key.
            for refused in [second, third] {
                let error = refused.err().unwrap();
                assert_eq!(error.kind(), JournalErrorKind::Conflict, "{error}");
            }
            queue.close();
        });
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_full_disk_fails_all_that_was_to_be_written_at_once_and_the_next_goes_well() {
        let (folder, place, opened) = made("full");
        // Only this connection is limited; the next one has room.
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
            for answered in [small, large, other] {
                let error = answered.blocking_recv().unwrap().err().unwrap();
                let text = error.to_string();
                assert!(text.contains("sagas.db") && text.contains("full"), "{text}");
            }
            for id in ["small", "large", "other"] {
                let answered = push(&queue, create(id, 100_000)).blocking_recv();
                let is_new = matches!(answered, Ok(Ok(Written::Created(Created::New(_)))));
                assert!(is_new, "nothing of {id} was left behind");
            }
            queue.close();
        });
        std::fs::remove_dir_all(folder).unwrap();
    }
}
