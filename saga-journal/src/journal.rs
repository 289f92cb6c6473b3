//! The contract between a durable engine and the journal that it writes to.
//!
//! A journal keeps sagas and, for each saga, its records in order. It does not know the meaning of a record: that is
//! the engine's (`docs/journal.md`).

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

/// The return type of the methods of a [`Journal`]: a boxed future, so that no generated code depends on which journal
/// it is.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// A store in which sagas survive their process.
///
/// One engine at a time writes to a journal: it holds the [lock](Journal::lock), under an epoch that no earlier engine
/// had. Calls for different sagas may be in flight at the same time; for one saga the engine makes one writing call at
/// a time. Reads never wait for writes.
///
/// An implementation passes [`conformance`](crate::conformance).
///
/// # Ownership
///
/// Each saga that has not ended belongs to one epoch: that of the engine that [created](Journal::create) it, or that
/// [claimed](Journal::claim) it last. Every writing call carries the epoch of its engine. It is refused as
/// [`JournalErrorKind::Fenced`], in the same transaction, if the saga belongs to another epoch or another engine has
/// taken over the whole journal. So an engine that lost its journal without noticing writes nothing more. (The idea is
/// that of fencing tokens: M. Kleppmann, "How to do distributed locking", 2016.)
///
/// # Durability
///
/// What a writing call returned `Ok` for survives the end of the process, or of the machine, at any instant. A call
/// takes effect as a whole, or not at all.
///
/// # Errors
///
/// After an error of a writing call, it is not known whether the call took effect. The engine repeats the call until it
/// knows. Therefore every writing call can be repeated: see its documentation.
///
/// # Cancellation
///
/// If the future of a writing call is dropped, the call may or may not take effect. A later call sees one or the other.
pub trait Journal: Send + Sync + 'static {
    /// Locks the journal for one engine, under a new epoch. Held until the guard is dropped and every started write,
    /// even one whose future was dropped, has finished or can no longer happen.
    ///
    /// # Errors
    ///
    /// [`JournalErrorKind::Locked`] if another engine holds it, in this process or in another one.
    fn lock(&self) -> Answer<'_, JournalLock>;

    /// Stores the text of a definition under its hash. An existing text is not changed.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn define(&self, definition: DefinitionText) -> Answer<'_, ()>;

    /// The text of the definition with this hash.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn definition(&self, hash: u64) -> Answer<'_, Option<String>>;

    /// Adds a saga with its first record, or returns the existing saga with the same id. The new saga belongs to
    /// `epoch`.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or another engine has taken over the journal. If the call is repeated after an error
    /// although the saga was written, it returns [`Created::Existing`] with a saga that has this one record.
    fn create(&self, epoch: Epoch, saga: NewSaga) -> Answer<'_, Created>;

    /// Appends records to a saga, and sets its state to `state` if there is one. The saga then counts as
    /// [loaded](Journal::loaded).
    ///
    /// The records have consecutive numbers, and the first one follows the last existing record. Existing records with
    /// the same content are skipped.
    ///
    /// # Errors
    ///
    /// If they cannot be written. [`JournalErrorKind::Fenced`] if the saga does not belong to `epoch`.
    /// [`JournalErrorKind::Conflict`] if there is no such saga, if a number would be left out, or if another record has
    /// one of these numbers. [`JournalErrorKind::Rejected`] if these records can never be written.
    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()>;

    /// Makes sagas that have not ended belong to `epoch`, and returns them, in the order in which they were created.
    /// Counts one more [load](SagaEntry::loads) for each.
    ///
    /// A saga that already belongs to `epoch` is not among them, so the next call returns the next sagas.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or another engine has taken over the journal. If the call is repeated after an error,
    /// it also returns the sagas that the failed call made belong to `epoch`.
    fn claim(&self, epoch: Epoch, claim: Claim) -> Answer<'_, Vec<SagaEntry>>;

    /// Resets the count of [loads](SagaEntry::loads) of a saga that belongs to `epoch` to 0: its records were read
    /// without the process ending.
    ///
    /// # Errors
    ///
    /// If it cannot be written. [`JournalErrorKind::Fenced`] if the saga does not belong to `epoch`,
    /// [`JournalErrorKind::Conflict`] if there is no such saga.
    fn loaded(&self, epoch: Epoch, saga: SagaKey) -> Answer<'_, ()>;

    /// The saga with this id.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>>;

    /// The records of a saga, in order. Empty if there is no such saga.
    ///
    /// # Errors
    ///
    /// If they cannot be read. [`JournalErrorKind::Corrupt`] if a record is not what was written, or a number is left
    /// out. [`JournalErrorKind::Newer`] if a record needs a newer reader than this version.
    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>>;

    /// One record of a saga, or `None` if there is none.
    ///
    /// The engine reads the first record to compare inputs, and the last one to return how a saga ended. A journal that
    /// can read a single record should implement this: then damage elsewhere in the saga does not matter. The provided
    /// method reads all records.
    ///
    /// # Errors
    ///
    /// Like [`records`](Self::records).
    fn record(&self, saga: SagaKey, position: RecordPosition) -> Answer<'_, Option<Record>> {
        Box::pin(async move {
            let mut records = self.records(saga).await?.into_iter();
            Ok(match position {
                RecordPosition::First => records.next(),
                RecordPosition::End => records.rev().find(|record| record.entry.is_end()),
            })
        })
    }

    /// The sagas that match `query`, in the order in which they were created, up to its limit.
    ///
    /// A saga whose entry [cannot be read in full](SagaEntry::damage) is included; if its state cannot be read, as
    /// unfinished.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>>;

    /// The number of sagas, by name and state.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn counts(&self) -> Answer<'_, Vec<Count>>;
}

