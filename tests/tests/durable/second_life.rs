//! Second lives of a process in which a crash or a restart meets a cancellation, a deadline, a nested saga, or a
//! step that ends its process.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use saga_core::durable::{
    CancelOutcome, Engine, Entry, InMemoryJournal, Journal, SagaKey, SagaState,
};
use saga_core::{Attempt, Ended, Saga, StepContext, saga};
use saga_tests::Calls;
use saga_tests::cut_journal::{CutJournal, Kill};
use saga_tests::process_clock::{Clock, seen_by};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

const GRACE: Duration = Duration::from_secs(10);
const HOUR: Duration = Duration::from_hours(1);

/// One life of a process. Dropping what it leaves ends it, as a crash does.
fn life<T>(run: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async { timeout(24 * 365 * HOUR, run).await.expect("no end") })
}

fn later(clock: Clock, journal: &InMemoryJournal) -> InMemoryJournal {
    life(seen_by(clock, journal))
}

fn entries(journal: &InMemoryJournal) -> Vec<Entry> {
    let records = life(journal.records(SagaKey(1))).unwrap();
    records.into_iter().map(|record| record.entry).collect()
}

fn text<S: Saga<Output: core::fmt::Debug>>(ended: &Ended<S>) -> String {
    match ended {
        Ok(output) => format!("completed: {output:?}"),
        Err(error) => error.to_string(),
    }
}

/// A depot: its calls, whether it works, and how long a call takes.
#[derive(Debug, Default)]
pub(crate) struct Depot {
    calls: Calls,
    /// Whether mails can be sent, and the warehouse is open.
    works: AtomicBool,
    /// How many cents a charge is, by the rate of today.
    rate: AtomicU32,
    /// The call that takes this long.
    takes: Mutex<Option<(&'static str, Duration)>>,
    reached: Notify,
}

impl Depot {
    fn works(&self) -> bool {
        self.works.load(Ordering::Relaxed)
    }

    async fn call(&self, call: &'static str, value: u32) -> Result<u32, String> {
        self.calls.add(format!("{call} {value}"));
        let takes = *self.takes.lock().unwrap();
        if let Some((_, time)) = takes.filter(|(slow, _)| *slow == call) {
            self.reached.notify_one();
            sleep(time).await;
        }
        Ok(value)
    }

    /// Makes this call take longer than any life of a process.
    fn hangs(&self, call: &'static str) {
        self.takes(call, Duration::MAX);
    }

    fn takes(&self, call: &'static str, time: Duration) {
        *self.takes.lock().unwrap() = Some((call, time));
    }
}

#[saga(saga = PaymentsSaga, name = "payments", vis = pub(crate))]
impl Depot {
    #[step(compensate = unhold)]
    async fn hold(&self, cents: &u32) -> Result<u32, String> {
        self.call("hold", *cents).await
    }

    #[step(compensate = refund)]
    async fn charge(&self, cents: &u32) -> Result<u32, String> {
        self.call("charge", *cents).await
    }

    async fn refund(&self, cents: &u32) -> Result<(), String> {
        self.call("refund", *cents).await.map(drop)
    }

    async fn unhold(&self, cents: &u32) -> Result<(), String> {
        self.call("unhold", *cents).await.map(drop)
    }
}

#[saga(saga = OrderSaga, name = "order", input = u32, deadline = "1h")]
impl Depot {
    #[step(compensate = release)]
    async fn reserve(&self, #[input] order: &u32) -> Result<u32, String> {
        self.call("reserve", *order).await
    }

    #[step(saga = PaymentsSaga, on = self)]
    fn pay(&self, #[input] cents: &u32) -> u32 {
        *cents
    }

    #[step(pivot)]
    async fn ship(&self, pay: &u32) -> Result<u32, String> {
        self.call("ship", *pay).await
    }

    #[step(retry(attempts = 1_000, backoff = "100h..100h"))]
    async fn mail(&self, ship: &u32) -> Result<u32, String> {
        self.call("mail", *ship).await?;
        if self.works() {
            Ok(*ship)
        } else {
            Err("the mail server is down".to_owned())
        }
    }

