//! What happened in a run that did not complete, for a person and for a program.
//!
//! One way, in three files: the values of a run become plain data (`build`), in which every value is
//! text already (`data`), and the data becomes text for a person (`text`) or, with the feature
//! `serde`, JSON. So a report that was stored and read back says the same, to the letter.

mod build;
mod data;
mod text;

pub use self::data::{
    Argument, CodeLocation, CompensationReport, FailureKind, FailureReport, LeftOver, Report,
    StepKind, StepReport, UndoFailure,
};

pub(crate) use self::build::{report_of, summary_of};
pub(crate) use self::text::one_line;
