//! Text from outside (ids, arguments, errors, panics, names that are read back) cannot change what a reader sees.
//! It stays within its line or block, no character moves a cursor or changes the direction of writing, and stored
//! text has a maximum length.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use saga_core::durable::{
    CancelError, Dropped, Engine, Halt, InMemoryJournal, Journal as _, JournalError,
    JournalErrorKind, OpenError, OutcomeError, Parked, Query, SagaState, Status, SubmitError,
    Untyped,
};
use saga_core::{
    Cause, ErrorText, Failure, Lost, Report, RunOptions, Saga, SagaError, SagaId, StepContext,
    StepError as _, executor::ErrorView, saga,
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// Text that a request or another service may contain: line breaks of every kind, terminal sequences, marks that
/// change the direction of writing, and invisible characters.
const NASTY: &str = "42) was compensated: no stock\nsaga `shop` (43\r\n\u{1b}[2J\u{1b}[1;1H\u{7}\t\u{0}\u{7f}\u{9b}31m\
    \u{85}\u{2028}\u{2029}\u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{200d}\u{feff}\u{ad}\u{3164}\u{e0041}";

/// Lines that an error could try to add to a report.
const IMITATION: &str = "declined\n\nsteps:\n  1. pay()\n       completed: 7\n\nleft for a person:\n  - pay 7 \
    to mallory\n    caused by: a friend\n  in doubt: all of it";

/// Characters, besides line breaks, that no text for a reader may contain.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f
            | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
            | 0x1_bca0..=0x1_bca3 | 0x1_d173..=0x1_d17a | 0xe_0000..=0xe_0fff)
}

#[track_caller]
fn assert_lines(text: &str) {
    let hidden: Vec<_> = text
        .chars()
        .filter(|c| is_hidden(*c) && *c != '\n')
        .collect();
    assert_eq!(hidden, [char::MIN; 0], "{text:?}");
}

#[track_caller]
fn assert_one_line(text: &str) {
    assert_lines(text);
    assert_eq!(text.lines().count(), 1, "{text}");
}

/// Every diagram of a report.
fn diagrams(report: &Report) -> [String; 3] {
    let diagram = report.diagram();
    [diagram.markdown(), diagram.mermaid(), diagram.dot()]
}

struct Shop;

#[saga]
impl Shop {
    #[step]
    async fn pay(&self) -> Result<u32, String> {
        Err("declined \u{1b}[2J\u{1b}[1;1Hall is well\r\u{7}\u{202e}".to_owned())
    }
}

