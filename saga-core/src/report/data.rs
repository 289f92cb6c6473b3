//! A report as data: what is known of a run, every value of it as text.
//!
//! Owns all it has and knows nothing of runs, so that it can be stored, sent and read back. What the
//! fields mean in JSON, and what may change, is said in `docs/report.md`.

use core::fmt;
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::outcome::{End, FailureKind, Outcome, Undo};
use crate::util::foreign::Line;

/// What happened in a run that did not complete: every step with its call, its result and its
/// undo, the failure, every compensation that gave up, and what is left for a person.
///
/// Got from [`SagaError::report`](crate::SagaError::report). `Display` writes it for a person, over
/// several lines and without a line break at the end.
///
/// Arguments and outputs are text, written by their `Debug`; `_` stands for one that has none (in a
/// generic block: none that the block's bounds promise), and `...` for one that there was not,
/// `(moved)` for one that was given away to a step, and `***` for one that is marked as sensitive.
///
/// The fields have texts as they came. `Display` escapes in each what could move a cursor, hide, or turn the
/// direction of writing, and line breaks; only the lines of an error are kept where it is shown in full, each
/// further one behind a `|`.
///
/// # As JSON
///
/// With the feature `serde` this is `Serialize` and `Deserialize`, for JSON and other formats that
/// name their fields. A report that was read back is equal to the one that was written, and its
/// `Display` the same text. One of another [schema version](Self::SCHEMA_VERSION) is refused with an
/// error that names both; unknown fields are passed over.
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
    /// The saga's name.
    pub saga: String,
    /// Which run of it.
    pub id: String,
    /// Where its annotated block stands.
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
    /// The first failure: that of the step that gave up, or that the run was cancelled.
    pub failure: FailureReport,
    /// The failures that came after it, in order of time: of other members of a parallel group, and of
    /// the attempt that was in flight when the run was cancelled.
    pub also_failed: Vec<FailureReport>,
    /// Every step, in order of the definition.
    pub steps: Vec<StepReport>,
    /// What a person has to see to, in this order: what is to be undone last step first, what is to be
    /// carried out after the pivot first step first. Empty unless the saga is stuck.
    pub left_for_a_person: Vec<LeftOver>,
}

impl Report {
    /// The version of the form in which reports are written, and the only one that is read.
    ///
    /// It grows when a field or a tag changes its meaning or goes, or an enum has a new tag; a new
    /// optional field leaves it as it is.
    pub const SCHEMA_VERSION: u32 = 1;

    /// Puts in when the run began and ended.
    pub fn set_times(&mut self, started_at: SystemTime, ended_at: SystemTime) {
        self.started_at_unix_ms = Some(unix_ms(started_at));
        self.ended_at_unix_ms = Some(unix_ms(ended_at));
    }
}

/// A place in the source, as the run had it.
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

/// Why a step gave up, or that the run was cancelled, or its deadline passed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FailureReport {
    /// The position of the step, counted from 1; none if the run was cancelled.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub step: Option<u32>,
    /// The step's name; none if the run was cancelled.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub name: Option<String>,
    /// Where its method stands; if the run was cancelled, where the saga does.
    pub location: CodeLocation,
    /// How its last attempt ended.
    pub kind: FailureKind,
    /// How long an attempt was allowed to take, in microseconds, if the last one took longer.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub limit_us: Option<u64>,
    /// What its last attempt failed with, as a sentence: the error's `Display`, or what happened in
    /// place of an error.
    pub message: String,
    /// What the error was caused by, the nearest first.
    pub chain: Vec<String>,
    /// How many attempts were made; 0 if the run was cancelled.
    pub attempts: u32,
    /// Whether any of them may have taken effect.
    pub in_doubt: bool,
}

