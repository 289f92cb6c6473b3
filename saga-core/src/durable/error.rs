//! What an engine refuses, and why it cannot say how a saga ended.

use core::fmt;
use std::sync::Arc;

use super::executor::Halt;
use crate::id::SagaId;
use crate::report::Report;
use crate::util::foreign::Line;
use saga_journal::{JournalError, JournalErrorKind, SagaState};

/// A `main` that returns an error prints its `Debug`, as `unwrap` does: these say there what has happened, as
/// [`SagaError`](crate::SagaError) does.
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

/// An engine that could not be opened. Nothing was changed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Two sagas were registered under one name: what is recorded would not say whose it is.
    #[error(
        "two sagas are registered under the name `{saga}`: give one of them another, by \
         `#[saga(name = \"..\")]`"
    )]
    SameName {
        /// The name.
        saga: &'static str,
    },
    /// The journal cannot be had.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// A saga that was not submitted, or of which that is not known: see [`may_be_there`](Self::may_be_there).
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The engine does not know it.
    #[error(
        "saga `{saga}` is not registered with this engine: say `.register::<{type_name}>(service)` before \
         it is opened"
    )]
    NotRegistered {
        /// The saga's name.
        saga: &'static str,
        /// The type that stands for it.
        type_name: &'static str,
    },
    /// There is a saga of this id, and it is a run of another.
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
    /// There is a run of this saga of this id, and it has another input.
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
    /// There is a run of this saga of this id, and its input cannot be read as the type of today, so that it cannot
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
        /// What serde or the codec says.
        error: String,
    },
    /// The input cannot be written.
    #[error("the input of saga `{saga}` ({id}) cannot be written to the journal and read back: {error}", id = Line(id), error = Line(error))]
    Input {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
        /// What serde or the codec says.
        error: String,
    },
    /// The codec of the engine fails. The journal was not asked to add the saga.
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
        /// What the codec says.
        error: String,
    },
    /// The id is empty, or longer than 512 bytes.
    #[error("a saga id has 1 to 512 bytes; this one has {bytes}")]
    Id {
        /// How many it has.
        bytes: usize,
    },
    /// As many sagas are in flight as the engine may have: of [`try_submit`](super::Engine::try_submit).
    #[error(
        "saga `{saga}` ({id}) was not submitted: as many sagas are in flight as the engine may have", id = Line(id))]
    Full {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
    },
    /// The journal failed, and did not say whether it has the saga. If it has, the saga goes on by itself.
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
        /// What the journal says. Part of the text, and so no source besides.
        error: JournalError,
    },
    /// There is a saga of this id, and the journal failed when its input was to be compared with this one.
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
        /// What the journal says. Part of the text, and so no source besides.
        error: JournalError,
    },
    /// The engine ended while the journal was asked to add the saga. If the journal has it, it goes on when an
    /// engine is opened again.
    #[error(
        "the engine ended while saga `{saga}` ({id}) was being submitted: it may be in the journal; \
         submit it again under the same id, or ask for its status", id = Line(id))]
    Unknown {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
    },
    /// The engine takes no more sagas. The journal was not asked to add this one.
    #[error("the engine is shut down, and takes no more sagas")]
    ShutDown,
    /// The runtime that the engine was opened on has ended. The journal was not asked to add the saga.
    #[error(
        "the runtime of the engine has ended, and it takes no more sagas: open an engine on one that stays"
    )]
    RuntimeEnded,
}

/// Where to submit a saga again.
struct SubmitWhere<'a>(&'a JournalError);

impl fmt::Display for SubmitWhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.kind() {
            JournalErrorKind::Fenced => "submit it again to the engine that has the journal now",
            _ => "submit it again under the same id",
        })
    }
}

/// What to do about a saga that is there already, where that helps.
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
    /// Whether the saga that was submitted may be in the journal, and then goes on: submitting it again under the
    /// same id says so, as does its status.
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

/// Why there is no outcome of a saga, or none of its type.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum OutcomeError {
    /// There is none of this id.
    #[error("there is no saga of the id `{id}`", id = Line(id))]
    NotFound {
        /// The id.
        id: SagaId,
    },
    /// It goes on.
    #[error("saga `{id}` has not ended", id = Line(id))]
    Unfinished {
        /// The id.
        id: SagaId,
    },
    /// It is a run of another saga.
    #[error("saga id `{id}` belongs to a run of `{existing}`, not of `{saga}`", id = Line(id), existing = Line(existing))]
    OtherSaga {
        /// The id.
        id: SagaId,
        /// The saga that was asked for.
        saga: &'static str,
        /// The saga that it is a run of.
        existing: Arc<str>,
    },
    /// It has ended, and its result cannot be read as the type of today.
    #[error("saga `{id}` ended {end}, {reason}{}", FirstLine(report.as_deref()), id = Line(id))]
    Ended {
        /// The id.
        id: SagaId,
        /// How it ended.
        end: SagaState,
        /// Why its result cannot be read.
        reason: Untyped,
        /// The report that was made at its end; none of one that completed.
        report: Option<Box<Report>>,
    },
    /// It does not go on in this process.
    #[error("saga `{id}` is parked: {reason}", id = Line(id))]
    Parked {
        /// The id.
        id: SagaId,
        /// Why.
        reason: Parked,
    },
    /// A newer version of this library wrote records of it that this version does not read. An engine of such a
    /// version goes on with it.
    #[error(
        "saga `{id}` is left to a newer version: its records need reader {min_reader}, and this is {}",
        saga_journal::READER, id = Line(id))]
    Newer {
        /// The id.
        id: SagaId,
        /// The oldest [`READER`](super::READER) that reads all of it.
        min_reader: u32,
    },
    /// The journal cannot be read, so it is not known what became of the saga.
    #[error("it is not known what became of saga `{id}`; ask again: {error}", id = Line(id))]
    Unknown {
        /// The id.
        id: SagaId,
        /// What the journal says. Part of the text, and so no source besides.
        error: JournalError,
    },
    /// The journal cannot be written, so the saga stays where it is. It goes on when the journal is back.
    #[error("saga `{id}` cannot go on for now: {error}", id = Line(id))]
    Journal {
        /// The id.
        id: SagaId,
        /// What the journal says. Part of the text, and so no source besides.
        error: JournalError,
    },
    /// Something of this saga alone fails for a while: its codec, for example. It goes on when that is over.
    #[error("saga `{id}` cannot go on for now: {reason}", id = Line(id), reason = Line(reason))]
    Trouble {
        /// The id.
        id: SagaId,
        /// What fails.
        reason: Arc<str>,
    },
    /// It has ended, and its result cannot be read for now. Ask again when what fails works again.
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
    /// It has ended, and the record of that is damaged. A backup of the journal may have it.
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
        /// What the journal says. Part of the text, and so no source besides.
        error: JournalError,
    },
    /// The engine is shut down. The saga goes on when one is opened again.
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

