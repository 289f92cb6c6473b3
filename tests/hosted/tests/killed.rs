//! Processes that are killed many times in the middle of steps, and one that finishes what they left.

use core::time::Duration;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;

use saga_core::durable::{Hosted, NoRequests};
use saga_core::{CancellationToken, End, RunOptions};
use saga_hosted_tests::host::{Directory, Host};
use saga_hosted_tests::till::{Till, TillSaga};

const RUNS: u32 = 24;
const KILLS: usize = 30;

/// The environment variable that makes the test binary the process that is killed. It contains the directory of the
/// runs.
const DIRECTORY: &str = "SAGA_HOSTED_KILLED_IN";

fn host(dir: &Path) -> Host<TillSaga> {
    let till = Till {
        log: dir.join("calls"),
    };
    let hosted = Hosted::new(Arc::new(till), RunOptions::new(), CancellationToken::new());
    Host::new(dir, hosted)
}

fn id(number: u32) -> String {
    format!("run-{number}")
}

/// The process that is killed: it carries all runs at once, to their ends.
fn carry_all(dir: &Path) {
    let host = Arc::new(host(dir));
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().build().unwrap().block_on(async {
        let mut runs = tokio::task::JoinSet::new();
        for number in 0..RUNS {
            let host = Arc::clone(&host);
            runs.spawn(async move {
                host.start(&id(number), &number.to_string()).unwrap();
                let ended = host.carry_to_end(&id(number), || NoRequests).await;
                let ended = ended.unwrap();
                match number % 3 {
                    2 => assert_eq!(ended.unwrap_err().end(), End::Compensated),
                    _ => assert_eq!(ended.unwrap(), number * 2),
                }
            });
        }
        while let Some(run) = runs.join_next().await {
            run.unwrap();
        }
    });
}

/// Not a test of its own: the process that the other test kills.
#[test]
fn the_process_that_is_killed() {
    if let Some(dir) = env::var_os(DIRECTORY) {
        carry_all(Path::new(&dir));
    }
}

fn child(dir: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "the_process_that_is_killed"])
        .env(DIRECTORY, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// The numbers of calls.
fn lines(dir: &Path) -> usize {
    let calls = fs::read_to_string(dir.join("calls"));
    calls.map_or(0, |calls| calls.lines().count())
}

#[test]
fn runs_come_to_their_ends_whenever_their_process_is_killed() {
    let dir = Directory::new("killed");
    let dir = dir.path();
    let mut killed = 0;
    for nth in 0..KILLS {
        let (before, mut child) = (lines(&dir), child(&dir));
        // At a random moment, however fast the process is.
        while lines(&dir) < before + 1 + nth * 5 % 17 && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        // SIGKILL.
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
    }
    assert!(child(&dir).wait().unwrap().success());

    let calls = fs::read_to_string(dir.join("calls")).unwrap();
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for line in calls.lines() {
        match line.strip_suffix(" ended") {
            Some(call) => counts.entry(call).or_default().1 += 1,
            None => counts.entry(line).or_default().0 += 1,
        }
    }
    let again: u32 = counts.values().map(|(began, _)| began - 1).sum();
    // Each call that began again was interrupted by a killed process, and this is recorded.
    let host = host(&dir);
    let (mut interrupted, mut ends) = (0, 0);
    for number in 0..RUNS {
        let id = id(number);
        let records = host.records(&id).unwrap();
        let entries: Vec<_> = records
            .iter()
            .map(|record| record.entry.to_json())
            .collect();
        interrupted += entries
            .iter()
            .filter(|entry| entry.contains("\"interrupted\""))
            .count();
        ends += records
            .iter()
            .filter(|record| record.entry.is_end())
            .count();
        let count = |call: &str| counts.get(&*format!("till/{id}/{call}#1"));
        for step in ["reserve/do", "charge/do", "weigh/do", "ship/do"] {
            let (began, ended) = count(step).copied().unwrap_or_default();
            assert!(began >= 1 && ended >= 1, "{id} {step}: {began} {ended}");
        }
        let is_refused = number % 3 == 2;
        for undo in ["charge/undo", "reserve/undo"] {
            assert_eq!(count(undo).is_some(), is_refused, "{id} {undo}");
        }
        // A refused call is undone if an earlier attempt was in doubt.
        let in_doubt = entries.iter().any(|entry| {
            entry.contains("\"gave_up\"")
                && entry.contains("ship/do")
                && entry.contains("\"in_doubt\":true")
        });
        assert_eq!(count("ship/undo").is_some(), is_refused && in_doubt, "{id}");
        // A call that is recorded to have completed did not begin again: each execution has its record.
        for (call, (began, ended)) in counts.range(&*format!("till/{id}/")..) {
            let Some(call) = call.strip_prefix(&format!("till/{id}/")) else {
                break;
            };
            let call = call.trim_end_matches("#1");
            let quoted = format!("\"{call}\"");
            let of_call = |kind: &str| {
                let of_call = entries.iter().filter(|entry| entry.starts_with(kind));
                of_call
                    .filter(|entry| entry.contains(&format!("\"call\":{quoted}")))
                    .count()
            };
            let times = of_call("{\"interrupted\"");
            assert!(
                usize::try_from(*began).unwrap() <= times + 1,
                "{id} {call}: {began} {times}"
            );
            assert!(ended <= began);
            let done = of_call("{\"completed\"") + of_call("{\"gave_up\"");
            assert_eq!(done, 1, "{id} {call}");
        }
    }
    assert_eq!(ends, usize::try_from(RUNS).unwrap());
    assert!(
        killed > 3 && again > 0 && interrupted > 0,
        "{killed} {again} {interrupted}"
    );
    println!("{killed} processes killed, {again} calls begun again, {interrupted} interruptions");
}
