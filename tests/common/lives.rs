//! Runs one saga over several lives of its process, on a simulated clock that continues between them.

use core::pin::Pin;
use core::time::Duration;
use std::sync::Arc;

use saga_core::durable::{
    Durable, Engine, EngineBuilder, Entry, InMemoryJournal, Journal as _, Journalable,
    OutcomeError, SagaState,
};
use saga_core::{Machine, RunOptions, Saga, definition::Definition};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use crate::cut_journal::{CutJournal, Kill};
use crate::history::{Event, History};
use crate::judge;
use crate::process_clock::{Clock, seen_by};

/// A life of the process that ends before the saga does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// When it ends.
    pub kill: Kill,
    /// How long an orderly shutdown waits for calls in flight.
    pub grace: Duration,
    /// How long no process runs after it.
    pub pause: Duration,
    /// When the saga is cancelled.
    pub cancel: Option<CancelAt>,
}

impl Life {
    /// A life that ends at this cut. The next one begins at once.
    #[must_use]
    pub const fn until(kill: Kill) -> Self {
        Self {
            kill,
            grace: Duration::from_hours(24 * 1_000_000),
            pause: Duration::ZERO,
            cancel: None,
        }
    }

    /// The last life.
    #[must_use]
    pub const fn last() -> Self {
        Self::until(Kill::Never)
    }

    /// Sets the pause after it.
    #[must_use]
    pub const fn pause(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// Sets the grace of its shutdown.
    #[must_use]
    pub const fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Sets a cancellation.
    #[must_use]
    pub const fn cancel(self, cancel: CancelAt) -> Self {
        let cancel = Some(cancel);
        Self { cancel, ..self }
    }
}

/// When a saga is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelAt {
    /// As soon as the saga is submitted or found again.
    Start,
    /// This long after that.
    After(Duration),
    /// Half a second after this many methods were called in this life.
    Call(usize),
    /// At the moment that the service chooses.
    Moment,
}

/// A future that is ready at a moment that a service chooses.
pub type Moment<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Runs a saga without naming its types, of which there may be many.
pub trait Runs {
    /// The definition of the saga.
    fn definition(&self) -> &'static Definition;

    /// Registers the saga with an engine.
    fn register(&self, builder: EngineBuilder, deadline: Option<Duration>) -> EngineBuilder;

    /// Submits it under this id, notifies `submitted`, and waits for its end.
    fn run<'e>(&'e self, engine: &'e Engine, id: &'e str, submitted: &'e Notify) -> Moment<'e>;
}

/// A saga with its service, its policies, and its input.
pub struct Typed<S: Saga> {
    /// The service.
    pub service: Arc<S::Service>,
    /// The policies.
    pub options: RunOptions<S>,
    /// The input.
    pub input: S::Input,
}

impl<S> Runs for Typed<S>
where
    S: Machine<Durable> + 'static,
    S::Service: Send + 'static,
    S::Input: Journalable + Clone + 'static,
    S::Output: Send + 'static,
{
    fn definition(&self) -> &'static Definition {
        S::DEFINITION
    }

    fn register(&self, builder: EngineBuilder, deadline: Option<Duration>) -> EngineBuilder {
        let options = self.options.clone();
        let options = match deadline {
            None => options,
            Some(deadline) => options.deadline(deadline),
        };
        builder.register_with::<S>(Arc::clone(&self.service), options)
    }

    fn run<'e>(&'e self, engine: &'e Engine, id: &'e str, submitted: &'e Notify) -> Moment<'e> {
        Box::pin(async move {
            let handle = engine.submit::<S>(id, self.input.clone()).await;
            let mut handle = handle.expect("a submitted saga");
            submitted.notify_one();
            match handle.outcome().await {
                // The output of a saga cannot always be read back.
                Ok(_) | Err(OutcomeError::Ended { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        })
    }
}

/// A saga whose whole history is logged.
pub struct Subject<'a> {
    /// Runs the saga.
    pub saga: &'a dyn Runs,
    /// Its deadline.
    pub deadline: Option<Duration>,
    /// The log of everything that happens.
    pub history: Arc<History>,
    /// The moment that the service chooses for a cancellation.
    pub moment: &'a dyn Fn() -> Moment<'a>,
}

/// The result of a saga.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub state: SagaState,
    /// The number of writes in each life.
    pub writes: Vec<usize>,
    /// What is wrong with it.
    pub wrong: Vec<String>,
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
}

