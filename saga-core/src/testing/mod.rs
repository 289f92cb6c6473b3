//! Breaks a saga in a test, at every point where it can fail.
//!
//! The bugs of sagas are in the compensations, which do not run until the day they are needed. The
//! [definition](crate::definition::Definition) of a saga shows where it can fail. A [fault matrix](fault_matrix) makes it fail at
//! each of these points, in a run of its own, and checks each time whether the calls, the end of the run, and the
//! service are as expected.
//!
//! The service is a fake of what the saga is about: its methods are those that run in production, and what they call is
//! in memory. The faults are injected around the methods, whose code does not change.
//!
//! - Each step [fails, is in doubt, panics, is cancelled, runs twice](Fault); and each compensation that is then due
//!   fails, fails and then succeeds, panics, and runs twice. Cells that the definition makes impossible are [left
//!   out](LeftOut), with the reason.
//! - The test provides the [errors](FaultMatrix::errors) that steps and compensations fail with, and a
//!   [snapshot](FaultMatrix::snapshot) of the service, an [invariant](FaultMatrix::invariant), or both.
//! - The clock is paused: time limits and waits pass at once. Use Tokio's feature `test-util` and
//!   `#[tokio::test(start_paused = true)]`.
//! - A matrix that passes returns its [`Coverage`]. One that fails prints what was wrong, the calls, the report, and
//!   the line that runs one cell [again](FaultMatrix::only). A matrix that would prove nothing fails.
//! - With the feature `durable`, `FaultMatrix::crashes` also ends the process, before and after each write of a
//!   journal, and a second process continues from the journal with the same service.
//! - The id of every run is `fault-matrix`, so the keys of a step are `saga/fault-matrix/step/do`.
//!
//! ```
//! use std::sync::Mutex;
//!
//! use saga_core::testing::fault_matrix;
//! use saga_core::{Attempt, saga};
//!
//! #[derive(Default)]
//! struct Shop {
//!     reserved: Mutex<u32>,
//!     charged: Mutex<u32>,
//! }
//!
//! #[saga]
//! impl Shop {
//!     #[step(compensate = release)]
//!     async fn reserve(&self, cups: &u32) -> Result<u32, String> {
//!         *self.reserved.lock().unwrap() = *cups;
//!         Ok(*cups)
//!     }
//!
//!     #[step(compensate = refund, retry(attempts = 2), timeout = "3s")]
//!     async fn charge(&self, cups: &u32) -> Result<u32, String> {
//!         *self.charged.lock().unwrap() = cups * 3;
//!         Ok(cups * 3)
//!     }
//!
//!     #[step(pivot)]
//!     async fn ship(&self) -> Result<(), String> {
//!         Ok(())
//!     }
//!
//!     async fn release(&self, _: Attempt<&u32>) -> Result<(), String> {
//!         *self.reserved.lock().unwrap() = 0;
//!         Ok(())
//!     }
//!
//!     async fn refund(&self, _: Attempt<&u32>) -> Result<(), String> {
//!         *self.charged.lock().unwrap() = 0;
//!         Ok(())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! // In a `#[tokio::test(start_paused = true)]`, so that timeouts take no time.
//! let coverage = fault_matrix::<ShopSaga>(Shop::default, 2)
//!     .errors(|| "refused".to_owned())
//!     .invariant(|shop, end| {
//!         let left = (*shop.reserved.lock().unwrap(), *shop.charged.lock().unwrap());
//!         !end.is_compensated() || left == (0, 0)
//!     })
//!     .run()
//!     .await;
//! println!("{coverage}");
//! # }
//! ```

mod cell_run;
mod clock;
mod coverage;
#[cfg(feature = "durable")]
mod crashes;
mod difference;
mod ending;
mod fault;
mod group_order;
mod inject;
mod injected_errors;
mod judge;
mod log;
mod matrix;
mod matrix_failed;
mod plan;
mod snapshot;

pub use self::coverage::Coverage;
#[cfg(feature = "durable")]
pub use self::crashes::Probing;
pub use self::ending::Ending;
pub use self::fault::Fault;
pub use self::inject::Injecting;
pub use self::matrix::{FaultMatrix, Holds, fault_matrix};
pub use self::matrix_failed::{FailedCell, MatrixFailed};
pub use self::plan::LeftOut;