    async fn release(&self, order: &u32) -> Result<(), String> {
        self.call("release", *order).await.map(drop)
    }
}

/// An order that fails at its pivot, and whose undo needs the warehouse.
#[derive(Debug)]
struct Doomed(Arc<Depot>);

#[saga(
    name = "doomed",
    input = u32,
    deadline = "1h",
    compensation(retry(attempts = 1_000, backoff = "100h..100h"))
)]
impl Doomed {
    #[step(compensate = release)]
    async fn reserve(&self, #[input] order: &u32) -> Result<u32, String> {
        self.0.call("reserve", *order).await
    }

    #[step(saga = PaymentsSaga, on = &*self.0)]
    fn pay(&self, #[input] cents: &u32) -> u32 {
        *cents
    }

    #[step(compensate = unpack)]
    async fn pack(&self, pay: &u32) -> Result<u32, String> {
        self.0.call("pack", *pay).await
    }

    #[step(pivot)]
    async fn ship(&self, pack: &u32) -> Result<u32, String> {
        self.0.call("ship", *pack).await?;
        Err("no courier".to_owned())
    }

    async fn unpack(&self, pack: &u32) -> Result<(), String> {
        self.0.call("unpack", *pack).await?;
        if self.0.works() {
            Ok(())
        } else {
            Err("the warehouse is closed".to_owned())
        }
    }

    async fn release(&self, order: &u32) -> Result<(), String> {
        self.0.call("release", *order).await.map(drop)
    }
}

async fn open(depot: &Arc<Depot>, journal: impl Journal) -> Engine {
    let builder = Engine::builder()
        .register::<OrderSaga>(Arc::clone(depot))
        .register::<DoomedSaga>(Doomed(Arc::clone(depot)));
    builder.open(journal).await.unwrap()
}

/// How the first life ends.
#[derive(Debug, Clone, Copy)]
enum End {
    Crash,
    Shutdown,
}

async fn end(engine: &Engine, end: End) {
    match end {
        End::Crash => {}
        End::Shutdown => assert_eq!(engine.shutdown(GRACE).await, 0),
    }
}

#[test]
fn a_saga_past_its_pivot_is_not_rolled_back_though_its_deadline_passes_while_no_process_runs() {
    for how in [End::Crash, End::Shutdown] {
        let (depot, journal) = (Arc::new(Depot::default()), InMemoryJournal::new());
        life(async {
            let engine = open(&depot, journal.clone()).await;
            engine.submit::<OrderSaga>("o-1", 4_900).await.unwrap();
            sleep(Duration::from_secs(1)).await;
            end(&engine, how).await;
        });
        let calls = ["reserve 4900", "hold 4900", "charge 4900", "ship 4900"];
        assert_eq!(depot.calls.take(), [&calls[..], &["mail 4900"]].concat());
        let journal = later(Clock::Passed(2 * HOUR), &journal);
        depot.works.store(true, Ordering::Relaxed);
        life(async {
            let engine = open(&depot, journal).await;
            let ended = engine.outcome::<OrderSaga>("o-1").await.unwrap();
            assert_eq!(text(&ended), "completed: 4900", "{how:?}");
        });
        assert_eq!(depot.calls.take(), ["mail 4900"], "{how:?}");
    }
}

#[test]
fn a_saga_that_is_rolled_back_goes_on_with_that_though_its_deadline_passes_meanwhile() {
    for how in [End::Crash, End::Shutdown] {
        let (depot, journal) = (Arc::new(Depot::default()), InMemoryJournal::new());
        life(async {
            let engine = open(&depot, journal.clone()).await;
            engine.submit::<DoomedSaga>("o-1", 7).await.unwrap();
            sleep(Duration::from_secs(1)).await;
            end(&engine, how).await;
        });
        let calls = [
            "reserve 7",
            "hold 7",
            "charge 7",
            "pack 7",
            "ship 7",
            "unpack 7",
        ];
        assert_eq!(depot.calls.take(), calls);
        let journal = later(Clock::Passed(2 * HOUR), &journal);
        depot.works.store(true, Ordering::Relaxed);
        life(async {
            let engine = open(&depot, journal).await;
            let ended = engine.outcome::<DoomedSaga>("o-1").await.unwrap();
            assert_eq!(
                text(&ended),
                "saga `doomed` (o-1) was compensated: step `ship` failed: no courier",
                "{how:?}"
            );
        });
        let calls = ["unpack 7", "refund 7", "unhold 7", "release 7"];
        assert_eq!(depot.calls.take(), calls, "{how:?}");
    }
}

