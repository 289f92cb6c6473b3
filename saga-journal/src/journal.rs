//! The contract between a durable engine and the place where it writes.
//!
//! A journal stores sagas, and the records of each saga in the order in which they were written. It does not
//! interpret records: the engine does (`docs/journal.md`).

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

/// The future that each method of a [`Journal`] returns. It is boxed, so that no generated code depends on the type
/// of the journal.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// Storage in which sagas survive their process.
///
/// One engine at a time writes to a journal. It holds the [lock](Journal::lock), under an epoch that no earlier
/// engine had. Calls of different sagas may be in flight at once; of one saga, the engine makes one writing call at
/// a time. Reads never wait for writes.
///
/// An implementation passes [`conformance`](crate::conformance).
///
/// # Ownership
///
/// A saga that has not ended belongs to one epoch: that of the engine that [created](Journal::create) it, or
/// [claimed](Journal::claim) it last. Every writing call carries the epoch of its engine. If the saga belongs to
/// another epoch, or another engine has taken the whole journal, the call fails as [`JournalErrorKind::Fenced`];
/// the check is part of the transaction. So an engine that lost its journal without noticing writes nothing more.
/// (This is the idea of fencing tokens: M. Kleppmann, "How to do distributed locking", 2016.)
///
/// # Durability
///
/// Once a writing call has returned `Ok`, its data survives if the process or the machine dies at any instant. The
/// journal keeps all of a call or nothing of it.
///
/// # Errors
///
/// After an error, the caller does not know whether a writing call took effect. The engine repeats the call until
/// it knows, so the methods specify what a repeated call does.
///
/// # Cancellation
///
/// If a writing future is dropped, its call may or may not take effect. A later call sees one or the other.
pub trait Journal: Send + Sync + 'static {
    /// Locks the journal for one engine, under a new epoch. The lock is held until the guard is dropped and every
    /// started write, even one whose future was dropped, has finished or can no longer happen.
    ///
    /// # Errors
    ///
    /// [`JournalErrorKind::Locked`] if another engine has the journal, in this process or in another.
    fn lock(&self) -> Answer<'_, JournalLock>;

    /// Stores the text of a definition under its hash. If the hash already has a text, that text stays.
    ///
    /// # Errors
    ///
    /// If the text cannot be written.
    fn define(&self, definition: DefinitionText) -> Answer<'_, ()>;

    /// Returns the text of the definition with this hash.
    ///
    /// # Errors
    ///
    /// If the text cannot be read.
    fn definition(&self, hash: u64) -> Answer<'_, Option<String>>;

    /// Adds a saga with its first record, or returns the saga that already has its id. The new saga belongs to
    /// `epoch`.
    ///
    /// # Errors
    ///
    /// If the saga cannot be written, or another engine has the journal. If a call failed although it wrote the
    /// saga, the repeated call returns [`Created::Existing`] with a saga that has this one record.
    fn create(&self, epoch: Epoch, saga: NewSaga) -> Answer<'_, Created>;

    /// Appends records to a saga, and sets its state if there is a `state`. The saga then counts as
    /// [loaded](Journal::loaded).
    ///
    /// The records have consecutive numbers, and the first one follows the last record of the saga. Records that
    /// the saga already has, with the same content, are skipped.
    ///
    /// # Errors
    ///
    /// If the records cannot be written. [`JournalErrorKind::Fenced`] if the saga does not belong to `epoch`.
    /// [`JournalErrorKind::Conflict`] if there is no such saga, a number would be missing, or a different record
    /// has one of the numbers. [`JournalErrorKind::Rejected`] if the records can never be written as they are.
    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()>;

    /// Makes sagas that have not ended belong to `epoch`, and returns them in the order in which they were created.
    /// Counts one more [load](SagaEntry::loads) of each.
    ///
    /// Does not return sagas that already belong to `epoch`, so the next call returns the next ones.
    ///
    /// # Errors
    ///
    /// If the claim cannot be written, or another engine has the journal. A repeated call also returns the sagas
    /// that the failed call assigned to `epoch`.
    fn claim(&self, epoch: Epoch, claim: Claim) -> Answer<'_, Vec<SagaEntry>>;

    /// Sets the count of [loads](SagaEntry::loads) of a saga that belongs to `epoch` back to 0: the engine has read
    /// its records, and the process survived that.
    ///
    /// # Errors
    ///
    /// If the count cannot be written, or the saga does not belong to `epoch`.
    fn loaded(&self, epoch: Epoch, saga: SagaKey) -> Answer<'_, ()>;

    /// Returns the saga with this id.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>>;

    /// Returns the records of a saga in order. A saga that does not exist has none.
    ///
    /// # Errors
    ///
    /// If the records cannot be read. [`JournalErrorKind::Corrupt`] if one of them differs from what was written,
    /// or a number is missing. [`JournalErrorKind::Newer`] if one needs a newer reader than this version.
    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>>;

    /// Returns one record of a saga, if it exists.
    ///
    /// The engine reads the first record to compare inputs, and the record that ends the saga to report how it
    /// ended. A journal that can read a single record should override this method, so that damage elsewhere in the
    /// saga does not matter. The default implementation reads all records.
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

    /// Returns the sagas that match `query`, in the order in which they were created, up to its limit.
    ///
    /// A saga whose entry [cannot be read in full](SagaEntry::damage) is included. If its state cannot be read, it
    /// counts as unfinished.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>>;

    /// Returns how many sagas there are, by name and state.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    fn counts(&self) -> Answer<'_, Vec<Count>>;
}

