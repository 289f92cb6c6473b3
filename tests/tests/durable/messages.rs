//! The texts of a durable saga for a reader: they quote no secret, say what is known, and say what to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use saga_core::SagaId;
use saga_core::durable::{
    Codec, CodecError, Engine, InMemoryJournal, Journal as _, Query, StatusKind,
};
use saga_core::saga;
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use tokio::time::{Duration, sleep};

const GRACE: Duration = Duration::from_mins(1);

/// A card whose own `Serialize` refuses and quotes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Card(String);

impl Serialize for Card {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.starts_with("good") {
            return serializer.serialize_newtype_struct("Card", &self.0);
        }
        Err(S::Error::custom(format!("{} is no card", self.0)))
    }
}

struct Till;

#[saga(durable)]
impl Till {
    #[step(pivot)]
    async fn charge(&self, #[sensitive] card: &Card) -> Result<u64, String> {
        Ok(card.0.len() as u64)
    }
}

mod before {
    pub(super) struct Token;

    #[saga_core::saga(durable, name = "token", vis = pub(super))]
    impl Token {
        #[step(sensitive, pivot)]
        async fn make(&self, id: &u64) -> Result<String, String> {
            Ok(format!("SECRET {id}"))
        }
    }
}

/// A saga whose step takes a minute.
struct Slow;

#[saga(durable)]
impl Slow {
    #[step(pivot)]
    async fn wait(&self, id: &u64) -> Result<u64, String> {
        sleep(Duration::from_mins(1)).await;
        Ok(*id)
    }
}

mod after {
    pub(super) struct Token;

    #[saga_core::saga(durable, name = "token", vis = pub(super))]
    impl Token {
        #[step(sensitive, pivot)]
        async fn make(&self, id: &u64) -> Result<u64, String> {
            Ok(*id)
        }
    }
}

/// A codec whose keys may be missing.
#[derive(Clone, Default)]
struct Keys(Arc<AtomicBool>);

impl Keys {
    fn are_away(&self, are: bool) {
        self.0.store(are, Ordering::Relaxed);
    }

    fn convert(&self, value: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        if self.0.load(Ordering::Relaxed) {
            return Err("the key server is away".into());
        }
        Ok(value)
    }
}

impl Codec for Keys {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        self.convert(json)
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        self.convert(written.to_vec())
    }
}

#[tokio::test]
async fn a_sensitive_input_that_cannot_be_written_is_not_quoted() {
    let engine = Engine::builder().register::<TillSaga>(Till);
    let engine = engine.open(InMemoryJournal::new()).await.unwrap();
    let card = Card("4711 0815".to_owned());
    let refused = engine.submit::<TillSaga>("a", card).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the input of saga `till` (a) cannot be written to the journal and read back: why is not said, for it is \
         sensitive"
    );
    assert!(!format!("{refused:?}").contains("4711"));
}