/// Shorter than anything that takes time.
const EARLIER: Duration = Duration::from_millis(300);

/// Longer than every wait.
const FOR_EVER: Duration = Duration::from_hours(24 * 10_000_000);

impl Subject<'_> {
    /// Runs the saga through these lives and a last one, in which it ends. Returns nothing if it never does.
    ///
    /// # Panics
    ///
    /// If an engine refuses what it must accept.
    #[must_use]
    pub fn live(&self, lives: &[Life]) -> Option<Outcome> {
        let mut kept = InMemoryJournal::new();
        let (mut left, mut writes) = (self.deadline, Vec::new());
        for life in lives.iter().copied().chain([Life::last()]) {
            let journal = CutJournal::new(kept.clone(), life.kill);
            let is_there = runtime().block_on(kept.find(&self.history.id().into()));
            if is_there.expect("a journal in memory").is_none() {
                left = self.deadline;
            }
            let runtime = runtime();
            let (ended, took, in_order) = runtime.block_on(async {
                let began = Instant::now();
                let lived = timeout(FOR_EVER, self.one(life, &journal, left)).await;
                let (ended, in_order) = lived.unwrap_or_default();
                (ended, began.elapsed(), in_order)
            });
            // The calls in flight are dropped.
            drop(runtime);
            writes.push(journal.writes());
            let (recorded, state) = self.recorded(&kept);
            let is_over = life.kill == Kill::Never || ended;
            self.history.add(Event::LifeOver { recorded, in_order });
            if is_over {
                let events = self.history.events();
                let wrong = judge::judge(self.saga.definition(), &events, state);
                return ended.then_some(Outcome {
                    state,
                    writes,
                    wrong,
                });
            }
            let passed = took + life.pause;
            left = left.map(|left| left.saturating_sub(passed));
            let later = seen_by(Clock::Passed(passed), &kept);
            kept = self::runtime().block_on(later);
        }
        None
    }

    /// Runs one life. Returns whether the saga ended, and whether the life ended in order.
    async fn one(&self, life: Life, journal: &CutJournal, left: Option<Duration>) -> (bool, bool) {
        match left {
            Some(Duration::ZERO) => self.history.add(Event::Overdue),
            Some(left) if left <= EARLIER => self.history.add(Event::MayBeOverdue),
            _ => {}
        }
        let builder = self.saga.register(Engine::builder(), self.deadline);
        let engine = builder.open(journal.clone()).await.expect("an open engine");
        let (before, id, submitted) = (self.history.calls(), self.history.id(), Notify::new());
        let deadline = async {
            submitted.notified().await;
            submitted.notify_one();
            if let Some(left) = left.filter(|left| !left.is_zero()) {
                // The engine uses the machine's clock, which advanced during the setup.
                let earlier = left.saturating_sub(EARLIER);
                sleep(earlier).await;
                self.history.add(Event::MayBeOverdue);
                sleep(left.saturating_sub(earlier)).await;
                self.history.add(Event::Overdue);
            }
            core::future::pending::<()>().await;
        };
        let cancelled = async {
            submitted.notified().await;
            submitted.notify_one();
            match life.cancel {
                None => core::future::pending().await,
                Some(CancelAt::Start) => {}
                Some(CancelAt::After(time)) => sleep(time).await,
                Some(CancelAt::Moment) => (self.moment)().await,
                Some(CancelAt::Call(nth)) => {
                    self.history.has_calls(before + nth).await;
                    sleep(Duration::from_millis(500)).await;
                }
            }
            if let Ok(answer) = engine.cancel(id).await {
                self.history.add(Event::Cancelled(answer));
            }
            core::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = journal.over() => {}
            () = self.saga.run(&engine, id, &submitted) => return (true, false),
            () = deadline => unreachable!("never ready"),
            () = cancelled => unreachable!("never ready"),
        }
        if !matches!(life.kill, Kill::Shutdown(_)) {
            return (false, false);
        }
        let left = engine.shutdown(life.grace).await;
        (false, left == 0)
    }

    fn recorded(&self, journal: &InMemoryJournal) -> (Vec<Entry>, SagaState) {
        runtime().block_on(async {
            let found = journal.find(&self.history.id().into()).await;
            let Some(saga) = found.expect("a journal in memory") else {
                return (Vec::new(), SagaState::Unfinished);
            };
            let records = journal.records(saga.key).await.expect("its records");
            let entries = records.into_iter().map(|record| record.entry);
            (entries.collect(), saga.state)
        })
    }
}
