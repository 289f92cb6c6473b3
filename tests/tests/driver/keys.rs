//! Idempotency keys: for any ids, two calls never share a key, and each key can be an HTTP header.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use saga_core::{
    End, Failure, RunOptions, Saga, SagaId, StepContext, definition::Phase, observe::Event, saga,
};

/// The call that a key belongs to: the ids from the outermost run to its own, by their saga, step and attempt.
type Call = (Vec<String>, &'static str, Phase);

/// The keys that were used, and what for.
#[derive(Default)]
struct Seen(Mutex<HashMap<String, BTreeSet<Call>>>);

impl Seen {
    fn note(&self, path: &[String], run: &StepContext) {
        let key = run.idempotency_key();
        let call = (path.to_vec(), run.step(), run.phase());
        let mut seen = self.0.lock().unwrap();
        seen.entry(key).or_default().insert(call);
    }
}

struct Inner {
    seen: Arc<Seen>,
    path: Vec<String>,
}

#[saga(name = "größe", saga = InnerSaga)]
impl Inner {
    #[step(compensate = forget)]
    async fn note(&self, run: &StepContext) -> Result<(), String> {
        self.seen.note(&self.path, run);
        Ok(())
    }

    async fn forget(&self, _nothing: &(), run: &StepContext) -> Result<(), String> {
        self.seen.note(&self.path, run);
        Ok(())
    }
}

struct Middle {
    inner: Inner,
    path: Vec<String>,
}

#[saga(name = "a.b", saga = MiddleSaga)]
impl Middle {
    #[step(compensate = forget)]
    async fn note(&self, run: &StepContext) -> Result<(), String> {
        self.inner.seen.note(&self.path, run);
        Ok(())
    }

    #[step(saga = InnerSaga, on = self.inner)]
    fn inner(&self) {}

    async fn forget(&self, _nothing: &(), run: &StepContext) -> Result<(), String> {
        self.inner.seen.note(&self.path, run);
        Ok(())
    }
}

/// A service whose steps run sagas that are also run by themselves.
struct Outer {
    middle: Middle,
    path: Vec<String>,
}

#[saga(saga = OuterSaga)]
impl Outer {
    #[step(compensate = forget)]
    async fn note(&self, run: &StepContext) -> Result<(), String> {
        self.middle.inner.seen.note(&self.path, run);
        Ok(())
    }

    #[step(saga = MiddleSaga, on = self.middle)]
    fn middle(&self) {}

    #[step(pivot)]
    async fn end(&self) -> Result<(), String> {
        Err("rolled back".to_owned())
    }

    async fn forget(&self, _nothing: &(), run: &StepContext) -> Result<(), String> {
        self.middle.inner.seen.note(&self.path, run);
        Ok(())
    }
}

fn inner(seen: &Arc<Seen>, path: Vec<String>) -> Inner {
    let seen = Arc::clone(seen);
    Inner { seen, path }
}

fn middle(seen: &Arc<Seen>, path: Vec<String>) -> Middle {
    let within = [&*path, &["inner".to_owned()]].concat();
    Middle {
        inner: inner(seen, within),
        path,
    }
}

/// Runs each of the three sagas under this id.
async fn run_all(seen: &Arc<Seen>, id: &str) {
    let path = |saga: &str| vec![format!("{saga} {id}")];
    let within = [&*path("outer"), &["middle".to_owned()]].concat();
    let outer = Outer {
        middle: middle(seen, within),
        path: path("outer"),
    };
    let ended = OuterSaga::run_with(&outer, (), RunOptions::new().id(id)).await;
    assert_eq!(ended.unwrap_err().end(), End::Compensated);
    let middle = middle(seen, path("middle"));
    let ended = MiddleSaga::run_with(&middle, (), RunOptions::new().id(id)).await;
    ended.unwrap();
    let inner = inner(seen, path("inner"));
    let ended = InnerSaga::run_with(&inner, (), RunOptions::new().id(id)).await;
    ended.unwrap();
}

/// Ids that look like parts of keys, like escapes, and like ids of nested runs.
fn id() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "/",
        "/",
        "%",
        "%2F",
        "%2f",
        "%25",
        "1",
        "o-1",
        "outer",
        "a.b",
        "größe",
        "gr%C3%B6%C3%9Fe",
        "note",
        "inner",
        "middle",
        "do",
        "undo",
        "outer/o-1/middle/1",
        " ",
        "\"",
        "\\",
        "\n",
        "é",
        "😀",
    ];
    let piece = prop_oneof![
        4 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => Just("/1/".to_owned()),
    ];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn different_calls_have_different_keys_of_visible_ascii(
        ids in proptest::collection::btree_set(id(), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let seen = Arc::<Seen>::default();
        runtime.block_on(async {
            for id in &ids {
                run_all(&seen, id).await;
            }
        });
        let seen = seen.0.lock().unwrap();
        for (key, calls) in &*seen {
            assert_eq!(calls.len(), 1, "{key:?} stands for {calls:?}");
            assert!(key.bytes().all(|byte| byte.is_ascii_graphic()), "{key:?}");
            // What would have to be escaped between quotes, as in the draft of `Idempotency-Key`.
            assert!(!key.contains(['"', '\\']), "{key:?}");
        }
        // For each id: three sagas within each other, inside and outside, and three by themselves.
        assert_eq!(seen.len(), ids.len() * (6 + 2 + 1));
    }
}

