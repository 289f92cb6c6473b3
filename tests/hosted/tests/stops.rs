//! When a run stops: the process shuts down, the keeper refuses a write, or the records are not those of the run.
//! Also a run that has already ended.

use core::time::Duration;
use std::sync::Arc;

use saga_core::durable::JournalErrorKind::{self, Conflict, Fenced, Rejected, Unavailable};
use saga_core::durable::{Entry, Hosted, HostedStop, NoRequests, Record, SagaState};
use saga_core::{CancellationToken, Ended, RunOptions};
use saga_hosted_tests::memory::{Kept, MemoryRecords, Write};
use saga_hosted_tests::run::{Life, OneRun, runtime};
use saga_tests::ten_steps::{Works, WorksSaga};

const SECOND: Duration = Duration::from_secs(1);

fn with(
    script: &'static str,
    options: RunOptions<WorksSaga>,
    shutdown: &CancellationToken,
) -> (Arc<Works>, Hosted<WorksSaga>) {
    let works = Arc::new(Works::new(script, None));
    let hosted = Hosted::new(Arc::clone(&works), options, shutdown.clone());
    (works, hosted)
}

fn hosted(script: &'static str) -> (Arc<Works>, Hosted<WorksSaga>) {
    with(script, RunOptions::new(), &CancellationToken::new())
}

/// Cancels a token after this time.
struct Later(CancellationToken, Duration);

impl saga_core::durable::Requests for Later {
    async fn next(&mut self) -> saga_core::durable::Request {
        tokio::time::sleep(self.1).await;
        self.0.cancel();
        std::future::pending().await
    }
}

#[test]
fn a_shutdown_lets_what_is_in_flight_finish_and_nothing_else_begin() {
    let shutdown = CancellationToken::new();
    let (works, first) = with("look: ok/5", RunOptions::new(), &shutdown);
    let run = OneRun::of(&first, "id", "42");
    let life = Life::in_order().requests(Later(shutdown, SECOND * 3 / 2));
    assert!(matches!(
        run.stop(&first, life),
        HostedStop::ShutDown { .. }
    ));
    assert_eq!(works.calls.take().len(), 4);
    let written = run.written();
    assert_eq!(written.last().unwrap(), "completed look/do", "{written:?}");
    // No call was interrupted, whatever the engine says about calls in flight.
    let (works, second) = hosted("");
    run.end(&second, Life::after_crash()).unwrap();
    let calls = works.calls.take();
    assert_eq!(calls[0], "wants#1 works/id/gift/do");
    assert!(
        !run.written()
            .iter()
            .any(|head| head.contains("interrupted"))
    );
}

#[test]
fn a_shutdown_in_an_undo_goes_on_with_the_next_one() {
    let shutdown = CancellationToken::new();
    let (works, first) = with("ship: refused", RunOptions::new(), &shutdown);
    let run = OneRun::of(&first, "id", "42");
    let life = Life::in_order().requests(Later(shutdown, SECOND * 11 / 2));
    assert!(matches!(
        run.stop(&first, life),
        HostedStop::ShutDown { .. }
    ));
    let calls = works.calls.take();
    assert_eq!(calls.last().unwrap(), "ungift#1(gift) works/id/gift/undo");
    let (works, second) = hosted("ship: refused");
    let error = run.end(&second, Life::in_order()).unwrap_err();
    assert_eq!(error.step().unwrap().name, "ship");
    assert_eq!(works.calls.take().len(), 3);
}

#[test]
fn a_process_that_is_shut_down_begins_nothing() {
    for life in [Life::in_order(), Life::after_crash()] {
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        let (works, shut) = with("", RunOptions::new(), &shutdown);
        let run = OneRun::of(&shut, "id", "42");
        assert!(matches!(
            run.stop(&shut, life.clone()),
            HostedStop::ShutDown { .. }
        ));
        assert_eq!(works.calls.take(), [""; 0], "{life:?}");
        assert_eq!(run.written(), ["submitted"]);
        // The same for a run in progress.
        let (_, open) = hosted("");
        run.crash(&open, Life::in_order().lasts(SECOND * 3 / 2));
        let before = run.written();
        assert!(matches!(
            run.stop(&shut, life.clone()),
            HostedStop::ShutDown { .. }
        ));
        assert_eq!(works.calls.take(), [""; 0], "{life:?}");
        assert_eq!(run.written(), before);
        run.end(&open, Life::after_crash()).unwrap();
        // How a run has ended is still returned.
        run.end(&shut, Life::in_order()).unwrap();
    }
}

