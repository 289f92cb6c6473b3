//! Requests to cancel: in a step, in a wait, while only waits are left, after the pivot, and during an undo; and a
//! crash after each.

use core::future::pending;
use core::time::Duration;
use std::sync::Arc;

use saga_core::durable::{Hosted, Request, Requests};
use saga_core::{CancellationToken, Policy, RunOptions, StepError as _};
use saga_hosted_tests::memory::Write;
use saga_hosted_tests::run::{Life, OneRun};
use saga_tests::cells::{steps_and_end, without_keys};
use saga_tests::ten_steps::{TIMEOUT, Works, WorksSaga};
use tokio::time::sleep;

const LONG: Duration = Duration::from_hours(24 * 5_000);
const SECOND: Duration = Duration::from_secs(1);

/// One request, this long after the beginning of a life. It is repeated until it is taken.
struct After(Option<Duration>);

impl Requests for After {
    async fn next(&mut self) -> Request {
        match self.0 {
            Some(time) => sleep(time).await,
            None => pending().await,
        }
        self.0 = None;
        Request::Cancel
    }
}

const AT_ONCE: After = After(Some(Duration::ZERO));

fn cancelled() -> CancellationToken {
    let token = CancellationToken::new();
    token.cancel();
    token
}

fn hosted(script: &'static str) -> (Arc<Works>, Hosted<WorksSaga>) {
    let works = Arc::new(Works::new(script, None));
    let policy = |attempts| {
        Policy::attempts(attempts)
            .backoff(LONG, LONG)
            .timeout(TIMEOUT)
    };
    let options = works.patient().fold(RunOptions::new(), |options, method| {
        let changed = match method.strip_prefix("un") {
            Some(step) => options.compensation_policy(step, policy(2)),
            None => options.policy(method, policy(3)),
        };
        changed.unwrap()
    });
    let hosted = Hosted::new(Arc::clone(&works), options, CancellationToken::new());
    (works, hosted)
}

fn calls_of(works: &Works) -> String {
    without_keys("id", &works.calls.take()).join(" ")
}

#[test]
fn a_request_in_a_step_lets_it_finish_and_undoes_it() {
    let (works, hosted) = hosted("");
    let run = OneRun::of(&hosted, "id", "42");
    let half = After(Some(SECOND / 2));
    let ended = run.end(&hosted, Life::in_order().requests(half));
    let calls = works.calls.take();
    let (steps, end) = steps_and_end(
        &ended,
        &calls
            .iter()
            .map(|call| call.replace("#1", ""))
            .collect::<Vec<_>>(),
    );
    assert_eq!(steps, "+ ... . . . .. .");
    assert_eq!(end, "compensated: cancelled");
    assert_eq!(calls.len(), 2);
    let written = run.written();
    assert_eq!(
        written[..3],
        ["submitted", "cancel_requested", "completed open/do"]
    );
}

#[test]
fn a_token_is_one_request() {
    let (works, hosted) = hosted("");
    let run = OneRun::of(&hosted, "id", "42");
    let ended = run.end(&hosted, Life::in_order().requests(cancelled()));
    assert!(ended.unwrap_err().step().is_none());
    assert_eq!(run.count("cancel_requested"), 1);
    assert_eq!(calls_of(&works), "open unopen(open)");
}

#[test]
fn a_request_that_is_made_again_and_again_is_recorded_once() {
    struct Ever;
    impl Requests for Ever {
        async fn next(&mut self) -> Request {
            sleep(SECOND / 10).await;
            Request::Cancel
        }
    }
    let (works, hosted) = hosted("pay: ok/5");
    let run = OneRun::of(&hosted, "id", "42");
    run.end(&hosted, Life::in_order().requests(Ever))
        .unwrap_err();
    assert_eq!(run.count("cancel_requested"), 1);
    assert_eq!(calls_of(&works), "open unopen(open)");
}

