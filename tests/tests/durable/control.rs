//! Requests to an engine need no place among its sagas: cancellations, submissions and queries.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use saga_core::durable::{
    CancelError, CancelOutcome, Engine, EngineBuilder, InMemoryJournal, Journal as _, OutcomeError,
    Query, SagaState, StatusKind, SubmitError,
};
use saga_core::saga;
use saga_tests::failing_journal::{Method, Trouble, Troubled};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

const GRACE: Duration = Duration::from_mins(1);
/// Longer than anything here takes, except for a wait between two attempts.
const LONG: Duration = Duration::from_hours(1);

/// What a job does in its first step.
const HOLDS: u32 = 0;
const WAITS: u32 = 1;
const ENDS: u32 = 2;

#[derive(Default)]
struct Job {
    go: Notify,
    reached: Notify,
    calls: Mutex<Vec<String>>,
}

#[saga(durable)]
impl Job {
    #[step(compensate = undo, retry(attempts = 2, backoff = "100h..100h"))]
    async fn work(&self, what: &u32) -> Result<u32, String> {
        self.calls.lock().unwrap().push(format!("work {what}"));
        match *what {
            HOLDS => {
                self.reached.notify_one();
                self.go.notified().await;
            }
            WAITS => return Err("busy".to_owned()),
            _ => {}
        }
        Ok(*what)
    }

    #[step(pivot)]
    async fn end(&self, what: &u32) -> Result<u32, String> {
        Ok(*what)
    }

    async fn undo(&self, what: &u32) -> Result<(), String> {
        self.calls.lock().unwrap().push(format!("undo {what}"));
        Ok(())
    }
}

/// Another saga with the same name.
mod later {
    pub(super) struct Job;

    #[saga_core::saga(durable, vis = pub(super))]
    impl Job {
        #[step(pivot)]
        async fn end(&self, what: &u32) -> Result<u32, String> {
            Ok(*what)
        }
    }
}

/// Another saga.
struct Other;

#[saga(durable)]
impl Other {
    #[step]
    async fn nothing(&self, what: &u32) -> Result<u32, String> {
        Ok(*what)
    }
}

fn of(job: &Arc<Job>) -> EngineBuilder {
    Engine::builder().register::<JobSaga>(Arc::clone(job))
}

/// How many requests to end a saga its records contain.
async fn requests(journal: &InMemoryJournal, id: &str) -> usize {
    let entry = journal.find(&id.into()).await.unwrap().unwrap();
    let records = journal.records(entry.key).await.unwrap();
    let heads = records.iter().map(|record| format!("{record:?}"));
    heads
        .filter(|head| {
            head.to_lowercase()
                .replace('_', "")
                .contains("cancelrequested")
        })
        .count()
}

/// Sagas that a process has left behind and that take the places in turn.
async fn left(journal: &InMemoryJournal, sagas: &[(&str, u32)]) {
    let job = Arc::new(Job::default());
    let engine = of(&job).open(journal.clone()).await.unwrap();
    for (id, what) in sagas {
        engine.submit::<JobSaga>(*id, *what).await.unwrap();
    }
    // Each stays where it is.
    sleep(GRACE).await;
    engine.shutdown(Duration::ZERO).await;
}

