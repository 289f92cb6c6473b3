//! Reports as JSON: nothing is lost on the way there and back, the text of a report that was read is
//! that of the one that was written, and what is not a report is refused by name.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use proptest::prelude::{Just, ProptestConfig, Strategy, any, proptest};
use saga_core::report::{FailureKind, StepKind};
use saga_core::{
    Attempt, Begin, Call, CancellationToken, End, Execute, ExecuteNested, Executor, Failure,
    Faults, GaveUp, InMemory, Outcome, Report, Run, RunOptions, Saga, StepContext, Stop, Undo,
    drive, saga,
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

/// One with everything in it that a report can have, times included.
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
fn told(failure: &Value) -> (Option<&str>, Option<u64>, Option<bool>) {
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
            told(failure),
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
        told(&json["failure"]),
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

impl<I: Send> ExecuteNested<I> for Interrupted {}

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
async fn an_interrupted_pivot_is_told_with_the_key_to_look_it_up_by() {
    let executor = Interrupted(
        InMemory::new(RunOptions::<ShopSaga>::new().id("run-1")),
        "ship",
    );
    let run = drive::<ShopSaga, _>(&Shop::default(), &executor, 7).await;
    let error = run.unwrap().expect_err("it is interrupted");
    let json = Schema::read().round_trip(&error.report());
    assert_eq!(told(&json["failure"]), (Some("ship"), Some(1), Some(true)));
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

// What is in the text of a report: secrets not, and everything else to the letter.

const SECRET: &str = "sesame";

/// As it was typed by somebody who means no good.
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

/// Has sources, or panics when it is asked for them, or when it is told.
#[derive(Debug)]
enum Told {
    Chained(&'static str, Option<Box<Told>>),
    Mute,
    Rootless,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chained(text, _) => f.write_str(text),
            Self::Mute => panic!("cannot speak"),
            Self::Rootless => f.write_str("rootless"),
        }
    }
}

impl Error for Told {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Chained(_, source) => source.as_deref().map(|source| source as _),
            Self::Mute => None,
            Self::Rootless => panic!("cannot say why"),
        }
    }
}

/// Fails where it is told to.
struct Journey {
    fails: &'static str,
}

impl Journey {
    fn at(&self, step: &str) -> Result<(), Told> {
        let chained = |text, source: Told| Told::Chained(text, Some(Box::new(source)));
        match self.fails == step {
            true if step == "pay" => Err(chained(
                NASTY,
                chained("because", Told::Chained("of\nlines", None)),
            )),
            true if step == "thank" => Err(chained("no thanks", Told::Mute)),
            true => Err(Told::Mute),
            false => Ok(()),
        }
    }
}

#[saga]
impl Journey {
    #[step(readonly, sensitive)]
    async fn log_in(&self, #[sensitive] word: &str) -> Result<Token, Told> {
        self.at("log_in")?;
        Ok(Token(word.to_owned()))
    }

    #[step(no_compensation = "a \"letter\" cannot be called back")]
    async fn mail(&self, token: &Token) -> Result<Plain, Told> {
        let _ = token;
        self.at("mail")?;
        Ok(Plain)
    }

    #[step(compensate = unbook)]
    async fn book(&self, mailed: &Plain) -> Result<Unspeakable, Told> {
        let Plain = mailed;
        self.at("book")?;
        Ok(Unspeakable)
    }

    #[step(compensate = forget)]
    async fn note(&self, booked: &Unspeakable) -> Result<(String, u8), Told> {
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
    ) -> Result<Plain, Told> {
        let _ = (note, count, token);
        self.at("pay")?;
        Ok(Plain)
    }

    #[step]
    async fn thank(&self, paid: Plain) -> Result<(), Told> {
        let Plain = paid;
        self.at("thank")
    }

    #[step]
    async fn rest(&self, context: &StepContext) -> Result<(), Told> {
        self.at(context.step())
    }

