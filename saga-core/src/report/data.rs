//! A report as data: all that is known of a run, with every value as text.
//!
//! Owns all its data and knows nothing of runs, so that it can be stored, sent and read back. `docs/report.md`
//! describes the fields in JSON, and what may change.

use core::fmt;
#[cfg(feature = "serde")]
use core::ops::Not;
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::outcome::{End, FailureKind, Outcome, Prevention, Undo};
use crate::util::foreign::Line;

/// What happened in a run that did not complete: every step with its call, its result and its undo, the failure, every
/// compensation that gave up, and what is left for an operator.
///
/// Returned by [`SagaError::report`](crate::SagaError::report). `Display` writes it for an operator, in several lines,
/// without a line break at the end.
///
/// Arguments and outputs are text, written by their `Debug`. In place of a value stands `_` if its type has no `Debug`
/// (in a generic block: if its bounds do not promise it), `...` if there was none, `(moved)` if it was moved into a
/// step, and `***` if it is marked as sensitive.
///
/// The fields have unescaped texts. `Display` escapes line breaks and all characters that could move a cursor, hide
/// text, or change the direction of writing. Only where an error is shown in full are its lines kept, each after the
/// first behind a `|`.
///
/// # As JSON
///
/// With the feature `serde` a report is `Serialize` and `Deserialize`, for JSON and other formats that name their
/// fields. A report that was read back is equal to the one that was written, and so is its `Display`. A report of
/// another [schema version](Self::SCHEMA_VERSION) is refused with an error that names both versions. Unknown fields are
/// ignored.
///
/// ```
/// use saga_core::report::FailureKind;
/// use saga_core::{End, Saga, saga};
///
/// struct Trips;
///
/// #[saga]
/// impl Trips {
///     #[step(compensate = cancel_hotel)]
///     async fn book_hotel(&self, city: &str) -> Result<u32, String> {
///         Ok(4711)
///     }
///
///     #[step(pivot)]
///     async fn book_flight(&self, hotel: &u32) -> Result<(), String> {
///         Err("no seat".to_owned())
///     }
///
///     async fn cancel_hotel(&self, hotel: &u32) -> Result<(), String> {
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let error = TripsSaga::run(&Trips, "Oslo".to_owned()).await.unwrap_err();
/// let report = error.report();
/// assert_eq!(report.end, End::Compensated);
/// assert_eq!((report.failure.step, report.failure.kind), (Some(2), FailureKind::Error));
/// assert_eq!(report.steps[0].output.as_deref(), Some("4711"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Report {
    /// Always [`Report::SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The name of the saga.
    pub saga: String,
    /// The id of the run.
    pub id: String,
    /// The location of the annotated block.
    pub location: CodeLocation,
    /// How it ended.
    pub end: End,
    /// When it began, in milliseconds since the Unix epoch, if that was recorded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub started_at_unix_ms: Option<u64>,
    /// When its last step or compensation ended, in milliseconds since the Unix epoch, if that was
    /// recorded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub ended_at_unix_ms: Option<u64>,
    /// The first failure: of the step that gave up, or that the run was ended from outside.
    pub failure: FailureReport,
    /// The failures after the first, in order of time: of other members of a parallel group, and of the attempts that
    /// were in flight when the run was ended from outside, and would have been repeated.
    pub also_failed: Vec<FailureReport>,
    /// Every step, in order of the definition.
    pub steps: Vec<StepReport>,
    /// What an operator must do, in this order: what must be undone last step first, then what must be run after the
    /// pivot first step first. Empty unless the saga is stuck.
    pub left_for_a_person: Vec<LeftOver>,
}

impl Report {
    /// The version of the form in which reports are written, and the only version that is read.
    ///
    /// It grows when a field or a tag changes its meaning or is removed, or a tag is added. A new optional field does
    /// not change it.
    pub const SCHEMA_VERSION: u32 = 1;

    /// Sets when the run began and ended.
    pub fn set_times(&mut self, started_at: SystemTime, ended_at: SystemTime) {
        self.started_at_unix_ms = Some(unix_ms(started_at));
        self.ended_at_unix_ms = Some(unix_ms(ended_at));
    }
}

