//! Every fault at every step of a saga that has all that the language has, and a cancellation and a
//! deadline while each step runs, between its attempts, and while compensating: the exact calls with
//! their attempt numbers and idempotency keys, what became of each step, and how the saga ended.

use core::pin::pin;
use core::time::Duration;
use std::collections::BTreeMap;

use saga_core::{CancellationToken, Policy, RunOptions, Saga};
use saga_tests::cells::{By, Cell, When, cells, told, without_keys};
use saga_tests::ten_steps::{TIMEOUT, Works, WorksSaga};
use tokio::time::Instant;

const ID: &str = "run-1";

/// Longer than any of the runs takes without waiting for it. With full jitter a wait is drawn from zero
/// on: that one of these is over within an hour has a chance of 1 in 24 million.
const LONG_WAIT: Duration = Duration::from_hours(24 * 1_000_000);
const LONGEST_RUN: Duration = Duration::from_hours(1);

fn options(works: &Works) -> RunOptions<WorksSaga> {
    let options = RunOptions::new().id(ID);
    works.patient().fold(options, |options, method| {
        let policy = |attempts| {
            Policy::attempts(attempts)
                .backoff(LONG_WAIT, LONG_WAIT)
                .timeout(TIMEOUT)
        };
        let changed = match method.strip_prefix("un") {
            Some(step) => options.compensation_policy(step, policy(2)),
            None => options.policy(method, policy(3)),
        };
        changed.expect("a method of the saga")
    })
}

/// Runs what `begin` begins, on a service that does what the cell says, and ends it when the cell says.
/// The calls, what the run gave, and how long it took.
async fn live<R>(
    cell: &Cell,
    begin: impl AsyncFn(&Works, RunOptions<WorksSaga>) -> R,
) -> (Vec<String>, R, Duration) {
    let works = cell.works();
    let token = CancellationToken::new();
    let mut options = options(&works);
    match cell.ended {
        None => {}
        Some((By::Cancelling, when)) => {
            if when == When::Start {
                token.cancel();
            }
            options = options.cancellation(token.clone());
        }
        Some((By::Deadline, When::Start)) => options = options.deadline(Duration::ZERO),
        Some((By::Deadline, When::At(_))) => {
            options = options.deadline(until_moment(cell, &begin).await);
        }
    }
    let began = Instant::now();
    let mut run = pin!(begin(&works, options));
    let ended = tokio::select! {
        biased;
        ended = &mut run => ended,
        () = works.reached() => {
            token.cancel();
            run.await
        }
    };
    let took = began.elapsed();
    let mistakes = works.mistakes.lock().unwrap().clone();
    assert_eq!(mistakes, [""; 0], "{cell}");
    (works.calls.take(), ended, took)
}

/// How long after its beginning the run gets to the moment.
async fn until_moment<R>(
    cell: &Cell,
    begin: impl AsyncFn(&Works, RunOptions<WorksSaga>) -> R,
) -> Duration {
    let works = cell.works();
    let began = Instant::now();
    tokio::select! {
        biased;
        _ = begin(&works, options(&works)) => panic!("{cell}: the moment never comes"),
        () = works.reached() => began.elapsed(),
    }
}

/// What is not as the cell says.
fn wrong(
    cell: &Cell,
    calls: &[String],
    run: &Result<saga_tests::ten_steps::Close, saga_core::SagaError<WorksSaga>>,
) -> Vec<String> {
    let calls = without_keys(ID, calls);
    let (steps, end) = told(run, &calls);
    let mut wrong = Vec::new();
    let mut compare = |what, is: String, should_be: &str| {
        if is != should_be {
            wrong.push(format!(
                "{cell}\n  {what} are {is}\n  {what} to be {should_be}"
            ));
        }
    };
    compare("calls", calls.join(" "), &cell.calls.join(" "));
    compare("steps", steps, &cell.steps);
    compare("end", end, &cell.end);
    wrong
}

#[tokio::test(start_paused = true)]
async fn every_cell_gives_exactly_these_calls_and_this_end() {
    let (mut wrongs, mut counts) = (Vec::new(), BTreeMap::new());
    for cell in cells() {
        let begin = async |works: &Works, options| WorksSaga::run_with(works, 7, options).await;
        let (calls, run, took) = live(&cell, begin).await;
        wrongs.extend(wrong(&cell, &calls, &run));
        let again = |method| {
            cell.calls
                .iter()
                .any(|c| c.starts_with(&format!("{method}#2")))
        };
        let waited = cell.works().patient().any(again);
        if (took > LONGEST_RUN) != waited {
            wrongs.push(format!("{cell}\n  took {took:?}"));
        }
        *counts.entry(cell.table).or_insert(0) += 1;
    }
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
    let expected = [
        ("compensations", 42),
        ("conditions", 8),
        ("ended in a group", 40),
        ("ended in a wait", 38),
        ("ended in hand", 180),
        ("ended while compensating", 70),
        ("groups", 72),
        ("steps", 80),
    ];
    assert_eq!(counts, BTreeMap::from(expected), "no cell got lost");
    assert_eq!(counts.values().sum::<u32>(), 530);
}
