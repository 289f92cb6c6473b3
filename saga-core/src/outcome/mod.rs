//! How attempts, steps and runs end.

mod cancellation;
mod failure;
mod record;

pub use self::cancellation::Cancellation;
pub(crate) use self::cancellation::{Limits, Request};
pub use self::failure::{ErrorText, ErrorView, Failure};
pub use self::record::{CompensationFailure, End, Outcome, StepRecord, Undo};