#[tokio::test]
async fn a_sensitive_output_that_cannot_be_read_any_more_is_not_quoted() {
    let journal = InMemoryJournal::new();
    let engine = Engine::builder().register::<before::TokenSaga>(before::Token);
    let engine = engine.open(journal.clone()).await.unwrap();
    let mut handle = engine.submit::<before::TokenSaga>("a", 7).await.unwrap();
    assert_eq!(handle.outcome().await.unwrap().unwrap(), "SECRET 7");
    engine.shutdown(GRACE).await;
    let engine = Engine::builder().register::<after::TokenSaga>(after::Token);
    let engine = engine.open(journal).await.unwrap();
    let refused = engine.outcome::<after::TokenSaga>("a").await.unwrap_err();
    assert!(
        !format!("{refused} {refused:?}").contains("SECRET"),
        "{refused:?}"
    );
    assert!(
        refused.to_string().contains("what was written is no `u64`"),
        "{refused}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_codec_that_fails_is_named_where_a_saga_is_submitted_runs_or_has_ended() {
    let (keys, journal) = (Keys::default(), InMemoryJournal::new());
    let open = async || {
        let builder = Engine::builder().register::<before::TokenSaga>(before::Token);
        let builder = builder.register::<SlowSaga>(Slow);
        builder
            .codec(keys.clone())
            .open(journal.clone())
            .await
            .unwrap()
    };
    let engine = open().await;
    let mut ended = engine
        .submit::<before::TokenSaga>("ended", 1)
        .await
        .unwrap();
    ended.outcome().await.unwrap().unwrap();
    keys.are_away(true);

    let refused = engine
        .submit::<before::TokenSaga>("new", 2)
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "saga `token` (new) was not submitted: the codec of the engine fails: the key server is away; submit it again \
         when it works"
    );
    assert_eq!(engine.status("new").await.unwrap().map(|_| ()), None);

    let unread = engine
        .outcome::<before::TokenSaga>("ended")
        .await
        .unwrap_err();
    assert_eq!(
        unread.to_string(),
        "saga `ended` ended completed, and its result cannot be read for now: the codec of the engine fails: the key \
         server is away"
    );

    keys.are_away(false);
    engine.submit::<SlowSaga>("left", 3).await.unwrap();
    keys.are_away(true);
    sleep(Duration::from_mins(2)).await;
    let status = engine.status("left").await.unwrap().unwrap();
    assert_eq!(
        status.to_string(),
        "left, a run of `slow`: staying at step `wait`, attempt 1 for now: the codec of the engine fails: the key server \
         is away"
    );
    let mut troubled = engine.sagas(Query::new()).that_are(StatusKind::Trouble);
    assert_eq!(
        troubled.next().await.unwrap().unwrap().id,
        SagaId::new("left")
    );
    keys.are_away(false);
    sleep(Duration::from_mins(1)).await;
    assert_eq!(
        engine.outcome::<SlowSaga>("left").await.unwrap().unwrap(),
        3
    );
}

#[tokio::test]
async fn a_status_is_one_line_whatever_the_id_is() {
    let engine = Engine::builder().register::<before::TokenSaga>(before::Token);
    let engine = engine.open(InMemoryJournal::new()).await.unwrap();
    let id = "odd\n\u{1b}[31m\u{202e}x";
    engine
        .submit::<before::TokenSaga>(id, 1)
        .await
        .unwrap()
        .outcome()
        .await
        .unwrap()
        .unwrap();
    let status = engine.status(id).await.unwrap().unwrap();
    assert_eq!(
        status.to_string(),
        r"odd\n\u{1b}[31m\u{202e}x, a run of `token`: completed"
    );
}

#[tokio::test]
async fn an_input_that_cannot_be_read_is_no_reason_to_take_another_id() {
    let journal = InMemoryJournal::new();
    let engine = Engine::builder().register::<before::TokenSaga>(before::Token);
    let engine = engine.open(journal.clone()).await.unwrap();
    engine
        .submit::<before::TokenSaga>("a", 7)
        .await
        .unwrap()
        .outcome()
        .await
        .unwrap()
        .unwrap();
    engine.shutdown(GRACE).await;
    assert!(journal.find(&SagaId::new("a")).await.unwrap().is_some());

    // Without the codec that wrote the values.
    let engine = Engine::builder().register::<before::TokenSaga>(before::Token);
    let engine = engine.codec(Flipped).open(journal.clone()).await.unwrap();
    let refused = engine
        .submit::<before::TokenSaga>("a", 7)
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "saga id `a` belongs to a run of `token` whose recorded input cannot be read, so it is not known whether it is \
         this one: what was written is no JSON, or the codec is another than the one that wrote it, at line 1, \
         column 1; ask for the outcome of the id, and take another one only if this is certainly another run"
    );
}

/// Another codec.
struct Flipped;

impl Codec for Flipped {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        Ok(json.into_iter().map(|byte| !byte).collect())
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        Ok(written.iter().map(|byte| !byte).collect())
    }
}
