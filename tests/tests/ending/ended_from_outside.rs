//! Runs that are ended from outside with little time, no clock, or no way back left, and all that is reported of
//! them: the line, the text and the JSON. `cancelling.rs` tests what ends a run at all.

mod reported;

use core::future::{Future, poll_fn};
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;

use saga_core::{
    Attempt, CancelAnswer, CancellationToken, End, Policy, RunOptions, Saga, SagaHandle,
    StepContext, StepError, saga,
};
use saga_tests::Calls;
use saga_tests::cells::{steps_and_end, without_keys};
use saga_tests::json::Schema;
use saga_tests::ten_steps::{Works, WorksSaga};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep};

const ID: &str = "run-1";
const SECOND: Duration = Duration::from_secs(1);
const HALF: Duration = Duration::from_millis(500);

/// A policy whose waits are random, from a range that no test reaches the end of.
fn patient() -> Policy {
    let days = Duration::from_hours(24 * 1_000_000);
    Policy::attempts(3).backoff(days, days)
}

fn spawn(script: &'static str, options: RunOptions<WorksSaga>) -> (Arc<Works>, Handle) {
    let works = Arc::new(Works::new(script, None));
    let handle = WorksSaga::spawn(Arc::clone(&works), 7, options.id(ID));
    (works, handle)
}

type Handle = SagaHandle<WorksSaga>;

/// The end of a run, in the words of the tables of `every_cell`.
async fn end(works: &Works, handle: Handle) -> (String, String) {
    let run = handle.await.expect("its runtime goes on");
    let calls = without_keys(ID, &works.calls.take());
    (calls.join(" "), steps_and_end(&run, &calls).1)
}