/// The number of an engine among all engines that had the journal: it grows with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub i64);

/// The sagas that an engine claims.
#[derive(Debug, Clone)]
pub enum Claim {
    /// Sagas that have not ended, whose definition has one of these hashes, and that a reader of version `reader` can
    /// read: at most `limit`.
    Next {
        /// The hashes.
        definitions: Arc<[u64]>,
        /// The [`READER`](crate::READER) of the engine.
        reader: u32,
        /// The largest number of sagas.
        limit: usize,
    },
    /// This saga, whatever its definition, unless it has ended.
    One(SagaKey),
}

/// The number of sagas of one name and state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The name.
    pub saga: Arc<str>,
    /// The state.
    pub state: SagaState,
    /// The number of sagas.
    pub sagas: u64,
}

/// The lock of a journal, held by one engine. Dropping it releases the journal.
pub struct JournalLock {
    epoch: Epoch,
    #[expect(dead_code, reason = "held to be dropped")]
    guard: Box<dyn Any + Send + Sync>,
}

impl JournalLock {
    /// A lock of the engine with this epoch. Dropping it drops `guard`, which releases the journal.
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

/// The key of a saga in a journal: a number that grows from saga to saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SagaKey(pub i64);

/// A saga to be added.
#[derive(Debug, Clone)]
pub struct NewSaga {
    /// The id of the run, unique in the journal.
    pub id: SagaId,
    /// The name of the saga that it is a run of.
    pub saga: Arc<str>,
    /// The hash of its definition.
    pub definition: u64,
    /// Its first record, of number 0.
    pub first: Record,
}

/// The answer to a request to add a saga.
#[derive(Debug, Clone)]
pub enum Created {
    /// The saga was added, with this key.
    New(SagaKey),
    /// There is a saga with this id already.
    Existing(SagaEntry),
}

/// A saga in a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaEntry {
    /// The key of the saga in the journal.
    pub key: SagaKey,
    /// The id of the run.
    pub id: SagaId,
    /// The name of the saga that it is a run of.
    pub saga: Arc<str>,
    /// The hash of its definition.
    pub definition: u64,
    /// The state of the saga.
    pub state: SagaState,
    /// When it was created, in milliseconds since the Unix epoch.
    pub created_at: u64,
    /// The lowest reader version that reads all of its records: the largest [`Record::min_reader`] of them.
    pub min_reader: u32,
    /// How often it was [claimed](Journal::claim) since it was last [loaded](Journal::loaded): the number of processes
    /// that ended while they read the saga, plus one for the last claim if its records are still being read.
    pub loads: u32,
    /// What of the entry cannot be read, if anything. A damaged saga is never claimed. The other fields are what could
    /// be read; if the state could not, the saga counts as unfinished.
    pub damage: Option<Arc<str>>,
}

