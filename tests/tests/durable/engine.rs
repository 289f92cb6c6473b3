//! The engine over a journal in memory: its answers and its refusals.

use std::error::Error;
use std::iter::successors;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use saga_core::durable::{
    CancelError, CancelOutcome, Codec, CodecError, Engine, EngineBuilder, InMemoryJournal,
    Journal as _, JournalError, JournalErrorKind, OpenError, OutcomeError, Parked, Query,
    SagaState, Status, SubmitError,
};
use saga_core::{Attempt, End, Failure, StepContext, saga};
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Order {
    item: String,
    /// The call that fails.
    fails: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Reservation(String);

/// A receipt that may fail to serialize.
#[derive(Debug, Deserialize)]
struct Receipt(String);

impl Serialize for Receipt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 == "ink" {
            return Err(S::Error::custom("ink is not for paper"));
        }
        serializer.serialize_str(&self.0)
    }
}

/// The part of the world that survives the process: the calls.
#[derive(Debug, Default)]
struct World {
    calls: Mutex<Vec<String>>,
    /// The call that waits for this.
    holds: Option<(&'static str, Notify)>,
    reached: Notify,
}

#[derive(Debug, Default, Clone)]
struct Shop(Arc<World>);

impl Shop {
    /// A world in which this call waits until it is released.
    fn that_holds(call: &'static str) -> Self {
        Self(Arc::new(World {
            holds: Some((call, Notify::new())),
            ..World::default()
        }))
    }

    fn let_go(&self) {
        self.0.holds.as_ref().unwrap().1.notify_one();
    }

    async fn call(&self, call: &str, order: &Order) -> Result<(), String> {
        self.0.calls.lock().unwrap().push(call.to_owned());
        if let Some((held, go)) = &self.0.holds
            && *held == call
        {
            self.0.reached.notify_one();
            go.notified().await;
        }
        match &order.fails {
            Some(fails) if fails == call => Err(format!("no {call}")),
            _ => Ok(()),
        }
    }

    fn calls(&self) -> Vec<String> {
        self.0.calls.lock().unwrap().clone()
    }
}

#[saga]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, order: &Order) -> Result<Reservation, String> {
        self.call("reserve", order).await?;
        Ok(Reservation(order.item.clone()))
    }

    #[step(compensate = refund, retry(attempts = 3, backoff = "1h..1h"))]
    async fn charge(
        &self,
        reservation: &Reservation,
        #[input] order: &Order,
    ) -> Result<Receipt, String> {
        self.call("charge", order).await?;
        Ok(Receipt(reservation.0.clone()))
    }

    #[step(pivot)]
    async fn ship(&self, #[input] order: &Order) -> Result<String, String> {
        self.call("ship", order).await?;
        Ok(format!("{} sent", order.item))
    }

    async fn release(&self, _: &Reservation, #[input] order: &Order) -> Result<(), String> {
        self.call("release", order).await
    }

    async fn refund(
        &self,
        paid: Attempt<&Receipt>,
        #[input] order: &Order,
        run: &StepContext,
    ) -> Result<(), String> {
        assert!(run.step_idempotency_key().ends_with("/charge/do"));
        match paid {
            Attempt::Completed(Receipt(receipt)) => assert_eq!(*receipt, order.item),
            Attempt::InDoubt => {}
        }
        self.call("refund", order).await
    }
}

/// Another saga of the same service.
#[derive(Debug, Default, Clone)]
struct Restock(Arc<AtomicU32>);

