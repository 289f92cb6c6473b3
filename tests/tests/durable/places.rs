//! Never do more sagas have calls in progress than the engine may have in flight, whatever they do, in any life.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use saga_core::durable::{
    Claim, Codec, CodecError, Engine, EngineBuilder, InMemoryJournal, Journal as _,
};
use saga_core::{Policy, RunOptions, StepContext, saga};
use saga_tests::failing_journal::Troubled;
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep, timeout};

#[path = "../random/dice.rs"]
mod dice;

use dice::Dice;

const LONG: Duration = Duration::from_hours(2_000);

/// Watches the calls of all sagas.
#[derive(Debug, Default)]
struct Yard {
    under_way: Mutex<BTreeMap<String, u32>>,
    most: Mutex<usize>,
    calls: Mutex<Vec<String>>,
}

/// Which calls of a saga fail.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Load {
    fails: Vec<String>,
}

/// A call in progress, or interrupted by the end of the process.
struct UnderWay<'y>(&'y Yard, String);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut under_way = self.0.under_way.lock().unwrap();
        let calls = under_way.get_mut(&self.1).unwrap();
        *calls -= 1;
        if *calls == 0 {
            under_way.remove(&self.1);
        }
    }
}

impl Yard {
    async fn call(&self, run: &StepContext, call: &str, load: &Load) -> Result<(), String> {
        let saga = run.saga_id().to_string();
        {
            let mut under_way = self.under_way.lock().unwrap();
            *under_way.entry(saga.clone()).or_default() += 1;
            let mut most = self.most.lock().unwrap();
            *most = (*most).max(under_way.len());
        }
        let under_way = UnderWay(self, saga.clone());
        self.calls.lock().unwrap().push(format!("{saga} {call}"));
        // One member of the group waits while the other still runs.
        let seconds = if call == "list" { 100 } else { 10 };
        sleep(Duration::from_secs(seconds)).await;
        drop(under_way);
        if load.fails.iter().any(|fails| fails == call) {
            return Err(format!("no {call}"));
        }
        Ok(())
    }
}

#[saga(durable)]
impl Yard {
    #[step(compensate = put_back)]
    async fn take(&self, load: &Load, run: &StepContext) -> Result<Load, String> {
        self.call(run, "take", load).await?;
        Ok(load.clone())
    }

    #[step(
        parallel = checks,
        compensate = unweigh,
        retry(attempts = 3, backoff = "500h..500h"),
    )]
    async fn weigh(&self, load: &Load, run: &StepContext) -> Result<(), String> {
        self.call(run, "weigh", load).await
    }

    #[step(
        parallel = checks,
        compensate = unlist,
        retry(attempts = 2, backoff = "500h..500h"),
    )]
    async fn list(&self, load: &Load, run: &StepContext) -> Result<(), String> {
        self.call(run, "list", load).await
    }

    #[step(pivot)]
    async fn send(&self, #[input] load: &Load, run: &StepContext) -> Result<(), String> {
        self.call(run, "send", load).await
    }

    #[compensation(retry(attempts = 2, backoff = "500h..500h"))]
    async fn put_back(&self, load: &Load, run: &StepContext) -> Result<(), String> {
        self.call(run, "put_back", load).await
    }

    async fn unweigh(&self, #[input] load: &Load, run: &StepContext) -> Result<(), String> {
        self.call(run, "unweigh", load).await
    }

    async fn unlist(&self, #[input] load: &Load, run: &StepContext) -> Result<(), String> {
        self.call(run, "unlist", load).await
    }
}

const SAGAS: usize = 8;
const CALLS: [&str; 7] = [
    "take", "weigh", "list", "send", "put_back", "unweigh", "unlist",
];

/// A codec that sometimes fails for half a minute.
struct Flaky(Mutex<(Dice, Option<Instant>)>);

