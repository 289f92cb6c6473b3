//! Runs in their own tasks, and what ends a run from outside: tokens, handles, deadlines, and a runtime that shuts
//! down. `every_cell` has the result of each moment at each step.

use core::time::Duration;
use std::error::Error;
use std::sync::Arc;

use saga_core::{
    CancelAnswer, Cancellation, CancellationToken, End, Ended, Policy, RunOptions, Saga,
    SagaHandle, StepError, report::Outcome, saga,
};
use saga_tests::Calls;
use saga_tests::cells::{in_full, steps_and_end, without_keys};
use saga_tests::ten_steps::{Works, WorksSaga};
use tokio::time::{Instant, sleep, sleep_until};

const ID: &str = "run-1";

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// A service that follows the script. Each attempt takes a second.
fn works(script: &'static str) -> Arc<Works> {
    Arc::new(Works::new(script, None))
}

fn options() -> RunOptions<WorksSaga> {
    RunOptions::new().id(ID)
}

fn spawn(works: &Arc<Works>) -> SagaHandle<WorksSaga> {
    WorksSaga::spawn(Arc::clone(works), 7, options())
}

/// The calls, and how the run ended.
#[track_caller]
fn assert_ended(works: &Works, run: &Ended<WorksSaga>, calls: &str, end: &str) {
    let called = without_keys(ID, &works.calls.take());
    assert_eq!(called, in_full(calls));
    assert_eq!(steps_and_end(run, &called).1, end);
}