#[test]
fn a_shutdown_ends_a_wait_that_is_made_in_place() {
    let shutdown = CancellationToken::new();
    let long = Duration::from_hours(1_000);
    let policy = saga_core::Policy::attempts(2).backoff(long, long);
    let options = RunOptions::new().policy("open", policy).unwrap();
    let (works, first) = with("open: busy", options.clone(), &shutdown);
    let first = first.waits_up_to(long);
    let run = OneRun::of(&first, "id", "42");
    let life = Life::in_order().requests(Later(shutdown, SECOND * 2));
    assert!(matches!(
        run.stop(&first, life),
        HostedStop::ShutDown { .. }
    ));
    run.time_passes(long);
    let (again, second) = with("open: busy", options, &CancellationToken::new());
    run.end(&second, Life::in_order()).unwrap();
    assert_eq!(works.calls.take(), ["open#1 works/id/open/do"]);
    assert_eq!(again.calls.take()[0], "open#2 works/id/open/do");
}

#[test]
fn a_write_that_fails_for_a_while_is_made_again_and_the_step_is_not() {
    let (works, hosted) = hosted("ship: refused");
    let whole = OneRun::of(&hosted, "id", "42");
    let (_, writes) = whole.carried(&hosted, Life::in_order());
    let mut calls = works.calls.take();
    // One member of a group may continue while another one waits.
    calls.sort();
    for at in 1..=writes {
        for write in [Write::Fails(Unavailable), Write::FailsAfter(Unavailable)] {
            let run = OneRun::of(&hosted, "id", "42");
            let plan = [(at, write), (at + 1, write), (at + 2, write)];
            let error = run.end(&hosted, Life::in_order().plan(&plan)).unwrap_err();
            assert_eq!(error.step().unwrap().name, "ship");
            let mut again = works.calls.take();
            again.sort();
            assert_eq!(again, calls, "{at} {write:?}");
        }
    }
    assert!(writes > 10, "{writes}");
}

#[test]
fn a_write_that_is_refused_for_good_stops_the_run_where_it_is() {
    let (works, first) = hosted("ship: refused");
    let whole = OneRun::of(&first, "id", "42");
    let (_, writes) = whole.carried(&first, Life::in_order());
    let all = works.calls.take();
    for kind in [Conflict, Rejected, Fenced, JournalErrorKind::Corrupt] {
        for at in 1..=writes {
            let run = OneRun::of(&first, "id", "42");
            let plan = [(at, Write::Fails(kind))];
            let stop = run.stop(&first, Life::in_order().plan(&plan));
            let HostedStop::Records(error) = stop else {
                panic!("{stop}");
            };
            assert_eq!(error.kind(), kind);
            assert!(
                error.to_string().ends_with(&format!("write {at}")),
                "{error}"
            );
            // No call was made after it, except for those that led to the write.
            let calls = works.calls.take();
            assert_eq!(calls, all[..calls.len()], "{at}");
            let cut = OneRun::of(&first, "id", "42");
            let plan = [(at, Write::EndsBefore)];
            cut.crash(&first, Life::in_order().plan(&plan));
            assert_eq!(works.calls.take(), calls, "{at}");
            // It continues the next time.
            let ended = run.end(&first, Life::after_crash());
            assert!(ended.is_err());
            works.calls.take();
        }
    }
}

fn stopped(hosted: &Hosted<WorksSaga>, change: impl FnOnce(&mut Vec<Record>)) -> HostedStop {
    let run = OneRun::of(hosted, "id", "42");
    run.crash(hosted, Life::in_order().plan(&[(3, Write::EndsAfter)]));
    run.kept.change(change);
    // Nothing is written.
    let plan = [(1, Write::EndsBefore)];
    run.stop(hosted, Life::after_crash().plan(&plan))
}

