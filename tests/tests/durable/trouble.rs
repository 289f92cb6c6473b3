//! An engine over a journal that fails, reports a failure after a success, does not answer, or contains something
//! else than what was written.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use saga_core::durable::{
    CancelError, CancelOutcome, DurableHandle, Engine, InMemoryJournal, Journal as _,
    JournalErrorKind, OpenError, OutcomeError, Query, SagaState, Status, SubmitError,
};
use saga_core::{Attempt, Ended, StepContext, saga};
use saga_tests::failing_journal::{Method, Trouble, Troubled};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use JournalErrorKind::{Conflict, Corrupt, Locked, Unavailable};
use Method::{Append, Create, Define, Find, List, Records};
use Trouble::{After, Before, Hangs, Takes};

/// The records of a saga: heads without the waits, which are random, and values.
async fn records_of(journal: &Troubled, id: &str) -> Vec<(u64, String, Vec<u8>)> {
    let saga = journal.kept.find(&id.into()).await.unwrap().unwrap();
    let records = journal.kept.records(saga.key).await.unwrap();
    let comparable = records.into_iter().map(|record| {
        let mut head: Value = serde_json::from_str(&record.entry.to_json()).unwrap();
        if let Some(failed) = head.get_mut("failed") {
            failed["wait"].take();
        }
        (record.number, head.to_string(), record.value)
    });
    comparable.collect()
}

/// A service that checks at every call that everything before it is recorded.
struct Shop {
    kept: InMemoryJournal,
    calls: Mutex<Vec<String>>,
    mistakes: Mutex<Vec<String>>,
}

impl Shop {
    fn on(journal: &Troubled) -> Arc<Self> {
        Arc::new(Self {
            kept: journal.kept.clone(),
            calls: Mutex::default(),
            mistakes: Mutex::default(),
        })
    }

    /// Fails if the order names this call.
    async fn call(&self, order: &str, run: &StepContext) -> Result<String, String> {
        let key = run.idempotency_key();
        let id = run.saga_id();
        let saga = self.kept.find(id).await.unwrap().unwrap();
        let records = self.kept.records(saga.key).await.unwrap();
        let ended = |call: &str| {
            records.iter().any(|record| {
                let head: Value = serde_json::from_str(&record.entry.to_json()).unwrap();
                ["completed", "gave_up", "failed"].iter().any(|kind| {
                    let of = head.get(kind).and_then(|of| of["call"].as_str());
                    of.is_some_and(|of| call == format!("shop/{id}/{of}"))
                })
            })
        };
        let calls: Vec<_> = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(key.clone());
            calls.clone()
        };
        let before = calls.iter().take(calls.len() - 1);
        let mut of_this = before.filter(|call| call.starts_with(&format!("shop/{id}/")));
        if let Some(call) = of_this.find(|call| !ended(call)) {
            let mistake = format!("{key} is called before {call} is recorded");
            self.mistakes.lock().unwrap().push(mistake);
        }
        match order {
            fails if key.ends_with(fails) => Err(format!("no {fails}")),
            _ => Ok(key),
        }
    }

    fn calls(&self) -> Vec<String> {
        assert_eq!(*self.mistakes.lock().unwrap(), [""; 0]);
        self.calls.lock().unwrap().clone()
    }
}

#[saga]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, order: &str, run: &StepContext) -> Result<String, String> {
        self.call(order, run).await
    }

    #[step(compensate = refund, retry(attempts = 2, backoff = "10000h..10000h"))]
    async fn charge(&self, #[input] order: &str, run: &StepContext) -> Result<String, String> {
        self.call(order, run).await
    }

    #[step(pivot)]
    async fn ship(&self, #[input] order: &str, run: &StepContext) -> Result<String, String> {
        self.call(order, run).await
    }

    async fn release(
        &self,
        _: &str,
        #[input] order: &str,
        run: &StepContext,
    ) -> Result<(), String> {
        self.call(order, run).await.map(drop)
    }

    async fn refund(
        &self,
        _: Attempt<&String>,
        #[input] order: &str,
        run: &StepContext,
    ) -> Result<(), String> {
        self.call(order, run).await.map(drop)
    }
}

/// Orders that name the call that fails.
const WELL: &str = "nothing";
const ORDERS: [&str; 4] = [WELL, "charge/do", "ship/do", "reserve/do"];