/// The state of a saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SagaState {
    /// It has not ended.
    Unfinished,
    /// All steps have completed.
    Completed,
    /// It was rolled back.
    Compensated,
    /// An operator must act.
    Stuck,
}

impl SagaState {
    /// All states.
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

/// A single record to be read.
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
    /// Its position among the records of its saga, counted from 0.
    pub number: u64,
    /// When it was made, in milliseconds since the Unix epoch.
    pub at: u64,
    /// The lowest [`READER`](crate::READER) that reads it.
    pub min_reader: u32,
    /// What happened.
    pub entry: Entry,
    /// The value of the record, as the engine's codec encoded it.
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
    /// The text that is hashed.
    pub text: String,
}

/// Which sagas are listed.
#[derive(Debug, Clone)]
#[must_use]
pub struct Query {
    /// Sagas in this state.
    pub state: Option<SagaState>,
    /// Runs of the saga of this name.
    pub saga: Option<Arc<str>>,
    /// Sagas that were created after this one.
    pub after: Option<SagaKey>,
    /// Sagas that were created before this moment, in milliseconds since the Unix epoch.
    pub created_before: Option<u64>,
    /// The largest number of sagas.
    pub limit: usize,
}

impl Query {
    /// The first 100 sagas.
    pub const fn new() -> Self {
        Self {
            state: None,
            saga: None,
            after: None,
            created_before: None,
            limit: 100,
        }
    }

    /// The same, with only the sagas in this state.
    pub fn state(self, state: SagaState) -> Self {
        Self {
            state: Some(state),
            ..self
        }
    }

    /// The same, with only the runs of the saga of this name.
    pub fn saga(self, saga: impl Into<Arc<str>>) -> Self {
        Self {
            saga: Some(saga.into()),
            ..self
        }
    }

    /// The same, with only the sagas that were created after this one: the next page.
    pub fn after(self, saga: SagaKey) -> Self {
        Self {
            after: Some(saga),
            ..self
        }
    }

    /// The same, with only the sagas that were created before this moment.
    pub fn created_before(self, moment: SystemTime) -> Self {
        let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            created_before: Some(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
            ..self
        }
    }

    /// The same, with at most this many sagas.
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

impl Default for Query {
    fn default() -> Self {
        Self::new()
    }
}

/// The error of a journal.
#[derive(Clone)]
pub struct JournalError {
    kind: JournalErrorKind,
    source: Arc<dyn Error + Send + Sync>,
}

/// What an error of a journal means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JournalErrorKind {
    /// The error is temporary: for example, the disk is full or a file cannot be reached.
    Unavailable,
    /// Another engine holds the journal.
    Locked,
    /// The journal does not contain what was written.
    Corrupt,
    /// A newer version wrote the data, and this one cannot read it.
    Newer,
    /// The journal contains something else than the call is about.
    Conflict,
    /// It can never be written, for example because it is too large.
    Rejected,
    /// Another engine has taken over the journal, or the saga: this engine writes nothing more.
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

    /// What the error means for the caller.
    #[must_use]
    pub const fn kind(&self) -> JournalErrorKind {
        self.kind
    }
}

/// Writes the `Display`, for a `main` that returns it and for `unwrap`.
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