#[saga]
impl Restock {
    #[step]
    async fn order_more(&self, order: &Order) -> Result<u32, String> {
        let _ = order;
        Ok(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// A codec that hides values, as far as this test needs it.
struct Veil;

impl Codec for Veil {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        Ok(json.into_iter().map(|byte| byte ^ 0x55).collect())
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        self.encode(written.to_vec())
    }
}

/// A saga whose input and output are secret.
struct Vault;

#[saga]
impl Vault {
    #[step(compensate = forget, sensitive)]
    async fn remember(&self, #[sensitive] secret: &str) -> Result<String, String> {
        Ok(format!("{secret} indeed"))
    }

    #[step(pivot)]
    async fn tell(&self, secret: &str) -> Result<(), String> {
        assert_eq!(secret, "sesame indeed");
        Err("sesame is no error".to_owned())
    }

    async fn forget(&self, secret: &str) -> Result<(), String> {
        assert_eq!(secret, "sesame indeed");
        Ok(())
    }
}

/// Another saga with the same name.
mod other {
    use super::Order;

    pub(super) struct Store;

    #[saga_core::saga(name = "shop", vis = pub(super))]
    impl Store {
        #[step]
        async fn close(&self, order: &Order) -> Result<(), String> {
            let _ = order;
            Ok(())
        }
    }
}

/// A saga whose step is skipped once its condition has changed.
#[derive(Default)]
struct Wrapper {
    no_more: std::sync::atomic::AtomicBool,
    shop: Shop,
}

#[saga]
impl Wrapper {
    #[step(only_if = is_a_gift, compensate = unwrap)]
    async fn wrap(&self, order: &Order) -> Result<u32, String> {
        self.shop.call("wrap", order).await?;
        Ok(1)
    }

    #[step]
    async fn send(&self, #[input] order: &Order, wrapped: Option<&u32>) -> Result<bool, String> {
        self.shop.call("send", order).await?;
        Ok(wrapped.is_some())
    }

    fn is_a_gift(&self, _: &Order) -> bool {
        !self.no_more.load(Ordering::Relaxed)
    }

    async fn unwrap(&self, _: &u32, #[input] order: &Order) -> Result<(), String> {
        self.shop.call("unwrap", order).await
    }
}

fn order(item: &str, fails: Option<&str>) -> Order {
    Order {
        item: item.to_owned(),
        fails: fails.map(str::to_owned),
    }
}

fn lamp() -> Order {
    order("lamp", None)
}

fn of(shop: &Shop) -> EngineBuilder {
    Engine::builder().register::<ShopSaga>(shop.clone())
}

async fn open(shop: &Shop, journal: &InMemoryJournal) -> Engine {
    of(shop).open(journal.clone()).await.unwrap()
}

fn all() -> Query {
    Query::new()
}

const GRACE: Duration = Duration::from_mins(1);

#[tokio::test(start_paused = true)]
async fn a_saga_completes_and_is_asked_about_in_another_life() {
    let (shop, journal) = (Shop::default(), InMemoryJournal::new());
    let engine = open(&shop, &journal).await;
    let submitted = engine.submit::<ShopSaga>("order-1", lamp()).await;
    let mut handle = submitted.unwrap();
    assert_eq!(handle.outcome().await.unwrap().unwrap(), "lamp sent");
    // The second one is read from the journal.
    assert_eq!(handle.outcome().await.unwrap().unwrap(), "lamp sent");
    assert_eq!(engine.shutdown(GRACE).await, 0);
    let engine = open(&shop, &journal).await;
    let ended = engine.outcome::<ShopSaga>("order-1").await.unwrap();
    assert_eq!(ended.unwrap(), "lamp sent");
    assert!(engine.report("order-1").await.unwrap().is_none());
    assert_eq!(shop.calls(), ["reserve", "charge", "ship"]);
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_fails_is_undone_and_keeps_its_report() {
    let (shop, journal) = (Shop::default(), InMemoryJournal::new());
    let engine = open(&shop, &journal).await;
    let submitted = engine.submit::<ShopSaga>("order-1", order("lamp", Some("ship")));
    let live = submitted.await.unwrap().outcome().await.unwrap();
    let live = live.unwrap_err();
    assert_eq!(live.end(), End::Compensated);
    let ShopSagaError::Ship(Failure::Error(error)) = live.error() else {
        panic!("{live}")
    };
    assert_eq!(error, "no ship", "the error itself");
    assert_eq!(
        shop.calls(),
        ["reserve", "charge", "ship", "refund", "release"]
    );
    engine.shutdown(GRACE).await;
    let status = engine.status("order-1").await.unwrap().unwrap();
    assert!(matches!(status.status, Status::Compensated));
    let engine = open(&shop, &journal).await;
    let read = engine.outcome::<ShopSaga>("order-1").await.unwrap();
    let read = read.unwrap_err();
    let ShopSagaError::Ship(Failure::Error(error)) = read.error() else {
        panic!("{read}")
    };
    assert_eq!(error, "no ship", "the same");
    assert_eq!(read.to_string(), live.to_string());
    assert_eq!(read.report().to_string(), live.report().to_string());
    assert_eq!(shop.calls().len(), 5, "nothing was called to read it");
    engine.shutdown(GRACE).await;
    // Also if the saga has changed.
    let builder = Engine::builder().register::<other::StoreSaga>(other::Store);
    let engine = builder.open(journal).await.unwrap();
    let report = engine.report("order-1").await.unwrap().unwrap();
    assert_eq!(report, live.report());
    assert_eq!(report.to_string(), live.report().to_string());
}

#[tokio::test(start_paused = true)]
async fn what_is_sensitive_is_in_no_report_and_with_a_codec_nothing_can_be_read_in_the_journal() {
    let journal = InMemoryJournal::new();
    let open = async || {
        let builder = Engine::builder().register::<VaultSaga>(Vault).codec(Veil);
        builder.open(journal.clone()).await.unwrap()
    };
    let engine = open().await;
    let submitted = engine.submit::<VaultSaga>("1", "sesame".to_owned()).await;
    let error = submitted.unwrap().outcome().await.unwrap().unwrap_err();
    let key = engine.status("1").await.unwrap().unwrap().key;
    for record in journal.records(key).await.unwrap() {
        let value = String::from_utf8_lossy(&record.value);
        assert!(!value.contains("sesame"), "{:?} {value}", record.entry);
        assert!(
            !record.entry.to_json().contains("sesame"),
            "{:?}",
            record.entry
        );
    }
    // It is read again, and still not shown.
    engine.shutdown(GRACE).await;
    let engine = open().await;
    let report = engine.report("1").await.unwrap().unwrap();
    assert_eq!(report, error.report());
    let steps = report.to_string().replace("sesame is no error", "");
    assert!(
        steps.contains("***") && !steps.contains("sesame"),
        "{report}"
    );
    let read = engine.outcome::<VaultSaga>("1").await.unwrap().unwrap_err();
    assert_eq!(read.report().to_string(), report.to_string());
}

#[tokio::test(start_paused = true)]
async fn one_id_is_one_run_however_often_it_is_submitted() {
    let (shop, journal) = (Shop::that_holds("charge"), InMemoryJournal::new());
    let engine = open(&shop, &journal).await;
    let submissions: Vec<_> = (0..20)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move {
                let submitted = engine.submit::<ShopSaga>("order-1", lamp()).await;
                submitted.unwrap().outcome().await.unwrap().unwrap()
            })
        })
        .collect();
    shop.0.reached.notified().await;
    shop.let_go();
    for submission in submissions {
        assert_eq!(submission.await.unwrap(), "lamp sent");
    }
    let again = engine.submit::<ShopSaga>("order-1", lamp()).await;
    assert_eq!(
        again.unwrap().outcome().await.unwrap().unwrap(),
        "lamp sent"
    );
    assert_eq!(shop.calls(), ["reserve", "charge", "ship"]);
    assert_eq!(engine.list(all()).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_id_is_not_for_another_input_or_another_saga() {
    let (shop, journal) = (Shop::that_holds("reserve"), InMemoryJournal::new());
    let builder = of(&shop).register::<RestockSaga>(Restock::default());
    let engine = builder.open(journal).await.unwrap();
    let mut handle = engine.submit::<ShopSaga>("1", lamp()).await.unwrap();
    for is_running in [true, false] {
        let other = engine.submit::<ShopSaga>("1", order("desk", None)).await;
        let refused = other.unwrap_err();
        assert!(matches!(refused, SubmitError::OtherInput { .. }));
        assert_eq!(
            refused.to_string(),
            "saga id `1` belongs to a run of `shop` with another input: a run with this input needs an \
             id of its own"
        );
        let other = engine.submit::<RestockSaga>("1", lamp()).await;
        let refused = other.unwrap_err();
        assert!(matches!(refused, SubmitError::OtherSaga { .. }));
        assert_eq!(
            refused.to_string(),
            "saga id `1` belongs to a run of `shop`; a run of `restock` needs an id of its own"
        );
        if is_running {
            shop.let_go();
            handle.outcome().await.unwrap().unwrap();
        }
    }
    let asked = engine.outcome::<RestockSaga>("1").await.unwrap_err();
    assert_eq!(
        asked.to_string(),
        "saga id `1` belongs to a run of `shop`, not of `restock`"
    );
    assert_eq!(engine.list(all()).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_leaves_nothing_behind() {
    let (shop, journal) = (Shop::default(), InMemoryJournal::new());
    let engine = open(&shop, &journal).await;
    let refused = engine.submit::<RestockSaga>("1", lamp()).await;
    let text = refused.unwrap_err().to_string();
    assert!(
        text.starts_with("saga `restock` is not registered with this engine: say `.register::<"),
        "{text}"
    );
    // Another type with the same name is another saga.
    let refused = engine.submit::<other::StoreSaga>("1", lamp()).await;
    assert!(matches!(
        refused.unwrap_err(),
        SubmitError::NotRegistered { saga: "shop", .. }
    ));
    for (id, bytes) in [(String::new(), 0), ("x".repeat(513), 513)] {
        let refused = engine.submit::<ShopSaga>(id, lamp()).await.unwrap_err();
        assert!(matches!(refused, SubmitError::Id { bytes: b } if b == bytes));
    }
    assert_eq!(engine.list(all()).await.unwrap().len(), 0);
    let asked = engine.outcome::<ShopSaga>("1").await.unwrap_err();
    assert!(matches!(asked, OutcomeError::NotFound { .. }), "{asked}");
    let asked = engine.cancel("1").await.unwrap_err();
    assert!(matches!(asked, CancelError::NotFound { .. }), "{asked}");
    assert!(engine.status("1").await.unwrap().is_none());
    assert_eq!(shop.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_journal_has_one_engine_and_a_name_one_saga() {
    let (shop, journal) = (Shop::default(), InMemoryJournal::new());
    let engine = open(&shop, &journal).await;
    let OpenError::Journal(refused) = of(&shop).open(journal.clone()).await.unwrap_err() else {
        panic!("it is the journal that refuses")
    };
    assert_eq!(refused.kind(), JournalErrorKind::Locked);
    engine.shutdown(GRACE).await;
    let twice = of(&shop).register::<other::StoreSaga>(other::Store);
    let refused = twice.open(journal.clone()).await.unwrap_err();
    assert!(matches!(refused, OpenError::SameName { saga: "shop" }));
    // Neither keeps the journal open.
    open(&shop, &journal).await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_lets_the_step_in_flight_finish_and_nothing_is_interrupted() {
    let (shop, journal) = (Shop::that_holds("reserve"), InMemoryJournal::new());
    let engine = open(&shop, &journal).await;
    let mut handle = engine.submit::<ShopSaga>("1", lamp()).await.unwrap();
    shop.0.reached.notified().await;
    let (closing, engine_too) = (engine.clone(), engine.clone());
    let closing = tokio::spawn(async move { closing.shutdown(GRACE).await });
    sleep(Duration::from_secs(1)).await;
    let refused = engine_too.submit::<ShopSaga>("2", lamp()).await;
    assert!(matches!(refused.unwrap_err(), SubmitError::ShutDown));
    shop.let_go();
    assert_eq!(closing.await.unwrap(), 0);
    let error = handle.outcome().await.unwrap_err();
    assert!(matches!(error, OutcomeError::ShutDown { .. }), "{error}");
    let error = engine.report("1").await.unwrap_err();
    assert_eq!(error.to_string(), "saga `1` has not ended");
    let status = engine.status("1").await.unwrap().unwrap();
    assert_eq!(
        status.status.to_string(),
        "shut down at step `reserve`, attempt 1, to go on"
    );
    assert_eq!(shop.calls(), ["reserve"]);
    let engine = open(&shop, &journal).await;
    let ended = engine.outcome::<ShopSaga>("1").await.unwrap();
    assert_eq!(ended.unwrap(), "lamp sent");
    assert_eq!(shop.calls(), ["reserve", "charge", "ship"]);
}

#[tokio::test(start_paused = true)]
async fn what_takes_longer_than_the_grace_is_interrupted_and_called_again() {
    let (shop, journal) = (Shop::that_holds("charge"), InMemoryJournal::new());
    let engine = open(&shop, &journal).await;
    engine.submit::<ShopSaga>("1", lamp()).await.unwrap();
    shop.0.reached.notified().await;
    assert_eq!(engine.shutdown(GRACE).await, 1);
    let engine = open(&shop, &journal).await;
    shop.let_go();
    let ended = engine.outcome::<ShopSaga>("1").await.unwrap();
    assert_eq!(ended.unwrap(), "lamp sent");
    assert_eq!(shop.calls(), ["reserve", "charge", "charge", "ship"]);
}

/// One life of a process. It ends when its future is ready.
fn life<T>(life: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(life)
}

#[test]
fn a_step_that_is_interrupted_again_and_again_gives_up_in_doubt() {
    let (shop, journal) = (Shop::that_holds("charge"), InMemoryJournal::new());
    for nth in 0..6 {
        life(async {
            let engine = open(&shop, &journal).await;
            if nth == 0 {
                engine.submit::<ShopSaga>("1", lamp()).await.unwrap();
            }
            shop.0.reached.notified().await;
        });
    }
    life(gives_up_in_doubt(&shop, &journal));
}

async fn gives_up_in_doubt(shop: &Shop, journal: &InMemoryJournal) {
    let engine = open(shop, journal).await;
    let ended = engine.outcome::<ShopSaga>("1").await.unwrap();
    let error = ended.unwrap_err();
    assert_eq!(
        error.to_string(),
        "saga `shop` (1) was compensated: step `charge` is in doubt: interrupted: the process ended \
         meanwhile"
    );
    let mut calls = vec!["reserve"];
    calls.extend(["charge"; 6]);
    calls.extend(["refund", "release"]);
    assert_eq!(shop.calls(), calls, "once, and then 5 times again");
}

#[tokio::test(start_paused = true)]
async fn attempts_and_waits_survive_and_a_wait_is_not_in_doubt() {
    let (shop, journal) = (Shop::that_holds("charge"), InMemoryJournal::new());
    for life in 1..=3 {
        let engine = open(&shop, &journal).await;
        if life == 1 {
            let order = order("lamp", Some("charge"));
            engine.submit::<ShopSaga>("1", order).await.unwrap();
        }
        shop.0.reached.notified().await;
        shop.let_go();
        if life < 3 {
            // The attempt fails, and the process ends during the wait for the next one.
            assert_eq!(engine.shutdown(GRACE).await, 0);
        } else {
            let error = engine.outcome::<ShopSaga>("1").await.unwrap();
            let error = error.unwrap_err();
            assert_eq!(error.attempts(), 3);
            assert!(!error.in_doubt(), "nothing was interrupted");
        }
    }
    assert_eq!(
        shop.calls(),
        ["reserve", "charge", "charge", "charge", "release"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_is_recorded_before_it_is_answered() {
    let (shop, journal) = (Shop::that_holds("charge"), InMemoryJournal::new());
    let engine = open(&shop, &journal).await;
    engine.submit::<ShopSaga>("1", lamp()).await.unwrap();
    shop.0.reached.notified().await;
    let asked = engine.cancel("1").await.unwrap();
    assert_eq!(asked, CancelOutcome::Requested);
    assert_eq!(engine.shutdown(Duration::ZERO).await, 1);
    // The attempt in flight is finished first, because it may have taken effect.
    let engine = open(&shop, &journal).await;
    shop.let_go();
    let error = engine.outcome::<ShopSaga>("1").await.unwrap();
    let error = error.unwrap_err();
    assert!(matches!(error.error(), ShopSagaError::Cancelled));
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        shop.calls(),
        ["reserve", "charge", "charge", "refund", "release"]
    );
    let asked = engine.cancel("1").await.unwrap();
    assert_eq!(asked, CancelOutcome::Ended(SagaState::Compensated));
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_ends_a_wait_and_comes_too_late_for_an_undo() {
    let shop = Shop::that_holds("release");
    let engine = open(&shop, &InMemoryJournal::new()).await;
    let order = order("lamp", Some("charge"));
    let mut handle = engine.submit::<ShopSaga>("1", order).await.unwrap();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(engine.cancel("1").await.unwrap(), CancelOutcome::Requested);
    shop.0.reached.notified().await;
    assert_eq!(engine.cancel("1").await.unwrap(), CancelOutcome::TooLate);
    shop.let_go();
    let error = handle.outcome().await.unwrap().unwrap_err();
    assert!(matches!(error.error(), ShopSagaError::Cancelled));
    assert_eq!(shop.calls(), ["reserve", "charge", "release"]);
}

#[tokio::test(start_paused = true)]
async fn an_output_that_cannot_be_written_is_undone_with_the_live_value() {
    let shop = Shop::default();
    let engine = open(&shop, &InMemoryJournal::new()).await;
    let submitted = engine.submit::<ShopSaga>("1", order("ink", None)).await;
    let error = submitted.unwrap().outcome().await.unwrap().unwrap_err();
    assert_eq!(
        error.to_string(),
        "saga `shop` (1) was compensated: step `charge` is in doubt: its output cannot be written to the \
         journal: ink is not for paper"
    );
    assert_eq!(shop.calls(), ["reserve", "charge", "refund", "release"]);
}

#[tokio::test(start_paused = true)]
async fn a_condition_is_asked_once_though_the_process_ends_and_its_answer_would_be_another() {
    for is_interrupted in [true, false] {
        let (shop, journal) = (Shop::that_holds("wrap"), InMemoryJournal::new());
        let wrapper = Arc::new(Wrapper {
            shop: shop.clone(),
            ..Wrapper::default()
        });
        let open = async || {
            let builder = Engine::builder().register::<WrapperSaga>(Arc::clone(&wrapper));
            builder.open(journal.clone()).await.unwrap()
        };
        let mut engine = open().await;
        if is_interrupted {
            engine.submit::<WrapperSaga>("1", lamp()).await.unwrap();
            shop.0.reached.notified().await;
            engine.shutdown(Duration::ZERO).await;
            engine = open().await;
        }
        wrapper.no_more.store(true, Ordering::Relaxed);
        shop.let_go();
        let submitted = engine.submit::<WrapperSaga>("1", lamp()).await;
        let is_wrapped = submitted.unwrap().outcome().await.unwrap().unwrap();
        assert_eq!(is_wrapped, is_interrupted);
        let calls: &[_] = if is_interrupted {
            &["wrap", "wrap", "send"]
        } else {
            &["send"]
        };
        assert_eq!(shop.calls(), calls);
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_is_not_registered_any_more_is_parked_and_goes_on_when_it_is_registered_again()
{
    let (shop, journal) = (Shop::that_holds("charge"), InMemoryJournal::new());
    let engine = open(&shop, &journal).await;
    engine.submit::<ShopSaga>("1", lamp()).await.unwrap();
    shop.0.reached.notified().await;
    engine.shutdown(Duration::ZERO).await;

    let builder = Engine::builder().register::<RestockSaga>(Restock::default());
    let engine = builder.open(journal.clone()).await.unwrap();
    let status = engine.status("1").await.unwrap().unwrap();
    assert_eq!(
        status.status.to_string(),
        "parked: no saga `shop` is registered: it goes on when an engine is opened that has it"
    );
    engine.shutdown(GRACE).await;

    // Another saga with that name does not continue it, either.
    let builder = Engine::builder().register::<other::StoreSaga>(other::Store);
    let engine = builder.open(journal.clone()).await.unwrap();
    let asked = engine.outcome::<other::StoreSaga>("1").await.unwrap_err();
    let OutcomeError::Parked {
        reason: reason @ Parked::OtherDefinition { .. },
        ..
    } = asked
    else {
        panic!("{asked}")
    };
    assert_eq!(
        reason.to_string(),
        "saga `shop` has changed since it was submitted, and goes on when an engine is opened that has it as it was: it \
         had `reserve compensated`, `charge \
         compensated in_doubt_too`, `ship pivot`, and now has `close last`"
    );
    engine.shutdown(GRACE).await;

    let engine = open(&shop, &journal).await;
    shop.let_go();
    let ended = engine.outcome::<ShopSaga>("1").await.unwrap();
    assert_eq!(ended.unwrap(), "lamp sent");
}

#[tokio::test(start_paused = true)]
async fn sagas_in_flight_are_limited_and_one_that_waits_is_not_counted() {
    let (shop, journal) = (Shop::that_holds("reserve"), InMemoryJournal::new());
    let builder = of(&shop).max_in_flight(1);
    let engine = builder.open(journal.clone()).await.unwrap();
    engine.submit::<ShopSaga>("1", lamp()).await.unwrap();
    shop.0.reached.notified().await;
    let second = engine.submit::<ShopSaga>("2", order("desk", Some("charge")));
    let mut second = Box::pin(second);
    let waited = timeout(GRACE, second.as_mut()).await;
    assert!(waited.is_err(), "it waits for a place");
    assert_eq!(
        engine.list(all()).await.unwrap().len(),
        1,
        "and is not there"
    );
    shop.let_go();
    second.await.unwrap();
    shop.0.reached.notified().await;
    shop.let_go();
    // The second saga waits for an hour before its next attempt, so a third one has its place.
    shop.let_go();
    let third = timeout(
        Duration::from_mins(10),
        engine.submit::<ShopSaga>("3", lamp()),
    );
    third.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn sagas_are_listed_by_what_became_of_them_page_by_page() {
    let (shop, journal) = (Shop::that_holds("release"), InMemoryJournal::new());
    let builder = of(&shop).register::<RestockSaga>(Restock::default());
    let engine = builder.open(journal).await.unwrap();
    for (id, fails) in [("a", None), ("b", Some("reserve")), ("c", Some("refund"))] {
        let order = order("lamp", fails);
        let mut handle = engine.submit::<ShopSaga>(id, order).await.unwrap();
        if fails != Some("refund") {
            drop(handle.outcome().await.unwrap());
        }
    }
    // `refund` is not due, because the saga completes.
    engine.outcome::<ShopSaga>("c").await.unwrap().unwrap();
    let restocked = engine.submit::<RestockSaga>("d", lamp()).await;
    restocked.unwrap().outcome().await.unwrap().unwrap();
    let order = order("lamp", Some("ship"));
    engine.submit::<ShopSaga>("e", order).await.unwrap();
    shop.0.reached.notified().await;
    let ids = async |query| {
        let listed = engine.list(query).await.unwrap();
        let ids: Vec<_> = listed.iter().map(|saga| saga.id.to_string()).collect();
        (ids.join(" "), listed)
    };
    let of_state = |state| all().state(state);
    assert_eq!(ids(all()).await.0, "a b c d e");
    assert_eq!(ids(of_state(SagaState::Completed)).await.0, "a c d");
    assert_eq!(ids(of_state(SagaState::Compensated)).await.0, "b");
    let (unfinished, listed) = ids(of_state(SagaState::Unfinished)).await;
    assert_eq!(unfinished, "e");
    let status = &listed.first().unwrap().status;
    assert!(matches!(status, Status::Running(_)), "{status}");
    assert_eq!(
        status.to_string(),
        "running undoing step `reserve`, attempt 1"
    );
    assert_eq!(ids(all().saga("restock")).await.0, "d");
    let first = all().limit(2);
    let (page, listed) = ids(first.clone()).await;
    assert_eq!(page, "a b");
    let next = first.after(listed.last().unwrap().key);
    assert_eq!(ids(next).await.0, "c d");
}

#[test]
fn the_text_of_a_journal_error_appears_once_in_an_error_and_its_sources() {
    let error = JournalError::new(JournalErrorKind::Unavailable, "the disk is full");
    let not_ended = OutcomeError::Journal {
        id: "order-1".into(),
        error: error.clone(),
    };
    let not_submitted = SubmitError::Journal {
        id: "order-1".into(),
        saga: "shop",
        error: error.clone(),
    };
    let errors: [&dyn Error; 4] = [
        &not_ended,
        &not_submitted,
        &CancelError::Journal(error.clone()),
        &OpenError::Journal(error),
    ];
    for error in errors {
        let errors = successors(Some(error), |error: &&dyn Error| (*error).source());
        let texts: Vec<_> = errors.map(ToString::to_string).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
        let text = "the journal is not available: the disk is full";
        assert!(texts[0].ends_with(text), "{texts:?}");
    }
}
