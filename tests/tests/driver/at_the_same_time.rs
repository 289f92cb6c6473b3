//! Groups: their members really run at the same time, and there may be many. Also conditions that panic.

use core::time::Duration;

use saga_core::{
    End, Failure, Saga, StepContext,
    report::{Outcome, Undo},
    saga,
};
use saga_tests::Calls;
use tokio::time::{Instant, sleep};

const MINUTE: Duration = Duration::from_mins(1);

/// Every call takes a minute.
struct Sleepers {
    calls: Calls,
}

#[saga]
impl Sleepers {
    #[step(parallel = all, compensate = wake_first)]
    async fn first(&self) -> Result<u8, String> {
        self.sleep("first").await
    }
    #[step(parallel = all, readonly)]
    async fn second(&self) -> Result<u8, String> {
        self.sleep("second").await
    }
    #[step(parallel = all, only_if = is_due, compensate = wake_third)]
    async fn third(&self) -> Result<u8, String> {
        self.sleep("third").await
    }
    #[step(parallel = all, no_compensation = "it slept")]
    async fn fourth(&self) -> Result<u8, String> {
        self.sleep("fourth").await
    }
    #[step(readonly)]
    async fn fails(&self, #[input] fails: &bool) -> Result<u8, String> {
        if *fails {
            Err("too late".to_owned())
        } else {
            Ok(5)
        }
    }
    fn is_due(&self) -> bool {
        true
    }
    async fn wake_first(&self, _slept: &u8) -> Result<(), String> {
        self.sleep("wake first").await.map(|_| ())
    }
    async fn wake_third(&self, _slept: &u8) -> Result<(), String> {
        self.sleep("wake third").await.map(|_| ())
    }
}

