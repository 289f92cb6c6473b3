//! The report of a durable saga: the same in each process that asks for it, and correct.

use std::sync::Arc;
use std::time::Duration;

use saga_core::durable::{Engine, InMemoryJournal, JournalErrorKind};
use saga_core::{Attempt, RunOptions, Saga, saga};
use saga_tests::failing_journal::{Method, Trouble, Troubled};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::time::sleep;

const GRACE: Duration = Duration::from_secs(1);

struct Cards;

#[saga(durable)]
impl Cards {
    #[step(compensate = forget)]
    async fn hold(&self, cents: &u64) -> Result<u64, String> {
        Ok(*cents)
    }

    #[step(compensate = forget)]
    async fn check(&self, _: &u64) -> Result<u64, String> {
        Err("no money".to_owned())
    }

    async fn forget(&self, _: Attempt<&u64>) -> Result<(), String> {
        Ok(())
    }
}

struct Till {
    cards: Cards,
    /// Whether the rate is known.
    knows: bool,
}

/// A saga within a saga, so that the one that fails is two levels down.
#[saga(durable)]
impl Till {
    #[step(saga = CardsSaga, on = self.cards, retry(attempts = 2, backoff = "1000h..1000h"))]
    fn pay(&self, cents: &u64) -> u64 {
        assert!(self.knows, "the price is not known");
        *cents
    }

    #[step(no_compensation = "printed")]
    async fn print(&self) -> Result<(), String> {
        Ok(())
    }
}

struct Shop {
    till: Till,
}

#[saga(durable)]
impl Shop {
    #[step(saga = TillSaga, on = self.till)]
    fn sell(&self, cents: &u64) -> u64 {
        *cents
    }

    #[step(pivot)]
    async fn hand_over(&self) -> Result<(), String> {
        Ok(())
    }
}

