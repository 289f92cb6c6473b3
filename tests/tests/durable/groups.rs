//! Records of a parallel group that cannot be read: no member waits for ever for one that does not go on.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use saga_core::durable::{
    Codec, CodecError, Engine, EngineBuilder, InMemoryJournal, OutcomeError, StatusKind,
};
use saga_core::{Attempt, saga};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use tokio::time::{sleep, timeout};

const LONG: Duration = Duration::from_hours(1_000);

thread_local! {
    /// The weight that cannot be read in this life.
    static UNREADABLE: Cell<u64> = const { Cell::new(0) };
}

#[derive(Debug, Clone, Serialize)]
struct Weight(u64);

impl<'de> Deserialize<'de> for Weight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let weight = u64::deserialize(deserializer)?;
        if weight != 0 && weight == UNREADABLE.get() {
            return Err(D::Error::custom("another type"));
        }
        Ok(Self(weight))
    }
}

const PLAIN: u64 = 1;
const INPUT: u64 = 2;
const OUTPUT: u64 = 3;
const SEALED: u64 = 4;

/// What a load does at the end, and how long its plain member takes beside the one that runs a saga.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Load {
    ends: bool,
    /// Whether the saga in the group fails.
    fails: bool,
    seconds: u64,
}

struct Scales;

#[saga(durable)]
impl Scales {
    #[step(compensate = forget)]
    async fn weigh(&self, load: &(Weight, bool)) -> Result<Weight, String> {
        sleep(Duration::from_secs(2)).await;
        let _ = load;
        Ok(Weight(OUTPUT))
    }

    #[step(compensate = forget_label)]
    async fn label(&self, #[input] load: &(Weight, bool)) -> Result<(), String> {
        if load.1 {
            Err("no paper".to_owned())
        } else {
            Ok(())
        }
    }

    async fn forget(&self, _: Attempt<&Weight>) -> Result<(), String> {
        Ok(())
    }

    async fn forget_label(&self) -> Result<(), String> {
        Ok(())
    }
}

struct Dock {
    scales: Scales,
}

#[saga(durable)]
impl Dock {
    #[step(parallel = checks, compensate = let_go)]
    async fn hold(&self, load: &Load) -> Result<Weight, String> {
        sleep(Duration::from_secs(load.seconds)).await;
        Ok(Weight(PLAIN))
    }

    #[step(parallel = checks, saga = ScalesSaga, on = self.scales)]
    fn weigh(&self, load: &Load) -> (Weight, bool) {
        (Weight(INPUT), load.fails)
    }

    #[step(parallel = checks, compensate = let_go_of_seal, only_if = is_sealed)]
    async fn seal(&self, _: &Load) -> Result<Weight, String> {
        Ok(Weight(SEALED))
    }

    #[step(pivot)]
    async fn send(&self, #[input] load: &Load) -> Result<(), String> {
        if load.ends {
            return Err("no lorry".to_owned());
        }
        std::future::pending().await
    }

    fn is_sealed(&self, load: &Load) -> bool {
        load.ends
    }

    async fn let_go(&self, _: Attempt<&Weight>) -> Result<(), String> {
        Ok(())
    }

    async fn let_go_of_seal(&self, _: Attempt<&Weight>) -> Result<(), String> {
        Ok(())
    }
}

fn dock() -> EngineBuilder {
    let dock = Dock { scales: Scales };
    Engine::builder()
        .max_in_flight(1)
        .register::<DockSaga>(dock)
}

/// A load that another process has left: at its end, or where it hangs.
async fn left(load: Load) -> InMemoryJournal {
    UNREADABLE.set(0);
    let journal = InMemoryJournal::new();
    let engine = dock().open(journal.clone()).await.unwrap();
    let is_over = load.ends || load.fails;
    let mut saga = engine.submit::<DockSaga>("left", load).await.unwrap();
    if is_over {
        saga.outcome().await.unwrap().unwrap_err();
    } else {
        sleep(Duration::from_secs(100)).await;
    }
    engine.shutdown(Duration::from_secs(1)).await;
    journal
}

fn loads() -> impl Iterator<Item = Load> {
    [true, false].into_iter().flat_map(|ends| {
        [true, false].into_iter().flat_map(move |fails| {
            [1, 3].map(|seconds| Load {
                ends,
                fails,
                seconds,
            })
        })
    })
}

#[tokio::test(start_paused = true)]
async fn a_saga_whose_group_has_a_value_that_cannot_be_read_is_parked_or_has_ended() {
    for load in loads() {
        // A load that was not sealed has no record of that.
        let last = if load.ends { SEALED } else { OUTPUT };
        for unreadable in PLAIN..=last {
            let journal = left(load.clone()).await;
            UNREADABLE.set(unreadable);
            let engine = dock().open(journal).await.unwrap();
            let outcome = timeout(LONG, engine.outcome::<DockSaga>("left")).await;
            let outcome = outcome.unwrap_or_else(|_| panic!("{load:?}: {unreadable} hangs"));
            let status = engine.status("left").await.unwrap().unwrap().status;
            let is_over = load.ends || load.fails;
            match outcome {
                Ok(ended) => drop(ended.unwrap_err()),
                Err(OutcomeError::Ended { .. }) => assert!(is_over, "{load:?}: {unreadable}"),
                Err(OutcomeError::Parked { .. }) => {
                    assert!(!is_over, "{load:?}: {unreadable}: {status}");
                    assert_eq!(status.kind(), StatusKind::Parked, "{status}");
                }
                Err(other) => panic!("{load:?}: {unreadable}: {other}"),
            }
            // The place is another's.
            UNREADABLE.set(0);
            let another = async {
                let load = Load {
                    ends: true,
                    fails: false,
                    seconds: 1,
                };
                let mut saga = engine.submit::<DockSaga>("another", load).await.unwrap();
                saga.outcome().await.unwrap().unwrap_err();
            };
            timeout(LONG, another).await.expect("a place");
            engine.shutdown(Duration::from_secs(1)).await;
        }
    }
}

/// Fails at this one of its readings, once.
struct FailsOnce(Arc<AtomicUsize>);

impl Codec for FailsOnce {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        Ok(json)
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        if self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
            return Err("no key".into());
        }
        Ok(written.to_vec())
    }
}

#[tokio::test(start_paused = true)]
async fn a_codec_that_fails_once_while_a_group_is_read_again_is_answered_and_asked_again() {
    let mut failed = 0;
    for load in loads() {
        for nth in 1..30 {
            let journal = left(load.clone()).await;
            let count = Arc::new(AtomicUsize::new(nth));
            let codec = FailsOnce(Arc::clone(&count));
            let engine = dock().codec(codec).open(journal).await.unwrap();
            let is_over = load.ends || load.fails;
            if is_over {
                let mut answers = Vec::new();
                while answers.last().is_none_or(Result::is_err) && answers.len() < 3 {
                    let answer = timeout(LONG, engine.outcome::<DockSaga>("left")).await;
                    let answer = answer.expect("an answer");
                    answers.push(answer.map(Result::unwrap_err));
                }
                assert!(answers.len() < 3, "{load:?}: {nth}: {answers:?}");
                failed += usize::from(answers.len() == 2);
            } else {
                sleep(Duration::from_secs(100)).await;
                let status = engine.status("left").await.unwrap().unwrap();
                assert!(
                    status.status.to_string().contains("send"),
                    "{nth}: {status}"
                );
            }
            engine.shutdown(Duration::from_secs(1)).await;
        }
    }
    assert!(
        failed > 20,
        "the codec failed while an outcome was read only {failed} times"
    );
}
