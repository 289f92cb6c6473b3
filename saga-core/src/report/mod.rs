//! What happened in a run that did not complete, for a person and for a program.
//!
//! There is one way: the values of a run become plain data, in which each of them is text already, and
//! the data becomes text for a person or, with the feature `serde`, JSON. So a [`Report`] that was
//! stored and read back says the same, to the letter.

// `build` knows `text` and `data`, `left_over` knows `build` and `data`, `text` and `json` know `data`, and
// `data` none of them.
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