#[test]
fn what_is_none_of_its_records_is_refused_and_nothing_is_called() {
    let (works, hosted) = hosted("");
    let stop = |change: fn(&mut Vec<Record>)| {
        let stop = stopped(&hosted, |records| {
            works.calls.take();
            change(records);
        });
        assert_eq!(works.calls.take(), [""; 0], "{stop}");
        stop
    };
    // There is no first record.
    let foreign = stop(|records| records[0].entry = Entry::CancelRequested {});
    assert!(
        matches!(foreign, HostedStop::Unreadable { .. }),
        "{foreign}"
    );
    // An input of another type, and a damaged one.
    let other = stop(|records| records[0].value = b"\"forty-two\"".to_vec());
    assert!(matches!(other, HostedStop::Unreadable { .. }), "{other}");
    let damaged = stop(|records| records[0].value = vec![0xff, 0]);
    assert!(
        matches!(damaged, HostedStop::Unreadable { .. }),
        "{damaged}"
    );
    // An output that does not fit.
    let output = stop(|records| records[1].value = b"7".to_vec());
    assert!(output.to_string().contains("`open/do`"), "{output}");
    assert!(matches!(output, HostedStop::Unreadable { .. }), "{output}");
    // A record that is missing, and one that is there twice.
    let kind = |stop: HostedStop| match stop {
        HostedStop::Records(error) => error.kind(),
        other => panic!("{other}"),
    };
    let gap = stop(|records| drop(records.remove(1)));
    assert_eq!(kind(gap), JournalErrorKind::Corrupt);
    let headless = stop(|records| drop(records.remove(0)));
    assert_eq!(kind(headless), JournalErrorKind::Corrupt);
    let twice = stop(|records| records.insert(1, records[1].clone()));
    assert_eq!(kind(twice), JournalErrorKind::Corrupt);
    // A record that a newer version wrote.
    let newer = stop(|records| records[2].min_reader = saga_core::durable::READER + 1);
    assert_eq!(kind(newer), JournalErrorKind::Newer);
}

#[test]
fn a_run_without_records_is_none() {
    let (works, hosted) = hosted("");
    let sink = MemoryRecords::new(&Kept::default(), &[]);
    let in_flight = saga_core::durable::InFlight::NotBegun;
    let carried = hosted.carry("id", Vec::new(), in_flight, sink.clone(), NoRequests);
    let carried = runtime().block_on(carried);
    assert!(matches!(carried, Err(HostedStop::NoRecords)));
    assert_eq!(sink.writes(), 0);
    assert!(works.calls.is_empty());
}

#[test]
fn what_is_no_input_is_refused() {
    let (_, hosted) = hosted("");
    for input in ["", "forty-two", "\"42\"", "-1", "42 43"] {
        let refused = hosted.submitted(input.as_bytes());
        assert!(refused.is_err(), "{input}: {refused:?}");
    }
    let first = hosted.submitted(b" 42 ").unwrap();
    assert_eq!((first.number, first.value), (0, b" 42 ".to_vec()));
}

fn json_of(ended: &Ended<WorksSaga>) -> Option<serde_json::Value> {
    let error = ended.as_ref().err()?;
    Some(serde_json::to_value(error.report()).unwrap())
}

#[test]
fn a_run_that_has_ended_says_so_again_and_calls_nothing() {
    for (script, state) in [
        ("", SagaState::Completed),
        ("wants: no", SagaState::Completed),
        ("ship: refused", SagaState::Compensated),
        ("pay: hang hang hang", SagaState::Compensated),
        ("hold: lost; unopen: panic panic", SagaState::Stuck),
        ("mail: panic; log: refused", SagaState::Stuck),
    ] {
        let (works, first) = with(script, RunOptions::new().timed(), &CancellationToken::new());
        let run = OneRun::of(&first, "id", "42");
        run.crash(&first, Life::in_order().plan(&[(2, Write::EndsAfter)]));
        let ended = run.end(&first, Life::after_crash());
        works.calls.take();
        assert_eq!(run.kept.state(), Some(state), "{script}");
        let records = run.kept.all();
        for life in [Life::in_order(), Life::after_crash()] {
            let second = run.end(&first, life);
            match (&ended, &second) {
                (Ok(output), Ok(again)) => assert_eq!(output.as_ref(), again.as_ref()),
                (Err(error), Err(again)) => {
                    assert_eq!(error.to_string(), again.to_string());
                    assert_eq!(error.report().to_string(), again.report().to_string());
                    assert_eq!(json_of(&ended), json_of(&second));
                }
                _ => panic!("{script}: {ended:?}, and then {second:?}"),
            }
        }
        assert!(works.calls.is_empty(), "{script}");
        assert_eq!(run.kept.all(), records);
    }
}

#[test]
fn a_run_that_completed_needs_its_last_record_only() {
    let (works, hosted) = hosted("");
    let run = OneRun::of(&hosted, "id", "42");
    run.end(&hosted, Life::in_order()).unwrap();
    works.calls.take();
    run.kept.change(|records| records[1].value = b"7".to_vec());
    let output = run.end(&hosted, Life::in_order()).unwrap();
    assert_eq!(output.as_ref(), "close");
    assert!(works.calls.is_empty());
}
