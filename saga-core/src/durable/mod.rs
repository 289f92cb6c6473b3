//! Sagas that survive the process: an engine that runs them over a journal.

mod codec;
mod engine;
mod entry;
mod error;
mod executor;
mod fingerprint;
mod handle;
mod journal;
mod log;
mod memory_journal;
mod registered;
mod shared;
mod status;

pub use self::codec::{Codec, CodecError, Journalable, JournaledOutput};
pub use self::engine::{Engine, EngineBuilder};
pub use self::error::{CancelError, CancelOutcome, NotEnded, OpenError, Parked, SubmitError};
pub use self::executor::{Durable, Halt};
pub use self::handle::DurableHandle;
pub use self::journal::{
    Answer, Created, DefinitionText, Journal, JournalError, JournalErrorKind, JournalLock, NewSaga,
    Query, Record, SagaEntry, SagaKey, SagaState,
};
pub use self::memory_journal::MemoryJournal;
pub use self::status::{Condition, SagaStatus};
