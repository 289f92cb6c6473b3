//! What the small Python library that this project grew from does, done here with types: order,
//! hand-over, rollback, and each part of the report.

mod report;

use core::fmt;
use core::future::pending;

use saga_core::{
    End, Failure, RunOptions, Saga, StepContext,
    report::{Outcome, Undo},
    saga,
};
use saga_tests::Calls;

/// The report with every line number in a `file:line` replaced by a word, so that the text can be
/// compared whole and the tests above it may grow.
fn without_line_numbers(report: &str) -> String {
    let mut lines = Vec::new();
    for line in report.split('\n') {
        let mut parts = line.split(".rs:");
        let mut rebuilt = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            rebuilt.push_str(".rs:<line>");
            rebuilt.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
        }
        lines.push(rebuilt);
    }
    lines.join("\n")
}

/// The line of the report that holds `needle`, and how often there is one.
#[track_caller]
fn the_line_with<'r>(report: &'r str, needle: &str) -> &'r str {
    let mut found = report.lines().filter(|line| line.contains(needle));
    let first = found.next();
    assert_eq!(found.count(), 0, "{needle:?} twice in\n{report}");
    first.unwrap_or_else(|| panic!("{needle:?} is not in\n{report}"))
}

// Order.

#[derive(Default)]
struct Ordered {
    calls: Calls,
}

#[saga]
impl Ordered {
    #[step(readonly)]
    async fn first(&self) -> Result<(), String> {
        self.calls.add("first");
        Ok(())
    }

    #[step(readonly)]
    async fn second(&self) -> Result<(), String> {
        // The driver has every occasion to begin the third step too early.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        self.calls.add("second");
        Ok(())
    }

