//! How a run ended, for the expectation of a cell and for invariants.

use core::fmt;

use crate::drive::Ended;
use crate::machine::{Saga, StepError as _};
use crate::observe::SagaOutcome;

/// How the run of one cell ended: an invariant gets it beside the service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ending {
    /// Completed, compensated or stuck.
    pub outcome: SagaOutcome,
    /// The step that gave up. `None` if the run completed or was cancelled.
    pub step: Option<&'static str>,
    /// How many attempts of that step were made.
    pub attempts: u32,
    /// Whether any of them may have taken effect.
    pub in_doubt: bool,
    /// Whether the run was ended by the cancellation.
    pub cancelled: bool,
    /// The steps whose compensations gave up, in the order in which they did.
    pub left: Vec<&'static str>,
}

impl Ending {
    pub(super) const fn completed() -> Self {
        Self {
            outcome: SagaOutcome::Completed,
            step: None,
            attempts: 0,
            in_doubt: false,
            cancelled: false,
            left: Vec::new(),
        }
    }

    pub(super) fn of<S: Saga>(ended: &Ended<S>) -> Self {
        let Err(error) = ended else {
            return Self::completed();
        };
        let left = error.compensation_failures().iter();
        Self {
            outcome: error.end().into(),
            step: error.step().map(|step| step.name),
            attempts: error.attempts(),
            in_doubt: error.in_doubt(),
            cancelled: error.error().cancellation().is_some(),
            left: left.map(|failure| failure.step.name).collect(),
        }
    }

    /// Whether the run has an output.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.outcome == SagaOutcome::Completed
    }

    /// Whether every compensation that was due has run, so that no effect of the run is left.
    #[must_use]
    pub fn is_compensated(&self) -> bool {
        self.outcome == SagaOutcome::Compensated
    }

    /// Whether an operator must act.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.outcome == SagaOutcome::Stuck
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.outcome.as_str())?;
        if self.cancelled {
            f.write_str(", cancelled")?;
        }
        if let Some(step) = self.step {
            let doubt = if self.in_doubt { "in doubt" } else { "gave up" };
            let attempts = match self.attempts {
                1 => "1 attempt".to_owned(),
                many => format!("{many} attempts"),
            };
            write!(f, ", `{step}` {doubt} after {attempts}")?;
        }
        for (index, left) in self.left.iter().enumerate() {
            let before = if index == 0 { ", not undone:" } else { "," };
            write!(f, "{before} `{left}`")?;
        }
        Ok(())
    }
}