/// A location in the source, as the run had it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct CodeLocation {
    /// The file, relative to the root of the workspace it was built in.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
}

impl fmt::Display for CodeLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", Line(&self.file), self.line)
    }
}

/// Why a step gave up, or that the run was ended from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FailureReport {
    /// The position of the step, counted from 1. `None` if the run was ended from outside.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub step: Option<u32>,
    /// The name of the step. `None` if the run was ended from outside.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub name: Option<String>,
    /// The location of the step's method; if the run was ended from outside, that of the annotated block.
    pub location: CodeLocation,
    /// How its last attempt ended.
    pub kind: FailureKind,
    /// The time limit of an attempt, in microseconds, if the last attempt exceeded it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub limit_us: Option<u64>,
    /// The failure of the last attempt: the `Display` of the error, or a sentence about what happened instead.
    pub message: String,
    /// The sources of the error, the nearest first.
    pub chain: Vec<String>,
    /// How many attempts were made; 0 if the run was ended from outside.
    pub attempts: u32,
    /// What prevented another attempt, if one was allowed.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub prevented_by: Option<Prevention>,
    /// Whether any of them may have taken effect.
    pub in_doubt: bool,
    /// The first attempt that may have taken effect, counted from 1, if that is known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub in_doubt_since: Option<u32>,
    /// Whether that is because the process ended while that attempt was in flight. It was then made again under the same
    /// number.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Not::not"))]
    pub in_doubt_by_interruption: bool,
}

/// One step and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct StepReport {
    /// Its position, counted from 1.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// The method that runs it.
    pub method: String,
    /// The location of that method.
    pub location: CodeLocation,
    /// What happens to its effect when a later step fails.
    pub kind: StepKind,
    /// The parallel group that it is a member of.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub group: Option<String>,
    /// The method that decides whether it runs, if there is one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub only_if: Option<String>,
    /// Why its effect cannot be undone, as written in the source, if it is a [`StepKind::NoCompensation`].
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub no_compensation_reason: Option<String>,
    /// The idempotency key of its attempts, which external services know them by.
    pub idempotency_key: String,
    /// The arguments of its method, in order, without the context.
    pub arguments: Vec<Argument>,
    /// How it ended.
    pub outcome: Outcome,
    /// How many attempts were made, if it gave up: for a step that completed the number is not kept.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub attempts: Option<u32>,
    /// How often the process ended while it was in flight.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_zero"))]
    pub interruptions: u32,
    /// Its output, if it completed.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub output: Option<String>,
    /// When its first attempt began, in milliseconds since the Unix epoch, if that was recorded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub started_at_unix_ms: Option<u64>,
    /// The time from there to the end of its last attempt, in microseconds, including the waits between attempts, if
    /// that was recorded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub took_us: Option<u64>,
    /// The saga that it runs, if it runs one, and the outcome of the last attempt. `None` if the step failed in an
    /// earlier process and only the text of its error is known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub nested: Option<Box<NestedReport>>,
    /// Its compensation, if it has one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub compensation: Option<CompensationReport>,
    /// Why it was not to be undone, as a sentence, if it has or may have taken effect.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub not_undone_because: Option<String>,
}

/// The saga that a step runs, and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct NestedReport {
    /// The name of the saga.
    pub saga: String,
    /// The id of the run. `None` if the step did not run.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub id: Option<String>,
    /// The location of the annotated block.
    pub location: CodeLocation,
    /// How the run ended, if it began and did not complete.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub end: Option<End>,
    /// The outcome of its undo, if it completed and a later step of the outer saga failed. A run that did not complete
    /// is undone within itself: `end` says how that ended.
    pub undo: Undo,
    /// Why its undo gave up, if that was before any of its compensations was called. Compensations that were called
    /// have failures of their own.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub undo_failure: Option<UndoFailure>,
    /// Its first failure, if it did not complete.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub failure: Option<FailureReport>,
    /// The failures after the first, in order of time.
    pub also_failed: Vec<FailureReport>,
    /// Every step of the saga, in order of the definition.
    pub steps: Vec<StepReport>,
}

