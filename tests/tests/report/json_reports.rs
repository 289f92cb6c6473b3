//! Reports as JSON: nothing is lost when a report is written and read back, its text stays the same, and data that
//! is no report is refused with a reason.

mod ended;
mod refused;
mod texts;
mod times;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use proptest::prelude::{Just, ProptestConfig, Strategy, any, proptest};
use saga_core::report::{FailureKind, StepKind};
use saga_core::{
    Attempt, CancellationToken, End, Failure, InMemory, Report, RunOptions, Saga, StepContext,
    drive,
    executor::{Begin, Call, Execute, Executor, Faults, GaveUp, RecordsNothing, Run, Stop},
    report::{Outcome, Undo},
    saga,
};
use saga_tests::faults::{Expected, Row, rows};
use saga_tests::five_steps::{Act, Shop, ShopSaga};
use saga_tests::json::Schema;
use saga_tests::replay::{Cut, Replay};
use serde_json::{Value, json};

/// The report of each row of the table that does not complete.
async fn reports_of_every_fault() -> Vec<(&'static Row, Report)> {
    let mut reports = Vec::new();
    for row in rows() {
        let options = RunOptions::new().id("run-1");
        if let Err(error) = ShopSaga::run_with(&row.shop(), 7, options).await {
            reports.push((row, error.report()));
        }
    }
    assert_eq!(reports.len(), 36, "no row got lost");
    reports
}

/// A report with everything that a report can contain, including times.
async fn full_report() -> Report {
    let shop = Shop::default()
        .script("charge", &[Act::Hang, Act::Hang, Act::Hang])
        .script("refund", &[Act::Fail]);
    let error = ShopSaga::run_with(&shop, 7, RunOptions::new().id("run-1"))
        .await
        .expect_err("the charge hangs");
    assert_eq!(error.step().unwrap().name, "charge");
    let mut report = error.report();
    report.failure.chain.push("the line is dead".to_owned());
    put_in_times(&mut report);
    report
}

fn put_in_times(report: &mut Report) {
    let at = |ms| UNIX_EPOCH + Duration::from_millis(ms);
    report.set_times(at(1_000), at(9_000));
    for step in &mut report.steps {
        step.set_times(at(2_000), Duration::from_micros(17));
        if let Some(compensation) = &mut step.compensation {
            compensation.set_times(at(3_000), Duration::from_nanos(2_999));
        }
    }
}

/// The failing step's name, position, attempts and doubt, as a row expects them.
fn step_attempts_doubt(failure: &Value) -> (Option<&str>, Option<u64>, Option<bool>) {
    (
        failure["name"].as_str(),
        failure["attempts"].as_u64(),
        failure["in_doubt"].as_bool(),
    )
}

