//! Sagas from annotated impl blocks: a type-checked state machine, a driver that runs it and rolls
//! it back, and a report that explains what happened.
//!
//! A saga is a list of local transactions, each with a compensation that undoes it; when one fails,
//! the compensations of the completed ones run in reverse order (Garcia-Molina and Salem, *Sagas*,
//! 1987). Here the transactions are methods of a service:
//!
//! ```
//! use saga_core::{Attempt, Failure, Saga, StepContext, saga};
//! # #[derive(Debug)] struct Order { cents: u64 }
//! # #[derive(Debug)] struct Reservation(u32);
//! # #[derive(Debug)] struct Payment(String);
//! # #[derive(Debug)] enum CardError { Declined, Busy }
//! # impl CardError { fn is_transient(&self) -> bool { matches!(self, Self::Busy) } }
//! # impl std::fmt::Display for CardError {
//! #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("declined") }
//! # }
//!
//! struct Checkout;
//!
//! #[saga]
//! impl Checkout {
//!     #[step(compensate = release_stock)]
//!     async fn reserve_stock(&self, order: &Order) -> Result<Reservation, String> {
//!         Ok(Reservation(7))
//!     }
//!
//!     #[step(
//!         compensate = refund,
//!         retry(attempts = 4, backoff = "100ms..5s", when = CardError::is_transient),
//!         timeout = "3s"
//!     )]
//!     async fn charge_card(
//!         &self,
//!         reservation: &Reservation,
//!         #[input] order: &Order,
//!         context: &StepContext,
//!     ) -> Result<Payment, CardError> {
//!         if order.cents > 100_000 {
//!             return Err(CardError::Declined);
//!         }
//!         Ok(Payment(context.idempotency_key()))
//!     }
//!
//!     #[step(pivot)]
//!     async fn book_courier(&self, payment: &Payment) -> Result<String, String> {
//!         Ok("tracking".to_owned())
//!     }
//!
//!     async fn release_stock(&self, reservation: &Reservation) -> Result<(), String> {
//!         Ok(())
//!     }
//!
//!     // The charge may time out after it was made: asked for with `Attempt`, run in that case too.
//!     async fn refund(&self, payment: Attempt<&Payment>) -> Result<(), CardError> {
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let error = CheckoutSaga::run(&Checkout, Order { cents: 250_000 }).await.unwrap_err();
//! assert!(matches!(
//!     error.error(),
//!     CheckoutSagaError::ChargeCard(Failure::Error(CardError::Declined))
//! ));
//! assert!(!error.is_stuck());
//! # }
//! ```
//!
//! What `#[saga]` reads and generates is said at [`macro@saga`]; what a run means at
//! [`Saga::run`], [`SagaError`] and [`Kind`]; how another executor drives the same machine at
//! [`Execute`].
#![deny(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod attempts;
mod calls;
pub mod checks;
mod context;
mod definition;
mod driver;
mod error;
mod executor;
mod failure;
mod id;
mod in_memory;
mod map;
mod options;
mod panics;
mod policy;
mod record;
mod report;
mod saga;
mod verdict;

pub use crate::attempts::{Attempts, attempts};
pub use crate::context::{Attempt, Cause, StepContext};
pub use crate::definition::{
    Compensation, Definition, Kind, Location, Parameter, Phase, Source, Step,
};
pub use crate::driver::{Ended, drive};
pub use crate::error::SagaError;
pub use crate::executor::{Begin, Call, Execute, Executor, Faults, GaveUp, Stop};
pub use crate::failure::{ErrorText, ErrorView, Failure};
pub use crate::id::SagaId;
pub use crate::in_memory::InMemory;
pub use crate::options::{OptionsError, RunOptions};
pub use crate::policy::{Backoff, Policy};
pub use crate::record::{CompensationFailure, End, Outcome, StepRecord, Undo};
pub use crate::report::Report;
pub use crate::saga::{Machine, Saga, Slots, StepError, Value};

/// Makes a saga of an impl block.
///
/// # What it reads
///
/// On the impl block, `#[saga(..)]`:
///
/// | option | meaning | without it |
/// |---|---|---|
/// | `name = "..."` | the saga's name in reports and idempotency keys | from the saga type: `CheckoutSaga` is `checkout` |
/// | `saga = Ident` | the generated type | the service and `Saga` |
/// | `vis = pub` | the visibility of what is generated | private to the module |
/// | `input = Type` | the type of the input | the first step's bare parameters, else the first `#[input]`, owned |
/// | `crate = path` | where this crate is | `::saga_core` |
/// | `retry(..)` | for every step that has none | one attempt |
/// | `compensation(retry(..), timeout = "..")` | for every compensation that has none | one attempt |
///
/// On a method, `#[step(..)]`. The steps run in the order in which they stand:
///
/// | option | meaning |
/// |---|---|
/// | `compensate = method` | undoes this step; a method of the same type. In another impl block it takes the step's output by reference, and nothing else |
/// | `readonly` | changes nothing: nothing to undo |
/// | `no_compensation = "reason"` | changes something that cannot be undone; the reason shows in the report |
/// | `pivot` | the point of no return, at most one: once it has completed the saga only goes forward. With `compensate` it is undone only when it is in doubt |
/// | (after the pivot, or last) | needs none of the four |
/// | `retry(attempts = 4, backoff = "100ms..5s", when = path)` | `attempts` counts the first; between two of them a random wait below a ceiling that doubles from the first duration to the second ([`Backoff`]); `when: fn(&Error) -> bool` says which errors are worth another (all, without it) |
/// | `timeout = "3s"` | for each attempt |
/// | `in_doubt = path` | `fn(&Error) -> bool`: the step may have taken effect although it returned this error |
/// | `name = "..."` | the name in reports and idempotency keys, when it must survive a rename |
/// | `sensitive` | reports show `***` in place of the output, wherever it is handed to |
///
/// On a method that undoes a step, `#[compensation(retry(..), timeout = "..")]`: the same for its
/// attempts.
///
/// # What a parameter is bound to
///
/// After `&self`: a bare parameter is the output of the step above, in the first step the saga's
/// input, in a compensation the output of its own step; several take apart a tuple. `#[input]`
/// marks the saga's input, `#[from(step)]` the output of an earlier step, and `&`[`StepContext`] is
/// the run. In a compensation, [`Attempt<&T>`](Attempt) asks to be run in doubt too. `#[sensitive]`
/// beside any of these makes reports show `***` in place of the argument.
///
/// By reference, `&T`, a value is lent; so are `&str`, `&[T]`, `&Path` and `&T` from a `String`, a
/// `Vec`, a `PathBuf`, a `Box` or an `Arc`. By value, `T`, it is given away to a step if no later
/// step and no compensation is bound to it and the step has one attempt; otherwise it is cloned.
///
/// # What it generates
///
/// The block itself, without these attributes; and beside it, for a service `Checkout`,
///
/// - `CheckoutSaga`, which implements [`Saga`];
/// - `enum CheckoutSagaError`, one variant a step, each with a [`Failure`] of that step's error;
/// - `enum CheckoutSagaState<'_>`, one variant for each point between two steps
///   (`BeforeChargeCard { input, reserve_stock }`, .., `Completed { .. }`), in which only what
///   is there can be reached.
pub use saga_macros::saga;
