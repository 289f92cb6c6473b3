//! What an observer is notified of: the events of runs that end in each way, in order and in full; and that nothing
//! it does changes a run.

mod harmless;
mod nested;

use core::fmt::Write;
use core::time::Duration;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use saga_core::{
    CancellationToken, Ended, Failure, InMemory, Policy, RunOptions, Saga, SagaId,
    definition::Phase,
    drive,
    executor::{Begin, Call, Execute, Executor, Faults, RecordsNothing, Run, Stop},
    observe::{Event, EventKind, Observer, Reason},
    saga,
};
use saga_tests::Calls;
use saga_tests::ten_steps::{Works, WorksSaga};
use tokio::time::{Instant, sleep};

const ID: &str = "run-1";

/// Records every event as a line: its time and its content.
struct Lines {
    began: Instant,
    lines: Calls,
}

impl Lines {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            lines: Calls::new(),
        })
    }

    fn take(&self) -> String {
        let mut text = self.lines.take().join("\n");
        text.push('\n');
        text
    }
}

impl Observer for Lines {
    fn observe(&self, event: &Event<'_>) {
        let at = self.began.elapsed().as_secs_f64();
        self.lines.add(format!("{at} {}", line(event)));
    }
}

/// `charge` for a step, `undo charge` for its compensation.
fn named(step: &saga_core::definition::Step, phase: Phase) -> String {
    match phase {
        Phase::Step => step.name.to_owned(),
        Phase::Compensation => format!("undo {}", step.name),
    }
}