#[tokio::test(start_paused = true)]
async fn the_report_of_every_fault_comes_back_as_it_was_and_says_which_step_failed_and_how() {
    let schema = Schema::read();
    for (row, report) in reports_of_every_fault().await {
        let json = schema.round_trip(&report);
        let what = format!("{:?}", row.script);

        let (end, step, attempts, in_doubt, gave_up) = match row.end {
            Expected::Completed => unreachable!("it has a report"),
            Expected::Compensated(step, attempts, in_doubt) => {
                ("compensated", step, attempts, in_doubt, [].as_slice())
            }
            Expected::Stuck(step, attempts, in_doubt, gave_up) => {
                ("stuck", step, attempts, in_doubt, gave_up)
            }
        };
        assert_eq!(json["end"], end, "{what}");
        let failure = &json["failure"];
        assert_eq!(
            step_attempts_doubt(failure),
            (Some(step), Some(attempts.into()), Some(in_doubt)),
            "{what}"
        );
        let names = ["look_up", "reserve", "charge", "ship", "notify"];
        let position = names.iter().position(|name| *name == step).unwrap() + 1;
        assert_eq!(failure["step"], position, "{what}");

        let (_, acts) = row.script.iter().find(|(name, _)| *name == step).unwrap();
        let (kind, limit, message) = match acts.last().unwrap() {
            Act::Hang => ("timed_out", Some(60_000_000_u64), "timed out after 60s"),
            Act::Panic => ("panicked", None, "panicked: scripted"),
            Act::LoseConnection => ("error", None, "connection lost"),
            Act::Fail | Act::FailTransiently | Act::Succeed => ("error", None, "refused"),
        };
        assert_eq!(failure["kind"], kind, "{what}");
        assert_eq!(
            failure.get("limit_us").and_then(Value::as_u64),
            limit,
            "{what}"
        );
        assert_eq!(failure["message"], message, "{what}");

        let steps = json["steps"].as_array().unwrap();
        assert_eq!(steps.len(), 5, "{what}");
        let not_undone: Vec<_> = steps
            .iter()
            .rev()
            .filter(|step| step["compensation"]["undo"] == "gave_up")
            .map(|step| step["name"].as_str().unwrap())
            .collect();
        assert_eq!(not_undone, gave_up, "{what}");
        let left = json["left_for_a_person"].as_array().unwrap();
        assert_eq!(left.is_empty(), end == "compensated", "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_replayed_failure_says_that_it_was_recorded() {
    let schema = Schema::read();
    let mut recorded = 0;
    for row in rows() {
        let whole = Replay::new("run-1", Vec::new(), Cut::Never);
        let Err(first) = drive::<ShopSaga, _>(&row.shop(), &whole, 7).await.unwrap() else {
            continue;
        };
        let again = Replay::new("run-1", whole.into_journal(), Cut::Never);
        let run = drive::<ShopSaga, _>(&row.shop(), &again, 7).await.unwrap();
        let error = run.expect_err("it failed the first time");
        assert_eq!(error.step().unwrap().name, first.step().unwrap().name);
        let json = schema.round_trip(&error.report());
        assert_eq!(json["failure"]["kind"], "recorded", "{:?}", row.script);
        assert_eq!(error.report().to_string(), first.report().to_string());
        recorded += 1;
    }
    assert_eq!(recorded, 36);
}

#[test]
fn a_step_whose_policy_needs_a_timer_where_there_is_none_is_not_started() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime can be made");
    let error = runtime
        .block_on(ShopSaga::run(&Shop::default(), 7))
        .expect_err("there is no timer");
    let json = Schema::read().round_trip(&error.report());
    assert_eq!(
        step_attempts_doubt(&json["failure"]),
        (Some("look_up"), Some(0), Some(false))
    );
    assert_eq!(json["failure"]["kind"], "not_started");
    let message = json["failure"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("not started: the run has a timeout"),
        "{message}"
    );
}

/// Runs in memory, and is interrupted at this step.
struct Interrupted(InMemory, &'static str);

impl Executor for Interrupted {
    type Halt = std::convert::Infallible;

    fn run(&self) -> &Run {
        self.0.run()
    }

    fn nested(&self, run: Run) -> Self {
        Self(self.0.nested(run), self.1)
    }
}

impl RecordsNothing for Interrupted {}

impl<const STEP: usize, T: Send> Execute<STEP, T> for Interrupted {
    async fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        attempt: F,
        slot: &'slot mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, Self::Halt>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        if call.into().step.name == self.1 {
            return Err(Stop::GaveUp(GaveUp::new(Failure::Interrupted, 1, true)));
        }
        Execute::<STEP, T>::execute(&self.0, call, faults, attempt, slot).await
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_pivot_is_reported_with_the_key_to_look_it_up_by() {
    let executor = Interrupted(
        InMemory::new(RunOptions::<ShopSaga>::new().id("run-1")),
        "ship",
    );
    let run = drive::<ShopSaga, _>(&Shop::default(), &executor, 7).await;
    let error = run.unwrap().expect_err("it is interrupted");
    let json = Schema::read().round_trip(&error.report());
    assert_eq!(
        step_attempts_doubt(&json["failure"]),
        (Some("ship"), Some(1), Some(true))
    );
    assert_eq!(json["failure"]["kind"], "interrupted");
    assert_eq!(
        json["left_for_a_person"],
        json!([{
            "step": 4,
            "name": "ship",
            "to_do": "find out whether step 4 `ship` took effect (idempotency key \
                      shop/run-1/ship/do): if so, run the steps after it; if not, undo those \
                      before it",
            "idempotency_key": "shop/run-1/ship/do",
        }])
    );
    assert_eq!(json["steps"][3]["idempotency_key"], "shop/run-1/ship/do");
    let undo = &json["steps"][2]["compensation"];
    assert_eq!(undo["undo"], "not_due");
    assert_eq!(undo["idempotency_key"], "shop/run-1/charge/undo");
    assert_eq!(undo["arguments"], json!([{ "name": "charged" }]));
    assert_eq!(
        json["steps"][2]["not_undone_because"],
        "`ship` may have taken effect"
    );
}

// The text of a report contains no secrets, and everything else unchanged.

const SECRET: &str = "sesame";

/// As an attacker might type it.
const NASTY: &str = "first \"line\"\nsecond\tline \\ \\n\r\n\u{0}\u{1b}[31m\u{7f}\u{2028}\u{feff} \
                     日本語 🦀 \u{202e}</script>{}";

/// Has no `Debug`.
struct Plain;

#[derive(Debug)]
struct Token(#[expect(dead_code, reason = "shown by `Debug`")] String);

/// Its `Debug` panics.
struct Unspeakable;

impl fmt::Debug for Unspeakable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half of it, then")?;
        panic!("no \"words\"")
    }
}

/// An error with sources, or one that panics when its sources or its text are read.
#[derive(Debug)]
enum ChainedError {
    Chained(&'static str, Option<Box<ChainedError>>),
    Mute,
    Rootless,
}

impl fmt::Display for ChainedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chained(text, _) => f.write_str(text),
            Self::Mute => panic!("cannot speak"),
            Self::Rootless => f.write_str("rootless"),
        }
    }
}

