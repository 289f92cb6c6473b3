//! The result of a saga that has ended can be read, whatever else of its records is damaged, because its last
//! record is read by itself.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use saga_core::durable::{CancelOutcome, Engine, OutcomeError, SagaState, SubmitError, Untyped};
use saga_core::saga;
use saga_sqlite::{OpenError, SqliteJournal};

mod common;

use common::Folder;

struct Work;

#[saga(durable)]
impl Work {
    #[step(compensate = undo)]
    async fn begin(&self, fails: &bool) -> Result<bool, String> {
        Ok(*fails)
    }

    #[step(pivot)]
    async fn end(&self, fails: &bool) -> Result<String, String> {
        if *fails {
            Err("no".to_owned())
        } else {
            Ok("done".to_owned())
        }
    }

    async fn undo(&self, _: &bool) -> Result<(), String> {
        Ok(())
    }
}

async fn open(path: &Path) -> Engine {
    let journal = SqliteJournal::open(path).unwrap();
    let builder = Engine::builder().register::<WorkSaga>(Work);
    builder.open(journal).await.unwrap()
}

/// A journal with a saga that completed and one that did not, with this damage.
async fn ended(folder: &Folder, damage: &str) -> Engine {
    let path = folder.file("sagas.db");
    let engine = open(&path).await;
    for (id, fails) in [("good", false), ("bad", true)] {
        let mut saga = engine.submit::<WorkSaga>(id, fails).await.unwrap();
        assert_eq!(saga.outcome().await.unwrap().is_err(), fails);
    }
    engine.shutdown(Duration::ZERO).await;
    drop(engine);
    let sql = Connection::open(&path).unwrap();
    sql.execute_batch("PRAGMA ignore_check_constraints = ON")
        .unwrap();
    assert_ne!(sql.execute(damage, []).unwrap(), 0, "{damage}");
    drop(sql);
    open(&path).await
}

#[tokio::test]
async fn another_record_that_is_damaged_takes_no_result_away() {
    for damage in [
        "UPDATE record SET value = x'00' WHERE number = 0",
        "UPDATE record SET checksum = 1 WHERE number = 1",
        "DELETE FROM record WHERE number = 0",
        "UPDATE record SET head = '{}' WHERE number = 1",
    ] {
        let folder = Folder::new("damaged-results");
        let engine = ended(&folder, damage).await;
        let good = engine.outcome::<WorkSaga>("good").await.unwrap();
        assert_eq!(good.unwrap(), "done", "{damage}");
        let bad = engine.outcome::<WorkSaga>("bad").await.unwrap_err();
        let text = bad.to_string();
        let starts =
            "saga `bad` ended compensated, and its records are damaged: the journal is damaged: ";
        assert!(text.starts_with(starts), "{text}");
        let ends = "; its report says: saga `work` (bad) was compensated: step `end` failed: no";
        assert!(text.ends_with(ends), "{text}");
        let OutcomeError::Ended {
            reason: Untyped::Damaged(_),
            report: Some(report),
            ..
        } = bad
        else {
            panic!("{text}")
        };
        assert_eq!(engine.report("bad").await.unwrap().unwrap(), *report);
        let asked = engine.cancel("bad").await.unwrap();
        assert_eq!(asked, CancelOutcome::Ended(SagaState::Compensated));
        // The first record alone shows whether the input is the same.
        let again = engine.submit::<WorkSaga>("good", false).await;
        match again {
            Ok(mut same) => assert_eq!(same.outcome().await.unwrap().unwrap(), "done"),
            Err(refused) => {
                assert!(damage.contains("number = 0"), "{damage}: {refused}");
                assert!(
                    matches!(refused, SubmitError::Existing { .. }),
                    "{refused:?}"
                );
                assert!(
                    !refused.to_string().contains("submit it again"),
                    "{refused}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_record_of_the_end_that_is_damaged_or_missing_is_said_to_be_that() {
    for (damage, says) in [
        (
            "UPDATE record SET checksum = 1 WHERE number = 2",
            "record 2 of saga good does not have the checksum that was written with it",
        ),
        (
            "DELETE FROM record WHERE number >= 2",
            "its state says that it has ended, and no record of it does",
        ),
        (
            "DELETE FROM record",
            "its state says that it has ended, and no record of it does",
        ),
    ] {
        let folder = Folder::new("damaged-results");
        let engine = ended(&folder, damage).await;
        let good = engine.outcome::<WorkSaga>("good").await.unwrap_err();
        assert!(
            matches!(good, OutcomeError::Damaged { .. }),
            "{damage}: {good}"
        );
        assert!(good.to_string().ends_with(says), "{damage}: {good}");
        let last = "UPDATE record SET checksum = 1 WHERE number = 2";
        if damage != last {
            let report = engine.report("bad").await.unwrap_err();
            assert!(
                matches!(report, OutcomeError::Damaged { .. }),
                "{damage}: {report}"
            );
        }
    }
}

#[test]
fn a_folder_that_is_missing_is_named_as_what_is_missing() {
    let folder = Folder::new("damaged-results");
    let path = folder.file("none").join("sagas.db");
    let error = SqliteJournal::open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Unavailable { .. }));
    let says = format!(
        "{}: cannot be opened, for its folder does not exist: ",
        path.display()
    );
    assert!(format!("{error:?}").starts_with(&says), "{error:?}");
}
