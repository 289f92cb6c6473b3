//! A step with a condition whose record is slow, and an engine that is shut down twice: neither makes a step fail.

use core::time::Duration;
use std::sync::{Arc, Mutex};

use saga_core::durable::{Engine, InMemoryJournal, Journal as _, JournalErrorKind};
use saga_core::saga;
use saga_tests::failing_journal::{Method, Trouble, Troubled};
use tokio::time::{sleep, timeout};

/// Records the methods that are called.
#[derive(Clone, Default)]
struct Parcel(Arc<Mutex<Vec<&'static str>>>);

impl Parcel {
    fn add(&self, call: &'static str) {
        self.0.lock().unwrap().push(call);
    }
}

#[saga(durable)]
impl Parcel {
    #[step(compensate = unpack)]
    async fn pack(&self, items: &u32) -> Result<u32, String> {
        self.add("pack");
        Ok(*items)
    }

    #[step(only_if = is_far, timeout = "1s", compensate = return_parcel, at_most_once)]
    async fn send(&self, items: &u32) -> Result<u64, String> {
        self.add("send");
        sleep(Duration::from_millis(900)).await;
        Ok(u64::from(*items))
    }

    #[step(pivot)]
    async fn bill(&self) -> Result<(), String> {
        self.add("bill");
        Ok(())
    }

    fn is_far(&self, _items: &u32) -> bool {
        true
    }

    async fn unpack(&self, _items: &u32) -> Result<(), String> {
        self.add("unpack");
        Ok(())
    }

    async fn return_parcel(&self, _sent: saga_core::Attempt<&u64>) -> Result<(), String> {
        self.add("return_parcel");
        Ok(())
    }
}

/// The calls and the end of a run whose appends from `nth` on have this trouble, so often.
async fn calls_with(nth: usize, times: usize, trouble: Trouble) -> (Vec<&'static str>, bool) {
    let parcel = Parcel::default();
    let troubles: Vec<_> = (nth..nth + times)
        .map(|nth| (Method::Append, nth, trouble))
        .collect();
    let journal = Troubled::new(&troubles);
    let engine = Engine::builder().register::<ParcelSaga>(parcel.clone());
    let engine = engine.open(journal).await.unwrap();
    let mut handle = engine.submit::<ParcelSaga>("parcel-1", 3).await.unwrap();
    sleep(Duration::from_mins(10)).await;
    let ended = handle.outcome().await.unwrap();
    let calls = parcel.0.lock().unwrap().clone();
    (calls, ended.is_ok())
}

#[tokio::test(start_paused = true)]
async fn the_time_limit_of_a_step_does_not_count_the_record_that_its_condition_returned_true() {
    let whole = (vec!["pack", "send", "bill"], true);
    for nth in 1..=4 {
        let slow = calls_with(nth, 1, Trouble::Takes(30)).await;
        assert_eq!(slow, whole, "append {nth} takes 30 s");
        let away = Trouble::Before(JournalErrorKind::Unavailable);
        let away = calls_with(nth, 12, away).await;
        assert_eq!(away, whole, "appends from {nth} on fail for a while");
    }
}

struct Slow;

#[saga(durable)]
impl Slow {
    #[step(pivot)]
    async fn wait(&self, _seconds: &u32) -> Result<(), String> {
        sleep(Duration::from_secs(1_000)).await;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_shut_down_twice_drops_its_sagas_in_order() {
    let journal = InMemoryJournal::new();
    for life in 0..8 {
        let engine = Engine::builder().register::<SlowSaga>(Slow);
        let engine = engine.open(journal.clone()).await.unwrap();
        let mut handle = engine.submit::<SlowSaga>("slow-1", 7).await.unwrap();
        let ended = timeout(Duration::from_secs(2), handle.outcome()).await;
        assert!(ended.is_err(), "life {life}: {ended:?}");
        let patient = engine.clone();
        let patient = tokio::spawn(async move { patient.shutdown(Duration::from_secs(100)).await });
        sleep(Duration::from_secs(1)).await;
        assert_eq!(engine.shutdown(Duration::ZERO).await, 1, "life {life}");
        patient.await.unwrap();
        let saga = journal.find(&"slow-1".into()).await.unwrap().unwrap();
        let records = journal.records(saga.key).await.unwrap();
        let last = records.last().unwrap().entry.to_json();
        assert!(last.starts_with(r#"{"dropped""#), "life {life}: {last}");
    }
}
