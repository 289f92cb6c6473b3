//! The kind of a failure: one of few values, for metrics.

/// How the last attempt of a step that gave up ended, as the variants of [`Failure`](crate::Failure); or why the run
/// was ended from outside, as those of [`Cancellation`](crate::Cancellation).
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
    /// It exceeded the time limit of its policy, which is
    /// [`FailureReport::limit_us`](crate::report::FailureReport::limit_us).
    TimedOut,
    /// The method panicked.
    Panicked,
    /// The process ended while the attempt was in flight.
    Interrupted,
    /// It failed in an earlier process; only the text of its error was recorded.
    Recorded,
    /// No attempt, or no further one, could begin.
    NotStarted,
    /// No step gave up first: the run was cancelled.
    Cancelled,
    /// No step gave up first: the deadline of the run passed.
    DeadlineExceeded,
}

impl FailureKind {
    /// `error`, `timed_out`, `panicked`, .., as in the JSON of a report. Suitable as a label of metrics.
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