async fn open(shop: &Arc<Shop>, journal: &Troubled) -> Engine {
    let builder = Engine::builder().register::<ShopSaga>(Arc::clone(shop));
    builder.open(journal.clone()).await.unwrap()
}

async fn submit(engine: &Engine, id: &str, order: &str) -> DurableHandle<ShopSaga> {
    let submitted = engine.submit::<ShopSaga>(id, order.to_owned()).await;
    submitted.unwrap()
}

fn summary(ended: &Ended<ShopSaga>) -> String {
    match ended {
        Ok(output) => output.clone(),
        Err(error) => error.report().to_string(),
    }
}

const GRACE: Duration = Duration::from_mins(1);
/// Longer than any saga here takes, and longer than the engine waits before it asks its journal again.
const LONG: Duration = Duration::from_hours(20_000);

/// The result of a run without trouble.
struct Whole {
    summary: String,
    calls: Vec<String>,
    records: Vec<(u64, String, Vec<u8>)>,
    appends: usize,
}

async fn whole(order: &str) -> Whole {
    let journal = Troubled::new(&[]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    let ended = submit(&engine, "1", order).await.outcome().await.unwrap();
    Whole {
        summary: summary(&ended),
        calls: shop.calls(),
        records: records_of(&journal, "1").await,
        appends: journal.calls(Append),
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_fails_is_reported_and_repeated_whether_it_was_written_or_not() {
    let mut writes = 0;
    for order in ORDERS {
        let whole = whole(order).await;
        for nth in 1..=whole.appends {
            for trouble in [Before(Unavailable), After(Unavailable)] {
                let journal = Troubled::new(&[(Append, nth, trouble), (Append, nth + 1, trouble)]);
                let shop = Shop::on(&journal);
                let engine = open(&shop, &journal).await;
                let mut handle = submit(&engine, "1", order).await;
                let waits = handle.outcome().await.unwrap_err();
                let text = format!(
                    "saga `1` cannot go on for now: the journal is not available: Append {nth} failed"
                );
                assert_eq!(waits.to_string(), text, "{order}");
                assert!(matches!(waits, OutcomeError::Journal { .. }));
                sleep(LONG).await;
                let ended = handle.outcome().await.unwrap();
                assert_eq!(summary(&ended), whole.summary, "{order} {nth} {trouble:?}");
                assert_eq!(shop.calls(), whole.calls, "{order} {nth} {trouble:?}");
                let records = records_of(&journal, "1").await;
                assert_eq!(records, whole.records, "{order} {nth} {trouble:?}");
                writes += 1;
            }
        }
    }
    assert_eq!(writes, 34);
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_may_not_be_there_is_one_run_when_it_is_submitted_again() {
    let whole = whole("ship/do").await;
    // At first, even whether it exists cannot be read.
    let unreadable = [
        (Find, 1, Before(Unavailable)),
        (Find, 2, Before(Unavailable)),
    ];
    for trouble in [Before(Unavailable), After(Unavailable)] {
        for unreadable in [&[][..], &unreadable] {
            let troubles = [&[(Create, 1, trouble)], unreadable].concat();
            let journal = Troubled::new(&troubles);
            let shop = Shop::on(&journal);
            let engine = open(&shop, &journal).await;
            let refused = engine.submit::<ShopSaga>("1", "ship/do".to_owned()).await;
            let refused = refused.unwrap_err();
            assert_eq!(
                refused.to_string(),
                "saga `shop` (1) may not have been submitted; submit it again under the same id: the journal \
                 is not available: Create 1 failed"
            );
            if !unreadable.is_empty() {
                // There is no answer while it cannot be read, and no caller is kept waiting.
                let again = engine.submit::<ShopSaga>("1", "ship/do".to_owned());
                let refused = again.await.unwrap_err().to_string();
                assert!(refused.ends_with("Find 1 failed"), "{refused}");
            }
            sleep(LONG).await;
            let mut handle = submit(&engine, "1", "ship/do").await;
            let ended = handle.outcome().await.unwrap();
            assert_eq!(summary(&ended), whole.summary, "{troubles:?}");
            assert_eq!(shop.calls(), whole.calls, "{troubles:?}");
            assert_eq!(
                records_of(&journal, "1").await,
                whole.records,
                "{troubles:?}"
            );
            let other = engine.submit::<ShopSaga>("1", WELL.to_owned()).await;
            assert!(matches!(other, Err(SubmitError::OtherInput { .. })));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_was_written_after_all_goes_on_without_another_submission() {
    let journal = Troubled::new(&[(Create, 1, After(Unavailable))]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    let refused = engine.submit::<ShopSaga>("1", WELL.to_owned()).await;
    refused.unwrap_err();
    let ended = engine.outcome::<ShopSaga>("1").await.unwrap();
    assert_eq!(ended.unwrap(), "shop/1/ship/do");
    assert_eq!(shop.calls().len(), 3);
    // And one that was not written does not exist.
    journal.next(Create, Before(Unavailable));
    let refused = engine.submit::<ShopSaga>("2", WELL.to_owned()).await;
    refused.unwrap_err();
    sleep(LONG).await;
    let none = engine.outcome::<ShopSaga>("2").await.unwrap_err();
    assert!(matches!(none, OutcomeError::NotFound { .. }), "{none}");
    assert_eq!(engine.list(all()).await.unwrap().len(), 1);
    assert_eq!(engine.shutdown(GRACE).await, 0);
}

fn all() -> Query {
    Query::new()
}

#[tokio::test(start_paused = true)]
async fn while_a_write_is_not_answered_everybody_else_is() {
    let journal = Troubled::new(&[]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    submit(&engine, "ended", WELL)
        .await
        .outcome()
        .await
        .unwrap()
        .unwrap();
    journal.next(Append, Hangs);
    let mut held = submit(&engine, "held", WELL).await;
    journal.reached.notified().await;
    let answers = async {
        let status = engine.status("held").await.unwrap().unwrap();
        assert_eq!(
            status.status.to_string(),
            "running at step `reserve`, attempt 1"
        );
        assert_eq!(engine.list(all()).await.unwrap().len(), 2);
        engine.outcome::<ShopSaga>("ended").await.unwrap().unwrap();
        let mut other = submit(&engine, "other", WELL).await;
        other.outcome().await.unwrap().unwrap();
    };
    timeout(GRACE, answers).await.unwrap();
    // The record that it waits for is missing, so the next step is not called, however long that takes.
    assert!(timeout(LONG, held.outcome()).await.is_err());
    let of_held = |calls: Vec<String>| calls.iter().filter(|call| call.contains("/held/")).count();
    assert_eq!(of_held(shop.calls()), 1);
    journal.go.notify_one();
    assert_eq!(held.outcome().await.unwrap().unwrap(), "shop/held/ship/do");
    assert_eq!(of_held(shop.calls()), 3);
}

#[tokio::test(start_paused = true)]
async fn of_what_was_being_submitted_at_a_shutdown_it_is_not_known_whether_it_is_there() {
    let journal = Troubled::new(&[(Create, 1, Hangs)]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    let submitting = engine.clone();
    let first = tokio::spawn(async move {
        let submitted = submitting.submit::<ShopSaga>("1", WELL.to_owned()).await;
        submitted.map(drop)
    });
    journal.reached.notified().await;
    assert_eq!(engine.shutdown(GRACE).await, 1);
    let first = first.await.unwrap().unwrap_err();
    assert_eq!(
        first.to_string(),
        "the engine ended while saga `shop` (1) was being submitted: it may be in the journal; submit it again \
         under the same id, or ask for its status"
    );
    assert!(first.may_be_there());
    // An earlier call of the journal may still take effect.
    let again = engine.submit::<ShopSaga>("1", WELL.to_owned()).await;
    assert!(matches!(again, Err(SubmitError::Unknown { .. })));
    let other = engine.submit::<ShopSaga>("2", WELL.to_owned()).await;
    assert!(matches!(other, Err(SubmitError::ShutDown)));
    assert_eq!(engine.list(all()).await.unwrap().len(), 0);
    assert_eq!(shop.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_a_journal_as_long_as_configured_and_lets_it_go() {
    // The hanging write is repeated before the journal is released. So the call hangs only if that hangs as well.
    let again = ["reserve/do", "charge/do", "charge/do", "ship/do"];
    let once = ["reserve/do", "charge/do", "ship/do"];
    for (hanging, expected) in [(1, &once[..]), (2, &again)] {
        let hang: Vec<_> = (2..2 + hanging).map(|nth| (Append, nth, Hangs)).collect();
        let journal = Troubled::new(&hang);
        let shop = Shop::on(&journal);
        let engine = open(&shop, &journal).await;
        let mut handle = submit(&engine, "1", WELL).await;
        journal.reached.notified().await;
        assert_eq!(engine.shutdown(GRACE).await, 1);
        let report_of = handle.outcome().await.unwrap_err();
        assert!(
            matches!(report_of, OutcomeError::ShutDown { .. }),
            "{report_of}"
        );
        let engine = open(&shop, &journal).await;
        let ended = engine.outcome::<ShopSaga>("1").await.unwrap();
        assert_eq!(ended.unwrap(), "shop/1/ship/do");
        let calls = shop.calls.lock().unwrap().clone();
        let calls: Vec<_> = calls.iter().map(|call| &call["shop/1/".len()..]).collect();
        assert_eq!(calls, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_journal_has_each_call_recorded_before_the_next_all_the_same() {
    for order in ORDERS {
        let whole = whole(order).await;
        let slow: Vec<_> = (1..=whole.appends)
            .map(|nth| (Append, nth, Takes(100)))
            .collect();
        let journal = Troubled::new(&slow);
        let shop = Shop::on(&journal);
        let engine = open(&shop, &journal).await;
        let ended = submit(&engine, "1", order).await.outcome().await.unwrap();
        assert_eq!(summary(&ended), whole.summary);
        assert_eq!(shop.calls(), whole.calls);
        assert_eq!(records_of(&journal, "1").await, whole.records);
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_whose_journal_has_something_else_is_parked_and_goes_on_with_the_next_engine() {
    let mut parked = 0;
    for order in ORDERS {
        let whole = whole(order).await;
        for nth in 1..=whole.appends {
            for kind in [Conflict, Corrupt, Locked] {
                let journal = Troubled::new(&[(Append, nth, Before(kind))]);
                let shop = Shop::on(&journal);
                let engine = open(&shop, &journal).await;
                let mut handle = submit(&engine, "1", order).await;
                let what = format!("{order} {nth} {kind:?}");
                let report_of = timeout(LONG, handle.outcome()).await;
                let OutcomeError::Parked { reason, .. } = report_of.expect(&what).unwrap_err()
                else {
                    panic!("{what}: it is reported as parked")
                };
                assert!(
                    reason
                        .to_string()
                        .ends_with(&format!(": Append {nth} failed")),
                    "{reason}"
                );
                let status = engine.status("1").await.unwrap().unwrap();
                assert_eq!(status.status.to_string(), format!("parked: {reason}"));
                let asked = engine.cancel("1").await.unwrap_err();
                assert!(
                    matches!(asked, CancelError::Parked { .. }),
                    "{what}: {asked}"
                );
                // Others go on.
                let mut other = submit(&engine, "2", WELL).await;
                other.outcome().await.unwrap().unwrap();
                assert_eq!(engine.shutdown(GRACE).await, 0, "{what}");
                let engine = open(&shop, &journal).await;
                let ended = engine.outcome::<ShopSaga>("1").await.unwrap();
                assert_eq!(ended.is_ok(), order == WELL);
                parked += 1;
            }
        }
    }
    assert_eq!(parked, 51);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_waits_for_a_saga_is_not_notified_of_another_that_is_parked() {
    let journal = Troubled::new(&[]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    // It waits for a long time before its second attempt.
    let mut waits = submit(&engine, "waits", "charge/do").await;
    sleep(GRACE).await;
    journal.next(Append, Before(Conflict));
    let mut parked = submit(&engine, "parked", WELL).await;
    let report_of = parked.outcome().await.unwrap_err();
    assert!(
        matches!(report_of, OutcomeError::Parked { .. }),
        "{report_of}"
    );
    let ended = waits.outcome().await.unwrap();
    assert_eq!(ended.unwrap_err().attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_that_cannot_be_recorded_is_refused() {
    let journal = Troubled::new(&[]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    submit(&engine, "1", "charge/do").await;
    sleep(GRACE).await;
    journal.next(Append, Before(Conflict));
    let asked = timeout(GRACE, engine.cancel("1")).await;
    let refused = asked.expect("an answer").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "saga `1` is parked, and its cancellation cannot be recorded: the journal has something else: Append 3 \
         failed"
    );
    assert!(matches!(refused, CancelError::Parked { .. }));
    let asked = engine.outcome::<ShopSaga>("1").await.unwrap_err();
    assert!(matches!(asked, OutcomeError::Parked { .. }), "{asked}");
    let status = engine.status("1").await.unwrap().unwrap();
    assert!(matches!(status.status, Status::Parked(_)));
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_that_is_being_recorded_writes_nothing_once_the_engine_is_shut_down() {
    for recorded in [false, true] {
        let journal = Troubled::new(&[]);
        let shop = Shop::on(&journal);
        let engine = open(&shop, &journal).await;
        submit(&engine, "1", "charge/do").await;
        sleep(GRACE).await;
        journal.next(Append, Before(Unavailable));
        let asking = engine.clone();
        let asked = tokio::spawn(async move { asking.cancel("1").await });
        sleep(Duration::from_millis(1)).await;
        let short = Duration::from_millis(5);
        let grace = if recorded { GRACE } else { short };
        // The saga waits for its next attempt, so nothing of it is dropped.
        assert_eq!(engine.shutdown(grace).await, 0);
        let appends = journal.calls(Append);
        let next = open(&shop, &journal).await;
        let error = asked.await.unwrap().unwrap_err();
        assert!(matches!(error, CancelError::Unknown { .. }), "{error}");
        sleep(GRACE).await;
        if !recorded {
            assert_eq!(journal.calls(Append), appends);
        }
        let error = next.outcome::<ShopSaga>("1").await.unwrap();
        let error = error.unwrap_err();
        let is_cancelled = matches!(error.error(), ShopSagaError::Cancelled);
        assert_eq!(is_cancelled, recorded, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_takes_effect_once_the_journal_is_back() {
    let journal = Troubled::new(&[]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    let mut handle = submit(&engine, "1", "charge/do").await;
    sleep(GRACE).await;
    journal.next(Append, Before(Unavailable));
    let error = engine.cancel("1").await.unwrap_err();
    assert!(matches!(error, CancelError::Unknown { .. }), "{error}");
    sleep(GRACE).await;
    let error = handle.outcome().await.unwrap().unwrap_err();
    assert!(matches!(error.error(), ShopSagaError::Cancelled), "{error}");
    assert_eq!(shop.calls().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_that_is_not_recorded_at_once_says_so_and_is_recorded_all_the_same() {
    let journal = Troubled::new(&[]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    let mut handle = submit(&engine, "1", "charge/do").await;
    sleep(GRACE).await;
    journal.next(Append, After(Unavailable));
    let refused = engine.cancel("1").await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "it is not known whether the cancellation of saga `1` is recorded; cancel it again: the journal is not \
         available: Append 3 failed"
    );
    sleep(GRACE).await;
    let requested = records_of(&journal, "1").await;
    let requested = requested
        .iter()
        .filter(|(_, head, _)| head.contains("cancel_requested"));
    assert_eq!(requested.count(), 1);
    let error = handle.outcome().await.unwrap().unwrap_err();
    assert!(matches!(error.error(), ShopSagaError::Cancelled));
    let ended = CancelOutcome::Ended(SagaState::Compensated);
    assert_eq!(engine.cancel("1").await.unwrap(), ended);
    assert_eq!(
        shop.calls(),
        [
            "shop/1/reserve/do",
            "shop/1/charge/do",
            "shop/1/reserve/undo"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_cannot_read_its_journal_is_not_opened_and_lets_it_go() {
    let journal = Troubled::new(&[]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    submit(&engine, "1", "charge/do").await;
    sleep(GRACE).await;
    assert_eq!(engine.shutdown(GRACE).await, 0);
    for method in [Define, List] {
        for kind in [Unavailable, Corrupt] {
            journal.next(method, Before(kind));
            let builder = Engine::builder().register::<ShopSaga>(Arc::clone(&shop));
            let OpenError::Journal(refused) = builder.open(journal.clone()).await.unwrap_err()
            else {
                panic!("it is the journal that fails")
            };
            assert_eq!(refused.kind(), kind);
            assert!(
                refused.to_string().contains(&format!("{method:?} ")),
                "{refused}"
            );
            drop(journal.lock().await.expect("no engine has it"));
        }
    }
    let engine = open(&shop, &journal).await;
    let ended = engine.outcome::<ShopSaga>("1").await.unwrap();
    assert_eq!(ended.unwrap_err().attempts(), 2);
    assert_eq!(shop.calls().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_cannot_be_read_when_an_engine_opens_waits_or_is_parked() {
    let journal = Troubled::new(&[]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    submit(&engine, "1", "charge/do").await;
    sleep(GRACE).await;
    assert_eq!(engine.shutdown(GRACE).await, 0);
    journal.next(Records, Before(Corrupt));
    let engine = open(&shop, &journal).await;
    let asked = engine.outcome::<ShopSaga>("1").await.unwrap_err();
    assert_eq!(
        asked.to_string(),
        format!(
            "saga `1` is parked: the journal is damaged: Records {} failed",
            journal.calls(Records)
        )
    );
    assert_eq!(engine.shutdown(GRACE).await, 0);
    journal.next(Records, Before(Unavailable));
    let engine = open(&shop, &journal).await;
    let asked = engine.outcome::<ShopSaga>("1").await.unwrap_err();
    assert!(matches!(asked, OutcomeError::Journal { .. }), "{asked}");
    // Once it is read, it has a long wait ahead and nothing to write.
    sleep(GRACE).await;
    let ended = engine.outcome::<ShopSaga>("1").await.unwrap();
    assert_eq!(ended.unwrap_err().attempts(), 2);
    assert_eq!(shop.calls().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_id_that_cannot_be_read_is_refused_each_time_it_is_submitted() {
    let journal = Troubled::new(&[]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    for _ in 0..3 {
        journal.next(Create, Before(Corrupt));
        journal.next(Find, Before(Corrupt));
        let submitted = engine.submit::<ShopSaga>("1", WELL.to_owned());
        let refused = timeout(LONG, submitted).await.expect("an answer");
        let refused = refused.unwrap_err();
        assert!(matches!(refused, SubmitError::Journal { .. }), "{refused}");
        sleep(GRACE).await;
    }
    // Others have no trouble.
    let mut other = submit(&engine, "2", "charge/do").await;
    other.outcome().await.unwrap().unwrap_err();
    assert_eq!(engine.shutdown(Duration::from_millis(1)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_cannot_be_answered_is_an_error_and_is_asked_again() {
    let journal = Troubled::new(&[]);
    let shop = Shop::on(&journal);
    let engine = open(&shop, &journal).await;
    submit(&engine, "1", "ship/do")
        .await
        .outcome()
        .await
        .unwrap()
        .unwrap_err();
    for kind in [Unavailable, Corrupt] {
        for method in [Find, Records] {
            journal.next(method, Before(kind));
            let failed = engine.outcome::<ShopSaga>("1").await.unwrap_err();
            assert!(
                failed.to_string().contains(&format!("{method:?} ")),
                "{failed}"
            );
            journal.next(method, Before(kind));
            let failed = engine.report("1").await.unwrap_err();
            assert!(
                failed.to_string().contains(&format!("{method:?} ")),
                "{failed}"
            );
            journal.next(method, Before(kind));
            let again = engine.submit::<ShopSaga>("1", "ship/do".to_owned()).await;
            match (method, again) {
                // Not called.
                (Find, again) => drop(again.unwrap()),
                (_, again) => {
                    let failed = again.unwrap_err();
                    assert!(matches!(failed, SubmitError::Existing { .. }), "{failed}");
                }
            }
            if method == Find {
                let failed = engine.status("1").await.unwrap_err();
                assert_eq!(failed.kind(), kind);
                journal.next(method, Before(kind));
                let failed = engine.cancel("1").await.unwrap_err();
                assert!(matches!(failed, CancelError::Journal(_)), "{failed}");
            }
        }
        journal.next(List, Before(kind));
        assert_eq!(engine.list(all()).await.unwrap_err().kind(), kind);
    }
    let ended = engine.outcome::<ShopSaga>("1").await.unwrap();
    assert_eq!(ended.unwrap_err().step().unwrap().name, "ship");
    assert!(engine.report("1").await.unwrap().is_some());
    assert_eq!(shop.calls().len(), 5);
}
