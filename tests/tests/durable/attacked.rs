//! Restarts with a codec that fails for a while or for one saga only, and with other pairs of troubles.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use saga_core::durable::{
    CancelOutcome, Codec, CodecError, Engine, Entry, InMemoryJournal, Journal, JournalErrorKind,
    OutcomeError, Parked, SagaKey,
};
use saga_core::saga;
use saga_tests::Calls;
use saga_tests::failing_journal::{Method, Trouble, Troubled};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

const GRACE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// One life of a process. Dropping what it leaves ends it, as a crash does.
fn life<T>(run: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async { timeout(24 * HOUR, run).await.expect("no end") })
}

/// A codec that cannot read values with one of these texts.
#[derive(Debug, Clone, Default)]
struct Keys {
    lost: Arc<Mutex<BTreeSet<&'static str>>>,
    /// Changes values that contain this text.
    garbled: Arc<Mutex<Option<&'static str>>>,
}

impl Keys {
    fn lose(&self, text: &'static str) {
        self.lost.lock().unwrap().insert(text);
    }

    fn find(&self, text: &'static str) {
        self.lost.lock().unwrap().remove(text);
    }
}

impl Codec for Keys {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        Ok(json)
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        let text = String::from_utf8_lossy(written);
        let mut lost = self.lost.lock().unwrap().clone().into_iter();
        if lost.any(|lost| text.contains(lost)) {
            return Err("no key".into());
        }
        let garbled = *self.garbled.lock().unwrap();
        Ok(match garbled {
            Some(garbled) if text.contains(garbled) => b"?".to_vec(),
            _ => written.to_vec(),
        })
    }
}

#[derive(Debug, Default)]
struct Shop {
    calls: Calls,
    hangs: Mutex<bool>,
    reached: Notify,
}

#[saga(saga = OrderSaga, name = "order", input = String)]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, #[input] order: &String) -> Result<String, String> {
        self.calls.add(format!("reserve {order}"));
        if *self.hangs.lock().unwrap() {
            self.reached.notify_one();
            core::future::pending::<()>().await;
        }
        Ok(order.clone())
    }

    #[step(no_compensation = "a note")]
    async fn note(&self, reserve: &str) -> Result<String, String> {
        Ok(reserve.to_owned())
    }

    async fn release(&self, reserve: &String) -> Result<(), String> {
        self.calls.add(format!("release {reserve}"));
        Ok(())
    }
}

async fn open(journal: &InMemoryJournal, keys: &Keys, shop: &Arc<Shop>, places: usize) -> Engine {
    Engine::builder()
        .codec(keys.clone())
        .max_in_flight(places)
        .register::<OrderSaga>(Arc::clone(shop))
        .open(journal.clone())
        .await
        .unwrap()
}

/// Two sagas whose first steps are in flight when the process ends.
fn two_interrupted(journal: &InMemoryJournal, keys: &Keys) {
    life(async {
        let shop = Arc::new(Shop::default());
        *shop.hangs.lock().unwrap() = true;
        let engine = open(journal, keys, &shop, 10).await;
        for order in ["red", "blue"] {
            engine
                .submit::<OrderSaga>(order, order.to_owned())
                .await
                .unwrap();
            shop.reached.notified().await;
        }
    });
}

#[test]
fn a_codec_that_fails_for_one_saga_does_not_keep_those_waiting_that_were_read_when_a_process_ended()
{
    let (journal, keys) = (InMemoryJournal::new(), Keys::default());
    two_interrupted(&journal, &keys);
    keys.lose("red");
    keys.lose("blue");
    // A process reads both, and ends before it succeeds.
    life(async {
        let engine = open(&journal, &keys, &Arc::default(), 10).await;
        sleep(HOUR).await;
        drop(engine);
    });
    keys.find("blue");
    life(async {
        let engine = open(&journal, &keys, &Arc::default(), 10).await;
        sleep(HOUR).await;
        let blue = timeout(HOUR, engine.outcome::<OrderSaga>("blue")).await;
        assert!(blue.expect("it waits for another saga").unwrap().is_ok());
        assert!(engine.outcome::<OrderSaga>("red").await.is_err());
        keys.find("red");
        sleep(HOUR).await;
        assert!(engine.outcome::<OrderSaga>("red").await.unwrap().is_ok());
        engine.shutdown(GRACE).await;
    });
}

