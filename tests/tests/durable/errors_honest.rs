//! An error of an engine claims no more than is known: what may be in the journal is never reported as missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use saga_core::durable::{
    CancelError, Engine, EngineBuilder, InMemoryJournal, Journal as _, JournalErrorKind, Query,
    StatusKind, SubmitError,
};
use saga_core::saga;
use saga_sqlite::SqliteJournal;
use saga_tests::failing_journal::{Method, Trouble, Troubled};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use JournalErrorKind::Unavailable;
use Method::{Append, Create, Find};
use Trouble::{After, Before, DoneAndHangs, Hangs};

const GRACE: Duration = Duration::from_mins(1);
const LONG: Duration = Duration::from_hours(1);

/// Charges, and counts how often.
#[derive(Default)]
struct Order {
    charged: AtomicU32,
    reached: Notify,
}

#[saga(durable)]
impl Order {
    #[step(retry(attempts = 2, backoff = "100h..100h"), compensate = nothing)]
    async fn check(&self, cents: &u64) -> Result<u64, String> {
        if *cents == WAITS && self.charged.fetch_add(1, Ordering::Relaxed) == 0 {
            self.reached.notify_one();
            return Err("busy".to_owned());
        }
        Ok(*cents)
    }

    #[step(pivot)]
    async fn charge(&self, cents: &u64) -> Result<u64, String> {
        self.charged.fetch_add(1, Ordering::Relaxed);
        Ok(*cents)
    }

    async fn nothing(&self, _: &u64) -> Result<(), String> {
        Ok(())
    }
}

/// The order whose check waits for its second attempt.
const WAITS: u64 = 7;

/// The same saga with an input of another type.
mod retyped {
    pub(super) struct Order;

    #[saga_core::saga(durable, vis = pub(super))]
    impl Order {
        #[step(compensate = nothing)]
        async fn check(&self, order: &super::Cart) -> Result<u64, String> {
            Ok(order.cents)
        }

        #[step(pivot)]
        async fn charge(&self, cents: &u64) -> Result<u64, String> {
            Ok(*cents)
        }

