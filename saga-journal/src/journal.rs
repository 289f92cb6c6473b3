//! What a durable engine asks of the place where it writes.
//!
//! A journal keeps sagas, and of each the records that were written, in order. It knows nothing of what is in
//! a record: that is the engine's (`docs/journal.md`).

use core::any::Any;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use std::error::Error;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::entry::Entry;
use crate::id::SagaId;
use crate::text::Line;

/// What the methods of a [`Journal`] give: a future without a type of its own, so that no generated code
/// depends on which journal it is.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// A place where sagas survive.
///
/// One engine at a time writes to a journal: it holds the [lock](Journal::lock), under an epoch that no engine
/// before it had. Any number of calls may be in flight at once, of different sagas; of one saga the engine makes
/// one call that writes at a time. Reading never waits for writing.
///
/// An implementation passes [`conformance`](crate::conformance).
///
/// # Ownership
///
/// Each saga that has not ended belongs to one epoch: to that of the engine that [created](Journal::create) it,
/// or [claimed](Journal::claim) it last. Every call that writes carries the epoch of its engine, and is refused as
/// [`JournalErrorKind::Fenced`], in the same transaction, where the saga belongs to another one or where another
/// engine has taken the whole journal. So an engine that lost its journal without noticing writes nothing more.
/// (The idea is that of fencing tokens: M. Kleppmann, "How to do distributed locking", 2016.)
///
/// # Durability
///
/// What a call that writes said `Ok` to is still there after the process, or the machine, dies at any instant.
/// All of one call is there, or nothing.
///
/// # Errors
///
/// After an error of a call that writes, it is not known whether the call took effect. The engine makes the same
/// call again until it knows, so both are written to be made again: see there.
///
/// # Cancellation
///
/// Dropping a future that writes leaves it open whether it takes effect. A later call sees one or the other.
pub trait Journal: Send + Sync + 'static {
    /// Takes the journal for one engine, under a new epoch. It is held until the guard is dropped and every
    /// started write, even one whose future was dropped, has finished or can no longer happen.
    ///
    /// # Errors
    ///
    /// [`JournalErrorKind::Locked`] where another engine has it, in this process or in another.
    fn lock(&self) -> Answer<'_, JournalLock>;

    /// Keeps the text of a definition under its hash. One that is there already stays as it is.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn define(&self, definition: DefinitionText) -> Answer<'_, ()>;

    /// The text of the definition with this hash.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn definition(&self, hash: u64) -> Answer<'_, Option<String>>;

    /// Adds a saga with its first record, or returns the saga that has its id already. The new saga belongs to
    /// `epoch`.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or the journal is another engine's. Made again after an error that came although
    /// the saga was written, it returns [`Created::Existing`], of a saga that has this one record.
    fn create(&self, epoch: Epoch, saga: NewSaga) -> Answer<'_, Created>;

    /// Adds records to a saga, and sets its state if `state` is given. The saga counts as
    /// [loaded](Journal::loaded) with it.
    ///
    /// The records have consecutive numbers, and the first follows on the last that is there. Records that
    /// are there already, with the same content, are passed over.
    ///
    /// # Errors
    ///
    /// When they cannot be written. [`JournalErrorKind::Fenced`] where the saga does not belong to `epoch`.
    /// [`JournalErrorKind::Conflict`] where there is no such saga, where a number would be left out, or where
    /// another record has one of these numbers. [`JournalErrorKind::Rejected`] where they can never be written as
    /// they are.
    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()>;

    /// Makes sagas that have not ended belong to `epoch`, and returns them, in the order in which they were
    /// created. Of each it counts one more [load](SagaEntry::loads).
    ///
    /// A saga that belongs to `epoch` already is not among them, so the next call returns the next ones.
    ///
    /// # Errors
    ///
    /// When they cannot be written, or the journal is another engine's. Made again after an error, it returns
    /// those that the failed call made belong to `epoch` too.
    fn claim(&self, epoch: Epoch, claim: Claim) -> Answer<'_, Vec<SagaEntry>>;

    /// Sets the count of [loads](SagaEntry::loads) of a saga that belongs to `epoch` back to 0: its records were
    /// read, and the process did not end over them.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or the saga does not belong to `epoch`.
    fn loaded(&self, epoch: Epoch, saga: SagaKey) -> Answer<'_, ()>;

    /// The saga of this id.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>>;

    /// The records of a saga, in order: none of one that is not there.
    ///
    /// # Errors
    ///
    /// When they cannot be read. [`JournalErrorKind::Corrupt`] where one is not what was written, or a number
    /// is left out. [`JournalErrorKind::Newer`] where one needs a newer reader than this version is.
    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>>;

    /// One record of a saga: none where there is none.
    ///
    /// The engine asks for the first one to compare inputs, and for the last one to say how a saga ended. A journal that
    /// can read a record by itself does so: what is damaged elsewhere in the saga does not matter then. Without that,
    /// this reads all of them.
    ///
    /// # Errors
    ///
    /// As [`records`](Self::records).
    fn record(&self, saga: SagaKey, position: RecordPosition) -> Answer<'_, Option<Record>> {
        Box::pin(async move {
            let mut records = self.records(saga).await?.into_iter();
            Ok(match position {
                RecordPosition::First => records.next(),
                RecordPosition::End => records.rev().find(|record| record.entry.is_end()),
            })
        })
    }

    /// The sagas that fit `query`, in the order in which they were created, at most as many as it asks for.
    ///
    /// One whose entry [cannot be read in full](SagaEntry::damage) is among them; where its state cannot be read, as
    /// unfinished.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>>;

    /// How many sagas there are, by name and state.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn counts(&self) -> Answer<'_, Vec<Count>>;
}

