//! What ends a run from outside: a cancellation or its deadline.

use core::fmt;

use saga_journal::Prevention;

/// Why a run was ended from outside. If both happened, the cancellation is reported.
///
/// An error enum has the variants `Cancelled` and `DeadlineExceeded` for it; for any error enum
/// [`StepError::cancellation`](crate::StepError::cancellation) returns it. `Display` writes what a report says:
/// "cancelled", "the deadline passed".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cancellation {
    /// The run was cancelled, by a [token](crate::RunOptions::cancellation) or a [handle](crate::SagaHandle::cancel).
    Requested,
    /// Its [deadline](crate::RunOptions::deadline) passed.
    DeadlineExceeded,
}

impl fmt::Display for Cancellation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requested => "cancelled",
            Self::DeadlineExceeded => "the deadline passed",
        })
    }
}

impl Cancellation {
    /// What prevented another attempt, if it was this.
    pub(crate) const fn prevention(self) -> Prevention {
        match self {
            Self::Requested => Prevention::Cancelled,
            Self::DeadlineExceeded => Prevention::DeadlineExceeded,
        }
    }

    /// Why a run was ended from outside, if that prevented an attempt.
    pub(crate) const fn of(prevention: Prevention) -> Option<Self> {
        match prevention {
            Prevention::Cancelled => Some(Self::Requested),
            Prevention::DeadlineExceeded => Some(Self::DeadlineExceeded),
            Prevention::Sibling | Prevention::AtMostOnce => None,
        }
    }
}