#[test]
fn a_crash_after_a_request_in_a_step_repeats_the_step_and_undoes_it() {
    let (works, hosted) = hosted("");
    let run = OneRun::of(&hosted, "id", "42");
    let half = After(Some(SECOND / 2));
    let plan = [(1, Write::EndsAfter)];
    run.crash(&hosted, Life::in_order().requests(half).plan(&plan));
    assert_eq!(run.written(), ["submitted", "cancel_requested"]);
    assert_eq!(calls_of(&works), "open");
    // It is recorded, so no caller asks again.
    let ended = run.end(&hosted, Life::after_crash());
    assert_eq!(calls_of(&works), "open unopen(open)");
    assert_eq!(ended.unwrap_err().end().to_string(), "compensated");
}

#[test]
fn a_crash_before_a_request_is_recorded_forgets_it() {
    let (works, hosted) = hosted("");
    let run = OneRun::of(&hosted, "id", "42");
    let half = After(Some(SECOND / 2));
    let plan = [(1, Write::EndsBefore)];
    run.crash(&hosted, Life::in_order().requests(half).plan(&plan));
    works.calls.take();
    assert_eq!(run.written(), ["submitted"]);
    run.end(&hosted, Life::after_crash()).unwrap();
}

#[test]
fn a_request_in_a_wait_that_is_made_in_place_ends_it() {
    let (works, hosted) = hosted("open: busy ...");
    let hosted = hosted.waits_up_to(LONG);
    let run = OneRun::of(&hosted, "id", "42");
    let later = After(Some(SECOND * 10));
    let ended = run.end(&hosted, Life::in_order().requests(later));
    assert_eq!(calls_of(&works), "open");
    let error = ended.unwrap_err();
    assert!(error.error().cancellation().is_some(), "{error}");
    assert_eq!(error.end().to_string(), "compensated");
}

/// A run in which only a wait is left.
fn waiting() -> (Arc<Works>, Hosted<WorksSaga>, OneRun) {
    let (works, hosted) = hosted("gift: busy ...");
    let run = OneRun::of(&hosted, "id", "42");
    run.wait(&hosted, Life::in_order());
    assert_eq!(calls_of(&works), "open look hold pay wants gift");
    (works, hosted, run)
}

const UNDONE: &str = "unpay(pay) unhold(hold) unopen(open)";

#[test]
fn a_request_while_only_waits_are_left_takes_effect_when_the_run_is_carried_again() {
    let (works, hosted, run) = waiting();
    let ended = run.end(&hosted, Life::in_order().requests(cancelled()));
    assert_eq!(calls_of(&works), UNDONE);
    let error = ended.unwrap_err();
    assert!(error.error().cancellation().is_some(), "{error}");
    assert_eq!(error.end().to_string(), "compensated");
}

#[test]
fn the_same_where_its_record_takes_a_while() {
    let (works, hosted, run) = waiting();
    let life = Life::in_order().requests(cancelled());
    let ended = run.end(&hosted, life.plan(&[(1, Write::IsSlow)]));
    assert_eq!(calls_of(&works), UNDONE);
    ended.unwrap_err();
}

#[test]
fn a_crash_after_a_request_while_only_waits_are_left_loses_nothing() {
    let (works, hosted, run) = waiting();
    let plan = [(1, Write::EndsAfter)];
    run.crash(&hosted, Life::in_order().requests(cancelled()).plan(&plan));
    assert_eq!(run.count("cancel_requested"), 1);
    assert_eq!(calls_of(&works), "");
    let ended = run.end(&hosted, Life::after_crash());
    assert_eq!(calls_of(&works), UNDONE);
    ended.unwrap_err();
}

#[test]
fn a_request_to_a_run_of_which_a_group_waits_takes_effect_after_a_crash_too() {
    // Replayed in the order of the records, which is not that of the definition.
    let (works, hosted) = hosted("look: busy/5 ...; hold: ok/3; pay: ok/2");
    let run = OneRun::of(&hosted, "id", "42");
    run.wait(&hosted, Life::in_order());
    calls_of(&works);
    let plan = [(1, Write::EndsAfter)];
    run.crash(&hosted, Life::in_order().requests(cancelled()).plan(&plan));
    run.end(&hosted, Life::after_crash()).unwrap_err();
    assert_eq!(calls_of(&works), UNDONE);
}