impl Flaky {
    fn is_up(&self) -> Result<(), CodecError> {
        let mut state = self.0.lock().unwrap();
        let (dice, down_until) = &mut *state;
        if down_until.is_none() && dice.percent(5) {
            *down_until = Some(Instant::now() + Duration::from_secs(30));
        }
        match *down_until {
            Some(until) if Instant::now() < until => Err("the key store does not answer".into()),
            _ => {
                *down_until = None;
                Ok(())
            }
        }
    }
}

impl Codec for Flaky {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        self.is_up().map(|()| json)
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        self.is_up().map(|()| written.to_vec())
    }
}

/// Runs several lives of these sagas. In the last one, all of them end.
fn lives(seed: u64) {
    let mut dice = Dice::new(seed);
    let (yard, journal) = (Arc::new(Yard::default()), InMemoryJournal::new());
    let places = 1 + dice.below(2);
    let lives = 1 + dice.below(3);
    let loads: Vec<_> = (0..SAGAS)
        .map(|_| {
            let fails = CALLS.iter().filter(|_| dice.percent(30));
            let fails = fails.map(ToString::to_string).collect();
            Load { fails }
        })
        .collect();
    for life in 1..=lives {
        let mut runtime = Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let flaky = Flaky(Mutex::new((Dice::new(seed ^ life as u64), None)));
            let mut options = RunOptions::new();
            if dice.percent(50) {
                let policy = Policy::ONCE.max_interruptions(1);
                options = options.policy("weigh", policy).unwrap();
            }
            if dice.percent(50) {
                options = options.deadline(Duration::from_secs(15 + 10 * dice.below(100) as u64));
            }
            let engine = Engine::builder()
                .max_in_flight(places)
                .codec(flaky)
                .register_with::<YardSaga>(Arc::clone(&yard), options)
                .open(journal.clone())
                .await
                .unwrap();
            let mut asked = Vec::new();
            for (id, load) in loads.iter().cloned().enumerate() {
                let engine = engine.clone();
                let cancelled = dice.percent(50).then(|| dice.below(300) as u64);
                asked.push(tokio::spawn(async move {
                    let id = id.to_string();
                    while engine
                        .submit::<YardSaga>(id.as_str(), load.clone())
                        .await
                        .is_err()
                    {
                        sleep(Duration::from_secs(1)).await;
                    }
                    if let Some(after) = cancelled {
                        sleep(Duration::from_secs(after)).await;
                        engine.cancel(id).await.unwrap();
                    }
                }));
            }
            if life < lives {
                sleep(Duration::from_secs(dice.below(400) as u64)).await;
                if dice.percent(30) {
                    engine.shutdown(Duration::from_secs(5)).await;
                }
                return;
            }
            for asked in asked {
                asked.await.unwrap();
            }
            for id in 0..SAGAS {
                let ended = async {
                    while let Err(error) = engine.outcome::<YardSaga>(id.to_string()).await {
                        assert!(error.to_string().contains("key store"), "{error}");
                        sleep(Duration::from_secs(1)).await;
                    }
                };
                timeout(LONG, ended).await.expect("it ends");
            }
        });
    }
    let most = *yard.most.lock().unwrap();
    assert!(
        most <= places,
        "seed {seed}: {most} sagas with calls under way, in {places} places"
    );
}

#[test]
fn no_more_sagas_have_calls_under_way_than_there_are_places() {
    for seed in 0..200 {
        lives(seed);
    }
}

/// A codec that refuses to write values with this word.
struct Refuses(&'static str);

impl Codec for Refuses {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        let word = self.0.as_bytes();
        if json.windows(word.len()).any(|part| part == word) {
            return Err("too long".into());
        }
        Ok(json)
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        Ok(written.to_vec())
    }
}

