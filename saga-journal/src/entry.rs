//! The entries of records. `docs/journal.md` describes the encoding for other programs.

use serde::{Deserialize, Serialize};

use crate::call_id::{Begun, CallId};
use crate::journal::SagaState;

/// The newest format of records that this version reads. It is compared with [`Record::min_reader`](crate::Record).
pub const READER: u32 = 1;

/// What one record of a saga says.
///
/// An entry contains everything that decides how a saga continues; the value of a record is only data. A journal
/// stores the entry as [`to_json`](Self::to_json) writes it, or in a form of its own.
///
/// The list is closed, because a program that continues a saga has to understand all of its records. A new kind of
/// entry raises the [`min_reader`](Self::min_reader).
///
/// `begins` are the calls that are in flight from this record on: a crash after it may have interrupted them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// The saga was submitted. The value is its input.
    Submitted {
        /// When its deadline passes, in milliseconds since 1970.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<u64>,
        /// The calls that are in flight from now on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
    },
    /// A step that has a condition or runs a saga is being prepared: its condition is evaluated, or the input of
    /// its saga is made. Nothing of the step has run.
    Preparing {
        /// The call.
        call: CallId,
    },
    /// An attempt begins: one after a wait, one whose condition was true, or one that no earlier record began.
    Began {
        /// The call.
        call: CallId,
        /// The attempt, counted from 1.
        attempt: u32,
    },
    /// An attempt of a step that runs a saga begins. The value is the input of that saga.
    NestedBegan {
        /// The call of the step.
        call: CallId,
        /// The attempt, counted from 1.
        attempt: u32,
        /// When the deadline of the nested run passes, in milliseconds since 1970.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<u64>,
        /// The first calls of the nested run.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
    },
    /// The process ended while this call was in flight. The call begins again, as the same attempt.
    Interrupted {
        /// The call.
        call: CallId,
        /// The attempt, counted from 1.
        attempt: u32,
        /// How many crashes interrupted the call since the last record that an attempt of it ended.
        times: u32,
        /// Whether it may have taken effect.
        in_doubt: bool,
    },
    /// An attempt failed, and another follows. The value is the failure.
    Failed {
        /// The call.
        call: CallId,
        /// The number of the next attempt.
        next: u32,
        /// Whether any attempt so far may have taken effect.
        in_doubt: bool,
        /// How long the next attempt waits, in milliseconds. Without it, the attempt begins at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait: Option<u64>,
    },
    /// A call completed. The value is its output. A compensation and a skipped step have none, and that of a step
    /// that runs a saga is in the records of that saga.
    Completed {
        /// The call.
        call: CallId,
        /// Whether its condition was false.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        skipped: bool,
        /// The calls that are in flight from now on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
        /// Whether this completed the saga. The value is then also the output of the saga.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        ends: bool,
    },
    /// A call gave up: it has no other attempt. The value is the failure.
    GaveUp {
        /// The call.
        call: CallId,
        /// How many attempts there were.
        attempts: u32,
        /// Whether any of them may have taken effect.
        in_doubt: bool,
        /// Why the run was ended from outside, if it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cancelled: Option<Why>,
        /// The calls that are in flight from now on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
    },
    /// The engine was shut down in order and dropped these calls. They were interrupted, but not by a crash.
    Dropped {
        /// The calls that were in flight.
        calls: Vec<Begun>,
    },
    /// The cancellation of the saga was requested.
    CancelRequested {},
    /// The saga ended. The value is its report, or its output if it completed.
    Ended {
        /// How it ended.
        end: SagaState,
    },
}

/// Why a run was ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// A caller asked for it.
    Requested,
    /// Its deadline passed.
    DeadlineExceeded,
}

impl Entry {
    /// Whether this entry ends the saga.
    #[must_use]
    pub const fn is_end(&self) -> bool {
        matches!(
            self,
            Self::Completed { ends: true, .. } | Self::Ended { .. }
        )
    }

    /// The oldest [`READER`] that reads it.
    #[must_use]
    pub const fn min_reader(&self) -> u32 {
        1
    }

    /// The entry as JSON on one line: an object with one key that says what happened.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts, numbers and flags always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Parses an entry from its JSON.
    ///
    /// # Errors
    ///
    /// If it is not an entry of this version. An unknown key is an error, because its meaning would be lost.
    pub fn from_json(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }
}