#[test]
fn a_cancellation_in_the_second_life_comes_too_late_past_the_pivot_and_in_an_undo() {
    let (depot, journal) = (Arc::new(Depot::default()), InMemoryJournal::new());
    life(async {
        let engine = open(&depot, journal.clone()).await;
        engine.submit::<OrderSaga>("o-1", 1).await.unwrap();
        engine.submit::<DoomedSaga>("o-2", 2).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    });
    depot.calls.take();
    depot.works.store(true, Ordering::Relaxed);
    life(async {
        let engine = open(&depot, journal).await;
        for id in ["o-1", "o-2"] {
            let asked = engine.cancel(id).await.unwrap();
            assert_eq!(asked, CancelOutcome::TooLate, "{id}");
        }
        let ended = engine.outcome::<OrderSaga>("o-1").await.unwrap();
        assert_eq!(text(&ended), "completed: 1");
        let ended = engine.outcome::<DoomedSaga>("o-2").await.unwrap();
        assert_eq!(
            text(&ended),
            "saga `doomed` (o-2) was compensated: step `ship` failed: no courier"
        );
    });
}

/// The process ends in a call of the nested saga, and the whole saga is overdue or cancelled before it continues:
/// the call is finished first, and then everything is rolled back.
#[test]
fn a_call_in_flight_of_a_nested_saga_is_finished_before_an_overdue_or_cancelled_saga_is_rolled_back()
 {
    for (call, before, after) in [
        (
            "hold",
            &["reserve 9", "hold 9"][..],
            &["hold 9", "unhold 9", "release 9"][..],
        ),
        (
            "charge",
            &["reserve 9", "hold 9", "charge 9"],
            &["charge 9", "refund 9", "unhold 9", "release 9"],
        ),
    ] {
        for is_cancelled in [false, true] {
            let (depot, journal) = (Arc::new(Depot::default()), InMemoryJournal::new());
            depot.hangs(call);
            life(async {
                let engine = open(&depot, journal.clone()).await;
                engine.submit::<OrderSaga>("o-1", 9).await.unwrap();
                depot.reached.notified().await;
                if is_cancelled {
                    let asked = engine.cancel("o-1").await.unwrap();
                    assert_eq!(asked, CancelOutcome::Requested);
                }
            });
            assert_eq!(depot.calls.take(), before);
            depot.takes("", Duration::ZERO);
            let passed = if is_cancelled {
                Duration::ZERO
            } else {
                2 * HOUR
            };
            let journal = later(Clock::Passed(passed), &journal);
            life(async {
                let engine = open(&depot, journal).await;
                let ended = engine.outcome::<OrderSaga>("o-1").await.unwrap();
                let why = if is_cancelled {
                    "cancelled"
                } else {
                    "the deadline passed"
                };
                let end = format!("saga `order` (o-1) was compensated: {why}");
                assert!(text(&ended).starts_with(&end), "{}", text(&ended));
            });
            assert_eq!(depot.calls.take(), after, "{call} {is_cancelled}");
        }
    }
}

#[test]
fn a_pivot_in_flight_is_finished_though_the_saga_is_overdue_and_then_it_only_goes_forward() {
    let (depot, journal) = (Arc::new(Depot::default()), InMemoryJournal::new());
    depot.hangs("ship");
    depot.works.store(true, Ordering::Relaxed);
    life(async {
        let engine = open(&depot, journal.clone()).await;
        engine.submit::<OrderSaga>("o-1", 9).await.unwrap();
        depot.reached.notified().await;
    });
    depot.calls.take();
    depot.takes("", Duration::ZERO);
    let journal = later(Clock::Passed(2 * HOUR), &journal);
    life(async {
        let engine = open(&depot, journal).await;
        let ended = engine.outcome::<OrderSaga>("o-1").await.unwrap();
        assert_eq!(text(&ended), "completed: 9");
    });
    assert_eq!(depot.calls.take(), ["ship 9", "mail 9"]);
}

/// The input of a nested saga, which differs each time it is made.
#[derive(Debug)]
struct Rates(Arc<Depot>);

#[saga(name = "rates", input = u32)]
impl Rates {
    #[step(compensate = release)]
    async fn reserve(&self, #[input] order: &u32) -> Result<u32, String> {
        self.0.call("reserve", *order).await
    }

