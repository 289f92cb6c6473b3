//! What prevented another attempt.

/// What prevented another attempt of a call, which its policy allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Prevention {
    /// The run was cancelled.
    Cancelled,
    /// The deadline of the run passed.
    DeadlineExceeded,
    /// Another member of its parallel group gave up.
    Sibling,
    /// The step is executed at most once, and an attempt may have taken effect.
    AtMostOnce,
}

impl Prevention {
    /// `cancelled`, `deadline_exceeded`, .., as in records and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Sibling => "sibling",
            Self::AtMostOnce => "at_most_once",
        }
    }
}
