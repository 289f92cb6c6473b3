//! A crash or an orderly shutdown at each write, combined with cancellations, deadlines, nested sagas, groups,
//! conditions and waits. Each saga is judged by the rules of its definition.

use core::time::Duration;
use std::sync::Arc;

use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::{Policy, RunOptions};
use saga_tests::cells::{By, Cell, When, cells};
use saga_tests::cut_journal::Kill;
use saga_tests::history::History;
use saga_tests::judge::written;
use saga_tests::lives::{CancelAt, Life, Moment, Outcome, Subject, Typed};
use saga_tests::nested::Act::{self, Fail, Panic, Take};
use saga_tests::nested::{Shop, ShopSaga, World};
use saga_tests::ten_steps::{TIMEOUT, Works, WorksSaga};
use tokio::time::Instant;

const ID: &str = "run-1";
const DAY: Duration = Duration::from_hours(24);
const LONG_WAIT: Duration = Duration::from_hours(24 * 1_000_000);

fn options(works: &Works) -> RunOptions<WorksSaga> {
    works.patient().fold(RunOptions::new(), |options, method| {
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

/// What is wrong with the run of a cell through these lives, and its result.
fn live(cell: &Cell, deadline: Option<Duration>, lives: &[Life]) -> (Vec<String>, Option<Outcome>) {
    let history = Arc::new(History::new(ID));
    let mut works = cell.works();
    works.history = Some(Arc::clone(&history));
    let works = Arc::new(works);
    let reached = Arc::clone(&works);
    let moment = move || -> Moment<'_> {
        let works = Arc::clone(&reached);
        Box::pin(async move { works.reached().await })
    };
    let saga = Typed::<WorksSaga> {
        options: options(&works),
        service: Arc::clone(&works),
        input: 42,
    };
    let subject = Subject {
        saga: &saga,
        deadline,
        history: Arc::clone(&history),
        moment: &moment,
    };
    let outcome = subject.live(lives);
    let mut wrong = match &outcome {
        None => vec!["it has no end".to_owned()],
        Some(outcome) => outcome.wrong.clone(),
    };
    wrong.extend(works.mistakes.lock().unwrap().clone());
    if !wrong.is_empty() {
        let what = format!(
            "{cell}, deadline {deadline:?}, {lives:?}: {}\n{}",
            wrong.join("; "),
            written(&history.events())
        );
        wrong = vec![what];
    }
    (wrong, outcome)
}

fn check(wrong: &[String], runs: usize) {
    assert!(
        wrong.is_empty(),
        "{} wrong of {runs}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
}

/// The cells without a cancellation or a deadline.
fn not_ended() -> impl Iterator<Item = Cell> {
    cells().into_iter().filter(|cell| cell.ended.is_none())
}

/// Cuts before and after each of this many writes.
fn kills(writes: usize) -> impl Iterator<Item = Kill> {
    (1..=writes).flat_map(|nth| [Kill::Before(nth), Kill::After(nth)])
}

/// One in a few of the second lives that end early; another one in each run.
fn second(nth: usize) -> Kill {
    let kills = [
        Kill::Before(1),
        Kill::After(1),
        Kill::Before(2),
        Kill::After(2),
        Kill::After(3),
    ];
    kills[nth % kills.len()]
}

/// Runs each of these cells as a whole, and then through the lives that `lives` makes for its number of writes.
fn all(
    cells: impl Iterator<Item = (Cell, Option<Duration>, Life)>,
    mut lives: impl FnMut(usize, Life) -> Vec<Vec<Life>>,
) -> usize {
    let (mut wrong, mut runs) = (Vec::new(), 0);
    for (cell, deadline, whole) in cells {
        let (of_whole, outcome) = live(&cell, deadline, &[whole]);
        wrong.extend(of_whole);
        let Some(outcome) = outcome else { continue };
        for lives in lives(outcome.writes[0], whole) {
            wrong.extend(live(&cell, deadline, &lives).0);
            runs += 1;
        }
    }
    check(&wrong, runs);
    runs
}

fn cancelled() -> impl Iterator<Item = (Cell, Option<Duration>, Life)> {
    cells().into_iter().filter_map(|cell| {
        let cancel = match cell.ended? {
            (By::Cancelling, When::Start) => CancelAt::Start,
            (By::Cancelling, When::At(_)) => CancelAt::Moment,
            (By::Deadline, _) => return None,
        };
        Some((cell, None, Life::last().cancel(cancel)))
    })
}

/// The cells with a deadline at some moment.
fn overdue() -> impl Iterator<Item = (Cell, Option<Duration>, Life)> {
    let overdue = cells()
        .into_iter()
        .filter(|cell| matches!(cell.ended, Some((By::Deadline, _))));
    overdue.map(|cell| {
        let deadline = match cell.ended {
            Some((_, When::At(_))) => moment_of(&cell),
            _ => Duration::ZERO,
        };
        (cell, Some(deadline), Life::last())
    })
}

/// How long the run takes to reach its moment.
fn moment_of(cell: &Cell) -> Duration {
    let works = Arc::new(cell.works());
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let options = options(&works);
        let builder = Engine::builder().register_with::<WorksSaga>(Arc::clone(&works), options);
        let engine = builder.open(InMemoryJournal::new()).await.unwrap();
        let began = Instant::now();
        let _handle = engine.submit::<WorksSaga>(ID, 42).await.unwrap();
        works.reached().await;
        began.elapsed()
    })
}

/// At this moment of each life.
fn until(kill: Kill, like: Life) -> Life {
    Life { kill, ..like }
}

#[test]
fn a_cancellation_that_meets_a_crash_at_any_write() {
    let runs = all(cancelled(), |writes, whole| {
        kills(writes).map(|kill| vec![until(kill, whole)]).collect()
    });
    assert_eq!(runs, 3_916);
}

#[test]
fn a_cancellation_that_meets_two_crashes() {
    let mut nth = 0;
    let runs = all(cancelled(), |writes, whole| {
        let lives = kills(writes).map(|kill| {
            nth += 1;
            vec![until(kill, whole), until(second(nth), whole)]
        });
        lives.collect()
    });
    assert_eq!(runs, 3_916);
}

#[test]
fn a_deadline_that_meets_a_crash_at_any_write() {
    let runs = all(overdue(), |writes, whole| {
        kills(writes).map(|kill| vec![until(kill, whole)]).collect()
    });
    assert_eq!(runs, 3_714);
}

#[test]
fn a_deadline_that_passes_while_no_process_runs_after_a_crash_at_any_write() {
    let cells = not_ended().map(|cell| (cell, Some(DAY), Life::last()));
    let runs = all(cells, |writes, _| {
        kills(writes)
            .map(|kill| vec![Life::until(kill).pause(2 * DAY)])
            .collect()
    });
    assert_eq!(runs, 4_528);
}

#[test]
fn a_cancellation_that_comes_in_the_second_life_after_a_crash_at_any_write() {
    let cells = not_ended().map(|cell| (cell, None, Life::last()));
    let mut nth = 0;
    let runs = all(cells, |writes, _| {
        let lives = kills(writes).map(|kill| {
            nth += 1;
            // At its beginning, or in one of its first calls.
            let cancel = [
                CancelAt::Start,
                CancelAt::Call(1),
                CancelAt::Start,
                CancelAt::Call(2),
            ][nth % 4];
            vec![Life::until(kill), Life::last().cancel(cancel)]
        });
        lives.collect()
    });
    assert_eq!(runs, 4_528);
}

#[test]
fn three_crashes_and_then_a_deadline_or_a_cancellation() {
    let mut nth = 0;
    let cells = not_ended().map(|cell| (cell, Some(DAY), Life::last()));
    let runs = all(cells, |writes, _| {
        let lives = kills(writes).step_by(2).map(|kill| {
            nth += 1;
            let third = Life::until(second(nth / 5));
            let (third, last) = match nth % 3 {
                0 => (third.pause(2 * DAY), Life::last()),
                1 => (third, Life::last().cancel(CancelAt::Start)),
                _ => (third.cancel(CancelAt::Start), Life::last()),
            };
            vec![Life::until(kill), Life::until(second(nth)), third, last]
        });
        lives.collect()
    });
    assert_eq!(runs, 2_264);
}

#[test]
fn an_orderly_shutdown_at_any_write_that_meets_a_deadline_or_a_cancellation() {
    let mut nth = 0;
    let cells = not_ended().map(|cell| (cell, Some(DAY), Life::last()));
    let runs = all(cells, |writes, _| {
        let lives = (1..=writes).map(|write| {
            nth += 1;
            let first = Life::until(Kill::Shutdown(write));
            match nth % 4 {
                0 => vec![first.pause(2 * DAY)],
                1 => vec![first, Life::last().cancel(CancelAt::Start)],
                2 => vec![first, Life::last().cancel(CancelAt::Call(1))],
                _ => vec![
                    first,
                    Life::until(Kill::Shutdown(2)),
                    Life::until(Kill::Shutdown(2)),
                ],
            }
        });
        lives.collect()
    });
    assert_eq!(runs, 2_264);
}

#[test]
fn a_cancellation_or_deadline_that_meets_an_orderly_shutdown_at_any_write() {
    let runs = all(cancelled().chain(overdue()), |writes, whole| {
        (1..=writes)
            .map(|write| vec![until(Kill::Shutdown(write), whole)])
            .collect()
    });
    assert_eq!(runs, 3_815);
}

#[test]
fn a_shutdown_that_waits_for_nothing() {
    let mut nth = 0;
    let cells = not_ended().map(|cell| (cell, Some(DAY), Life::last()));
    let runs = all(cells, |writes, _| {
        let lives = (1..=writes).map(|write| {
            nth += 1;
            let first = Life::until(Kill::Shutdown(write)).grace(Duration::ZERO);
            match nth % 3 {
                0 => vec![first.pause(2 * DAY)],
                1 => vec![first, Life::last().cancel(CancelAt::Start)],
                _ => vec![first; 9],
            }
        });
        lives.collect()
    });
    assert_eq!(runs, 2_264);
}

/// The calls of a shop with nested sagas: before the pivot, in a group, under a condition, repeated under `when`,
/// with a time limit, as the pivot, and after it.
const SCRIPTS: [&[(&str, Act)]; 22] = [
    &[],
    &[("price/do", Fail)],
    &[("pack/do", Fail)],
    &[("pack/do", Take(9_000))],
    &[("pay/1/check/do", Fail)],
    &[("check/do", Fail)],
    &[("pay/1/check/do", Fail), ("pay/1/check/undo", Fail)],
    &[("hold/do", Fail)],
    &[("hold/do", Panic)],
    &[("settle/do", Fail)],
    &[("settle/do", Fail), ("hold/undo", Panic)],
    // Its time limit passes and it is repeated: in the first run only, or in every run.
    &[("pay/1/check/do", Take(15_000))],
    &[("hold/do", Take(15_000))],
    &[("write/do", Fail)],
    &[("wrap/do", Panic)],
    &[("gift/1/wrap/do", Take(5_000)), ("dispatch/do", Fail)],
    &[("ship/1/find/do", Fail)],
    &[("dispatch/do", Fail), ("settle/undo", Fail)],
    &[("dispatch/do", Panic)],
    &[("label/do", Fail)],
    &[("thank/1/find/do", Fail)],
    &[
        ("thank/1/dispatch/do", Fail),
        ("thank/2/find/do", Take(7_000)),
    ],
];

/// The number of calls of an undisturbed shop.
const CALLS: usize = 15;

/// What is wrong with an order of this many cups, and how many writes each life made.
fn live_nested(
    script: &'static [(&'static str, Act)],
    cups: u32,
    deadline: Option<Duration>,
    lives: &[Life],
) -> (Vec<String>, Vec<usize>) {
    let history = Arc::new(History::new(ID));
    let mut world = World::always(script);
    world.takes = Duration::from_secs(1);
    world.history = Some(Arc::clone(&history));
    let mut retries = Policy::attempts(3);
    if deadline.is_none_or(|deadline| deadline == DAY) {
        // Otherwise the deadline is half a second after everything that begins.
        retries = retries.backoff(10 * world.takes, 10 * world.takes);
    }
    let saga = Typed::<ShopSaga> {
        options: RunOptions::new()
            .policy("pay", retries.timeout(10 * world.takes))
            .unwrap(),
        service: Arc::new(Shop::of(Arc::new(world))),
        input: cups,
    };
    let subject = Subject {
        saga: &saga,
        deadline,
        history: Arc::clone(&history),
        moment: &|| Box::pin(core::future::pending()),
    };
    let outcome = subject.live(lives);
    let (mut wrong, writes) = match outcome {
        None => (vec!["it has no end".to_owned()], Vec::new()),
        Some(outcome) => (outcome.wrong, outcome.writes),
    };
    if !wrong.is_empty() {
        let events = written(&history.events());
        let wrongs = wrong.join("; ");
        let what =
            format!("{script:?}, {cups}, deadline {deadline:?}, {lives:?}: {wrongs}\n{events}");
        wrong = vec![what];
    }
    (wrong, writes)
}