    #[step(
        saga = PaymentsSaga,
        on = &*self.0,
        retry(attempts = 2, backoff = "1m..1m"),
        timeout = "30m"
    )]
    fn pay(&self, reserve: &u32) -> u32 {
        *reserve * self.0.rate.fetch_add(1, Ordering::Relaxed)
    }

    #[step(pivot)]
    async fn ship(&self, pay: &u32) -> Result<u32, String> {
        self.0.call("ship", *pay).await
    }

    async fn release(&self, order: &u32) -> Result<(), String> {
        self.0.call("release", *order).await.map(drop)
    }
}

#[test]
fn a_nested_saga_goes_on_with_the_input_that_it_began_with() {
    // Before and after each write: the amount is that in the record, if there is one.
    let mut crashes = 0;
    let open = async |depot: &Arc<Depot>, journal: CutJournal| {
        let builder = Engine::builder().register::<RatesSaga>(Rates(Arc::clone(depot)));
        builder.open(journal).await.unwrap()
    };
    for kill in (1..=9).flat_map(|nth| [Kill::Before(nth), Kill::After(nth)]) {
        let (depot, kept) = (Arc::new(Depot::default()), InMemoryJournal::new());
        depot.rate.store(2, Ordering::Relaxed);
        let first = CutJournal::new(kept.clone(), kill);
        let ended = life(async {
            let engine = open(&depot, first.clone()).await;
            let run = async {
                let mut handle = engine.submit::<RatesSaga>("o-1", 100).await.unwrap();
                handle.outcome().await.unwrap()
            };
            tokio::select! {
                biased;
                () = first.over() => None,
                ended = run => Some(ended),
            }
        });
        if ended.is_some() {
            continue;
        }
        crashes += 1;
        let began = entries(&kept)
            .iter()
            .any(|entry| matches!(entry, Entry::NestedBegan { .. }));
        let rate = if began {
            2
        } else {
            depot.rate.load(Ordering::Relaxed)
        };
        life(async {
            let engine = open(&depot, CutJournal::new(kept.clone(), Kill::Never)).await;
            let mut handle = engine.submit::<RatesSaga>("o-1", 100).await.unwrap();
            let ended = handle.outcome().await.unwrap();
            assert_eq!(
                text(&ended),
                format!("completed: {}", rate * 100),
                "{kill:?}"
            );
        });
        let charges: Vec<_> = depot.calls.take();
        let charges = charges
            .iter()
            .filter(|call| call.starts_with("hold") || call.starts_with("charge"));
        for charge in charges {
            assert!(
                charge.ends_with(&format!(" {}", rate * 100)),
                "{kill:?}: {charge}"
            );
        }
    }
    assert_eq!(crashes, 14);
}

#[test]
fn the_time_limit_of_a_nested_saga_is_a_moment_that_no_restart_and_no_clock_moves() {
    // This much of its 30 minutes is left in the second life. A clock that was set back adds nothing.
    let (passed, set_back) = (
        Clock::Passed(Duration::from_mins(20)),
        Clock::SetBack(3 * HOUR),
    );
    for (clock, left) in [(passed, 10), (set_back, 30)] {
        for (takes, is_in_time) in [(left - 1, true), (left + 1, false)] {
            let (depot, journal) = (Arc::new(Depot::default()), InMemoryJournal::new());
            depot.rate.store(1, Ordering::Relaxed);
            depot.hangs("hold");
            let open = async |journal: InMemoryJournal| {
                let builder = Engine::builder().register::<RatesSaga>(Rates(Arc::clone(&depot)));
                builder.open(journal).await.unwrap()
            };
            life(async {
                let engine = open(journal.clone()).await;
                engine.submit::<RatesSaga>("o-1", 100).await.unwrap();
                depot.reached.notified().await;
            });
            assert_eq!(depot.calls.take(), ["reserve 100", "hold 100"]);
            depot.takes("hold", Duration::from_mins(takes));
            let journal = later(clock, &journal);
            life(async {
                let engine = open(journal).await;
                depot.reached.notified().await;
                sleep(Duration::from_mins(takes) + Duration::from_secs(1)).await;
                let calls = depot.calls.take();
                let next = if is_in_time {
                    "charge 100"
                } else {
                    "unhold 100"
                };
                assert_eq!(calls[1], next, "{clock:?}, {takes} minutes: {calls:?}");
                drop(engine);
            });
        }
    }
}