#[tokio::test(start_paused = true)]
async fn a_queued_saga_is_cancelled_at_once_and_though_who_asked_goes_away() {
    for is_dropped in [false, true] {
        let journal = InMemoryJournal::new();
        left(&journal, &[("a", HOLDS), ("b", HOLDS)]).await;
        let job = Arc::new(Job::default());
        let engine = of(&job).max_in_flight(1).open(journal.clone()).await;
        let engine = engine.unwrap();
        job.reached.notified().await;
        let status = engine.status("b").await.unwrap().unwrap().status;
        assert_eq!(status.kind(), StatusKind::Queued, "{status}");
        let asked = engine.cancel("b");
        if is_dropped {
            // Polled once.
            assert!(timeout(Duration::ZERO, asked).await.is_err());
            sleep(Duration::from_secs(1)).await;
        } else {
            let asked = timeout(LONG, asked).await.expect("an answer").unwrap();
            assert_eq!(asked, CancelOutcome::Requested);
        }
        assert_eq!(requests(&journal, "b").await, 1);
        let status = engine.status("b").await.unwrap().unwrap().status;
        assert_eq!(status.kind(), StatusKind::Queued, "{status}");
        job.go.notify_one();
        engine.outcome::<JobSaga>("a").await.unwrap().unwrap();
        // First, the interrupted attempt is finished.
        job.reached.notified().await;
        job.go.notify_one();
        let error = engine.outcome::<JobSaga>("b").await.unwrap().unwrap_err();
        assert!(matches!(error.error(), JobSagaError::Cancelled), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_of_a_queued_saga_survives_the_engine() {
    let journal = InMemoryJournal::new();
    left(&journal, &[("a", HOLDS), ("b", WAITS)]).await;
    let job = Arc::new(Job::default());
    let engine = of(&job).max_in_flight(1).open(journal.clone()).await;
    let engine = engine.unwrap();
    job.reached.notified().await;
    engine.cancel("b").await.unwrap();
    engine.shutdown(Duration::ZERO).await;
    let engine = of(&job).open(journal.clone()).await.unwrap();
    let error = engine.outcome::<JobSaga>("b").await.unwrap().unwrap_err();
    assert!(matches!(error.error(), JobSagaError::Cancelled), "{error}");
    let ended = CancelOutcome::Ended(SagaState::Compensated);
    assert_eq!(engine.cancel("b").await.unwrap(), ended);
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_while_the_records_cannot_be_read_is_answered_and_made_later() {
    let journal = Troubled::new(&[]);
    left(&journal.kept, &[("a", HOLDS), ("b", WAITS)]).await;
    let job = Arc::new(Job::default());
    let engine = of(&job).max_in_flight(1).open(journal.clone()).await;
    let engine = engine.unwrap();
    job.reached.notified().await;
    let unavailable = Trouble::Before(saga_core::durable::JournalErrorKind::Unavailable);
    journal.next(Method::Records, unavailable);
    let asked = timeout(LONG, engine.cancel("b")).await.expect("an answer");
    let asked = asked.unwrap_err();
    assert!(matches!(asked, CancelError::Unknown { .. }), "{asked}");
    sleep(GRACE).await;
    assert_eq!(requests(&journal.kept, "b").await, 1);
}

#[tokio::test(start_paused = true)]
async fn with_as_many_waiting_sagas_as_places_a_submission_is_accepted() {
    let journal = InMemoryJournal::new();
    let ids: Vec<_> = (0..1_024).map(|n| n.to_string()).collect();
    let sagas: Vec<_> = ids.iter().map(|id| (id.as_str(), WAITS)).collect();
    left(&journal, &sagas).await;
    let job = Arc::new(Job::default());
    let engine = of(&job).open(journal.clone()).await.unwrap();
    let new = timeout(LONG, engine.submit::<JobSaga>("new", ENDS)).await;
    let mut new = new.expect("a place").unwrap();
    let ended = timeout(LONG, new.outcome()).await.expect("an answer");
    assert_eq!(ended.unwrap().unwrap(), ENDS);
    sleep(GRACE).await;
    let status = engine.status("1023").await.unwrap().unwrap();
    assert_eq!(status.status.kind(), StatusKind::Waiting, "{status}");
    let waiting = "waiting for its next attempt, ";
    assert!(status.status.to_string().starts_with(waiting), "{status}");
}

#[tokio::test(start_paused = true)]
async fn new_sagas_and_recovered_ones_take_turns() {
    let journal = InMemoryJournal::new();
    let ids: Vec<_> = (0..300).map(|n| n.to_string()).collect();
    let sagas: Vec<_> = ids.iter().map(|id| (id.as_str(), HOLDS)).collect();
    left(&journal, &sagas).await;
    let job = Arc::new(Job::default());
    let engine = of(&job).max_in_flight(1).open(journal.clone()).await;
    let engine = engine.unwrap();
    job.reached.notified().await;
    let submitting = engine.clone();
    let submitted = tokio::spawn(async move {
        let submitted = submitting.submit::<JobSaga>("new", ENDS).await;
        submitted.unwrap().outcome().await.unwrap().unwrap()
    });
    // It waits for some of the 300, and not for all.
    let mut before = 0;
    while !submitted.is_finished() {
        job.go.notify_one();
        before += 1;
        assert!(before < 100, "the recovered ones go first");
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(submitted.await.unwrap(), ENDS);
    // The queries are answered in any order, and none is lost.
    let last = engine.status("299").await.unwrap().unwrap();
    assert_eq!(last.status.kind(), StatusKind::Queued, "{last}");
    let all = async {
        for id in ["299", "0", "150"] {
            engine.outcome::<JobSaga>(id).await.unwrap().unwrap();
        }
        for id in &ids {
            engine
                .outcome::<JobSaga>(id.as_str())
                .await
                .unwrap()
                .unwrap();
        }
    };
    let lets_go = async {
        loop {
            job.go.notify_one();
            sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        () = all => {}
        () = lets_go => {}
    }
    assert_eq!(engine.list(Query::new()).await.unwrap().len(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_submission_that_does_not_wait_for_a_place_is_refused_and_left_nothing_behind() {
    let (job, journal) = (Arc::new(Job::default()), InMemoryJournal::new());
    let engine = of(&job).max_in_flight(1).open(journal.clone()).await;
    let engine = engine.unwrap();
    engine.try_submit::<JobSaga>("a", HOLDS).await.unwrap();
    job.reached.notified().await;
    let refused = engine.try_submit::<JobSaga>("b", ENDS).await.unwrap_err();
    assert!(matches!(refused, SubmitError::Full { .. }), "{refused}");
    assert!(!refused.may_be_there());
    assert_eq!(
        refused.to_string(),
        "saga `job` (b) was not submitted: as many sagas are in flight as the engine may have"
    );
    assert!(engine.status("b").await.unwrap().is_none());
    // A saga that already exists needs no place.
    engine.try_submit::<JobSaga>("a", HOLDS).await.unwrap();
    job.go.notify_one();
    engine.outcome::<JobSaga>("a").await.unwrap().unwrap();
    engine.try_submit::<JobSaga>("b", HOLDS).await.unwrap();
    job.reached.notified().await;
    // Nor does one that has ended, however often a caller asks how.
    let again = timeout(LONG, engine.submit::<JobSaga>("a", HOLDS)).await;
    let mut again = again.expect("an answer").unwrap();
    assert_eq!(again.outcome().await.unwrap().unwrap(), HOLDS);
}

#[tokio::test(start_paused = true)]
async fn a_parked_saga_can_be_cancelled_and_is_rolled_back_when_it_goes_on() {
    for is_known in [false, true] {
        let journal = InMemoryJournal::new();
        left(&journal, &[("a", WAITS)]).await;
        let builder = Engine::builder().register::<OtherSaga>(Other);
        let builder = if is_known {
            // The name now belongs to another saga.
            builder.register::<later::JobSaga>(later::Job)
        } else {
            builder
        };
        let engine = builder.open(journal.clone()).await.unwrap();
        let status = engine.status("a").await.unwrap().unwrap();
        assert_eq!(status.status.kind(), StatusKind::Parked, "{status}");
        for _ in 0..3 {
            let asked = engine.cancel("a").await.unwrap();
            assert_eq!(asked, CancelOutcome::Recorded);
        }
        let both = tokio::join!(engine.cancel("a"), engine.cancel("a"));
        assert_eq!(both.0.unwrap(), both.1.unwrap());
        assert_eq!(requests(&journal, "a").await, 1);
        engine.shutdown(GRACE).await;
        let job = Arc::new(Job::default());
        let engine = of(&job).open(journal.clone()).await.unwrap();
        let error = engine.outcome::<JobSaga>("a").await.unwrap().unwrap_err();
        assert!(matches!(error.error(), JobSagaError::Cancelled), "{error}");
        assert_eq!(*job.calls.lock().unwrap(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn that_an_id_is_another_sagas_is_said_while_that_runs() {
    let (job, journal) = (Arc::new(Job::default()), InMemoryJournal::new());
    let builder = of(&job).register::<OtherSaga>(Other);
    let engine = builder.open(journal).await.unwrap();
    engine.submit::<JobSaga>("a", HOLDS).await.unwrap();
    job.reached.notified().await;
    let asked = timeout(LONG, engine.outcome::<OtherSaga>("a")).await;
    let asked = asked.expect("an answer").unwrap_err();
    assert_eq!(
        asked.to_string(),
        "saga id `a` belongs to a run of `job`, not of `other`"
    );
    assert!(matches!(asked, OutcomeError::OtherSaga { .. }));
}

#[tokio::test(start_paused = true)]
async fn sagas_are_listed_counted_and_written_by_how_they_are() {
    let journal = InMemoryJournal::new();
    left(&journal, &[("w", WAITS), ("h1", HOLDS), ("h2", HOLDS)]).await;
    let other = Engine::builder().register::<OtherSaga>(Other);
    let other = other.open(journal.clone()).await.unwrap();
    let submitted = other.submit::<OtherSaga>("o", 5).await;
    submitted.unwrap().outcome().await.unwrap().unwrap();
    let ids = async |engine: &Engine, kinds: &[StatusKind]| {
        let mut sagas = engine.sagas(Query::new().limit(2));
        for kind in kinds {
            sagas = sagas.that_are(*kind);
        }
        let mut ids = Vec::new();
        while let Some(saga) = sagas.next().await.unwrap() {
            ids.push(saga.id.to_string());
        }
        ids.join(" ")
    };
    assert_eq!(ids(&other, &[]).await, "w h1 h2 o");
    assert_eq!(ids(&other, &[StatusKind::Parked]).await, "w h1 h2");
    assert_eq!(ids(&other, &[StatusKind::Completed]).await, "o");
    other.shutdown(GRACE).await;
    let job = Arc::new(Job::default());
    let engine = of(&job).max_in_flight(1).open(journal.clone()).await;
    let engine = engine.unwrap();
    job.reached.notified().await;
    assert_eq!(ids(&engine, &[StatusKind::Waiting]).await, "w");
    assert_eq!(ids(&engine, &[StatusKind::Running]).await, "h1");
    assert_eq!(ids(&engine, &[StatusKind::Queued]).await, "h2");
    let two = [StatusKind::Queued, StatusKind::Completed];
    assert_eq!(ids(&engine, &two).await, "h2 o");
    let mut old = engine.sagas(Query::new());
    old = old.submitted_before(std::time::UNIX_EPOCH);
    assert!(old.next().await.unwrap().is_none());
    let counts = engine.counts().await.unwrap();
    let counts = counts
        .iter()
        .map(|count| ((&*count.saga, count.state.as_str()), count.sagas));
    let counts: BTreeMap<_, _> = counts.collect();
    let expected = [(("job", "unfinished"), 3), (("other", "completed"), 1)];
    assert_eq!(counts, expected.into());
    let running = engine.status("h1").await.unwrap().unwrap();
    assert_eq!(
        running.to_string(),
        "h1, a run of `job`: running at step `work`, attempt 1"
    );
    let mut json = serde_json::to_value(&running).unwrap();
    assert!(json["submitted_at"].take().is_u64());
    let expected = serde_json::json!({
        "key": running.key.0, "id": "h1", "saga": "job", "submitted_at": null,
        "status": {
            "is": "running", "text": "running at step `work`, attempt 1",
            "step": "work", "attempt": 1, "undoing": false,
        },
    });
    assert_eq!(json, expected);
}
