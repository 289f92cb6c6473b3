//! What an engine refuses, and why it cannot say how a saga ended.

use std::sync::Arc;

use super::executor::Halt;
use super::journal::{JournalError, SagaState};
use crate::foreign::Line;
use crate::id::SagaId;

/// An engine that could not be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
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

/// A saga that was not submitted.
#[derive(Debug, thiserror::Error)]
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
    /// The input cannot be written.
    #[error("the input of saga `{saga}` ({id}) cannot be written to the journal: {error}", id = Line(id), error = Line(error))]
    Input {
        /// The id.
        id: SagaId,
        /// The saga.
        saga: &'static str,
        /// What serde or the codec says.
        error: String,
    },
    /// The id is empty, or longer than 512 bytes.
    #[error("a saga id has 1 to 512 bytes; this one has {bytes}")]
    Id {
        /// How many it has.
        bytes: usize,
    },
    /// The journal did not say whether it has the saga. Nobody knows, until it is submitted again under the
    /// same id: if it is there it goes on by itself.
    #[error(
        "saga `{saga}` ({id}) may not have been submitted; submit it again under the same id: {error}",
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
    /// The engine takes no more sagas.
    #[error("the engine is shut down, and takes no more sagas")]
    ShutDown,
}

/// A saga of which nobody can say how it ended, yet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotEnded {
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
    /// The engine does not know the saga.
    #[error("saga `{saga}` is not registered with this engine", saga = Line(saga))]
    NotRegistered {
        /// The saga's name.
        saga: Arc<str>,
    },
    /// It does not go on in this process.
    #[error("saga `{id}` is parked: {reason}", id = Line(id))]
    Parked {
        /// The id.
        id: SagaId,
        /// Why.
        reason: Parked,
    },
    /// The journal cannot be written, so the saga stays where it is. It goes on when the journal is back.
    #[error("saga `{id}` waits for its journal: {error}", id = Line(id))]
    Journal {
        /// The id.
        id: SagaId,
        /// What the journal says. Part of the text, and so no source besides.
        error: JournalError,
    },
    /// The engine is shut down. The saga goes on when one is opened again.
    #[error("saga `{id}` has not ended, and the engine is shut down", id = Line(id))]
    ShutDown {
        /// The id.
        id: SagaId,
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
    #[error("saga `{saga}` has changed since it was submitted: {change}", saga = Line(saga), change = Line(change))]
    OtherDefinition {
        /// The name.
        saga: Arc<str>,
        /// What is different.
        change: String,
    },
    /// Something of it cannot be read as what it is today.
    #[error(transparent)]
    Unreadable(Halt),
    /// The journal has something else of it than what was written.
    #[error(transparent)]
    Journal(JournalError),
}

/// A saga that was not cancelled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CancelError {
    /// There is none of this id.
    #[error("there is no saga of the id `{id}`", id = Line(id))]
    NotFound {
        /// The id.
        id: SagaId,
    },
    /// It does not go on in this process, so nobody would hear it.
    #[error("saga `{id}` is parked: {reason}", id = Line(id))]
    Parked {
        /// The id.
        id: SagaId,
        /// Why.
        reason: Parked,
    },
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The engine is shut down.
    #[error("the engine is shut down")]
    ShutDown,
}

/// What became of a request to cancel a saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CancelOutcome {
    /// It is recorded: the saga is rolled back, unless the attempt in hand decides otherwise.
    Requested,
    /// The saga is past its pivot, or being rolled back: it changes nothing.
    TooLate,
    /// The saga had ended, like this.
    Ended(SagaState),
}