/// `requested`, or how far the run was if it was too late.
fn answer(answer: CancelAnswer) -> String {
    match answer {
        CancelAnswer::Requested => "requested".to_owned(),
        CancelAnswer::TooLate(position) => format!("too late {position}"),
        _ => "another".to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_handle_returns_what_the_run_returned_and_says_how_far_it_is_until_then() {
    let works = works("gift: busy; ship: busy busy refused; unpay: busy");
    let began = Instant::now();
    let mut handle = spawn(&works);
    assert_eq!(handle.id().to_string(), ID);
    assert_eq!(handle.position().to_string(), "before its first step");
    for (at, position) in [
        (0.5, "at step `open`, attempt 1"),
        // All three are in flight.
        (
            1.5,
            "in the group `gather` (last begun: step `pay`, attempt 1)",
        ),
        (2.5, "at step `gift`, attempt 1"),
        (3.5, "at step `gift`, attempt 2"),
        (4.5, "at step `stamp`, attempt 1"),
        (7.5, "at step `ship`, attempt 3"),
        (8.5, "undoing step `gift`, attempt 1"),
        (9.5, "undoing step `pay`, attempt 1"),
        (10.5, "undoing step `pay`, attempt 2"),
        (11.5, "undoing step `hold`, attempt 1"),
        (12.5, "undoing step `open`, attempt 1"),
    ] {
        sleep_until(began + seconds(at)).await;
        assert_eq!(handle.position().to_string(), position, "after {at} s");
        assert!(!handle.is_finished(), "after {at} s");
    }
    sleep_until(began + seconds(13.5)).await;
    assert_eq!(handle.position().to_string(), "at its end");
    assert!(handle.is_finished());
    let run = (&mut handle).await.expect("not lost");
    let calls = "GATHER wants gift gift#2 stamp ship ship#2 ship#3 \
                 ungift(gift) unpay(pay) unpay#2(pay) unhold(hold) unopen(open)";
    assert_ended(&works, &run, calls, "compensated: ship#3");
}

#[tokio::test(start_paused = true)]
async fn a_handle_can_be_awaited_under_a_time_limit_and_again() {
    let works = works("");
    let mut handle = spawn(&works);
    for _ in 0..6 {
        let waited = tokio::time::timeout(seconds(1.1), &mut handle).await;
        assert!(waited.is_err(), "it takes 7 s");
    }
    let run = handle.await.expect("not lost");
    assert_ended(&works, &run, "CLOSE", "completed");
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_handle_was_dropped_goes_on_and_is_rolled_back() {
    for (script, calls) in [("", "CLOSE"), ("ship: refused", "SHIP UNGIFT")] {
        let works = works(script);
        drop(spawn(&works));
        sleep(seconds(60.0)).await;
        let called = without_keys(ID, &works.calls.take());
        assert_eq!(called, in_full(calls), "{script}");
    }
}

#[tokio::test(start_paused = true)]
async fn cancelling_a_handle_says_whether_it_came_too_late() {
    let in_ship = "at step `ship`, attempt 1";
    let cells = [
        ("", 0.0, "requested", "", "compensated: cancelled"),
        (
            "",
            0.5,
            "requested",
            "open unopen(open)",
            "compensated: cancelled",
        ),
        (
            "",
            1.5,
            "requested",
            "GATHER UNGATHER",
            "compensated: cancelled",
        ),
        (
            "",
            3.5,
            "requested",
            "STAMP UNGIFT",
            "compensated: cancelled",
        ),
        // During the pivot.
        ("", 4.5, "requested", "CLOSE", "completed"),
        (
            "ship: refused",
            4.5,
            "requested",
            "SHIP UNGIFT",
            "compensated: ship#1",
        ),
        // After the pivot.
        (
            "",
            5.5,
            "too late in the group `tell` (last begun: step `log`, attempt 1)",
            "CLOSE",
            "completed",
        ),
        (
            "",
            6.5,
            "too late at step `close`, attempt 1",
            "CLOSE",
            "completed",
        ),
        (
            "close: refused/2",
            6.5,
            "too late at step `close`, attempt 1",
            "CLOSE",
            "stuck: close#1",
        ),
        // During compensations.
        (
            "ship: refused",
            5.5,
            "too late undoing step `gift`, attempt 1",
            "SHIP UNGIFT",
            "compensated: ship#1",
        ),
        (
            "ship: refused; unopen: hang refused",
            60.0,
            "too late undoing step `open`, attempt 1",
            "SHIP UNGIFT unopen#2(open)",
            "stuck: ship#1; left open",
        ),
        // After the end.
        ("", 7.5, "too late at its end", "CLOSE", "completed"),
        (
            "open: refused",
            1.5,
            "too late at its end",
            "open",
            "compensated: open#1",
        ),
        (
            "ship: lost",
            5.5,
            "too late at its end",
            "SHIP",
            "stuck: ship#1?",
        ),
    ];
    for (script, at, expected, calls, end) in cells {
        let works = works(script);
        let began = Instant::now();
        let handle = spawn(&works);
        if at > 0.0 {
            sleep_until(began + seconds(at)).await;
        }
        let is_in_ship = handle.position().to_string() == in_ship;
        assert_eq!(is_in_ship, (4.0..5.0).contains(&at), "{script} at {at} s");
        assert_eq!(answer(handle.cancel()), expected, "{script} at {at} s");
        let run = handle.await.expect("not lost");
        assert_ended(&works, &run, calls, end);
    }
}

#[tokio::test(start_paused = true)]
async fn cancelling_twice_is_cancelling_once() {
    let works = works("");
    let handle = spawn(&works);
    sleep(seconds(1.5)).await;
    assert_eq!(answer(handle.cancel()), "requested");
    assert_eq!(answer(handle.cancel()), "requested");
    sleep(seconds(1.0)).await;
    let too_late = "too late undoing step `pay`, attempt 1";
    assert_eq!(answer(handle.cancel()), too_late);
    let run = handle.await.expect("not lost");
    assert_ended(&works, &run, "GATHER UNGATHER", "compensated: cancelled");
}

#[tokio::test(start_paused = true)]
async fn what_ended_a_run_first_stays_its_cause() {
    let works = works("hold: ok/4");
    let options = options().deadline(seconds(3.0));
    let handle = WorksSaga::spawn(Arc::clone(&works), 7, options);
    sleep(seconds(1.5)).await;
    assert_eq!(answer(handle.cancel()), "requested");
    let run = handle.await.expect("not lost");
    assert_ended(&works, &run, "GATHER UNGATHER", "compensated: cancelled");
}

#[test]
fn a_run_is_lost_with_its_runtime_and_says_where_it_was() {
    let lost_at = |script: &'static str, at: f64| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let works = works(script);
        let inside = runtime.enter();
        let handle = spawn(&works);
        drop(inside);
        runtime.block_on(async { sleep(seconds(at)).await });
        drop(runtime);
        let calls = without_keys(ID, &works.calls.take());
        let elsewhere = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        assert!(handle.is_finished());
        (elsewhere.block_on(handle).expect_err("lost"), calls)
    };

    let (lost, calls) = lost_at("", 1.5);
    assert_eq!(calls, in_full("GATHER"), "nothing is undone");
    assert_eq!(
        lost.to_string(),
        "saga `works` (run-1) was lost in the group `gather` (last begun: step `pay`, attempt 1): \
         its task ended before it did, and nothing was undone"
    );
    assert_eq!((lost.saga, lost.id.to_string().as_str()), ("works", ID));
    assert!(lost.error.is_cancelled());
    let source = lost.source().map(ToString::to_string);
    assert_eq!(source, Some(lost.error.to_string()), "what Tokio says");

    let (lost, calls) = lost_at("ship: refused", 6.5);
    assert_eq!(calls, in_full("SHIP ungift(gift) unpay(pay)"));
    let text = lost.to_string();
    assert!(
        text.starts_with("saga `works` (run-1) was lost undoing step `pay`, attempt 1: "),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn runs_that_share_a_token_end_with_it_and_not_with_a_handle_of_one_of_them() {
    let token = CancellationToken::new();
    let both = || {
        let options = options().cancellation(token.clone());
        [options.clone(), options].map(|options| {
            let works = works("");
            let handle = WorksSaga::spawn(Arc::clone(&works), 7, options);
            (works, handle)
        })
    };

    let [(first, one), (second, other)] = both();
    sleep(seconds(1.5)).await;
    assert_eq!(answer(one.cancel()), "requested");
    assert!(!token.is_cancelled());
    let run = one.await.expect("not lost");
    assert_ended(&first, &run, "GATHER UNGATHER", "compensated: cancelled");
    let run = other.await.expect("not lost");
    assert_ended(&second, &run, "CLOSE", "completed");

    let runs = both();
    sleep(seconds(1.5)).await;
    token.cancel();
    for (works, handle) in runs {
        let run = handle.await.expect("not lost");
        assert_ended(&works, &run, "GATHER UNGATHER", "compensated: cancelled");
    }
}

#[tokio::test(start_paused = true)]
async fn each_run_has_a_child_of_the_token_of_a_service_that_shuts_down() {
    let shutdown = CancellationToken::new();
    let children = [(); 3].map(|()| shutdown.child_token());
    let runs = children.each_ref().map(|token| {
        let works = works("");
        let options = options().cancellation(token.clone());
        (Arc::clone(&works), WorksSaga::spawn(works, 7, options))
    });
    sleep(seconds(1.5)).await;
    children[0].cancel();
    sleep(seconds(1.0)).await;
    shutdown.cancel();
    let ends = ["GATHER UNGATHER", "GIFT UNGIFT", "GIFT UNGIFT"];
    for ((works, handle), calls) in runs.into_iter().zip(ends) {
        let run = handle.await.expect("not lost");
        assert_ended(&works, &run, calls, "compensated: cancelled");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_cancelled_before_lets_nothing_begin() {
    let works = works("");
    let token = CancellationToken::new();
    token.cancel();
    let options = || options().cancellation(token.clone());
    let handle = WorksSaga::spawn(Arc::clone(&works), 7, options());
    let run = handle.await.expect("not lost");
    assert_ended(&works, &run, "", "compensated: cancelled");

    let run = WorksSaga::run_with(&works, 7, options()).await;
    let error = run.as_ref().expect_err("cancelled");
    assert!(error.steps().all(|step| step.outcome == Outcome::NotRun));
    assert!(error.step().is_none());
    assert_eq!((error.attempts(), error.end()), (0, End::Compensated));
    assert_ended(&works, &run, "", "compensated: cancelled");
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_once_and_not_when_the_clock_goes_on() {
    let long = Duration::from_hours(24_000_000);
    let patient = |step| {
        let policy = Policy::attempts(3).backoff(long, long);
        options().policy(step, policy).expect("a step of the saga")
    };
    // A run that waits alone, and a member of a group that does. Two undos follow, a second each.
    for (script, step, calls, at, ended) in [
        ("open: busy", "open", "open", 1.5, 1.5),
        (
            "hold: busy",
            "hold",
            "GATHER unpay(pay) unopen(open)",
            2.5,
            4.5,
        ),
    ] {
        let token = CancellationToken::new();
        let by_token = patient(step).cancellation(token.clone());
        let by_deadline = patient(step).deadline(seconds(at));
        for (options, cause) in [(by_token, "cancelled"), (by_deadline, "deadline")] {
            let works = works(script);
            let began = Instant::now();
            let run = WorksSaga::spawn(Arc::clone(&works), 7, options);
            if cause == "cancelled" {
                sleep(seconds(at)).await;
                token.cancel();
            }
            let run = run.await.expect("not lost");
            assert_eq!(began.elapsed(), seconds(ended), "{script}: {cause}");
            let end = format!("compensated: {cause}, then {step}#1");
            assert_ended(&works, &run, calls, &end);
        }
    }
}

/// Three steps. Any of its methods ends the run from inside.
#[derive(Debug, Default)]
struct Inside {
    calls: Calls,
    token: CancellationToken,
    cancels: &'static str,
    fails: &'static str,
    skips: bool,
}

impl Inside {
    fn called(&self, method: &'static str) -> Result<(), String> {
        self.calls.add(method);
        if self.cancels == method {
            self.token.cancel();
        }
        if self.fails == method {
            return Err(format!("{method} failed"));
        }
        Ok(())
    }
}

#[saga]
impl Inside {
    #[step(compensate = undo_first, only_if = asked)]
    async fn first(&self) -> Result<u8, String> {
        self.called("first").map(|()| 1)
    }

    #[step(compensate = undo_second, retry(attempts = 2))]
    async fn second(&self) -> Result<u8, String> {
        self.called("second").map(|()| 2)
    }

    #[step(compensate = undo_last)]
    async fn last(&self) -> Result<u8, String> {
        self.called("last").map(|()| 3)
    }

    fn asked(&self) -> bool {
        self.called("asked").expect("it does not panic");
        !self.skips
    }

    async fn undo_first(&self, _first: &u8) -> Result<(), String> {
        self.called("undo_first")
    }
    async fn undo_second(&self, _second: &u8) -> Result<(), String> {
        self.called("undo_second")
    }
    async fn undo_last(&self, _last: &u8) -> Result<(), String> {
        self.called("undo_last")
    }
}

#[tokio::test]
async fn a_run_that_is_cancelled_from_inside_lets_the_attempt_in_flight_finish() {
    let cells = [
        // A condition is a part of the attempt.
        ("asked", "", false, "asked first undo_first", "cancelled"),
        ("asked", "", true, "asked", "cancelled"),
        // It panics, which is never repeated: the cancellation has prevented nothing.
        ("asked", "asked", false, "asked", "first#1"),
        ("asked", "first", false, "asked first", "first#1"),
        ("first", "", false, "asked first undo_first", "cancelled"),
        ("first", "first", false, "asked first", "first#1"),
        (
            "second",
            "",
            false,
            "asked first second undo_second undo_first",
            "cancelled",
        ),
        ("second", "", true, "asked second undo_second", "cancelled"),
        // Another attempt is allowed, and prevented.
        (
            "second",
            "second",
            false,
            "asked first second undo_first",
            "cancelled, then second#1",
        ),
        // During the last step.
        ("last", "", false, "asked first second last", "completed"),
        (
            "last",
            "last",
            false,
            "asked first second last undo_second undo_first",
            "last#1",
        ),
        (
            "undo_second",
            "last",
            false,
            "asked first second last undo_second undo_first",
            "last#1",
        ),
    ];
    for (cancels, fails, skips, calls, cause) in cells {
        let service = Inside {
            cancels,
            fails,
            skips,
            ..Inside::default()
        };
        let options = RunOptions::new().cancellation(service.token.clone());
        let run = InsideSaga::run_with(&service, (), options).await;
        assert_eq!(service.calls.take().join(" "), calls, "{cancels} {fails}");
        let ended_by = match &run {
            Ok(_) => "completed".to_owned(),
            Err(error) => {
                assert_eq!(error.end(), End::Compensated, "{cancels} {fails}");
                let others = error.also_failed();
                let others = others
                    .map(|other| format!(", then {}#{}", name(&other.failure), other.attempts));
                let first = match error.step() {
                    Some(step) => format!("{}#{}", step.name, error.attempts()),
                    None => error.error().to_string(),
                };
                first + &others.collect::<String>()
            }
        };
        assert_eq!(ended_by, cause, "{cancels} {fails}");
    }
}

fn name(error: &InsideSagaError) -> &'static str {
    match error {
        InsideSagaError::First(_) => "first",
        InsideSagaError::Second(_) => "second",
        InsideSagaError::Last(_) => "last",
        _ => "another",
    }
}

/// Takes this many seconds, twice.
struct Slow;

#[saga(deadline = "10s")]
impl Slow {
    #[step(compensate = take_back)]
    async fn begin(&self, seconds: &u64) -> Result<u64, String> {
        sleep(Duration::from_secs(*seconds)).await;
        Ok(*seconds)
    }

    #[step(readonly)]
    async fn go_on(&self, seconds: &u64) -> Result<u64, String> {
        Ok(*seconds)
    }

    async fn take_back(&self, _seconds: &u64) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_definition_counts_unless_the_run_has_another() {
    let definition = SlowSaga::DEFINITION;
    assert_eq!(definition.deadline, Some(seconds(10.0)));
    let ended = |run: Ended<SlowSaga>| {
        let error = run.err()?;
        assert_eq!(error.end(), End::Compensated);
        assert!(error.step().is_none());
        assert!(matches!(error.error(), SlowSagaError::DeadlineExceeded));
        error.error().cancellation()
    };
    let by = |deadline| RunOptions::new().deadline(deadline);
    for (takes, options, expected) in [
        (9, RunOptions::new(), false),
        (11, RunOptions::new(), true),
        // The deadline passes at exactly this instant.
        (10, RunOptions::new(), true),
        (9, by(seconds(5.0)), true),
        (11, by(seconds(20.0)), false),
        (21, by(seconds(20.0)), true),
        (1_000_000, by(Duration::MAX), false),
        (0, by(Duration::ZERO), true),
        // The later of two settings counts.
        (9, by(seconds(5.0)).deadline(seconds(20.0)), false),
    ] {
        let began = Instant::now();
        let run = SlowSaga::run_with(&Slow, takes, options).await;
        assert_eq!(ended(run).is_some(), expected, "{takes} s");
        assert!(
            began.elapsed() >= Duration::from_secs(takes),
            "in flight, it was waited for"
        );
    }
    assert!(ended(SlowSaga::run(&Slow, 9).await).is_none());
    assert!(ended(SlowSaga::run(&Slow, 11).await).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_counts_from_the_call_and_not_from_the_first_poll() {
    let run = SlowSaga::run_with(&Slow, 0, RunOptions::new().id("slow-1"));
    sleep(seconds(11.0)).await;
    let error = run.await.expect_err("its time was up");
    assert!(error.steps().all(|step| step.outcome == Outcome::NotRun));
    assert_eq!(
        error.to_string(),
        "saga `slow` (slow-1) was compensated: the deadline passed"
    );
}

#[test]
fn a_deadline_needs_no_timer() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let service = Inside::default();
        let run = async |deadline| {
            let options = RunOptions::new().deadline(deadline);
            let run = InsideSaga::run_with(&service, (), options).await;
            (
                service.calls.take().join(" "),
                run.map_err(|e| e.error().cancellation()),
            )
        };
        let all = "asked first second last".to_owned();
        assert_eq!(run(seconds(3_600.0)).await, (all.clone(), Ok(3)));
        assert_eq!(run(Duration::MAX).await, (all, Ok(3)));
        let passed = Err(Some(Cancellation::DeadlineExceeded));
        assert_eq!(run(Duration::ZERO).await, (String::new(), passed));
    });
}

/// Ends with a group.
#[derive(Debug, Default)]
struct Ends {
    calls: Calls,
    fails: bool,
}

#[saga]
impl Ends {
    #[step(compensate = undo)]
    async fn begin(&self) -> Result<&'static str, String> {
        self.does("begin").await
    }

    #[step(parallel = end, compensate = undo)]
    async fn one(&self) -> Result<&'static str, String> {
        self.does("one").await
    }

    #[step(parallel = end, compensate = undo, retry(attempts = 2))]
    async fn other(&self) -> Result<&'static str, String> {
        let done = self.does("other").await;
        if self.fails {
            Err("no".to_owned())
        } else {
            done
        }
    }

    async fn undo(&self, done: &str) -> Result<(), String> {
        self.calls.add(format!("undo {done}"));
        Ok(())
    }
}

impl Ends {
    async fn does(&self, what: &'static str) -> Result<&'static str, String> {
        self.calls.add(what);
        sleep(seconds(1.0)).await;
        Ok(what)
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_the_last_decides_as_a_last_step_does() {
    for (fails, calls, error) in [
        (false, "begin one other", None),
        (
            true,
            "begin one other undo one undo begin",
            Some("saga `ends` (ends-1) was compensated: cancelled; step `other` failed: no"),
        ),
    ] {
        let service = Arc::new(Ends {
            fails,
            ..Ends::default()
        });
        let options = RunOptions::new().id("ends-1");
        let handle = EndsSaga::spawn(Arc::clone(&service), (), options);
        sleep(seconds(1.5)).await;
        assert_eq!(answer(handle.cancel()), "requested");
        let run = handle.await.expect("not lost");
        assert_eq!(service.calls.take().join(" "), calls);
        assert_eq!(run.err().map(|e| e.to_string()).as_deref(), error);
    }
}

struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        std::panic::resume_unwind(Box::new("dropped"));
    }
}

struct Frail {
    _part: Fragile,
    fails: bool,
}

#[saga]
impl Frail {
    #[step(readonly)]
    async fn look(&self) -> Result<u8, String> {
        if self.fails {
            return Err("nothing there".to_owned());
        }
        Ok(7)
    }
}

/// The task of a spawned run may hold the last reference to the service.
#[tokio::test]
async fn how_a_run_ended_is_not_lost_when_its_service_panics_as_it_is_dropped() {
    for (fails, ended) in [(false, Ok(7)), (true, Err("look"))] {
        let service = Frail {
            _part: Fragile,
            fails,
        };
        let handle = FrailSaga::spawn(Arc::new(service), (), RunOptions::new());
        let run = handle.await.expect("not lost");
        let failed_at = run.map_err(|error| error.step().unwrap().name);
        assert_eq!(failed_at, ended);
    }
}
