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

use crate::foreign::Line;
use crate::id::SagaId;

/// What the methods of a [`Journal`] give: a future without a type of its own, so that no generated code
/// depends on which journal it is.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// A place where sagas survive.
///
/// One engine at a time writes to a journal, and holds its [lock](Journal::lock) meanwhile. Any number of
/// calls may be in flight at once, of different sagas; of one saga the engine makes one call that writes at a
/// time. Reading never waits for writing.
///
/// An implementation passes [`conformance`](super::conformance).
///
/// # Durability
///
/// What [`create`](Journal::create) or [`append`](Journal::append) said `Ok` to is still there after the
/// process, or the machine, dies at any instant. All of one call is there, or nothing.
///
/// # Errors
///
/// After an error of a call that writes nobody knows whether it took effect. The engine makes the same call
/// again until it knows, so both are written to be made again: see there.
///
/// # Cancellation
///
/// Dropping a future that writes leaves it open whether it takes effect. A later call sees one or the other.
pub trait Journal: Send + Sync + 'static {
    /// Takes the journal for one engine, until what it gives is dropped, and the calls that write have taken
    /// effect, or never will, whose futures were dropped before: nobody else's records get in between.
    ///
    /// # Errors
    ///
    /// [`JournalErrorKind::Locked`] where another engine has it, in this process or in another.
    fn lock(&self) -> Result<JournalLock, JournalError>;

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

    /// Adds a saga with its first record, or says which saga has that id already.
    ///
    /// # Errors
    ///
    /// When it cannot be written. Made again after an error that came although it was written, it says
    /// [`Created::Existing`], of a saga that has this one record.
    fn create(&self, saga: NewSaga) -> Answer<'_, Created>;

    /// Adds records to a saga, and sets what it has come to if `state` is given.
    ///
    /// The records have consecutive numbers, and the first follows on the last that is there. Records that
    /// are there already, with the same content, are passed over.
    ///
    /// # Errors
    ///
    /// When they cannot be written. [`JournalErrorKind::Conflict`] where there is no such saga, where a
    /// number would be left out, or where another record has one of these numbers.
    fn append(
        &self,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()>;

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
    /// is left out.
    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>>;

    /// The sagas that fit `query`, in the order in which they were created, at most as many as it asks for.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>>;
}

/// Keeps a journal for one engine. Dropped, it lets it go.
pub struct JournalLock(
    #[expect(dead_code, reason = "held to be dropped")] Box<dyn Any + Send + Sync>,
);

impl JournalLock {
    /// Lets the journal go when this is dropped.
    #[must_use]
    pub fn new(guard: impl Any + Send + Sync) -> Self {
        Self(Box::new(guard))
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
}

/// What a saga has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

impl fmt::Display for SagaState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One record of a saga.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place among the records of its saga, counted from 0.
    pub number: u64,
    /// When it was made, in milliseconds since 1970.
    pub at: u64,
    /// What it says: JSON in one line.
    pub head: String,
    /// The value that goes with it, as the engine's codec made it.
    pub value: Vec<u8>,
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

/// A journal that could not do what it was asked for.
#[derive(Debug, Clone)]
pub struct JournalError {
    kind: JournalErrorKind,
    source: Arc<dyn Error + Send + Sync>,
}

/// What an error of a journal means for who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JournalErrorKind {
    /// It may go well later: the disk is full, a file cannot be reached.
    Unavailable,
    /// Another engine has the journal.
    Locked,
    /// What is there is not what was written, or by a newer version.
    Corrupt,
    /// What is there is not what the call is about.
    Conflict,
}

impl JournalError {
    /// An error of this kind, because of `source`.
    pub fn new(kind: JournalErrorKind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            source: source.into().into(),
        }
    }

    /// What it means for who asked.
    #[must_use]
    pub const fn kind(&self) -> JournalErrorKind {
        self.kind
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, source) = (self.kind, Line(&self.source));
        match kind {
            JournalErrorKind::Unavailable => write!(f, "the journal is not available: {source}"),
            JournalErrorKind::Locked => write!(f, "another engine has the journal: {source}"),
            JournalErrorKind::Corrupt => write!(f, "the journal cannot be read: {source}"),
            JournalErrorKind::Conflict => write!(f, "the journal has something else: {source}"),
        }
    }
}

impl Error for JournalError {
    // The source is in the `Display`.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}
