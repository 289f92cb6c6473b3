//! What the records of a saga say. `docs/journal.md` describes the encoding for other programs.

use serde::{Deserialize, Serialize};

use crate::call_id::{Begun, CallId};
use crate::journal::SagaState;

/// The newest form of records that this version reads: compared with [`Record::min_reader`](crate::Record).
pub const READER: u32 = 1;

/// What one record of a saga says.
///
/// Everything that decides how a saga goes on is in here; the value of a record is data. A journal keeps it as
/// [`to_json`](Self::to_json) writes it, or in a form of its own.
///
/// The list is closed, for a program that goes on with a saga has to know all of it: what is added raises the
/// [`min_reader`](Self::min_reader).
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
        /// What begins with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
    },
    /// A step that has a condition, or runs a saga, is in flight: the condition is asked, or the input made.
    /// Nothing of it has run.
    Preparing {
        /// The call.
        call: CallId,
    },
    /// An attempt begins: one that was waited for, one whose step has a condition that said yes, or one that
    /// no earlier record began.
    Began {
        /// The call.
        call: CallId,
        /// Which attempt, counted from 1.
        attempt: u32,
    },
    /// An attempt of a step that runs a saga begins. The value is the input of that saga.
    NestedBegan {
        /// The call of the step.
        call: CallId,
        /// Which attempt, counted from 1.
        attempt: u32,
        /// When the deadline of the nested run passes, in milliseconds since 1970.
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
        /// Which attempt, counted from 1.
        attempt: u32,
        /// How many crashes there were during the call since anything of it was recorded to have ended.
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
        /// How long the next attempt waits, in milliseconds; it begins at once without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait: Option<u64>,
    },
    /// A call completed. The value is its output: none of a compensation, of a step that was skipped, and of a
    /// step that runs a saga, whose own records have it.
    Completed {
        /// The call.
        call: CallId,
        /// Whether its condition said no.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        skipped: bool,
        /// What begins with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
        /// Whether the saga completed with it: then the value is the output of the saga too.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        ends: bool,
    },
    /// A call makes no other attempt. The value is the failure.
    GaveUp {
        /// The call.
        call: CallId,
        /// How many attempts there were.
        attempts: u32,
        /// Whether any of them may have taken effect.
        in_doubt: bool,
        /// Why, if the run was ended from outside.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cancelled: Option<Why>,
        /// What begins with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        begins: Vec<Begun>,
    },
    /// The engine was shut down in order, and dropped these calls: they were interrupted, by no crash.
    Dropped {
        /// What was in flight.
        calls: Vec<Begun>,
    },
    /// The saga is to be rolled back.
    CancelRequested {},
    /// The saga ended. The value is its report, or its output if it completed.
    Ended {
        /// How.
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
    /// Whether the saga has ended with this.
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

    /// The entry as JSON in one line, an object with one key that says what happened.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts, numbers and flags can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The entry of this JSON.
    ///
    /// # Errors
    ///
    /// When it is none of those that this version writes: an unknown key is refused, for what it says would be
    /// lost.
    pub fn from_json(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }
}
