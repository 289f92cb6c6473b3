//! Sagas from annotated impl blocks: a type-checked state machine, a driver that runs it and rolls it back, and a
//! report that explains what happened.
//!
//! A business operation that calls several services cannot be one database transaction: when the third call fails, the
//! first two have taken effect and must be undone. A saga is such a list of calls, each with a compensation that undoes
//! it. After a failure the compensations run in reverse order (Garcia-Molina and Salem, *Sagas*, 1987). In this crate
//! the calls are methods of a service, and [`#[saga]`](macro@saga) on their impl block turns them into a saga.
//!
//! # A saga
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
//!     // Undone by a method that takes the output of this one.
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
//!         run: &StepContext,
//!     ) -> Result<Payment, CardError> {
//!         if order.cents > 100_000 {
//!             return Err(CardError::Declined);
//!         }
//!         Ok(Payment(run.idempotency_key()))
//!     }
//!
//!     // Once this has completed, nothing is undone.
//!     #[step(pivot)]
//!     async fn book_courier(&self, payment: &Payment) -> Result<String, String> {
//!         Ok("tracking".to_owned())
//!     }
//!
//!     async fn release_stock(&self, reservation: &Reservation) -> Result<(), String> {
//!         Ok(())
//!     }
//!
//!     // A charge that timed out may have been made. A compensation that takes an `Attempt` runs in that case too.
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
//! println!("{}", error.report());
//! # }
//! ```
//!
//! A bare parameter takes the output of the step above; the compiler checks its type. In the first step it is the
//! saga's input, in a compensation the output of the step that is undone. The other bindings and all options are listed
//! at [`macro@saga`]. The methods remain ordinary methods.
//!
//! # What a run does
//!
//! An attempt of a step completes, fails, or is **in doubt**: it timed out or panicked, or the step's `in_doubt`
//! predicate accepted its error, so it may have taken effect. A step that gives up is in doubt if any of its attempts
//! was. A `readonly` step is never in doubt.
//!
//! | what gives up | what is undone | the saga ends |
//! |---|---|---|
//! | a step, or the pivot, that failed | the steps before it, in reverse order | [`End::Compensated`] |
//! | a step in doubt, its compensation takes [`Attempt<&T>`](Attempt) | the step itself, then those before it | [`End::Compensated`] |
//! | a step in doubt, its compensation takes `&T` | the steps before it | [`End::Stuck`] |
//! | a step in doubt, with `no_compensation` | the steps before it | [`End::Compensated`] |
//! | the pivot or the last step in doubt, without `compensate` | nothing | [`End::Stuck`] |
//! | a step after the pivot | nothing | [`End::Stuck`] |
//! | a member of a parallel group | after its siblings have finished the attempt in flight: those of the group that completed, then the steps before it; a member in doubt as above | as above |
//! | the run: it was cancelled, or its deadline passed | after the attempt in flight has finished: the steps that completed; one in doubt as above | as above |
//! | a compensation | the other compensations still run | [`End::Stuck`] |
//!
//! [`Saga::run`] returns the last step's output or a [`SagaError`]: the first error, typed by step, the failures after
//! it, the outcome of every step, the failed compensations, and the [`Report`]. [`RunOptions`] set the id of a run,
//! from which the idempotency keys of its [`StepContext`]s are made, its [policies](Policy), a cancellation and a
//! deadline.
//!
//! Steps run one after the other. Neighbours with `parallel = group` run at the same time, on one task, and the steps
//! after the group take the outputs of its members. A step with `only_if = method` runs only if that method returns
//! `true`; later methods take an `Option` of its output. A step with `saga = PaymentsSaga` runs another saga, whose
//! compensations also undo the step. A run does not survive its process, unless an engine (feature `durable`) runs it.
//!
//! # Ending a run from outside
//!
//! **Dropping the future of [`Saga::run`] undoes nothing**: the compensations would have to run in it. If the caller
//! may go away, use [`Saga::spawn`]: it runs the saga in a task of its own, which goes on to its end even if the
//! [`SagaHandle`] is dropped. A [`CancellationToken`], the [handle](SagaHandle::cancel) or a
//! [deadline](RunOptions::deadline) ends a run in order: the attempt in flight finishes, a wait between two attempts is
//! cut short, no other attempt begins, and what has completed is undone. The error is then `Cancelled` or
//! `DeadlineExceeded`, without a [step](SagaError::step). If the attempt in flight failed and would have been repeated,
//! [`SagaError::also_failed`] has its failure; if it was the last one allowed, nothing was prevented, and the error is
//! that of the step.
//!
//! Once the pivot or the last step has completed, and while compensating, all three are ignored.
//!
//! ```
//! use std::sync::Arc;
//!
//! use saga_core::{CancellationToken, Lost, RunOptions, Saga, saga};
//! # use std::time::Duration;
//!
//! struct Trips;
//!
//! #[saga]
//! impl Trips {
//!     #[step(parallel = bookings, compensate = cancel_hotel)]
//!     async fn book_hotel(&self, nights: &u32) -> Result<u32, String> {
//! #       tokio::time::sleep(Duration::from_secs(1)).await;
//!         Ok(100 + nights)
//!     }
//!
//!     #[step(parallel = bookings, compensate = cancel_flight)]
//!     async fn book_flight(&self) -> Result<&'static str, String> {
//! #       tokio::time::sleep(Duration::from_secs(2)).await;
//!         Ok("seat 12A")
//!     }
//!
//!     #[step(only_if = is_long, no_compensation = "the insurer keeps the fee")]
//!     async fn insure(&self, hotel: &u32, flight: &str) -> Result<u32, String> {
//!         Ok(hotel + 1)
//!     }
//!
//!     #[step(pivot)]
//!     async fn pay(&self, insurance: Option<&u32>) -> Result<(), String> {
//!         Ok(())
//!     }
//!
//!     fn is_long(&self, #[input] nights: &u32) -> bool {
//!         *nights > 7
//!     }
//!
//!     async fn cancel_hotel(&self, hotel: &u32) -> Result<(), String> {
//!         Ok(())
//!     }
//!
//!     async fn cancel_flight(&self, flight: &str) -> Result<(), String> {
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Lost> {
//! let shutdown = CancellationToken::new();
//! let options = RunOptions::new().cancellation(shutdown.clone());
//! let handle = TripsSaga::spawn(Arc::new(Trips), 3, options);
//! # tokio::time::sleep(Duration::from_millis(1500)).await;
//!
//! // The hotel is booked, and the step that books a flight is in flight.
//! shutdown.cancel();
//! let error = handle.await?.unwrap_err();
//! assert!(matches!(error.error(), TripsSagaError::Cancelled));
//! assert!(error.step().is_none() && !error.is_stuck());
//! # let undone = error.steps().filter(|record| record.undo == saga_core::report::Undo::Done).count();
//! # assert_eq!(undone, 2);
//! # Ok(())
//! # }
//! ```
//!
//! # Observing runs
//!
//! An [`Observer`](observe::Observer) receives the events of a run as they happen: [`RunOptions::observer`]. With the
//! feature `tracing` every run has spans, which contain what its steps log. Observers and spans never contain inputs,
//! arguments or outputs.
//!
//! # Testing
//!
//! A step is a method: a test can call it directly, with a [`StepContext::new`] if it takes one. A test of the whole
//! saga makes the services behind the steps fail, and asserts *which* step gave up ([`SagaError::step`]) and what was
//! undone ([`SagaError::steps`]). Retries, time limits and deadlines use Tokio's clock, which a test can pause.
//!
//! With the feature `testing`, the fault matrix of the module `testing` breaks a saga at every point where it can fail,
//! and checks the calls, the end of the saga and the state of the service each time. For a durable saga it also ends
//! the process at every write.
//!
//! # Diagrams
//!
//! [`Definition::diagram`](definition::Definition::diagram) draws a saga, and [`Report::diagram`] a run that did not
//! complete: as Mermaid, as DOT for Graphviz, or as a Markdown table. See [`Diagram`].
//!
//! # Other executors
//!
//! [`InMemory`] runs the attempts of a run in this process. The generated [`Machine`] is generic over the executor:
//! [`drive`] takes any [`Executor`](executor::Executor) that implements [`Execute`](executor::Execute) for the outputs
//! of a saga. The executor decides how an attempt is run and recorded. [`Saga::DEFINITION`] is the saga as data.
//!
//! # Features
//!
//! All are off by default.
//!
//! - `durable`: the module `durable`, whose engine runs sagas over a journal so that they survive the process. Enables
//!   `serde`.
//! - `serde`: a [`Report`] can be serialized and deserialized, as JSON for example. Nothing else here needs serde.
//! - `testing`: the module `testing`, for the tests of a saga. Enable it only for tests: `saga-core = { .., features =
//!   ["testing"] }` in `[dev-dependencies]`. With `durable`, the fault matrix also ends the process at each write of
//!   the journal, and checks how the next process continues.
//! - `tracing`: spans `saga`, `step`, `compensation` and `attempt`, entered while the methods are polled, and events
//!   for retries, for steps that give up and for stuck sagas. All have the target `saga_core`; `docs/observing.md`
//!   lists the fields. They contain no values; the events contain the text of errors, which the methods of the saga
//!   write. Without a subscriber they allocate nothing.
#![deny(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod attempt;
pub mod definition;
mod diagram;
mod drive;
#[cfg(feature = "durable")]
pub mod durable;
pub mod executor;
mod expansion;
mod id;
mod launch;
pub mod machine;
pub mod observe;
mod outcome;
pub mod report;
mod run;
#[cfg(feature = "testing")]
pub mod testing;
mod util;

/// What expansions call. Not for users: it changes with the macro, without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::expansion::*;
}

