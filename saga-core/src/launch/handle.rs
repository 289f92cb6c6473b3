//! A run in a task of its own.

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

/// A run of the saga `S` in a task of its own: from [`Saga::spawn`].
///
/// Awaited, it gives what [`Saga::run_with`] would have given, inside of a `Result` of its own: the outer
/// error is that nobody knows how the run ended. Lent, as `&mut handle`, it can be awaited in a `select!` or
/// under a time limit and again afterwards, until it has given its result; once more is a panic. Dropped, it
/// leaves the run to itself, which goes on to its end and is rolled back where it has to be: nobody is told
/// how that was.
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
/// // The attempt in flight decides: it is the pivot's, and completes.
/// assert!(matches!(cake.cancel(), CancelAnswer::Requested));
/// assert_eq!((&mut cake).await?.unwrap(), "a cake of 3 eggs");
/// assert!(matches!(cake.cancel(), CancelAnswer::TooLate(_)));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Lost`] when the task ended without the run having ended.
///
/// # Cancellation
///
/// Dropping the handle changes nothing. [`cancel`](Self::cancel) ends the run in order.
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

    /// How far it is. A moment later it may be further.
    #[must_use]
    pub fn position(&self) -> Position {
        self.progress.get()
    }

    /// Asks the run to end: the attempt in flight finishes, a wait between two attempts is cut short, no other
    /// is begun, and what has completed is undone. Does not wait for that; the handle does.
    ///
    /// The answer says whether that came too late, because the run is past its pivot, being rolled back, or
    /// at its end: then it changes nothing. Where it came in time, the attempt in flight still decides: if it
    /// is the pivot's or the last step's and completes, the saga goes on.
    ///
    /// Ends this run and no other: a token that it shares with others, by
    /// [`RunOptions::cancellation`](crate::RunOptions::cancellation), is not cancelled. Compensations are
    /// waited for however long they take: give those that may hang a `timeout` as well.
    #[expect(clippy::must_use_candidate, reason = "the handle says how it ended")]
    pub fn cancel(&self) -> CancelAnswer {
        let position = self.position();
        // A task that has finished before its run was lost, and nobody is left to hear it.
        if position.is_final(S::DEFINITION) || self.task.is_finished() {
            return CancelAnswer::TooLate(position);
        }
        self.token.cancel();
        CancelAnswer::Requested
    }

    /// Whether there is a result to be had without waiting.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

/// What became of a request to cancel a run: from [`SagaHandle::cancel`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum CancelAnswer {
    /// The run was told while it could still be ended. How it ends is what the handle gives.
    Requested,
    /// It changes nothing, because the run is this far.
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
/// undone. Whoever shuts down a runtime cancels its runs before, and waits for their handles.
#[derive(Debug, thiserror::Error)]
#[error(
    "saga `{saga}` ({}) was lost {position}: its task ended before it did, and nothing was undone",
    id.escaped()
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
