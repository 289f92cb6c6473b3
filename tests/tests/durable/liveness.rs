//! However the task of a saga ends, its place becomes free, and each caller gets an answer.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use saga_core::durable::{
    CancelOutcome, Engine, EngineBuilder, InMemoryJournal, OutcomeError, SubmitError,
};
use saga_core::{
    RunOptions,
    observe::{Event, EventKind},
    saga,
};
use saga_tests::other_executor::block_on;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::timeout;

/// Longer than anything here takes. A test that waits for so long has failed.
const LONG: Duration = Duration::from_mins(1);
const GRACE: Duration = Duration::from_millis(20);

/// What a step does before it completes.
type Before = Box<dyn Fn() -> Option<Engine> + Send + Sync>;

#[derive(Default)]
struct Mail {
    /// Waits until it is released, if there is a gate.
    holds: Option<Notify>,
    reached: Notify,
    /// Shuts this engine down, once.
    closes: Mutex<Option<Engine>>,
    before: Option<Before>,
    sent: Mutex<Vec<String>>,
}

#[saga(durable)]
impl Mail {
    #[step(readonly)]
    async fn render(&self, name: &String) -> Result<String, String> {
        self.reached.notify_one();
        if let Some(holds) = &self.holds {
            holds.notified().await;
        }
        let closes = self.closes.lock().unwrap().take();
        if let Some(engine) = closes {
            engine.shutdown(GRACE).await;
        }
        let before = self.before.as_ref().and_then(|before| before());
        drop(before);
        Ok(format!("Dear {name}"))
    }

    #[step(pivot)]
    async fn send(&self, text: &str) -> Result<String, String> {
        self.sent.lock().unwrap().push(text.to_owned());
        Ok(text.to_owned())
    }
}

fn of(mail: &Arc<Mail>) -> EngineBuilder {
    Engine::builder().register::<MailSaga>(Arc::clone(mail))
}

async fn open(mail: &Arc<Mail>, journal: &InMemoryJournal) -> Engine {
    of(mail).open(journal.clone()).await.unwrap()
}

fn ada() -> String {
    "Ada".to_owned()
}

fn threads() -> Runtime {
    Runtime::new().unwrap()
}

/// Whether a saga completes in time.
async fn ends(engine: &Engine, id: &str) {
    let ended = timeout(LONG, engine.outcome::<MailSaga>(id)).await;
    let ended = ended.expect("an answer").unwrap();
    assert_eq!(ended.unwrap(), "Dear Ada");
}

#[test]
fn a_saga_that_a_short_runtime_submitted_runs_on_that_of_its_engine() {
    let main = threads();
    let mail = Arc::new(Mail {
        holds: Some(Notify::new()),
        ..Mail::default()
    });
    let builder = of(&mail).max_in_flight(2);
    let engine = main.block_on(builder.open(InMemoryJournal::new())).unwrap();
    let let_go = || mail.holds.as_ref().unwrap().notify_one();
    for id in ["a", "b"] {
        let short = Builder::new_current_thread().enable_all().build().unwrap();
        short
            .block_on(engine.submit::<MailSaga>(id, ada()))
            .unwrap();
    }
    main.block_on(async {
        let_go();
        let_go();
        let third = timeout(LONG, engine.submit::<MailSaga>("c", ada())).await;
        third.expect("a place").unwrap();
        for id in ["a", "b", "c"] {
            let ended = ends(&engine, id);
            tokio::pin!(ended);
            // However many already wait at the gate.
            while timeout(Duration::from_millis(1), &mut ended).await.is_err() {
                let_go();
            }
        }
    });
}

#[test]
fn an_engine_is_used_from_outside_of_any_runtime() {
    let main = threads();
    let mail = Arc::new(Mail {
        holds: Some(Notify::new()),
        ..Mail::default()
    });
    let journal = InMemoryJournal::new();
    let engine = main.block_on(open(&mail, &journal));
    let mut handle = block_on(engine.submit::<MailSaga>("a", ada())).unwrap();
    main.block_on(mail.reached.notified());
    block_on(engine.submit::<MailSaga>("a", ada())).unwrap();
    assert!(block_on(engine.status("a")).unwrap().is_some());
    let asked = block_on(engine.cancel("a")).unwrap();
    assert_eq!(asked, CancelOutcome::Requested);
    mail.holds.as_ref().unwrap().notify_one();
    let error = block_on(handle.outcome()).unwrap().unwrap_err();
    assert!(matches!(error.error(), MailSagaError::Cancelled));
    block_on(engine.submit::<MailSaga>("b", ada())).unwrap();
    main.block_on(mail.reached.notified());
    assert_eq!(block_on(engine.shutdown(GRACE)), 1);
    let engine = main.block_on(open(&mail, &journal));
    mail.holds.as_ref().unwrap().notify_one();
    block_on(engine.outcome::<MailSaga>("b")).unwrap().unwrap();
}