/// What every handle and the engine return for this saga, which has ended.
async fn reports<S>(engine: &Engine, id: &str) -> [String; 3]
where
    S: saga_core::Machine<saga_core::durable::Durable> + 'static,
    S::Service: Send + 'static,
    S::Input: saga_core::durable::Journalable,
    S::Output: Send + std::fmt::Debug,
{
    let one = engine.outcome::<S>(id).await.unwrap().unwrap_err();
    let report = engine.report(id).await.unwrap().unwrap();
    [
        one.report().to_string(),
        format!("{one:?}"),
        report.to_string(),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_run_that_failed_before_the_process_ended_stands_in_the_report() {
    let journal = InMemoryJournal::new();
    let open = async || {
        let till = || Till {
            cards: Cards,
            knows: true,
        };
        let engine = Engine::builder()
            .register::<ShopSaga>(Shop { till: till() })
            .register::<TillSaga>(till());
        engine.open(journal.clone()).await.unwrap()
    };
    let engine = open().await;
    engine.submit::<ShopSaga>("deep", 5).await.unwrap();
    engine.submit::<TillSaga>("flat", 5).await.unwrap();
    // Each waits for its second attempt.
    sleep(GRACE).await;
    engine.shutdown(GRACE).await;
    let engine = open().await;
    sleep(GRACE).await;
    for id in ["deep", "flat"] {
        engine.cancel(id).await.unwrap();
    }
    let deep = reports::<ShopSaga>(&engine, "deep").await;
    let flat = reports::<TillSaga>(&engine, "flat").await;
    for reports in [deep, flat] {
        for report in &reports {
            assert_eq!(*report, reports[0]);
            assert!(report.contains("hold(cents: 5)"), "{report}");
            assert!(
                report.contains("undone by forget(_: Completed(5))"),
                "{report}"
            );
            assert!(report.contains("failed: no money"), "{report}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_fails_when_the_report_is_made_is_asked_again() {
    let till = || Till {
        cards: Cards,
        knows: true,
    };
    for times in [1, 5] {
        let journal = Troubled::default();
        let open = || {
            Engine::builder()
                .register::<TillSaga>(till())
                .open(journal.clone())
        };
        let engine = open().await.unwrap();
        engine.submit::<TillSaga>("1", 5).await.unwrap();
        sleep(GRACE).await;
        engine.shutdown(GRACE).await;
        let engine = open().await.unwrap();
        sleep(GRACE).await;
        let before = journal.calls(Method::Records);
        let unavailable = Trouble::Before(JournalErrorKind::Unavailable);
        journal.next_calls(Method::Records, times, unavailable);
        engine.cancel("1").await.unwrap();
        sleep(GRACE).await;
        assert!(
            journal.calls(Method::Records) > before + times,
            "it was asked again"
        );
        for report in reports::<TillSaga>(&engine, "1").await {
            assert!(report.contains("hold(cents: 5)"), "{report}");
        }
    }
}

#[tokio::test]
async fn a_saga_that_was_not_begun_is_said_to_be_that() {
    let till = Till {
        cards: Cards,
        knows: false,
    };
    let error = TillSaga::run(&till, 5).await.unwrap_err();
    let report = error.report().to_string();
    assert!(
        report.contains("       saga cards was not begun\n"),
        "{report}"
    );
    let engine = Engine::builder().register::<TillSaga>(till);
    let engine = engine.open(InMemoryJournal::new()).await.unwrap();
    engine.submit::<TillSaga>("1", 5).await.unwrap();
    for durable in reports::<TillSaga>(&engine, "1").await {
        assert!(
            durable.contains("       saga cards was not begun\n"),
            "{durable}"
        );
    }
}

/// A value that no journal can keep.
#[derive(Debug)]
struct Smoke;

impl Serialize for Smoke {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it is gone"))
    }
}

impl<'de> Deserialize<'de> for Smoke {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

struct Fires;

#[saga(durable)]
impl Fires {
    #[step(compensate = put_out)]
    async fn light(&self) -> Result<Smoke, String> {
        Ok(Smoke)
    }

    #[step(pivot)]
    async fn cook(&self) -> Result<(), String> {
        Ok(())
    }

    async fn put_out(&self, _smoke: Attempt<&Smoke>) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn an_undo_with_a_value_that_cannot_be_kept_is_reported_as_it_was() {
    let engine = Engine::builder().register_with::<FiresSaga>(Arc::new(Fires), RunOptions::new());
    let engine = engine.open(InMemoryJournal::new()).await.unwrap();
    let mut saga = engine.submit::<FiresSaga>("1", ()).await.unwrap();
    let first = saga.outcome().await.unwrap().unwrap_err();
    let first = first.report().to_string();
    let undone = "undone by put_out(_smoke: Completed(Smoke))";
    assert!(first.contains(undone), "{first}");
    for report in reports::<FiresSaga>(&engine, "1").await {
        assert_eq!(report, first);
    }
}

struct Rail {
    cards: Cards,
}

/// A saga whose nested saga completes before a pivot that is in doubt.
#[saga(durable)]
impl Rail {
    #[step(saga = HoldsSaga, on = self.cards)]
    fn reserve(&self) -> u64 {
        7
    }

    #[step(pivot, timeout = "1s")]
    async fn leave(&self) -> Result<(), String> {
        std::future::pending().await
    }
}

#[saga(name = "holds", saga = HoldsSaga, durable)]
impl Cards {
    #[step(compensate = drop_hold)]
    async fn hold_it(&self, cents: &u64) -> Result<u64, String> {
        Ok(*cents)
    }

    async fn drop_hold(&self, _: Attempt<&u64>) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_pivot_in_doubt_keeps_from_being_undone_says_so_at_each_level() {
    let error = RailSaga::run(&Rail { cards: Cards }, ()).await.unwrap_err();
    let report = error.report().to_string();
    let why = "not undone: `leave` may have taken effect";
    assert_eq!(report.matches(why).count(), 2, "{report}");
    assert!(!report.contains("past its pivot"), "{report}");
}
