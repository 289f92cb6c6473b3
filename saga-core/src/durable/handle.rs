//! A saga that was submitted, for whoever wants to know how it ends.

use core::fmt;

use tokio::sync::oneshot;

use super::codec::Journalable;
use super::engine::Engine;
use super::error::OutcomeError;
use crate::drive::Ended;
use crate::durable::executor::Durable;
use crate::id::SagaId;
use crate::machine::{Machine, Saga};

/// A saga that is in the journal: from [`Engine::submit`].
///
/// Dropping it changes nothing: the saga goes on.
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

    /// Which run this is.
    #[must_use]
    pub const fn id(&self) -> &SagaId {
        &self.id
    }

    /// How the saga ended, once it has: as [`Engine::outcome`].
    ///
    /// An error whose type is not `Serialize` and `Deserialize` is there once: the handle whose `submit` began
    /// the saga has it as [`Failure::Error`](crate::Failure::Error), the first time that it is asked, unless the
    /// process ended in between. Every other answer has its text, as
    /// [`Failure::Recorded`](crate::Failure::Recorded).
    ///
    /// # Errors
    ///
    /// [`OutcomeError`] when it is not known, or the saga does not go on.
    ///
    /// # Cancellation
    ///
    /// Dropping the future changes nothing.
    pub async fn outcome(&mut self) -> Result<Ended<S>, OutcomeError>
    where
        S: Machine<Durable> + 'static,
        S::Input: Journalable,
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
