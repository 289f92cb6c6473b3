//! Runs many sagas over SQLite and cancels one in twenty, in processes that are killed with SIGKILL. A second
//! database then shows whether anything was left behind, and the journal whether each saga ended as it should.
//!
//! A process is this program again, with an environment that makes it run sagas in place of a test. A command for a
//! larger run: `SAGA_MANY=60000 SAGA_KILLS=40 cargo test --release -p saga-sqlite --test many_kills --
//! --nocapture`.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../crash/killing.rs"]
#[allow(
    dead_code,
    reason = "it kills at a write, and here nothing is known of those"
)]
mod killing;
#[path = "../crash/sagas.rs"]
#[allow(dead_code, reason = "it has another saga as well")]
mod sagas;
#[path = "../crash/world.rs"]
#[allow(dead_code, reason = "it counts writes as well")]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, thread};

use saga_core::durable::{Begun, CancelOutcome, Engine, Entry, Journal as _, Query, SagaState};
use saga_sqlite::SqliteJournal;
use tokio::sync::Semaphore;

use crate::common::Folder;
use crate::sagas::{Act, Order, Shop, ShopSaga};
use crate::world::World;

const FOLDER: &str = "SAGA_MANY_FOLDER";
const SAGAS: &str = "SAGA_MANY_SAGAS";

/// How many sagas are submitted at once.
const IN_FLIGHT: usize = 512;

/// What fails in a saga, by its number.
const SCRIPTS: [&[(&str, Act)]; 11] = [
    &[("reserve/do", Act::Fail)],
    &[("charge/do", Act::Fail)],
    &[("charge/do", Act::Lose)],
    &[("bill/do", Act::Fail)],
    &[("wrap/do", Act::Fail)],
    &[("weigh/do", Act::Fail)],
    &[("fill/do", Act::Fail)],
    &[("seal/do", Act::Fail)],
    &[("ship/do", Act::Fail)],
    &[("ship/do", Act::Lose)],
    &[("mail/do", Act::Fail)],
];

/// Half of them succeed.
fn script(number: usize) -> &'static [(&'static str, Act)] {
    SCRIPTS
        .get(number % (2 * SCRIPTS.len()))
        .copied()
        .unwrap_or_default()
}

fn order(number: usize) -> Order {
    let script = script(number).iter();
    Order {
        gift: !number.is_multiple_of(3),
        script: script
            .map(|(call, act)| ((*call).to_owned(), *act))
            .collect(),
    }
}

const fn is_cancelled(number: usize) -> bool {
    number % 20 == 7
}

/// How it ends if it is not cancelled. Interruptions do not matter, because every compensation takes an attempt in
/// doubt.
fn end(number: usize) -> SagaState {
    match script(number) {
        [] => SagaState::Completed,
        // Nothing was wrapped.
        [("wrap/do", _)] if number.is_multiple_of(3) => SagaState::Completed,
        [("mail/do", _)] => SagaState::Stuck,
        _ => SagaState::Compensated,
    }
}

/// The effects of a saga that ended like this.
fn effects(number: usize, end: SagaState) -> BTreeSet<String> {
    let id = format!("order-{number}");
    let of = |step: &&str| {
        let is_made = match end {
            SagaState::Completed => true,
            SagaState::Stuck => *step != "mail",
            _ => false,
        };
        is_made && (*step != "wrap" || !number.is_multiple_of(3))
    };
    let steps = ["reserve", "charge", "bill", "wrap", "ship", "mail"].into_iter();
    let keys = steps.filter(of).map(|step| format!("shop/{id}/{step}/do"));
    let packed = ["fill", "seal"].into_iter().filter(of);
    let packed = packed.map(|step| format!("packing/shop/{id}/pack/1/{step}/do"));
    keys.chain(packed).collect()
}