/// A run by itself once had the keys of the same run as a step.
#[tokio::test]
async fn an_id_that_reads_like_that_of_a_nested_run_has_other_keys() {
    let seen = Arc::<Seen>::default();
    let by_hand = inner(&seen, vec!["by hand".to_owned()]);
    let id = "a.b/7/inner/1";
    let ended = InnerSaga::run_with(&by_hand, (), RunOptions::new().id(id)).await;
    ended.unwrap();
    let nested = middle(&seen, vec!["nested".to_owned()]);
    let ended = MiddleSaga::run_with(&nested, (), RunOptions::new().id("7")).await;
    ended.unwrap();
    let mut keys: Vec<_> = seen.0.lock().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(
        keys,
        [
            "a.b/7/note/do",
            "gr%C3%B6%C3%9Fe/a.b%2F7%2Finner%2F1/note/do",
            "gr%C3%B6%C3%9Fe/a.b/7/inner/1/note/do",
        ]
    );
}

#[test]
fn keys_of_ordinary_ids_are_as_they_always_were() {
    let key = |id: &str| StepContext::new("checkout", id, "charge_card").idempotency_key();
    for id in [
        "order-42",
        "7",
        "a.b_c~d:e@f",
        "ABC+(x)*!$&',;=?#[]{}|^`<>",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
    ] {
        assert_eq!(key(id), format!("checkout/{id}/charge_card/do"));
    }
    assert_eq!(key("a/b"), "checkout/a%2Fb/charge_card/do");
    assert_eq!(key("a%2Fb"), "checkout/a%252Fb/charge_card/do");
    assert_eq!(key("ü 1\n"), "checkout/%C3%BC%201%0A/charge_card/do");
    assert_eq!(key("\"a\\b\""), "checkout/%22a%5Cb%22/charge_card/do");
    let run = StepContext::new("checkout", "a/b", "charge_card");
    assert_eq!(run.saga_id().to_string(), "a/b");
    assert_eq!(run.step_idempotency_key(), run.idempotency_key());
}

struct Charging;

#[saga]
impl Charging {
    #[step(compensate = refund, timeout = "1s")]
    async fn charge(&self) -> Result<u32, String> {
        panic!("the run is not to begin")
    }

    async fn refund(&self, _payment: &u32) -> Result<(), String> {
        panic!("there is nothing to be undone")
    }
}

#[tokio::test]
async fn a_run_with_an_empty_id_does_not_begin() {
    let options = || RunOptions::<ChargingSaga>::new().id("");
    let in_place = ChargingSaga::run_with(&Charging, (), options()).await;
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&events);
    let observer = move |event: &Event<'_>| sink.lock().unwrap().push(format!("{:?}", event.kind));
    let observed = options().observer(Arc::new(observer));
    let spawned = ChargingSaga::spawn(Arc::new(Charging), (), observed).await;
    for ended in [in_place, spawned.unwrap()] {
        let error = ended.unwrap_err();
        assert_eq!(error.step().unwrap().name, "charge");
        assert!(matches!(
            error.error(),
            ChargingSagaError::Charge(Failure::NotStarted(_))
        ));
        assert_eq!((error.attempts(), error.in_doubt()), (0, false));
        assert_eq!(error.end(), End::Compensated);
        assert_eq!(
            error.to_string(),
            "saga `charging` () was compensated: step `charge` failed: not started: the id of the run is \
             empty, and its idempotency keys would be those of every other such run"
        );
    }
    let events = events.lock().unwrap();
    assert!(
        !events
            .iter()
            .any(|event| event.starts_with("AttemptStarted")),
        "{events:#?}"
    );
    assert_eq!(
        events.len(),
        3,
        "it begins, the step has ended, it has ended: {events:#?}"
    );
}

#[test]
fn an_id_is_made_of_whatever_a_text_is_in() {
    let text = String::from("order-42");
    let ids = [
        SagaId::from("order-42"),
        SagaId::from(&text),
        SagaId::from(Arc::<str>::from("order-42")),
        SagaId::from(text.clone()),
    ];
    assert!(ids.iter().all(|id| *id == SagaId::new("order-42")));
    let run = StepContext::new("checkout", &text, "charge_card");
    assert_eq!(run.idempotency_key(), "checkout/order-42/charge_card/do");
}
