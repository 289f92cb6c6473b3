//! Crashes in the middle of calls: which calls are executed again with the same key and attempt, which are in doubt
//! instead, and how often. Also time that passes while no process runs.

use core::time::Duration;
use std::sync::Arc;

use saga_core::durable::{Carried, Entry, Hosted, InFlight, NoRequests};
use saga_core::{CancellationToken, End, Ended, RunOptions, StepError as _};
use saga_hosted_tests::memory::{Kept, MemoryRecords, Write};
use saga_hosted_tests::run::{Life, OneRun, millis_of};
use saga_tests::cells::{steps_and_end, without_keys};
use saga_tests::ten_steps::{Works, WorksSaga};

const SECOND: Duration = Duration::from_secs(1);

fn with(script: &'static str, options: RunOptions<WorksSaga>) -> (Arc<Works>, Hosted<WorksSaga>) {
    let works = Arc::new(Works::new(script, None));
    let hosted = Hosted::new(Arc::clone(&works), options, CancellationToken::new());
    (works, hosted)
}

fn hosted(script: &'static str) -> (Arc<Works>, Hosted<WorksSaga>) {
    with(script, RunOptions::new())
}

fn calls_of(works: &Works) -> String {
    without_keys("id", &works.calls.take()).join(" ")
}

/// A run with this last record when its process crashed.
fn cut_after(hosted: &Hosted<WorksSaga>, head: &str) -> OneRun {
    let cut = |at: usize| {
        let run = OneRun::of(hosted, "id", "42");
        run.carried(hosted, Life::in_order().plan(&[(at, Write::EndsAfter)]));
        run
    };
    let mut runs = (1..30).map(cut);
    let run = runs.find(|run| run.written().last().is_some_and(|last| last == head));
    run.unwrap_or_else(|| panic!("nothing ends with {head}: {:?}", cut(30).written()))
}

/// The marks of the steps, and the end. If a step was not called in this life, its undo was not called, either.
fn end_of(ended: &Ended<WorksSaga>, calls: &str) -> (String, String) {
    let calls: Vec<_> = calls.split(' ').map(ToOwned::to_owned).collect();
    steps_and_end(ended, &calls)
}

#[test]
fn an_interrupted_call_is_executed_again_with_its_key_and_attempt() {
    let (works, first) = hosted("open: busy");
    let run = OneRun::of(&first, "id", "42");
    // In its second attempt.
    run.crash(&first, Life::in_order().lasts(SECOND * 3 / 2));
    assert_eq!(calls_of(&works), "open open#2");
    run.end(&first, Life::after_crash()).unwrap();
    let calls = calls_of(&works);
    assert!(
        calls.starts_with("open#2 look hold pay wants gift"),
        "{calls}"
    );
    assert_eq!(run.count("interrupted open/do#2? x1"), 1);
}

#[test]
fn what_had_not_begun_is_not_interrupted() {
    let (works, first) = hosted("open: refused");
    let run = OneRun::of(&first, "id", "42");
    let ended = run.end(&first, Life::in_order());
    assert_eq!(end_of(&ended, &calls_of(&works)).1, "compensated: open#1");
    // The same records of a call in doubt: a refusal then does not settle it.
    let run = OneRun::of(&first, "id", "42");
    let ended = run.end(&first, Life::after_crash());
    assert_eq!(end_of(&ended, &calls_of(&works)).1, "stuck: open#1?");
    assert_eq!(run.count("interrupted open/do#1? x1"), 1);
}

#[test]
fn what_is_executed_at_most_once_is_in_doubt_after_an_interruption() {
    let (works, first) = hosted("");
    let run = OneRun::of(&first, "id", "42");
    run.crash(&first, Life::in_order().lasts(SECOND * 7 / 2));
    let mut calls = calls_of(&works);
    assert!(calls.ends_with("gift stamp"), "{calls}");
    let ended = run.end(&first, Life::after_crash());
    calls = format!("{calls} {}", calls_of(&works));
    let (steps, end) = end_of(&ended, &calls);
    assert_eq!(end, "compensated: stamp#1?");
    assert_eq!(steps, "+ +++ + ? . .. .");
    assert_eq!(calls.matches("stamp").count(), 1);
    // If it had not begun, it is executed.
    let run = cut_after(&first, "completed gift/do");
    calls_of(&works);
    run.end(&first, Life::in_order()).unwrap();
    assert_eq!(calls_of(&works), "stamp ship mail log close");
}

