//! What kind of failure something is, to be counted by.

/// How the last attempt of a step that gave up ended, the variants of [`Failure`](crate::Failure); or why
/// the run was ended from outside, those of [`Cancellation`](crate::Cancellation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum FailureKind {
    /// The method returned an error.
    Error,
    /// It took longer than its policy allows, which is [`FailureReport::limit_us`](crate::report::FailureReport::limit_us).
    TimedOut,
    /// The method panicked.
    Panicked,
    /// The process ended while the attempt was in flight.
    Interrupted,
    /// It failed in an earlier life of the process; only its text was recorded.
    Recorded,
    /// No attempt, or no further one, could be begun.
    NotStarted,
    /// No step: the run was cancelled.
    Cancelled,
    /// No step: the deadline of the run passed.
    DeadlineExceeded,
}

impl FailureKind {
    /// `error`, `timed_out`, `panicked`, .., as in a report that is JSON: for the labels of metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::TimedOut => "timed_out",
            Self::Panicked => "panicked",
            Self::Interrupted => "interrupted",
            Self::Recorded => "recorded",
            Self::NotStarted => "not_started",
            Self::Cancelled => "cancelled",
            Self::DeadlineExceeded => "deadline_exceeded",
        }
    }
}
