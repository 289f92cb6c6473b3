//! The content of records. `docs/journal.md` describes the encoding for other programs.

use serde::{Deserialize, Serialize};

use crate::call_id::{Begun, CallId};
use crate::journal::SagaState;
use crate::prevention::Prevention;

/// The newest form of records that this version reads: compared with [`Record::min_reader`](crate::Record).
pub const READER: u32 = 1;

/// The content of one record of a saga.
///
/// It has everything that decides how a saga goes on; the value of a record is data. A journal stores it as
/// [`to_json`](Self::to_json) writes it, or in a form of its own.
///
/// The list is closed, because a program that resumes a saga must know all entries: a new one raises the
/// [`min_reader`](Self::min_reader).
///
/// `begins` are the calls that are in flight from this record on: a crash after it may have interrupted them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// The saga was submitted. The value is its input.
    Submitted {
        /// When the deadline passes, in milliseconds since the Unix epoch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<u64>,
        /// The trace in which it was submitted, as text: what W3C calls a `traceparent`. It decides nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trace_context: Option<String>,
        /// The calls that begin with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
    },
    /// A step that has a condition, or runs a saga, is in flight: its condition or its input is being computed. No
    /// attempt has run.
    Preparing {
        /// The call.
        call: CallId,
    },
    /// An attempt begins: its wait is over, the condition of its step returned `true`, or no earlier record began it.
    Began {
        /// The call.
        call: CallId,
        /// The number of the attempt, counted from 1.
        attempt: u32,
    },
    /// An attempt of a step that runs a saga begins. The value is the input of that saga.
    NestedBegan {
        /// The call of the step.
        call: CallId,
        /// The number of the attempt, counted from 1.
        attempt: u32,
        /// When the deadline of the nested run passes, in milliseconds since the Unix epoch, if it is its own: without
        /// it, that of the run around it holds, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<u64>,
        /// The first calls of the nested run.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
    },
    /// The process ended while this call was in flight, and the call begins again, as the same attempt.
    Interrupted {
        /// The call.
        call: CallId,
        /// The number of the attempt, counted from 1.
        attempt: u32,
        /// The number of crashes during the call since the last record of the end of an attempt.
        times: u32,
        /// Whether it may have taken effect.
        in_doubt: bool,
    },
    /// An attempt failed, and another follows. The value is the failure.
    Failed {
        /// The call.
        call: CallId,
        /// The next attempt.
        next: u32,
        /// Whether any attempt so far may have taken effect.
        in_doubt: bool,
        /// How long the next attempt waits, in milliseconds. Without it, the attempt begins at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait: Option<u64>,
    },
    /// A call completed. The value is its output. There is no value for a compensation, for a step that was skipped,
    /// and for a step that runs a saga, whose own records have the output.
    Completed {
        /// The call.
        call: CallId,
        /// Whether its condition returned `false`.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        skipped: bool,
        /// The calls that begin with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
        /// Whether the saga completed with it. Then the value is the output of the saga too.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        ends: bool,
    },
    /// A call makes no other attempt. The value is the failure.
    GaveUp {
        /// The call.
        call: CallId,
        /// The number of attempts.
        attempts: u32,
        /// Whether any of them may have taken effect.
        in_doubt: bool,
        /// Whether the process ended during the last attempt, which is not made again.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        interrupted: bool,
        /// What prevented another attempt that was allowed. A cancellation or a deadline did also if no attempt was
        /// made, and if it ended the nested run that the last attempt was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prevented_by: Option<Prevention>,
        /// The calls that begin with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
    },
    /// The engine was shut down in order and dropped these calls: they were interrupted, but not by a crash.
    Dropped {
        /// What was in flight.
        calls: Vec<Begun>,
    },
    /// The saga was cancelled, and must be rolled back.
    CancelRequested {},
    /// The saga ended. The value is its report, or its output if it completed.
    Ended {
        /// How it ended.
        end: SagaState,
    },
}

impl Entry {
    /// Whether the saga ended with this record.
    #[must_use]
    pub const fn is_end(&self) -> bool {
        matches!(
            self,
            Self::Completed { ends: true, .. } | Self::Ended { .. }
        )
    }

    /// The lowest [`READER`] that reads it.
    #[must_use]
    pub const fn min_reader(&self) -> u32 {
        1
    }

    /// The entry as JSON in one line: an object with one key, which says what happened.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Cannot fail: the fields are texts, numbers and flags.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The entry that this JSON stands for.
    ///
    /// # Errors
    ///
    /// If this version does not know the entry or one of its keys: ignoring a key would lose what it says.
    pub fn from_json(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }
}