#[test]
fn a_codec_that_fails_for_one_saga_leaves_its_place_to_the_others() {
    let (journal, keys) = (InMemoryJournal::new(), Keys::default());
    two_interrupted(&journal, &keys);
    keys.lose("red");
    life(async {
        let engine = open(&journal, &keys, &Arc::default(), 1).await;
        sleep(HOUR).await;
        let blue = timeout(HOUR, engine.outcome::<OrderSaga>("blue")).await;
        assert!(blue.expect("it waits for another saga").unwrap().is_ok());
        keys.find("red");
        sleep(HOUR).await;
        assert!(engine.outcome::<OrderSaga>("red").await.unwrap().is_ok());
        engine.shutdown(GRACE).await;
    });
}

#[test]
fn a_shutdown_does_not_wait_for_a_codec_that_fails_where_nothing_is_in_flight() {
    let (journal, keys) = (InMemoryJournal::new(), Keys::default());
    two_interrupted(&journal, &keys);
    keys.lose("red");
    keys.lose("blue");
    life(async {
        let engine = open(&journal, &keys, &Arc::default(), 10).await;
        sleep(HOUR).await;
        let begun = Instant::now();
        assert_eq!(engine.shutdown(GRACE).await, 0);
        assert!(begun.elapsed() < GRACE);
    });
}

#[test]
fn processes_that_are_shut_down_while_the_codec_fails_have_not_ended_over_the_saga() {
    let (journal, keys) = (InMemoryJournal::new(), Keys::default());
    two_interrupted(&journal, &keys);
    keys.lose("red");
    keys.lose("blue");
    for _ in 0..20 {
        life(async {
            let engine = open(&journal, &keys, &Arc::default(), 10).await;
            sleep(HOUR).await;
            engine.shutdown(GRACE).await;
        });
    }
    keys.find("red");
    keys.find("blue");
    life(async {
        let engine = open(&journal, &keys, &Arc::default(), 10).await;
        for order in ["red", "blue"] {
            assert!(engine.outcome::<OrderSaga>(order).await.unwrap().is_ok());
        }
        engine.shutdown(GRACE).await;
    });
}

#[test]
fn a_saga_that_many_processes_could_not_read_goes_on_when_one_can() {
    let (journal, keys) = (InMemoryJournal::new(), Keys::default());
    two_interrupted(&journal, &keys);
    *keys.garbled.lock().unwrap() = Some("red");
    for _ in 0..20 {
        life(async {
            let engine = open(&journal, &keys, &Arc::default(), 10).await;
            match engine.outcome::<OrderSaga>("red").await.unwrap_err() {
                OutcomeError::Parked { reason, .. } => {
                    assert!(matches!(reason, Parked::Unreadable(_)), "{reason:?}");
                }
                error => panic!("{error:?}"),
            }
            engine.shutdown(GRACE).await;
        });
    }
    *keys.garbled.lock().unwrap() = None;
    life(async {
        let engine = open(&journal, &keys, &Arc::default(), 10).await;
        let ended = engine.outcome::<OrderSaga>("red").await.unwrap();
        assert_eq!(ended.unwrap(), "red");
        engine.shutdown(GRACE).await;
    });
}

#[test]
fn a_saga_that_is_asked_to_end_a_thousand_times_has_one_record_of_it() {
    let (journal, keys) = (InMemoryJournal::new(), Keys::default());
    let shop = Arc::new(Shop::default());
    *shop.hangs.lock().unwrap() = true;
    life(async {
        let engine = open(&journal, &keys, &shop, 10).await;
        let order = "red".to_owned();
        engine.submit::<OrderSaga>("red", order).await.unwrap();
        shop.reached.notified().await;
        for _ in 0..1_000 {
            let outcome = engine.cancel("red").await.unwrap();
            assert_eq!(outcome, CancelOutcome::Requested);
        }
    });
    let records = life(journal.records(SagaKey(1))).unwrap();
    let requests = records
        .iter()
        .filter(|record| record.entry == Entry::CancelRequested {});
    assert_eq!(requests.count(), 1);
}

/// Two parallel steps that both fail once and are retried an hour later.
#[derive(Debug, Default)]
struct Pair {
    failed: AtomicU32,
}

impl Pair {
    async fn fail_once(&self) -> Result<(), String> {
        if self.failed.fetch_add(1, Ordering::Relaxed) < 2 {
            return Err("busy".to_owned());
        }
        sleep(Duration::from_secs(1)).await;
        Ok(())
    }
}

