//! One saga over several lives of its process, on a clock of its own that goes on between them.

use core::pin::Pin;
use core::time::Duration;
use std::sync::Arc;

use saga_core::durable::{
    Durable, Engine, Entry, Journal as _, Journalable, MemoryJournal, SagaState,
};
use saga_core::{Ended, Machine, RunOptions, Saga};
use tokio::runtime::Runtime;
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
    /// Half a second after so many methods were called in this life.
    Call(usize),
    /// At the moment that the service says.
    Moment,
}

/// Ready at a moment that a service says.
pub type Moment<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// A saga, and its service.
pub struct Subject<'a, S: Saga> {
    /// What does it.
    pub service: Arc<S::Service>,
    /// Its policies.
    pub options: RunOptions<S>,
    /// With what it begins.
    pub input: S::Input,
    /// How long it may take.
    pub deadline: Option<Duration>,
    /// Where everything is recorded that happens.
    pub history: Arc<History>,
    /// When it is cancelled at a moment of its own.
    pub moment: &'a dyn Fn() -> Moment<'a>,
}

/// What became of a saga.
pub struct Outcome<S: Saga> {
    /// How it ended.
    pub ended: Ended<S>,
    /// The same, as the journal has it.
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

impl<S> Subject<'_, S>
where
    S: Machine<Durable> + 'static,
    S::Service: Send + 'static,
    S::Input: Journalable + Clone + PartialEq,
    S::Output: Journalable,
{
    /// Runs the saga through these lives, and a last one, in which it ends. None if it does not.
    ///
    /// # Panics
    ///
    /// When an engine refuses what it must not.
    #[must_use]
    pub fn live(&self, lives: &[Life]) -> Option<Outcome<S>> {
        let mut kept = MemoryJournal::new();
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
            let is_over = life.kill == Kill::Never || ended.is_some();
            self.history.add(Event::LifeOver { recorded, in_order });
            if is_over {
                let ended = ended?;
                let events = self.history.events();
                let wrong = judge::judge(S::DEFINITION, &events, state);
                return Some(Outcome {
                    ended,
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

    /// One life: how the saga ended, and whether the life ended in order.
    async fn one(
        &self,
        life: Life,
        journal: &CutJournal,
        left: Option<Duration>,
    ) -> (Option<Ended<S>>, bool) {
        if left == Some(Duration::ZERO) {
            self.history.add(Event::Overdue);
        }
        let options = self.options.clone();
        let options = match self.deadline {
            None => options,
            Some(deadline) => options.deadline(deadline),
        };
        let builder = Engine::builder().register_with::<S>(Arc::clone(&self.service), options);
        let engine = builder.open(journal.clone()).await.expect("an open engine");
        let before = self.history.calls();
        let id = self.history.id();
        let run = async {
            let submitted = engine.submit::<S>(id, self.input.clone()).await;
            let mut handle = submitted.expect("a submitted saga");
            let deadline = async {
                match left {
                    Some(left) if !left.is_zero() => {
                        // The engine counts by the clock of the machine, which went on while this was set up.
                        sleep(left.saturating_sub(EARLIER)).await;
                        self.history.add(Event::Overdue);
                    }
                    _ => {}
                }
                core::future::pending::<()>().await;
            };
            let cancelled = async {
                match life.cancel {
                    None => core::future::pending().await,
                    Some(CancelAt::Start) => {}
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
                ended = handle.outcome() => ended.expect("an end"),
                () = deadline => unreachable!("never ready"),
                () = cancelled => unreachable!("never ready"),
            }
        };
        let run = core::pin::pin!(run);
        let mut run = run;
        tokio::select! {
            biased;
            () = journal.over() => {}
            ended = &mut run => return (Some(ended), false),
        }
        if !matches!(life.kill, Kill::Shutdown(_)) {
            return (None, false);
        }
        let left = engine.shutdown(life.grace).await;
        (None, left == 0)
    }

    fn recorded(&self, journal: &MemoryJournal) -> (Vec<Entry>, SagaState) {
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
