//! A run in a task of its own.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::driver::Ended;
use crate::id::SagaId;
use crate::position::{Position, Progress};
use crate::saga::Saga;

/// A run of the saga `S` in a task of its own: from [`Saga::spawn`].
///
/// Awaited, it gives what the run gave. Dropped, it leaves the run to itself, which goes on to its end:
/// nobody is told how that was.
///
/// # Errors
///
/// [`Lost`] when the task ended without the run having ended.
///
/// # Cancellation
///
/// Dropping the handle changes nothing. [`cancel`](Self::cancel) ends the run in an orderly way.
#[must_use = "dropped, nobody is told how the saga ended"]
pub struct SagaHandle<S: Saga> {
    task: JoinHandle<Ended<S>>,
    token: CancellationToken,
    progress: Arc<Progress>,
    id: SagaId,
}

impl<S: Saga> SagaHandle<S> {
    pub(crate) fn new(
        task: JoinHandle<Ended<S>>,
        token: CancellationToken,
        progress: Arc<Progress>,
        id: SagaId,
    ) -> Self {
        Self {
            task,
            token,
            progress,
            id,
        }
    }

    /// Which run this is.
    #[must_use]
    pub fn id(&self) -> &SagaId {
        &self.id
    }

    /// How far it is.
    #[must_use]
    pub fn position(&self) -> Position {
        self.progress.get()
    }

    /// Asks the run to end: the attempt in hand finishes, no other is begun, and what has completed is
    /// undone. Does not wait for that; the handle does.
    ///
    /// The answer says whether that came too late, because the run is past its pivot, being rolled back, or
    /// at its end: then it changes nothing. Where it came in time, the attempt in hand still decides: if it
    /// is the pivot's or the last step's and completes, the saga goes on.
    pub fn cancel(&self) -> CancelAnswer {
        let position = self.position();
        if position.is_final(S::DEFINITION) {
            return CancelAnswer::TooLate(position);
        }
        self.token.cancel();
        CancelAnswer::Requested
    }

    /// Whether the run has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

/// What became of a request to cancel a run.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum CancelAnswer {
    /// It was heard while the run could still be ended.
    Requested,
    /// It changes nothing: the run is there.
    TooLate(Position),
}

impl<S: Saga> Future for SagaHandle<S> {
    type Output = Result<Ended<S>, Lost>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ended = ready!(Pin::new(&mut self.task).poll(cx));
        Poll::Ready(ended.map_err(|error| Lost {
            saga: S::DEFINITION.name,
            id: self.id.clone(),
            position: self.position(),
            error,
        }))
    }
}

impl<S: Saga> fmt::Debug for SagaHandle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SagaHandle")
            .field("saga", &S::DEFINITION.name)
            .field("id", &self.id)
            .field("position", &self.position())
            .finish_non_exhaustive()
    }
}

/// A run whose task ended before it: its runtime was shut down. It stopped where it was, and nothing was
/// undone.
#[derive(Debug, thiserror::Error)]
#[error(
    "saga `{saga}` ({id}) was lost {position}: its task ended before it did, and nothing was undone"
)]
#[non_exhaustive]
pub struct Lost {
    /// The saga's name.
    pub saga: &'static str,
    /// Which run of it.
    pub id: SagaId,
    /// How far it was.
    pub position: Position,
    /// What Tokio says of the task.
    #[source]
    pub error: JoinError,
}
