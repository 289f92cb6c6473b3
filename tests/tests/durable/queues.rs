//! A saga that only waits for its turn after a crash is not blamed for the end of the process.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use saga_core::durable::{
    Codec, CodecError, Engine, EngineBuilder, InMemoryJournal, Journal as _, OutcomeError, Parked,
};
use saga_core::saga;
use saga_tests::failing_journal::{Method, Trouble, Troubled};
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tokio::time::timeout;

const LONG: Duration = Duration::from_mins(1);

#[derive(Default)]
struct Job {
    go: Notify,
    reached: Notify,
}

#[saga(durable)]
impl Job {
    #[step(readonly)]
    async fn work(&self, what: &u32) -> Result<u32, String> {
        self.reached.notify_one();
        self.go.notified().await;
        Ok(*what)
    }

    #[step(pivot)]
    async fn end(&self, what: &u32) -> Result<u32, String> {
        Ok(*what)
    }
}

fn of(job: &Arc<Job>) -> EngineBuilder {
    Engine::builder().register::<JobSaga>(Arc::clone(job))
}

/// One life of a process. It ends while the first of its sagas has the only place.
fn crash(journal: &InMemoryJournal, sagas: u32, asks: Option<&str>) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let job = Arc::new(Job::default());
        // The first life has room for all of them.
        let builder = match sagas {
            0 => of(&job).max_in_flight(1),
            _ => of(&job),
        };
        let engine = builder.open(journal.clone()).await.unwrap();
        for id in 0..sagas {
            let submitted = engine.submit::<JobSaga>(id.to_string(), id).await;
            submitted.unwrap();
        }
        job.reached.notified().await;
        if let Some(id) = asks {
            let asked = engine.outcome::<JobSaga>(id);
            assert!(timeout(Duration::ZERO, asked).await.is_err());
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn sagas_that_wait_for_a_place_while_processes_end_are_not_parked() {
    for asks in [None, Some("9")] {
        let journal = InMemoryJournal::new();
        crash(&journal, 10, None);
        for _ in 0..8 {
            crash(&journal, 0, asks);
        }
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let job = Arc::new(Job::default());
            let builder = of(&job);
            let engine = builder.open(journal.clone()).await.unwrap();
            let all = async {
                // The first ones were interrupted.
                for id in 4..10 {
                    let ended = engine.outcome::<JobSaga>(id.to_string()).await;
                    assert_eq!(ended.unwrap().unwrap(), id);
                }
            };
            let lets_go = async {
                loop {
                    job.go.notify_one();
                    tokio::task::yield_now().await;
                }
            };
            let ended = async {
                tokio::select! {
                    () = all => {}
                    () = lets_go => {}
                }
            };
            timeout(LONG, ended).await.expect("they end");
        });
    }
}

/// Simulates that reading this ends the process.
const POISON: &str = "poison";

struct Ends {
    journal: Troubled,
    is_poisonous: bool,
    ended: Arc<Notify>,
}

impl Codec for Ends {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        Ok(json)
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        if self.is_poisonous && written == format!("{POISON:?}").as_bytes() {
            self.journal.is_over.store(true, Ordering::Relaxed);
            self.ended.notify_one();
        }
        Ok(written.to_vec())
    }
}

struct Post {
    holds: bool,
}

#[saga(durable)]
impl Post {
    #[step(readonly)]
    async fn read(&self, text: &str) -> Result<String, String> {
        if self.holds {
            std::future::pending::<()>().await;
        }
        Ok(text.to_owned())
    }

    #[step(pivot)]
    async fn send(&self, text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }
}

const LETTERS: usize = 50;

fn letter(number: usize) -> String {
    match number {
        10 => POISON.to_owned(),
        _ => number.to_string(),
    }
}

/// One life of a process that reads letters. Returns whether reading one ended it.
fn reads(kept: &InMemoryJournal, ids: &[String], max_in_flight: usize) -> bool {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut journal = Troubled::default();
    journal.kept = kept.clone();
    let ended = Arc::new(Notify::new());
    let codec = Ends {
        journal: journal.clone(),
        is_poisonous: true,
        ended: Arc::clone(&ended),
    };
    runtime.block_on(async {
        let builder = Engine::builder()
            .register::<PostSaga>(Post { holds: false })
            .codec(codec);
        let engine = builder.max_in_flight(max_in_flight).open(journal.clone());
        let engine = engine.await.unwrap();
        let all = async {
            for id in ids {
                match engine.outcome::<PostSaga>(id.as_str()).await {
                    Ok(ended) => drop(ended.unwrap()),
                    Err(OutcomeError::Parked { reason, .. }) => {
                        assert!(
                            matches!(reason, Parked::EndsProcess { times: 6 }),
                            "{reason}"
                        );
                        assert_eq!(id, "10");
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        };
        timeout(LONG, async {
            tokio::select! {
                biased;
                () = ended.notified() => true,
                () = all => false,
            }
        })
        .await
        .expect("an end")
    })
}

#[test]
fn the_saga_that_ends_processes_when_it_is_read_takes_no_other_along() {
    for max_in_flight in [1, 7, 1_024] {
        let kept = InMemoryJournal::new();
        let ids: Vec<_> = (0..LETTERS).map(|number| number.to_string()).collect();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let builder = Engine::builder().register::<PostSaga>(Post { holds: true });
            let engine = builder.open(kept.clone()).await.unwrap();
            for (number, id) in ids.iter().enumerate() {
                let submitted = engine.submit::<PostSaga>(id.as_str(), letter(number));
                drop(submitted.await.unwrap());
            }
        });
        drop(runtime);
        let lives = (1..100)
            .find(|_| !reads(&kept, &ids, max_in_flight))
            .unwrap();
        assert!(lives <= 8, "{lives} lives");
    }
}

#[tokio::test(start_paused = true)]
async fn an_orderly_shutdown_while_a_saga_is_claimed_does_not_count_as_a_process_that_ended() {
    let kept = InMemoryJournal::new();
    let job = Arc::new(Job::default());
    let engine = of(&job).open(kept.clone()).await.unwrap();
    engine.submit::<JobSaga>("1", 1).await.unwrap();
    job.reached.notified().await;
    engine.shutdown(Duration::ZERO).await;
    for _ in 0..9 {
        let mut journal = Troubled::new(&[(Method::Claim, 1, Trouble::DoneAndHangs)]);
        journal.kept = kept.clone();
        let engine = of(&job).open(journal.clone()).await.unwrap();
        let claimed = timeout(LONG, journal.reached.notified()).await;
        claimed.expect("it is not parked");
        let answers = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            journal.go.notify_one();
        };
        tokio::join!(engine.shutdown(LONG), answers);
    }
    let entry = kept.find(&"1".into()).await.unwrap().unwrap();
    assert_eq!(entry.loads, 0);
}