#[tokio::test(start_paused = true)]
async fn a_deadline_between_two_ticks_of_the_clock_begins_no_other_attempt() {
    for nanoseconds in [1, 499_999, 500_001, 999_999] {
        let deadline = SECOND + Duration::from_nanos(nanoseconds);
        let options = RunOptions::new().deadline(deadline);
        let options = options.policy("open", patient()).unwrap();
        let (works, handle) = spawn("open: busy", options);
        let should_be = "compensated: deadline, then open#1".to_owned();
        assert_eq!(end(&works, handle).await, ("open".to_owned(), should_be));
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_waits_for_the_attempt_in_flight_until_it_times_out() {
    let began = Instant::now();
    let (works, handle) = spawn("pay: hang", RunOptions::new());
    sleep(SECOND + HALF).await;
    handle.cancel();
    let end = end(&works, handle).await;
    let calls = "open look hold pay unpay(?) unhold(hold) unopen(open)".to_owned();
    assert_eq!(
        end,
        (calls, "compensated: cancelled, then pay#1?".to_owned())
    );
    // A second for `open`, a minute for `pay`, three seconds for the compensations.
    assert_eq!(began.elapsed(), Duration::from_secs(64));

    // Without a time limit it waits for ever.
    let options = RunOptions::new().policy("pay", Policy::ONCE).unwrap();
    let (_, mut handle) = spawn("pay: hang", options);
    sleep(SECOND + HALF).await;
    handle.cancel();
    let year = Duration::from_hours(24 * 365);
    assert!(tokio::time::timeout(year, &mut handle).await.is_err());
    assert_eq!(
        handle.position().to_string(),
        "in the group `gather` (last begun: step `pay`, attempt 1)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_no_clock_will_see_is_none() {
    for deadline in [
        Duration::MAX,
        Duration::MAX / 2,
        Duration::from_secs(1 << 62),
    ] {
        let options = RunOptions::new().deadline(deadline);
        let works = Works::new("open: busy", None);
        let options = options
            .policy("open", Policy::attempts(2).backoff(SECOND, SECOND))
            .unwrap();
        let run = WorksSaga::run_with(&works, 7, options).await;
        assert!(run.is_ok(), "{deadline:?}");
        // A wait is cut short even if its clock would never end it.
        let options = RunOptions::new().deadline(deadline).policy(
            "open",
            Policy::attempts(2).backoff(Duration::MAX, Duration::MAX),
        );
        let (works, handle) = spawn("open: busy", options.unwrap());
        sleep(2 * SECOND).await;
        handle.cancel();
        let (_, end) = end(&works, handle).await;
        assert_eq!(end, "compensated: cancelled, then open#1");
    }
}

// A saga whose steps need no clock unless their input says so.

#[derive(Debug, Default)]
struct Desk {
    calls: Calls,
    refuses: &'static [&'static str],
    /// It cancels the token during this call.
    cancels: &'static str,
    token: CancellationToken,
    /// It takes three seconds for this call.
    slow: &'static str,
}

impl Desk {
    async fn call<T>(&self, what: &'static str, output: T) -> Result<T, String> {
        self.calls.add(what);
        if self.cancels == what {
            self.token.cancel();
            tokio::task::yield_now().await;
        }
        if self.slow == what {
            sleep(3 * SECOND).await;
        }
        if self.refuses.contains(&what) {
            return Err(format!("no {what} today"));
        }
        Ok(output)
    }

    fn options(&self) -> RunOptions<TripSaga> {
        let options = RunOptions::new().id("trip-1");
        options.cancellation(self.token.clone())
    }
}

#[saga(name = "trip", saga = TripSaga)]
impl Desk {
    #[step(compensate = close)]
    async fn open(&self, nights: &u32) -> Result<u32, String> {
        self.call("open", *nights).await
    }

    #[step(parallel = bookings, compensate = leave)]
    async fn hotel(&self, nights: &u32) -> Result<u32, String> {
        self.call("hotel", 100 + nights).await
    }

    #[step(parallel = bookings, compensate = land)]
    async fn flight(&self) -> Result<&'static str, String> {
        self.call("flight", "12A").await
    }

    #[step(only_if = is_long, compensate = park)]
    async fn car(&self, hotel: &u32, flight: &str) -> Result<u32, String> {
        let _ = (hotel, flight);
        self.call("car", 9).await
    }

    #[step(pivot)]
    async fn pay(&self, car: Option<&u32>) -> Result<(), String> {
        let _ = car;
        self.call("pay", ()).await
    }

    fn is_long(&self, #[input] nights: &u32) -> bool {
        self.calls.add("is_long");
        assert_ne!(*nights, 13, "never");
        *nights > 7
    }

    async fn close(&self, nights: &u32) -> Result<(), String> {
        let _ = nights;
        self.call("close", ()).await
    }

    async fn leave(&self, hotel: &u32) -> Result<(), String> {
        let _ = hotel;
        self.call("leave", ()).await
    }

    async fn land(&self, flight: &str, ctx: &StepContext) -> Result<(), String> {
        let cause = ctx.cause().expect("it is a compensation");
        let why = (cause.step.as_deref(), &cause.error.message);
        self.calls.add(format!("because {why:?}"));
        let _ = flight;
        self.call("land", ()).await
    }

    async fn park(&self, car: &u32) -> Result<(), String> {
        let _ = car;
        self.call("park", ()).await
    }
}

#[test]
fn without_a_clock_a_run_can_be_cancelled_and_has_its_deadline() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        for deadline in [Duration::from_hours(1), Duration::MAX] {
            let desk = Desk::default();
            let run = TripSaga::run_with(&desk, 3, desk.options().deadline(deadline)).await;
            assert!(run.is_ok());
        }
        let desk = Desk::default();
        let late = desk.options().deadline(Duration::ZERO);
        let error = TripSaga::run_with(&desk, 3, late).await.unwrap_err();
        assert!(matches!(error.error(), TripSagaError::DeadlineExceeded));
        assert_eq!(desk.calls.take(), [""; 0]);

        let desk = Arc::new(Desk {
            cancels: "open",
            ..Desk::default()
        });
        let options = desk.options().deadline(Duration::from_hours(1));
        let run = TripSaga::spawn(Arc::clone(&desk), 3, options).await;
        let error = run.unwrap().unwrap_err();
        assert!(matches!(error.error(), TripSagaError::Cancelled));
        assert_eq!(desk.calls.take(), ["open", "close"]);

        // Retried without a wait.
        let desk = Desk {
            refuses: &["open"],
            ..Desk::default()
        };
        let options = desk.options().deadline(Duration::from_hours(1));
        let options = options.policy("open", Policy::attempts(3)).unwrap();
        let error = TripSaga::run_with(&desk, 3, options).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "open");
        assert_eq!(error.attempts(), 3);
    });
    // A run that is not spawned needs no runtime, either.
    let desk = Desk::default();
    let options = desk.options().deadline(Duration::from_hours(1));
    let run = core::pin::pin!(TripSaga::run_with(&desk, 3, options));
    let mut context = core::task::Context::from_waker(std::task::Waker::noop());
    assert!(run.poll(&mut context).is_ready());
}

/// A climb of which one step has a time limit.
#[derive(Default)]
struct Tower {
    calls: Calls,
}