#[test]
fn a_runtime_that_ends_drops_its_sagas_and_says_so_and_they_go_on_with_the_next_engine() {
    for is_current_thread in [false, true] {
        let mail = Arc::new(Mail {
            holds: Some(Notify::new()),
            ..Mail::default()
        });
        let (journal, other) = (InMemoryJournal::new(), threads());
        let first = if is_current_thread {
            Builder::new_current_thread().enable_all().build().unwrap()
        } else {
            threads()
        };
        let builder = of(&mail).max_in_flight(1);
        let engine = first.block_on(builder.open(journal.clone())).unwrap();
        first.block_on(async {
            engine.submit::<MailSaga>("a", ada()).await.unwrap();
            mail.reached.notified().await;
        });
        // One caller waits for the end and one for a place when it ends.
        let (asking, submitting) = (engine.clone(), engine.clone());
        let asked = other.spawn(async move { asking.outcome::<MailSaga>("a").await.map(drop) });
        let refused =
            other.spawn(async move { submitting.submit::<MailSaga>("b", ada()).await.map(drop) });
        drop(first);
        let ended = "the runtime of its engine has ended";
        let answers = async {
            let asked = asked.await.unwrap().unwrap_err();
            assert!(asked.to_string().contains(ended), "{asked}");
            let refused = refused.await.unwrap().unwrap_err().to_string();
            assert!(
                refused.contains("the runtime of the engine has ended"),
                "{refused}"
            );
            let status = engine.status("a").await.unwrap().unwrap().status;
            assert!(status.to_string().contains(ended), "{status}");
            let mut again = engine.submit::<MailSaga>("a", ada()).await.unwrap();
            let asked = again.outcome().await.unwrap_err();
            assert!(asked.to_string().contains(ended), "{asked}");
            let refused = engine.submit::<MailSaga>("c", ada()).await.unwrap_err();
            assert!(!matches!(refused, SubmitError::ShutDown), "{refused}");
            engine.cancel("a").await.unwrap_err();
            assert!(engine.status("c").await.unwrap().is_none());
            // Nothing of the first engine keeps the journal locked.
            let next = open(&mail, &journal).await;
            mail.holds.as_ref().unwrap().notify_one();
            ends(&next, "a").await;
            engine.shutdown(GRACE).await;
        };
        let answered = other.block_on(async { timeout(LONG, answers).await });
        answered.expect("answers");
    }
}

#[test]
fn an_engine_and_its_runtime_end_in_any_order() {
    for engine_first in [true, false] {
        for _ in 0..20 {
            let mail = Arc::new(Mail::default());
            let (journal, runtime) = (InMemoryJournal::new(), threads());
            let engine = runtime.block_on(async {
                let engine = open(&mail, &journal).await;
                for id in ["a", "b", "c"] {
                    engine.submit::<MailSaga>(id, ada()).await.unwrap();
                }
                engine
            });
            if engine_first {
                drop(engine);
                drop(runtime);
            } else {
                drop(runtime);
                drop(engine);
            }
            let next = threads();
            next.block_on(async {
                let engine = open(&mail, &journal).await;
                for id in ["a", "b", "c"] {
                    ends(&engine, id).await;
                }
            });
        }
    }
}

/// Waits for the end of a saga whose engine was shut down, and continues it.
async fn goes_on_after_a_shutdown(mail: &Arc<Mail>, journal: &InMemoryJournal, engine: &Engine) {
    let asked = timeout(LONG, engine.outcome::<MailSaga>("a")).await;
    let asked = asked.expect("an answer").unwrap_err();
    assert!(matches!(asked, OutcomeError::ShutDown { .. }), "{asked}");
    goes_on(mail, journal).await;
}