/// Why the result of a saga that has ended cannot be read as the type of today.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Untyped {
    /// It ran under another definition than that of today.
    #[error("under another definition than that of today")]
    OtherDefinition,
    /// The engine does not know the saga.
    #[error("and is not registered with this engine")]
    NotRegistered,
    /// Something that is recorded of it cannot be read as what it is today.
    #[error("and {what} cannot be read: {error}", what = Line(what), error = Line(error))]
    Unreadable {
        /// What: its output, its report, or what is recorded of one of its calls.
        what: String,
        /// What serde or the codec says.
        error: String,
    },
    /// Another of its records is damaged than the one that it ended with.
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
    /// The runtime that the engine was opened on has ended.
    #[error("the runtime of its engine has ended")]
    RuntimeEnded,
    /// Its task panicked, elsewhere than in a step.
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
    /// It was recorded under another definition.
    #[error(
        "saga `{saga}` has changed since it was submitted, and goes on when an engine is opened that has it as it was: \
         {change}",
        saga = Line(saga),
        change = Line(change)
    )]
    OtherDefinition {
        /// The name.
        saga: Arc<str>,
        /// What is different.
        change: String,
    },
    /// Something of it cannot be read as what it is today.
    #[error("{0}; it goes on when an engine is opened whose code reads it")]
    Unreadable(Halt),
    /// Each process that read it ended before anything of it went on: `Deserialize` or the codec ends the process,
    /// for example.
    #[error(
        "{times} processes ended while they read it, before anything of it went on: find out why, and once the code \
         reads it, cancel it, so that it is read again and rolled back"
    )]
    EndsProcess {
        /// How many.
        times: u32,
    },
    /// The journal has something else of it than what was written.
    #[error(transparent)]
    Journal(JournalError),
}

/// A saga that was not cancelled, or of which that is not known.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum CancelError {
    /// There is none of this id.
    #[error("there is no saga of the id `{id}`", id = Line(id))]
    NotFound {
        /// The id.
        id: SagaId,
    },
    /// It is parked because the journal has something else of it than what was written, so that nothing is added.
    #[error("saga `{id}` is parked, and its cancellation cannot be recorded: {reason}", id = Line(id))]
    Parked {
        /// The id.
        id: SagaId,
        /// Why.
        reason: Parked,
    },
    /// A newer version of this library wrote records of it that this version does not read, so that nothing is
    /// added.
    #[error(
        "saga `{id}` is left to a newer version, and nothing was recorded: its records need reader {min_reader}, \
         and this is {}",
        saga_journal::READER, id = Line(id))]
    Newer {
        /// The id.
        id: SagaId,
        /// The oldest [`READER`](super::READER) that reads all of it.
        min_reader: u32,
    },
    /// The journal cannot be read, so that nothing was recorded.
    #[error(
        "nothing was recorded, for it is not known what became of the saga; cancel it again: {0}"
    )]
    Journal(JournalError),
    /// It is not known whether the cancellation is recorded. While the engine is open it is recorded as soon as the
    /// journal can be written.
    #[error(
        "it is not known whether the cancellation of saga `{id}` is recorded; cancel it again: {}",
        ReasonText(error.as_ref()), id = Line(id))]
    Unknown {
        /// The id.
        id: SagaId,
        /// What the journal says; none where the engine ended meanwhile. Part of the text, and so no source besides.
        error: Option<JournalError>,
    },
    /// The engine is shut down. Nothing was recorded.
    #[error(
        "the engine is shut down, and nothing was recorded: cancel it when one is opened again"
    )]
    ShutDown,
    /// The runtime that the engine was opened on has ended. Nothing was recorded.
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

/// What became of a request to cancel a saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelOutcome {
    /// It is recorded: the saga is rolled back, unless its pivot completes first.
    Requested,
    /// It is recorded, of a saga that does not go on here, because it is parked for example: when the saga goes on, it
    /// is rolled back, unless its pivot is in flight and completes first.
    Recorded,
    /// The saga is past its pivot, or being rolled back: it changes nothing.
    TooLate,
    /// The saga had ended, like this.
    Ended(SagaState),
}
