//! What a durable saga engine asks of the place where its records are kept.
//!
//! For those who write a [`Journal`] or read one: neither needs `saga-core`, which runs the sagas and is the crate that
//! their services depend on.
//!
//! - [`Journal`] is the contract: sagas, and of each the [`Record`]s that were written, in order. What a record says is
//!   an [`Entry`], which each journal encodes in its own way; the value of a record is opaque to it.
//! - [`conformance`] is the suite that every journal passes.
//! - [`InMemoryJournal`] keeps sagas for as long as the process lives: for tests.
//! - [`SagaId`] identifies a run, and makes its idempotency keys.
//!
//! The encoding for other programs is described in `docs/journal.md`.
#![deny(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

#[cfg(feature = "contract")]
mod call_id;
#[cfg(feature = "contract")]
pub mod conformance;
#[cfg(feature = "contract")]
mod entry;
mod id;
mod idempotency_key;
#[cfg(feature = "contract")]
mod in_memory;
#[cfg(feature = "contract")]
mod journal;
mod phase;
mod prevention;
#[doc(hidden)]
pub mod text;

#[cfg(feature = "contract")]
pub use self::call_id::{Begun, CallId, NoCallId, RunId};
#[cfg(feature = "contract")]
pub use self::entry::{Entry, READER};
pub use self::id::SagaId;
#[cfg(feature = "contract")]
pub use self::in_memory::InMemoryJournal;
#[cfg(feature = "contract")]
pub use self::journal::{
    Answer, Claim, Count, Created, DefinitionText, Epoch, Journal, JournalError, JournalErrorKind,
    JournalLock, NewSaga, Query, Record, RecordPosition, SagaEntry, SagaKey, SagaState,
};
pub use self::phase::Phase;
pub use self::prevention::Prevention;
