//! The looks of nodes: one list for all syntaxes, so that they agree.
//!
//! The fills are light enough for black text, and no two looks differ by fill alone: the text of a node says what it
//! is.

use crate::diagram::model::UndoWent;
use crate::outcome::{Outcome, Undo};
use crate::report::StepKind;

/// The look of a node: what it is, or its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    Plain,
    ReadOnly,
    NotUndoable,
    Pivot,
    Forward,
    Undo,
    PivotLine,
    Completed,
    Skipped,
    Failed,
    InDoubt,
    NotRun,
    Undone,
    NotUndone,
    PerhapsNotUndone,
    NotDue,
}

/// The attributes of a look.
pub(super) struct Paint {
    /// The name of the look in a diagram.
    pub(super) class: &'static str,
    pub(super) fill: &'static str,
    pub(super) line: &'static str,
    pub(super) width: u8,
    pub(super) dashed: bool,
    pub(super) text: &'static str,
    /// For the look of an outcome, its meaning.
    pub(super) legend: Option<&'static str>,
}

const BLACK: &str = "#111111";

impl Look {
    pub(super) const fn of_kind(kind: StepKind) -> Self {
        match kind {
            StepKind::Compensatable | StepKind::Last => Self::Plain,
            StepKind::ReadOnly => Self::ReadOnly,
            StepKind::NoCompensation => Self::NotUndoable,
            StepKind::Pivot => Self::Pivot,
            StepKind::Retriable => Self::Forward,
        }
    }

    pub(super) const fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::NotRun => Self::NotRun,
            Outcome::Completed => Self::Completed,
            Outcome::Skipped => Self::Skipped,
            Outcome::Failed => Self::Failed,
            Outcome::InDoubt => Self::InDoubt,
        }
    }

    pub(super) const fn of_undo(went: &UndoWent) -> Self {
        match (went.undo, went.in_doubt) {
            (Undo::NotDue, _) => Self::NotDue,
            (Undo::Done, _) => Self::Undone,
            (Undo::GaveUp, false) => Self::NotUndone,
            (Undo::GaveUp, true) => Self::PerhapsNotUndone,
        }
    }

    pub(super) const fn paint(self) -> Paint {
        let (class, fill, line, width, dashed) = match self {
            Self::Plain => ("plain", "#ffffff", "#333333", 1, false),
            Self::ReadOnly => ("readonly", "#eeeeee", "#666666", 1, false),
            Self::NotUndoable => ("not_undoable", "#fde8d0", "#9a5b00", 2, true),
            Self::Pivot => ("pivot", "#fff2b3", "#8a6d00", 4, false),
            Self::Forward => ("forward", "#e3f1fb", "#005a8c", 2, false),
            Self::Undo => ("undo", "#f3eaf7", "#6b3f7f", 1, true),
            Self::PivotLine => ("pivot_line", BLACK, BLACK, 1, false),
            Self::Completed => ("completed", "#d5efdd", "#1b7a3d", 2, false),
            Self::Skipped => ("skipped", "#e6e6e6", "#666666", 1, true),
            Self::Failed => ("failed", "#f8c9c4", "#b3261e", 4, false),
            Self::InDoubt => ("in_doubt", "#ffe3a3", "#9a6700", 4, true),
            Self::NotRun => ("not_run", "#ffffff", "#999999", 1, true),
            Self::Undone => ("undone", "#d3e6f8", "#1f5f99", 2, false),
            Self::NotUndone => ("not_undone", "#f8c9c4", "#b3261e", 4, false),
            Self::PerhapsNotUndone => ("perhaps_not_undone", "#ffe3a3", "#9a6700", 4, true),
            Self::NotDue => ("not_due", "#ffffff", "#999999", 1, true),
        };
        Paint {
            class,
            fill,
            line,
            width,
            dashed,
            text: match self {
                Self::PivotLine => "#ffffff",
                _ => BLACK,
            },
            legend: self.legend(),
        }
    }

    const fn legend(self) -> Option<&'static str> {
        match self {
            Self::Completed => Some("✓ completed"),
            Self::Skipped => Some("↷ skipped: its condition said no"),
            Self::Failed => Some("✗ failed: it did not take effect"),
            Self::InDoubt => Some("? in doubt: it may have taken effect"),
            Self::NotRun => Some("– not run: its turn did not come"),
            Self::Undone => Some("↶ undone: the compensation ran"),
            Self::NotUndone => Some("✗ gave up: not undone"),
            Self::PerhapsNotUndone => Some("? in doubt: perhaps not undone"),
            Self::NotDue => Some("– not due: the compensation was not to run"),
            Self::Plain
            | Self::ReadOnly
            | Self::NotUndoable
            | Self::Pivot
            | Self::Forward
            | Self::Undo
            | Self::PivotLine => None,
        }
    }
}
