//! What became of a saga that did not complete, and of each of its steps.

use core::fmt;

use crate::definition::Step;
use crate::outcome::{ErrorText, GaveUp};

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
    /// Something needs a person: the report says what.
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

/// What became of one step.
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
    /// Its condition said no, so it was not carried out: its output is `None`.
    Skipped,
    /// It gave up, and did not take effect.
    Failed,
    /// It gave up, and may have taken effect.
    InDoubt,
}

impl Outcome {
    /// `completed`, `skipped`, `failed`, .., as in a report that is JSON: for the labels of metrics.
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
    /// There was nothing to undo, or it was not to be undone.
    NotDue,
    /// The compensation completed.
    Done,
    /// The compensation gave up, and may have undone the step all the same: that says
    /// [`CompensationFailure::in_doubt`].
    GaveUp,
}

/// A compensation that gave up.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CompensationFailure {
    /// The step that it was to undo.
    pub step: &'static Step,
    /// What its last attempt failed with.
    pub error: ErrorText,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether any of them may have undone the step all the same: it timed out, or panicked.
    pub in_doubt: bool,
}

impl CompensationFailure {
    pub(crate) fn new(step: &'static Step, gave_up: GaveUp<ErrorText>) -> Self {
        Self {
            step,
            error: gave_up.failure,
            attempts: gave_up.attempts,
            in_doubt: gave_up.in_doubt,
        }
    }

    pub(crate) fn is_of(&self, step: &Step) -> bool {
        self.step.index == step.index
    }
}