impl Error for ChainedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Chained(_, source) => source.as_deref().map(|source| source as _),
            Self::Mute => None,
            Self::Rootless => panic!("cannot say why"),
        }
    }
}

/// Fails at the step that the input names.
struct Journey {
    fails: &'static str,
}

impl Journey {
    fn at(&self, step: &str) -> Result<(), ChainedError> {
        let chained =
            |text, source: ChainedError| ChainedError::Chained(text, Some(Box::new(source)));
        match self.fails == step {
            true if step == "pay" => Err(chained(
                NASTY,
                chained("because", ChainedError::Chained("of\nlines", None)),
            )),
            true if step == "thank" => Err(chained("no thanks", ChainedError::Mute)),
            true => Err(ChainedError::Mute),
            false => Ok(()),
        }
    }
}

#[saga]
impl Journey {
    #[step(readonly, sensitive)]
    async fn log_in(&self, #[sensitive] word: &str) -> Result<Token, ChainedError> {
        self.at("log_in")?;
        Ok(Token(word.to_owned()))
    }

    #[step(no_compensation = "a \"letter\" cannot be called back")]
    async fn mail(&self, token: &Token) -> Result<Plain, ChainedError> {
        let _ = token;
        self.at("mail")?;
        Ok(Plain)
    }

    #[step(compensate = unbook)]
    async fn book(&self, mailed: &Plain) -> Result<Unspeakable, ChainedError> {
        let Plain = mailed;
        self.at("book")?;
        Ok(Unspeakable)
    }

    #[step(compensate = forget)]
    async fn note(&self, booked: &Unspeakable) -> Result<(String, u8), ChainedError> {
        let Unspeakable = booked;
        self.at("note")?;
        Ok((NASTY.to_owned(), 7))
    }

