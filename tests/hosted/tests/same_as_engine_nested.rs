//! Nested sagas over records that this crate keeps: the calls, records and reports must be those of an engine whose
//! journal is cut at the same write, also if a nested saga fails or is undone later.

use std::sync::Arc;

use saga_core::durable::{Carried, Engine, Hosted, InMemoryJournal, Journal as _, Record};
use saga_core::{CancellationToken, Ended, RunOptions};
use saga_hosted_tests::memory::Write;
use saga_hosted_tests::run::{Life, OneRun, runtime};
use saga_tests::cut_journal::{CutJournal, Kill};
use saga_tests::nested::Act::{self, Fail, Panic};
use saga_tests::nested::{Shop, ShopSaga, World};

const ID: &str = "o-1";

const SCRIPTS: [&[(&str, Act)]; 12] = [
    &[],
    &[("pay/1/check/do", Fail)],
    &[("check/do", Fail)],
    &[("settle/do", Fail)],
    &[("settle/do", Panic)],
    // What earlier sagas completed is undone.
    &[("dispatch/do", Fail)],
    &[("dispatch/do", Fail), ("settle/undo", Fail)],
    &[("dispatch/do", Fail), ("wrap/undo", Panic)],
    &[("label/do", Fail)],
    &[("thank/1/find/do", Fail)],
    &[("write/do", Fail)],
    &[("price/do", Fail)],
];

/// The results of a life that are compared.
#[derive(Debug, PartialEq)]
struct LifeResult {
    calls: Vec<String>,
    causes: Vec<String>,
    ended: Option<String>,
    records: Vec<(u64, String, String)>,
}

impl LifeResult {
    fn of(world: &World, ended: Option<&Ended<ShopSaga>>, records: &[Record]) -> Self {
        let record = |record: &Record| {
            let mut entry: serde_json::Value =
                serde_json::from_str(&record.entry.to_json()).unwrap();
            for of in entry.as_object_mut().unwrap().values_mut() {
                // Random, or dependent on the current time.
                for time in ["wait", "deadline"] {
                    if let Some(time) = of.get_mut(time) {
                        *time = "some".into();
                    }
                }
            }
            let value = String::from_utf8_lossy(&record.value).into_owned();
            (record.number, entry.to_string(), value)
        };
        Self {
            calls: world.calls.take(),
            causes: world.causes.take(),
            ended: ended.map(|ended| match ended {
                Ok(output) => output.clone(),
                Err(error) => error.report().to_string(),
            }),
            records: records.iter().map(record).collect(),
        }
    }
}

fn by_engine(script: &[(&'static str, Act)], kill: Kill) -> Vec<LifeResult> {
    let (kept, world) = (InMemoryJournal::new(), Arc::new(World::always(script)));
    let mut lived = Vec::new();
    for (nth, kill) in [kill, Kill::Never].into_iter().enumerate() {
        let journal = CutJournal::new(kept.clone(), kill);
        let ended = runtime().block_on(async {
            let shop = Shop::of(Arc::clone(&world));
            let builder = Engine::builder().register::<ShopSaga>(shop);
            let engine = builder.open(journal.clone()).await.unwrap();
            let run = async {
                if nth == 0 {
                    engine.submit::<ShopSaga>(ID, 7).await.unwrap();
                }
                engine.outcome::<ShopSaga>(ID).await.unwrap()
            };
            tokio::select! {
                biased;
                () = journal.over() => None,
                ended = run => Some(ended),
            }
        });
        let records = runtime().block_on(async {
            let saga = kept.find(&ID.into()).await.unwrap().unwrap();
            kept.records(saga.key).await.unwrap()
        });
        lived.push(LifeResult::of(&world, ended.as_ref(), &records));
        if ended.is_some() {
            break;
        }
    }
    lived
}

fn by_host(script: &[(&'static str, Act)], plans: &[&[(usize, Write)]]) -> Vec<LifeResult> {
    let world = Arc::new(World::always(script));
    let hosted = || {
        let shop = Shop::of(Arc::clone(&world));
        Hosted::<ShopSaga>::new(shop, RunOptions::new(), CancellationToken::new())
    };
    let run = OneRun::of(&hosted(), ID, "7");
    let mut lived = Vec::new();
    for (nth, plan) in plans.iter().copied().chain([&[][..]]).enumerate() {
        let life = if nth == 0 {
            Life::in_order()
        } else {
            Life::after_crash()
        };
        let ended = match run.carried(&hosted(), life.plan(plan)).0 {
            Some(Ok(Carried::Ended(ended))) => Some(ended),
            None => None,
            Some(other) => panic!("{script:?}: {other:?}"),
        };
        lived.push(LifeResult::of(&world, ended.as_ref(), &run.kept.all()));
        if ended.is_some() {
            break;
        }
    }
    lived
}

#[test]
fn without_a_crash_and_with_one_at_any_write_it_is_what_an_engine_does() {
    let mut count = 0;
    for script in SCRIPTS {
        let whole = by_engine(script, Kill::Never);
        assert_eq!(by_host(script, &[]), whole, "{script:?}");
        let writes = whole[0].records.len();
        for at in 2.. {
            for (kill, write) in [
                (Kill::Before(at), Write::EndsBefore),
                (Kill::After(at), Write::EndsAfter),
            ] {
                let host = by_host(script, &[&[(at - 1, write)]]);
                assert_eq!(by_engine(script, kill), host, "{script:?} {kill:?}");
                count += 1;
                if host.len() == 1 {
                    // There is no such write.
                    assert!(at <= writes + 1, "no end");
                }
            }
            if by_host(script, &[&[(at - 1, Write::EndsAfter)]]).len() == 1 {
                break;
            }
        }
    }
    assert!(count > 300, "{count}");
}

#[test]
fn a_run_of_which_only_a_part_of_a_write_is_there_goes_on_as_after_any_crash() {
    let (mut count, mut parts, mut known) = (0, 0, 0);
    for script in SCRIPTS {
        let whole = by_host(script, &[]);
        for at in 1..=whole[0].records.len() {
            let cut = by_host(script, &[&[(at, Write::EndsWithin)]]);
            let [first, second] = &cut[..] else {
                continue;
            };
            count += 1;
            parts += usize::from(second.records.len() > first.records.len());
            // A call that is recorded to have completed is not made again.
            let completed = |call: &str| {
                let (_, call) = call.split_once(&format!("/{ID}/")).unwrap();
                let ended = format!("\"call\":\"{call}\"");
                let mut records = first.records.iter();
                records.any(|(_, entry, _)| entry.contains("completed") && entry.contains(&ended))
            };
            known += first.calls.iter().filter(|call| completed(call)).count();
            let again: Vec<_> = second.calls.iter().filter(|call| completed(call)).collect();
            assert!(again.is_empty(), "{script:?} {at}: {again:?}");
        }
    }
    assert!(
        count > 150 && parts > 150 && known > 500,
        "{count} {parts} {known}"
    );
}
