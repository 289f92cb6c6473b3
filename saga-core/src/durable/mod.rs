//! Sagas that survive the process: an [`Engine`] runs them over a [`Journal`].
//!
//! The engine runs the same saga that [`run`](crate::Saga::run) runs, unchanged. Its input and the outputs of its steps
//! must be [`Journalable`]: serde must be able to write and read them. `docs/durability.md` describes the guarantees,
//! and `docs/journal.md` the records.
//!
//! ```
//! use std::time::Duration;
//!
//! use saga_core::durable::{Engine, InMemoryJournal};
//! use saga_core::{StepContext, saga};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Ticket(u32);
//!
//! struct Cinema;
//!
//! #[saga]
//! impl Cinema {
//!     #[step(compensate = free)]
//!     async fn reserve(&self, seat: &u32) -> Result<Ticket, String> {
//!         Ok(Ticket(*seat))
//!     }
//!
//!     #[step(pivot)]
//!     async fn pay(&self, ticket: &Ticket, run: &StepContext) -> Result<String, String> {
//!         // The key is the same however often the process was restarted.
//!         let key = run.idempotency_key();
//!         Ok(format!("seat {} for {key}", ticket.0))
//!     }
//!
//!     async fn free(&self, _: &Ticket) -> Result<(), String> {
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A journal that survives the process: `saga_sqlite::SqliteJournal::open("sagas.db")?`.
//! let journal = InMemoryJournal::new();
//! let engine = Engine::builder().register::<CinemaSaga>(Cinema);
//! let engine = engine.open(journal).await?;
//!
//! let mut evening = engine.submit::<CinemaSaga>("evening-1", 7).await?;
//! assert_eq!(evening.outcome().await?.unwrap(), "seat 7 for cinema/evening-1/pay/do");
//!
//! // The same id is the same run.
//! engine.submit::<CinemaSaga>("evening-1", 7).await?;
//! assert!(engine.submit::<CinemaSaga>("evening-1", 8).await.is_err());
//! engine.shutdown(Duration::from_secs(10)).await;
//! # Ok(())
//! # }
//! ```

mod clock;
mod codec;
mod engine;
mod error;
mod executor;
mod fingerprint;
mod guarded_journal;
mod handle;
mod hosted;
mod log;
mod optional_output;
mod record_store;
mod registered;
mod retry;
mod shared;
mod site;
mod status;
mod trouble;
mod wake_flag;

pub use self::codec::{Codec, CodecError, IntoSagaId, Journalable, JournaledOutput, RunsDurably};
pub use self::engine::{Engine, EngineBuilder, Sagas, Submitting};
pub use self::error::{
    CancelError, CancelOutcome, Dropped, OpenError, OutcomeError, Parked, SubmitError, Untyped,
};
pub use self::executor::{Durable, Halt};
pub use self::handle::DurableHandle;
pub use self::hosted::{Carried, Hosted, HostedStop, NoRequests, Request, Requests};
pub use self::log::InFlight;
pub use self::record_store::Records;
pub use self::status::{SagaStatus, Status, StatusKind};
pub use saga_journal::{
    Answer, Begun, CallId, Claim, Count, Created, DefinitionText, Entry, Epoch, InMemoryJournal,
    Journal, JournalError, JournalErrorKind, JournalLock, NewSaga, NoCallId, Prevention, Query,
    READER, Record, RecordPosition, RunId, SagaEntry, SagaKey, SagaState, conformance,
};
