//! The spans and events of the feature `tracing`: exactly these, with the user's own inside the attempt that they
//! belong to, without values, and unharmed by a subscriber that panics.
//!
//! A process of its own: `tracing` caches for the whole process whether a span is wanted, and while only one
//! subscriber exists, it may ask a thread that has none. Every test here has one.

use core::fmt::{self, Write};
use core::time::Duration;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use saga_core::durable::{Engine, EngineBuilder, InMemoryJournal};
use saga_core::{CancellationToken, Ended, RunOptions, Saga, observe, saga};
use saga_tests::ten_steps::{Works, WorksSaga};
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::sleep;
use tracing::field::{Field, Visit};
use tracing::instrument::{Instrument, WithSubscriber};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::set_default;
use tracing::{Event, Metadata, Subscriber, info, info_span};
use tracing_core::span::Current;

const ID: &str = "run-1";

/// Records spans and events, as a tree.
#[derive(Clone, Default)]
struct Recorder(Arc<Recorded>);

#[derive(Default)]
struct Recorded {
    all: Mutex<All>,
    /// The name of the span or event that panics, if one does.
    panics_at: Option<&'static str>,
    panicked: AtomicUsize,
}

#[derive(Default)]
struct All {
    nodes: Vec<Node>,
    /// The entered spans, the innermost last. Each test here has one thread.
    entered: Vec<usize>,
}

/// A span or an event.
struct Node {
    metadata: &'static Metadata<'static>,
    parent: Option<usize>,
    fields: Vec<(&'static str, String)>,
    /// The number of handles of a span. A closed span has none.
    handles: usize,
}

impl Recorder {
    fn panicking_at(what: &'static str) -> Self {
        Self(Arc::new(Recorded {
            panics_at: Some(what),
            ..Recorded::default()
        }))
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_panic(&self, what: &'static str) {
        if self.0.panics_at == Some(what) {
            self.0.panicked.fetch_add(1, Ordering::Relaxed);
            std::panic::resume_unwind(Box::new("a subscriber's"));
        }
    }

    fn add(
        &self,
        metadata: &'static Metadata<'static>,
        parent: Option<&Id>,
        is_contextual: bool,
        fields: Fields,
    ) -> Id {
        let mut all = self.lock();
        let parent = match parent {
            Some(parent) => Some(index(parent)),
            None if is_contextual => all.entered.last().copied(),
            None => None,
        };
        all.nodes.push(Node {
            metadata,
            parent,
            fields: fields.0,
            handles: usize::from(metadata.is_span()),
        });
        Id::from_u64(all.nodes.len() as u64)
    }

    /// The tree: each span with all its fields, followed by its content.
    fn tree(&self) -> String {
        let all = self.lock();
        assert_eq!(all.entered, [0; 0], "all that was entered was left");
        let open = all.nodes.iter().filter(|node| node.handles > 0);
        let open: Vec<_> = open.map(|node| node.metadata.name()).collect();
        assert_eq!(open, [""; 0], "all are closed");
        let mut tree = String::new();
        all.write(None, 0, &mut tree);
        tree
    }
}

impl All {
    fn write(&self, parent: Option<usize>, depth: usize, tree: &mut String) {
        for (index, node) in self.nodes.iter().enumerate() {
            if node.parent != parent {
                continue;
            }
            let name = if node.metadata.is_span() {
                node.metadata.name().to_owned()
            } else {
                format!("- {}", node.metadata.level())
            };
            let indent = "  ".repeat(depth);
            write!(tree, "{indent}{name}").unwrap();
            for (field, value) in &node.fields {
                write!(tree, " {field}={value}").unwrap();
            }
            tree.push('\n');
            self.write(Some(index), depth + 1, tree);
        }
    }
}

fn index(id: &Id) -> usize {
    usize::try_from(id.into_u64()).expect("a few spans") - 1
}

/// The fields in the order in which they were recorded, without source locations, which change with this file.
#[derive(Default)]
struct Fields(Vec<(&'static str, String)>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = match field.name() {
            "code.line.number" => "_".to_owned(),
            _ => format!("{value:?}"),
        };
        self.0.push((field.name(), value));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.may_panic("new_span");
        let mut fields = Fields::default();
        span.record(&mut fields);
        self.add(span.metadata(), span.parent(), span.is_contextual(), fields)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.may_panic("record");
        let mut fields = Fields::default();
        values.record(&mut fields);
        self.lock().nodes[index(span)].fields.append(&mut fields.0);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.may_panic("follows_from");
        let mut all = self.lock();
        let (span, follows) = (index(span), index(follows));
        let before = all.nodes[follows].metadata.name();
        all.nodes[span]
            .fields
            .push(("follows_from", before.to_owned()));
    }

