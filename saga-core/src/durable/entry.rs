//! What the records of a saga say: the heads, which are written as JSON. `docs/journal.md` is their
//! description for others.

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::cancellation::Cancellation;
use crate::memory::EndedBefore;
use crate::record::End;

/// What stands for the compensation that comes next, whichever that is.
pub(super) const NEXT_UNDO: &str = "undo";

/// One record's head.
///
/// A call is written as the way to its step and its phase: `charge/do`, `charge/undo`; of a step of a saga that
/// step `pay` runs in its second attempt, `pay/2/charge/do`. `begins` are the calls that are in hand from then on:
/// of a step those that are to be carried out next, or [`NEXT_UNDO`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Entry {
    /// The saga was submitted. The value is its input.
    Submitted {
        /// When its deadline passes, in milliseconds since 1970.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<u64>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<String>,
    },
    /// An attempt begins that no record before said to begin.
    Began {
        call: String,
        attempt: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<String>,
    },
    /// The process ended while this attempt was in hand, so many times by now. It begins again.
    Interrupted {
        call: String,
        attempt: u32,
        times: u32,
        in_doubt: bool,
    },
    /// An attempt failed. Another begins, at once or after a wait of so many milliseconds. The value is the
    /// failure.
    Failed {
        call: String,
        /// The next attempt.
        next: u32,
        in_doubt: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait: Option<u64>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<String>,
    },
    /// A call completed. The value is the output.
    Completed {
        call: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<String>,
        /// Whether the saga has completed with it.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        ends: bool,
    },
    /// A call gave up, or the run was ended from outside when it was carried out. The value is the failure.
    GaveUp {
        call: String,
        attempts: u32,
        in_doubt: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cancelled: Option<Why>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<String>,
    },
    /// Somebody asked for the saga to end.
    CancelRequested {},
    /// The saga ended, and did not complete. The value is its report, if it could be written.
    Ended { end: End },
}

/// Why a run was ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    Requested,
    DeadlineExceeded,
}

impl From<Cancellation> for Why {
    fn from(why: Cancellation) -> Self {
        match why {
            Cancellation::Requested => Self::Requested,
            Cancellation::DeadlineExceeded => Self::DeadlineExceeded,
        }
    }
}

impl From<Why> for Cancellation {
    fn from(why: Why) -> Self {
        match why {
            Why::Requested => Self::Requested,
            Why::DeadlineExceeded => Self::DeadlineExceeded,
        }
    }
}

impl Entry {
    /// A call that ended like this, and did not complete.
    pub(super) fn gave_up(call: String, end: EndedBefore, begins: Vec<String>) -> Self {
        Self::GaveUp {
            call,
            attempts: end.attempts,
            in_doubt: end.in_doubt,
            cancelled: end.cancelled.map(Why::from),
            begins,
        }
    }

    pub(super) fn head(&self) -> String {
        // Strings, numbers and flags can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Milliseconds since 1970, by the clock of the machine.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    millis(since.unwrap_or_default())
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
