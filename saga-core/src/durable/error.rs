//! The errors of an engine: what it refuses, and why it does not return how a saga ended.

use core::fmt;
use std::sync::Arc;

use super::executor::Halt;
use crate::id::SagaId;
use crate::report::Report;
use crate::util::foreign::Line;
use saga_journal::{JournalError, JournalErrorKind, SagaState};

/// A `main` that returns an error prints its `Debug`, and so does `unwrap`. For these errors it is the `Display`, as
/// for [`SagaError`](crate::SagaError).
macro_rules! debug_is_display {
    ($($error:ty),+) => {
        $(
            impl fmt::Debug for $error {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Display::fmt(self, f)
                }
            }
        )+
    };
}

debug_is_display!(OpenError, SubmitError, OutcomeError, CancelError);

/// An engine could not be opened. Nothing was changed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Two sagas were registered under the same name, so records could not be assigned to one of them.
    #[error(
        "two sagas are registered under the name `{saga}`: give one of them another, by \
         `#[saga(name = \"..\")]`"
    )]
    SameName {
        /// The name.
        saga: &'static str,
    },
    /// The journal could not be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A saga was not submitted, or it is not known whether it was: see [`may_be_there`](Self::may_be_there).
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The saga is not registered.
    #[error(
        "saga `{saga}` is not registered with this engine: say `.register::<{type_name}>(service)` before \
         it is opened"
    )]
    NotRegistered {
        /// The saga's name.
        saga: &'static str,
        /// The type of the saga.
        type_name: &'static str,
    },
    /// The id belongs to a run of another saga.
    #[error(
        "saga id `{id}` belongs to a run of `{existing}`; a run of `{saga}` needs an id of its own",
        id = Line(id), existing = Line(existing)
    )]
    OtherSaga {
        /// The id.
        id: SagaId,
        /// The saga that was submitted.
        saga: &'static str,
        /// The saga that has the id.
        existing: Arc<str>,
    },
    /// The id belongs to a run of this saga with another input.
    #[error(
        "saga id `{id}` belongs to a run of `{saga}` with another input: a run with this input needs an id \
         of its own",
        id = Line(id)
    )]
    OtherInput {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
    },
    /// The id belongs to a run of this saga whose recorded input cannot be read as its current type, so that it cannot
    /// be compared with this one.
    #[error(
        "saga id `{id}` belongs to a run of `{saga}` whose recorded input cannot be read, so it is not known \
         whether it is this one: {error}; ask for the outcome of the id, and take another one only if this is \
         certainly another run",
        id = Line(id),
        error = Line(error)
    )]
    UnreadableInput {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
        /// The error of serde or of the codec.
        error: String,
    },
    /// The input cannot be written.
    #[error("the input of saga `{saga}` ({id}) cannot be written to the journal and read back: {error}", id = Line(id), error = Line(error))]
    Input {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
        /// The error of serde or of the codec.
        error: String,
    },
    /// The codec of the engine failed. The journal was not called to add the saga.
    #[error(
        "saga `{saga}` ({id}) was not submitted: the codec of the engine fails: {error}; submit it again when it \
         works",
        id = Line(id),
        error = Line(error)
    )]
    Codec {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
        /// The error of the codec.
        error: String,
    },
    /// The id is empty, or longer than 512 bytes.
    #[error("a saga id has 1 to 512 bytes; this one has {bytes}")]
    Id {
        /// The length of the id in bytes.
        bytes: usize,
    },
    /// As many sagas are in flight as the engine may have: from [`try_submit`](super::Engine::try_submit).
    #[error(
        "saga `{saga}` ({id}) was not submitted: as many sagas are in flight as the engine may have", id = Line(id))]
    Full {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
    },
    /// The journal failed, and it is not known whether it has the saga. If it has, the saga goes on by itself.
    #[error(
        "saga `{saga}` ({id}) may not have been submitted; {}: {error}",
        SubmitWhere(error),
        id = Line(id)
    )]
    Journal {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
        /// The error of the journal. It is part of the text, and therefore not a source.
        error: JournalError,
    },
    /// The id belongs to a run of this saga, and the journal failed before its input could be compared with this one.
    #[error(
        "saga id `{id}` belongs to a run of `{saga}`, and whether it has this input is not known{}: {error}",
        SubmitAgain(error),
        id = Line(id)
    )]
    Existing {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
        /// The error of the journal. It is part of the text, and therefore not a source.
        error: JournalError,
    },
    /// The engine ended while the journal was adding the saga. If the journal has it, it goes on when an engine is
    /// opened again.
    #[error(
        "the engine ended while saga `{saga}` ({id}) was being submitted: it may be in the journal; \
         submit it again under the same id, or ask for its status", id = Line(id))]
    Unknown {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
    },
    /// The engine accepts no more sagas. The journal was not called to add this one.
    #[error("the engine is shut down, and takes no more sagas")]
    ShutDown,
    /// The runtime on which the engine was opened has ended. The journal was not called to add the saga.
    #[error(
        "the runtime of the engine has ended, and it takes no more sagas: open an engine on one that stays"
    )]
    RuntimeEnded,
}