    async fn unbook(&self, booked: Attempt<&Unspeakable>) -> Result<(), Told> {
        assert!(booked.completed().is_some());
        Err(Told::Rootless)
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
        assert_eq!(told(failure), (Some(step), Some(1), Some(false)), "{step}");
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
async fn past_the_pivot_the_report_says_what_is_to_be_carried_out() {
    let report = journey("thank").await;
    let json = Schema::read().round_trip(&report);
    assert_eq!(
        told(&json["failure"]),
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

/// Keeps whatever it is given; its bounds promise no `Debug`.
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
        Err(format!("nobody wants ware {which}"))
    }

    async fn put_back(&self, _ware: &Ware) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test]
async fn a_generic_service_is_told_like_any_other() {
    let run = StoreSaga::run(&Store(vec!["a", "b"]), 1).await;
    let error = run.expect_err("nobody wants it");
    assert_eq!(error.step().unwrap().name, "sell");
    let json = Schema::read().round_trip(&error.report());
    assert_eq!(json["id"], error.saga_id().to_string());
    assert_eq!(json["failure"]["message"], "nobody wants ware 1");
    assert_eq!(
        json["steps"][1]["arguments"],
        json!([{ "name": "ware", "value": "_" }, { "name": "which", "value": "1" }])
    );
    assert_eq!(json["steps"][0]["output"], "_");
}

// What ends a run otherwise than by one step: several at once, or somebody outside.

/// A feast that is prepared at once, and a script of what becomes of that.
#[derive(Default)]
struct Feast {
    script: &'static [(&'static str, Turn)],
    token: CancellationToken,
}

#[derive(Debug, Clone, Copy)]
enum Turn {
    Fails,
    FailsInASecond,
    Panics,
    TakesAMinute,
    /// Somebody cancels meanwhile, and it completes.
    IsCancelled,
    /// Somebody cancels meanwhile, and it fails.
    FailsCancelled,
}

impl Feast {
    fn of(script: &'static [(&'static str, Turn)]) -> Self {
        let token = CancellationToken::new();
        Self { script, token }
    }

    async fn turn<T>(&self, what: &'static str, output: T) -> Result<T, String> {
        let turn = self.script.iter().find(|(other, _)| *other == what);
        match turn.map(|(_, turn)| turn) {
            None => {}
            Some(Turn::Fails) => return Err(format!("no {what}")),
            Some(Turn::FailsInASecond) => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                return Err(format!("no {what}"));
            }
            Some(Turn::Panics) => panic!("{what} burns"),
            Some(Turn::TakesAMinute) => tokio::time::sleep(Duration::from_mins(1)).await,
            Some(Turn::IsCancelled) => self.token.cancel(),
            Some(Turn::FailsCancelled) => {
                self.token.cancel();
                return Err(format!("no {what}"));
            }
        }
        Ok(output)
    }

    async fn report(&self, guests: u32) -> (Report, Value) {
        let options = RunOptions::new()
            .id("run-1")
            .deadline(Duration::from_secs(30));
        let options = options.cancellation(self.token.clone());
        let run = FeastSaga::run_with(self, guests, options).await;
        let report = run.expect_err("something ends it").report();
        let json = Schema::read().round_trip(&report);
        (report, json)
    }
}

#[saga]
impl Feast {
    #[step(compensate = leave)]
    async fn hall(&self, guests: &u32) -> Result<u32, String> {
        self.turn("hall", *guests).await
    }

    #[step(parallel = orders, compensate = send_back)]
    async fn cake(&self, hall: &u32) -> Result<u8, String> {
        let _ = hall;
        self.turn("cake", 1).await
    }

    #[step(parallel = orders, readonly)]
    async fn weather(&self) -> Result<bool, String> {
        self.turn("weather", true).await
    }

    #[step(parallel = orders, compensate = dismiss)]
    async fn band(&self, #[input] guests: &u32) -> Result<u16, String> {
        let _ = guests;
        self.turn("band", 2).await
    }

    #[step(only_if = is_large, compensate = take_down)]
    async fn tent(&self, cake: &u8, fair: &bool, band: &u16) -> Result<i8, String> {
        let _ = (cake, fair, band);
        self.turn("tent", 3).await
    }

    #[step(pivot)]
    async fn invite(&self, tent: Option<&i8>) -> Result<(), String> {
        let _ = tent;
        self.turn("invite", ()).await
    }

    fn is_large(&self, cake: &u8, _fair: &bool, band: &u16, #[input] guests: &u32) -> bool {
        let _ = (cake, band);
        *guests > 50
    }

    async fn leave(&self, hall: &u32) -> Result<(), String> {
        let _ = hall;
        self.turn("leave", ()).await
    }