/// The number of an engine among those that had a journal one after the other: it grows with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub i64);

/// Which sagas an engine claims.
#[derive(Debug, Clone)]
pub enum Claim {
    /// Those that have not ended, whose definition has one of these hashes, and that a reader as old as
    /// `reader` can read: at most `limit`.
    Next {
        /// The hashes.
        definitions: Arc<[u64]>,
        /// The [`READER`](crate::READER) of the engine.
        reader: u32,
        /// At most so many.
        limit: usize,
    },
    /// This one, whatever its definition, unless it has ended.
    One(SagaKey),
}

/// How many sagas of one name have come to one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The name.
    pub saga: Arc<str>,
    /// The state.
    pub state: SagaState,
    /// How many.
    pub sagas: u64,
}

/// Keeps a journal for one engine. Dropped, it lets the journal go.
pub struct JournalLock {
    epoch: Epoch,
    #[expect(dead_code, reason = "held to be dropped")]
    guard: Box<dyn Any + Send + Sync>,
}

impl JournalLock {
    /// Lets the journal, which this engine has under `epoch`, go when this is dropped.
    #[must_use]
    pub fn new(epoch: Epoch, guard: impl Any + Send + Sync) -> Self {
        let guard = Box::new(guard);
        Self { epoch, guard }
    }

    /// The epoch of the engine.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }
}

impl fmt::Debug for JournalLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalLock").finish_non_exhaustive()
    }
}

/// What a journal calls a saga: a number that grows from saga to saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SagaKey(pub i64);

/// A saga that is to be added.
#[derive(Debug, Clone)]
pub struct NewSaga {
    /// Its id: unique in the journal.
    pub id: SagaId,
    /// The name of the saga that it is a run of.
    pub saga: Arc<str>,
    /// The hash of its definition.
    pub definition: u64,
    /// Its first record, of number 0.
    pub first: Record,
}

/// What became of a saga that was to be added.
#[derive(Debug, Clone)]
pub enum Created {
    /// It was added, and is called this.
    New(SagaKey),
    /// There is one of this id.
    Existing(SagaEntry),
}

/// A saga in a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaEntry {
    /// What the journal calls it.
    pub key: SagaKey,
    /// Its id.
    pub id: SagaId,
    /// The name of the saga that it is a run of.
    pub saga: Arc<str>,
    /// The hash of its definition.
    pub definition: u64,
    /// What it has come to.
    pub state: SagaState,
    /// When it was created, in milliseconds since 1970.
    pub created_at: u64,
    /// The oldest reader that reads all of its records: the largest [`Record::min_reader`] of them.
    pub min_reader: u32,
    /// How often it was [claimed](Journal::claim) since it was last [loaded](Journal::loaded): how often a
    /// process ended while it read the saga, and one for the last claim if that is not over.
    pub loads: u32,
    /// What of its entry cannot be read, if anything: it is never claimed. The rest is what could be read; where
    /// the state could not, the saga counts as unfinished.
    pub damage: Option<Arc<str>>,
}

/// What a saga has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SagaState {
    /// It goes on.
    Unfinished,
    /// All steps have completed.
    Completed,
    /// It was rolled back.
    Compensated,
    /// It needs a person.
    Stuck,
}

