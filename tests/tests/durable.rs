//! The engine over a journal in memory.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use saga_core::durable::{Engine, MemoryJournal};
use saga_core::{Attempt, End, StepContext, saga};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Order {
    item: String,
    fail: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Reservation(String);

#[derive(Debug, Default, Clone)]
struct Shop(Arc<Mutex<Vec<String>>>);

impl Shop {
    fn note(&self, call: &str, order: &Order) -> Result<(), String> {
        self.0.lock().unwrap().push(call.to_owned());
        match &order.fail {
            Some(fail) if fail == call => Err(format!("no {call}")),
            _ => Ok(()),
        }
    }

    fn calls(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[saga]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, order: &Order) -> Result<Reservation, String> {
        self.note("reserve", order)?;
        Ok(Reservation(order.item.clone()))
    }

    #[step(compensate = refund, retry(attempts = 3, backoff = "1s..2s"))]
    async fn charge(
        &self,
        reservation: &Reservation,
        #[input] order: &Order,
    ) -> Result<u32, String> {
        let _ = reservation;
        self.note("charge", order)?;
        Ok(7)
    }

    #[step(pivot)]
    async fn ship(&self, #[input] order: &Order) -> Result<String, String> {
        self.note("ship", order)?;
        Ok(format!("{} sent", order.item))
    }

    async fn release(
        &self,
        reservation: &Reservation,
        #[input] order: &Order,
    ) -> Result<(), String> {
        let _ = reservation;
        self.note("release", order)
    }

    async fn refund(
        &self,
        paid: Attempt<&u32>,
        #[input] order: &Order,
        run: &StepContext,
    ) -> Result<(), String> {
        let _ = (paid, run);
        self.note("refund", order)
    }
}

fn order(fail: Option<&str>) -> Order {
    Order {
        item: "lamp".to_owned(),
        fail: fail.map(str::to_owned),
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_completes_and_is_asked_about_in_another_life() {
    let (shop, journal) = (Shop::default(), MemoryJournal::new());
    let builder = Engine::builder().register::<ShopSaga>(shop.clone());
    let engine = builder.open(journal.clone()).await.unwrap();
    let mut handle = engine
        .submit::<ShopSaga>("order-1", order(None))
        .await
        .unwrap();
    assert_eq!(handle.outcome().await.unwrap().unwrap(), "lamp sent");
    assert_eq!(handle.outcome().await.unwrap().unwrap(), "lamp sent");
    assert_eq!(engine.shutdown(Duration::from_secs(1)).await, 0);
    let builder = Engine::builder().register::<ShopSaga>(shop.clone());
    let engine = builder.open(journal).await.unwrap();
    let ended = engine.outcome::<ShopSaga>("order-1").await.unwrap();
    assert_eq!(ended.unwrap(), "lamp sent");
    assert_eq!(shop.calls(), ["reserve", "charge", "ship"]);
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_fails_is_undone_and_keeps_its_report() {
    let (shop, journal) = (Shop::default(), MemoryJournal::new());
    let builder = Engine::builder().register::<ShopSaga>(shop.clone());
    let engine = builder.open(journal.clone()).await.unwrap();
    let submitted = engine.submit::<ShopSaga>("order-1", order(Some("ship")));
    let mut handle = submitted.await.unwrap();
    let live = handle.outcome().await.unwrap().unwrap_err();
    assert_eq!(live.end(), End::Compensated);
    assert_eq!(
        shop.calls(),
        ["reserve", "charge", "ship", "refund", "release"]
    );
    engine.shutdown(Duration::from_secs(1)).await;
    let builder = Engine::builder().register::<ShopSaga>(shop.clone());
    let engine = builder.open(journal).await.unwrap();
    let read = engine.outcome::<ShopSaga>("order-1").await.unwrap();
    let read = read.unwrap_err();
    assert_eq!(read.to_string(), live.to_string());
    assert_eq!(read.report().to_string(), live.report().to_string());
    let report = engine.report("order-1").await.unwrap().unwrap();
    assert_eq!(report.to_string(), live.report().to_string());
}