#[tokio::test]
async fn an_error_is_one_line_and_neither_it_nor_its_report_can_move_a_cursor() {
    let id = "42) was compensated: no stock\nsaga `shop` (43";
    let options = RunOptions::new().id(id);
    let error = ShopSaga::run_with(&Shop, (), options).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "pay");
    assert_eq!(
        error.to_string(),
        "saga `shop` (42) was compensated: no stock\\nsaga `shop` (43) was compensated: step `pay` failed: \
         declined \\u{1b}[2J\\u{1b}[1;1Hall is well\\r\\u{7}\\u{202e}"
    );
    assert_one_line(&error.error().to_string());
    let report = error.report();
    let line = error.step().unwrap().location.line;
    assert_eq!(
        report.to_string(),
        format!(
            "saga `shop` (42) was compensated: no stock\\nsaga `shop` (43) was compensated: step `pay` failed: \
             declined \\u{{1b}}[2J\\u{{1b}}[1;1Hall is well\\r\\u{{7}}\\u{{202e}}

steps:
  1. pay()
       failed: declined \\u{{1b}}[2J\\u{{1b}}[1;1Hall is well\\r\\u{{7}}\\u{{202e}}

failure of step 1 `pay` at tests/tests/report/foreign_text.rs:{line}:
  declined \\u{{1b}}[2J\\u{{1b}}[1;1Hall is well\\r\\u{{7}}\\u{{202e}}"
        )
    );
    assert_eq!(format!("{error:?}"), report.to_string());
    assert_eq!(report.id, id, "data is as it was");
    assert!(report.failure.message.contains('\u{1b}'));
}

#[test]
fn an_id_is_shown_escaped_and_kept_as_it_is() {
    let id = SagaId::new(NASTY);
    assert_eq!(id.to_string(), NASTY);
    assert_one_line(&format!("{id:?}"));
    assert_one_line(&format!("{:?}", RunOptions::<ShopSaga>::new().id(NASTY)));
    assert_one_line(&format!("{:?}", StepContext::new("shop", NASTY, "pay")));
    assert_eq!(format!("{:?}", SagaId::new("order-42")), "SagaId(order-42)");
}

/// An argument with a hand-written `Debug` that returns text from outside, as everything here does.
#[derive(Clone, Serialize, Deserialize)]
struct Raw(String);

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An error with sources.
#[derive(Debug)]
struct Link(String, Option<Box<Self>>);

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Link {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

fn link(text: &str) -> Link {
    let source = Link(text.to_owned(), None);
    Link(text.to_owned(), Some(Box::new(source)))
}

/// Returns its text from outside in every place where a saga can.
#[derive(Clone, Default)]
struct Echo {
    text: &'static str,
    causes: Arc<Mutex<Vec<String>>>,
}

impl Echo {
    fn of(text: &'static str) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

#[saga]
impl Echo {
    #[step(compensate = unsay)]
    async fn say(&self, raw: &Raw) -> Result<Raw, Link> {
        Ok(raw.clone())
    }

    #[step(compensate = forget)]
    async fn note(&self, said: &Raw) -> Result<(), Link> {
        let Raw(_) = said;
        Ok(())
    }

    #[step(parallel = last, no_compensation = "nothing is left")]
    async fn fail(&self, #[from(say)] said: &Raw) -> Result<(), Link> {
        Err(link(&said.0))
    }

    #[step(parallel = last, no_compensation = "a \n\u{1b}[31m\u{202e}letter")]
    async fn panic(&self, #[from(say)] said: &Raw) -> Result<(), Link> {
        panic!("{}", said.0)
    }

    async fn unsay(&self, said: &Raw, run: &StepContext) -> Result<(), Link> {
        let cause = run.cause().unwrap();
        self.causes.lock().unwrap().push(cause.to_string());
        Err(link(&said.0))
    }

    async fn forget(&self, _nothing: &()) -> Result<(), Link> {
        panic!("{}", self.text)
    }
}

async fn echo(text: &'static str) -> (SagaError<EchoSaga>, String) {
    let echo = Echo::of(text);
    let options = RunOptions::new().id(text);
    let run = EchoSaga::run_with(&echo, Raw(text.to_owned()), options).await;
    let error = run.unwrap_err();
    assert_eq!(error.step().unwrap().name, "fail");
    assert_eq!(error.also_failed().count(), 1);
    assert_eq!(error.compensation_failures().len(), 2);
    let cause = echo.causes.lock().unwrap().first().cloned();
    (error, cause.unwrap())
}

#[tokio::test]
async fn arguments_errors_sources_panics_and_undos_stay_within_their_lines() {
    let (error, cause) = echo(NASTY).await;
    assert_one_line(&error.to_string());
    assert_one_line(&cause);
    let report = error.report();
    assert_eq!(report.steps[0].arguments[0].value.as_deref(), Some(NASTY));
    assert_lines(&report.to_string());
    for diagram in diagrams(&report) {
        assert_lines(&diagram);
    }
    let (plain, _) = echo("plain").await;
    // Apart from the lines of errors, there are as many lines as without line breaks in any text.
    let own = |text: String| {
        text.lines()
            .filter(|line| !line.trim_start().starts_with('|'))
            .count()
    };
    assert_eq!(
        own(report.to_string()),
        own(plain.report().to_string()),
        "{report}"
    );
    for (nasty, plain) in diagrams(&report).iter().zip(diagrams(&plain.report())) {
        assert_eq!(nasty.lines().count(), plain.lines().count(), "{nasty}");
    }
}

#[tokio::test]
async fn the_lines_of_an_error_do_not_look_like_lines_of_the_report() {
    let (error, _) = echo(IMITATION).await;
    assert_one_line(&error.to_string());
    let report = error.report().to_string();
    let (plain, _) = echo("plain").await;
    let plain = plain.report().to_string();
    let structure = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.retain(|line| !line.trim_start().starts_with('|'));
        lines.len()
    };
    assert_eq!(structure(&report), structure(&plain), "{report}");
    let shown = "\n  declined\n  |\n  | steps:\n  |   1. pay()\n  |        completed: 7\n  |\n  | left for a person:\n";
    assert!(report.contains(shown), "{report}");
    let source = "\n    caused by: declined\n    |\n    | steps:\n";
    assert!(report.contains(source), "{report}");
}

/// A step that runs another saga.
struct Outer(Echo);

#[saga]
impl Outer {
    #[step(saga = EchoSaga, on = self.0)]
    fn echo(&self, raw: &Raw) -> Raw {
        raw.clone()
    }
}

#[tokio::test]
async fn a_nested_saga_is_shown_like_any_other() {
    let outer = Outer(Echo::of(NASTY));
    let options = RunOptions::new().id(NASTY);
    let run = OuterSaga::run_with(&outer, Raw(NASTY.to_owned()), options).await;
    let error = run.unwrap_err();
    assert_eq!(error.step().unwrap().name, "echo");
    assert_one_line(&error.to_string());
    let report = error.report();
    assert_lines(&report.to_string());
    for diagram in diagrams(&report) {
        assert_lines(&diagram);
    }
    let nested = report.steps[0].nested.as_ref().unwrap();
    assert_one_line(nested.id.as_deref().unwrap());
}

/// Replaces every text in a report except its tags.
fn spoil(value: &mut Value, key: &str, text: &str) {
    const TAGS: [&str; 4] = ["end", "kind", "outcome", "undo"];
    match value {
        Value::String(string) if !TAGS.contains(&key) => text.clone_into(string),
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, key, text)),
        Value::Object(fields) => {
            for (key, value) in fields {
                spoil(value, key, text);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_report_that_was_read_back_can_hold_anything_anywhere() {
    let outer = Outer(Echo::of("plain"));
    let run = OuterSaga::run(&outer, Raw("plain".to_owned())).await;
    let report = serde_json::to_value(run.unwrap_err().report()).unwrap();
    let spoilt = |text| {
        let mut value = report.clone();
        spoil(&mut value, "", text);
        serde_json::from_value::<Report>(value).unwrap()
    };
    let (nasty, plain) = (spoilt(NASTY), spoilt("plain"));
    assert_eq!(nasty.steps[0].name, NASTY);
    assert_lines(&nasty.to_string());
    let own = |report: &Report| {
        let text = report.to_string();
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('|'));
        lines.count()
    };
    assert_eq!(own(&nasty), own(&plain), "{nasty}");
    for (nasty, plain) in diagrams(&nasty).iter().zip(diagrams(&plain)) {
        assert_lines(nasty);
        assert_eq!(nasty.lines().count(), plain.lines().count(), "{nasty}");
    }
}

#[test]
fn a_reason_in_a_definition_stays_within_its_line() {
    let text = EchoSaga::DEFINITION.to_string();
    assert_lines(&text);
    let steps = "saga, say, note, fail and panic";
    assert_eq!(
        text.lines().count(),
        steps.replace(" and", ",").split(", ").count(),
        "{text}"
    );
    let diagram = EchoSaga::DEFINITION.diagram();
    for text in [diagram.markdown(), diagram.mermaid(), diagram.dot()] {
        assert_lines(&text);
    }
}

#[test]
fn what_is_kept_of_an_error_is_shown_in_one_line() {
    let text = ErrorText::new(NASTY).with_chain(vec![NASTY.to_owned()]);
    assert_eq!(text.message, NASTY);
    assert_one_line(&text.to_string());
    assert_one_line(&format!("{:?}", ErrorView::Text(&NASTY)));
    assert_one_line(&Cause::new(NASTY, text).to_string());
}

#[tokio::test]
async fn options_and_lost_runs_name_their_arguments_in_one_line() {
    let misspelt = RunOptions::<ShopSaga>::new().policy(NASTY, saga_core::Policy::ONCE);
    assert_one_line(&misspelt.unwrap_err().to_string());
    let lost = lost().await;
    assert_one_line(&lost.to_string());
}

struct Sleeper;

#[saga]
impl Sleeper {
    #[step(readonly)]
    async fn sleep(&self) -> Result<(), String> {
        std::future::pending().await
    }
}

async fn lost() -> Lost {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.build().unwrap();
        let entered = runtime.enter();
        let options = RunOptions::new().id(NASTY);
        let handle = SleeperSaga::spawn(Arc::new(Sleeper), (), options);
        drop(entered);
        drop(runtime);
        assert!(sender.send(handle).is_ok());
    });
    receiver.await.unwrap().await.unwrap_err()
}

/// Every error of an engine, with this text in each of its places.
#[expect(clippy::too_many_lines, reason = "a list: one entry for each variant")]
fn durable_errors(text: &str) -> Vec<Box<dyn Error>> {
    let id = || SagaId::new(text);
    let name = || Arc::from(text);
    let journal = |kind| JournalError::new(kind, text.to_owned());
    let unavailable = || journal(JournalErrorKind::Unavailable);
    let unreadable = || Halt::Unreadable {
        call: text.to_owned(),
        error: text.to_owned(),
    };
    let parked = || Parked::OtherDefinition {
        saga: name(),
        change: text.to_owned(),
    };
    vec![
        Box::new(unavailable()),
        Box::new(journal(JournalErrorKind::Locked)),
        Box::new(journal(JournalErrorKind::Corrupt)),
        Box::new(journal(JournalErrorKind::Conflict)),
        Box::new(journal(JournalErrorKind::Newer)),
        Box::new(journal(JournalErrorKind::Rejected)),
        Box::new(journal(JournalErrorKind::Fenced)),
        Box::new(Halt::Codec {
            error: text.to_owned(),
        }),
        Box::new(unreadable()),
        Box::new(OpenError::Journal(unavailable())),
        Box::new(SubmitError::OtherSaga {
            id: id(),
            saga: "shop",
            existing: name(),
        }),
        Box::new(SubmitError::OtherInput {
            id: id(),
            saga: "shop",
        }),
        Box::new(SubmitError::Input {
            id: id(),
            saga: "shop",
            error: text.to_owned(),
        }),
        Box::new(SubmitError::Journal {
            id: id(),
            saga: "shop",
            error: unavailable(),
        }),
        Box::new(SubmitError::Codec {
            id: id(),
            saga: "shop",
            error: text.to_owned(),
        }),
        Box::new(SubmitError::UnreadableInput {
            id: id(),
            saga: "shop",
            error: text.to_owned(),
        }),
        Box::new(SubmitError::Full {
            id: id(),
            saga: "shop",
        }),
        Box::new(SubmitError::Existing {
            id: id(),
            saga: "shop",
            error: unavailable(),
        }),
        Box::new(SubmitError::Unknown {
            id: id(),
            saga: "shop",
        }),
        Box::new(OutcomeError::NotFound { id: id() }),
        Box::new(OutcomeError::Unfinished { id: id() }),
        Box::new(OutcomeError::OtherSaga {
            id: id(),
            saga: "shop",
            existing: name(),
        }),
        Box::new(OutcomeError::Unknown {
            id: id(),
            error: unavailable(),
        }),
        Box::new(OutcomeError::Trouble {
            id: id(),
            reason: name(),
        }),
        Box::new(OutcomeError::Unread {
            id: id(),
            end: SagaState::Completed,
            reason: name(),
        }),
        Box::new(OutcomeError::Damaged {
            id: id(),
            end: SagaState::Stuck,
            error: unavailable(),
        }),
        Box::new(OutcomeError::Newer {
            id: id(),
            min_reader: 2,
        }),
        Box::new(OutcomeError::Ended {
            id: id(),
            end: SagaState::Completed,
            reason: Untyped::Unreadable {
                what: text.to_owned(),
                error: text.to_owned(),
            },
            report: None,
        }),
        Box::new(OutcomeError::Dropped {
            id: id(),
            reason: Dropped::Panicked { message: name() },
        }),
        Box::new(OutcomeError::Parked {
            id: id(),
            reason: parked(),
        }),
        Box::new(OutcomeError::Journal {
            id: id(),
            error: unavailable(),
        }),
        Box::new(OutcomeError::ShutDown { id: id() }),
        Box::new(Parked::NotRegistered { saga: name() }),
        Box::new(Parked::Unreadable(unreadable())),
        Box::new(Parked::Journal(unavailable())),
        Box::new(CancelError::NotFound { id: id() }),
        Box::new(CancelError::Parked {
            id: id(),
            reason: parked(),
        }),
        Box::new(CancelError::Journal(unavailable())),
    ]
}

#[test]
fn every_error_of_an_engine_is_one_line() {
    let errors = durable_errors(NASTY);
    let plain = durable_errors("plain");
    for (error, plain) in errors.iter().zip(&plain) {
        assert_one_line(&error.to_string());
        // Rust's own escapes keep letters that are invisible.
        assert_one_line(&format!("{error:?}").replace('\u{3164}', ""));
        assert!(plain.to_string().contains("plain"), "{plain}");
    }
    let parked = Parked::NotRegistered { saga: NASTY.into() };
    assert_one_line(&Status::Parked(parked).to_string());
}

/// Ids must be escaped in messages: it is easy to write `{id}` by mistake.
#[test]
fn no_error_of_the_library_writes_an_id_as_it_is() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../saga-core/src");
    let mut folders = vec![sources];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            for error in source.split("#[error(").skip(1) {
                let error = error.split(")]").next().unwrap();
                if error.contains("{id}") {
                    found += 1;
                    let escaped =
                        error.contains("id = Line(id") || error.contains("id = id.escaped(");
                    assert!(escaped, "{}: {error}", path.display());
                }
            }
        }
    }
    assert!(found > 10, "of {found} errors");
}

#[derive(Default)]
struct Till;

#[saga(durable)]
impl Till {
    #[step(readonly, sensitive)]
    async fn open(&self, #[sensitive] text: &str) -> Result<Secret, String> {
        Ok(Secret(text.to_owned()))
    }

    #[step(parallel = last, no_compensation = "there is none")]
    async fn pay(&self, #[input] text: &str) -> Result<(), Link> {
        Err(link(text))
    }

    #[step(parallel = last, no_compensation = "there is none")]
    async fn ring(&self, #[input] text: &str) -> Result<(), Link> {
        panic!("{text}")
    }
}

/// An output that quotes itself when it cannot be written.
#[derive(Debug, Deserialize)]
struct Secret(String);

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        if self.0.starts_with("card") {
            return Err(S::Error::custom(format!("no place for {}", self.0)));
        }
        serializer.serialize_str("a secret")
    }
}