/// One step, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct StepReport {
    /// Its position, counted from 1.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// The method that carries it out.
    pub method: String,
    /// Where that method stands.
    pub location: CodeLocation,
    /// What becomes of its effect when a later step fails.
    pub kind: StepKind,
    /// The parallel group that it is a member of.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub group: Option<String>,
    /// The method that says whether it is to run, if there is one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub only_if: Option<String>,
    /// Why its effect cannot be undone, as written, if it is a [`StepKind::NoCompensation`].
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub no_compensation_reason: Option<String>,
    /// The key that outside services know its attempts by.
    pub idempotency_key: String,
    /// What its method is given, in order, without the context.
    pub arguments: Vec<Argument>,
    /// How it went.
    pub outcome: Outcome,
    /// How many attempts were made, if that is known: of a step that completed it is not kept.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub attempts: Option<u32>,
    /// What it gave, if it completed.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub output: Option<String>,
    /// When its first attempt began, in milliseconds since the Unix epoch, if that was recorded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub started_at_unix_ms: Option<u64>,
    /// From there to the end of its last attempt, in microseconds, with the waits between attempts,
    /// if that was recorded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub took_us: Option<u64>,
    /// The saga that it runs, if it does, and what became of that: of several attempts, of the last. None if the step
    /// failed in an earlier life of the process and only its text is known.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub nested: Option<Box<NestedReport>>,
    /// What undoes it, if a method does.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub compensation: Option<CompensationReport>,
    /// Why it was not to be undone, as a sentence, if it has or may have taken effect.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub not_undone_because: Option<String>,
}

/// The saga that a step runs, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct NestedReport {
    /// The saga's name.
    pub saga: String,
    /// Which run of it; none if the step was not carried out.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub id: Option<String>,
    /// Where its annotated block stands.
    pub location: CodeLocation,
    /// How it ended, if it began and did not complete.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub end: Option<End>,
    /// How its undo went, once it had completed and a later step of the saga around it failed. That of a run
    /// which did not complete is its own business: its `end` says how it went.
    pub undo: Undo,
    /// Why its undo gave up, if that was before any of its compensations was called: those that were called say
    /// so themselves.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub undo_failure: Option<UndoFailure>,
    /// Its first failure, if it did not complete.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub failure: Option<FailureReport>,
    /// The failures that came after that, in order of time.
    pub also_failed: Vec<FailureReport>,
    /// Every step of it, in order of the definition.
    pub steps: Vec<StepReport>,
}

impl StepReport {
    /// Puts in when its first attempt began, and how long it was from there to the end of its last.
    pub fn set_times(&mut self, started_at: SystemTime, took: Duration) {
        self.started_at_unix_ms = Some(unix_ms(started_at));
        self.took_us = Some(whole_us(took));
    }
}

/// What becomes of a step's effect when a later step fails: the variants of [`Kind`](crate::definition::Kind).
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
    /// The parameter's name; `_` where the signature has a pattern.
    pub name: String,
    /// What it was given, if the call was made.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value: Option<String>,
}

/// The compensation of a step, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct CompensationReport {
    /// The method that undoes the step.
    pub method: String,
    /// Where it stands; where it stands in another block than the saga, the place that names it.
    pub location: CodeLocation,
    /// The key that outside services know its attempts by.
    pub idempotency_key: String,
    /// What the method is given, in order, without the context.
    pub arguments: Vec<Argument>,
    /// How it went.
    pub undo: Undo,
    /// Why it gave up, if it did.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub failure: Option<UndoFailure>,
    /// When its first attempt began, in milliseconds since the Unix epoch, if that was recorded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub started_at_unix_ms: Option<u64>,
    /// From there to the end of its last attempt, in microseconds, with the waits between attempts,
    /// if that was recorded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub took_us: Option<u64>,
}

impl CompensationReport {
    /// Puts in when its first attempt began, and how long it was from there to the end of its last.
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
    /// What its last attempt failed with.
    pub message: String,
    /// What that was caused by, the nearest first.
    pub chain: Vec<String>,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether any of them may have undone the step all the same.
    pub in_doubt: bool,
}

/// Something that a person has to see to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LeftOver {
    /// The position of the step that it is about, counted from 1.
    pub step: u32,
    /// That step's name.
    pub name: String,
    /// What to do, as a sentence without a full stop.
    pub to_do: String,
    /// The key to look it up by: the effect of the step, or where that is not known its undo. The sentence
    /// has it too.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub idempotency_key: Option<String>,
}

/// The largest integer that every reader of JSON has exactly (RFC 8259, section 6).
const LARGEST: u64 = (1 << 53) - 1;

fn bounded(count: u128) -> u64 {
    u64::try_from(count).map_or(LARGEST, |count| count.min(LARGEST))
}

/// A clock set before 1970 counts as 1970.
fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    bounded(since.as_millis())
}

pub(crate) fn whole_us(duration: Duration) -> u64 {
    bounded(duration.as_micros())
}