/// The failures of these calls are refused. The undo of one is the last that runs of its saga: after it comes the report.
#[tokio::test(start_paused = true)]
async fn a_saga_whose_records_the_codec_refuses_keeps_no_place() {
    for refused in ["no take", "no weigh", "no send", "no put_back"] {
        let yard = Arc::new(Yard::default());
        let engine = Engine::builder()
            .max_in_flight(1)
            .codec(Refuses(refused))
            .register::<YardSaga>(Arc::clone(&yard))
            .open(InMemoryJournal::new())
            .await
            .unwrap();
        let fails = |calls: &[&str]| Load {
            fails: calls.iter().map(ToString::to_string).collect(),
        };
        let call = refused.trim_start_matches("no ");
        let calls: &[_] = if call == "put_back" {
            &["weigh", "put_back"]
        } else {
            &[call]
        };
        let stays = engine.submit::<YardSaga>("stays", fails(calls)).await;
        let mut stays = stays.unwrap();
        for id in 0..3 {
            let id = format!("{refused} {id}");
            let ends = async {
                let mut saga = engine.submit::<YardSaga>(id, fails(&[])).await.unwrap();
                saga.outcome().await.unwrap().unwrap();
            };
            timeout(LONG, ends).await.expect(refused);
        }
        let outcome = timeout(LONG, stays.outcome()).await.expect("an answer");
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains("too long"), "{refused}: {error}");
        assert_eq!(
            engine.shutdown(Duration::from_secs(5)).await,
            1,
            "{refused}"
        );
    }
}

/// A saga whose step fails once and then waits.
#[derive(Default)]
struct Crane {
    tries: Mutex<u32>,
}

#[saga(durable)]
impl Crane {
    #[step(readonly, retry(attempts = 2, backoff = "1s..1s"))]
    async fn lift(&self, load: &u64) -> Result<u64, String> {
        let mut tries = self.tries.lock().unwrap();
        *tries += 1;
        if *tries == 1 {
            Err("busy".to_owned())
        } else {
            Ok(*load)
        }
    }
}

#[derive(Default)]
struct Pier {
    crane: Crane,
}

#[saga(durable)]
impl Pier {
    #[step(saga = CraneSaga, on = self.crane)]
    fn lift(&self, load: &u64) -> u64 {
        *load
    }
}

fn life<T>(life: impl Future<Output = T>) -> T {
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(life)
}

/// A saga that two processes interrupted before its nested saga began runs alone. That saga waits, and others that a
/// process ended over want to be read alone: each has what the others wait for.
#[test]
fn a_saga_that_runs_alone_and_waits_keeps_no_other_from_a_place() {
    for (places, others) in [(1, 1), (1, 5), (5, 5), (5, 1)] {
        let journal = Troubled::default();
        let pier = || Engine::builder().register::<PierSaga>(Pier::default());
        let others: Vec<_> = (0..others).map(|nth| format!("other {nth}")).collect();
        journal.refuses(Some("nested_began"));
        life(async {
            let engine = pier().register::<YardSaga>(Arc::default());
            let engine = EngineBuilder::open(engine, journal.clone()).await.unwrap();
            engine.submit::<PierSaga>("pier", 1).await.unwrap();
            for id in &others {
                let load = Load { fails: Vec::new() };
                engine.submit::<YardSaga>(id.as_str(), load).await.unwrap();
            }
            sleep(Duration::from_secs(1)).await;
        });
        life(async {
            let _engine = pier().open(journal.clone()).await.unwrap();
            sleep(Duration::from_secs(1)).await;
        });
        journal.refuses(None);
        life(async {
            // As if a process had ended while it read them.
            let lock = journal.kept.lock().await.unwrap();
            for id in &others {
                let entry = journal.kept.find(&id.as_str().into()).await.unwrap();
                let claim = Claim::One(entry.unwrap().key);
                journal.kept.claim(lock.epoch(), claim).await.unwrap();
            }
        });
        life(async {
            let engine = pier().register::<YardSaga>(Arc::default());
            let engine = engine.max_in_flight(places).open(journal.clone());
            let engine = engine.await.unwrap();
            let all = async {
                engine.outcome::<PierSaga>("pier").await.unwrap().unwrap();
                for id in &others {
                    let ended = engine.outcome::<YardSaga>(id.as_str()).await;
                    ended.unwrap().unwrap();
                }
            };
            timeout(LONG, all).await.expect("they end");
        });
    }
}