        async fn nothing(&self, _: &u64) -> Result<(), String> {
            Ok(())
        }
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Cart {
    cents: u64,
}

struct Other;

#[saga(durable)]
impl Other {
    #[step]
    async fn nothing(&self, what: &u64) -> Result<u64, String> {
        Ok(*what)
    }
}

fn of(order: &Arc<Order>) -> EngineBuilder {
    Engine::builder().register::<OrderSaga>(Arc::clone(order))
}

async fn open(order: &Arc<Order>, journal: &Troubled) -> Engine {
    of(order).open(journal.clone()).await.unwrap()
}

/// What an unanswered submission returns when its engine ends, and whether the saga is in the journal then.
async fn submitted_meanwhile(order: &Arc<Order>, trouble: Trouble) -> (SubmitError, bool) {
    let journal = Troubled::new(&[(Create, 1, trouble)]);
    let engine = open(order, &journal).await;
    let submitting = engine.clone();
    let submitted =
        tokio::spawn(async move { submitting.submit::<OrderSaga>("1", 5).await.map(drop) });
    journal.reached.notified().await;
    assert_eq!(engine.shutdown(Duration::ZERO).await, 1);
    let refused = submitted.await.unwrap().unwrap_err();
    let next = open(order, &journal).await;
    let is_there = next.status("1").await.unwrap().is_some();
    if is_there {
        assert_eq!(next.outcome::<OrderSaga>("1").await.unwrap().unwrap(), 5);
    }
    let again = next.submit::<OrderSaga>("1", 5).await;
    assert_eq!(again.unwrap().outcome().await.unwrap().unwrap(), 5);
    (refused, is_there)
}

#[tokio::test(start_paused = true)]
async fn what_was_being_submitted_when_the_engine_ended_may_be_there() {
    for (trouble, expected) in [(Hangs, false), (DoneAndHangs, true)] {
        let order = Arc::new(Order::default());
        let (refused, is_there) = submitted_meanwhile(&order, trouble).await;
        assert_eq!(is_there, expected);
        assert!(matches!(refused, SubmitError::Unknown { .. }), "{refused}");
        assert!(refused.may_be_there());
        assert_eq!(order.charged.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn what_was_being_submitted_when_the_runtime_ended_may_be_there() {
    for (trouble, expected) in [(Hangs, false), (DoneAndHangs, true)] {
        let (first, other) = (Runtime::new().unwrap(), Runtime::new().unwrap());
        let order = Arc::new(Order::default());
        let journal = Troubled::new(&[(Create, 1, trouble)]);
        let engine = first.block_on(open(&order, &journal));
        let submitting = engine.clone();
        let submitted =
            other.spawn(async move { submitting.submit::<OrderSaga>("1", 5).await.map(drop) });
        other.block_on(journal.reached.notified());
        drop(first);
        let refused = other.block_on(submitted).unwrap().unwrap_err();
        assert!(matches!(refused, SubmitError::Unknown { .. }), "{refused}");
        let next = other.block_on(open(&order, &journal));
        let is_there = other.block_on(next.status("1")).unwrap().is_some();
        assert_eq!(is_there, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_waited_for_a_place_when_the_engine_ended_is_nowhere() {
    let order = Arc::new(Order::default());
    // The unanswered submission has the only place.
    let journal = Troubled::new(&[(Create, 1, Hangs)]);
    let builder = of(&order).max_in_flight(1);
    let engine = builder.open(journal.clone()).await.unwrap();
    let (first, second) = (engine.clone(), engine.clone());
    let first = tokio::spawn(async move { first.submit::<OrderSaga>("1", 5).await.map(drop) });
    journal.reached.notified().await;
    let second = tokio::spawn(async move { second.submit::<OrderSaga>("2", 5).await.map(drop) });
    sleep(GRACE).await;
    engine.shutdown(Duration::ZERO).await;
    let refused = first.await.unwrap().unwrap_err();
    assert!(matches!(refused, SubmitError::Unknown { .. }), "{refused}");
    let refused = second.await.unwrap().unwrap_err();
    assert!(matches!(refused, SubmitError::ShutDown), "{refused}");
    assert!(!refused.may_be_there());
    let next = open(&order, &journal).await;
    assert!(next.list(Query::new()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_what_is_refused_for_certain_does_not_run_later() {
    let mut unknown = 0;
    for round in 0..60 {
        let name = format!("saga-refused-{}-{round}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let order = Arc::new(Order::default());
        let open = async || {
            loop {
                let journal = SqliteJournal::open(folder.join("sagas.db")).unwrap();
                match of(&order).open(journal).await {
                    Ok(engine) => break engine,
                    // A write of the previous engine is still in progress.
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        };
        let engine = open().await;
        let submitting = engine.clone();
        let submitted =
            tokio::spawn(async move { submitting.submit::<OrderSaga>("1", 5).await.map(drop) });
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        engine.shutdown(Duration::ZERO).await;
        let submitted = submitted.await.unwrap();
        drop(engine);
        let engine = open().await;
        let is_there = engine.status("1").await.unwrap().is_some();
        match &submitted {
            Ok(()) => assert!(is_there, "{round}"),
            Err(refused) if refused.may_be_there() => unknown += 1,
            Err(refused) => assert!(!is_there, "{round}: {refused}"),
        }
        if is_there {
            assert_eq!(engine.outcome::<OrderSaga>("1").await.unwrap().unwrap(), 5);
        }
        engine.shutdown(GRACE).await;
        std::fs::remove_dir_all(folder).unwrap();
    }
    println!("{unknown} of them were not known");
}

#[tokio::test(start_paused = true)]
async fn what_was_being_cancelled_when_the_engine_ended_may_be_recorded() {
    for (trouble, expected) in [(Hangs, false), (DoneAndHangs, true)] {
        let (order, journal) = (Arc::new(Order::default()), Troubled::new(&[]));
        let engine = open(&order, &journal).await;
        engine.submit::<OrderSaga>("1", WAITS).await.unwrap();
        order.reached.notified().await;
        sleep(GRACE).await;
        journal.next(Append, trouble);
        let asking = engine.clone();
        let asked = tokio::spawn(async move { asking.cancel("1").await });
        journal.reached.notified().await;
        engine.shutdown(Duration::ZERO).await;
        let asked = asked.await.unwrap().unwrap_err();
        assert_eq!(
            asked.to_string(),
            "it is not known whether the cancellation of saga `1` is recorded; cancel it again: the engine \
             ended meanwhile"
        );
        assert!(matches!(asked, CancelError::Unknown { error: None, .. }));
        let asked = engine.cancel("1").await.unwrap_err();
        assert!(matches!(asked, CancelError::ShutDown), "{asked}");
        let next = open(&order, &journal).await;
        let ended = next.outcome::<OrderSaga>("1").await.unwrap();
        assert_eq!(ended.is_err(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_submission_whose_future_is_dropped_is_one_run_all_the_same() {
    for trouble in [Hangs, DoneAndHangs] {
        let order = Arc::new(Order::default());
        let journal = Troubled::new(&[(Create, 1, trouble)]);
        let engine = open(&order, &journal).await;
        let dropped = timeout(GRACE, engine.submit::<OrderSaga>("1", 5)).await;
        assert!(dropped.is_err());
        let (again, other) = (engine.clone(), engine.clone());
        let again = tokio::spawn(async move { again.submit::<OrderSaga>("1", 5).await });
        let other = tokio::spawn(async move { other.submit::<OrderSaga>("1", 6).await });
        sleep(GRACE).await;
        journal.go.notify_one();
        let mut handle = again.await.unwrap().unwrap();
        assert_eq!(handle.outcome().await.unwrap().unwrap(), 5);
        let refused = other.await.unwrap().unwrap_err();
        assert!(
            matches!(refused, SubmitError::OtherInput { .. }),
            "{refused}"
        );
        assert_eq!(order.charged.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn of_many_submissions_of_one_id_whose_first_is_not_known_there_is_one_run() {
    for trouble in [Before(Unavailable), After(Unavailable)] {
        for finds in 0..3 {
            let order = Arc::new(Order::default());
            let mut troubles = vec![(Create, 1, trouble)];
            troubles.extend((1..=finds).map(|nth| (Find, nth, Before(Unavailable))));
            let journal = Troubled::new(&troubles);
            let engine = open(&order, &journal).await;
            let submissions = (0..5).map(|_| {
                let engine = engine.clone();
                tokio::spawn(async move { engine.submit::<OrderSaga>("1", 5).await })
            });
            let submissions: Vec<_> = submissions.collect();
            for submission in submissions {
                match timeout(LONG, submission).await.expect("an answer").unwrap() {
                    Ok(mut handle) => {
                        let ended = timeout(LONG, handle.outcome()).await.expect("an answer");
                        assert!(ended.is_err() || ended.is_ok_and(|ended| ended.unwrap() == 5));
                    }
                    Err(refused) => assert!(refused.may_be_there(), "{refused}"),
                }
            }
            sleep(GRACE).await;
            let mut handle = engine.submit::<OrderSaga>("1", 5).await.unwrap();
            assert_eq!(handle.outcome().await.unwrap().unwrap(), 5);
            assert_eq!(order.charged.load(Ordering::Relaxed), 1, "{trouble:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_submission_that_fails_does_not_take_over_a_saga_that_is_there() {
    let (order, journal) = (Arc::new(Order::default()), Troubled::new(&[]));
    let engine = open(&order, &journal).await;
    engine.submit::<OrderSaga>("1", WAITS).await.unwrap();
    order.reached.notified().await;
    sleep(GRACE).await;
    engine.shutdown(GRACE).await;
    let builder = Engine::builder().register::<OtherSaga>(Other);
    let engine = builder.open(journal.clone()).await.unwrap();
    journal.next(Create, Before(Unavailable));
    let refused = engine.submit::<OtherSaga>("1", 1).await.unwrap_err();
    assert!(matches!(refused, SubmitError::Journal { .. }), "{refused}");
    sleep(GRACE).await;
    let status = engine.status("1").await.unwrap().unwrap();
    assert_eq!(status.status.kind(), StatusKind::Parked, "{status}");
    let refused = engine.submit::<OtherSaga>("1", 1).await.unwrap_err();
    assert!(
        matches!(refused, SubmitError::OtherSaga { .. }),
        "{refused}"
    );
    engine.shutdown(GRACE).await;
    let engine = open(&order, &journal).await;
    let ended = engine.outcome::<OrderSaga>("1").await.unwrap();
    assert_eq!(ended.unwrap(), WAITS);
}

#[tokio::test(start_paused = true)]
async fn an_existing_saga_whose_input_cannot_be_read_is_not_said_to_be_missing() {
    let (order, journal) = (Arc::new(Order::default()), InMemoryJournal::new());
    let engine = of(&order).open(journal.clone()).await.unwrap();
    let mut handle = engine.submit::<OrderSaga>("1", 5).await.unwrap();
    handle.outcome().await.unwrap().unwrap();
    engine.shutdown(GRACE).await;
    let builder = Engine::builder().register::<retyped::OrderSaga>(retyped::Order);
    let engine = builder.open(journal.clone()).await.unwrap();
    let cart = Cart { cents: 5 };
    let refused = engine.submit::<retyped::OrderSaga>("1", cart).await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(refused, SubmitError::UnreadableInput { .. }),
        "{refused}"
    );
    let text = refused.to_string();
    assert!(
        text.starts_with(
            "saga id `1` belongs to a run of `order` whose recorded input cannot be read, so it is not known whether \
             it is this one: "
        ),
        "{text}"
    );
    assert!(
        text.ends_with(
            "; ask for the outcome of the id, and take another one only if this is certainly another run"
        ),
        "{text}"
    );
    // Its result can be written all the same.
    let ended = engine.outcome::<retyped::OrderSaga>("1").await.unwrap();
    assert_eq!(ended.unwrap(), 5);
    assert!(journal.find(&"1".into()).await.unwrap().is_some());
}
