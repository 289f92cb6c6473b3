//! The builder of an engine.

use core::fmt;
use core::sync::atomic::AtomicI64;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::durable::codec::{Codec, Journalable, RunsDurably};
use crate::durable::engine::recover::Pages;
use crate::durable::engine::{Engine, EngineInner, KnownSaga};
use crate::durable::error::OpenError;
use crate::durable::executor::{Durable, Halt};
use crate::durable::fingerprint::text_of;
use crate::durable::guarded_journal::Guarded;
use crate::durable::registered::Typed;
use crate::durable::shared::{Shared, TraceContext};
use crate::executor::Executor;
use crate::launch::RunOptions;
use crate::machine::{Machine, Saga};
use saga_journal::Journal;

/// The builder of an engine: which sagas it knows, and how it runs them.
#[must_use]
pub struct EngineBuilder {
    registered: Vec<KnownSaga>,
    codec: Arc<dyn Codec>,
    max_in_flight: usize,
    max_interruptions: u32,
    trace_context: Option<TraceContext>,
}

impl EngineBuilder {
    pub(in crate::durable) const fn with(codec: Arc<dyn Codec>) -> Self {
        Self {
            registered: Vec::new(),
            codec,
            max_in_flight: 1_024,
            max_interruptions: 5,
            trace_context: None,
        }
    }

    /// Registers a saga, with the service whose methods are its steps.
    pub fn register<S>(self, service: impl Into<Arc<S::Service>>) -> Self
    where
        S: Saga + RunsDurably<<S as Saga>::Input> + 'static,
        S::Service: Send + 'static,
        S::Output: Send,
    {
        self.register_with::<S>(service, RunOptions::new())
    }

    /// Registers a saga, with options for its runs: their policies, deadline and observer replace those of the
    /// definition. An id or a token in the options is ignored.
    pub fn register_with<S>(
        self,
        service: impl Into<Arc<S::Service>>,
        options: RunOptions<S>,
    ) -> Self
    where
        S: Saga + RunsDurably<<S as Saga>::Input> + 'static,
        S::Service: Send + 'static,
        S::Output: Send,
    {
        self.register_decorated::<S, Durable>(service, options, |durable| durable)
    }

    /// Registers a saga, with a decorator around the executor that records: for example, to make attempts fail in a
    /// test, or to count them. `decorate` is called each time a process starts or resumes a run, and each time it reads the
    /// records of one that has ended.
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

    /// Sets a codec, which transforms values on their way to the journal and back.
    pub fn codec(self, codec: impl Codec) -> Self {
        Self {
            codec: Arc::new(codec),
            ..self
        }
    }

    /// The largest number of sagas that are in flight at the same time (default 1024, at least 1). A saga that waits
    /// for its next attempt does not count.
    pub fn max_in_flight(self, max_in_flight: usize) -> Self {
        Self {
            max_in_flight: max_in_flight.clamp(1, Semaphore::MAX_PERMITS),
            ..self
        }
    }

    /// Crashes tolerated during a step before it gives up in doubt (default 5). A step can override it by
    /// [`Policy::max_interruptions`](crate::Policy::max_interruptions).
    pub fn max_interruptions(self, max_interruptions: u32) -> Self {
        Self {
            max_interruptions,
            ..self
        }
    }

    /// Sets how the trace is found in which a saga is submitted: `current` is called by a submission, in the span of its
    /// caller, and returns a text, for example a [`traceparent`](https://www.w3.org/TR/trace-context/) of W3C. The text
    /// is recorded with the saga, and is in its span, as `saga.trace_context`, in each process that goes on with it; an
    /// observer gets it as [`Event::trace_context`](crate::observe::Event::trace_context). A text of more than 512 bytes
    /// is not kept.
    pub fn trace_context(
        self,
        current: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            trace_context: Some(Arc::new(current)),
            ..self
        }
    }

    /// Opens the engine, and resumes every saga in the journal that has not ended and that is registered: on the
    /// current runtime, page by page, in turns with new sagas.
    ///
    /// # Errors
    ///
    /// If two sagas have the same name, another engine holds the journal, or the journal cannot be read.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime with time enabled.
    pub async fn open(self, journal: impl Journal) -> Result<Engine, OpenError> {
        let Self {
            registered,
            codec,
            max_in_flight,
            max_interruptions,
            trace_context,
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
        let mut shared = Shared::new(codec, max_interruptions, max_in_flight);
        shared.trace_context = trace_context;
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