/// The number of an engine among the engines that have locked a journal. Each has a larger one than the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub i64);

/// The sagas that an engine claims.
#[derive(Debug, Clone)]
pub enum Claim {
    /// Sagas that have not ended, whose definition has one of these hashes, and that a reader as old as `reader`
    /// can read.
    Next {
        /// The hashes.
        definitions: Arc<[u64]>,
        /// The [`READER`](crate::READER) of the engine.
        reader: u32,
        /// The maximum number of sagas.
        limit: usize,
    },
    /// This saga, whatever its definition, unless it has ended.
    One(SagaKey),
}

/// The number of sagas with one name and one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The name.
    pub saga: Arc<str>,
    /// The state.
    pub state: SagaState,
    /// The number of sagas.
    pub sagas: u64,
}

/// Locks a journal for one engine until it is dropped.
pub struct JournalLock {
    epoch: Epoch,
    #[expect(dead_code, reason = "held to be dropped")]
    guard: Box<dyn Any + Send + Sync>,
}

impl JournalLock {
    /// Creates a lock under `epoch` that drops `guard` when it is dropped.
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

/// The number by which a journal identifies a saga. It grows from saga to saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SagaKey(pub i64);

/// A saga to add to a journal.
#[derive(Debug, Clone)]
pub struct NewSaga {
    /// Its id, unique in the journal.
    pub id: SagaId,
    /// The name of its definition.
    pub saga: Arc<str>,
    /// The hash of its definition.
    pub definition: u64,
    /// Its first record, which has number 0.
    pub first: Record,
}

/// The result of [`Journal::create`].
#[derive(Debug, Clone)]
pub enum Created {
    /// The saga was added under this key.
    New(SagaKey),
    /// A saga with this id already exists.
    Existing(SagaEntry),
}

/// A saga in a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaEntry {
    /// Its key in the journal.
    pub key: SagaKey,
    /// Its id.
    pub id: SagaId,
    /// The name of its definition.
    pub saga: Arc<str>,
    /// The hash of its definition.
    pub definition: u64,
    /// Its state.
    pub state: SagaState,
    /// When it was created, in milliseconds since 1970.
    pub created_at: u64,
    /// The oldest reader that reads all of its records: the largest [`Record::min_reader`] of them.
    pub min_reader: u32,
    /// How often the saga was [claimed](Journal::claim) since it was last [loaded](Journal::loaded). This is how
    /// many processes ended while they read the saga, plus one for a claim that is still loading.
    pub loads: u32,
    /// What cannot be read of the entry, if it is damaged. A damaged saga is never claimed. The other fields hold
    /// what could be read; if the state could not, the saga counts as unfinished.
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
    /// It ended in a state that an operator has to resolve.
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

    /// `unfinished`, `completed`, `compensated` or `stuck`.
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

/// The position of a record that is read by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordPosition {
    /// The first record. Its value is the input of the saga.
    First,
    /// The newest record that [ends](Entry::is_end) the saga. Its value is the output or the report.
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
    /// When it was made, in milliseconds since 1970.
    pub at: u64,
    /// The oldest [`READER`](crate::READER) that reads it.
    pub min_reader: u32,
    /// The entry: what the record says.
    pub entry: Entry,
    /// The value of the record, as the engine's codec encoded it.
    pub value: Vec<u8>,
}

impl Record {
    /// Creates a record of this version.
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
    /// The text whose hash it is.
    pub text: String,
}

/// Which sagas to list.
#[derive(Debug, Clone)]
#[must_use]
pub struct Query {
    /// Only sagas in this state.
    pub state: Option<SagaState>,
    /// Only sagas with this name.
    pub saga: Option<Arc<str>>,
    /// Only sagas that were created after this one.
    pub after: Option<SagaKey>,
    /// Only sagas that were created before this moment, in milliseconds since 1970.
    pub created_before: Option<u64>,
    /// The maximum number of sagas.
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

    /// Limits the query to sagas in this state.
    pub fn state(self, state: SagaState) -> Self {
        Self {
            state: Some(state),
            ..self
        }
    }

    /// Limits the query to sagas with this name.
    pub fn saga(self, saga: impl Into<Arc<str>>) -> Self {
        Self {
            saga: Some(saga.into()),
            ..self
        }
    }

    /// Limits the query to sagas that were created after this one: the next page.
    pub fn after(self, saga: SagaKey) -> Self {
        Self {
            after: Some(saga),
            ..self
        }
    }

    /// Limits the query to sagas that were created before this moment.
    pub fn created_before(self, moment: SystemTime) -> Self {
        let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            created_before: Some(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
            ..self
        }
    }

    /// Sets the maximum number of sagas.
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
    /// The call may succeed later: for example, the disk is full or a file cannot be reached.
    Unavailable,
    /// Another engine has the journal.
    Locked,
    /// The journal does not contain what was written to it.
    Corrupt,
    /// A newer version wrote the data, and this version cannot read it.
    Newer,
    /// The call does not fit what the journal contains.
    Conflict,
    /// The data can never be written as it is. For example, it is too large.
    Rejected,
    /// Another engine has taken the journal, or the saga. This engine writes nothing more.
    Fenced,
}

impl JournalError {
    /// Creates an error of this kind with this source.
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

/// The same text as `Display`, for an `unwrap` and for a `main` that returns the error.
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
    // `Display` already contains the source.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}