impl StepReport {
    /// Sets when its first attempt began, and the time from there to the end of its last attempt.
    pub fn set_times(&mut self, started_at: SystemTime, took: Duration) {
        self.started_at_unix_ms = Some(unix_ms(started_at));
        self.took_us = Some(whole_us(took));
    }
}

/// What happens to a step's effect when a later step fails: the variants of [`Kind`](crate::definition::Kind).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum StepKind {
    /// It is undone by its compensation.
    Compensatable,
    /// It changes nothing.
    #[cfg_attr(feature = "serde", serde(rename = "readonly"))]
    ReadOnly,
    /// It changes something that cannot be undone, for [this reason](StepReport::no_compensation_reason).
    NoCompensation,
    /// The point of no return.
    Pivot,
    /// The last step of a saga without a pivot.
    Last,
    /// After the pivot: never undone.
    Retriable,
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Argument {
    /// The name of the parameter, or `_` if the signature has a pattern.
    pub name: String,
    /// The value, if the call was made.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value: Option<String>,
}

/// The compensation of a step and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct CompensationReport {
    /// The method that undoes the step.
    pub method: String,
    /// The location of the method; if it is in another block than the saga, the place that names it.
    pub location: CodeLocation,
    /// The idempotency key of its attempts, which external services know them by.
    pub idempotency_key: String,
    /// The arguments of the method, in order, without the context.
    pub arguments: Vec<Argument>,
    /// How it ended.
    pub undo: Undo,
    /// How often the process ended while it was in flight.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_zero"))]
    pub interruptions: u32,
    /// Why it gave up, if it did.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub failure: Option<UndoFailure>,
    /// When its first attempt began, in milliseconds since the Unix epoch, if that was recorded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub started_at_unix_ms: Option<u64>,
    /// The time from there to the end of its last attempt, in microseconds, including the waits between attempts, if
    /// that was recorded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub took_us: Option<u64>,
}

impl CompensationReport {
    /// Sets when its first attempt began, and the time from there to the end of its last attempt.
    pub fn set_times(&mut self, started_at: SystemTime, took: Duration) {
        self.started_at_unix_ms = Some(unix_ms(started_at));
        self.took_us = Some(whole_us(took));
    }
}

/// Why a compensation gave up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct UndoFailure {
    /// The failure of its last attempt.
    pub message: String,
    /// The sources of the error, the nearest first.
    pub chain: Vec<String>,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether any attempt may have undone the step.
    pub in_doubt: bool,
    /// The first attempt that may have undone it, counted from 1, if that is known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub in_doubt_since: Option<u32>,
    /// Whether that is because the process ended while that attempt was in flight. It was then made again under the same
    /// number.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Not::not"))]
    pub in_doubt_by_interruption: bool,
}

/// Something that an operator must do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LeftOver {
    /// The position of the step that it is about, counted from 1. For a step of a nested saga, that of the step around
    /// it.
    pub step: u32,
    /// The name of that step. For a step of a nested saga, both names with a `/` between them.
    pub name: String,
    /// What to do, as a sentence without a full stop.
    pub to_do: String,
    /// The idempotency key by which the effect of the step can be looked up, or that of its undo if it is not known
    /// whether the undo took effect. `to_do` contains it too.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub idempotency_key: Option<String>,
}

#[cfg(feature = "serde")]
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// The largest integer that every JSON reader represents exactly (RFC 8259, section 6).
const LARGEST: u64 = (1 << 53) - 1;

fn bounded(count: u128) -> u64 {
    u64::try_from(count).map_or(LARGEST, |count| count.min(LARGEST))
}

/// A time before 1970 counts as 1970.
fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    bounded(since.as_millis())
}

pub(crate) fn whole_us(duration: Duration) -> u64 {
    bounded(duration.as_micros())
}
