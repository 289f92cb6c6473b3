//! An engine opens a journal with a damaged row in the table of sagas: that saga does not go on, and the others do.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use saga_core::durable::{
    CancelError, Engine, OutcomeError, Query, SagaState, StatusKind, SubmitError,
};
use saga_core::saga;
use saga_sqlite::SqliteJournal;
use tokio::sync::Notify;
use tokio::time::timeout;

mod common;

use common::Folder;

const LONG: Duration = Duration::from_secs(60);

struct Work(Notify);

#[saga(durable)]
impl Work {
    #[step(readonly)]
    async fn wait(&self) -> Result<u32, String> {
        self.0.notified().await;
        Ok(1)
    }

    #[step]
    async fn end(&self) -> Result<(), String> {
        Ok(())
    }
}

async fn open(work: &Arc<Work>, path: &Path) -> Engine {
    let journal = SqliteJournal::open(path).unwrap();
    let builder = Engine::builder().register::<WorkSaga>(Arc::clone(work));
    builder.open(journal).await.unwrap()
}

/// The damage to the first of three sagas, and whether it can still be found by its id.
const DAMAGES: [(&str, bool); 6] = [
    ("UPDATE saga SET state = 9 WHERE key = 1", true),
    (
        "UPDATE saga SET id = CAST(x'ff' AS TEXT) WHERE key = 1",
        false,
    ),
    (
        "UPDATE saga SET name = CAST(x'ff' AS TEXT) WHERE key = 1",
        true,
    ),
    ("UPDATE saga SET min_reader = -1 WHERE key = 1", true),
    (
        "UPDATE record SET value = x'00' WHERE saga = 1 AND number = 0",
        true,
    ),
    ("DELETE FROM record WHERE saga = 1", true),
];

#[tokio::test]
async fn one_bad_row_is_one_saga_that_does_not_go_on_and_is_listed() {
    for (damage, is_found) in DAMAGES {
        let (folder, work) = (Folder::new("bad-row-runs"), Arc::new(Work(Notify::new())));
        let path = folder.file("sagas.db");
        let engine = open(&work, &path).await;
        for id in ["a", "b", "c"] {
            engine.submit::<WorkSaga>(id, ()).await.unwrap();
        }
        engine.shutdown(Duration::ZERO).await;
        drop(engine);
        let sql = Connection::open(&path).unwrap();
        sql.execute_batch("PRAGMA ignore_check_constraints = ON")
            .unwrap();
        assert_ne!(sql.execute(damage, []).unwrap(), 0, "{damage}");
        drop(sql);

        let engine = open(&work, &path).await;
        for id in ["b", "c"] {
            work.0.notify_one();
            work.0.notify_one();
            let ended = timeout(LONG, engine.outcome::<WorkSaga>(id)).await;
            ended.expect("an answer").unwrap().unwrap();
        }
        for query in [Query::new(), Query::new().state(SagaState::Unfinished)] {
            let listed = engine.list(query.clone()).await.unwrap();
            let first = listed.first().unwrap();
            assert_eq!(first.key.0, 1, "{damage}");
            assert_eq!(first.status.kind(), StatusKind::Parked, "{damage}: {first}");
            let whole = if query.state.is_none() { 3 } else { 1 };
            assert_eq!(listed.len(), whole, "{damage}");
        }
        if !is_found {
            assert!(engine.status("a").await.unwrap().is_none());
            continue;
        }
        let asked = timeout(LONG, engine.outcome::<WorkSaga>("a")).await;
        let asked = asked.expect("an answer").unwrap_err();
        assert!(
            matches!(
                asked,
                OutcomeError::Parked { .. } | OutcomeError::OtherSaga { .. }
            ),
            "{damage}: {asked}"
        );
        let asked = timeout(LONG, engine.cancel("a")).await.expect("an answer");
        let asked = asked.unwrap_err();
        assert!(
            matches!(asked, CancelError::Parked { .. }),
            "{damage}: {asked}"
        );
        let again = timeout(LONG, engine.submit::<WorkSaga>("a", ())).await;
        match again.expect("an answer") {
            Ok(mut same) => {
                let asked = same.outcome().await.unwrap_err();
                assert!(matches!(asked, OutcomeError::Parked { .. }), "{asked}");
            }
            Err(SubmitError::OtherSaga { .. }) => {}
            Err(refused) => assert!(refused.may_be_there(), "{damage}: {refused}"),
        }
        let left = engine.shutdown(LONG).await;
        assert_eq!(left, 0, "{damage}");
    }
}
