//! What the records of a saga say about a call.

use saga_core::durable::{Begun, CallId, Entry, Prevention};

/// How a call ended, according to its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recorded {
    Completed {
        skipped: bool,
    },
    GaveUp {
        in_doubt: bool,
        attempts: u32,
        is_cancelled: bool,
    },
}

pub(super) fn ended(entries: &[Entry], call: &str) -> Option<Recorded> {
    entries.iter().find_map(|entry| match entry {
        Entry::Completed {
            call: of, skipped, ..
        } if of.to_string() == call => Some(Recorded::Completed { skipped: *skipped }),
        Entry::GaveUp {
            call: of,
            in_doubt,
            attempts,
            prevented_by,
            ..
        } if of.to_string() == call => Some(Recorded::GaveUp {
            in_doubt: *in_doubt,
            attempts: *attempts,
            is_cancelled: matches!(
                prevented_by,
                Some(Prevention::Cancelled | Prevention::DeadlineExceeded)
            ),
        }),
        _ => None,
    })
}

/// Whether a record says that this attempt has ended.
pub(super) fn attempt_ended(entries: &[Entry], call: &str, attempt: u32) -> bool {
    let failed = |entry: &Entry| matches!(entry, Entry::Failed { call: of, next, .. } if of.to_string() == call && *next == attempt + 1);
    ended(entries, call).is_some() || entries.iter().any(failed)
}

/// Whether a record says that this call is, or was, in flight.
pub(super) fn mentioned(entries: &[Entry], call: &CallId) -> bool {
    let begins = |begins: &[Begun]| {
        begins.iter().any(|begun| match begun {
            Begun::Call(begun) => begun == call,
            // The record does not say which one it is.
            Begun::NextUndo(_) => call.to_string().ends_with("/undo"),
        })
    };
    entries.iter().any(|entry| match entry {
        Entry::Submitted { begins: begun, .. } => begins(begun),
        Entry::NestedBegan {
            call: of,
            begins: begun,
            ..
        }
        | Entry::Completed {
            call: of,
            begins: begun,
            ..
        }
        | Entry::GaveUp {
            call: of,
            begins: begun,
            ..
        } => of == call || begins(begun),
        Entry::Preparing { call: of }
        | Entry::Began { call: of, .. }
        | Entry::Interrupted { call: of, .. }
        | Entry::Failed { call: of, .. } => of == call,
        _ => false,
    })
}
