//! Waits: short ones take place in the process; for long ones, the engine continues in another process.

use core::time::Duration;
use std::sync::Arc;

use saga_core::durable::Hosted;
use saga_core::{CancellationToken, Policy, RunOptions};
use saga_hosted_tests::memory::Write;
use saga_hosted_tests::run::{Life, OneRun};
use saga_tests::cells::steps_and_end;
use saga_tests::ten_steps::{TIMEOUT, Works, WorksSaga};

/// The longest wait. The actual length is random.
const LONG: Duration = Duration::from_hours(24 * 5_000);

/// Runs a service with this script. The steps among `patient` wait for days before another attempt.
fn hosted(script: &'static str, patient: &[&str]) -> (Arc<Works>, Hosted<WorksSaga>) {
    let works = Arc::new(Works::new(script, None));
    let policy = Policy::attempts(3).backoff(LONG, LONG).timeout(TIMEOUT);
    let options = patient.iter().fold(RunOptions::new(), |options, method| {
        let changed = match method.strip_prefix("un") {
            Some(step) => options.compensation_policy(step, policy),
            None => options.policy(method, policy),
        };
        changed.unwrap()
    });
    let hosted = Hosted::new(Arc::clone(&works), options, CancellationToken::new());
    (works, hosted)
}

/// Leaves the wait to the engine. It does not end soon.
fn is_long(wait: Duration) -> bool {
    wait <= LONG && wait > Duration::from_secs(10)
}

const CLOSED: &str = "+ +++ + + + ++ +";

#[test]
fn a_long_wait_is_left_to_the_engine_and_attempts_go_on_where_they_were() {
    let (works, first) = hosted("open: busy busy", &["open"]);
    let run = OneRun::of(&first, "id", "42");
    let wait = run.wait(&first, Life::in_order());
    assert!(is_long(wait), "{wait:?}");
    assert_eq!(works.calls.take(), ["open#1 works/id/open/do"]);
    assert_eq!(run.written(), ["submitted", "failed open/do#2"]);
    // A process that comes too early waits again and makes no call.
    run.time_passes(wait / 2);
    let left = run.wait(&first, Life::in_order());
    assert!(
        left < wait * 2 / 3 && left > wait / 3,
        "{left:?} of {wait:?}"
    );
    assert!(works.calls.is_empty());

    let (works, second) = hosted("open: busy busy", &["open"]);
    run.time_passes(wait / 2);
    let wait = run.wait(&second, Life::in_order());
    assert!(is_long(wait), "{wait:?}");
    assert_eq!(works.calls.take(), ["open#2 works/id/open/do"]);

    // If only a wait is left, a crash interrupts nothing.
    let (works, third) = hosted("open: busy busy", &["open"]);
    run.time_passes(wait);
    let ended = run.end(&third, Life::after_crash());
    let calls = works.calls.take();
    assert_eq!(calls[0], "open#3 works/id/open/do");
    assert_eq!(steps_and_end(&ended, &calls).1, "completed");
    assert_eq!(calls.len(), 11);
    assert!(
        !run.written()
            .iter()
            .any(|head| head.contains("interrupted"))
    );
}

#[test]
fn a_wait_that_is_short_enough_is_made_in_place() {
    let (works, hosted) = hosted("open: busy", &["open"]);
    let hosted = hosted.waits_up_to(LONG);
    let run = OneRun::of(&hosted, "id", "42");
    let ended = run.end(&hosted, Life::in_order());
    let calls = works.calls.take();
    assert_eq!(
        steps_and_end(&ended, &calls),
        (CLOSED.to_owned(), "completed".to_owned())
    );
    assert_eq!(
        calls[..2],
        ["open#1 works/id/open/do", "open#2 works/id/open/do"]
    );
    assert_eq!(
        run.written()[..3],
        ["submitted", "failed open/do#2", "began open/do#2"]
    );
}

#[test]
fn a_wait_of_a_group_is_left_to_the_engine_once_nothing_else_of_it_runs() {
    // It fails first, and the others take longer.
    let (works, first) = hosted("hold: busy; look: ok/3; pay: ok/5", &["hold"]);
    let run = OneRun::of(&first, "id", "42");
    let wait = run.wait(&first, Life::in_order());
    assert!(is_long(wait), "{wait:?}");
    let calls = works.calls.take();
    assert_eq!(calls.len(), 4, "{calls:?}");
    assert_eq!(run.count("completed pay/do"), 1);
    // The others are not called again.
    run.time_passes(wait);
    let ended = run.end(&first, Life::after_crash());
    let calls = works.calls.take();
    assert_eq!(calls[0], "hold#2 works/id/hold/do");
    assert_eq!(steps_and_end(&ended, &calls).1, "completed");
    assert!(
        !calls
            .iter()
            .any(|call| call.starts_with("look") || call.starts_with("pay"))
    );
}

