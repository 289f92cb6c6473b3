//! How far a run has come, for those who wait for it.

use core::fmt;
use std::sync::{Mutex, PoisonError};

use crate::definition::{Definition, Phase, Step};
use crate::run::Call;

/// How far a run has come: from [`SagaHandle::position`](crate::SagaHandle::position). `Display` writes part of a
/// sentence: "at step `charge_card`, attempt 2".
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Position {
    /// No step has begun.
    NotStarted,
    /// A step runs. In a parallel group, it is the member whose attempt began last.
    Step {
        /// The step.
        step: &'static Step,
        /// The attempt that began last, counted from 1: it is in flight, or it failed and the next one is waited for.
        attempt: u32,
    },
    /// A step is undone.
    Compensation {
        /// The step.
        step: &'static Step,
        /// The attempt that began last, counted from 1: it is in flight, or it failed and the next one is waited for.
        attempt: u32,
    },
    /// The run has ended, whatever the outcome.
    Ended,
}

impl Position {
    pub(crate) const fn of(call: Call<'_>, attempt: u32) -> Self {
        let step = call.step;
        match call.phase {
            Phase::Step => Self::Step { step, attempt },
            Phase::Compensation => Self::Compensation { step, attempt },
        }
    }

    /// Whether a cancellation comes too late to have an effect.
    pub(crate) fn is_final(self, definition: &'static Definition) -> bool {
        match self {
            Self::NotStarted => false,
            Self::Step { step, .. } => definition.is_past_the_pivot(step),
            Self::Compensation { .. } | Self::Ended => true,
        }
    }
}

/// Writes part of a sentence: "at step `charge_card`, attempt 2".
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted => f.write_str("before its first step"),
            Self::Step { step, attempt } => match step.group {
                None => write!(f, "at step `{}`, attempt {attempt}", step.name),
                Some(group) => write!(
                    f,
                    "in the group `{group}` (last begun: step `{}`, attempt {attempt})",
                    step.name
                ),
            },
            Self::Compensation { step, attempt } => {
                write!(f, "undoing step `{}`, attempt {attempt}", step.name)
            }
            Self::Ended => f.write_str("at its end"),
        }
    }
}

/// The position of a run, set by the run and read by its handle.
#[derive(Debug)]
pub(crate) struct Progress(Mutex<Position>);

impl Progress {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Position::NotStarted))
    }

    pub(crate) fn set(&self, position: Position) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = position;
    }

    pub(crate) fn get(&self) -> Position {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