#[test]
fn a_clock_that_was_set_back_makes_neither_a_wait_nor_the_deadline_longer() {
    let (depot, journal) = (Arc::new(Depot::default()), InMemoryJournal::new());
    life(async {
        let engine = open(&depot, journal.clone()).await;
        engine.submit::<OrderSaga>("o-1", 1).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    });
    depot.calls.take();
    depot.works.store(true, Ordering::Relaxed);
    let journal = later(Clock::SetBack(1_000 * HOUR), &journal);
    life(async {
        let engine = open(&depot, journal).await;
        sleep(101 * HOUR).await;
        assert_eq!(depot.calls.take(), ["mail 1"]);
        let ended = engine.outcome::<OrderSaga>("o-1").await.unwrap();
        assert_eq!(text(&ended), "completed: 1");
    });

    // The deadline of an hour, with a call in flight.
    for (takes, end) in [
        (59, "completed: 2"),
        (
            61,
            "saga `order` (o-2) was compensated: the deadline passed",
        ),
    ] {
        let (depot, journal) = (Arc::new(Depot::default()), InMemoryJournal::new());
        depot.works.store(true, Ordering::Relaxed);
        depot.hangs("reserve");
        life(async {
            let engine = open(&depot, journal.clone()).await;
            engine.submit::<OrderSaga>("o-2", 2).await.unwrap();
            depot.reached.notified().await;
        });
        depot.takes("reserve", Duration::from_mins(takes));
        let journal = later(Clock::SetBack(1_000 * HOUR), &journal);
        life(async {
            let engine = open(&depot, journal).await;
            let ended = engine.outcome::<OrderSaga>("o-2").await.unwrap();
            assert_eq!(text(&ended), end, "{takes} minutes");
        });
    }
}

#[derive(Debug, Default)]
struct Two {
    calls: Calls,
    reached: Notify,
}

#[saga]
impl Two {
    #[step(compensate = undo_first)]
    async fn first(&self, _order: &u32) -> Result<u32, String> {
        self.calls.add("first");
        self.reached.notify_one();
        sleep(Duration::from_secs(1)).await;
        Ok(1)
    }

    #[step(compensate = undo_second)]
    async fn second(&self, _first: &u32) -> Result<u64, String> {
        self.calls.add("second");
        Ok(2)
    }

    #[step]
    async fn third(&self, _second: &u64) -> Result<u8, String> {
        self.calls.add("third");
        Ok(3)
    }

    async fn undo_first(&self, _first: &u32) -> Result<(), String> {
        self.calls.add("undo first");
        Ok(())
    }

    async fn undo_second(&self, _second: &u64) -> Result<(), String> {
        self.calls.add("undo second");
        Ok(())
    }
}

#[test]
fn a_cancelled_saga_begins_no_step_in_any_life() {
    let mut crashes = 0;
    for kill in (1..=8).flat_map(|nth| [Kill::Before(nth), Kill::After(nth)]) {
        let (two, kept) = (Arc::new(Two::default()), InMemoryJournal::new());
        let first = CutJournal::new(kept.clone(), kill);
        let open = async |journal: CutJournal| {
            let builder = Engine::builder().register::<TwoSaga>(Arc::clone(&two));
            builder.open(journal).await.unwrap()
        };
        let is_over = life(async {
            let engine = open(first.clone()).await;
            let run = async {
                let mut handle = engine.submit::<TwoSaga>("a", 1).await.unwrap();
                two.reached.notified().await;
                engine.cancel("a").await.unwrap();
                let _ = handle.outcome().await.unwrap();
            };
            tokio::select! {
                biased;
                () = first.over() => true,
                () = run => false,
            }
        });
        if !is_over {
            continue;
        }
        crashes += 1;
        let is_cancelled = !matches!(kill, Kill::Before(1 | 2) | Kill::After(1));
        life(async {
            let engine = open(CutJournal::new(kept.clone(), Kill::Never)).await;
            let mut handle = engine.submit::<TwoSaga>("a", 1).await.unwrap();
            let ended = handle.outcome().await.unwrap();
            let end = if is_cancelled {
                "saga `two` (a) was compensated: cancelled"
            } else {
                "completed: 3"
            };
            assert_eq!(text(&ended), end, "{kill:?}");
        });
        let calls = two.calls.take();
        assert_eq!(
            calls.contains(&"second".to_owned()),
            !is_cancelled,
            "{kill:?}: {calls:?}"
        );
    }
    // Submitted, cancelled, the first step, the second step as not executed, the undo, the end.
    assert_eq!(crashes, 12);
}