    fn event(&self, event: &Event<'_>) {
        self.may_panic("event");
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.add(
            event.metadata(),
            event.parent(),
            event.is_contextual(),
            fields,
        );
    }

    fn enter(&self, span: &Id) {
        self.may_panic("enter");
        self.lock().entered.push(index(span));
    }

    fn exit(&self, span: &Id) {
        self.may_panic("exit");
        let left = self.lock().entered.pop();
        assert_eq!(left, Some(index(span)), "the innermost is left first");
    }

    fn current_span(&self) -> Current {
        let all = self.lock();
        match all.entered.last() {
            Some(&index) => {
                let id = Id::from_u64(index as u64 + 1);
                Current::new(id, all.nodes[index].metadata)
            }
            None => Current::none(),
        }
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.may_panic("clone_span");
        self.lock().nodes[index(span)].handles += 1;
        span.clone()
    }

    fn try_close(&self, span: Id) -> bool {
        self.may_panic("try_close");
        let node = &mut self.lock().nodes[index(&span)];
        node.handles -= 1;
        node.handles == 0
    }
}

#[track_caller]
fn assert_tree(tree: &str, expected: &str) {
    let expected = expected.trim_start_matches('\n');
    assert!(tree == expected, "traced:\n{tree}\nexpected:\n{expected}");
}

/// The spans and events of a run, and how it ended.
async fn traced<S, F: Future<Output = S>>(run: impl FnOnce() -> F) -> (String, S) {
    let recorder = Recorder::default();
    let ended = {
        let _default = set_default(recorder.clone());
        run().await
    };
    (recorder.tree(), ended)
}

const MARKER: &str = "correct-horse-battery";

/// A shop that says what it does.
struct Shop;

#[derive(Debug)]
struct Busy;

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("busy")
    }
}

