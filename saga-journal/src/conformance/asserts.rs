//! Reports a rule that a journal breaks.

use core::fmt;

use crate::journal::{JournalError, JournalErrorKind};

/// At most this many characters of what was seen are printed.
const READ: usize = 600;

/// Fails the suite unless `held`.
#[track_caller]
pub(super) fn rule(rule: &str, held: bool, seen: impl fmt::Debug) {
    if !held {
        broken(rule, &shortened(&format!("{seen:?}")));
    }
}

/// Fails the suite unless `seen` equals `expected`.
#[track_caller]
pub(super) fn same<T: PartialEq + fmt::Debug>(rule: &str, seen: &T, expected: &T) {
    if seen != expected {
        let expected = shortened(&format!("{expected:?}"));
        let seen = shortened(&format!("{seen:?}"));
        broken(rule, &format!("{seen}\nnot:  {expected}"));
    }
}

/// Fails the suite if a call failed that should succeed.
#[track_caller]
pub(super) fn ok<T>(call: &str, answer: Result<T, JournalError>) -> T {
    match answer {
        Ok(value) => value,
        Err(error) => broken(
            &format!("{call} goes well where nothing is in its way"),
            &error.to_string(),
        ),
    }
}

/// Fails the suite unless the call was refused as a conflict.
#[track_caller]
pub(super) fn conflict<T: fmt::Debug>(text: &str, answer: &Result<T, JournalError>) {
    refused(text, JournalErrorKind::Conflict, answer);
}

/// Fails the suite unless the call was refused because another engine owns the saga or the journal.
#[track_caller]
pub(super) fn fenced<T: fmt::Debug>(text: &str, answer: &Result<T, JournalError>) {
    refused(text, JournalErrorKind::Fenced, answer);
}

/// Fails the suite unless the call was refused with this kind.
#[track_caller]
pub(super) fn refused<T: fmt::Debug>(
    text: &str,
    kind: JournalErrorKind,
    answer: &Result<T, JournalError>,
) {
    let is_it = matches!(answer, Err(error) if error.kind() == kind);
    rule(
        &format!("{text} is refused with the kind {kind:?}"),
        is_it,
        answer,
    );
}

/// Fails the suite.
#[track_caller]
pub(super) fn broken_off(rule: &str, seen: &impl fmt::Debug) -> ! {
    broken(rule, &shortened(&format!("{seen:?}")))
}

fn shortened(text: &str) -> String {
    let more = text.chars().count().saturating_sub(READ);
    let read: String = text.chars().take(READ).collect();
    if more == 0 {
        read
    } else {
        format!("{read}… and {more} characters more")
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a test that fails")]
fn broken(rule: &str, seen: &str) -> ! {
    panic!("this journal breaks a rule: {rule}\nseen: {seen}")
}
