//! A codec or a journal that panics counts as one that fails: the saga keeps no place, and each caller gets an
//! answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use saga_core::durable::{
    CancelError, Codec, CodecError, Engine, EngineBuilder, InMemoryJournal, OutcomeError,
    SubmitError,
};
use saga_core::saga;
use saga_tests::failing_journal::{Method, Trouble, Troubled};
use tokio::sync::Notify;
use tokio::time::timeout;

/// Longer than anything here takes.
const LONG: Duration = Duration::from_mins(10);
const GRACE: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Mail {
    /// Waits until it is released, if there is a gate.
    holds: Option<Notify>,
    reached: Notify,
}

#[saga(durable)]
impl Mail {
    #[step(readonly)]
    async fn render(&self, name: &String) -> Result<String, String> {
        self.reached.notify_one();
        if let Some(holds) = &self.holds {
            holds.notified().await;
        }
        Ok(format!("Dear {name}"))
    }

    #[step(pivot)]
    async fn send(&self, text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }
}

fn of(mail: &Arc<Mail>) -> EngineBuilder {
    Engine::builder().register::<MailSaga>(Arc::clone(mail))
}

fn ada() -> String {
    "Ada".to_owned()
}

/// Whether a saga completes in time.
async fn ends(engine: &Engine, id: &str) {
    let ended = timeout(LONG, engine.outcome::<MailSaga>(id)).await;
    let ended = ended.expect("an answer").unwrap();
    assert_eq!(ended.unwrap(), "Dear Ada");
}

/// Panics while its switch is on.
#[derive(Clone, Default)]
struct Panics {
    encoding: Arc<AtomicBool>,
    decoding: Arc<AtomicBool>,
}

impl Codec for Panics {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        assert!(!self.encoding.load(Ordering::Relaxed), "no key to write");
        Ok(json)
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        assert!(!self.decoding.load(Ordering::Relaxed), "no key to read");
        Ok(written.to_vec())
    }
}

#[tokio::test(start_paused = true)]
async fn a_codec_that_panics_is_an_error_for_who_asks_and_holds_no_place() {
    let codec = Panics::default();
    let mail = Arc::new(Mail {
        holds: Some(Notify::new()),
        ..Mail::default()
    });
    let journal = InMemoryJournal::new();
    let open = async |mail: &Arc<Mail>| {
        let builder = of(mail).codec(codec.clone()).max_in_flight(1);
        builder.open(journal.clone()).await.unwrap()
    };
    let engine = open(&mail).await;
    codec.encoding.store(true, Ordering::Relaxed);
    let refused = engine.submit::<MailSaga>("a", ada()).await.unwrap_err();
    let refused = refused.to_string();
    assert!(refused.contains("no key to write"), "{refused}");
    assert!(engine.status("a").await.unwrap().is_none());
    codec.encoding.store(false, Ordering::Relaxed);
    engine.submit::<MailSaga>("a", ada()).await.unwrap();
    mail.reached.notified().await;
    codec.decoding.store(true, Ordering::Relaxed);
    let refused = engine.submit::<MailSaga>("a", ada()).await.unwrap_err();
    let refused = refused.to_string();
    assert!(refused.contains("no key to read"), "{refused}");
    engine.shutdown(Duration::ZERO).await;
    // A saga that cannot be read does not continue, is not lost, and has no place.
    let mail = Arc::new(Mail::default());
    let engine = open(&mail).await;
    let asked = timeout(LONG, engine.outcome::<MailSaga>("a")).await;
    let asked = asked.expect("an answer").unwrap_err().to_string();
    assert!(asked.contains("no key to read"), "{asked}");
    codec.decoding.store(false, Ordering::Relaxed);
    let other = timeout(LONG, engine.submit::<MailSaga>("b", ada())).await;
    other.expect("a place").unwrap();
    ends(&engine, "b").await;
    engine.shutdown(GRACE).await;
    let engine = open(&mail).await;
    ends(&engine, "a").await;
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_panics_when_it_is_written_is_asked_again() {
    for trouble in [Trouble::PanicsAtOnce, Trouble::Panics] {
        for nth in 1..=2 {
            let journal = Troubled::new(&[(Method::Append, nth, trouble)]);
            let mail = Arc::new(Mail::default());
            let engine = of(&mail).open(journal.clone()).await.unwrap();
            let mut handle = engine.submit::<MailSaga>("a", ada()).await.unwrap();
            let asked = handle.outcome().await.unwrap_err();
            assert_eq!(
                asked.to_string(),
                format!(
                    "saga `a` cannot go on for now: the journal is not available: it panicked: Append {nth}"
                )
            );
            tokio::time::sleep(GRACE).await;
            ends(&engine, "a").await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_panics_leaves_open_whether_a_saga_is_there_and_nothing_hangs() {
    for trouble in [Trouble::PanicsAtOnce, Trouble::Panics] {
        let journal = Troubled::new(&[(Method::Create, 1, trouble)]);
        let mail = Arc::new(Mail::default());
        let engine = of(&mail).max_in_flight(1).open(journal.clone()).await;
        let engine = engine.unwrap();
        let refused = engine.submit::<MailSaga>("a", ada()).await.unwrap_err();
        assert!(matches!(refused, SubmitError::Journal { .. }), "{refused}");
        assert!(refused.may_be_there());
        let again = timeout(LONG, engine.submit::<MailSaga>("a", ada())).await;
        again.expect("an answer").unwrap();
        ends(&engine, "a").await;
        journal.next(Method::Find, trouble);
        let asked = engine.outcome::<MailSaga>("a").await.unwrap_err();
        assert!(matches!(asked, OutcomeError::Unknown { .. }), "{asked}");
        journal.next(Method::Find, trouble);
        let asked = engine.cancel("a").await.unwrap_err();
        assert!(matches!(asked, CancelError::Journal(_)), "{asked}");
        journal.next(Method::List, trouble);
        let asked = engine.list(saga_core::durable::Query::new()).await;
        assert!(asked.unwrap_err().to_string().contains("it panicked: List"));
        ends(&engine, "a").await;
    }
}
