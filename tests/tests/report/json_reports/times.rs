//! When calls began, and how long they took.

use super::*;

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
        // It panicked, and how far it had come is not known.
        "PERHAPS NOT UNDONE: refund(",
    ] {
        assert!(in_text(words), "{words:?} in\n{text}");
    }
}

/// The minimum duration of a call of the oven, on a clock that no test can pause.
const TAKES: Duration = Duration::from_micros(50);

/// Waits in the middle of a call, so that calls overlap.
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
    // By a borrowed executor, which gets a copy of the run.
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
