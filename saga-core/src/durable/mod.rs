//! Sagas that survive the process: an engine that runs them over a journal.

pub mod conformance;
mod journal;
mod memory_journal;

pub use self::journal::{
    Answer, Created, DefinitionText, Journal, JournalError, JournalErrorKind, JournalLock, NewSaga,
    Query, Record, SagaEntry, SagaKey, SagaState,
};
pub use self::memory_journal::MemoryJournal;