impl SagaState {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Unfinished,
        Self::Completed,
        Self::Compensated,
        Self::Stuck,
    ];

    /// `unfinished`, `completed`, `compensated`, `stuck`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Completed => "completed",
            Self::Compensated => "compensated",
            Self::Stuck => "stuck",
        }
    }
}

/// A record that is asked for by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordPosition {
    /// The first one: its value is the input of the saga.
    First,
    /// The newest one that [ends](Entry::is_end) the saga: its value is the output, or the report.
    End,
}

impl fmt::Display for SagaState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One record of a saga.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its place among the records of its saga, counted from 0.
    pub number: u64,
    /// When it was made, in milliseconds since 1970.
    pub at: u64,
    /// The oldest [`READER`](crate::READER) that reads it.
    pub min_reader: u32,
    /// What it says.
    pub entry: Entry,
    /// The value that goes with it, as the engine's codec made it.
    pub value: Vec<u8>,
}

impl Record {
    /// A record of this version.
    #[must_use]
    pub const fn new(number: u64, at: u64, entry: Entry, value: Vec<u8>) -> Self {
        Self {
            number,
            at,
            min_reader: entry.min_reader(),
            entry,
            value,
        }
    }
}

/// The text of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionText {
    /// Its hash.
    pub hash: u64,
    /// What is hashed.
    pub text: String,
}

/// Which sagas are listed.
#[derive(Debug, Clone)]
#[must_use]
pub struct Query {
    /// Those that have come to this.
    pub state: Option<SagaState>,
    /// Runs of the saga of this name.
    pub saga: Option<Arc<str>>,
    /// Those created after this one.
    pub after: Option<SagaKey>,
    /// Those created before this moment, in milliseconds since 1970.
    pub created_before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

impl Query {
    /// The first 100 of all.
    pub const fn new() -> Self {
        Self {
            state: None,
            saga: None,
            after: None,
            created_before: None,
            limit: 100,
        }
    }

    /// Those of these that have come to this.
    pub fn state(self, state: SagaState) -> Self {
        Self {
            state: Some(state),
            ..self
        }
    }

    /// Those of these that are runs of the saga of this name.
    pub fn saga(self, saga: impl Into<Arc<str>>) -> Self {
        Self {
            saga: Some(saga.into()),
            ..self
        }
    }

    /// Those of these that were created after this one: the next page.
    pub fn after(self, saga: SagaKey) -> Self {
        Self {
            after: Some(saga),
            ..self
        }
    }

    /// Those of these that were created before this moment.
    pub fn created_before(self, moment: SystemTime) -> Self {
        let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            created_before: Some(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
            ..self
        }
    }

    /// At most so many.
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

impl Default for Query {
    fn default() -> Self {
        Self::new()
    }
}

/// A journal that could not do what was asked.
#[derive(Clone)]
pub struct JournalError {
    kind: JournalErrorKind,
    source: Arc<dyn Error + Send + Sync>,
}

/// What an error of a journal means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JournalErrorKind {
    /// It may go well later: the disk is full, a file cannot be reached.
    Unavailable,
    /// Another engine has the journal.
    Locked,
    /// What is there is not what was written.
    Corrupt,
    /// A newer version wrote what is there, and this one does not read it.
    Newer,
    /// What is there is not what the call is about.
    Conflict,
    /// It can never be written as it is: it is too large, for example.
    Rejected,
    /// Another engine has taken the journal, or the saga: this one writes nothing more.
    Fenced,
}

impl JournalError {
    /// An error of this kind, because of `source`.
    pub fn new(kind: JournalErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            source: source.into().into(),
        }
    }

    /// What it means for the caller.
    #[must_use]
    pub const fn kind(&self) -> JournalErrorKind {
        self.kind
    }
}

/// As its `Display`: for a `main` that returns it, and an `unwrap`.
impl fmt::Debug for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, source) = (self.kind, Line(&self.source));
        match kind {
            JournalErrorKind::Unavailable => write!(f, "the journal is not available: {source}"),
            JournalErrorKind::Locked => write!(f, "another engine has the journal: {source}"),
            JournalErrorKind::Corrupt => write!(f, "the journal is damaged: {source}"),
            JournalErrorKind::Newer => write!(f, "a newer version wrote the journal: {source}"),
            JournalErrorKind::Conflict => write!(f, "the journal has something else: {source}"),
            JournalErrorKind::Rejected => write!(f, "the journal can never take it: {source}"),
            JournalErrorKind::Fenced => {
                write!(f, "another engine has taken the journal over: {source}")
            }
        }
    }
}

impl Error for JournalError {
    // The source is in the `Display`.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}
