//! One saga over several lives of its process, on a clock of its own that goes on between them.

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

use crate::cuts::{CutJournal, Kill};
use crate::history::{Event, History};
use crate::judge;
use crate::later::{Clock, seen_by};

/// A life of the process that ends before the saga does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// When it ends.
    pub kill: Kill,
    /// How long an orderly shutdown waits for what is in flight.
    pub grace: Duration,
    /// How long no process runs after it.
    pub pause: Duration,
    /// When the saga is cancelled.
    pub cancel: Option<CancelAt>,
}

impl Life {
    /// One that ends then, after which the next begins at once.
    #[must_use]
    pub const fn until(kill: Kill) -> Self {
        Self {
            kill,
            grace: Duration::from_hours(24 * 1_000_000),
            pause: Duration::ZERO,
            cancel: None,
        }
    }

    /// The last one.
    #[must_use]
    pub const fn last() -> Self {
        Self::until(Kill::Never)
    }

    /// The same with a pause after it.
    #[must_use]
    pub const fn pause(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// The same with this grace.
    #[must_use]
    pub const fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// The same with a cancellation.
    #[must_use]
    pub const fn cancel(self, cancel: CancelAt) -> Self {
        let cancel = Some(cancel);
        Self { cancel, ..self }
    }
}

/// When a saga is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelAt {
    /// As soon as it is submitted, or found again.
    Start,
    /// So long after that.
    After(Duration),
    /// Half a second after so many methods were called in this life.
    Call(usize),
    /// At the moment that the service says.
    Moment,
}

/// Ready at a moment that a service says.
pub type Moment<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// What runs a saga, without its types: there may be many of those.
pub trait Runs {
    /// Of the saga.
    fn definition(&self) -> &'static Definition;

    /// An engine that knows it.
    fn register(&self, builder: EngineBuilder, deadline: Option<Duration>) -> EngineBuilder;

    /// Submits it under this id, notifies `submitted`, and waits for its end.
    fn run<'e>(&'e self, engine: &'e Engine, id: &'e str, submitted: &'e Notify) -> Moment<'e>;
}

/// A saga with its service and its policies, and with what it begins.
pub struct Typed<S: Saga> {
    /// What does it.
    pub service: Arc<S::Service>,
    /// Its policies.
    pub options: RunOptions<S>,
    /// With what it begins.
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
                // The output of a saga need not be one that can be read again.
                Ok(_) | Err(OutcomeError::Ended { .. }) => {}
                Err(other) => panic!("{other}"),
            }
        })
    }
}

/// A saga of which everything is recorded.
pub struct Subject<'a> {
    /// What runs it.
    pub saga: &'a dyn Runs,
    /// How long it may take.
    pub deadline: Option<Duration>,
    /// Where everything is recorded that happens.
    pub history: Arc<History>,
    /// When it is cancelled at a moment of its own.
    pub moment: &'a dyn Fn() -> Moment<'a>,
}

/// What became of a saga.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub state: SagaState,
    /// How many writes each life made.
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

/// Shorter than everything that takes time.
const EARLIER: Duration = Duration::from_millis(300);

/// Longer than every wait.
const FOR_EVER: Duration = Duration::from_hours(24 * 10_000_000);

impl Subject<'_> {
    /// Runs the saga through these lives, and a last one, in which it ends. None if it does not.
    ///
    /// # Panics
    ///
    /// When an engine refuses what it must not.
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
            // What is in flight is dropped where it is.
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

    /// One life: whether the saga ended, and whether the life ended in order.
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
                // The engine counts by the clock of the machine, which went on while this was set up.
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