#[saga]
impl Tower {
    #[step(compensate = climb_down)]
    async fn climb(&self) -> Result<(), String> {
        self.calls.add("climb");
        yield_now().await;
        Ok(())
    }

    #[step(readonly)]
    async fn look(&self) -> Result<(), String> {
        self.calls.add("look");
        Err("fog".to_owned())
    }

    #[step(timeout = "1s")]
    async fn ring(&self) -> Result<(), String> {
        self.calls.add("ring");
        Ok(())
    }

    async fn climb_down(&self) -> Result<(), String> {
        self.calls.add("climb_down");
        Ok(())
    }
}

#[test]
fn where_the_clock_is_lost_on_the_way_what_needs_none_is_executed_and_undone() {
    let tower = Tower::default();
    let mut run = Box::pin(TowerSaga::run(&tower, ()));
    let with_a_clock = Builder::new_current_thread().enable_time().build().unwrap();
    let began = poll_fn(|cx| Poll::Ready(run.as_mut().poll(cx).is_pending()));
    assert!(with_a_clock.block_on(began));
    drop(with_a_clock);
    let without = Builder::new_current_thread().build().unwrap();
    let error = without.block_on(run).unwrap_err();
    assert_eq!(error.step().unwrap().name, "look");
    assert_eq!(error.error().text().message, "fog");
    assert_eq!(error.end(), End::Compensated, "{error:?}");
    assert_eq!(tower.calls.take(), ["climb", "look", "climb_down"]);
}

