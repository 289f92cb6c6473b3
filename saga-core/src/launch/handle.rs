//! The handle of a run in a task of its own.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::drive::Ended;
use crate::id::SagaId;
use crate::machine::Saga;
use crate::run::{Position, Progress};

/// The handle of a run of the saga `S` in a task of its own: from [`Saga::spawn`].
///
/// Awaiting it returns what [`Saga::run_with`] would return, inside of a `Result` of its own, whose error is that the
/// result of the run was lost. `&mut handle` can be awaited in a `select!` or under a time limit, and again afterwards,
/// until it has returned the result; awaiting it once more panics. Dropping the handle detaches the run: it goes on to
/// its end and is rolled back if it must be, and its result is dropped.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use saga_core::{CancelAnswer, Lost, RunOptions, Saga, saga};
/// use tokio::time::sleep;
///
/// struct Kitchen;
///
/// #[saga]
/// impl Kitchen {
///     #[step(compensate = throw_away)]
///     async fn mix(&self, eggs: &u32) -> Result<u32, String> {
///         sleep(Duration::from_secs(60)).await;
///         Ok(*eggs)
///     }
///
///     #[step(pivot)]
///     async fn bake(&self, dough: &u32) -> Result<String, String> {
///         sleep(Duration::from_secs(60)).await;
///         Ok(format!("a cake of {dough} eggs"))
///     }
///
///     async fn throw_away(&self, _dough: &u32) -> Result<(), String> {
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Lost> {
/// let mut cake = KitchenSaga::spawn(Arc::new(Kitchen), 3, RunOptions::new());
/// sleep(Duration::from_secs(90)).await;
/// assert_eq!(cake.position().to_string(), "at step `bake`, attempt 1");
///
/// // The attempt in flight is that of the pivot, and completes: so the saga goes on.
/// assert!(matches!(cake.cancel(), CancelAnswer::Requested));
/// assert_eq!((&mut cake).await?.unwrap(), "a cake of 3 eggs");
/// assert!(matches!(cake.cancel(), CancelAnswer::TooLate(_)));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Lost`] if the task ended before the run did.
///
/// # Cancellation
///
/// Dropping the handle does not affect the run. [`cancel`](Self::cancel) ends the run in order.
#[must_use = "dropping the handle drops the result of the saga"]
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

    /// The id of the run.
    #[must_use]
    pub fn id(&self) -> &SagaId {
        &self.id
    }

    /// How far the run has come. It may already be further.
    #[must_use]
    pub fn position(&self) -> Position {
        self.progress.get()
    }

    /// Requests that the run end: the attempt in flight finishes, a wait between two attempts is cut short, no other
    /// attempt begins, and what has completed is undone. Does not wait for that; await the handle to wait.
    ///
    /// The answer says whether the request came too late, because the run is past its pivot, rolling back, or at its
    /// end: then it has no effect. If it came in time, the attempt in flight still decides: if it is that of the pivot
    /// or of the last step, and completes, the saga goes on.
    ///
    /// Ends only this run: a token that it shares with other runs by
    /// [`RunOptions::cancellation`](crate::RunOptions::cancellation) is not cancelled. The run waits for compensations
    /// however long they take: give those that may hang a `timeout` as well.
    #[expect(clippy::must_use_candidate, reason = "the handle says how it ended")]
    pub fn cancel(&self) -> CancelAnswer {
        let position = self.position();
        // If the task has finished before the run, the run was lost and cannot be cancelled.
        if position.is_final(S::DEFINITION) || self.task.is_finished() {
            return CancelAnswer::TooLate(position);
        }
        self.token.cancel();
        CancelAnswer::Requested
    }

    /// Whether the handle would return a result without waiting.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

/// The answer to a request to cancel a run: from [`SagaHandle::cancel`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum CancelAnswer {
    /// The run was requested to end while it could still be ended. The handle returns how it ends.
    Requested,
    /// The request has no effect, because the run has come this far.
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

/// A run was lost: its task ended before it did, because its runtime was shut down. The run stopped where it was, and
/// nothing was undone. To avoid it, cancel all runs before a runtime is shut down, and wait for their handles.
#[derive(Debug, thiserror::Error)]
#[error(
    "saga `{saga}` ({}) was lost {position}: its task ended before it did, and nothing was undone",
    id.escaped()
)]
#[non_exhaustive]
pub struct Lost {
    /// The saga's name.
    pub saga: &'static str,
    /// The id of the run.
    pub id: SagaId,
    /// How far the run had come.
    pub position: Position,
    /// The error that Tokio returned for the task.
    #[source]
    pub error: JoinError,
}