/// Says where to submit a saga again.
struct SubmitWhere<'a>(&'a JournalError);

impl fmt::Display for SubmitWhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind() {
            JournalErrorKind::Fenced => "submit it again to the engine that has the journal now",
            _ => "submit it again under the same id",
        })
    }
}

/// Says what to do about a saga that exists already, if anything helps.
struct SubmitAgain<'a>(&'a JournalError);

impl fmt::Display for SubmitAgain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            JournalErrorKind::Unavailable => f.write_str("; submit it again"),
            _ => Ok(()),
        }
    }
}

impl SubmitError {
    /// Whether the submitted saga may be in the journal, and then goes on. Submitting it again under the same id, or
    /// its status, shows whether it is.
    #[must_use]
    pub const fn may_be_there(&self) -> bool {
        matches!(
            self,
            Self::Journal { .. }
                | Self::Existing { .. }
                | Self::UnreadableInput { .. }
                | Self::Unknown { .. }
        )
    }
}

/// Why a saga has no outcome, or none that can be read as its type.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum OutcomeError {
    /// There is no saga with this id.
    #[error("there is no saga of the id `{id}`", id = Line(id))]
    NotFound {
        /// The id.
        id: SagaId,
    },
    /// The saga has not ended.
    #[error("saga `{id}` has not ended", id = Line(id))]
    Unfinished {
        /// The id.
        id: SagaId,
    },
    /// The id belongs to a run of another saga.
    #[error("saga id `{id}` belongs to a run of `{existing}`, not of `{saga}`", id = Line(id), existing = Line(existing))]
    OtherSaga {
        /// The id.
        id: SagaId,
        /// The saga whose outcome was requested.
        saga: &'static str,
        /// The saga that it is a run of.
        existing: Arc<str>,
    },
    /// The saga has ended, and its result cannot be read as its current type.
    #[error("saga `{id}` ended {end}, {reason}{}", FirstLine(report.as_deref()), id = Line(id))]
    Ended {
        /// The id.
        id: SagaId,
        /// How it ended.
        end: SagaState,
        /// Why its result cannot be read.
        reason: Untyped,
        /// The report that was made at its end; `None` for a saga that completed.
        report: Option<Box<Report>>,
    },
    /// The saga does not go on in this process.
    #[error("saga `{id}` is parked: {reason}", id = Line(id))]
    Parked {
        /// The id.
        id: SagaId,
        /// Why.
        reason: Parked,
    },
    /// A newer version of this library wrote records of the saga that this version cannot read. An engine of such a
    /// version goes on with it.
    #[error(
        "saga `{id}` is left to a newer version: its records need reader {min_reader}, and this is {}",
        saga_journal::READER, id = Line(id))]
    Newer {
        /// The id.
        id: SagaId,
        /// The lowest [`READER`](super::READER) that reads all records.
        min_reader: u32,
    },
    /// The journal cannot be read, so the state of the saga is not known.
    #[error("it is not known what became of saga `{id}`; ask again: {error}", id = Line(id))]
    Unknown {
        /// The id.
        id: SagaId,
        /// The error of the journal. It is part of the text, and therefore not a source.
        error: JournalError,
    },
    /// The journal cannot be written, so the saga stays where it is. It goes on when the journal is back.
    #[error("saga `{id}` cannot go on for now: {error}", id = Line(id))]
    Journal {
        /// The id.
        id: SagaId,
        /// The error of the journal. It is part of the text, and therefore not a source.
        error: JournalError,
    },
    /// Something that only this saga needs fails temporarily, for example its codec. The saga goes on when that is
    /// over.
    #[error("saga `{id}` cannot go on for now: {reason}", id = Line(id), reason = Line(reason))]
    Trouble {
        /// The id.
        id: SagaId,
        /// What fails.
        reason: Arc<str>,
    },
    /// The saga has ended, and its result cannot be read for now. Call again when the cause is fixed.
    #[error(
        "saga `{id}` ended {end}, and its result cannot be read for now: {reason}",
        id = Line(id),
        reason = Line(reason)
    )]
    Unread {
        /// The id.
        id: SagaId,
        /// How it ended.
        end: SagaState,
        /// What fails.
        reason: Arc<str>,
    },
    /// The saga has ended, and the record of its end is damaged. A backup of the journal may have it.
    #[error(
        "saga `{id}` ended {end}, and the record of that is damaged, so that its result is only in a backup of the \
         journal: {error}",
        id = Line(id)
    )]
    Damaged {
        /// The id.
        id: SagaId,
        /// How it ended.
        end: SagaState,
        /// The error of the journal. It is part of the text, and therefore not a source.
        error: JournalError,
    },
    /// The engine is shut down. The saga goes on when an engine is opened again.
    #[error("saga `{id}` has not ended, and the engine is shut down", id = Line(id))]
    ShutDown {
        /// The id.
        id: SagaId,
    },
    /// The engine dropped the saga where it was. It goes on when an engine is opened again.
    #[error("saga `{id}` does not go on before an engine is opened again: {reason}", id = Line(id))]
    Dropped {
        /// The id.
        id: SagaId,
        /// Why.
        reason: Dropped,
    },
}

