//! How attempts, steps and runs end.

mod cancellation;
mod failure;
mod failure_kind;
mod json_form;
mod record;
mod stop;
mod value;

pub use self::cancellation::Cancellation;
pub use self::failure::{ErrorText, ErrorView, Failure};
pub use self::failure_kind::FailureKind;
pub use self::json_form::JsonForm;
pub use self::record::{CompensationFailure, End, Outcome, StepRecord, Undo};
pub use self::stop::{Doubt, GaveUp, Stop};
pub use self::value::Value;
pub use saga_journal::Prevention;
