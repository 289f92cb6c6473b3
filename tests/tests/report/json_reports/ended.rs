//! Runs that are ended by several steps at once, or from outside.

use saga_core::Policy;

use super::*;

/// A feast whose dishes are prepared in parallel, with a script of their results.
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
    /// The run is cancelled meanwhile, and it completes.
    IsCancelled,
    /// The run is cancelled meanwhile, and it fails.
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
        let options = options.policy("hall", Policy::attempts(2)).unwrap();
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
    let outcomes = steps.map(|step| {
        let undo = step["compensation"]["undo"].as_str();
        (step["outcome"].as_str().expect("a tag"), undo)
    });
    outcomes.collect()
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
    assert_eq!(
        step_attempts_doubt(&also[0]),
        (Some("hall"), Some(1), Some(false))
    );
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
    // The attempt in flight was finished, so it can be undone.
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
    assert_eq!(
        step_attempts_doubt(&json["failure"]),
        (Some("band"), Some(1), Some(true))
    );
    assert_eq!(json["failure"]["step"], 4);
    assert_eq!(json["failure"]["kind"], "panicked");
    let also = json["also_failed"].as_array().expect("a list");
    assert_eq!(also.len(), 1, "{report}");
    assert_eq!(
        step_attempts_doubt(&also[0]),
        (Some("cake"), Some(1), Some(false))
    );
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
            "in_doubt_since": 1,
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

// The data as such.

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
