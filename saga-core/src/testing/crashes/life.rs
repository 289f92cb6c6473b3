//! The lives of a process that ends once: an engine over a journal, and another that goes on.

use core::future::Future;
use core::pin::Pin;
use core::time::Duration;
use std::sync::Arc;

use super::cut::{Cut, CutJournal};
use crate::driver::Ended;
use crate::durable::{Durable, Engine, Journal as _, Journalable, MemoryJournal, SagaState};
use crate::options::RunOptions;
use crate::panics;
use crate::saga::{Machine, Saga};
use crate::testing::clock;
use crate::testing::ending::Ending;
use crate::testing::fault::Cell;
use crate::testing::given::GivenErrors;
use crate::testing::inject::{ID, Running};
use crate::testing::log::Taken;

/// How one life ended.
#[derive(Debug)]
pub(in crate::testing) enum LifeEnd {
    /// The process did.
    Crash,
    /// The saga did, with this report if it did not complete.
    Saga(Ending, Option<String>),
    /// Neither ever does.
    Never,
    /// The saga does not go on.
    Stopped(String),
}

/// One life: what lives needs of a saga's types.
pub(in crate::testing) type Live<S> = fn(
    Arc<<S as Saga>::Service>,
    <S as Saga>::Input,
    CutJournal,
    Arc<Running>,
) -> Pin<Box<dyn Future<Output = LifeEnd>>>;

pub(in crate::testing) fn live<S>(
    service: Arc<S::Service>,
    input: S::Input,
    journal: CutJournal,
    running: Arc<Running>,
) -> Pin<Box<dyn Future<Output = LifeEnd>>>
where
    S: Machine<Durable> + 'static,
    S::Service: Send + 'static,
    S::Input: Journalable + 'static,
    S::Output: Journalable + 'static,
{
    Box::pin(async move {
        // Waits and time limits pass at once, and which comes first is not what a cell is about.
        let options = RunOptions::new().deadline(Duration::MAX);
        let builder = Engine::builder().register_with::<S>(service, options);
        let engine = match builder.broken_by(running).open(journal.clone()).await {
            Ok(engine) => engine,
            Err(error) => return LifeEnd::Stopped(error.to_string()),
        };
        let ended = tokio::select! {
            biased;
            () = journal.over() => LifeEnd::Crash,
            ended = clock::end_of(end_of::<S>(&engine, &journal, input)) => {
                ended.unwrap_or(LifeEnd::Never)
            }
        };
        engine.kill().await;
        ended
    })
}

/// Submits the saga if it is not there, and waits for its end.
async fn end_of<S>(engine: &Engine, journal: &CutJournal, input: S::Input) -> LifeEnd
where
    S: Machine<Durable> + 'static,
    S::Service: Send + 'static,
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
        Ok(ended) => told::<S>(ended),
        Err(error) => LifeEnd::Stopped(error.to_string()),
    }
}

fn told<S: Saga>(ended: Ended<S>) -> LifeEnd {
    let ending = Ending::of::<S>(&ended);
    let report = match &ended {
        Ok(_) => None,
        Err(error) => Some(error.report().to_string()),
    };
    // What it holds is the user's.
    panics::discard(ended);
    LifeEnd::Saga(ending, report)
}

/// What is known of one life.
pub(super) struct Life {
    pub(super) taken: Taken,
    pub(super) end: LifeEnd,
    /// The heads of the records of each write that was asked for.
    pub(super) writes: Vec<Vec<String>>,
}

impl Life {
    /// One life of a saga's process on this journal, which ends at this write.
    pub(super) async fn of<S: Saga>(
        live: Live<S>,
        (service, input): (&Arc<S::Service>, S::Input),
        (kept, cut): (&MemoryJournal, Option<Cut>),
        (cell, errors): (Cell, GivenErrors),
    ) -> Self {
        let running = Arc::new(Running::new(cell, errors));
        let journal = CutJournal::new(kept.clone(), cut);
        let life = live(
            Arc::clone(service),
            input,
            journal.clone(),
            Arc::clone(&running),
        );
        let end = life.await;
        Self {
            taken: running.log.taken(),
            end,
            writes: journal.writes(),
        }
    }
}

/// What the saga has come to in this journal.
pub(super) async fn state(kept: &MemoryJournal) -> Option<SagaState> {
    let saga = kept.find(&ID.into()).await.ok()??;
    Some(saga.state)
}

/// The heads of the records that are there.
pub(super) async fn heads(kept: &MemoryJournal) -> Vec<String> {
    let Ok(Some(saga)) = kept.find(&ID.into()).await else {
        return Vec::new();
    };
    let records = kept.records(saga.key).await.unwrap_or_default();
    records
        .into_iter()
        .map(|record| record.entry.to_json())
        .collect()
}
