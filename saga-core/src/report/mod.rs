//! The report of a run that did not complete, for an operator and for programs.
//!
//! The values of a run are converted to plain data in which every value is text, and the data is written as text for an
//! operator or, with the feature `serde`, as JSON. A [`Report`] that was stored and read back therefore writes exactly
//! the same text.

// Imports: `build` from `text` and `data`, `left_over` from `build` and `data`, `text` and `json` from `data`; `data`
// from none of them.
mod build;
mod data;
#[cfg(feature = "serde")]
mod json;
mod left_over;
mod text;

#[cfg(feature = "durable")]
pub(crate) use self::build::lacks_a_run;
pub use self::build::{Around, NestedRun};
pub(crate) use self::build::{RunShown, Values, located, numbered};
pub(crate) use self::data::whole_us;
pub use self::data::{
    Argument, CodeLocation, CompensationReport, FailureReport, LeftOver, NestedReport, Report,
    StepKind, StepReport, UndoFailure,
};
pub(crate) use self::text::{Also, Summary};
pub use crate::outcome::{CompensationFailure, FailureKind, Outcome, StepRecord, Undo};