pub use crate::expansion::checks;

pub use crate::attempt::attempts;
pub use crate::definition::Policy;
pub use crate::diagram::Diagram;
pub use crate::drive::{Ended, SagaError, drive};
pub use crate::id::SagaId;
pub use crate::launch::{CancelAnswer, InMemory, Lost, OptionsError, RunOptions, SagaHandle};
pub use crate::machine::{Machine, Saga, StepError};
pub use crate::outcome::{Cancellation, End, ErrorText, Failure};
pub use crate::report::Report;
pub use crate::run::{Attempt, Cause, Position, StepContext};
pub use tokio_util::sync::CancellationToken;

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
/// | `retry(..)` | for every step, option by option | one attempt |
/// | `timeout = "3s"` | the time limit of each attempt of every step that has none and runs no saga | none |
/// | `compensation(retry(..), timeout = "..", max_interruptions = 2)` | for every compensation, option by option | one attempt |
/// | `durable` | checks here that a journal can keep the types of the input and the outputs, for a saga that an engine of the module `durable` runs; changes nothing else | checked where the saga is registered |
/// | `deadline = "30s"` | after this long the run is ended: the attempt in flight finishes, no other is started, and what has completed is undone | none |
///
/// On a method, `#[step(..)]`. The steps run in the order in which they stand:
///
/// | option | meaning |
/// |---|---|
/// | `compensate = method` | the method that undoes this step; a method of the same type. In another impl block it takes the step's output by reference, or an [`Attempt`] of it, and a [`StepContext`] |
/// | `readonly` | changes nothing: nothing to undo |
/// | `no_compensation = "reason"` | changes something that cannot be undone; the reason shows in the report |
/// | `pivot` | the point of no return, at most one: once it has completed the saga only goes forward. With `compensate` it is undone only when it is in doubt |
/// | (after the pivot, or last) | needs none of these four options |
/// | `retry(attempts = 4, backoff = "100ms..5s", when = path)` | `attempts` counts the first; between two of them a random wait below a ceiling that doubles from the first duration to the second ([`Backoff`](definition::Backoff)); `when: fn(&Error) -> bool` returns whether an error is worth another attempt (without `when`, every error is) |
/// | `timeout = "3s"` | the time limit of each attempt; of a step that runs a saga, the deadline of that saga |
/// | `in_doubt = path` | `fn(&Error) -> bool`: the step may have taken effect although it returned this error |
/// | `at_most_once` | no other attempt after one that may have taken effect |
/// | `max_interruptions = 2` | how many crashes are tolerated during this step before it gives up in doubt; the engine's default otherwise |
/// | `parallel = group` | neighbours of one group run at the same time; the step after them has a bare parameter for each, or none |
/// | `only_if = method` | runs only if this method of the block returns `true`: `fn method(&self, ..) -> bool`, bound like the step, by reference. Later methods take an `Option` of the output |
/// | `saga = PaymentsSaga` | runs that saga, which also undoes the step; the method, `fn method(&self, ..) -> Input`, returns its input |
/// | `on = self.payments` | the service of that saga, if it is another |
/// | `name = "..."` | the name in reports and idempotency keys, when it must survive a rename |
/// | `sensitive` | reports show `***` in place of the output, wherever it is used |
///
/// On a method that undoes a step, `#[compensation(retry(..), timeout = "..", max_interruptions = 2)]`: the same for its
/// attempts.
///
/// # What a parameter is bound to
///
/// After `&self`, a bare parameter takes the output of the step above; in the first step it takes the saga's input, in
/// a compensation the output of its own step. Several bare parameters take the fields of a tuple, or the outputs of the
/// parallel group above. `#[input]` binds a parameter to the saga's input, `#[from(step)]` to the output of an earlier
/// step; `&`[`StepContext`] describes the run. A compensation that takes [`Attempt<&T>`](Attempt) also runs when its
/// step is in doubt. `#[sensitive]` beside any of these makes reports show `***` in place of the argument.
///
/// A parameter `&T` borrows the value; `&str`, `&[T]`, `&Path` and `&T` also borrow from a `String`, a `Vec`, a
/// `PathBuf`, a `Box` or an `Arc`. For a step with `only_if` these are `Option<&T>` or `&Option<T>`; its own
/// compensation takes `&T`. A parameter `T` takes the value itself: it is moved into the step if no later step and no
/// compensation is bound to it and the step has one attempt; otherwise it is cloned.
///
/// # What it generates
///
/// The block itself, without these attributes, and beside it, for a service `Checkout`:
///
/// - `CheckoutSaga`, which implements [`Saga`];
/// - `enum CheckoutSagaError`, one variant a step, each with a [`Failure`] of that step's error; and
///   `Cancelled` and `DeadlineExceeded`;
/// - `enum CheckoutSagaState<'_>`, one variant for each point between two steps or groups (`BeforeChargeCard { input,
///   reserve_stock }`, .., `Completed { .. }`), which has only the outputs that exist at that point.
pub use saga_macros::saga;