/// Runs a shop with each script as a whole, and then through the lives that `lives` makes for its number of writes.
fn all_nested(
    wholes: &[(Option<Duration>, Life)],
    mut lives: impl FnMut(usize, Life) -> Vec<Vec<Life>>,
) -> usize {
    let (mut wrong, mut runs) = (Vec::new(), 0);
    let shops = SCRIPTS
        .map(|script| (script, 7))
        .into_iter()
        .chain([(SCRIPTS[0], 3)]);
    for (script, cups) in shops {
        for (deadline, whole) in wholes {
            let (of_whole, writes) = live_nested(script, cups, *deadline, &[*whole]);
            wrong.extend(of_whole);
            let Some(writes) = writes.first() else {
                continue;
            };
            for lives in lives(*writes, *whole) {
                wrong.extend(live_nested(script, cups, *deadline, &lives).0);
                runs += 1;
            }
        }
    }
    check(&wrong, runs);
    runs
}

/// Alternates the end of the second life and the life after it.
fn next_lives(nth: usize) -> Vec<Life> {
    let again = Life::until(second(nth / 6));
    match nth % 6 {
        0 => vec![Life::last()],
        1 => vec![Life::last().cancel(CancelAt::Start)],
        2 => vec![Life::last().cancel(CancelAt::Call(1 + nth / 6 % 3))],
        3 => vec![again.pause(2 * DAY)],
        4 => vec![again, again, Life::last().cancel(CancelAt::Start)],
        _ => vec![again.cancel(CancelAt::Start)],
    }
}