#[saga]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, order: &str) -> Result<String, Busy> {
        info!("reserving");
        yield_now().await;
        info!("reserved");
        Ok(format!("{order}!"))
    }

    #[step(compensate = refund, retry(attempts = 2))]
    async fn charge(&self, reserve: &str) -> Result<usize, Busy> {
        let span = info_span!("card");
        let _entered = span.enter();
        info!(length = reserve.len() > 3, "charging");
        Err(Busy)
    }

    #[step]
    async fn ship(&self, _charge: &usize) -> Result<(), Busy> {
        Ok(())
    }

    async fn release(&self, _reserve: &str) -> Result<(), Busy> {
        info!("releasing");
        sleep(Duration::from_secs(1)).await;
        Err(Busy)
    }

    async fn refund(&self, _charge: &usize) -> Result<(), Busy> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_fails_after_a_retry_and_is_stuck_is_exactly_this_tree_and_has_no_value_in_it()
{
    let (tree, ended) = traced(|| {
        let options = RunOptions::new().id(ID);
        ShopSaga::run_with(&Shop, MARKER.to_owned(), options)
    })
    .await;
    let report = ended.unwrap_err().report().to_string();
    assert!(report.contains(MARKER), "the report has it");
    assert!(!tree.contains(MARKER), "{tree}");
    // The source location is this file in all of them.
    let tree = tree.replace(
        " code.file.path=\"tests/tests/tracing.rs\" code.line.number=_",
        " HERE",
    );
    assert_tree(
        &tree,
        r#"
saga saga.name="shop" otel.name="shop" HERE saga.id=run-1 saga.step="charge" saga.outcome="stuck" saga.duration=1.0 error.type="error" otel.status_code="ERROR"
  step saga.step="reserve" otel.name="reserve" code.function.name="reserve" HERE saga.attempts=1 saga.outcome="completed" saga.duration=0.0
    attempt saga.attempt=1 saga.outcome="completed" saga.duration=0.0
      - INFO message=reserving
      - INFO message=reserved
  step saga.step="charge" otel.name="charge" code.function.name="charge" HERE saga.attempts=2 saga.outcome="failed" saga.duration=0.0 error.type="error" otel.status_code="ERROR"
    attempt saga.attempt=1 saga.outcome="failed" saga.duration=0.0 error.type="error" otel.status_code="ERROR"
      card
        - INFO message=charging length=true
    - DEBUG message=the attempt did not complete, another follows saga.name="shop" saga.id=run-1 saga.step="charge" saga.phase="step" saga.attempt=1 saga.outcome="failed" saga.wait=0.0 error.type="error" exception.message="busy"
    attempt saga.attempt=2 saga.outcome="failed" saga.duration=0.0 error.type="error" otel.status_code="ERROR"
      card
        - INFO message=charging length=true
    - WARN message=gave up saga.name="shop" saga.id=run-1 saga.step="charge" saga.phase="step" saga.attempts=2 saga.outcome="failed" error.type="error" exception.message="busy"
  compensation saga.step="reserve" otel.name=undo reserve code.function.name="release" HERE saga.attempts=1 saga.outcome="failed" saga.duration=1.0 error.type="error" otel.status_code="ERROR"
    attempt saga.attempt=1 saga.outcome="failed" saga.duration=1.0 error.type="error" otel.status_code="ERROR"
      - INFO message=releasing
    - WARN message=gave up saga.name="shop" saga.id=run-1 saga.step="reserve" saga.phase="compensation" saga.attempts=1 saga.outcome="failed" error.type="error" exception.message="busy"
  - ERROR message=stuck: an operator must act saga.name="shop" saga.id=run-1 saga.step="charge" saga.not_undone="reserve" error.type="error" exception.message="busy"
"#,
    );
}

#[tokio::test(start_paused = true)]
async fn an_id_from_outside_adds_no_line_and_moves_no_cursor() {
    let run = |id: &'static str| async move {
        let run = || ShopSaga::run_with(&Shop, MARKER.to_owned(), RunOptions::new().id(id));
        traced(run).await.0
    };
    let tree = run("7\n  - ERROR message=stuck\u{1b}[2J\u{202e}").await;
    let shown = "saga.id=7\\n  - ERROR message=stuck\\u{1b}[2J\\u{202e} ";
    let plain = run(ID).await.replace("saga.id=run-1 ", shown);
    assert_tree(&tree, &plain);
    assert_eq!(tree.matches(shown).count(), 5, "{tree}");
}

/// Its members take turns.
#[derive(Default)]
struct Turns {
    hangs: bool,
}

/// Emits an event when it is dropped.
struct Bell;

impl Drop for Bell {
    fn drop(&mut self) {
        info!("dropped");
    }
}

#[saga]
impl Turns {
    #[step(only_if = wants, readonly)]
    async fn look(&self) -> Result<(), Busy> {
        Ok(())
    }

    #[step(parallel = both, readonly)]
    async fn tick(&self) -> Result<(), Busy> {
        for tick in 1..=3 {
            info!(tick);
            yield_now().await;
        }
        Ok(())
    }

    #[step(parallel = both, readonly)]
    async fn tock(&self) -> Result<(), Busy> {
        for tock in 1..=2 {
            info!(tock);
            yield_now().await;
        }
        Ok(())
    }

