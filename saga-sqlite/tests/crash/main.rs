//! Processes are killed by signal 9 at every write of their journal, and between every effect and its record. Other
//! processes continue from there.
//!
//! A process is this program again, started with an environment that makes it run sagas in place of a test.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;
mod killing;
mod life;
mod sagas;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use killing::Kill;
use life::{DEFINITIONS, Death, Left, Lives, Of, Pace, Submission};
use sagas::{Act, Order};

/// The test that a process runs.
const LIFE: &str = "a_process_that_nothing_kills_ends_each_saga_as_its_script_says";

fn submission(of: Of, id: &str, gift: bool, script: &[(&str, Act)]) -> Submission {
    let script = script.iter().map(|(call, act)| ((*call).to_owned(), *act));
    Submission {
        id: id.to_owned(),
        of,
        order: Order {
            gift,
            script: script.collect(),
        },
    }
}

fn shop(id: &str, gift: bool, script: &[(&str, Act)]) -> Submission {
    submission(Of::Shop, id, gift, script)
}

/// All possible results of an order.
fn orders() -> Vec<Submission> {
    vec![
        shop("all-well", true, &[]),
        shop("no-gift", false, &[]),
        shop("reserve-fails", true, &[("reserve/do", Act::Fail)]),
        shop("charge-fails", true, &[("charge/do", Act::Fail)]),
        shop("bill-fails", true, &[("bill/do", Act::Fail)]),
        shop("wrap-fails", true, &[("wrap/do", Act::Fail)]),
        shop("weigh-fails", true, &[("weigh/do", Act::Fail)]),
        shop("fill-fails", true, &[("fill/do", Act::Fail)]),
        shop("seal-fails", true, &[("seal/do", Act::Fail)]),
        shop("ship-fails", true, &[("ship/do", Act::Fail)]),
        shop("mail-fails", true, &[("mail/do", Act::Fail)]),
        shop("charge-in-doubt", true, &[("charge/do", Act::Lose)]),
        shop("ship-in-doubt", true, &[("ship/do", Act::Lose)]),
        shop(
            "undo-fails",
            true,
            &[("ship/do", Act::Fail), ("bill/undo", Act::Fail)],
        ),
        shop(
            "inner-undo-fails",
            true,
            &[("ship/do", Act::Fail), ("fill/undo", Act::Fail)],
        ),
    ]
}

/// The orders that complete, and their numbers of effects.
const COMPLETE: [(&str, usize); 2] = [("all-well", 8), ("no-gift", 7)];
/// Those that an operator has to resolve, and the effects that are left.
const STUCK: [(&str, usize); 3] = [
    ("mail-fails", 7),
    ("undo-fails", 1),
    ("inner-undo-fails", 1),
];

fn whole(submissions: &[Submission]) -> Left {
    let lives = Lives::new(LIFE, Pace::OneByOne, submissions);
    assert_eq!(lives.live(Kill::Never), Death::None);
    lives.left()
}

/// How often each call was made.
fn counts(calls: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(call.as_str()).or_default() += 1;
    }
    counts
}

/// The number of effects of this saga.
fn effects_of(left: &Left, id: &str) -> usize {
    let is_of = |key: &&String| key.contains(&format!("/{id}/"));
    left.effects.iter().filter(is_of).count()
}

#[test]
fn a_process_that_nothing_kills_ends_each_saga_as_its_script_says() {
    if life::live_if_asked() {
        return;
    }
    let left = whole(&orders());
    assert_eq!(
        left.ends,
        [
            "all-well: completed with shop/all-well/ship/do true 7 shop/all-well/mail/do",
            "bill-fails: Compensated after bill",
            "charge-fails: Compensated after charge",
            "charge-in-doubt: Compensated after charge",
            "fill-fails: Compensated after pack",
            "inner-undo-fails: Stuck after ship",
            "mail-fails: Stuck after mail",
            "no-gift: completed with shop/no-gift/ship/do false 7 shop/no-gift/mail/do",
            "reserve-fails: Compensated after reserve",
            "seal-fails: Compensated after pack",
            "ship-fails: Compensated after ship",
            "ship-in-doubt: Compensated after ship",
            "undo-fails: Stuck after ship",
            "weigh-fails: Compensated after weigh",
            "wrap-fails: Compensated after wrap",
        ]
    );
    for order in orders() {
        let of = |all: &[(&str, usize)]| {
            let found = all.iter().find(|(id, _)| *id == order.id);
            found.map(|(_, effects)| *effects)
        };
        let effects = of(&COMPLETE).or(of(&STUCK)).unwrap_or(0);
        assert_eq!(effects_of(&left, &order.id), effects, "{}", order.id);
    }
    let twice = counts(&left.calls)
        .into_iter()
        .filter(|(_, count)| *count > 1);
    let retried = ("shop/mail-fails/mail/do", 2);
    assert_eq!(twice.collect::<Vec<_>>(), [retried]);
}

