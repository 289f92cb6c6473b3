//! Rows that were deleted by hand make the calls about them fail, and no others.

use std::time::Duration;

use rusqlite::Connection;
use saga_core::durable::{Journal, JournalError, JournalErrorKind, SagaState};

mod common;

use common::{Folder, Owned, record, saga};

fn conflict<T: std::fmt::Debug>(answer: Result<T, JournalError>) -> String {
    let error = answer.expect_err("it cannot be written");
    assert_eq!(error.kind(), JournalErrorKind::Conflict, "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_saga_whose_key_has_records_already_is_a_conflict_and_the_others_of_its_group_are_written()
 {
    let folder = Folder::new("row-deleted");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let first = owned.added("order-1", 1).await;
    owned.added("order-2", 1).await;
    let sql = Connection::open(&path).expect("it opens");
    let deleted = sql.execute("DELETE FROM saga WHERE id = 'order-2'", []);
    assert_eq!(deleted.expect("it is deleted"), 1);

    // The new saga gets the key of the one that was deleted.
    let calls = async {
        tokio::join!(
            owned.append(first, [record(2)], None),
            owned.create(saga("order-3")),
            owned.append(first, [record(2)], Some(SagaState::Stuck)),
        )
    };
    let calls = tokio::time::timeout(Duration::from_secs(60), calls).await;
    let (before, created, after) = calls.expect("each is answered");
    before.expect("it is written");
    conflict(created);
    after.expect("it is written");
    let found = owned
        .journal
        .find(&"order-3".into())
        .await
        .expect("it reads");
    assert_eq!(found, None, "nothing of it is left");

    // Repaired by hand, it can be written again.
    let deleted = sql.execute("DELETE FROM record WHERE saga = 2", []);
    assert_eq!(deleted.expect("they are deleted"), 2);
    owned.added("order-3", 1).await;
}

#[tokio::test]
async fn a_saga_that_was_deleted_does_not_end() {
    let folder = Folder::new("saga-deleted");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let key = owned.added("order-1", 1).await;
    let sql = Connection::open(&path).expect("it opens");
    sql.execute("DELETE FROM saga", []).expect("it is deleted");
    let completed = Some(SagaState::Completed);
    conflict(owned.append(key, [record(2)], completed).await);
    let records = "SELECT count(*) FROM record";
    let records: i64 = sql
        .query_row(records, [], |row| row.get(0))
        .expect("it reads");
    assert_eq!(records, 2, "nothing of the call is written");
    drop(owned);
    let owned = Owned::open(&path).await;
    conflict(owned.append(key, [record(2)], None).await);
}

#[tokio::test]
async fn an_id_that_was_pruned_is_not_new_again() {
    let folder = Folder::new("tombstone");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let sql = Connection::open(&path).expect("it opens");
    sql.execute(
        "INSERT INTO tombstone VALUES ('order-1', 1, 'checkout', x'00', 1, 1, 2)",
        [],
    )
    .expect("it is written");
    for _ in 0..2 {
        let (pruned, other) =
            tokio::join!(owned.create(saga("order-1")), owned.added("order-2", 0));
        let text = conflict(pruned);
        assert!(
            text.contains("order-1") && text.contains("pruned"),
            "{text}"
        );
        let found = owned
            .journal
            .find(&"order-1".into())
            .await
            .expect("it reads");
        assert_eq!(found, None);
        let deleted = sql.execute("DELETE FROM saga WHERE key = ?1", [other.0]);
        assert_eq!(deleted.expect("it is deleted"), 1);
        sql.execute("DELETE FROM record", [])
            .expect("it is deleted");
    }
}

#[tokio::test]
async fn epochs_grow_where_the_rows_of_engines_were_deleted() {
    let folder = Folder::new("workers-deleted");
    let path = folder.file("sagas.db");
    let mut last = 0;
    for _ in 0..3 {
        let owned = Owned::open(&path).await;
        assert!(last < owned.epoch().0);
        last = owned.epoch().0;
        owned.added(&format!("order-{last}"), 0).await;
    }
    let sql = Connection::open(&path).expect("it opens");
    sql.execute("DELETE FROM worker", [])
        .expect("they are deleted");
    let owned = Owned::open(&path).await;
    assert_eq!(owned.epoch().0, last + 1);
    // The same while an engine is open, which has then lost the journal.
    sql.execute("DELETE FROM worker", [])
        .expect("they are deleted");
    let error = owned
        .create(saga("order-9"))
        .await
        .expect_err("it has no epoch");
    assert_eq!(error.kind(), JournalErrorKind::Fenced, "{error}");
}