#[derive(Debug, Default)]
struct Studio {
    renders: AtomicU32,
    /// How long a render takes.
    takes: Mutex<Duration>,
    /// How many renders fail, after which each works.
    fails: AtomicU32,
    reached: Notify,
}

#[saga]
impl Studio {
    #[step(compensate = discard, retry(attempts = 3))]
    async fn render(&self) -> Result<u32, String> {
        let takes = *self.takes.lock().unwrap();
        let nth = self.renders.fetch_add(1, Ordering::Relaxed) + 1;
        self.reached.notify_one();
        sleep(takes).await;
        let fails = |left: u32| left.checked_sub(1);
        let failed = self
            .fails
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails);
        match failed {
            Ok(_) => Err("no light".to_owned()),
            Err(_) => Ok(nth),
        }
    }

    #[step]
    async fn publish(&self, _film: &u32) -> Result<(), String> {
        Ok(())
    }

    async fn discard(&self, _film: Attempt<&u32>) -> Result<(), String> {
        Ok(())
    }
}

/// One life that ends while the film is rendered.
fn interrupted(studio: &Arc<Studio>, journal: &InMemoryJournal, how: End) {
    life(async {
        let builder = Engine::builder().register::<StudioSaga>(Arc::clone(studio));
        let engine = builder.open(journal.clone()).await.unwrap();
        engine.submit::<StudioSaga>("film", ()).await.unwrap();
        studio.reached.notified().await;
        if let End::Shutdown = how {
            assert_eq!(engine.shutdown(Duration::from_millis(50)).await, 1);
        }
    });
}

fn rendered(studio: &Arc<Studio>, journal: &InMemoryJournal) -> Ended<StudioSaga> {
    *studio.takes.lock().unwrap() = Duration::from_secs(1);
    life(async {
        let builder = Engine::builder().register::<StudioSaga>(Arc::clone(studio));
        let engine = builder.open(journal.clone()).await.unwrap();
        engine.outcome::<StudioSaga>("film").await.unwrap()
    })
}

fn studio() -> (Arc<Studio>, InMemoryJournal) {
    let studio = Studio {
        takes: Mutex::new(HOUR),
        ..Studio::default()
    };
    (Arc::new(studio), InMemoryJournal::new())
}

#[test]
fn an_orderly_shutdown_is_no_crash_however_often_it_interrupts_a_step() {
    let (studio, journal) = studio();
    for _ in 0..30 {
        interrupted(&studio, &journal, End::Shutdown);
    }
    let ended = rendered(&studio, &journal);
    assert_eq!(text(&ended), "completed: ()");
    assert_eq!(studio.renders.load(Ordering::Relaxed), 31);
}

#[test]
fn five_crashes_are_tolerated_among_any_number_of_shutdowns_and_the_sixth_is_not() {
    for (crashes, end) in [
        (5, "completed: ()"),
        (
            6,
            "saga `studio` (film) was compensated: step `render` is in doubt: interrupted: the process ended \
             meanwhile",
        ),
    ] {
        let (studio, journal) = studio();
        for _ in 0..crashes {
            interrupted(&studio, &journal, End::Shutdown);
            interrupted(&studio, &journal, End::Shutdown);
            interrupted(&studio, &journal, End::Crash);
        }
        let ended = rendered(&studio, &journal);
        assert_eq!(text(&ended), end, "{crashes}");
    }
}