/// The id of the saga that made a call.
fn id_of(key: &str) -> &str {
    let key = key.strip_prefix("packing/").unwrap_or(key);
    key.split('/').nth(1).unwrap()
}

/// What is wrong with the sagas of a process that was killed once, compared with those of one that was not. This
/// many of them were in flight at once.
fn wrong(whole: &Left, dead: &Left, cut: &Left, in_flight: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    if cut.ends != whole.ends {
        wrong.push(format!("ended {:?}", cut.ends));
    }
    if cut.effects != whole.effects {
        wrong.push(format!("effects {:?}", cut.effects));
    }
    let mut ends = cut.records.iter().filter(|record| record.ends);
    let mut ended = BTreeSet::new();
    if !ends.all(|record| ended.insert(&record.id)) || ended.len() != whole.ends.len() {
        wrong.push(format!("ended {ended:?}, or one more than once"));
    }
    // A call that is recorded to have ended is not made again.
    let (before, after) = cut.calls.split_at(dead.calls.len());
    if before != dead.calls {
        wrong.push("calls are gone".to_owned());
    }
    for record in dead.records.iter().filter(|record| record.is_of_end()) {
        if after.iter().any(|call| call.ends_with(&record.call)) {
            wrong.push(format!("{} was recorded, and called again", record.call));
        }
    }
    // Exactly the calls in flight are made once more. They are in doubt, so they are undone even if they fail.
    let was_interrupted = |call: &str| {
        let mut interrupted = cut
            .records
            .iter()
            .filter(|record| record.kind == "interrupted");
        interrupted.any(|record| call.ends_with(&record.call))
    };
    let should_be = counts(&whole.calls);
    let mut again = Vec::new();
    let mut was = counts(&cut.calls);
    for (call, count) in &should_be {
        match was.remove(call).unwrap_or(0).checked_sub(*count) {
            Some(0) => {}
            Some(1) if was_interrupted(call) => again.push(*call),
            _ => wrong.push(format!("{call} is not called as often as it has to be")),
        }
    }
    for (call, count) in was {
        let undone = call.strip_suffix("/undo").map(|step| format!("{step}/do"));
        if count > 1 || !undone.is_some_and(|step| was_interrupted(&step)) {
            wrong.push(format!("{call} is called"));
        }
    }
    // Two members of a group are in flight; of another stage, one step.
    let is_of_group = |call: &&str| call.ends_with("/charge/do") || call.ends_with("/bill/do");
    let mut sagas = BTreeMap::<_, Vec<_>>::new();
    for call in again {
        sagas.entry(id_of(call)).or_default().push(call);
    }
    let too_many = |calls: &Vec<&str>| calls.len() > 1 && !calls.iter().all(is_of_group);
    if sagas.len() > in_flight || sagas.values().any(too_many) {
        wrong.push(format!("called again: {sagas:?}"));
    }
    wrong
}