#[saga(saga = PairSaga, name = "pair", input = (), durable)]
impl Pair {
    #[step(parallel = both, no_compensation = "a note", retry(attempts = 3, backoff = "1h..1h"))]
    async fn left(&self) -> Result<(), String> {
        self.fail_once().await
    }

    #[step(parallel = both, no_compensation = "a note", retry(attempts = 3, backoff = "1h..1h"))]
    async fn right(&self) -> Result<(), String> {
        self.fail_once().await
    }
}

/// One step that takes two hours.
#[derive(Debug, Default)]
struct Slow;

#[saga(saga = SlowSaga, name = "slow", input = (), durable)]
impl Slow {
    #[step(no_compensation = "a note")]
    async fn takes_long(&self) -> Result<(), String> {
        sleep(2 * HOUR).await;
        Ok(())
    }
}

#[test]
fn two_steps_of_a_saga_that_wait_for_a_place_at_the_same_time_need_one() {
    life(async {
        let engine = Engine::builder()
            .max_in_flight(1)
            .register::<PairSaga>(Pair::default())
            .register::<SlowSaga>(Slow)
            .open(InMemoryJournal::new())
            .await
            .unwrap();
        engine.submit::<PairSaga>("pair", ()).await.unwrap();
        engine.submit::<SlowSaga>("slow", ()).await.unwrap();
        let ended = timeout(10 * HOUR, engine.outcome::<PairSaga>("pair")).await;
        let ended = ended.expect("it waits for itself").unwrap();
        assert!(ended.is_ok(), "{ended:?}");
    });
}

/// A step that fails and is retried an hour later.
#[derive(Debug, Default)]
struct Busy {
    calls: Calls,
}

#[saga(saga = BusySaga, name = "busy", input = (), durable)]
impl Busy {
    #[step(no_compensation = "a note", retry(attempts = 3, backoff = "1h..1h"))]
    async fn charge(&self) -> Result<(), String> {
        self.calls.add("charge".to_owned());
        Err("busy".to_owned())
    }
}

#[test]
fn a_saga_that_is_cancelled_while_its_next_attempt_waits_for_a_place_begins_no_other() {
    life(async {
        let busy = Arc::new(Busy::default());
        let engine = Engine::builder()
            .max_in_flight(1)
            .register::<BusySaga>(Arc::clone(&busy))
            .register::<SlowSaga>(Slow)
            .open(InMemoryJournal::new())
            .await
            .unwrap();
        engine.submit::<BusySaga>("busy", ()).await.unwrap();
        engine.submit::<SlowSaga>("slow", ()).await.unwrap();
        // After an hour and a half the wait is over, and no place is free.
        sleep(HOUR + HOUR / 2).await;
        let outcome = engine.cancel("busy").await.unwrap();
        assert_eq!(outcome, CancelOutcome::Requested);
        let ended = timeout(10 * HOUR, engine.outcome::<BusySaga>("busy")).await;
        let error = ended.expect("no end").unwrap().unwrap_err();
        assert_eq!(busy.calls.take().len(), 1, "{error}");
    });
}

#[test]
fn a_journal_that_failed_and_then_refused_a_record_is_there_again_for_the_others() {
    let journal = Troubled::new(&[
        (
            Method::Append,
            1,
            Trouble::Before(JournalErrorKind::Unavailable),
        ),
        (
            Method::Append,
            2,
            Trouble::Before(JournalErrorKind::Conflict),
        ),
    ]);
    life(async {
        let engine = Engine::builder()
            .register::<SlowSaga>(Slow)
            .register::<OrderSaga>(Shop::default())
            .open(journal)
            .await
            .unwrap();
        // It records nothing for two hours.
        engine.submit::<SlowSaga>("slow", ()).await.unwrap();
        let order = "red".to_owned();
        engine.submit::<OrderSaga>("red", order).await.unwrap();
        sleep(Duration::from_mins(1)).await;
        let red = engine.outcome::<OrderSaga>("red").await;
        assert!(matches!(red, Err(OutcomeError::Parked { .. })), "{red:?}");
        let ended = engine.outcome::<SlowSaga>("slow").await.unwrap();
        assert!(ended.is_ok(), "{ended:?}");
    });
}
