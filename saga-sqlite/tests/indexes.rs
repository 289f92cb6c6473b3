//! An index that lacks rows of its table: reads that use it do not notice, so it is compared on request.

use std::path::Path;

use rusqlite::Connection;
use saga_core::durable::{Journal, Query, SagaState};
use saga_sqlite::{OpenError, SqliteJournal};

mod common;

use common::{Folder, Owned, next};

/// Three sagas in a closed file.
async fn left(path: &Path) {
    let owned = Owned::open(path).await;
    for id in ["order-1", "order-2", "order-3"] {
        owned.added(id, 2).await;
    }
}

/// Builds an index as if its table had fewer rows.
fn loses(path: &Path, index: &str, what: &str) {
    let sql = Connection::open(path).expect("it opens");
    let of_index = format!("SELECT sql FROM sqlite_schema WHERE name = '{index}'");
    let before: String = sql
        .query_row(&of_index, [], |row| row.get(0))
        .expect("the index");
    let less = if before.contains("WHERE") {
        format!("{before} AND NOT ({what})")
    } else {
        format!("{before} WHERE NOT ({what})")
    };
    for (to, then) in [(less, format!("REINDEX {index}")), (before, String::new())] {
        let to = to.replace('\'', "''");
        let change = format!(
            "PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = '{to}' WHERE name = '{index}';
            PRAGMA writable_schema = RESET;
            {then};"
        );
        sql.execute_batch(&change).expect("it is changed");
    }
}

fn checked(path: &Path) -> Result<SqliteJournal, OpenError> {
    SqliteJournal::options().check_indexes(true).open(path)
}

#[tokio::test]
async fn a_saga_that_is_lost_from_the_open_ones_is_found_where_indexes_are_compared() {
    let folder = Folder::new("lost-from-index");
    let path = folder.file("sagas.db");
    left(&path).await;
    drop(checked(&path).expect("it is whole"));
    loses(&path, "saga_open", "key = 2");

    // Nothing else reports it.
    let owned = Owned::open(&path).await;
    let all = owned.journal.list(Query::new()).await.expect("it lists");
    assert_eq!(all.len(), 3);
    let open = Query::new().state(SagaState::Unfinished);
    let open = owned.journal.list(open).await.expect("it lists");
    assert_eq!(open.len(), 2);
    let claimed = owned.claim(next(10)).await.expect("it claims");
    assert_eq!(claimed.len(), 2);
    drop(owned);

    let error = checked(&path).expect_err("it is found");
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("sagas.db") && text.contains("saga_open"),
        "{text}"
    );
    let repaired = Connection::open(&path).expect("it opens");
    repaired.execute_batch("REINDEX").expect("it is repaired");
    drop(repaired);
    let claimed = Owned::of(checked(&path).expect("it is whole")).await;
    let claimed = claimed.claim(next(10)).await.expect("it claims");
    assert_eq!(claimed.len(), 3);
}

#[tokio::test]
async fn a_record_or_an_id_that_is_lost_from_its_index_is_found() {
    for (index, what) in [("record_of", "place = 4"), ("saga_id", "id = 'order-2'")] {
        let folder = Folder::new("lost");
        let path = folder.file("sagas.db");
        left(&path).await;
        loses(&path, index, what);
        let error = checked(&path).expect_err("it is found");
        assert!(error.to_string().contains(index), "{error}");
    }
}

#[tokio::test]
async fn an_entry_of_an_index_that_was_changed_on_disk_is_found() {
    let folder = Folder::new("changed-index");
    let path = folder.file("sagas.db");
    left(&path).await;
    let mut bytes = std::fs::read(&path).expect("it is read");
    // In the index of ids, a key follows the id; in the table, the name of the saga.
    let place = (0..bytes.len()).find(|place| {
        let rest = &bytes[*place..];
        rest.starts_with(b"order-2") && !rest.starts_with(b"order-2checkout")
    });
    bytes[place.expect("its entry") + 6] = b'7';
    std::fs::write(&path, bytes).expect("it is written");
    let owned = Owned::open(&path).await;
    let found = owned
        .journal
        .find(&"order-2".into())
        .await
        .expect("it reads");
    assert_eq!(found, None, "it is silently lost");
    drop(owned);
    let error = checked(&path).expect_err("it is found");
    assert!(error.to_string().contains("saga_id"), "{error}");
}

#[tokio::test]
async fn a_bad_value_is_a_matter_of_its_saga_and_not_of_the_indexes() {
    for change in [
        "state = 9",
        "id = CAST(x'ff' AS TEXT)",
        "loads = -1",
        "state = NULL",
    ] {
        let folder = Folder::new("bad-value-checked");
        let path = folder.file("sagas.db");
        left(&path).await;
        let sql = Connection::open(&path).expect("it opens");
        let sql = sql.execute(&format!("UPDATE saga SET {change} WHERE key = 2"), []);
        assert_eq!(sql.expect("it is changed"), 1);
        drop(checked(&path).expect("its indexes are whole"));
    }
}