/// Runs one life, if this process was started for one.
fn live_if_asked() -> bool {
    let (Ok(folder), Ok(sagas)) = (env::var(FOLDER), env::var(SAGAS)) else {
        return false;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build();
    let live = live(Path::new(&folder), sagas.parse().unwrap());
    runtime.unwrap().block_on(live);
    true
}

async fn live(folder: &Path, sagas: usize) {
    let world = Arc::new(World::open_unsynced(folder));
    let journal = SqliteJournal::open(folder.join("sagas.db")).unwrap();
    let builder = Engine::builder().register::<ShopSaga>(Shop::of(&world));
    let engine = builder.open(journal).await.unwrap();
    let ended: BTreeSet<_> = world.ends().into_iter().collect();
    let is_over = |number: usize| {
        let id = format!("order-{number}: ");
        ended
            .range(id.clone()..)
            .next()
            .is_some_and(|end| end.starts_with(&id))
    };
    let places = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut tasks = Vec::new();
    for number in (0..sagas).filter(|number| !is_over(*number)) {
        let place = Arc::clone(&places).acquire_owned().await.unwrap();
        let (engine, world) = (engine.clone(), Arc::clone(&world));
        tasks.push(tokio::spawn(async move {
            let id = format!("order-{number}");
            // A saga that an earlier life has left is found again.
            let mut handle = engine
                .submit::<ShopSaga>(&*id, order(number))
                .await
                .unwrap();
            if is_cancelled(number) {
                tokio::time::sleep(Duration::from_millis(number as u64 % 4)).await;
                let answer = engine.cancel(&*id).await.unwrap();
                if answer == CancelOutcome::Requested {
                    world.record_end(&format!("cancelled {id}"), "requested");
                }
            }
            let end = match handle.outcome().await.unwrap() {
                Ok(_) => "completed".to_owned(),
                Err(error) => format!("{:?}", error.end()).to_lowercase(),
            };
            world.record_end(&id, &end);
            drop(place);
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

fn process(test: &str, folder: &Folder, sagas: usize) -> Child {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture", "--include-ignored"]);
    child
        .env(FOLDER, folder.path())
        .env(SAGAS, sagas.to_string());
    child.stdout(Stdio::null()).spawn().unwrap()
}

/// How many sagas ended, as the lives saw it.
fn recorded_ends(folder: &Folder) -> usize {
    let path = folder.file("world.db");
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let count = || -> rusqlite::Result<usize> {
        let world = rusqlite::Connection::open_with_flags(&path, flags)?;
        let sql = "SELECT count(*) FROM saga_end";
        world
            .query_row(sql, [], |row| row.get::<_, i64>(0))
            .map(|count| usize::try_from(count).unwrap())
    };
    // The database does not exist yet, or is being created.
    count().unwrap_or(0)
}

/// Runs lives that are killed after they have ended their share of the sagas, and then one that is not killed.
fn killed(test: &str, folder: &Folder, sagas: usize, kills: usize) {
    for kill in 1..=kills {
        let mut child = process(test, folder, sagas);
        // At a random moment of what goes on then.
        let share = sagas * kill / (kills + 1);
        while recorded_ends(folder) < share {
            assert!(
                child.try_wait().unwrap().is_none(),
                "life {kill} ended by itself"
            );
            thread::sleep(Duration::from_millis(3));
        }
        thread::sleep(Duration::from_micros(kill as u64 * 2_617 % 9_000));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut last = process(test, folder, sagas);
    assert!(last.wait().unwrap().success(), "the last life");
}

/// The sagas that are not as they have to be.
fn wrong(folder: &Folder, sagas: usize) -> Vec<String> {
    let world = World::open_unsynced(folder.path());
    let mut wrong = Vec::new();
    let mut ends = BTreeMap::<_, Vec<_>>::new();
    for end in world.ends() {
        let (id, end) = end.split_once(": ").unwrap();
        ends.entry(id.to_owned()).or_default().push(end.to_owned());
    }
    let mut calls = BTreeMap::<String, usize>::new();
    for call in world.calls() {
        *calls.entry(call).or_default() += 1;
    }
    let mut left = world.effects();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let journal = SqliteJournal::open(folder.file("sagas.db")).unwrap();
    let mut query = Query::new();
    let mut seen = 0;
    loop {
        let page = runtime.block_on(journal.list(query.clone())).unwrap();
        let Some(last) = page.last() else {
            break;
        };
        query = query.after(last.key);
        for saga in &page {
            let id = saga.id.to_string();
            let number: usize = id.strip_prefix("order-").unwrap().parse().unwrap();
            let entries: Vec<_> = runtime.block_on(journal.records(saga.key)).unwrap();
            let entries: Vec<_> = entries.into_iter().map(|record| record.entry).collect();
            let is_requested = |entry: &Entry| matches!(entry, Entry::CancelRequested {});
            let requested = entries.iter().position(is_requested);
            let was_answered = ends.contains_key(&format!("cancelled {id}"));
            if was_answered && requested.is_none() {
                wrong.push(format!(
                    "{id}: a cancellation was answered and is not recorded"
                ));
            }
            let may_be = match requested {
                None => vec![end(number)],
                // Nothing begins after it, so the pivot does not, either.
                Some(at) if !entries[..at].iter().any(mentions_pivot) => {
                    vec![SagaState::Compensated]
                }
                Some(_) => vec![SagaState::Compensated, end(number)],
            };
            if !may_be.contains(&saga.state) {
                wrong.push(format!(
                    "{id} ended as {}, and has to be one of {may_be:?}",
                    saga.state
                ));
            }
            if ends.get(&id).map(Vec::as_slice) != Some(&[saga.state.to_string()]) {
                wrong.push(format!(
                    "{id} ended as {}, notified of {:?}",
                    saga.state,
                    ends.get(&id)
                ));
            }
            let has_ended = |entry: &&Entry| match entry {
                Entry::Completed { ends, .. } => *ends,
                Entry::Ended { .. } => true,
                _ => false,
            };
            let times = entries.iter().filter(has_ended).count();
            if times != 1 {
                wrong.push(format!("{id} ended {times} times"));
            }
            for effect in effects(number, saga.state) {
                if !left.remove(&effect) {
                    wrong.push(format!("{id}: {effect} is missing"));
                }
            }
            executed(&entries, &id, &calls, &mut wrong);
            seen += 1;
        }
    }
    if seen != sagas {
        wrong.push(format!("{seen} sagas of {sagas}"));
    }
    wrong.extend(left.iter().map(|effect| format!("{effect} is left behind")));
    wrong
}

/// Whether the pivot is in flight from this record on.
fn mentions_pivot(entry: &Entry) -> bool {
    let (call, begins) = match entry {
        Entry::Completed { call, begins, .. } | Entry::GaveUp { call, begins, .. } => {
            (call, &**begins)
        }
        Entry::Began { call, .. } | Entry::Interrupted { call, .. } => (call, &[][..]),
        _ => return false,
    };
    let is_pivot = |call: &saga_core::durable::CallId| call.to_string() == "ship/do";
    is_pivot(call)
        || begins
            .iter()
            .any(|begun| matches!(begun, Begun::Call(call) if is_pivot(call)))
}

/// Each call is executed once for each attempt, and repeated only as often as an interruption is recorded.
fn executed(entries: &[Entry], id: &str, calls: &BTreeMap<String, usize>, wrong: &mut Vec<String>) {
    let mut allowed = BTreeMap::<String, usize>::new();
    for entry in entries {
        match entry {
            Entry::Failed { call, .. } | Entry::Interrupted { call, .. } => {
                *allowed.entry(call.to_string()).or_default() += 1;
            }
            _ => {}
        }
    }
    for of in ["shop", "packing/shop"] {
        let keys = format!("{of}/{id}/");
        let of_saga = calls.range(keys.clone()..);
        for (key, count) in of_saga.take_while(|(key, _)| key.starts_with(&keys)) {
            let call = &key[keys.len()..];
            let most = 1 + allowed.get(call).copied().unwrap_or_default();
            if *count > most {
                wrong.push(format!(
                    "{key} is executed {count} times, and {most} are recorded"
                ));
            }
        }
    }
}

fn check(test: &str, sagas: usize, kills: usize) {
    let folder = Folder::in_memory("many-kills");
    let began = Instant::now();
    killed(test, &folder, sagas, kills);
    let took = began.elapsed();
    let wrong = wrong(&folder, sagas);
    println!(
        "{sagas} sagas, {kills} kills, in {took:?}: {} wrong",
        wrong.len()
    );
    let few = &wrong[..wrong.len().min(20)];
    assert!(wrong.is_empty(), "{} wrong: {few:#?}", wrong.len());
}

/// The value of the environment variable, or a default.
fn size(name: &str, default: usize) -> usize {
    let said = env::var(name).ok();
    said.map_or(default, |said| said.parse().expect("a number"))
}

#[test]
fn many_sagas_of_which_some_are_cancelled_leave_nothing_behind_after_many_kills() {
    if live_if_asked() {
        return;
    }
    let test = "many_sagas_of_which_some_are_cancelled_leave_nothing_behind_after_many_kills";
    check(test, size("SAGA_MANY", 1_000), size("SAGA_KILLS", 6));
}