#[test]
fn sagas_in_sagas_that_meet_a_crash_at_any_write_and_then_a_cancellation_or_more_crashes() {
    let mut runs = 0;
    for turn in [0, 2, 4] {
        let mut nth = turn;
        runs += all_nested(&[(Some(DAY), Life::last())], |writes, _| {
            let lives = kills(writes).map(|kill| {
                nth += 1;
                [vec![Life::until(kill)], next_lives(nth)].concat()
            });
            lives.collect()
        });
    }
    assert_eq!(runs, 2_964);
}

#[test]
fn sagas_in_sagas_whose_deadline_passes_while_no_process_runs() {
    let runs = all_nested(&[(Some(DAY), Life::last())], |writes, _| {
        kills(writes)
            .map(|kill| vec![Life::until(kill).pause(2 * DAY)])
            .collect()
    });
    assert_eq!(runs, 988);
}

#[test]
fn sagas_in_sagas_that_are_cancelled_at_each_call_and_meet_a_crash() {
    let wholes: Vec<_> = (1..=CALLS)
        .map(|nth| (None, Life::last().cancel(CancelAt::Call(nth))))
        .collect();
    let mut nth = 0;
    let runs = all_nested(&wholes, |writes, whole| {
        let lives = kills(writes).filter_map(|kill| {
            nth += 1;
            let first = until(kill, whole);
            match nth % 8 {
                0 => Some(vec![first]),
                4 => Some(vec![first, Life::until(second(nth / 8))]),
                _ => None,
            }
        });
        lives.collect()
    });
    assert_eq!(runs, 3_080);
}