    #[step(pivot, timeout = "5s")]
    async fn ring(&self) -> Result<(), Busy> {
        let _bell = Bell;
        if self.hangs {
            info!("hanging");
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    fn wants(&self) -> bool {
        info!("asked");
        false
    }
}

/// Without the fields for the source location and the way it is shown.
fn short(tree: &str) -> String {
    let kept = [
        "saga.id=",
        "saga.name=",
        "saga.trace_context=",
        "saga.step=",
        "saga.attempt=",
        "saga.outcome=",
        "saga.duration=",
        "error.type=",
    ];
    let mut text = String::new();
    for line in tree.lines() {
        let words = line.split(' ');
        let words =
            words.filter(|word| !word.contains('.') || kept.iter().any(|k| word.starts_with(k)));
        text += &words.collect::<Vec<_>>().join(" ");
        text.push('\n');
    }
    text
}

#[tokio::test(start_paused = true)]
async fn what_members_of_a_group_say_is_in_their_own_attempts_however_they_take_turns() {
    let (tree, ended) = traced(|| {
        let options = RunOptions::new().id(ID);
        TurnsSaga::run_with(&Turns { hangs: false }, (), options)
    })
    .await;
    ended.unwrap();
    assert_tree(
        &short(&tree),
        r#"
saga saga.name="turns" saga.id=run-1 saga.outcome="completed" saga.duration=0.0
  step saga.step="look" saga.outcome="skipped" saga.duration=0.0
    attempt saga.attempt=1 saga.outcome="skipped" saga.duration=0.0
      - INFO message=asked
  step saga.step="tick" saga.outcome="completed" saga.duration=0.0
    attempt saga.attempt=1 saga.outcome="completed" saga.duration=0.0
      - INFO tick=1
      - INFO tick=2
      - INFO tick=3
  step saga.step="tock" saga.outcome="completed" saga.duration=0.0
    attempt saga.attempt=1 saga.outcome="completed" saga.duration=0.0
      - INFO tock=1
      - INFO tock=2
  step saga.step="ring" saga.outcome="completed" saga.duration=0.0
    attempt saga.attempt=1 saga.outcome="completed" saga.duration=0.0
      - INFO message=dropped
"#,
    );
}

#[tokio::test(start_paused = true)]
async fn what_an_attempt_says_when_it_times_out_and_is_dropped_is_in_that_attempt() {
    let (tree, ended) = traced(|| {
        let options = RunOptions::new().id(ID);
        TurnsSaga::run_with(&Turns { hangs: true }, (), options)
    })
    .await;
    assert!(ended.unwrap_err().is_stuck());
    let tree = short(&tree);
    let (_, ring) = tree.split_once("  step saga.step=\"ring\"").unwrap();
    assert_tree(
        ring,
        r#" saga.outcome="in_doubt" saga.duration=5.0 error.type="timed_out"
    attempt saga.attempt=1 saga.outcome="in_doubt" saga.duration=5.0 error.type="timed_out"
      - INFO message=hanging
      - INFO message=dropped
    - WARN message=gave up saga.name="turns" saga.id=run-1 saga.step="ring" saga.outcome="in_doubt" error.type="timed_out" out after 5s"
  - ERROR message=stuck: an operator must act saga.name="turns" saga.id=run-1 saga.step="ring" error.type="timed_out" out after 5s"
"#,
    );
}

#[tokio::test(start_paused = true)]
async fn runs_that_take_turns_on_one_thread_each_have_a_span_of_their_own_below_the_callers() {
    let (tree, ()) = traced(|| async {
        let caller = info_span!("caller");
        let entered = caller.enter();
        let inside = TurnsSaga::run(&Turns { hangs: false }, ());
        let mut inside = std::pin::pin!(inside);
        // The span around its first poll is its parent; the span around its creation is not.
        drop(entered);
        let service = Arc::new(Turns { hangs: false });
        let spawned = TurnsSaga::spawn(service, (), RunOptions::new());
        std::future::poll_fn(|cx| {
            let _entered = caller.enter();
            inside.as_mut().poll(cx)
        })
        .await
        .unwrap();
        spawned.await.unwrap().unwrap();
    })
    .await;
    let lines = tree.lines().map(|line| line.split(" otel").next().unwrap());
    let spans: Vec<_> = lines.filter(|line| !line.contains("- INFO")).collect();
    let of_one = |depth: &str| {
        let steps = ["look", "tick", "tock", "ring"];
        let steps = steps.map(|step| {
            format!("{depth}  step saga.step=\"{step}\"\n{depth}    attempt saga.attempt=1 saga")
        });
        format!("{depth}saga saga.name=\"turns\"\n{}\n", steps.join("\n"))
    };
    let spans = spans.iter().fold(String::new(), |text, span| {
        let span = span.split(".outcome").next().unwrap();
        text + span + "\n"
    });
    assert_tree(&spans, &format!("caller\n{}{}", of_one("  "), of_one("")));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_and_one_whose_time_was_up_say_so() {
    for (deadline, why) in [(false, "cancelled"), (true, "deadline_exceeded")] {
        let (tree, ended) = traced(|| {
            let options = RunOptions::new().id(ID);
            let options = if deadline {
                options.deadline(Duration::ZERO)
            } else {
                let token = CancellationToken::new();
                token.cancel();
                options.cancellation(token)
            };
            TurnsSaga::run_with(&Turns { hangs: false }, (), options)
        })
        .await;
        assert!(!ended.unwrap_err().is_stuck());
        assert_tree(
            &short(&tree),
            &format!(
                "saga saga.name=\"turns\" saga.id=run-1 saga.outcome=\"compensated\" \
                 saga.duration=0.0 error.type=\"{why}\"\n"
            ),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_dropped_says_that_it_stopped() {
    let (tree, timeout) = traced(|| {
        let options = RunOptions::new().id(ID);
        let run = TurnsSaga::run_with(&Turns { hangs: true }, (), options);
        tokio::time::timeout(Duration::from_secs(2), run)
    })
    .await;
    assert!(timeout.is_err());
    let tree = short(&tree);
    let first = tree.lines().next().unwrap();
    assert_eq!(
        first,
        r#"saga saga.name="turns" saga.id=run-1 saga.outcome="stopped" saga.duration=2.0"#
    );
    // A value that is dropped with the run belongs to no attempt any more.
    assert!(
        tree.ends_with(
            r#"
  step saga.step="ring"
    attempt saga.attempt=1
      - INFO message=hanging
  - WARN message=stopped where it was: nothing is undone
- INFO message=dropped
"#
        ),
        "{tree}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_only_the_future_has_gets_everything() {
    let recorder = Recorder::default();
    let run = TurnsSaga::run(&Turns { hangs: false }, ());
    run.with_subscriber(recorder.clone()).await.unwrap();
    let tree = recorder.tree();
    assert!(tree.starts_with("saga saga.name=\"turns\""), "{tree}");
    assert!(tree.contains("      - INFO tock=2"), "{tree}");
}

/// Records what a filter lets through.
struct Filtered(Recorder, fn(&Metadata<'_>) -> bool);

impl Subscriber for Filtered {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.1(metadata)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.0.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.0.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.0.record_follows_from(span, follows);
    }

    fn event(&self, event: &Event<'_>) {
        self.0.event(event);
    }

    fn enter(&self, span: &Id) {
        self.0.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.0.exit(span);
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.0.clone_span(span)
    }

    fn try_close(&self, span: Id) -> bool {
        self.0.try_close(span)
    }
}

async fn filtered(filter: fn(&Metadata<'_>) -> bool) -> String {
    let recorder = Recorder::default();
    let options = RunOptions::new().id(ID);
    let run = ShopSaga::run_with(&Shop, MARKER.to_owned(), options);
    let filtered = Filtered(recorder.clone(), filter);
    run.with_subscriber(filtered).await.unwrap_err();
    recorder.tree()
}

#[tokio::test(start_paused = true)]
async fn where_only_errors_are_wanted_the_one_that_is_stuck_is_reported() {
    let tree = filtered(|metadata| *metadata.level() == tracing::Level::ERROR).await;
    assert_tree(
        &tree,
        r#"
- ERROR message=stuck: an operator must act saga.name="shop" saga.id=run-1 saga.step="charge" saga.not_undone="reserve" error.type="error" exception.message="busy"
"#,
    );
}

#[tokio::test(start_paused = true)]
async fn where_only_warnings_are_wanted_what_gave_up_is_reported_without_a_span() {
    let tree = filtered(|metadata| *metadata.level() <= tracing::Level::WARN).await;
    assert_tree(
        &tree,
        r#"
- WARN message=gave up saga.name="shop" saga.id=run-1 saga.step="charge" saga.phase="step" saga.attempts=2 saga.outcome="failed" error.type="error" exception.message="busy"
- WARN message=gave up saga.name="shop" saga.id=run-1 saga.step="reserve" saga.phase="compensation" saga.attempts=1 saga.outcome="failed" error.type="error" exception.message="busy"
- ERROR message=stuck: an operator must act saga.name="shop" saga.id=run-1 saga.step="charge" saga.not_undone="reserve" error.type="error" exception.message="busy"
"#,
    );
}

#[tokio::test(start_paused = true)]
async fn all_of_it_has_one_target_to_be_filtered_by() {
    let tree = filtered(|metadata| metadata.target() != "saga_core").await;
    assert_tree(
        &tree,
        "
- INFO message=reserving
- INFO message=reserved
card
  - INFO message=charging length=true
card
  - INFO message=charging length=true
- INFO message=releasing
",
    );
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_panics_changes_neither_the_calls_nor_the_report() {
    let scripts = [
        "",
        "look: busy; wants: no",
        "hold: busy lost; unpay: busy refused; unopen: hang busy",
        "close: hang; mail: panic",
    ];
    for script in scripts {
        let run = async |recorder: Option<Recorder>| {
            let _default = recorder.map(set_default);
            let works = Works::new(script, None);
            let options = RunOptions::new().id(ID);
            let ended: Ended<WorksSaga> = WorksSaga::run_with(&works, 7, options).await;
            let ended = ended.map_err(|error| error.report());
            (works.calls.take(), format!("{ended:?}"))
        };
        let untold = run(None).await;
        for what in [
            "new_span",
            "record",
            "event",
            "enter",
            "exit",
            "clone_span",
            "try_close",
        ] {
            let recorder = Recorder::panicking_at(what);
            assert_eq!(
                run(Some(recorder.clone())).await,
                untold,
                "{script}, {what}"
            );
            let panicked = recorder.0.panicked.load(Ordering::Relaxed);
            let says_nothing = script.is_empty() && what == "event";
            assert_eq!(panicked == 0, says_nothing, "{script}, {what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_dropped_does_not_unwind_when_the_subscriber_panics() {
    for what in ["record", "event", "enter", "exit", "try_close"] {
        let recorder = Recorder::panicking_at(what);
        {
            let _default = set_default(recorder.clone());
            let works = Works::new("ship: busy hang", None);
            let run = WorksSaga::run(&works, 7);
            let run = tokio::time::timeout(Duration::from_millis(6500), run).await;
            assert!(run.is_err());
        }
        assert_ne!(recorder.0.panicked.load(Ordering::Relaxed), 0, "{what}");
    }
}

struct Purse;

#[saga]
impl Purse {
    #[step(compensate = take_back)]
    async fn give(&self, whose: &str) -> Result<usize, Busy> {
        info!("giving");
        Ok(whose.len())
    }

    async fn take_back(&self, _cents: &usize) -> Result<(), Busy> {
        info!("taking back");
        Ok(())
    }
}

struct Stall {
    purse: Purse,
}

#[saga]
impl Stall {
    #[step(saga = PurseSaga, on = self.purse)]
    fn pay(&self, whose: &str) -> String {
        whose.to_owned()
    }

    #[step(pivot)]
    async fn hand_over(&self, _cents: &usize) -> Result<(), Busy> {
        Err(Busy)
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_a_step_runs_is_a_span_within_the_attempt_and_its_undo_within_that_of_the_step()
{
    let stall = Stall { purse: Purse };
    let (tree, ended) = traced(|| {
        let options = RunOptions::new().id(ID);
        StallSaga::run_with(&stall, MARKER.to_owned(), options)
    })
    .await;
    assert!(!ended.unwrap_err().is_stuck());
    assert!(!tree.contains(MARKER), "{tree}");
    let tree = tree.replace(
        " code.file.path=\"tests/tests/tracing.rs\" code.line.number=_",
        " HERE",
    );
    assert_tree(
        &tree,
        r#"
saga saga.name="stall" otel.name="stall" HERE saga.id=run-1 saga.step="hand_over" saga.outcome="compensated" saga.duration=0.0 error.type="error" otel.status_code="ERROR"
  step saga.step="pay" otel.name="pay" code.function.name="pay" HERE saga.attempts=1 saga.outcome="completed" saga.duration=0.0
    attempt saga.attempt=1 saga.outcome="completed" saga.duration=0.0
      saga saga.name="purse" otel.name="purse" HERE saga.id=stall/run-1/pay/1 saga.outcome="completed" saga.duration=0.0
        step saga.step="give" otel.name="give" code.function.name="give" HERE saga.attempts=1 saga.outcome="completed" saga.duration=0.0
          attempt saga.attempt=1 saga.outcome="completed" saga.duration=0.0
            - INFO message=giving
  step saga.step="hand_over" otel.name="hand_over" code.function.name="hand_over" HERE saga.attempts=1 saga.outcome="failed" saga.duration=0.0 error.type="error" otel.status_code="ERROR"
    attempt saga.attempt=1 saga.outcome="failed" saga.duration=0.0 error.type="error" otel.status_code="ERROR"
    - WARN message=gave up saga.name="stall" saga.id=run-1 saga.step="hand_over" saga.phase="step" saga.attempts=1 saga.outcome="failed" error.type="error" exception.message="busy"
  compensation saga.step="pay" otel.name=undo pay code.function.name="pay" HERE saga.attempts=1 saga.outcome="completed" saga.duration=0.0
    attempt saga.attempt=1 saga.outcome="completed" saga.duration=0.0
      compensation saga.step="give" otel.name=undo give code.function.name="take_back" HERE saga.attempts=1 saga.outcome="completed" saga.duration=0.0
        attempt saga.attempt=1 saga.outcome="completed" saga.duration=0.0
          - INFO message=taking back
"#,
    );
}

// Runs in tasks of their own.

/// The first line of the tree that is about a saga.
fn saga_of(tree: &str) -> String {
    let tree = short(tree);
    let saga = tree.lines().find(|line| line.starts_with("saga "));
    saga.expect("it is below no other span").to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_spawned_follows_from_the_span_of_its_caller_and_does_not_keep_it_open() {
    let recorder = Recorder::default();
    let _default = set_default(recorder.clone());
    let caller = info_span!("caller");
    let spawn = || {
        let options = RunOptions::new().id(ID);
        TurnsSaga::spawn(Arc::new(Turns { hangs: true }), (), options)
    };
    let run = caller.in_scope(spawn);
    drop(caller);
    sleep(Duration::from_secs(1)).await;
    let is_open = |name| {
        let all = recorder.lock();
        let mut nodes = all.nodes.iter();
        nodes.any(|node| node.metadata.name() == name && node.handles > 0)
    };
    assert!(is_open("saga") && !is_open("caller"));
    assert!(run.await.unwrap().is_err());
    let saga = saga_of(&recorder.tree());
    let begin = r#"saga saga.name="turns" saga.id=run-1 follows_from=caller saga.step="ring""#;
    assert!(saga.starts_with(begin), "{saga}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_spawned_without_a_span_follows_from_none() {
    let spawn = || TurnsSaga::spawn(Arc::new(Turns { hangs: false }), (), RunOptions::new());
    let (tree, ended) = traced(spawn).await;
    assert!(ended.unwrap().is_ok());
    assert!(!tree.contains("follows_from"), "{tree}");
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_panics_at_a_link_changes_nothing() {
    for at in ["follows_from", "clone_span", "try_close"] {
        let recorder = Recorder::panicking_at(at);
        let _default = set_default(recorder.clone());
        let caller = info_span!("caller");
        let spawn = || TurnsSaga::spawn(Arc::new(Turns { hangs: false }), (), RunOptions::new());
        assert!(caller.in_scope(spawn).await.unwrap().is_ok());
        let panicked = recorder.0.panicked.load(Ordering::Relaxed);
        assert!(panicked > 0, "{at}");
        std::mem::forget(caller);
    }
}

/// A letter that is on its way until it is let in.
#[derive(Debug, Default)]
struct Letter {
    reached: Notify,
    let_in: Notify,
}

#[saga(durable)]
impl Letter {
    #[step(compensate = burn)]
    async fn send(&self) -> Result<(), String> {
        self.reached.notify_one();
        self.let_in.notified().await;
        Ok(())
    }

    #[step(readonly)]
    async fn file(&self) -> Result<(), String> {
        Ok(())
    }

    async fn burn(&self, _: saga_core::Attempt<&()>) -> Result<(), String> {
        Ok(())
    }
}

/// One life of a process, under a subscriber of its own. What it leaves is dropped with its runtime.
fn life<T>(life: impl Future<Output = T>) -> (Recorder, T) {
    let recorder = Recorder::default();
    let _default = set_default(recorder.clone());
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    let returned = runtime.block_on(life);
    drop(runtime);
    (recorder, returned)
}

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn a_saga_that_was_submitted_follows_from_its_caller_and_a_later_process_knows_the_trace() {
    let (letter, journal) = (Arc::new(Letter::default()), InMemoryJournal::new());
    let traces = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&traces);
    let observer = move |event: &observe::Event<'_>| {
        if matches!(event.kind, observe::EventKind::SagaStarted) {
            let trace = event.trace_context().map(ToOwned::to_owned);
            seen.lock().unwrap().push(trace);
        }
    };
    let options = RunOptions::new().observer(Arc::new(observer));
    let engine = |context: fn() -> Option<String>| -> EngineBuilder {
        Engine::builder()
            .register_with::<LetterSaga>(Arc::clone(&letter), options.clone())
            .trace_context(context)
    };
    // The subscriber is asked for the current span where it is submitted.
    let current = || {
        let span = tracing::Span::current();
        let name = span.metadata().map(Metadata::name);
        (name == Some("request")).then(|| TRACEPARENT.to_owned())
    };
    let (first, ()) = life(async {
        let engine = engine(current).open(journal.clone()).await.unwrap();
        let submit = engine.submit::<LetterSaga>(ID, ());
        drop(submit.instrument(info_span!("request")).await.unwrap());
        letter.reached.notified().await;
    });
    let (second, ended) = life(async {
        let engine = engine(|| panic!("it is not asked"))
            .open(journal.clone())
            .await
            .unwrap();
        letter.let_in.notify_one();
        engine.outcome::<LetterSaga>(ID).await.unwrap()
    });
    assert!(ended.is_ok());
    let known =
        format!(r#"saga saga.name="letter" saga.id=run-1 saga.trace_context={TRACEPARENT} "#);
    let (first, second) = (saga_of(&first.tree()), saga_of(&second.tree()));
    assert!(
        first.starts_with(&(known.clone() + "follows_from=request ")),
        "{first}"
    );
    assert!(second.starts_with(&(known + "saga.outcome")), "{second}");
    let trace = Some(TRACEPARENT.to_owned());
    assert_eq!(*traces.lock().unwrap(), [trace.clone(), trace]);
}

#[test]
fn a_trace_that_cannot_be_had_keeps_no_saga_from_being_submitted() {
    let none: fn() -> Option<String> = || None;
    for context in [
        none,
        || panic!("no trace"),
        || Some("x".repeat(513)),
        || Some(String::new()),
    ] {
        let letter = Arc::new(Letter::default());
        letter.let_in.notify_one();
        let (recorder, ended) = life(async {
            let engine = Engine::builder()
                .register::<LetterSaga>(letter)
                .trace_context(context);
            let engine = engine.open(InMemoryJournal::new()).await.unwrap();
            engine
                .submit::<LetterSaga>(ID, ())
                .await
                .unwrap()
                .outcome()
                .await
                .unwrap()
        });
        assert!(ended.is_ok());
        assert!(!recorder.tree().contains("saga.trace_context"));
    }
}