async fn engine(journal: InMemoryJournal) -> Engine {
    let builder = Engine::builder().register::<TillSaga>(Till);
    builder.open(journal).await.unwrap()
}

#[tokio::test]
async fn an_engine_keeps_ids_as_they_are_and_shows_them_escaped() {
    let engine = engine(InMemoryJournal::new()).await;
    let submit = |text: &str| engine.submit::<TillSaga>(NASTY, text.to_owned());
    let mut handle = submit(NASTY).await.unwrap();
    assert_one_line(&format!("{handle:?}"));
    assert_eq!(handle.id().to_string(), NASTY);
    let refused = submit("another input").await.unwrap_err();
    assert!(
        matches!(refused, SubmitError::OtherInput { .. }),
        "{refused}"
    );
    assert_one_line(&refused.to_string());
    let live = handle.outcome().await.unwrap().unwrap_err();
    let read = engine.outcome::<TillSaga>(NASTY).await.unwrap();
    for error in [live, read.unwrap_err()] {
        assert_one_line(&error.to_string());
        assert_lines(&error.report().to_string());
        assert_eq!(error.saga_id().to_string(), NASTY);
    }
    let report = engine.report(NASTY).await.unwrap().unwrap();
    assert_eq!(report.id, NASTY);
    assert_lines(&report.to_string());
    let listed = engine.list(Query::new()).await.unwrap();
    assert_eq!(listed[0].id.to_string(), NASTY);
    assert_one_line(&format!("{:?}", listed[0]));
    let unknown = engine.outcome::<TillSaga>("a\u{1b}b").await.unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no saga of the id `a\\u{1b}b`"
    );
}

