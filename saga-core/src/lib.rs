//! Sagas from annotated impl blocks: a type-checked state machine, a driver that runs and rolls
//! back, and a report that explains what happened.
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
mod context;
mod definition;
mod driver;
mod error;
mod executor;
mod failure;
mod id;
mod in_memory;
mod options;
mod panics;
mod policy;
mod report;
mod saga;

pub use crate::attempts::{Attempts, attempts};
pub use crate::context::{Attempt, Cause, StepContext};
pub use crate::definition::{
    Compensation, Definition, Kind, Location, Parameter, Phase, Source, Step,
};
pub use crate::driver::{Ended, drive};
pub use crate::error::{CompensationFailure, End, Outcome, SagaError, StepRecord, Undo};
pub use crate::executor::{Begin, Call, Execute, Executor, Faults, GaveUp, Stop};
pub use crate::failure::{ErrorText, ErrorView, Failure};
pub use crate::id::SagaId;
pub use crate::in_memory::InMemory;
pub use crate::options::{OptionsError, RunOptions};
pub use crate::policy::{Backoff, Policy};
pub use crate::report::Report;
pub use crate::saga::{Machine, Saga, Slots, StepError, Value};

pub use saga_macros::saga;