/// Why the result of a saga that has ended cannot be read as its current type.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Untyped {
    /// It ran under another definition than the current one.
    #[error("under another definition than that of today")]
    OtherDefinition,
    /// The saga is not registered.
    #[error("and is not registered with this engine")]
    NotRegistered,
    /// A record of the saga cannot be read as its current type.
    #[error("and {what} cannot be read: {error}", what = Line(what), error = Line(error))]
    Unreadable {
        /// What cannot be read: its output, its report, or what is recorded of one of its calls.
        what: String,
        /// The error of serde or of the codec.
        error: String,
    },
    /// A record other than that of its end is damaged.
    #[error("and its records are damaged: {0}")]
    Damaged(JournalError),
}

impl Untyped {
    pub(super) fn unreadable(what: impl Into<String>, error: impl Into<String>) -> Self {
        Self::Unreadable {
            what: what.into(),
            error: error.into(),
        }
    }
}

/// The first line of a report.
struct FirstLine<'a>(Option<&'a Report>);

impl fmt::Display for FirstLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.map(ToString::to_string) {
            Some(report) => {
                let first = report.lines().next().unwrap_or_default();
                write!(f, "; its report says: {first}")
            }
            None => Ok(()),
        }
    }
}

/// Why an engine that was not shut down dropped a saga where it was.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Dropped {
    /// The runtime on which the engine was opened has ended.
    #[error("the runtime of its engine has ended")]
    RuntimeEnded,
    /// The task of the saga panicked, outside of a step.
    #[error("its task panicked: {message}", message = Line(message))]
    Panicked {
        /// The message of the panic.
        message: Arc<str>,
    },
}