/// 64 KiB, and the words around a text.
const CAP: usize = 64 * 1024;

/// More than a megabyte, in characters of several bytes.
fn huge() -> String {
    format!("begins {}", "ü€😀".repeat(150_000))
}

#[track_caller]
fn assert_capped(text: &str, begins: &str) {
    assert!(text.len() <= CAP, "{} bytes", text.len());
    assert!(
        text.len() > CAP / 2,
        "only {} bytes are left of it",
        text.len()
    );
    assert!(text.starts_with(begins), "{}", &text[..64]);
    let bytes = huge().len();
    assert!(
        text.ends_with(&format!("… (cut: {bytes} bytes in all)")),
        "{}",
        text.chars()
            .rev()
            .take(64)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<String>()
    );
}

#[tokio::test]
async fn huge_texts_of_errors_and_panics_are_cut_where_they_are_kept_and_say_so() {
    let text = huge().leak();
    let (error, _) = echo(text).await;
    let fail = error.error().text();
    assert_capped(&fail.message, "begins ");
    assert_capped(&fail.chain[0], "begins ");
    let report = error.report();
    assert_capped(&report.failure.message, "begins ");
    assert_capped(&report.failure.chain[0], "begins ");
    assert_capped(&report.also_failed[0].message, "panicked: begins ");
    let forget = &error.compensation_failures()[0];
    assert_eq!(forget.step.name, "note");
    assert_capped(&forget.error.message, "panicked: begins ");
    let unsay = &error.compensation_failures()[1];
    assert_capped(&unsay.error.message, "begins ");
    assert_capped(&unsay.error.chain[0], "begins ");
    let panicked = error.also_failed().next().unwrap();
    assert!(
        matches!(&panicked.failure, EchoSagaError::Panic(Failure::Panicked(message)) if message.len() <= CAP)
    );
    let kept = ErrorText::new(huge()).with_chain(vec![huge()]);
    assert_capped(&kept.message, "begins ");
    assert_capped(&kept.chain[0], "begins ");
    let again = ErrorText::new(kept.message.clone());
    assert_eq!(again, ErrorText::new(kept.message), "it is cut once");
}

