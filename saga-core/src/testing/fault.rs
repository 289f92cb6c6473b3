//! Faults and cells, and their names.

use core::fmt;

/// What a cell does to one step, or to one compensation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// Every attempt returns an error before its effect: the method is not called.
    Error,
    /// Every attempt runs the method, discards its output, and times out.
    InDoubtAfterEffect,
    /// Every attempt times out, and the method is not called.
    InDoubtWithoutEffect,
    /// The attempt runs the method, discards its output, and panics. An attempt of a compensation is repeated under its
    /// policy.
    Panic,
    /// The first attempt returns an error before its effect, which the policy accepts for another attempt.
    ErrorThenSuccess,
    /// The run is cancelled while the step runs, which then completes.
    Cancellation,
    /// The method runs twice with one idempotency key, as after a crash; the first output is discarded.
    Twice,
    /// The process ends after the method took effect, and before its end is recorded.
    CrashBefore,
    /// The process ends after the end of the call was recorded, and before the saga goes on.
    CrashAfter,
    /// The process ends as with [`CrashBefore`](Self::CrashBefore), and when the step is called again every attempt
    /// returns an error before its effect.
    CrashThenError,
}

impl Fault {
    /// The faults of a step, in the order of the columns.
    pub const OF_STEPS: [Self; 7] = [
        Self::Error,
        Self::InDoubtAfterEffect,
        Self::InDoubtWithoutEffect,
        Self::Panic,
        Self::ErrorThenSuccess,
        Self::Cancellation,
        Self::Twice,
    ];

    /// The faults of a compensation that is due because of a fault of a step. [`Twice`](Self::Twice) is added where the
    /// compensation is due for the first time.
    pub const OF_COMPENSATIONS: [Self; 3] = [Self::Error, Self::ErrorThenSuccess, Self::Panic];

    /// The faults of a step or its compensation in a matrix with [`crashes`], which have columns of their own.
    ///
    /// [`crashes`]: super::FaultMatrix::crashes
    #[cfg(feature = "durable")]
    pub const OF_CRASHES: [Self; 3] = [Self::CrashBefore, Self::CrashAfter, Self::CrashThenError];

    /// The text that follows the name of a step: "panics".
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "fails",
            Self::InDoubtAfterEffect => "is in doubt after its effect",
            Self::InDoubtWithoutEffect => "is in doubt without effect",
            Self::Panic => "panics",
            Self::ErrorThenSuccess => "fails, then succeeds",
            Self::Cancellation => "is cancelled",
            Self::Twice => "runs twice",
            Self::CrashBefore => "crash before its record",
            Self::CrashAfter => "crash after its record",
            Self::CrashThenError => "crash, then fails",
        }
    }

    /// What it does to this attempt, counted from 1. `None` if the attempt is left alone.
    pub(super) const fn at(self, attempt: u32) -> Option<Self> {
        match self {
            Self::Error | Self::InDoubtAfterEffect | Self::InDoubtWithoutEffect | Self::Panic => {
                Some(self)
            }
            Self::ErrorThenSuccess if attempt == 1 => Some(Self::Error),
            Self::Cancellation | Self::Twice if attempt == 1 => Some(self),
            Self::ErrorThenSuccess
            | Self::Cancellation
            | Self::Twice
            | Self::CrashBefore
            | Self::CrashAfter
            | Self::CrashThenError => None,
        }
    }

    pub(super) const fn is_doubt(self) -> bool {
        matches!(self, Self::InDoubtAfterEffect | Self::InDoubtWithoutEffect)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fault of a step or compensation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FaultAt {
    /// The names of the steps around it and its own, separated by `/`.
    pub(super) step: String,
    /// What is called: like `step`, or with the method of the compensation in place of the last name.
    pub(super) called: String,
    pub(super) fault: Fault,
}

/// The members of a group by name, in the order in which they finish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    /// The steps around the group, each followed by a `/`.
    pub(super) prefix: String,
    pub(super) members: Vec<&'static str>,
    /// Whether it is the order of the definition.
    pub(super) is_natural: bool,
}

/// One run of the saga.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cell {
    /// The fault of a step; `None` in the run that shows that the saga can complete.
    pub(super) step: Option<FaultAt>,
    /// The fault of a compensation that is then due.
    pub(super) undo: Option<FaultAt>,
    pub(super) order: Option<Order>,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(step) = &self.step else {
            return f.write_str("nothing fails");
        };
        write!(f, "{} {}", step.called, step.fault)?;
        if let Some(undo) = &self.undo {
            write!(f, "; {} {}", undo.called, undo.fault)?;
        }
        match &self.order {
            Some(order) if !order.is_natural => {
                write!(f, "; in the order {}", order.members.join(", "))
            }
            _ => Ok(()),
        }
    }
}
