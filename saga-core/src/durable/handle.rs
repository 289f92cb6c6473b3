//! The handle of a saga that was submitted.

use core::fmt;

use tokio::sync::oneshot;

use super::engine::Engine;
use super::error::OutcomeError;
use crate::drive::Ended;
use crate::id::SagaId;
use crate::machine::Saga;

/// The handle of a saga in the journal: from [`Engine::submit`].
///
/// Dropping it has no effect: the saga goes on.
pub struct DurableHandle<S: Saga> {
    engine: Engine,
    id: SagaId,
    live: Option<oneshot::Receiver<Ended<S>>>,
}

impl<S: Saga> DurableHandle<S> {
    pub(super) const fn new(
        engine: Engine,
        id: SagaId,
        live: Option<oneshot::Receiver<Ended<S>>>,
    ) -> Self {
        Self { engine, id, live }
    }

    /// The id of the run.
    #[must_use]
    pub const fn id(&self) -> &SagaId {
        &self.id
    }

    /// How the saga ended. Waits until it has ended, like [`Engine::outcome`].
    ///
    /// An error whose type is not `Serialize` and `Deserialize` is returned once: the handle whose `submit` started the
    /// saga returns it as [`Failure::Error`](crate::Failure::Error) from the first call, unless the process ended in
    /// between. All other calls return its text, as [`Failure::Recorded`](crate::Failure::Recorded).
    ///
    /// # Errors
    ///
    /// [`OutcomeError`] if the outcome is not known, or the saga does not go on.
    ///
    /// # Cancellation
    ///
    /// Dropping the future has no effect on the saga.
    pub async fn outcome(&mut self) -> Result<Ended<S>, OutcomeError>
    where
        S: 'static,
        S::Output: Send,
    {
        if let Some(live) = &mut self.live {
            let waited = tokio::select! {
                biased;
                ended = live => Some(ended),
                trouble = self.engine.in_trouble(&self.id, S::DEFINITION.name) => return Err(trouble),
            };
            self.live = None;
            if let Some(Ok(ended)) = waited {
                return Ok(ended);
            }
        }
        self.engine.outcome::<S>(self.id.clone()).await
    }
}

impl<S: Saga> fmt::Debug for DurableHandle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableHandle")
            .field("saga", &S::DEFINITION.name)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