    #[step(readonly)]
    async fn third(&self) -> Result<(), String> {
        self.calls.add("third");
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn steps_run_in_the_order_in_which_they_are_written() {
    let service = Ordered::default();
    OrderedSaga::run(&service, ()).await.unwrap();
    assert_eq!(service.calls.take(), ["first", "second", "third"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_runs_before_the_run_is_awaited() {
    let service = Ordered::default();
    let run = OrderedSaga::run(&service, ());
    tokio::task::yield_now().await;
    assert_eq!(service.calls.take(), Vec::<String>::new());
    run.await.unwrap();
    assert_eq!(service.calls.take(), ["first", "second", "third"]);
}

#[tokio::test(start_paused = true)]
async fn one_service_can_run_its_saga_again_and_again() {
    let service = Ordered::default();
    for _ in 0..3 {
        OrderedSaga::run(&service, ()).await.unwrap();
        assert_eq!(service.calls.take(), ["first", "second", "third"]);
    }
}

// What is passed on.

#[derive(Default)]
struct Passing {
    calls: Calls,
}

#[saga]
impl Passing {
    #[step(readonly)]
    async fn parse(&self, text: &str) -> Result<i64, std::num::ParseIntError> {
        self.calls.add(format!("parse({text:?})"));
        text.parse()
    }

    #[step(readonly)]
    async fn double(&self, number: &i64) -> Result<i64, String> {
        self.calls.add(format!("double({number})"));
        Ok(number * 2)
    }

    #[step(readonly)]
    async fn describe(
        &self,
        doubled: &i64,
        #[from(parse)] number: &i64,
        #[input] text: &str,
    ) -> Result<String, String> {
        self.calls
            .add(format!("describe({doubled}, {number}, {text:?})"));
        Ok(format!("{text} is {number}, twice {doubled}"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_is_passed_on_to_the_next_step_and_the_last_one_is_the_result_of_the_saga() {
    let service = Passing::default();
    let output = PassingSaga::run(&service, "21".to_owned()).await.unwrap();
    assert_eq!(output, "21 is 21, twice 42");
    assert_eq!(
        service.calls.take(),
        [r#"parse("21")"#, "double(21)", r#"describe(42, 21, "21")"#],
    );
}

#[derive(Default)]
struct Unit {
    calls: Calls,
}

#[saga]
impl Unit {
    #[step(compensate = undo_nothing)]
    async fn nothing(&self, _name: &str) -> Result<(), String> {
        self.calls.add("nothing");
        Ok(())
    }

    #[step(compensate = undo_after_nothing)]
    async fn after_nothing(&self) -> Result<u8, String> {
        self.calls.add("after_nothing");
        Ok(7)
    }

    #[step(readonly)]
    async fn after_something(&self, something: &u8) -> Result<(), String> {
        self.calls.add(format!("after_something({something})"));
        Err("enough".to_owned())
    }

    async fn undo_nothing(&self) -> Result<(), String> {
        self.calls.add("undo_nothing");
        Ok(())
    }

    async fn undo_after_nothing(&self, something: &u8) -> Result<(), String> {
        self.calls.add(format!("undo_after_nothing({something})"));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_unit_result_passes_nothing() {
    let service = Unit::default();
    let error = UnitSaga::run(&service, "x".to_owned()).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "after_something");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        service.calls.take(),
        [
            "nothing",
            "after_nothing",
            "after_something(7)",
            "undo_after_nothing(7)",
            "undo_nothing",
        ],
    );
}

struct UnitTaken;

#[saga]
impl UnitTaken {
    #[step(readonly)]
    async fn nothing(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(readonly)]
    async fn takes_it_all_the_same(&self, (): &()) -> Result<&'static str, String> {
        Ok("taken")
    }
}

#[tokio::test(start_paused = true)]
async fn a_unit_result_may_be_asked_for_like_any_other() {
    assert_eq!(UnitTakenSaga::run(&UnitTaken, ()).await.unwrap(), "taken");
}

#[derive(Default)]
struct Ignoring {
    calls: Calls,
}

#[saga]
impl Ignoring {
    #[step(compensate = unreserve)]
    async fn reserve(&self, order: &u32) -> Result<String, String> {
        self.calls.add(format!("reserve({order})"));
        Ok(format!("reservation of {order}"))
    }

    // Ignores the reservation.
    #[step(compensate = unnotify)]
    async fn notify(&self) -> Result<u8, String> {
        self.calls.add("notify()");
        Ok(1)
    }

    // Ignores what `notify` gave, and takes the input in its place.
    #[step(readonly)]
    async fn check(&self, #[input] order: &u32) -> Result<(), String> {
        self.calls.add(format!("check({order})"));
        Err("no".to_owned())
    }

    async fn unreserve(&self) -> Result<(), String> {
        self.calls.add("unreserve()");
        Ok(())
    }

    async fn unnotify(&self, #[input] order: &u32) -> Result<(), String> {
        self.calls.add(format!("unnotify({order})"));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_and_a_compensation_may_ignore_what_they_could_take() {
    let service = Ignoring::default();
    let error = IgnoringSaga::run(&service, 5).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "check");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        service.calls.take(),
        [
            "reserve(5)",
            "notify()",
            "check(5)",
            "unnotify(5)",
            "unreserve()",
        ],
    );
}

// Rollback.

/// Four steps whose outputs have one type, so that a mix-up would compile.
#[derive(Default)]
struct Rollback {
    calls: Calls,
    /// The step that fails.
    fails: &'static str,
    /// The steps whose undo fails.
    undo_fails: Vec<&'static str>,
}

impl Rollback {
    fn failing(fails: &'static str) -> Self {
        Self {
            fails,
            ..Self::default()
        }
    }

    fn act(&self, step: &'static str, given: u32) -> Result<u32, String> {
        self.calls.add(format!("{step}({given})"));
        if self.fails == step {
            return Err(format!("{step} failed"));
        }
        Ok(given * 10)
    }

    fn undo(&self, step: &'static str, given: u32) -> Result<(), String> {
        self.calls.add(format!("undo_{step}({given})"));
        if self.undo_fails.contains(&step) {
            return Err(format!("undoing {step} failed"));
        }
        Ok(())
    }
}

#[saga]
impl Rollback {
    #[step(compensate = undo_a)]
    async fn a(&self, given: &u32) -> Result<u32, String> {
        self.act("a", *given)
    }

    #[step(compensate = undo_b)]
    async fn b(&self, given: &u32) -> Result<u32, String> {
        self.act("b", *given)
    }

    #[step(compensate = undo_c)]
    async fn c(&self, given: &u32) -> Result<u32, String> {
        self.act("c", *given)
    }

    #[step(compensate = undo_d)]
    async fn d(&self, given: &u32) -> Result<u32, String> {
        self.act("d", *given)
    }

    async fn undo_a(&self, made: &u32) -> Result<(), String> {
        self.undo("a", *made)
    }

    async fn undo_b(&self, made: &u32) -> Result<(), String> {
        self.undo("b", *made)
    }

    async fn undo_c(&self, made: &u32) -> Result<(), String> {
        self.undo("c", *made)
    }

    async fn undo_d(&self, made: &u32) -> Result<(), String> {
        self.undo("d", *made)
    }
}

#[tokio::test(start_paused = true)]
async fn a_compensation_gets_the_output_of_its_own_step() {
    let service = Rollback::failing("c");
    let error = RollbackSaga::run(&service, 1).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "c");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    let calls = service.calls.take();
    assert!(calls.contains(&"undo_a(10)".to_owned()), "{calls:?}");
    assert!(calls.contains(&"undo_b(100)".to_owned()), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn compensations_run_in_reverse_order() {
    let service = Rollback::failing("d");
    let error = RollbackSaga::run(&service, 1).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "d");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        service.calls.take(),
        [
            "a(1)",
            "b(10)",
            "c(100)",
            "d(1000)",
            "undo_c(1000)",
            "undo_b(100)",
            "undo_a(10)",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn the_step_that_failed_is_not_compensated_and_no_later_one_runs() {
    for (fails, calls) in [
        ("a", &["a(1)"][..]),
        ("b", &["a(1)", "b(10)", "undo_a(10)"]),
        (
            "c",
            &["a(1)", "b(10)", "c(100)", "undo_b(100)", "undo_a(10)"],
        ),
    ] {
        let service = Rollback::failing(fails);
        let error = RollbackSaga::run(&service, 1).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, fails);
        assert_eq!(error.attempts(), 1, "{fails}");
        assert_eq!(error.end(), End::Compensated, "{fails}");
        assert!(!error.in_doubt(), "{fails}");
        assert_eq!(service.calls.take(), calls, "{fails}");
    }
}

#[tokio::test(start_paused = true)]
async fn when_nothing_fails_nothing_is_compensated() {
    let service = Rollback::default();
    assert_eq!(RollbackSaga::run(&service, 1).await.unwrap(), 10_000);
    assert_eq!(service.calls.take(), ["a(1)", "b(10)", "c(100)", "d(1000)"]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_compensation_does_not_stop_the_others_and_all_failures_are_kept() {
    let service = Rollback {
        undo_fails: vec!["a", "c"],
        ..Rollback::failing("d")
    };
    let error = RollbackSaga::run(&service, 1).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "d");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Stuck);
    assert!(error.is_stuck());
    assert_eq!(
        service.calls.take()[4..],
        ["undo_c(1000)", "undo_b(100)", "undo_a(10)"],
    );
    let kept: Vec<_> = error
        .compensation_failures()
        .iter()
        .map(|f| (f.step.name, f.error.message.as_str(), f.attempts))
        .collect();
    assert_eq!(
        kept,
        [("c", "undoing c failed", 1), ("a", "undoing a failed", 1)],
        "in the order in which they ran",
    );
    let became: Vec<_> = error
        .steps()
        .map(|r| (r.step.name, r.outcome, r.undo))
        .collect();
    assert_eq!(
        became,
        [
            ("a", Outcome::Completed, Undo::GaveUp),
            ("b", Outcome::Completed, Undo::Done),
            ("c", Outcome::Completed, Undo::GaveUp),
            ("d", Outcome::Failed, Undo::NotDue),
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_error_stays_the_primary_one_whatever_the_compensations_do() {
    let service = Rollback {
        undo_fails: vec!["a", "b", "c"],
        ..Rollback::failing("d")
    };
    let error = RollbackSaga::run(&service, 1).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "d");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Stuck);
    let RollbackSagaError::D(Failure::Error(first)) = error.error() else {
        panic!("{error:?}");
    };
    assert_eq!(first, "d failed");
    let line = error.to_string();
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.contains("d failed"), "{line}");
    let report = error.report().to_string();
    let at = |text: &str| report.find(text).unwrap_or_else(|| panic!("{report}"));
    assert!(at("d failed") < at("undoing c failed"), "{report}");
    assert!(at("undoing c failed") < at("undoing b failed"), "{report}");
    assert!(at("undoing b failed") < at("undoing a failed"), "{report}");
    assert!(
        matches!(error.into_error(), RollbackSagaError::D(Failure::Error(first)) if first == "d failed"),
    );
}
