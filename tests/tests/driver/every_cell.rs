//! Every fault at every step of a saga with all features, and a cancellation and a deadline while each step runs,
//! between its attempts, and during compensations: the exact calls with their attempt numbers and idempotency keys,
//! the result of each step, and the end.
//!
//! Then the same with an executor that records and replays, cut after every record and between each effect and its
//! record: the end is the same, and no recorded step is called again.

use core::pin::pin;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use saga_core::{
    Cancellation, CancellationToken, Ended, Policy, RunOptions, Saga, StepError,
    definition::{Phase, Step},
    drive,
    observe::{Event, EventKind},
    report::Outcome,
};
use saga_tests::cells::{By, Cell, When, cells, method_of, stage_of, steps_and_end, without_keys};
use saga_tests::replay::{Cut, Journal, Replay, WasCut};
use saga_tests::ten_steps::{Moment, TIMEOUT, Works, WorksSaga};
use tokio::time::Instant;

const ID: &str = "run-1";

/// Longer than any of the runs takes without this wait. With full jitter a wait starts at zero: that one of these
/// is over within an hour has a chance of 1 in 24 million.
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

/// Runs `begin` on a service that follows the cell, and ends it as the cell says; for a deadline, after this time.
/// Returns the calls, the result of the run, and how long it took.
async fn live<R>(
    cell: &Cell,
    deadline: Option<Duration>,
    begin: impl AsyncFn(&Works, RunOptions<WorksSaga>) -> R,
) -> (Vec<String>, R, Duration) {
    let works = cell.works();
    let token = CancellationToken::new();
    let mut options = options(&works);
    if let Some((By::Cancelling, when)) = cell.ended {
        if when == When::Start {
            token.cancel();
        }
        options = options.cancellation(token.clone());
    }
    if let Some(deadline) = deadline {
        options = options.deadline(deadline);
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

/// How long the run takes to reach the moment, if a deadline ends it then.
async fn deadline<R>(
    cell: &Cell,
    begin: impl AsyncFn(&Works, RunOptions<WorksSaga>) -> R,
) -> Option<Duration> {
    match cell.ended {
        None | Some((By::Cancelling, _)) => return None,
        Some((By::Deadline, When::Start)) => return Some(Duration::ZERO),
        Some((By::Deadline, When::At(_))) => {}
    }
    let works = cell.works();
    let began = Instant::now();
    tokio::select! {
        biased;
        _ = begin(&works, options(&works)) => panic!("{cell}: the moment never comes"),
        () = works.reached() => Some(began.elapsed()),
    }
}

/// The differences from the cell.
fn wrong(cell: &Cell, calls: &[String], run: &Ended<WorksSaga>) -> Vec<String> {
    let calls = without_keys(ID, calls);
    let (steps, end) = steps_and_end(run, &calls);
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

/// The events of an observer, in the words of a cell: the attempts, the marks of the steps, the compensations that
/// gave up, and the end; and what of it contradicts itself.
#[derive(Default)]
struct ObservedRun {
    attempts: Vec<String>,
    marks: BTreeMap<&'static str, char>,
    left: Vec<&'static str>,
    end: Option<String>,
    in_flight: BTreeMap<String, u32>,
    wrong: Vec<String>,
}

impl ObservedRun {
    fn record(&mut self, event: &Event<'_>) {
        let method = |step: &Step, phase| match phase {
            Phase::Step => step.name.to_owned(),
            Phase::Compensation => format!("un{}", step.name),
        };
        if self.end.is_some() {
            self.wrong.push(format!("{event:?} after the end"));
        }
        match event.kind {
            EventKind::AttemptStarted {
                step,
                phase,
                attempt,
                ..
            } => {
                let method = method(step, phase);
                self.attempts.push(format!("{method}#{attempt}"));
                let before = self.in_flight.insert(method, attempt);
                if before.unwrap_or(0) + 1 != attempt {
                    self.wrong.push(format!("{event:?} after {before:?}"));
                }
            }
            EventKind::StepEnded {
                step,
                phase,
                outcome,
                attempts,
                ..
            } => {
                let made = self.in_flight.remove(&method(step, phase));
                if made != Some(attempts) {
                    self.wrong.push(format!("{event:?} after {made:?}"));
                }
                match (phase, outcome) {
                    (Phase::Step, outcome) => {
                        let mark = match outcome {
                            Outcome::Completed => '+',
                            Outcome::Skipped => '-',
                            Outcome::Failed => '!',
                            _ => '?',
                        };
                        self.marks.insert(step.name, mark);
                    }
                    (Phase::Compensation, Outcome::Completed) => {}
                    (Phase::Compensation, _) => self.left.push(step.name),
                }
            }
            EventKind::SagaEnded {
                outcome,
                step,
                cancellation,
                compensation_failures,
                ..
            } => {
                let cause = match (step, cancellation) {
                    (Some(step), None) => format!(": {}#", step.name),
                    (None, Some(Cancellation::Requested)) => ": cancelled".to_owned(),
                    (None, Some(_)) => ": deadline".to_owned(),
                    _ => String::new(),
                };
                let left = compensation_failures.iter().map(|left| left.step.name);
                if !left.eq(self.left.iter().copied()) {
                    self.wrong.push(format!("{event:?} with {:?}", self.left));
                }
                self.end = Some(outcome.as_str().to_owned() + &cause);
            }
            _ => {}
        }
    }

    /// The differences from the cell.
    fn wrong(mut self, cell: &Cell) -> Vec<String> {
        let steps = WorksSaga::DEFINITION.steps.iter();
        let marks: String = steps
            .map(|step| self.marks.get(step.name).copied().unwrap_or('.'))
            .collect();
        // The attempt of a step begins with its condition, even if the method is then not called.
        let asked = cell.calls.iter().any(|call| call == "wants");
        let calls = cell.calls.iter().filter(|call| !asked || *call != "gift");
        let calls: Vec<_> = calls
            .map(|call| match call.as_str() {
                "wants" => "gift#1".to_owned(),
                call => match call.split('(').next().unwrap_or_default() {
                    first if !first.contains('#') => format!("{first}#1"),
                    again => again.to_owned(),
                },
            })
            .collect();
        let end = self.end.take().unwrap_or_default();
        if self.attempts != calls
            || marks != cell.steps.replace(' ', "")
            || !cell.end.starts_with(&end)
            || end.is_empty()
        {
            let attempts = self.attempts.join(" ");
            self.wrong.push(format!("{attempts} | {marks} | {end}"));
        }
        self.wrong
            .iter()
            .map(|what| format!("{cell}\n  is observed as {what}\n  and is {}", cell.end))
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_of_every_cell_is_notified_of_these_attempts_outcomes_and_this_end() {
    let mut wrongs = Vec::new();
    for cell in cells() {
        let begin = async |works: &Works, options| WorksSaga::run_with(works, 7, options).await;
        let deadline = deadline(&cell, begin).await;
        let observed_run = Arc::new(Mutex::new(ObservedRun::default()));
        let observed = async |works: &Works, options: RunOptions<WorksSaga>| {
            let observed_run = Arc::clone(&observed_run);
            let record = move |event: &Event<'_>| observed_run.lock().unwrap().record(event);
            WorksSaga::run_with(works, 7, options.observer(Arc::new(record))).await
        };
        let (calls, run, _) = live(&cell, deadline, observed).await;
        wrongs.extend(wrong(&cell, &calls, &run));
        wrongs.extend(std::mem::take(&mut *observed_run.lock().unwrap()).wrong(&cell));
    }
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn every_cell_leads_to_exactly_these_calls_and_this_end() {
    let (mut wrongs, mut counts) = (Vec::new(), BTreeMap::new());
    for cell in cells() {
        let begin = async |works: &Works, options| WorksSaga::run_with(works, 7, options).await;
        let deadline = deadline(&cell, begin).await;
        let (calls, run, took) = live(&cell, deadline, begin).await;
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
        ("ended in flight", 180),
        ("ended while compensating", 70),
        ("groups", 72),
        ("steps", 80),
    ];
    assert_eq!(counts, BTreeMap::from(expected), "no cell got lost");
    assert_eq!(counts.values().sum::<u32>(), 530);
}

/// Runs a cell on an executor that continues from the records, until the cut.
async fn replay(
    cell: &Cell,
    deadline: Option<Duration>,
    journal: &Journal,
    cut: Cut,
) -> (Vec<String>, Result<Ended<WorksSaga>, WasCut>, Journal) {
    let begin = async |works: &Works, options: RunOptions<WorksSaga>| {
        let executor = Replay::of(options.into_run(), journal.clone(), cut);
        let run = drive::<WorksSaga, _>(works, &executor, 7).await;
        (run, executor.into_journal())
    };
    let (calls, (run, journal), _) = live(cell, deadline, begin).await;
    (without_keys(ID, &calls), run, journal)
}

/// The step of a method, and whether the method executes or undoes it.
fn part_of(method: &str) -> (&str, Phase) {
    match method.strip_prefix("un") {
        Some(step) => (step, Phase::Compensation),
        None if method == "wants" => ("gift", Phase::Step),
        None => (method, Phase::Step),
    }
}

fn is_recorded(journal: &Journal, method: &str) -> bool {
    let (step, phase) = part_of(method);
    journal
        .iter()
        .any(|record| (&*record.0, record.1) == (step, phase))
}

/// When the run is ended in its second life, with this journal.
///
/// A moment in a call without a record comes again with the call. A moment in a recorded call has passed, so the
/// run is ended from the start; except in a group, whose other members began before it and do so again.
fn second_life(cell: &Cell, kept: &Journal) -> Cell {
    let mut second = cell.clone();
    let Some((by, When::At(moment))) = cell.ended else {
        return second;
    };
    if !is_recorded(kept, moment.method) {
        return second;
    }
    let members = stage_of(moment.method).iter().rev().map(|step| step.name);
    let begun = |member: &&str| !is_recorded(kept, member);
    let when = members
        .into_iter()
        .find(begun)
        .map_or(When::Start, |method| {
            When::At(Moment {
                method,
                attempt: 1,
                after: false,
            })
        });
    second.ended = Some((by, when));
    second
}

/// A cut that cannot lead to the same end: one member of a group is recorded to have given up, and another one had
/// made several attempts by then. These are not recorded, so it begins with its first attempt again, and makes no
/// other because its sibling has given up.
fn loses_attempts(cell: &Cell, kept: &Journal) -> bool {
    let gave_up = |name: &str| {
        let record = kept
            .iter()
            .find(|record| (&*record.0, record.1) == (name, Phase::Step));
        record.is_some_and(|(.., json)| !json.starts_with("{\"Completed\""))
    };
    let again = |name: &str| {
        let second = format!("{name}#2");
        cell.calls.iter().any(|call| call.starts_with(&second))
    };
    let group = stage_of("look");
    group.iter().any(|member| gave_up(member.name))
        && group
            .iter()
            .any(|member| !is_recorded(kept, member.name) && again(member.name))
}

#[tokio::test(start_paused = true)]
async fn every_cell_goes_on_after_any_cut_to_the_same_end_and_repeats_nothing_that_is_recorded() {
    let (mut wrongs, mut cuts, mut left_out) = (Vec::new(), 0, 0);
    for cell in cells() {
        let nothing = Journal::new();
        let deadline_of = async |cell: &Cell, journal: &Journal| {
            let begin = async |works: &Works, options: RunOptions<WorksSaga>| {
                let executor = Replay::of(options.into_run(), journal.clone(), Cut::Never);
                drive::<WorksSaga, _>(works, &executor, 7).await
            };
            deadline(cell, begin).await
        };
        let time = deadline_of(&cell, &nothing).await;
        let (calls, run, journal) = replay(&cell, time, &nothing, Cut::Never).await;
        let run = run.expect("not cut");
        assert_eq!(calls, cell.calls, "{cell}");
        let (steps, end) = steps_and_end(&run, &calls);
        assert_eq!((&steps, &end), (&cell.steps, &cell.end), "{cell}");
        let text = run.err().map(|error| error.error().text());

        // With all records, the replay makes no call.
        for records in 0..=journal.len() {
            for cut in [Cut::AfterRecords(records), Cut::BeforeRecord(records)] {
                let (before, halted, kept) = replay(&cell, time, &nothing, cut).await;
                assert_eq!(halted.is_err(), records < journal.len(), "{cell} {cut:?}");
                assert_eq!(kept, journal[..records], "{cell} {cut:?}");
                assert!(
                    cell.calls.starts_with(&before),
                    "{cell} {cut:?}: {before:?}"
                );
                if loses_attempts(&cell, &kept) {
                    left_out += 1;
                    continue;
                }
                cuts += 1;

                let second = second_life(&cell, &kept);
                let time = deadline_of(&second, &kept).await;
                let (after, run, whole) = replay(&second, time, &kept, Cut::Never).await;
                let run = run.expect("not cut");
                let calls = cell.calls.iter();
                let due: Vec<_> = calls
                    .filter(|call| !is_recorded(&kept, method_of(call)))
                    .cloned()
                    .collect();
                let is = (
                    after,
                    steps_and_end(&run, &cell.calls),
                    run.err().map(|e| e.error().text()),
                );
                let should_be = (due, (steps.clone(), end.clone()), text.clone());
                if is != should_be || whole != journal {
                    wrongs.push(format!("{cell} {cut:?}\n  is {is:?}\n  not {should_be:?}"));
                }
            }
        }
    }
    let first: Vec<_> = wrongs.iter().take(10).map(String::as_str).collect();
    assert!(
        wrongs.is_empty(),
        "{} of {cuts}:\n{}",
        wrongs.len(),
        first.join("\n")
    );
    assert_eq!((cuts, left_out), (9_690, 14), "no cut got lost");
}