#[test]
fn of_two_waits_of_a_group_the_first_that_is_over_counts() {
    let script = "hold: busy/2; look: busy/3; pay: ok/5";
    let (works, first) = hosted(script, &["hold", "look"]);
    let run = OneRun::of(&first, "id", "42");
    let soon = run.wait(&first, Life::in_order());
    assert_eq!(works.calls.take().len(), 4);
    run.time_passes(soon);
    let late = run.wait(&first, Life::in_order());
    let [one] = works.calls.take().try_into().unwrap();
    run.time_passes(late);
    let ended = run.end(&first, Life::in_order());
    let calls = works.calls.take();
    assert_eq!(steps_and_end(&ended, &calls).1, "completed");
    let mut two = [one, calls[0].clone()];
    two.sort();
    assert_eq!(two, ["hold#2 works/id/hold/do", "look#2 works/id/look/do"]);
}

#[test]
fn a_sibling_that_gives_up_ends_the_wait_of_a_group() {
    let (works, first) = hosted("hold: busy; look: ok/3; pay: refused/5", &["hold"]);
    let run = OneRun::of(&first, "id", "42");
    let ended = run.end(&first, Life::in_order());
    let calls = works.calls.take();
    let (steps, end) = steps_and_end(&ended, &calls);
    assert_eq!(steps, "+ +!! . . . .. .");
    assert_eq!(end, "compensated: pay#1, then hold#1");
}

#[test]
fn a_sibling_that_is_recorded_to_have_given_up_ends_the_wait_after_a_crash() {
    let script = "hold: busy; look: ok/3; pay: refused/5";
    let (_, first) = hosted(script, &["hold"]);
    let whole = OneRun::of(&first, "id", "42");
    let _ = whole.end(&first, Life::in_order());
    let at = whole
        .written()
        .iter()
        .position(|head| head == "gave_up pay/do");
    let at = at.unwrap();
    let (works, second) = hosted(script, &["hold"]);
    let run = OneRun::of(&second, "id", "42");
    run.crash(&second, Life::in_order().plan(&[(at, Write::EndsAfter)]));
    assert_eq!(run.written().last().unwrap(), "gave_up pay/do");
    works.calls.take();
    let ended = run.end(&second, Life::after_crash());
    let error = ended.unwrap_err();
    assert_eq!(error.step().unwrap().name, "pay");
    assert_eq!(works.calls.take(), ["unopen#1(open) works/id/open/undo"]);
}

#[test]
fn the_wait_of_an_undo_is_left_to_the_engine_too() {
    let (works, first) = hosted("ship: refused; unopen: busy", &["unopen"]);
    let run = OneRun::of(&first, "id", "42");
    let wait = run.wait(&first, Life::in_order());
    assert!(is_long(wait), "{wait:?}");
    let calls = works.calls.take();
    assert_eq!(calls.last().unwrap(), "unopen#1(open) works/id/open/undo");
    run.time_passes(wait);
    let ended = run.end(&first, Life::after_crash());
    assert_eq!(works.calls.take(), ["unopen#2(open) works/id/open/undo"]);
    assert_eq!(ended.unwrap_err().step().unwrap().name, "ship");
}

#[test]
fn a_crash_in_a_wait_that_is_made_in_place_counts_as_none() {
    let (works, first) = hosted("open: busy", &["open"]);
    let first = first.waits_up_to(LONG);
    let run = OneRun::of(&first, "id", "42");
    let second = Duration::from_secs(2);
    run.crash(&first, Life::in_order().lasts(second));
    for _ in 0..8 {
        run.crash(&first, Life::after_crash().lasts(second));
    }
    assert_eq!(works.calls.take(), ["open#1 works/id/open/do"]);
    run.time_passes(LONG);
    let ended = run.end(&first, Life::after_crash());
    let calls = works.calls.take();
    assert_eq!(calls[0], "open#2 works/id/open/do");
    assert_eq!(steps_and_end(&ended, &calls).1, "completed");
}