fn why(reason: Option<Reason<'_>>) -> String {
    reason.map_or(String::new(), |reason| {
        format!(" ({}: {})", reason.kind().as_str(), reason.text())
    })
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

fn line(event: &Event<'_>) -> String {
    match event.kind {
        EventKind::SagaStarted => format!("{} {} begins", event.definition.name, event.saga_id()),
        EventKind::AttemptStarted {
            step,
            phase,
            attempt,
            ..
        } => format!("{}#{attempt} begins", named(step, phase)),
        EventKind::AttemptEnded {
            step,
            phase,
            attempt,
            outcome,
            reason,
            took,
            retry_in,
            ..
        } => {
            let mut line = format!(
                "{}#{attempt} {}{} in {}",
                named(step, phase),
                outcome.as_str(),
                why(reason),
                seconds(took)
            );
            if let Some(wait) = retry_in {
                write!(line, ", again in {}", seconds(wait)).unwrap();
            }
            line
        }
        EventKind::StepEnded {
            step,
            phase,
            outcome,
            reason,
            attempts,
            took,
            ..
        } => format!(
            "{} {}{} after {attempts} in {}",
            named(step, phase),
            outcome.as_str(),
            why(reason),
            seconds(took)
        ),
        EventKind::SagaEnded {
            outcome,
            step,
            cancellation,
            reason,
            compensation_failures,
            took,
            ..
        } => {
            let mut line = format!("{} {}", event.definition.name, outcome.as_str());
            if let Some(step) = step {
                write!(line, " at {}", step.name).unwrap();
            }
            if let Some(why) = cancellation {
                write!(line, " [{why}]").unwrap();
            }
            line += &why(reason);
            for failure in compensation_failures {
                write!(
                    line,
                    ", not undone {}: {}",
                    failure.step.name, failure.error
                )
                .unwrap();
            }
            line + &format!(" in {}", seconds(took))
        }
        EventKind::SagaStopped { took, .. } => {
            format!("{} stopped in {}", event.definition.name, seconds(took))
        }
        _ => "another".to_owned(),
    }
}

fn options(observer: Arc<dyn Observer>) -> RunOptions<WorksSaga> {
    RunOptions::new().id(ID).observer(observer)
}

/// The events of a run of this script, and how it ended.
async fn events_of(
    script: &'static str,
    change: impl FnOnce(RunOptions<WorksSaga>) -> RunOptions<WorksSaga>,
) -> (String, Ended<WorksSaga>) {
    let lines = Lines::new();
    let works = Works::new(script, None);
    let ended = WorksSaga::run_with(&works, 7, change(options(lines.clone()))).await;
    (lines.take(), ended)
}

#[track_caller]
fn assert_events(events: &str, expected: &str) {
    let lines: String = expected.lines().fold(String::new(), |mut text, line| {
        let line = line.trim();
        if !line.is_empty() {
            text += line;
            text.push('\n');
        }
        text
    });
    assert!(events == lines, "events:\n{events}\nexpected:\n{lines}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_completes_is_observed_with_a_group_a_retry_and_a_step_that_is_skipped() {
    let (events, ended) = events_of("look: busy; wants: no", |options| options).await;
    ended.expect("it completes");
    assert_events(
        &events,
        "0 works run-1 begins
         0 open#1 begins
         1 open#1 completed in 1 s
         1 open completed after 1 in 1 s
         1 look#1 begins
         1 hold#1 begins
         1 pay#1 begins
         2 look#1 failed (error: busy) in 1 s, again in 0 s
         2 hold#1 completed in 1 s
         2 hold completed after 1 in 1 s
         2 pay#1 completed in 1 s
         2 pay completed after 1 in 1 s
         2 look#2 begins
         3 look#2 completed in 1 s
         3 look completed after 2 in 2 s
         3 gift#1 begins
         3 gift#1 skipped in 0 s
         3 gift skipped after 1 in 0 s
         3 stamp#1 begins
         4 stamp#1 completed in 1 s
         4 stamp completed after 1 in 1 s
         4 ship#1 begins
         5 ship#1 completed in 1 s
         5 ship completed after 1 in 1 s
         5 mail#1 begins
         5 log#1 begins
         6 mail#1 completed in 1 s
         6 mail completed after 1 in 1 s
         6 log#1 completed in 1 s
         6 log completed after 1 in 1 s
         6 close#1 begins
         7 close#1 completed in 1 s
         7 close completed after 1 in 1 s
         7 works completed in 7 s",
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stuck_is_observed_with_every_attempt_and_each_compensation_that_gave_up() {
    let script = "hold: busy lost; unpay: busy refused; unopen: hang busy";
    let (events, ended) = events_of(script, |options| options).await;
    assert!(ended.unwrap_err().is_stuck());
    assert_events(
        &events,
        "0 works run-1 begins
         0 open#1 begins
         1 open#1 completed in 1 s
         1 open completed after 1 in 1 s
         1 look#1 begins
         1 hold#1 begins
         1 pay#1 begins
         2 look#1 completed in 1 s
         2 look completed after 1 in 1 s
         2 hold#1 failed (error: busy) in 1 s, again in 0 s
         2 pay#1 completed in 1 s
         2 pay completed after 1 in 1 s
         2 hold#2 begins
         3 hold#2 in_doubt (error: connection lost) in 1 s
         3 hold in_doubt (error: connection lost) after 2 in 2 s
         3 undo pay#1 begins
         4 undo pay#1 failed (error: busy) in 1 s, again in 0 s
         4 undo pay#2 begins
         5 undo pay#2 failed (error: refused) in 1 s
         5 undo pay failed (error: refused) after 2 in 2 s
         5 undo open#1 begins
         65 undo open#1 in_doubt (timed_out: timed out after 60s) in 60 s, again in 0 s
         65 undo open#2 begins
         66 undo open#2 failed (error: busy) in 1 s
         66 undo open in_doubt (error: busy) after 2 in 61 s
         66 works stuck at hold (error: connection lost), not undone pay: refused, \
         not undone open: busy in 66 s",
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_observed_and_a_sibling_that_gave_up_ends_the_wait_of_another() {
    let day = Duration::from_hours(24);
    let (events, ended) = events_of("look: busy; hold: ok/3; pay: panic/2", |options| {
        let patient = Policy::attempts(2).backoff(day * 999_999, day * 999_999);
        options.policy("look", patient).unwrap()
    })
    .await;
    assert!(!ended.unwrap_err().is_stuck());
    // Random.
    let (before, after) = events.split_once(", again in ").unwrap();
    let events = format!("{before}, again{}", after.split_once(" s").unwrap().1);
    assert_events(
        &events,
        "0 works run-1 begins
         0 open#1 begins
         1 open#1 completed in 1 s
         1 open completed after 1 in 1 s
         1 look#1 begins
         1 hold#1 begins
         1 pay#1 begins
         2 look#1 failed (error: busy) in 1 s, again
         3 pay#1 in_doubt (panicked: panicked: scripted) in 2 s
         3 pay in_doubt (panicked: panicked: scripted) after 1 in 2 s
         3 look failed (error: busy) after 1 in 2 s
         4 hold#1 completed in 3 s
         4 hold completed after 1 in 3 s
         4 undo pay#1 begins
         5 undo pay#1 completed in 1 s
         5 undo pay completed after 1 in 1 s
         5 undo hold#1 begins
         6 undo hold#1 completed in 1 s
         6 undo hold completed after 1 in 1 s
         6 undo open#1 begins
         7 undo open#1 completed in 1 s
         7 undo open completed after 1 in 1 s
         7 works compensated at pay (panicked: panicked: scripted) in 7 s",
    );
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_notifies_of_that_and_of_no_step_of_its_own() {
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    let (before, ended) = events_of("", |options| options.cancellation(cancelled)).await;
    assert!(ended.is_err());
    assert_events(
        &before,
        "0 works run-1 begins
         0 works compensated [cancelled] (cancelled: cancelled) in 0 s",
    );

    let (lines, works) = (Lines::new(), Works::new("open: busy/2", None));
    let token = CancellationToken::new();
    let run = options(lines.clone()).cancellation(token.clone());
    let run = WorksSaga::run_with(&works, 7, run);
    let cancel = async {
        sleep(Duration::from_secs(1)).await;
        token.cancel();
    };
    let (ended, ()) = tokio::join!(run, cancel);
    assert!(ended.is_err());
    // The attempt in flight failed as well, and is not repeated.
    assert_events(
        &lines.take(),
        "0 works run-1 begins
         0 open#1 begins
         2 open#1 failed (error: busy) in 2 s
         2 open failed (error: busy) after 1 in 2 s
         2 works compensated [cancelled] (cancelled: cancelled) in 2 s",
    );
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_ends_a_wait_is_observed() {
    let day = Duration::from_hours(24);
    let (events, ended) = events_of("open: busy", |options| {
        let patient = Policy::attempts(2).backoff(day * 999_999, day * 999_999);
        let options = options.policy("open", patient).unwrap();
        options.deadline(Duration::from_secs(10))
    })
    .await;
    assert!(ended.is_err());
    // No wait continues after the deadline.
    assert_events(
        &events,
        "0 works run-1 begins
         0 open#1 begins
         1 open#1 failed (error: busy) in 1 s, again in 9 s
         10 open failed (error: busy) after 1 in 10 s
         10 works compensated [the deadline passed] \
         (deadline_exceeded: the deadline passed) in 10 s",
    );
}

#[test]
fn a_step_that_cannot_begin_for_want_of_a_timer_is_observed_without_an_attempt() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&events);
    // No clock to be exact by, and the message of the library is its own affair.
    let observer = move |event: &Event<'_>| {
        let line = line(event);
        let line = line.split(" the run has").next().unwrap_or_default();
        sink.lock().unwrap().push(line.to_owned());
    };
    let works = Works::new("", None);
    let run = WorksSaga::run_with(&works, 7, options(Arc::new(observer)));
    assert!(runtime.block_on(run).is_err());
    assert_eq!(
        *events.lock().unwrap(),
        [
            "works run-1 begins",
            "open failed (not_started: not started:",
            "works compensated at open (not_started: not started:",
        ]
    );
}

// Runs that have no end.

#[tokio::test(start_paused = true)]
async fn a_run_that_is_dropped_notifies_that_it_stopped_and_one_that_was_not_polled_does_not() {
    let (lines, works) = (Lines::new(), Works::new("", None));
    drop(WorksSaga::run_with(&works, 7, options(lines.clone())));
    assert_eq!(lines.take(), "\n");

    let run = WorksSaga::run_with(&works, 7, options(lines.clone()));
    let run = tokio::time::timeout(Duration::from_millis(1500), run).await;
    run.expect_err("it takes longer");
    let to_be_told = "0 works run-1 begins
         0 open#1 begins
         1 open#1 completed in 1 s
         1 open completed after 1 in 1 s
         1 look#1 begins
         1 hold#1 begins
         1 pay#1 begins
         1.5 works stopped in 1.5 s";
    assert_events(&lines.take(), to_be_told);

    // Also if the executor is borrowed.
    let lines = Lines::new();
    let executor = InMemory::new(options(lines.clone()));
    let run = drive::<WorksSaga, _>(&works, &executor, 7);
    let run = tokio::time::timeout(Duration::from_millis(1500), run).await;
    assert!(run.is_err(), "it takes longer");
    assert_events(&lines.take(), to_be_told);
    drop(executor);
    assert_eq!(lines.take(), "\n");
}

/// Executes the first step, and then stops.
struct Halting(Run, AtomicUsize);

impl Executor for Halting {
    type Halt = ();

    fn run(&self) -> &Run {
        &self.0
    }

    fn nested(&self, run: Run) -> Self {
        Self(run, AtomicUsize::new(0))
    }
}

impl RecordsNothing for Halting {}

impl<const STEP: usize, T: Send> Execute<STEP, T> for Halting {
    async fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        attempt: F,
        slot: &'slot mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, ()>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        if self.1.fetch_add(1, Ordering::Relaxed) > 0 {
            return Err(Stop::Halted(()));
        }
        saga_core::attempts(&self.0, call, faults, attempt, slot).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_its_executor_halts_notifies_that_it_stopped() {
    let (lines, works) = (Lines::new(), Works::new("", None));
    let halting = Halting(options(lines.clone()).into_run(), AtomicUsize::new(0));
    let halted = drive::<WorksSaga, _>(&works, &halting, 7).await;
    assert!(halted.is_err());
    assert_events(
        &lines.take(),
        "0 works run-1 begins
         0 open#1 begins
         1 open#1 completed in 1 s
         1 open completed after 1 in 1 s
         1 works stopped in 1 s",
    );
}

/// A decorator that awaits between the method and the end of its attempt.
struct Slowly(InMemory);

impl Executor for Slowly {
    type Halt = <InMemory as Executor>::Halt;

    fn run(&self) -> &Run {
        self.0.run()
    }

    fn nested(&self, run: Run) -> Self {
        Self(self.0.nested(run))
    }
}

impl RecordsNothing for Slowly {}

impl<const STEP: usize, T: Send> Execute<STEP, T> for Slowly {
    async fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        mut attempt: F,
        slot: &'slot mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, Self::Halt>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        let attempt = move |begin| {
            let attempt = attempt(begin);
            async move {
                let output = attempt.await;
                sleep(Duration::from_secs(1)).await;
                output
            }
        };
        Execute::<STEP, T>::execute(&self.0, call, faults, attempt, slot).await
    }
}

struct Parcel;

#[saga]
impl Parcel {
    #[step(readonly, parallel = extras, only_if = no)]
    async fn insure(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(readonly, parallel = extras, only_if = yes)]
    async fn wrap(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(readonly, parallel = extras, only_if = no)]
    async fn engrave(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(only_if = yes)]
    async fn label(&self) -> Result<(), String> {
        Ok(())
    }

    fn yes(&self) -> bool {
        true
    }

    fn no(&self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn a_decorator_that_awaits_after_an_attempt_does_not_change_which_steps_are_skipped() {
    let lines = Lines::new();
    let options = RunOptions::<ParcelSaga>::new()
        .id(ID)
        .observer(lines.clone());
    let slowly = Slowly(InMemory::new(options));
    assert!(drive::<ParcelSaga, _>(&Parcel, &slowly, ()).await.is_ok());
    let lines = lines.take();
    let ended = lines.lines().filter(|line| line.contains(" after "));
    let ended: Vec<_> = ended
        .map(|line| line.trim_start_matches("1 ").trim_start_matches("2 "))
        .collect();
    assert_eq!(
        ended,
        [
            "insure skipped after 1 in 1 s",
            "wrap completed after 1 in 1 s",
            "engrave skipped after 1 in 1 s",
            "label completed after 1 in 1 s",
        ]
    );
}

// The events in the document.

struct Shop;

#[saga]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, order: &str) -> Result<String, String> {
        Ok(order.to_owned())
    }

    #[step(pivot, retry(attempts = 2))]
    async fn ship(&self, _order: &str) -> Result<(), String> {
        Err("no courier".to_owned())
    }

    async fn release(&self, _order: &str) -> Result<(), String> {
        Err("the warehouse is shut".to_owned())
    }
}

/// An event as the document writes it.
fn in_short(event: &Event<'_>) -> String {
    match event.kind {
        EventKind::AttemptStarted {
            step,
            phase,
            attempt,
            ..
        } => format!(
            "AttemptStarted {}, {}, {attempt}",
            step.name,
            phase.as_str()
        ),
        EventKind::AttemptEnded {
            step,
            phase,
            attempt,
            outcome,
            retry_in,
            ..
        } => {
            let again = retry_in.map(|wait| format!(", again in {}", seconds(wait)));
            format!(
                "AttemptEnded {}, {}, {attempt}, {outcome:?}{}",
                step.name,
                phase.as_str(),
                again.unwrap_or_default()
            )
        }
        EventKind::StepEnded {
            step,
            phase,
            outcome,
            attempts,
            ..
        } => format!(
            "StepEnded {}, {}, {outcome:?}, after {attempts}",
            step.name,
            phase.as_str()
        ),
        EventKind::SagaEnded {
            outcome,
            step: Some(step),
            compensation_failures: [left],
            ..
        } => format!(
            "SagaEnded {outcome:?}, at {}, {} not undone",
            step.name, left.step.name
        ),
        other => format!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_order_of_events_is_that_of_the_document() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&events);
    let observer = move |event: &Event<'_>| sink.lock().unwrap().push(in_short(event));
    let run = RunOptions::new().observer(Arc::new(observer));
    let ended = ShopSaga::run_with(&Shop, "book".to_owned(), run).await;
    assert!(ended.unwrap_err().is_stuck());
    let document = include_str!("../../../docs/observing.md");
    let (_, block) = document.split_once("```text\nSagaStarted\n").unwrap();
    let (block, _) = block.split_once("\n```").unwrap();
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let documented: Vec<_> = std::iter::once("SagaStarted")
        .chain(block.lines())
        .map(words)
        .collect();
    assert_eq!(*events.lock().unwrap(), documented);
}
