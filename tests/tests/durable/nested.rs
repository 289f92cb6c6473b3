//! Nested sagas with an engine over a journal: as in memory, also if the process ends at any write.

use std::collections::BTreeMap;
use std::sync::Arc;

use saga_core::durable::{Engine, InMemoryJournal, Journal as _};
use saga_core::{Ended, RunOptions, Saga as _};
use saga_tests::cut_journal::{CutJournal, Kill};
use saga_tests::nested::Act::{self, Fail, Panic};
use saga_tests::nested::{Shop, ShopSaga, World};
use tokio::runtime::Runtime;

const ID: &str = "o-1";

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

/// One life of the process.
fn live(world: &Arc<World>, journal: &CutJournal) -> Option<Ended<ShopSaga>> {
    runtime().block_on(async {
        let shop = Shop::of(Arc::clone(world));
        let builder = Engine::builder().register::<ShopSaga>(shop);
        let engine = builder.open(journal.clone()).await.unwrap();
        let run = async {
            let mut handle = engine.submit::<ShopSaga>(ID, 7).await.unwrap();
            handle.outcome().await.unwrap()
        };
        tokio::select! {
            biased;
            () = journal.over() => None,
            ended = run => Some(ended),
        }
    })
}

/// How a saga ended, but for how often the process ended meanwhile.
fn summary(ended: &Ended<ShopSaga>) -> String {
    match ended {
        Ok(output) => output.clone(),
        Err(error) => {
            let report = error.report().to_string();
            let mut lines: Vec<_> = report.lines().collect();
            lines.retain(|line| !line.contains("the process ended"));
            lines.join("\n")
        }
    }
}

/// What the heads of the records say, and about which call.
fn heads(journal: &InMemoryJournal) -> Vec<(String, String, serde_json::Value)> {
    runtime().block_on(async {
        let Some(saga) = journal.find(&ID.into()).await.unwrap() else {
            return Vec::new();
        };
        let records = journal.records(saga.key).await.unwrap();
        let heads = records.iter().map(|record| {
            let head: serde_json::Value = serde_json::from_str(&record.entry.to_json()).unwrap();
            let (kind, of) = head.as_object().unwrap().iter().next().unwrap();
            let call = of.get("call").and_then(|call| call.as_str());
            (
                kind.clone(),
                call.unwrap_or_default().to_owned(),
                of.clone(),
            )
        });
        heads.collect()
    })
}

/// The calls that are recorded to have ended.
fn recorded(journal: &InMemoryJournal) -> Vec<String> {
    let ended = heads(journal)
        .into_iter()
        .filter(|(kind, ..)| kind == "completed" || kind == "gave_up");
    ended.map(|(_, call, _)| call).collect()
}

/// The calls that were interrupted and then failed. These are in doubt; without the interruption they would not be.
fn doubtful(journal: &InMemoryJournal) -> Vec<String> {
    let heads = heads(journal);
    let interrupted = |call: &str| {
        let mut interrupted = heads.iter().filter(|(kind, ..)| kind == "interrupted");
        // A call of which nothing has run is not in doubt, and neither is a read-only one.
        interrupted.any(|(_, of, head)| of == call && head["in_doubt"] == true)
    };
    let failed = heads
        .iter()
        .filter(|(kind, call, _)| kind == "gave_up" && interrupted(call));
    failed
        .map(|(_, call, of)| {
            assert_eq!(of["in_doubt"], true, "{of}");
            call.clone()
        })
        .collect()
}

const SCRIPTS: [&[(&str, Act)]; 11] = [
    &[],
    &[("pay/1/check/do", Fail)],
    &[("check/do", Fail)],
    &[("settle/do", Fail)],
    &[("settle/do", Panic)],
    &[("dispatch/do", Fail)],
    &[("dispatch/do", Fail), ("settle/undo", Fail)],
    &[("label/do", Fail)],
    &[("thank/1/find/do", Fail)],
    &[("write/do", Fail)],
    &[("price/do", Fail)],
];

#[test]
fn sagas_in_sagas_have_the_calls_and_the_report_that_they_have_in_memory() {
    for script in SCRIPTS {
        let world = Arc::new(World::always(script));
        let shop = Shop::of(Arc::clone(&world));
        let in_memory = runtime().block_on(ShopSaga::run_with(&shop, 7, RunOptions::new().id(ID)));
        let calls = world.calls.take();
        let journal = CutJournal::new(InMemoryJournal::new(), Kill::Never);
        let ended = live(&world, &journal).unwrap();
        assert_eq!(summary(&ended), summary(&in_memory), "{script:?}");
        assert_eq!(world.calls.take(), calls, "{script:?}");
    }
}

#[test]
fn a_process_that_ends_at_any_write_leaves_sagas_in_sagas_that_go_on_to_the_same_end() {
    let (mut wrong, mut lives) = (Vec::new(), 0);
    for script in SCRIPTS {
        let world = Arc::new(World::always(script));
        let journal = CutJournal::new(InMemoryJournal::new(), Kill::Never);
        let whole = live(&world, &journal).unwrap();
        let calls = world.calls.take();
        for kill in (1..=journal.writes()).flat_map(|nth| [Kill::Before(nth), Kill::After(nth)]) {
            let kept = InMemoryJournal::new();
            let first = CutJournal::new(kept.clone(), kill);
            assert!(live(&world, &first).is_none(), "{script:?} {kill:?}");
            let recorded = recorded(&kept);
            let before = world.calls.take();
            let second = CutJournal::new(kept.clone(), Kill::Never);
            let ended = live(&world, &second).unwrap();
            let after = world.calls.take();
            let mut counts = BTreeMap::<&String, usize>::new();
            before
                .iter()
                .chain(&after)
                .for_each(|call| *counts.entry(call).or_default() += 1);
            let again = counts.iter().filter(|(_, count)| **count > 1);
            let again: Vec<_> = again.map(|(call, _)| call.as_str()).collect();
            let missing: Vec<_> = calls
                .iter()
                .filter(|call| !counts.contains_key(call))
                .collect();
            let ended_twice = again.iter().filter(|call| {
                recorded
                    .iter()
                    .any(|recorded| call.ends_with(&format!("{ID}/{recorded}")))
            });
            let same = summary(&ended) == summary(&whole) && missing.is_empty();
            let may_differ = doubtful(&kept)
                .iter()
                .any(|call| !call.starts_with("price/"));
            // Both members of the first group may be in flight.
            if again.len() > 2
                || counts.values().any(|count| *count > 2)
                || ended_twice.count() > 0
                || !(same || may_differ)
            {
                wrong.push(format!(
                    "{script:?} {kill:?}: again {again:?}, missing {missing:?}\n{}\n{}",
                    summary(&whole),
                    summary(&ended)
                ));
            }
            lives += 1;
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong of {lives}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(lives, 442);
}