/// Kills a process before and after each of these writes, lets another continue, and returns what `judge` says of what
/// was left by both.
fn each_kill<T: Send>(
    submissions: &[Submission],
    pace: Pace,
    writes: impl Iterator<Item = usize>,
    judge: impl Fn(Left, Left) -> T + Sync,
) -> Vec<(Kill, T)> {
    let kills: Vec<_> = writes
        .flat_map(|nth| [Kill::Before(nth), Kill::After(nth)])
        .collect();
    let (next, judged) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(kill) = kills.get(next.fetch_add(1, Ordering::Relaxed)) {
            let lives = Lives::new(LIFE, pace, submissions);
            assert_eq!(lives.live(*kill), Death::Killed, "{kill:?}");
            let dead = lives.left();
            assert_eq!(lives.live(Kill::Never), Death::None, "{kill:?}");
            let said = judge(dead, lives.left());
            judged.lock().unwrap().push((*kill, said));
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut judged = judged.into_inner().unwrap();
    judged.sort_by_key(|(kill, _)| kills.iter().position(|of| of == kill));
    judged
}

#[test]
fn a_process_killed_at_any_write_leaves_sagas_that_each_end_once_as_if_it_had_not_been() {
    let submissions = orders();
    let whole = whole(&submissions);
    assert_eq!(whole.writes, ["199"]);
    let judged = each_kill(&submissions, Pace::OneByOne, 1..=199, |dead, cut| {
        wrong(&whole, &dead, &cut, 1)
    });
    assert_eq!(judged.len(), 398);
    let wrong: Vec<_> = judged
        .iter()
        .filter(|(_, wrong)| !wrong.is_empty())
        .collect();
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

#[test]
fn a_process_killed_while_many_sagas_are_in_flight_leaves_each_of_them_as_if_it_had_not_been() {
    let submissions = orders();
    let whole = whole(&submissions);
    // The order of these writes is different each time.
    let writes = (1..=140).step_by(4);
    let judged = each_kill(&submissions, Pace::AtOnce, writes, |dead, cut| {
        wrong(&whole, &dead, &cut, 15)
    });
    assert_eq!(judged.len(), 70);
    let wrong: Vec<_> = judged
        .iter()
        .filter(|(_, wrong)| !wrong.is_empty())
        .collect();
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

/// An order that fails at its second step.
fn lending() -> Submission {
    submission(Of::Library, "lent", false, &[("lend/do", Act::Fail)])
}

#[test]
fn a_step_that_was_in_flight_and_fails_again_is_stuck_if_its_compensation_asks_for_its_output() {
    let submissions = [lending()];
    let whole = whole(&submissions);
    assert_eq!(whole.ends, ["lent: Compensated after lend"]);
    assert_eq!(whole.writes, ["7"]);
    let judged = each_kill(&submissions, Pace::OneByOne, 1..=7, |_, cut| {
        assert!(cut.effects.is_empty(), "{:?}", cut.effects);
        cut.ends
    });
    assert_eq!(judged.len(), 14);
    let of_write = |nth| DEFINITIONS + nth;
    for (kill, ends) in judged {
        // The record of the step before it, the second one, says that it begins; the third one that it ends.
        let in_flight = kill == Kill::After(of_write(2)) || kill == Kill::Before(of_write(3));
        let end = if in_flight { "Stuck" } else { "Compensated" };
        assert_eq!(ends, [format!("lent: {end} after lend")], "{kill:?}");
    }
}

/// Lives of one saga that are all killed like this, until one is not.
fn lives_until_it_ends(submission: Submission, kill: Kill) -> (usize, Left) {
    let lives = Lives::new(LIFE, Pace::OneByOne, &[submission]);
    let mut killed = 0;
    while lives.live(kill) == Death::Killed {
        killed += 1;
        assert!(killed < 200, "{:?}", lives.left());
    }
    (killed, lives.left())
}

#[test]
fn lives_that_are_all_killed_at_their_first_writes_get_on_as_long_as_they_write_a_result() {
    let lent = submission(Of::Library, "lent", false, &[]);
    let well = "lent: completed with library/lent/lend/do";
    // A life that is killed at its second write has called a step. After 6 such lives, the step is in doubt.
    let doubt = "lent: Stuck after find";
    let cases = [
        (Kill::After(1), 8, doubt, 0),
        (Kill::Before(2), 7, doubt, 6),
        (Kill::After(2), 2, well, 2),
        (Kill::Before(3), 1, well, 3),
        (Kill::After(3), 1, well, 2),
    ];
    let lived = cases.map(|(kill, ..)| {
        let of_life = match kill {
            Kill::Before(nth) => Kill::Before(DEFINITIONS + nth),
            Kill::After(nth) => Kill::After(DEFINITIONS + nth),
            Kill::Never => Kill::Never,
        };
        let (killed, left) = lives_until_it_ends(lent.clone(), of_life);
        let [end] = left.ends.try_into().unwrap();
        (kill, killed, end, left.calls.len())
    });
    let cases = cases.map(|(kill, killed, end, calls)| (kill, killed, end.to_owned(), calls));
    assert_eq!(lived, cases);
}

#[test]
fn a_step_that_kills_its_process_each_time_gives_up_after_5_interruptions() {
    let order = shop("all-well", true, &[("seal/do", Act::Die)]);
    let (killed, left) = lives_until_it_ends(order, Kill::Never);
    assert_eq!(killed, 6);
    assert_eq!(left.ends, ["all-well: Compensated after pack"]);
    assert!(left.effects.is_empty(), "{:?}", left.effects);
    let again = counts(&left.calls)
        .into_iter()
        .filter(|(_, count)| *count > 1);
    assert_eq!(
        again.collect::<Vec<_>>(),
        [("packing/shop/all-well/pack/1/seal/do", 6)]
    );
}