    #[step(pivot)]
    async fn pay(
        &self,
        note: &str,
        count: &u8,
        #[from(log_in)] token: &Token,
    ) -> Result<Plain, ChainedError> {
        let _ = (note, count, token);
        self.at("pay")?;
        Ok(Plain)
    }

    #[step]
    async fn thank(&self, paid: Plain) -> Result<(), ChainedError> {
        let Plain = paid;
        self.at("thank")
    }

    #[step]
    async fn rest(&self, context: &StepContext) -> Result<(), ChainedError> {
        self.at(context.step())
    }

    async fn unbook(&self, booked: Attempt<&Unspeakable>) -> Result<(), ChainedError> {
        assert!(booked.completed().is_some());
        Err(ChainedError::Rootless)
    }

    async fn forget(
        &self,
        note: &str,
        #[sensitive] count: &u8,
        #[from(log_in)] token: &Token,
    ) -> Result<(), String> {
        let _ = (note, count, token);
        Ok(())
    }
}

async fn journey(fails: &'static str) -> Report {
    let options = RunOptions::new().id("run \"1\"/ü");
    let run = JourneySaga::run_with(&Journey { fails }, SECRET.to_owned(), options).await;
    let error = run.expect_err("it fails there");
    assert_eq!(error.step().unwrap().name, fails);
    error.report()
}

#[tokio::test]
async fn whatever_a_journey_fails_at_its_report_comes_back_as_it_was_and_has_no_secret() {
    let schema = Schema::read();
    for (number, step) in (1..).zip(["log_in", "mail", "book", "note", "pay", "thank"]) {
        let report = journey(step).await;
        let json = schema.round_trip(&report);
        let failure = &json["failure"];
        assert_eq!(
            step_attempts_doubt(failure),
            (Some(step), Some(1), Some(false)),
            "{step}"
        );
        assert_eq!(failure["step"], number, "{step}");
        let line = json.to_string();
        assert!(!line.contains(SECRET), "{line}");
        assert!(!report.to_string().contains(SECRET), "{report}");
        assert_eq!(json["id"], "run \"1\"/ü");
    }
}

#[tokio::test]
async fn what_text_can_hold_is_in_the_data_to_the_letter() {
    let report = journey("pay").await;
    let json = Schema::read().round_trip(&report);
    assert_eq!(json["end"], "stuck");
    let steps = json["steps"].as_array().unwrap();
    let [log_in, mail, book, note, pay, thank, rest] = steps.as_slice() else {
        panic!("{json:#}");
    };
    assert_eq!(
        log_in["arguments"],
        json!([{ "name": "word", "value": "***" }])
    );
    assert_eq!(log_in["output"], "***");
    assert_eq!(log_in["kind"], "readonly");

    let reason = "a \"letter\" cannot be called back";
    assert_eq!(mail["kind"], "no_compensation");
    assert_eq!(mail["no_compensation_reason"], reason);
    assert_eq!(mail["not_undone_because"], reason);
    assert_eq!(mail["output"], "_");

    let mute = "(its Debug panicked: no \"words\")";
    assert_eq!(book["output"], mute);
    let undo = &book["compensation"];
    assert_eq!(undo["undo"], "gave_up");
    assert_eq!(
        undo["arguments"],
        json!([{ "name": "booked", "value": format!("Completed({mute})") }])
    );
    assert_eq!(
        undo["failure"],
        json!({
            "message": "rootless",
            "chain": ["(its source panicked: cannot say why)"],
            "attempts": 1,
            "in_doubt": false,
        })
    );

    let quoted = format!("{NASTY:?}");
    assert_eq!(note["output"], "***", "a part of it is marked");
    assert_eq!(
        pay["arguments"],
        json!([
            { "name": "note", "value": quoted },
            { "name": "count", "value": "***" },
            { "name": "token", "value": "***" },
        ]),
        "the part that is marked elsewhere, and not the other"
    );
    assert_eq!(
        note["compensation"]["arguments"],
        json!([
            { "name": "note", "value": quoted },
            { "name": "count", "value": "***" },
            { "name": "token", "value": "***" },
        ])
    );
    assert_eq!(note["compensation"]["undo"], "done");

    assert_eq!(
        json["failure"],
        json!({
            "step": 5,
            "name": "pay",
            "location": pay["location"],
            "kind": "error",
            "message": NASTY,
            "chain": ["because", "of\nlines"],
            "attempts": 1,
            "in_doubt": false,
        })
    );
    assert_eq!(
        (&pay["kind"], &pay["outcome"]),
        (&json!("pivot"), &json!("failed"))
    );
    assert_eq!(pay["attempts"], 1);
    assert_eq!(pay.get("output"), None);
    assert_eq!(thank["outcome"], "not_run");
    assert_eq!(thank["arguments"], json!([{ "name": "paid" }]));
    assert_eq!(
        (&rest["kind"], &rest["arguments"]),
        (&json!("retriable"), &json!([])),
        "the context is not an argument"
    );
    let text = report.to_string();
    assert!(
        text.contains("\n  6. thank(...)\n       not run\n  7. rest()\n       not run\n"),
        "{text}"
    );
    assert_eq!(
        json["left_for_a_person"],
        json!([{
            "step": 3,
            "name": "book",
            "to_do": "undo step 3 `book` (idempotency key journey/run%20%221%22%2F%C3%BC/book/do) by hand: \
                      unbook gave up",
            "idempotency_key": "journey/run%20%221%22%2F%C3%BC/book/do",
        }])
    );
}