async fn goes_on(mail: &Arc<Mail>, journal: &InMemoryJournal) {
    let opened = async {
        loop {
            match of(mail).open(journal.clone()).await {
                Ok(engine) => break engine,
                // The shutdown is about to release it.
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let engine = timeout(LONG, opened).await.expect("the journal is let go");
    ends(&engine, "a").await;
}

#[tokio::test]
async fn a_step_that_shuts_its_own_engine_down_is_dropped_when_the_grace_is_over() {
    let (mail, journal) = (Arc::new(Mail::default()), InMemoryJournal::new());
    let engine = open(&mail, &journal).await;
    *mail.closes.lock().unwrap() = Some(engine.clone());
    engine.submit::<MailSaga>("a", ada()).await.unwrap();
    goes_on_after_a_shutdown(&mail, &journal, &engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_blocks_its_thread_on_a_shutdown_does_not_wait_for_itself() {
    let closes: Arc<Mutex<Option<Engine>>> = Arc::default();
    let closing = Arc::clone(&closes);
    let blocks = move || {
        let engine = closing.lock().unwrap().take()?;
        tokio::task::block_in_place(|| block_on(engine.shutdown(GRACE)));
        Some(engine)
    };
    let mail = Arc::new(Mail {
        before: Some(Box::new(blocks)),
        ..Mail::default()
    });
    let journal = InMemoryJournal::new();
    let engine = open(&mail, &journal).await;
    *closes.lock().unwrap() = Some(engine.clone());
    engine.submit::<MailSaga>("a", ada()).await.unwrap();
    goes_on_after_a_shutdown(&mail, &journal, &engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observer_that_shuts_its_engine_down_does_not_hang_it() {
    let closes: Arc<Mutex<Option<Engine>>> = Arc::default();
    let closing = Arc::clone(&closes);
    let observer = Arc::new(move |event: &Event<'_>| {
        if matches!(event.kind, EventKind::SagaStarted)
            && let Some(engine) = closing.lock().unwrap().take()
        {
            tokio::task::block_in_place(|| block_on(engine.shutdown(GRACE)));
        }
    });
    let (mail, journal) = (Arc::new(Mail::default()), InMemoryJournal::new());
    let options = RunOptions::new().observer(observer);
    let builder = Engine::builder().register_with::<MailSaga>(Arc::clone(&mail), options);
    let engine = builder.open(journal.clone()).await.unwrap();
    *closes.lock().unwrap() = Some(engine.clone());
    engine.submit::<MailSaga>("a", ada()).await.unwrap();
    goes_on_after_a_shutdown(&mail, &journal, &engine).await;
}

/// Shuts an engine down when it is dropped.
struct Closes(Engine);

impl Drop for Closes {
    fn drop(&mut self) {
        let engine = self.0.clone();
        tokio::spawn(async move { engine.shutdown(GRACE).await });
    }
}

#[tokio::test]
async fn what_shuts_its_engine_down_when_it_is_dropped_does_not_hang_it() {
    let closes: Arc<Mutex<Option<Closes>>> = Arc::default();
    let closing = Arc::clone(&closes);
    let drops = move || {
        drop(closing.lock().unwrap().take());
        None
    };
    let mail = Arc::new(Mail {
        holds: Some(Notify::new()),
        before: Some(Box::new(drops)),
        ..Mail::default()
    });
    let journal = InMemoryJournal::new();
    let engine = open(&mail, &journal).await;
    *closes.lock().unwrap() = Some(Closes(engine.clone()));
    engine.submit::<MailSaga>("a", ada()).await.unwrap();
    mail.holds.as_ref().unwrap().notify_one();
    // Whether or not the saga has a step left when the engine ends.
    let asked = timeout(LONG, engine.outcome::<MailSaga>("a")).await;
    drop(asked.expect("an answer"));
    goes_on(&Arc::new(Mail::default()), &journal).await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_goes_on_though_its_future_is_dropped() {
    let mail = Arc::new(Mail {
        holds: Some(Notify::new()),
        ..Mail::default()
    });
    let journal = InMemoryJournal::new();
    let engine = open(&mail, &journal).await;
    engine.submit::<MailSaga>("a", ada()).await.unwrap();
    mail.reached.notified().await;
    let asked = timeout(Duration::from_secs(1), engine.shutdown(LONG)).await;
    asked.unwrap_err();
    let asked = engine.outcome::<MailSaga>("a").await.unwrap_err();
    assert!(matches!(asked, OutcomeError::ShutDown { .. }), "{asked}");
    tokio::task::yield_now().await;
    let engine = open(&mail, &journal).await;
    mail.holds.as_ref().unwrap().notify_one();
    ends(&engine, "a").await;
}