#[test]
fn an_attempt_that_ends_starts_the_count_of_crashes_again() {
    let (studio, journal) = studio();
    for attempt in 0..3 {
        // The life that ended the previous attempt already counts as a crash of this one.
        for _ in 0..if attempt == 0 { 5 } else { 4 } {
            interrupted(&studio, &journal, End::Crash);
        }
        if attempt < 2 {
            // This attempt ends, and the next one is interrupted.
            *studio.takes.lock().unwrap() = Duration::from_secs(1);
            studio.fails.store(1, Ordering::Relaxed);
            life(async {
                let builder = Engine::builder().register::<StudioSaga>(Arc::clone(&studio));
                let engine = builder.open(journal.clone()).await.unwrap();
                studio.reached.notified().await;
                *studio.takes.lock().unwrap() = HOUR;
                studio.reached.notified().await;
                drop(engine);
            });
        }
    }
    let ended = rendered(&studio, &journal);
    assert_eq!(text(&ended), "completed: ()");
}

/// What one step does to the process.
#[derive(Debug, Default)]
struct Plant {
    aborts: Notify,
    calls: Mutex<BTreeMap<String, u32>>,
}

#[saga]
impl Plant {
    #[step(compensate = unmix)]
    async fn mix(&self, poison: &bool, run: &StepContext) -> Result<u32, String> {
        self.call(*poison, run).await
    }

    #[step(compensate = unmix)]
    async fn fill(&self, _mix: &u32, run: &StepContext) -> Result<u32, String> {
        self.call(false, run).await
    }

    #[step]
    async fn seal(&self, _fill: &u32, run: &StepContext) -> Result<u32, String> {
        self.call(false, run).await
    }

    async fn unmix(&self, _mix: Attempt<&u32>, run: &StepContext) -> Result<(), String> {
        self.call(false, run).await.map(drop)
    }
}

impl Plant {
    async fn call(&self, poison: bool, run: &StepContext) -> Result<u32, String> {
        *self
            .calls
            .lock()
            .unwrap()
            .entry(run.idempotency_key())
            .or_default() += 1;
        if poison {
            self.aborts.notify_one();
            core::future::pending::<()>().await;
        }
        sleep(Duration::from_secs(1)).await;
        Ok(1)
    }
}

#[test]
fn a_step_that_ends_its_process_takes_none_of_two_hundred_other_sagas_along() {
    let (plant, journal) = (Arc::new(Plant::default()), InMemoryJournal::new());
    let mut lives = 0;
    let states = loop {
        lives += 1;
        let is_over = life(async {
            let builder = Engine::builder().register::<PlantSaga>(Arc::clone(&plant));
            let engine = builder.open(journal.clone()).await.unwrap();
            let run = async {
                if lives == 1 {
                    for nth in 0..201 {
                        let id = format!("o-{nth}");
                        engine.submit::<PlantSaga>(id, nth == 200).await.unwrap();
                    }
                }
                for nth in 0..201 {
                    let _ = engine
                        .outcome::<PlantSaga>(format!("o-{nth}"))
                        .await
                        .unwrap();
                }
            };
            tokio::select! {
                biased;
                () = plant.aborts.notified() => false,
                () = run => true,
            }
        });
        if is_over {
            let counts = life(journal.counts()).unwrap();
            break counts
                .iter()
                .map(|count| (count.state, count.sagas))
                .collect::<Vec<_>>();
        }
        assert!(lives < 9, "a crash loop");
    };
    assert_eq!(
        states,
        [(SagaState::Compensated, 1), (SagaState::Completed, 200)]
    );
    assert_eq!(lives, 7, "six crashes, and a life in which none is left");
    let calls = plant.calls.lock().unwrap();
    assert_eq!(calls["plant/o-200/mix/do"], 6);
    // Each of the others was in flight at the first crash, and at one more at most.
    let most = calls.iter().filter(|(key, _)| !key.contains("o-200/"));
    assert!(
        most.clone().all(|(_, count)| *count <= 3),
        "{:?}",
        most.max_by_key(|(_, count)| **count)
    );
}

#[test]
fn a_saga_that_is_submitted_again_before_it_is_taken_up_goes_on() {
    let (studio, journal) = studio();
    interrupted(&studio, &journal, End::Crash);
    life(async {
        let builder = Engine::builder().register::<StudioSaga>(Arc::clone(&studio));
        let engine = builder.open(journal.clone()).await.unwrap();
        // At once, before any task of the engine runs, and only once.
        drop(engine.submit::<StudioSaga>("film", ()).await.unwrap());
        studio.reached.notified().await;
    });
    assert_eq!(studio.renders.load(Ordering::Relaxed), 2);
}