/// Why a saga does not go on in this process.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Parked {
    /// No saga of its name is registered.
    #[error("no saga `{saga}` is registered: it goes on when an engine is opened that has it", saga = Line(saga))]
    NotRegistered {
        /// The name.
        saga: Arc<str>,
    },
    /// The saga was submitted under another definition.
    #[error(
        "saga `{saga}` has changed since it was submitted, and goes on when an engine is opened that has it as it was: \
         {change}",
        saga = Line(saga),
        change = Line(change)
    )]
    OtherDefinition {
        /// The name.
        saga: Arc<str>,
        /// The difference between the definitions.
        change: String,
    },
    /// A record of the saga cannot be read as its current type.
    #[error("{0}; it goes on when an engine is opened whose code reads it")]
    Unreadable(Halt),
    /// Each process that read the saga ended before anything of it went on, for example because `Deserialize` or the
    /// codec ends the process.
    #[error(
        "{times} processes ended while they read it, before anything of it went on: find out why, and once the code \
         reads it, cancel it, so that it is read again and rolled back"
    )]
    EndsProcess {
        /// The number of processes.
        times: u32,
    },
    /// The records of the saga in the journal are not those that were written.
    #[error(transparent)]
    Journal(JournalError),
}

/// A saga was not cancelled, or it is not known whether it was.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum CancelError {
    /// There is no saga with this id.
    #[error("there is no saga of the id `{id}`", id = Line(id))]
    NotFound {
        /// The id.
        id: SagaId,
    },
    /// The saga is parked because its records in the journal are not those that were written, so nothing is added to
    /// them.
    #[error("saga `{id}` is parked, and its cancellation cannot be recorded: {reason}", id = Line(id))]
    Parked {
        /// The id.
        id: SagaId,
        /// Why.
        reason: Parked,
    },
    /// A newer version of this library wrote records of the saga that this version cannot read, so nothing is added to
    /// them.
    #[error(
        "saga `{id}` is left to a newer version, and nothing was recorded: its records need reader {min_reader}, \
         and this is {}",
        saga_journal::READER, id = Line(id))]
    Newer {
        /// The id.
        id: SagaId,
        /// The lowest [`READER`](super::READER) that reads all records.
        min_reader: u32,
    },
    /// The journal cannot be read, so that nothing was recorded.
    #[error(
        "nothing was recorded, for it is not known what became of the saga; cancel it again: {0}"
    )]
    Journal(JournalError),
    /// It is not known whether the cancellation is recorded. While the engine is open, it is recorded as soon as the
    /// journal can be written.
    #[error(
        "it is not known whether the cancellation of saga `{id}` is recorded; cancel it again: {}",
        ReasonText(error.as_ref()), id = Line(id))]
    Unknown {
        /// The id.
        id: SagaId,
        /// The error of the journal; `None` if the engine ended meanwhile. It is part of the text, and therefore not a
        /// source.
        error: Option<JournalError>,
    },
    /// The engine is shut down. Nothing was recorded.
    #[error(
        "the engine is shut down, and nothing was recorded: cancel it when one is opened again"
    )]
    ShutDown,
    /// The runtime on which the engine was opened has ended. Nothing was recorded.
    #[error(
        "the runtime of the engine has ended, and nothing was recorded: cancel it when an engine is opened again"
    )]
    RuntimeEnded,
}

struct ReasonText<'a>(Option<&'a JournalError>);

impl fmt::Display for ReasonText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(error) => error.fmt(f),
            None => f.write_str("the engine ended meanwhile"),
        }
    }
}

/// The answer to a request to cancel a saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelOutcome {
    /// The cancellation is recorded: the saga is rolled back, unless its pivot completes first.
    Requested,
    /// The cancellation is recorded for a saga that does not go on here, for example because it is parked. When the
    /// saga goes on, it is rolled back, unless its pivot is in flight and completes first.
    Recorded,
    /// The saga is past its pivot, or being rolled back: the request has no effect.
    TooLate,
    /// The saga had ended before, in this state.
    Ended(SagaState),
}