#[test]
fn a_call_that_is_interrupted_too_often_gives_up_in_doubt() {
    for max in [0, 1, 5] {
        let (works, first) = hosted("");
        let first = first.max_interruptions(max);
        let run = OneRun::of(&first, "id", "42");
        run.crash(&first, Life::in_order().lasts(SECOND / 2));
        for _ in 0..max {
            run.crash(&first, Life::after_crash().lasts(SECOND / 2));
        }
        let calls = calls_of(&works);
        assert_eq!(
            calls,
            ["open"; 6][..=usize::try_from(max).unwrap()].join(" ")
        );
        let ended = run.end(&first, Life::after_crash());
        assert_eq!(calls_of(&works), "", "{max}");
        let (steps, end) = end_of(&ended, &calls);
        assert_eq!((&*steps, &*end), ("? ... . . . .. .", "stuck: open#1?"));
        assert!(ended.unwrap_err().to_string().contains("interrupted"));
    }
}

#[test]
fn of_a_group_one_at_a_time_is_executed_again_after_two_crashes() {
    let (works, first) = hosted("");
    let run = OneRun::of(&first, "id", "42");
    run.crash(&first, Life::in_order().lasts(SECOND * 3 / 2));
    assert_eq!(calls_of(&works), "open look hold pay");
    run.crash(&first, Life::after_crash().lasts(SECOND / 2));
    assert_eq!(calls_of(&works), "look hold pay");
    run.crash(&first, Life::after_crash().lasts(SECOND / 2));
    assert_eq!(calls_of(&works), "look");
    run.crash(&first, Life::after_crash().lasts(SECOND * 3 / 2));
    assert_eq!(calls_of(&works), "look hold");
    run.end(&first, Life::after_crash()).unwrap();
    assert_eq!(
        calls_of(&works),
        "hold pay wants gift stamp ship mail log close"
    );
}

#[test]
fn progress_starts_the_count_of_interruptions_again() {
    let (works, first) = hosted("open: busy busy");
    let first = first.max_interruptions(1);
    let run = OneRun::of(&first, "id", "42");
    run.crash(&first, Life::in_order().lasts(SECOND / 2));
    run.crash(&first, Life::after_crash().lasts(SECOND * 3 / 2));
    run.crash(&first, Life::after_crash().lasts(SECOND * 3 / 2));
    run.end(&first, Life::after_crash()).unwrap();
    let calls = calls_of(&works);
    let opens = "open open open#2 open#2 open#3 open#3 look";
    assert!(calls.starts_with(opens), "{calls}");
}

#[test]
fn of_a_group_what_is_recorded_is_not_called_again() {
    let (works, first) = hosted("look: ok/1; hold: ok/2; pay: ok/5");
    let run = OneRun::of(&first, "id", "42");
    run.crash(&first, Life::in_order().lasts(SECOND * 5 / 2));
    assert_eq!(calls_of(&works), "open look hold pay");
    assert_eq!(
        run.written()[1..],
        ["completed open/do", "completed look/do"]
    );
    run.crash(&first, Life::after_crash().lasts(SECOND * 5 / 2));
    assert_eq!(calls_of(&works), "hold pay");
    run.end(&first, Life::after_crash()).unwrap();
    assert_eq!(calls_of(&works), "pay wants gift stamp ship mail log close");
    assert_eq!(run.count("interrupted pay/do#1? x2"), 1);
    assert_eq!(run.count("interrupted hold/do#1? x1"), 1);
    assert_eq!(run.count("interrupted look/do#1 x1"), 0);
}

#[test]
fn an_interrupted_undo_is_executed_again() {
    let (works, first) = hosted("ship: refused");
    let run = OneRun::of(&first, "id", "42");
    // ungift has ended, unpay is in flight.
    run.crash(&first, Life::in_order().lasts(SECOND * 13 / 2));
    let calls = calls_of(&works);
    assert!(calls.ends_with("ship ungift(gift) unpay(pay)"), "{calls}");
    let error = run.end(&first, Life::after_crash()).unwrap_err();
    assert_eq!(calls_of(&works), "unpay(pay) unhold(hold) unopen(open)");
    assert_eq!(error.step().unwrap().name, "ship");
    assert_eq!(error.end(), End::Compensated);
}