#[tokio::test]
async fn past_the_pivot_the_report_says_what_is_to_be_executed() {
    let report = journey("thank").await;
    let json = Schema::read().round_trip(&report);
    assert_eq!(
        step_attempts_doubt(&json["failure"]),
        (Some("thank"), Some(1), Some(false))
    );
    assert_eq!(
        json["failure"]["chain"],
        json!(["(its Display panicked: cannot speak)"])
    );
    assert_eq!(
        json["steps"][4]["not_undone_because"],
        "the point of no return"
    );
    assert_eq!(json["steps"][4]["output"], "(moved)");
    assert_eq!(
        json["steps"][5]["arguments"],
        json!([{ "name": "paid", "value": "(moved)" }])
    );
    let left = json["left_for_a_person"].as_array().unwrap();
    let to_do: Vec<_> = left.iter().map(|item| &item["to_do"]).collect();
    assert_eq!(
        to_do,
        [
            "run step 6 `thank`: the saga is past its pivot and cannot go back",
            "run step 7 `rest`, which had not begun",
        ]
    );
}

/// Keeps any value; its bounds promise no `Debug`.
struct Store<Ware>(Vec<Ware>);

#[saga]
impl<Ware: Clone + Send + Sync + 'static> Store<Ware> {
    #[step(compensate = put_back)]
    async fn take(&self, which: &usize) -> Result<Ware, String> {
        self.0
            .get(*which)
            .cloned()
            .ok_or_else(|| "no such ware".to_owned())
    }

    #[step(pivot)]
    async fn sell(&self, ware: &Ware, #[input] which: &usize) -> Result<(), String> {
        let _ = ware;
        Err(format!("no one wants ware {which}"))
    }

    async fn put_back(&self, _ware: &Ware) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test]
async fn a_generic_service_is_reported_like_any_other() {
    let run = StoreSaga::run(&Store(vec!["a", "b"]), 1).await;
    let error = run.expect_err("no one wants it");
    assert_eq!(error.step().unwrap().name, "sell");
    let json = Schema::read().round_trip(&error.report());
    assert_eq!(json["id"], error.saga_id().to_string());
    assert_eq!(json["failure"]["message"], "no one wants ware 1");
    assert_eq!(
        json["steps"][1]["arguments"],
        json!([{ "name": "ware", "value": "_" }, { "name": "which", "value": "1" }])
    );
    assert_eq!(json["steps"][0]["output"], "_");
}