    async fn send_back(&self, cake: &u8) -> Result<(), String> {
        let _ = cake;
        self.turn("send_back", ()).await
    }

    async fn dismiss(&self, band: &u16) -> Result<(), String> {
        let _ = band;
        self.turn("dismiss", ()).await
    }

    async fn take_down(&self, tent: &i8) -> Result<(), String> {
        let _ = tent;
        self.turn("take_down", ()).await
    }
}

/// Each step's outcome, and how its undo went.
fn outcomes(json: &Value) -> Vec<(&str, Option<&str>)> {
    let steps = json["steps"].as_array().expect("a list").iter();
    let told = steps.map(|step| {
        let undo = step["compensation"]["undo"].as_str();
        (step["outcome"].as_str().expect("a tag"), undo)
    });
    told.collect()
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_has_a_failure_without_a_step_and_what_completed_is_undone() {
    let (report, json) = Feast::of(&[("hall", Turn::IsCancelled)]).report(9).await;
    assert_eq!(
        json["failure"],
        json!({
            "location": json["location"],
            "kind": "cancelled",
            "message": "cancelled",
            "chain": [],
            "attempts": 0,
            "in_doubt": false,
        })
    );
    let mut of_a_step = json.clone();
    of_a_step["failure"]["step"] = json!(1);
    assert!(!Schema::read().accepts(&of_a_step));
    assert_eq!(json["also_failed"], json!([]));
    assert_eq!(json["end"], "compensated");
    let not_run = ("not_run", Some("not_due"));
    assert_eq!(
        outcomes(&json),
        [
            ("completed", Some("done")),
            not_run,
            ("not_run", None),
            not_run,
            not_run,
            ("not_run", None),
        ]
    );
    let text = report.to_string();
    let (summary, rest) = text.split_once('\n').expect("several lines");
    assert_eq!(summary, "saga `feast` (run-1) was compensated: cancelled");
    assert!(
        rest.ends_with("\n\nended from outside:\n  cancelled"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_attempt_that_was_in_flight_at_a_cancellation_failed_as_well() {
    let (report, json) = Feast::of(&[("hall", Turn::FailsCancelled)]).report(9).await;
    assert_eq!(report.failure.kind, FailureKind::Cancelled);
    assert_eq!((report.failure.step, &report.failure.name), (None, &None));
    let also = &json["also_failed"];
    assert_eq!(told(&also[0]), (Some("hall"), Some(1), Some(false)));
    assert_eq!((&also[0]["step"], &also[1]), (&json!(1), &Value::Null));
    assert_eq!(also[0]["message"], "no hall");
    assert_eq!(json["steps"][0]["outcome"], "failed");
    assert_eq!(json["steps"][0]["attempts"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_deadline_passed_says_so_and_what_completed_is_undone() {
    let (report, json) = Feast::of(&[("band", Turn::TakesAMinute)]).report(9).await;
    assert_eq!(json["failure"]["kind"], "deadline_exceeded");
    assert_eq!(json["failure"]["message"], "the deadline passed");
    assert_eq!((report.failure.step, &report.failure.name), (None, &None));
    // The attempt in flight was not torn off: it is there to be undone.
    let undone = ("completed", Some("done"));
    assert_eq!(
        outcomes(&json),
        [
            undone,
            undone,
            ("completed", None),
            undone,
            ("not_run", Some("not_due")),
            ("not_run", None),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn of_two_members_of_a_group_that_fail_the_first_in_time_is_the_failure() {
    // In the order of the definition the cake comes first.
    let feast = Feast::of(&[("cake", Turn::FailsInASecond), ("band", Turn::Panics)]);
    let (report, json) = feast.report(9).await;
    assert_eq!(told(&json["failure"]), (Some("band"), Some(1), Some(true)));
    assert_eq!(json["failure"]["step"], 4);
    assert_eq!(json["failure"]["kind"], "panicked");
    let also = json["also_failed"].as_array().expect("a list");
    assert_eq!(also.len(), 1, "{report}");
    assert_eq!(told(&also[0]), (Some("cake"), Some(1), Some(false)));
    assert_eq!(also[0]["step"], 2);
    for field in ["step", "name"] {
        let mut without = json.clone();
        without["also_failed"][0][field].take();
        assert!(!Schema::read().accepts(&without), "{field}");
    }
    let groups: Vec<_> = report
        .steps
        .iter()
        .map(|step| step.group.as_deref())
        .collect();
    let of = Some("orders");
    assert_eq!(groups, [None, of, of, of, None, None]);
    assert_eq!(
        outcomes(&json),
        [
            ("completed", Some("done")),
            ("failed", Some("not_due")),
            ("completed", None),
            ("in_doubt", Some("not_due")),
            ("not_run", Some("not_due")),
            ("not_run", None),
        ]
    );
    assert_eq!(
        json["left_for_a_person"],
        json!([{
            "step": 4,
            "name": "band",
            "to_do": "find out whether step 4 `band` took effect (idempotency key \
                      feast/run-1/band/do), and undo it if so",
            "idempotency_key": "feast/run-1/band/do",
        }])
    );
    let text = report.to_string();
    for line in [
        "\n  4. band(guests: 9)  (parallel orders)\n       is in doubt: panicked: band burns\n",
        "\n  2. cake(hall: 9)  (parallel orders)\n       failed: no cake\n",
    ] {
        assert!(text.contains(line), "{line:?} in\n{text}");
    }
    let at = |words| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words:?} in\n{text}"))
    };
    assert!(at("\nfailure of step 4 `band` at ") < at("\nfailure of step 2 `cake` at "));
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_skipped_says_who_said_so_and_has_neither_output_nor_undo() {
    let (report, json) = Feast::of(&[("invite", Turn::Fails)]).report(9).await;
    assert_eq!(json["failure"]["name"], "invite");
    let tent = &json["steps"][4];
    assert_eq!(
        (&tent["outcome"], &tent["only_if"]),
        (&json!("skipped"), &json!("is_large"))
    );
    assert_eq!((tent.get("output"), tent.get("attempts")), (None, None));
    assert_eq!(
        tent["arguments"],
        json!([{ "name": "cake" }, { "name": "fair" }, { "name": "band" }])
    );
    assert_eq!(tent["compensation"]["undo"], "not_due");
    assert_eq!(
        json["steps"][5]["arguments"],
        json!([{ "name": "tent", "value": "None" }])
    );
    let text = report.to_string();
    let skipped = "\n  5. tent(...)\n       skipped: is_large said no\n  6. invite(tent: None)";
    assert!(text.contains(skipped), "{text}");

    let (_, large) = Feast::of(&[("invite", Turn::Fails)]).report(90).await;
    let tent = &large["steps"][4];
    assert_eq!(
        (&tent["outcome"], &tent["only_if"]),
        (&json!("completed"), &json!("is_large"))
    );
    assert_eq!(
        (&tent["output"], &tent["compensation"]["undo"]),
        (&json!("3"), &json!("done"))
    );
}

#[tokio::test(start_paused = true)]
async fn an_undo_in_doubt_is_not_to_be_repeated_before_it_was_looked_up() {
    let feast = Feast::of(&[("invite", Turn::Fails), ("dismiss", Turn::Panics)]);
    let (report, json) = feast.report(9).await;
    assert_eq!(json["failure"]["name"], "invite");
    assert_eq!(json["end"], "stuck");
    let undo = &json["steps"][3]["compensation"];
    assert_eq!(undo["undo"], "gave_up");
    assert_eq!(
        undo["failure"],
        json!({
            "message": "panicked: dismiss burns",
            "chain": [],
            "attempts": 1,
            "in_doubt": true,
        })
    );
    assert_eq!(
        json["left_for_a_person"],
        json!([{
            "step": 4,
            "name": "band",
            "to_do": "find out whether dismiss undid step 4 `band` (idempotency key \
                      feast/run-1/band/undo), and if not, undo it by hand (idempotency key \
                      feast/run-1/band/do)",
            "idempotency_key": "feast/run-1/band/undo",
        }])
    );
    let text = report.to_string();
    let perhaps = "PERHAPS NOT UNDONE: dismiss(band: 2) is in doubt, see below";
    assert!(text.contains(perhaps), "{text}");
}

// The data itself.

#[tokio::test(start_paused = true)]
async fn a_report_can_be_read_by_field_and_outlives_its_error() {
    let report = full_report().await;
    assert_eq!(report.schema_version, Report::SCHEMA_VERSION);
    assert_eq!((report.saga.as_str(), report.end), ("shop", End::Stuck));
    assert_eq!(report.failure.kind, FailureKind::TimedOut);
    assert_eq!((report.failure.step, report.failure.attempts), (Some(3), 3));
    let [look_up, reserve, charge, ship, _notify] = report.steps.as_slice() else {
        panic!("{report}");
    };
    assert_eq!(
        (look_up.kind, look_up.outcome),
        (StepKind::ReadOnly, Outcome::Completed)
    );
    assert_eq!(look_up.attempts, None, "not kept of a step that completed");
    assert_eq!(
        (charge.outcome, charge.attempts),
        (Outcome::InDoubt, Some(3))
    );
    assert_eq!(
        (ship.kind, ship.outcome),
        (StepKind::Pivot, Outcome::NotRun)
    );
    let undone = |step: &saga_core::report::StepReport| step.compensation.as_ref().map(|c| c.undo);
    assert_eq!(
        [
            undone(look_up),
            undone(reserve),
            undone(charge),
            undone(ship)
        ],
        [None, Some(Undo::Done), Some(Undo::GaveUp), None]
    );
}

#[tokio::test(start_paused = true)]
async fn times_are_there_when_they_were_put_in_and_the_text_is_the_same_but_for_them() {
    let schema = Schema::read();
    for (_, mut report) in reports_of_every_fault().await {
        let (text, without) = (report.to_string(), schema.round_trip(&report).to_string());
        for unit in ["_unix_ms", "took_us"] {
            assert!(!without.contains(unit), "{without}");
        }
        put_in_times(&mut report);
        let timed = report.to_string();
        assert!(timed.contains(" in 17µs"), "{timed}");
        assert_eq!(timed.replace(" in 17µs", "").replace(" in 2µs", ""), text);
        let json = schema.round_trip(&report);
        assert_eq!(
            (&json["started_at_unix_ms"], &json["ended_at_unix_ms"]),
            (&json!(1_000), &json!(9_000))
        );
        for step in json["steps"].as_array().unwrap() {
            assert_eq!(
                (&step["started_at_unix_ms"], &step["took_us"]),
                (&json!(2_000), &json!(17))
            );
            if let Some(undo) = step.get("compensation") {
                assert_eq!(
                    (&undo["started_at_unix_ms"], &undo["took_us"]),
                    (&json!(3_000), &json!(2))
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_timed_run_says_when_each_call_that_was_made_began_and_how_long_it_took() {
    let shop = Shop::default()
        .script("ship", &[Act::Fail])
        .script("refund", &[Act::Panic, Act::Panic]);
    let before = unix_ms(SystemTime::now());
    let error = ShopSaga::run_with(&shop, 7, RunOptions::new().id("run-1").timed())
        .await
        .expect_err("shipping fails");
    let after = unix_ms(SystemTime::now());
    assert_eq!(error.step().unwrap().name, "ship");
    let report = error.report();
    let json = Schema::read().round_trip(&report);
    assert_eq!(json["failure"]["name"], "ship");

    let steps = report.steps.iter();
    let undos = report
        .steps
        .iter()
        .rev()
        .filter_map(|step| step.compensation.as_ref());
    let undos = undos.filter(|undo| undo.undo != Undo::NotDue);
    let made = steps.filter(|step| step.outcome != Outcome::NotRun);
    let made = made.map(|step| (&step.method, step.started_at_unix_ms, step.took_us));
    let calls: Vec<_> = made
        .chain(undos.map(|undo| (&undo.method, undo.started_at_unix_ms, undo.took_us)))
        .collect();
    let methods: Vec<_> = calls.iter().map(|(method, ..)| method.as_str()).collect();
    assert_eq!(
        methods,
        ["look_up", "reserve", "charge", "ship", "refund", "release"]
    );
    let mut at = before;
    for (method, started_at, took) in calls {
        let started_at = started_at.unwrap_or_else(|| panic!("{method} has no time"));
        assert!((at..=after).contains(&started_at), "{method}: {started_at}");
        assert!(took.is_some(), "{method}");
        at = started_at;
    }
    assert_eq!(
        report.started_at_unix_ms,
        report.steps[0].started_at_unix_ms
    );
    let ended_at = report.ended_at_unix_ms.expect("it has ended");
    assert!((at..=after + 1).contains(&ended_at), "{ended_at}");
    let not_run = &report.steps[4];
    assert_eq!((not_run.started_at_unix_ms, not_run.took_us), (None, None));

    let text = report.to_string();
    let in_text = |words: &str| text.lines().any(|line| line.trim().starts_with(words));
    for words in [
        "completed in ",
        "failed in ",
        "undone in ",
        // It panicked, and nobody knows how far it had come.
        "PERHAPS NOT UNDONE: refund(",
    ] {
        assert!(in_text(words), "{words:?} in\n{text}");
    }
}

/// How long every call of the oven takes at least, on a clock that no test can pause.
const TAKES: Duration = Duration::from_micros(50);

/// Takes its time in the middle of a call: another may have begun before, and ends after it.
async fn take_time() {
    tokio::task::yield_now().await;
    let began = Instant::now();
    while began.elapsed() < TAKES {
        std::hint::spin_loop();
    }
}

struct Oven;

#[saga(saga = BakingSaga)]
impl Oven {
    #[step(compensate = throw_away)]
    async fn bake(&self, eggs: &u8) -> Result<u8, String> {
        take_time().await;
        Ok(*eggs)
    }

    async fn throw_away(&self) -> Result<(), String> {
        take_time().await;
        Ok(())
    }
}

#[saga]
impl Oven {
    #[step(parallel = heat, compensate = cool_down)]
    async fn heat_above(&self) -> Result<u8, String> {
        take_time().await;
        Ok(1)
    }

    #[step(parallel = heat, readonly)]
    async fn heat_below(&self) -> Result<u8, String> {
        take_time().await;
        Ok(2)
    }

    #[step(saga = BakingSaga)]
    fn cake(&self) -> u8 {
        3
    }

    #[step(readonly)]
    async fn taste(&self) -> Result<(), String> {
        take_time().await;
        Err("burnt".to_owned())
    }

    async fn cool_down(&self) -> Result<(), String> {
        take_time().await;
        Ok(())
    }
}

#[tokio::test]
async fn a_call_took_at_least_as_long_as_its_method_also_in_a_group_and_in_a_saga_in_a_saga() {
    let options = RunOptions::<OvenSaga>::new().id("run-1").timed();
    // By an executor that stays with the caller, who is given a copy of the run.
    let executor = InMemory::new(options);
    let Ok(ended) = drive::<OvenSaga, _>(&Oven, &executor, ()).await;
    let error = ended.unwrap_err();
    assert_eq!(error.step().unwrap().name, "taste");
    let report = error.report();
    let nested = report.steps[2].nested.as_ref().expect("a saga in it");
    let mut calls = Vec::new();
    for step in report.steps.iter().chain(&nested.steps) {
        calls.push((step.method.as_str(), step.took_us));
        if let Some(undo) = &step.compensation {
            calls.push((undo.method.as_str(), undo.took_us));
        }
    }
    let methods: Vec<_> = calls.iter().map(|(method, _)| *method).collect();
    assert_eq!(
        methods,
        [
            "heat_above",
            "cool_down",
            "heat_below",
            "cake",
            "taste",
            "bake",
            "throw_away"
        ]
    );
    for (method, took) in calls {
        let took = took.unwrap_or_else(|| panic!("{method} has no time"));
        assert!(u128::from(took) >= TAKES.as_micros(), "{method}: {took}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_not_timed_has_no_times() {
    let shop = Shop::default().script("ship", &[Act::Fail]);
    let error = ShopSaga::run(&shop, 7).await.expect_err("shipping fails");
    assert_eq!(error.step().unwrap().name, "ship");
    let json = Schema::read().round_trip(&error.report()).to_string();
    for field in ["started_at_unix_ms", "ended_at_unix_ms", "took_us"] {
        assert!(!json.contains(field), "{field} in {json}");
    }
}

fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_millis()).expect("not so late")
}

#[tokio::test(start_paused = true)]
async fn times_that_no_number_of_json_can_hold_are_cut_to_what_it_can() {
    let mut report = full_report().await;
    report.set_times(UNIX_EPOCH - Duration::from_secs(1), SystemTime::UNIX_EPOCH);
    report.steps[0].set_times(UNIX_EPOCH, Duration::MAX);
    let json = Schema::read().round_trip(&report);
    assert_eq!(json["started_at_unix_ms"], 0);
    assert_eq!(json["steps"][0]["took_us"], (1_u64 << 53) - 1);
}

// What is not a report of today.

#[tokio::test(start_paused = true)]
async fn a_report_of_another_version_is_refused_with_both_versions() {
    let schema = Schema::read();
    let json = schema.round_trip(&full_report().await);
    for version in [0, 2, 4_294_967_297_u64] {
        let mut other = json.clone();
        other["schema_version"] = version.into();
        let error = serde_json::from_value::<Report>(other.clone()).expect_err("not this version");
        assert_eq!(
            error.to_string(),
            format!("the report is of schema version {version}, and only version 1 is known here")
        );
        assert!(!schema.accepts(&other));
    }
}

#[test]
fn the_version_is_looked_at_before_anything_else_wherever_it_stands() {
    for other in [
        r#"{"schema_version":2,"saga":{"of":["another","form"]}}"#,
        r#"{"end":"skipped","saga":{"of":["another","form"]},"schema_version":2}"#,
    ] {
        let error = serde_json::from_str::<Report>(other).expect_err("not this version");
        let error = error.to_string();
        assert!(
            error.starts_with("the report is of schema version 2,"),
            "{error}"
        );
    }
    let none = serde_json::from_str::<Report>(r#"{"end":"skipped"}"#).expect_err("no version");
    let none = none.to_string();
    assert!(none.starts_with("missing field `schema_version`"), "{none}");
}

/// Every object and every array item in `json`, by its JSON pointer.
fn pointers(json: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match json {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(items) => (0..)
            .zip(items)
            .map(|(i, value): (usize, _)| (i.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, value) in below {
        let pointer = format!("{at}/{key}");
        pointers(value, &pointer, found);
        found.push(pointer);
    }
}

#[tokio::test(start_paused = true)]
async fn a_field_that_is_missing_is_named_unless_it_is_optional() {
    let schema = Schema::read();
    let json = schema.round_trip(&full_report().await);
    let mut found = Vec::new();
    pointers(&json, "", &mut found);
    let (mut needed, mut optional) = (BTreeSet::new(), BTreeSet::new());
    for pointer in &found {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let mut cut = json.clone();
        let Some(Value::Object(fields)) = cut.pointer_mut(parent) else {
            continue;
        };
        fields.remove(key).unwrap();
        match serde_json::from_value::<Report>(cut.clone()) {
            Err(error) => {
                assert_eq!(
                    error.to_string(),
                    format!("missing field `{key}`"),
                    "{pointer}"
                );
                assert!(!schema.accepts(&cut), "{pointer}");
                needed.insert(key);
            }
            Ok(_) => {
                optional.insert(key);
            }
        }
    }
    // `failure` is needed in a report, and in a compensation there is one only if it gave up;
    // `attempts` of a failure are always known, and those of a step are not; `step` and `name` are
    // needed of what is left for a person, and the first failure has them unless the run was cancelled.
    assert_eq!(
        optional,
        BTreeSet::from([
            "attempts",
            "compensation",
            "ended_at_unix_ms",
            "failure",
            "idempotency_key",
            "limit_us",
            "name",
            "output",
            "started_at_unix_ms",
            "step",
            "took_us",
            "value",
        ])
    );
    assert_eq!(
        needed,
        BTreeSet::from([
            "also_failed",
            "arguments",
            "attempts",
            "chain",
            "end",
            "failure",
            "file",
            "id",
            "idempotency_key",
            "in_doubt",
            "kind",
            "left_for_a_person",
            "line",
            "location",
            "message",
            "method",
            "name",
            "number",
            "outcome",
            "saga",
            "schema_version",
            "step",
            "steps",
            "to_do",
            "undo",
        ])
    );
}

#[tokio::test(start_paused = true)]
async fn a_tag_that_is_not_known_is_refused_with_those_that_are() {
    let schema = Schema::read();
    let json = schema.round_trip(&full_report().await);
    let mut found = Vec::new();
    pointers(&json, "", &mut found);
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for pointer in &found {
        let (_, key) = pointer.rsplit_once('/').unwrap();
        if !["end", "kind", "outcome", "undo"].contains(&key) {
            continue;
        }
        let mut other = json.clone();
        let tag = std::mem::replace(other.pointer_mut(pointer).unwrap(), "invented".into());
        let error = serde_json::from_value::<Report>(other.clone()).expect_err("no such tag");
        let error = error.to_string();
        assert!(
            error.starts_with("unknown variant `invented`, expected "),
            "{pointer}: {error}"
        );
        assert!(
            error.contains(&format!("`{}`", tag.as_str().unwrap())),
            "{pointer}: {error}"
        );
        assert!(!schema.accepts(&other), "{pointer}");
        *refused.entry(key).or_default() += 1;
    }
    // The failure has a kind, and so has each of the five steps.
    let expected = [("end", 1), ("kind", 6), ("outcome", 5), ("undo", 2)];
    assert_eq!(refused, BTreeMap::from(expected));
}

#[tokio::test(start_paused = true)]
async fn fields_of_a_later_day_are_passed_over() {
    let schema = Schema::read();
    let report = full_report().await;
    let json = schema.round_trip(&report);
    let mut found = vec![String::new()];
    pointers(&json, "", &mut found);
    let (mut all, mut objects) = (json.clone(), 0);
    for pointer in &found {
        if let Some(Value::Object(fields)) = all.pointer_mut(pointer) {
            fields.insert("of_a_later_day".to_owned(), json!({ "kind": ["any"] }));
            objects += 1;
        }
    }
    assert!(objects > 20, "{objects}");
    assert_eq!(
        serde_json::from_value::<Report>(all.clone()).unwrap(),
        report
    );
    assert!(schema.accepts(&all));
    assert!(
        !schema.names_all_of(&all),
        "or it would not see a field that is not documented"
    );
}

#[test]
fn what_is_no_object_is_no_report() {
    for json in ["", "null", "[]", "7", "\"report\"", "{", "{}"] {
        let read = serde_json::from_str::<Report>(json);
        assert!(read.is_err(), "{json:?}");
    }
}

// Any text at all.

#[derive(Debug, Clone)]
struct Texts {
    id: String,
    value: String,
    message: String,
    chain: Vec<String>,
}

#[derive(Debug)]
struct Link(String, Option<Box<Link>>);

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

/// Its `Debug` writes it as it is.
#[derive(Clone)]
struct Raw(String);

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

struct Echo;

#[saga]
impl Echo {
    #[step(compensate = unsay)]
    async fn say(&self, texts: &Texts) -> Result<Raw, String> {
        Ok(Raw(texts.value.clone()))
    }

    #[step(pivot)]
    async fn fail(&self, _said: &Raw, #[input] texts: &Texts) -> Result<(), Link> {
        let chain = texts.chain.iter().rev();
        let source = chain.fold(None, |source, text| {
            Some(Box::new(Link(text.clone(), source)))
        });
        Err(Link(texts.message.clone(), source))
    }

    async fn unsay(&self, _said: &Raw, #[input] texts: &Texts) -> Result<(), String> {
        Err(texts.message.clone())
    }
}

/// Every character, more often than not one that is worth escaping.
fn text() -> impl Strategy<Value = String> {
    let special =
        "\"\\\n\r\t\0\u{1f}\u{7f}\u{85}\u{2028}\u{2029}\u{feff}\u{ffff}\u{10ffff} {}<>&/'*";
    let special = proptest::sample::select(special.chars().collect::<Vec<_>>());
    let letter = proptest::prop_oneof![3 => special, 1 => any::<char>(), 1 => Just('a')];
    proptest::collection::vec(letter, 0..24).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_back_as_it_was(
        id in text().prop_filter("an id has a text", |id| !id.is_empty()),
        value in text(),
        message in text(),
        chain in proptest::collection::vec(text(), 0..3),
    ) {
        let texts = Texts { id, value, message, chain };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let options = RunOptions::new().id(texts.id.clone());
        let run = runtime.block_on(EchoSaga::run_with(&Echo, texts.clone(), options));
        let error = run.expect_err("it fails");
        assert_eq!(error.step().unwrap().name, "fail");
        let report = error.report();
        let read: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
        assert_eq!(read, report);
        assert_eq!(read.to_string(), report.to_string());
        assert_eq!(read.id, texts.id);
        assert_eq!(read.steps[0].output, Some(texts.value));
        assert_eq!((read.failure.message, read.failure.chain), (texts.message, texts.chain));
    }
}