#[test]
fn a_condition_is_asked_once_unless_its_answer_is_not_recorded() {
    let (works, first) = hosted("wants: no");
    for (head, calls) in [
        ("completed pay/do", "wants stamp ship mail log close"),
        ("completed gift/do", "stamp ship mail log close"),
    ] {
        let run = cut_after(&first, head);
        calls_of(&works);
        run.end(&first, Life::in_order()).unwrap();
        assert_eq!(calls_of(&works), calls, "after {head}");
    }
}

#[test]
fn a_deadline_that_passes_while_no_process_runs_ends_the_run() {
    let options = || RunOptions::new().deadline(SECOND * 60 * 60);
    let (works, first) = with("", options());
    let run = OneRun::of(&first, "id", "42");
    run.crash(&first, Life::in_order().lasts(SECOND * 3 / 2));
    calls_of(&works);
    run.time_passes(SECOND * 60 * 61);
    // First the call in flight is finished.
    let error = run.end(&first, Life::after_crash()).unwrap_err();
    let calls = calls_of(&works);
    assert_eq!(calls, "look hold pay unpay(pay) unhold(hold) unopen(open)");
    assert!(error.error().cancellation().is_some(), "{error}");
    assert!(error.to_string().contains("deadline"), "{error}");
    // If no call had begun, none is made.
    let run = OneRun::of(&first, "id", "42");
    run.time_passes(SECOND * 60 * 61);
    let error = run.end(&first, Life::in_order()).unwrap_err();
    assert!(error.error().cancellation().is_some(), "{error}");
    assert_eq!(calls_of(&works), "");
    // After the pivot it changes nothing.
    let run = OneRun::of(&first, "id", "42");
    run.crash(&first, Life::in_order().lasts(SECOND * 11 / 2));
    assert!(calls_of(&works).ends_with("mail log"));
    run.time_passes(SECOND * 60 * 61);
    run.end(&first, Life::after_crash()).unwrap();
    assert_eq!(calls_of(&works), "mail log close");
}

#[test]
fn a_deadline_ends_a_wait_that_is_left_to_the_engine() {
    let long = Duration::from_hours(24 * 5_000);
    let policy = saga_core::Policy::attempts(2).backoff(long, long);
    let options = RunOptions::new().deadline(SECOND * 60 * 60);
    let options = options.policy("open", policy).unwrap();
    let (works, first) = with("open: busy/0", options);
    let run = OneRun::of(&first, "id", "42");
    let wait = run.wait(&first, Life::in_order());
    assert!(wait <= SECOND * 60 * 60, "{wait:?}");
    calls_of(&works);
    run.time_passes(wait);
    let error = run.end(&first, Life::in_order()).unwrap_err();
    assert!(error.to_string().contains("deadline"), "{error}");
    assert_eq!(calls_of(&works), "");
}

#[test]
fn a_wait_that_a_deadline_cuts_short_is_not_over_before_that() {
    let long = Duration::from_hours(24 * 5_000);
    let policy = saga_core::Policy::attempts(2).backoff(long, long);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    for _ in 0..30 {
        let options = RunOptions::new().deadline(SECOND * 60);
        let options = options.policy("open", policy).unwrap();
        let (_, first) = with("open: busy/0", options);
        let first_record = first.submitted(b"42").unwrap();
        let kept = Kept::of(first_record.clone());
        let Entry::Submitted {
            deadline: Some(deadline),
            ..
        } = first_record.entry
        else {
            panic!("{first_record:?}");
        };
        let sink = MemoryRecords::new(&kept, &[]);
        let carried = first.carry("id", kept.all(), InFlight::NotBegun, sink, NoRequests);
        match runtime.block_on(carried) {
            Ok(Carried::Waits { until }) => assert!(millis_of(until) >= deadline),
            other => panic!("{other:?}"),
        }
    }
}