#[test]
fn after_the_pivot_a_request_changes_nothing() {
    let (works, hosted) = hosted("mail: ok/5");
    let run = OneRun::of(&hosted, "id", "42");
    // The steps open, the group, gift, stamp and ship.
    let late = After(Some(SECOND * 11 / 2));
    let plan = [(9, Write::EndsAfter)];
    run.crash(&hosted, Life::in_order().requests(late).plan(&plan));
    assert_eq!(run.count("completed ship/do"), 1);
    assert_eq!(run.count("cancel_requested"), 0);
    let calls = calls_of(&works);
    assert!(calls.ends_with("ship mail log"), "{calls}");
    run.end(&hosted, Life::after_crash().requests(cancelled()))
        .unwrap();
    assert_eq!(run.count("cancel_requested"), 0);
    assert_eq!(calls_of(&works), "mail close");
}

#[test]
fn while_the_run_waits_after_the_pivot_a_request_changes_nothing() {
    let (works, hosted) = hosted("close: busy ...");
    let run = OneRun::of(&hosted, "id", "42");
    let wait = run.wait(&hosted, Life::in_order());
    calls_of(&works);
    let still = run.wait(&hosted, Life::in_order().requests(cancelled()));
    assert!(still <= wait && still > SECOND);
    run.time_passes(wait);
    run.end(&hosted, Life::in_order()).unwrap();
    assert_eq!(calls_of(&works), "close#2");
}

#[test]
fn while_undoing_a_request_changes_nothing() {
    let (works, hosted) = hosted("ship: refused; unhold: ok/5; unopen: busy ...");
    let run = OneRun::of(&hosted, "id", "42");
    let late = After(Some(SECOND * 9));
    run.wait(&hosted, Life::in_order().requests(late));
    let calls = calls_of(&works);
    assert!(
        calls.ends_with("ungift(gift) unpay(pay) unhold(hold) unopen(open)"),
        "{calls}"
    );
    assert_eq!(run.count("cancel_requested"), 0);
    let wait = run.wait(&hosted, Life::after_crash().requests(cancelled()));
    run.time_passes(wait);
    let error = run.end(&hosted, Life::after_crash()).unwrap_err();
    assert_eq!(error.step().unwrap().name, "ship");
    assert_eq!(calls_of(&works), "unopen#2(open)");
}

#[test]
fn a_run_that_was_cancelled_leaves_the_wait_of_an_undo_to_the_engine() {
    let (works, hosted) = hosted("unopen: busy ...");
    let run = OneRun::of(&hosted, "id", "42");
    let wait = run.wait(&hosted, Life::in_order().requests(AT_ONCE));
    assert_eq!(calls_of(&works), "open unopen(open)");
    run.time_passes(wait);
    let error = run.end(&hosted, Life::after_crash()).unwrap_err();
    assert!(error.error().cancellation().is_some());
    assert_eq!(calls_of(&works), "unopen#2(open)");
}

#[test]
fn a_request_that_comes_with_the_pivot_in_flight_leaves_the_decision_to_it() {
    let (works, hosted) = hosted("ship: ok/5");
    let run = OneRun::of(&hosted, "id", "42");
    // The steps open, the group, gift and stamp: four seconds.
    let late = After(Some(SECOND * 11 / 2));
    run.end(&hosted, Life::in_order().requests(late)).unwrap();
    assert_eq!(run.count("cancel_requested"), 1);
    assert!(calls_of(&works).ends_with("ship mail log close"));
}

#[test]
fn a_request_is_kept_when_its_record_fails_for_a_while() {
    use saga_core::durable::JournalErrorKind::Unavailable;
    let (works, hosted) = hosted("");
    let run = OneRun::of(&hosted, "id", "42");
    let half = After(Some(SECOND / 2));
    let plan = [
        (1, Write::Fails(Unavailable)),
        (2, Write::FailsAfter(Unavailable)),
    ];
    run.end(&hosted, Life::in_order().requests(half).plan(&plan))
        .unwrap_err();
    assert_eq!(run.count("cancel_requested"), 1);
    assert_eq!(calls_of(&works), "open unopen(open)");
}