#[tokio::test]
async fn a_text_of_64_kib_is_kept_whole_and_one_byte_more_is_not() {
    let whole = "x".repeat(CAP);
    assert_eq!(ErrorText::new(whole.clone()).message, whole);
    let more = ErrorText::new(format!("{whole}y")).message;
    assert!(more.len() <= CAP);
    assert!(more.ends_with("x… (cut: 65537 bytes in all)"));
}

#[tokio::test]
async fn a_journal_keeps_no_huge_texts() {
    let journal = InMemoryJournal::new();
    let engine = engine(journal.clone()).await;
    let submitted = engine.submit::<TillSaga>("huge", huge()).await;
    let live = submitted.unwrap().outcome().await.unwrap().unwrap_err();
    let read = engine.outcome::<TillSaga>("huge").await.unwrap();
    for error in [live, read.unwrap_err()] {
        let mut texts = vec![error.error().text()];
        texts.extend(error.also_failed().map(|other| other.failure.text()));
        texts.sort_by_key(|text| text.message.len());
        assert_eq!(texts.len(), 2);
        for text in texts {
            let begins = match text.chain.len() {
                0 => "panicked: begins ",
                _ => "begins ",
            };
            assert_capped(&text.message, begins);
            assert!(text.chain.iter().all(|source| source.len() <= CAP));
        }
    }
    let entry = journal.find(&SagaId::new("huge")).await.unwrap().unwrap();
    let records = journal.records(entry.key).await.unwrap();
    let after_the_input = records.iter().skip(1);
    let largest = after_the_input.map(|record| record.value.len()).max();
    // The report is the largest: it has a message and a source of each failure.
    assert!(largest < Some(8 * CAP), "{largest:?}");
}

#[tokio::test]
async fn an_output_that_is_sensitive_is_in_no_report_because_it_cannot_be_written() {
    let engine = engine(InMemoryJournal::new()).await;
    let card = "card 4711 0815".to_owned();
    let submitted = engine.submit::<TillSaga>("till", card).await;
    let error = submitted.unwrap().outcome().await.unwrap().unwrap_err();
    assert_eq!(error.step().unwrap().name, "open");
    let message = error.error().text().message;
    let says = "its output cannot be written to the journal";
    assert!(message.starts_with(says), "{message}");
    for text in [error.to_string(), error.report().to_string(), message] {
        assert!(!text.contains("4711"), "{text}");
    }
}