#[test]
fn sagas_in_sagas_whose_time_is_up_in_each_call_and_that_meet_a_crash() {
    let wholes: Vec<_> = (0..CALLS)
        .map(|nth| {
            (
                Some(Duration::from_millis(1_000 * nth as u64 + 500)),
                Life::last(),
            )
        })
        .collect();
    let mut nth = 0;
    let runs = all_nested(&wholes, |writes, whole| {
        let lives = kills(writes).filter_map(|kill| {
            nth += 1;
            let first = until(kill, whole);
            match nth % 8 {
                0 => Some(vec![first]),
                4 => Some(vec![first, Life::until(second(nth / 8))]),
                _ => None,
            }
        });
        lives.collect()
    });
    assert_eq!(runs, 2_894);
}

#[test]
fn sagas_in_sagas_that_meet_an_orderly_shutdown_at_any_write() {
    let mut nth = 0;
    let runs = all_nested(&[(Some(DAY), Life::last())], |writes, _| {
        let lives = (1..=writes).flat_map(|write| {
            nth += 1;
            let first = Life::until(Kill::Shutdown(write));
            let next = match nth % 4 {
                0 => vec![first.pause(2 * DAY)],
                1 => vec![first, Life::last().cancel(CancelAt::Start)],
                2 => vec![first, Life::last().cancel(CancelAt::Call(1))],
                _ => vec![first; 3],
            };
            [next, vec![first.grace(Duration::ZERO); 7]]
        });
        lives.collect()
    });
    assert_eq!(runs, 988);
}
