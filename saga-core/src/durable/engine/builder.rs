//! An engine that is to be opened.

use core::fmt;
use core::sync::atomic::AtomicI64;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::durable::codec::{Codec, Journalable};
use crate::durable::engine::recover::Pages;
use crate::durable::engine::{Engine, EngineInner, KnownSaga};
use crate::durable::error::OpenError;
use crate::durable::executor::{Durable, Halt};
use crate::durable::fingerprint::text_of;
use crate::durable::guarded::Guarded;
use crate::durable::registered::Typed;
use crate::durable::shared::Shared;
use crate::executor::Executor;
use crate::launch::RunOptions;
use crate::machine::Machine;
use saga_journal::Journal;

/// An engine that is to be opened: which sagas it knows, and how it runs them.
#[must_use]
pub struct EngineBuilder {
    registered: Vec<KnownSaga>,
    codec: Arc<dyn Codec>,
    max_in_flight: usize,
    max_interruptions: u32,
}

impl EngineBuilder {
    pub(in crate::durable) const fn with(codec: Arc<dyn Codec>) -> Self {
        Self {
            registered: Vec::new(),
            codec,
            max_in_flight: 1_024,
            max_interruptions: 5,
        }
    }

    /// Makes a saga known, and the service that its steps are methods of.
    pub fn register<S>(self, service: impl Into<Arc<S::Service>>) -> Self
    where
        S: Machine<Durable> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
    {
        self.register_with::<S>(service, RunOptions::new())
    }

    /// The same, where each run has these options in place of the definition's policies and deadline, and this
    /// observer. An id or a token among them are not looked at.
    pub fn register_with<S>(
        self,
        service: impl Into<Arc<S::Service>>,
        options: RunOptions<S>,
    ) -> Self
    where
        S: Machine<Durable> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
    {
        self.register_decorated::<S, Durable>(service, options, |durable| durable)
    }

    /// The same, where `decorate` puts an executor around the one that records: what breaks attempts in a test, or
    /// counts them, for example. It is called once for each time that a process takes up a run.
    pub fn register_decorated<S, X>(
        mut self,
        service: impl Into<Arc<S::Service>>,
        options: RunOptions<S>,
        decorate: impl Fn(Durable) -> X + Send + Sync + 'static,
    ) -> Self
    where
        S: Machine<X> + 'static,
        S::Service: Send + 'static,
        S::Input: Journalable,
        S::Output: Send,
        X: Executor<Halt = Halt> + 'static,
    {
        let typed = Arc::new(Typed::new(service.into(), options, decorate));
        self.registered.push(KnownSaga::of::<S, X>(typed));
        self
    }

    /// Changes values on their way to the journal and back.
    pub fn codec(self, codec: impl Codec) -> Self {
        Self {
            codec: Arc::new(codec),
            ..self
        }
    }

    /// How many sagas are in flight at once, at most; 1024 without it, and at least 1. One that waits for its next
    /// attempt is not counted.
    pub fn max_in_flight(self, max_in_flight: usize) -> Self {
        Self {
            max_in_flight: max_in_flight.clamp(1, Semaphore::MAX_PERMITS),
            ..self
        }
    }

    /// How many crashes are tolerated during a step that does not say it itself
    /// ([`Policy::max_interruptions`](crate::Policy::max_interruptions)): at the next one it gives up, in doubt. 5
    /// without it.
    pub fn max_interruptions(self, max_interruptions: u32) -> Self {
        Self {
            max_interruptions,
            ..self
        }
    }

    /// Opens the engine, and goes on with every saga in the journal that has not ended and that it knows: on the
    /// runtime that this is called on, page by page, and new sagas take turns with them.
    ///
    /// # Errors
    ///
    /// When two sagas have one name, another engine has the journal, or it cannot be read.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime that has time enabled.
    pub async fn open(self, journal: impl Journal) -> Result<Engine, OpenError> {
        let Self {
            registered,
            codec,
            max_in_flight,
            max_interruptions,
        } = self;
        let mut by_name = BTreeMap::new();
        for known in registered {
            let saga = known.saga.definition().name;
            if by_name.insert(saga, known).is_some() {
                return Err(OpenError::SameName { saga });
            }
        }
        let runtime = Handle::current();
        let journal = Arc::new(Guarded::new(Arc::new(journal), runtime.clone()));
        let lock = journal.lock().await?;
        for known in by_name.values() {
            journal.define(text_of(known.saga.definition())).await?;
        }
        let shared = Shared::new(codec, max_interruptions, max_in_flight);
        let inner = Arc::new(EngineInner {
            shared: Arc::new(shared),
            journal,
            epoch: lock.epoch(),
            known: by_name,
            active: Mutex::default(),
            runtime,
            tasks: TaskTracker::new(),
            chores: TaskTracker::new(),
            abort: CancellationToken::new(),
            lock: Mutex::new(Some(lock)),
            first_created: AtomicI64::new(i64::MAX),
        });
        let mut pages = Pages::default();
        let first = pages.next(&inner).await?;
        inner.recover(first, pages);
        Ok(Engine(inner))
    }
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self
            .registered
            .iter()
            .map(|known| known.saga.definition().name);
        f.debug_struct("EngineBuilder")
            .field("sagas", &names.collect::<Vec<_>>())
            .field("max_in_flight", &self.max_in_flight)
            .field("max_interruptions", &self.max_interruptions)
            .finish_non_exhaustive()
    }
}