#[test]
fn spawning_outside_of_a_runtime_panics_and_calls_nothing() {
    let desk = Arc::new(Desk::default());
    let (options, service) = (desk.options(), Arc::clone(&desk));
    let spawn = std::panic::AssertUnwindSafe(|| drop(TripSaga::spawn(service, 3, options)));
    assert!(std::panic::catch_unwind(spawn).is_err());
    assert_eq!(desk.calls.take(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn compensations_see_that_the_run_was_cancelled() {
    let desk = Desk {
        cancels: "flight",
        ..Desk::default()
    };
    let error = TripSaga::run_with(&desk, 9, desk.options())
        .await
        .unwrap_err();
    assert_eq!(error.end(), End::Compensated);
    let calls = desk.calls.take();
    let cause = calls.iter().find(|call| call.starts_with("because"));
    assert_eq!(cause.unwrap(), "because (None, \"cancelled\")");
}

fn doubtful(error: &Refusal) -> bool {
    error.0.starts_with("no")
}

/// Any error is in doubt.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refusal(String);

#[saga(name = "leap", saga = LeapSaga)]
impl Desk {
    #[step(compensate = step_back)]
    async fn run_up(&self) -> Result<(), String> {
        self.call("run_up", ()).await
    }

    #[step(pivot, compensate = climb_out, in_doubt = doubtful)]
    async fn leap(&self) -> Result<u8, Refusal> {
        self.call("leap", 1).await.map_err(Refusal)
    }

    #[step]
    async fn land_on(&self) -> Result<(), String> {
        self.call("land_on", ()).await
    }

    async fn step_back(&self) -> Result<(), String> {
        self.call("step_back", ()).await
    }

    async fn climb_out(&self, leapt: Attempt<&u8>) -> Result<(), String> {
        assert!(leapt.completed().is_none(), "only in doubt");
        self.call("climb_out", ()).await
    }
}

#[tokio::test]
async fn a_cancelled_pivot_in_doubt_is_undone_if_it_can_be() {
    let desk = Desk {
        refuses: &["leap"],
        cancels: "leap",
        ..Desk::default()
    };
    let options = RunOptions::new().cancellation(desk.token.clone());
    let error = LeapSaga::run_with(&desk, (), options).await.unwrap_err();
    // No other attempt was allowed, so the cancellation has prevented nothing.
    assert!(matches!(error.error(), LeapSagaError::Leap(_)));
    assert_eq!(error.also_failed().count(), 0);
    assert!(error.in_doubt());
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        desk.calls.take(),
        ["run_up", "leap", "climb_out", "step_back"]
    );

    let desk = Desk {
        cancels: "leap",
        ..Desk::default()
    };
    let options = RunOptions::new().cancellation(desk.token.clone());
    assert!(LeapSaga::run_with(&desk, (), options).await.is_ok());
    assert_eq!(desk.calls.take(), ["run_up", "leap", "land_on"]);
}

#[saga(name = "errand", saga = ErrandSaga)]
impl Desk {
    #[step(compensate = go_back)]
    async fn go(&self) -> Result<(), String> {
        self.call("go", ()).await
    }

    #[step(in_doubt = doubtful)]
    async fn shop(&self) -> Result<(), Refusal> {
        self.call("shop", ()).await.map_err(Refusal)
    }

    async fn go_back(&self) -> Result<(), String> {
        self.call("go_back", ()).await
    }
}

#[tokio::test]
async fn a_cancelled_last_step_in_doubt_leaves_the_saga_stuck_and_completed_it_is_the_end() {
    for (refuses, calls, end) in [
        (&["shop"][..], ["go", "shop"], Some(End::Stuck)),
        (&[], ["go", "shop"], None),
    ] {
        let desk = Desk {
            refuses,
            cancels: "shop",
            ..Desk::default()
        };
        let options = RunOptions::new().cancellation(desk.token.clone());
        let run = ErrandSaga::run_with(&desk, (), options).await;
        assert_eq!(desk.calls.take(), calls);
        if let Err(error) = &run {
            assert!(matches!(error.error(), ErrandSagaError::Shop(_)));
            assert_eq!(
                error.to_string(),
                format!(
                    "saga `errand` ({}) is stuck: step `shop` is in doubt: no shop today",
                    error.saga_id()
                )
            );
        }
        assert_eq!(run.err().map(|error| error.end()), end);
    }
}

#[saga(name = "pair", saga = PairSaga)]
impl Desk {
    #[step(parallel = both, compensate = drop_left)]
    async fn left(&self) -> Result<(), String> {
        self.call("left", ()).await
    }

    #[step(parallel = both, compensate = drop_right)]
    async fn right(&self) -> Result<(), String> {
        self.call("right", ()).await
    }

    async fn drop_left(&self) -> Result<(), String> {
        self.call("drop_left", ()).await
    }

    async fn drop_right(&self) -> Result<(), String> {
        self.call("drop_right", ()).await
    }
}

#[tokio::test]
async fn a_saga_that_ends_with_a_group_completes_if_all_members_do_although_it_was_cancelled() {
    type Names = &'static [&'static str];
    let rows: [(&str, Names, Names); 4] = [
        ("right", &[], &["left", "right"]),
        ("right", &["right"], &["left", "right", "drop_left"]),
        // Not begun when the run is cancelled.
        ("left", &[], &["left", "drop_left"]),
        ("left", &["left"], &["left"]),
    ];
    for (cancels, refuses, calls) in rows {
        let desk = Desk {
            refuses,
            cancels,
            ..Desk::default()
        };
        let options = RunOptions::new().cancellation(desk.token.clone());
        let run = PairSaga::run_with(&desk, (), options).await;
        assert_eq!(desk.calls.take(), calls, "{cancels} {refuses:?}");
        assert_eq!(run.is_ok(), calls == ["left", "right"]);
        if let Err(error) = run {
            // The cancellation kept `right` from beginning, unless it came from there.
            let is_cancelled = matches!(error.error(), PairSagaError::Cancelled);
            assert_eq!(is_cancelled, cancels == "left", "{refuses:?}");
            assert_eq!(error.end(), End::Compensated);
        }
    }
}

#[test]
fn a_run_that_waits_on_one_thread_is_cancelled_from_another() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    for _ in 0..50 {
        let desk = Arc::new(Desk {
            refuses: &["open"],
            ..Desk::default()
        });
        let options = desk.options().policy("open", patient()).unwrap();
        let handle = {
            let _guard = runtime.enter();
            TripSaga::spawn(Arc::clone(&desk), 3, options)
        };
        // At any place: before its first attempt, in it, or in the wait after it.
        assert!(matches!(handle.cancel(), CancelAnswer::Requested));
        let error = runtime.block_on(handle).unwrap().unwrap_err();
        assert!(matches!(error.error(), TripSagaError::Cancelled));
        let calls = desk.calls.take().len();
        assert!(calls <= 1, "{calls}");
        assert_eq!(error.also_failed().count(), calls);
    }
}

#[test]
fn a_cancellation_of_a_run_that_was_lost_comes_too_late() {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let (_, handle) = runtime.block_on(async {
        let spawned = spawn("", RunOptions::new());
        sleep(SECOND + HALF).await;
        spawned
    });
    drop(runtime);
    assert!(handle.is_finished());
    // No receiver is left.
    let answer = handle.cancel();
    assert!(matches!(answer, CancelAnswer::TooLate(_)), "{answer:?}");
}
