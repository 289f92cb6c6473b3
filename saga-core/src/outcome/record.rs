//! How a saga that did not complete ended, and the outcome of each of its steps.

use core::fmt;

use crate::definition::Step;
use crate::outcome::{Doubt, ErrorText, GaveUp};

/// How a saga that did not complete ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum End {
    /// Every compensation that was due has run.
    Compensated,
    /// An operator must act: the report says how.
    Stuck,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compensated => "compensated",
            Self::Stuck => "stuck",
        })
    }
}

/// The outcome of one step.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct StepRecord {
    /// The step.
    pub step: &'static Step,
    /// How it went.
    pub outcome: Outcome,
    /// How its undo went.
    pub undo: Undo,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Outcome {
    /// Its turn did not come.
    NotRun,
    /// It has an output.
    Completed,
    /// Its condition returned `false`, so it did not run: its output is `None`.
    Skipped,
    /// It gave up, and did not take effect.
    Failed,
    /// It gave up, and may have taken effect.
    InDoubt,
}

impl Outcome {
    /// `completed`, `skipped`, `failed`, .., as in the JSON of a report. Suitable as a label of metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotRun => "not_run",
            Self::Completed => "completed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
        }
    }
}

/// How the undo of a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Undo {
    /// There was nothing to undo, or the step was not to be undone.
    NotDue,
    /// The compensation completed.
    Done,
    /// The compensation gave up. [`CompensationFailure::in_doubt`] says whether it may have undone the step.
    GaveUp,
}

/// A compensation that gave up.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CompensationFailure {
    /// The step that it should have undone.
    pub step: &'static Step,
    /// The failure of its last attempt.
    pub error: ErrorText,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether any attempt may have undone the step, because it timed out or panicked.
    pub in_doubt: bool,
    /// The first attempt that may have undone it, if that is known.
    pub doubt: Option<Doubt>,
}

impl CompensationFailure {
    pub(crate) fn new(step: &'static Step, gave_up: GaveUp<ErrorText>) -> Self {
        Self {
            step,
            error: gave_up.failure,
            attempts: gave_up.attempts,
            in_doubt: gave_up.in_doubt,
            doubt: gave_up.doubt,
        }
    }

    pub(crate) fn is_of(&self, step: &Step) -> bool {
        self.step.index == step.index
    }
}