impl Sleepers {
    async fn sleep(&self, who: &str) -> Result<u8, String> {
        self.calls.add(who);
        sleep(MINUTE).await;
        Ok(1)
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_takes_the_time_of_its_slowest_and_is_undone_one_after_the_other() {
    let service = Sleepers {
        calls: Calls::new(),
    };
    let began = Instant::now();
    let run = SleepersSaga::run(&service, false).await;
    assert_eq!(run.unwrap(), 5);
    assert_eq!(began.elapsed(), MINUTE);
    let members = ["first", "second", "third", "fourth"];
    assert_eq!(
        service.calls.take(),
        members,
        "begun in the order of the definition"
    );

    let began = Instant::now();
    let error = SleepersSaga::run(&service, true).await.unwrap_err();
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(began.elapsed(), MINUTE * 3);
    let calls = service.calls.take();
    assert_eq!(calls[..4], members);
    assert_eq!(calls[4..], ["wake third", "wake first"]);
}

/// A hundred steps in groups of ten, and one more.
struct Hundred {
    calls: Calls,
}

impl Hundred {
    async fn does(&self, context: &StepContext) -> Result<(), String> {
        self.calls.add(context.step());
        sleep(MINUTE).await;
        Ok(())
    }
}

macro_rules! ten_groups {
    ($($group:ident: $($step:ident)*;)*) => {
        #[saga]
        impl Hundred {
            $($(
                #[step(parallel = $group, compensate = undo)]
                async fn $step(&self, ctx: &StepContext) -> Result<(), String> {
                    self.does(ctx).await
                }
            )*)*

            #[step]
            async fn last(&self, #[input] fails: &bool) -> Result<(), String> {
                if *fails { Err("at the last".to_owned()) } else { Ok(()) }
            }

            async fn undo(&self, ctx: &StepContext) -> Result<(), String> {
                self.calls.add(format!("undo {}", ctx.step()));
                Ok(())
            }
        }
    };
}

ten_groups! {
    a: a0 a1 a2 a3 a4 a5 a6 a7 a8 a9;
    b: b0 b1 b2 b3 b4 b5 b6 b7 b8 b9;
    c: c0 c1 c2 c3 c4 c5 c6 c7 c8 c9;
    d: d0 d1 d2 d3 d4 d5 d6 d7 d8 d9;
    e: e0 e1 e2 e3 e4 e5 e6 e7 e8 e9;
    f: f0 f1 f2 f3 f4 f5 f6 f7 f8 f9;
    g: g0 g1 g2 g3 g4 g5 g6 g7 g8 g9;
    h: h0 h1 h2 h3 h4 h5 h6 h7 h8 h9;
    i: i0 i1 i2 i3 i4 i5 i6 i7 i8 i9;
    j: j0 j1 j2 j3 j4 j5 j6 j7 j8 j9;
}

#[tokio::test(start_paused = true)]
async fn ten_groups_of_ten_run_and_are_undone_in_reverse_order() {
    let definition = HundredSaga::DEFINITION;
    let steps: Vec<_> = definition.steps.iter().map(|step| step.name).collect();
    let (last, members) = steps.split_last().unwrap();
    assert_eq!((members.len(), *last), (100, "last"));
    assert_eq!(definition.stage(57), 50..60);

    let service = Hundred {
        calls: Calls::new(),
    };
    let began = Instant::now();
    HundredSaga::run(&service, false).await.unwrap();
    assert_eq!(began.elapsed(), MINUTE * 10);
    assert_eq!(service.calls.take(), members);

    let error = HundredSaga::run(&service, true).await.unwrap_err();
    assert_eq!(
        (error.end(), error.step().unwrap().name),
        (End::Compensated, "last")
    );
    let calls = service.calls.take();
    let undone: Vec<_> = members
        .iter()
        .rev()
        .map(|step| format!("undo {step}"))
        .collect();
    assert_eq!(calls[..100], *members);
    assert_eq!(calls[100..], undone);
    assert!(error.steps().take(100).all(|step| step.undo == Undo::Done));
}

/// Conditions that panic: of a step by itself, and of a member of a group.
struct Asks {
    calls: Calls,
    of: &'static str,
}

impl Asks {
    fn called(&self, what: &str, value: u8) -> u8 {
        self.calls.add(what);
        value
    }

    fn answers(&self, of: &'static str) -> bool {
        self.calls.add(format!("{of}?"));
        if self.of == of {
            std::panic::resume_unwind(Box::new("no idea"));
        }
        true
    }
}

#[saga(retry(attempts = 3))]
impl Asks {
    #[step(only_if = is_first, compensate = undo)]
    async fn first(&self) -> Result<u8, String> {
        Ok(self.called("first", 1))
    }
    #[step(parallel = group, compensate = undo)]
    async fn second(&self) -> Result<u8, String> {
        Ok(self.called("second", 2))
    }
    #[step(parallel = group, only_if = is_third, compensate = undo)]
    async fn third(&self) -> Result<u8, String> {
        Ok(self.called("third", 3))
    }
    #[step(parallel = group, compensate = undo)]
    async fn fourth(&self) -> Result<u8, String> {
        Ok(self.called("fourth", 4))
    }
    // The pivot is `fifth`, so what comes after it is not undone.
    #[step(pivot)]
    async fn fifth(&self) -> Result<u8, String> {
        Ok(self.called("fifth", 5))
    }
    #[step(only_if = is_last)]
    async fn last(&self) -> Result<u8, String> {
        Ok(self.called("last", 6))
    }
    fn is_first(&self) -> bool {
        self.answers("first")
    }
    fn is_third(&self) -> bool {
        self.answers("third")
    }
    fn is_last(&self) -> bool {
        self.answers("last")
    }
    async fn undo(&self, done: &u8) -> Result<(), String> {
        self.calls.add(format!("undo {done}"));
        Ok(())
    }
}

#[tokio::test]
async fn a_condition_that_panics_is_a_clean_failure_and_is_not_asked_again() {
    let group = "first? first second third? third fourth";
    for (of, calls, end) in [
        ("first", "first?".to_owned(), End::Compensated),
        (
            "third",
            "first? first second third? fourth undo 4 undo 2 undo 1".to_owned(),
            End::Compensated,
        ),
        ("last", format!("{group} fifth last?"), End::Stuck),
    ] {
        let service = Asks {
            calls: Calls::new(),
            of,
        };
        let error = AsksSaga::run(&service, ()).await.unwrap_err();
        assert_eq!(service.calls.take().join(" "), calls);
        assert_eq!((error.step().unwrap().name, error.end()), (of, end));
        assert_eq!((error.attempts(), error.in_doubt()), (1, false), "{of}");
        let failure = match error.error() {
            AsksSagaError::First(failure)
            | AsksSagaError::Third(failure)
            | AsksSagaError::Last(failure) => failure,
            other => panic!("{other}"),
        };
        let Failure::Panicked(message) = failure else {
            panic!("{failure:?}")
        };
        let condition = format!("in the condition `is_{of}`: no idea");
        assert_eq!(*message, condition);
        let mut steps = error.steps();
        let record = steps.find(|record| record.step.name == of).unwrap();
        assert_eq!(
            (record.outcome, record.undo),
            (Outcome::Failed, Undo::NotDue)
        );
    }
}
