//! What a host gets to pass the next time, records that panic, and a clock that was set back.

use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

use saga_core::durable::{
    Answer, Carried, Hosted, HostedStop, InFlight, NoRequests, Record, Records, SagaState,
};
use saga_core::{Attempt, CancellationToken, Policy, RunOptions, StepContext, saga};
use saga_hosted_tests::memory::{Kept, MemoryRecords};
use saga_hosted_tests::run::{Life, OneRun, runtime};
use tokio::time::sleep;

#[derive(Default)]
struct Bank {
    calls: Arc<AtomicU32>,
    hangs: AtomicBool,
}

#[saga(durable)]
impl Bank {
    #[step(at_most_once, compensate = recall)]
    async fn wire(&self, cents: &u32) -> Result<u32, String> {
        self.calls.fetch_add(1, SeqCst);
        if self.hangs.load(SeqCst) {
            sleep(Duration::from_secs(1_000)).await;
        }
        Ok(*cents)
    }

    #[step(pivot)]
    async fn book(&self, _wired: &u32) -> Result<(), String> {
        Ok(())
    }

    async fn recall(&self, _wired: Attempt<&u32>) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn a_shutdown_before_an_interrupted_call_began_again_says_that_it_is_still_interrupted() {
    let calls = Arc::new(AtomicU32::new(0));
    let bank = |hangs: bool, shutdown: &CancellationToken| {
        let (calls, hangs) = (Arc::clone(&calls), AtomicBool::new(hangs));
        Hosted::<BankSaga>::new(Bank { calls, hangs }, RunOptions::new(), shutdown.clone())
    };
    let open = CancellationToken::new();
    let first = bank(true, &open);
    let run = OneRun::of(&first, "id", "7");
    run.crash(&first, Life::in_order().lasts(Duration::from_secs(5)));
    let closed = CancellationToken::new();
    closed.cancel();
    let stop = run.stop(&bank(false, &closed), Life::after_crash());
    let HostedStop::ShutDown { in_flight } = stop else {
        panic!("{stop}");
    };
    assert_eq!(in_flight, InFlight::Interrupted);
    let error = run
        .end(&bank(false, &open), Life::after_crash())
        .unwrap_err();
    assert_eq!(error.step().unwrap().name, "wire");
    assert!(error.in_doubt() && !error.is_stuck());
    assert_eq!(calls.load(SeqCst), 1);
    // A run whose calls have not begun keeps them so.
    let run = OneRun::of(&first, "other", "7");
    let stop = run.stop(&bank(false, &closed), Life::in_order());
    let is_not_begun = matches!(
        stop,
        HostedStop::ShutDown {
            in_flight: InFlight::NotBegun
        }
    );
    assert!(is_not_begun, "{stop}");
}

#[derive(Default)]
struct Parts;

#[saga(durable)]
impl Parts {
    #[step(compensate = undo_left)]
    async fn left(&self, n: &u32) -> Result<u32, String> {
        Ok(*n)
    }

    #[step(only_if = is_any, compensate = undo_right)]
    async fn right(&self, left: &u32) -> Result<u32, String> {
        Ok(*left)
    }

    #[step(readonly)]
    async fn sum(&self, right: Option<&u32>) -> Result<u32, String> {
        Ok(right.copied().unwrap_or_default())
    }

    fn is_any(&self, left: &u32) -> bool {
        *left > 0
    }

    async fn undo_left(&self, _left: &u32) -> Result<(), String> {
        Ok(())
    }

    async fn undo_right(&self, _right: &u32) -> Result<(), String> {
        Ok(())
    }
}

#[derive(Default)]
struct Whole {
    parts: Parts,
}

#[saga(durable)]
impl Whole {
    #[step(saga = PartsSaga, on = self.parts)]
    fn assemble(&self, n: &u32) -> u32 {
        *n
    }

    #[step(pivot)]
    async fn ship(&self, sum: &u32) -> Result<u32, String> {
        Ok(*sum)
    }
}

/// Records whose write of this number panics once: when it is called, or when its answer is polled.
struct Panicking {
    kept: Kept,
    writes: AtomicU32,
    nth: u32,
    panics_in_call: bool,
}

impl Records for Panicking {
    fn append(&self, records: Arc<[Record]>, state: Option<SagaState>) -> Answer<'_, ()> {
        let panics = self.writes.fetch_add(1, SeqCst) + 1 == self.nth;
        assert!(!(panics && self.panics_in_call), "the keeper panics");
        Box::pin(async move {
            assert!(!panics, "the keeper panics");
            let sink = MemoryRecords::new(&self.kept, &[]);
            sink.append(records, state).await
        })
    }
}

#[test]
fn records_that_panic_count_as_unavailable_and_are_written_again() {
    let mut panicked = 0;
    for (nth, panics_in_call) in (1..=8).flat_map(|nth| [(nth, false), (nth, true)]) {
        let whole = Hosted::<WholeSaga>::new(
            Whole::default(),
            RunOptions::new(),
            CancellationToken::new(),
        );
        let run = OneRun::of(&whole, "id", "7");
        let sink = Panicking {
            kept: run.kept.clone(),
            writes: AtomicU32::new(0),
            nth,
            panics_in_call,
        };
        let records = run.kept.all();
        let carried =
            runtime().block_on(whole.carry("id", records, InFlight::NotBegun, sink, NoRequests));
        let Ok(Carried::Ended(Ok(sum))) = &carried else {
            panic!("write {nth}: {carried:?}");
        };
        assert_eq!(*sum, 7);
        panicked += 1;
    }
    assert_eq!(panicked, 16);
}

struct Busy;

#[saga(durable)]
impl Busy {
    #[step]
    async fn ask(&self, _n: &u32, run: &StepContext) -> Result<u32, String> {
        if run.attempt() == 1 {
            Err("busy".to_owned())
        } else {
            Ok(1)
        }
    }
}

#[test]
fn a_clock_that_was_set_back_makes_no_wait_longer() {
    // The wait is drawn at random below this.
    let longest = Duration::from_hours(1);
    let policy = Policy::attempts(2).backoff(longest, longest);
    let options = RunOptions::new().policy("ask", policy).unwrap();
    let busy = Hosted::<BusySaga>::new(Busy, options, CancellationToken::new());
    let busy = busy.waits_up_to(Duration::ZERO);
    let run = OneRun::of(&busy, "id", "1");
    let _ = run.wait(&busy, Life::in_order());
    run.kept.change(|records| {
        for record in records {
            record.at += 365 * 86_400_000;
        }
    });
    let wait = run.wait(&busy, Life::in_order());
    assert!(wait <= longest, "{wait:?}");
}
