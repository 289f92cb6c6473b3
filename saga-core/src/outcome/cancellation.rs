//! What ends a run from outside: a cancellation or its deadline.

use core::fmt;

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

#[cfg(feature = "durable")]
impl From<Cancellation> for saga_journal::Why {
    fn from(why: Cancellation) -> Self {
        match why {
            Cancellation::Requested => Self::Requested,
            Cancellation::DeadlineExceeded => Self::DeadlineExceeded,
        }
    }
}

#[cfg(feature = "durable")]
impl From<saga_journal::Why> for Cancellation {
    fn from(why: saga_journal::Why) -> Self {
        match why {
            saga_journal::Why::Requested => Self::Requested,
            saga_journal::Why::DeadlineExceeded => Self::DeadlineExceeded,
        }
    }
}
