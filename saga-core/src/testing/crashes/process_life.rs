//! The lives of a process that ends once: an engine over a journal, and a second one that continues.

use core::future::{Future, pending};
use core::pin::Pin;
use core::time::Duration;
use std::sync::Arc;

use super::cut_journal::{Cut, CutJournal};
use super::probing::Probing;
use super::values::{SeenValue, ValueProbe, of_input};
use crate::drive::Ended;
use crate::durable::{Durable, Engine, InMemoryJournal, Journal as _, Journalable, SagaState};
use crate::launch::RunOptions;
use crate::machine::{Machine, Saga};
use crate::testing::clock;
use crate::testing::ending::Ending;
use crate::testing::inject::{ID, Injecting, Running};
use crate::testing::log::CellLog;
use crate::util::panics;

/// How one life ended.
#[derive(Debug)]
pub(in crate::testing) enum LifeEnd {
    /// The process ended.
    Crash,
    /// The saga ended, with this report if it did not complete.
    Saga(Ending, Option<String>),
    /// Neither the process nor the saga ever ends.
    Never,
    /// The saga does not go on.
    Stopped(String),
}

/// The decorator of the executor of a life.
#[derive(Clone)]
pub(super) enum Decorator {
    /// Injects the faults of a cell.
    Faults(Arc<Running>),
    /// Reads a value, at which the run stops.
    ValueProbe(Arc<ValueProbe>),
}

/// The functions that need the types of a saga: they run its lives, and return its input before and after it was
/// written and read.
pub(in crate::testing) struct Live<S: Saga> {
    live: LiveFn<S>,
    pub(super) input: fn(S::Input) -> Option<[SeenValue; 2]>,
}

impl<S: Saga> Clone for Live<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Saga> Copy for Live<S> {}

type LiveFn<S> = fn(
    Arc<<S as Saga>::Service>,
    <S as Saga>::Input,
    CutJournal,
    Decorator,
) -> Pin<Box<dyn Future<Output = LifeEnd>>>;

pub(in crate::testing) fn lives<S>() -> Live<S>
where
    S: Machine<Durable> + Machine<Injecting<Durable>> + Machine<Probing> + 'static,
    S::Service: Send + 'static,
    S::Input: Journalable + 'static,
    S::Output: Journalable + 'static,
{
    Live {
        live: live::<S>,
        input: of_input::<S>,
    }
}

fn live<S>(
    service: Arc<S::Service>,
    input: S::Input,
    journal: CutJournal,
    decorator: Decorator,
) -> Pin<Box<dyn Future<Output = LifeEnd>>>
where
    S: Machine<Durable> + Machine<Injecting<Durable>> + Machine<Probing> + 'static,
    S::Service: Send + 'static,
    S::Input: Journalable + 'static,
    S::Output: Journalable + 'static,
{
    Box::pin(async move {
        // Waits and time limits pass at once, and a cell does not test which comes first.
        let options = RunOptions::new().deadline(Duration::MAX);
        let builder = Engine::builder();
        let builder = match decorator.clone() {
            Decorator::Faults(running) => {
                builder.register_decorated(service, options, move |durable| {
                    Injecting::around(durable, Arc::clone(&running))
                })
            }
            Decorator::ValueProbe(probe) => {
                builder.register_decorated::<S, _>(service, options, move |durable| {
                    Probing::around(durable, Arc::clone(&probe))
                })
            }
        };
        let engine = match builder.open(journal.clone()).await {
            Ok(engine) => engine,
            Err(error) => return LifeEnd::Stopped(error.to_string()),
        };
        let ended = tokio::select! {
            biased;
            () = journal.over() => LifeEnd::Crash,
            () = stopped(&decorator) => LifeEnd::Crash,
            ended = clock::end_of(end_of::<S>(&engine, &journal, input)) => {
                ended.unwrap_or(LifeEnd::Never)
            }
        };
        engine.abort().await;
        ended
    })
}

/// Ready when the run has stopped at the value of a probe.
async fn stopped(decorator: &Decorator) {
    match decorator {
        Decorator::ValueProbe(probe) => probe.over().await,
        Decorator::Faults(_) => pending().await,
    }
}

/// Submits the saga if it is not in the journal, and waits for its end.
async fn end_of<S>(engine: &Engine, journal: &CutJournal, input: S::Input) -> LifeEnd
where
    S: Machine<Durable> + 'static,
    S::Input: Journalable + 'static,
    S::Output: Journalable + 'static,
{
    let is_there = matches!(journal.find(&ID.into()).await, Ok(Some(_)));
    let ended = if is_there {
        engine.outcome::<S>(ID).await
    } else {
        match engine.submit::<S>(ID, input).await {
            Ok(mut handle) => handle.outcome().await,
            Err(error) => return LifeEnd::Stopped(error.to_string()),
        }
    };
    match ended {
        Ok(ended) => life_end::<S>(ended),
        Err(error) => LifeEnd::Stopped(error.to_string()),
    }
}

fn life_end<S: Saga>(ended: Ended<S>) -> LifeEnd {
    let ending = Ending::of::<S>(&ended);
    let report = match &ended {
        Ok(_) => None,
        Err(error) => Some(error.report().to_string()),
    };
    // It contains user values, and dropping them may panic.
    panics::discard(ended);
    LifeEnd::Saga(ending, report)
}

/// The result of one life.
pub(super) struct Life {
    pub(super) log: CellLog,
    pub(super) end: LifeEnd,
    /// The heads of the records of each write that was requested.
    pub(super) writes: Vec<Vec<String>>,
    /// The value at which it stopped.
    pub(super) seen: Option<SeenValue>,
}

impl Life {
    /// Runs one life of a process with this journal, which ends at this write.
    pub(super) async fn of<S: Saga>(
        live: Live<S>,
        (service, input): (&Arc<S::Service>, S::Input),
        (kept, cut): (&InMemoryJournal, Option<Cut>),
        decorator: Decorator,
    ) -> Self {
        let journal = CutJournal::new(kept.clone(), cut);
        let life = (live.live)(
            Arc::clone(service),
            input,
            journal.clone(),
            decorator.clone(),
        );
        let end = life.await;
        let (log, seen) = match decorator {
            Decorator::Faults(running) => (running.log.contents(), None),
            Decorator::ValueProbe(probe) => (CellLog::default(), Some(probe.value())),
        };
        Self {
            log,
            end,
            writes: journal.writes(),
            seen,
        }
    }
}

/// The state of the saga in this journal.
pub(super) async fn state(kept: &InMemoryJournal) -> Option<SagaState> {
    let saga = kept.find(&ID.into()).await.ok()??;
    Some(saga.state)
}

/// The heads of the records in this journal.
pub(super) async fn heads(kept: &InMemoryJournal) -> Vec<String> {
    let Ok(Some(saga)) = kept.find(&ID.into()).await else {
        return Vec::new();
    };
    let records = kept.records(saga.key).await.unwrap_or_default();
    records
        .into_iter()
        .map(|record| record.entry.to_json())
        .collect()
}
