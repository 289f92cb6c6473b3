//! Data that was changed on disk is not returned as if it were what was written.

use rusqlite::Connection;
use saga_core::durable::{Journal, JournalErrorKind, SagaKey};

mod common;

use common::{Folder, Owned, record};

/// How a change to the database affects reading the saga `order-2`, whose records are 0 to 3.
async fn read_after(change: &str) -> String {
    let folder = Folder::new("damaged");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let journal = &owned.journal;
    let whole = owned.added("order-1", 3).await;
    let key = owned.added("order-2", 3).await;
    let other = Connection::open(&path).expect("it opens");
    let change = change.replace("$KEY", &key.0.to_string());
    assert_eq!(
        other.execute(&change, []).expect("it is changed"),
        1,
        "{change}"
    );

    let error = journal.records(key).await.expect_err("it is damaged");
    assert_eq!(error.kind(), JournalErrorKind::Corrupt, "{error}");
    let text = error.to_string();
    assert!(text.contains("sagas.db"), "{text}");
    assert!(text.contains("saga order-2"), "{text}");

    // The other sagas are unchanged and can be written.
    assert_eq!(journal.records(whole).await.expect("it is whole").len(), 4);
    let next = owned.append(whole, [record(4)], None).await;
    next.expect("it is written");
    text
}

#[tokio::test]
async fn a_byte_that_was_changed_is_found_with_its_saga_and_record() {
    for (column, kind) in [("head", "TEXT"), ("value", "BLOB")] {
        let text = read_after(&format!(
            "UPDATE record SET {column} = CAST(replace({column}, '2', '3') AS {kind})
            WHERE saga = $KEY AND number = 2"
        ))
        .await;
        assert!(text.contains("record 2"), "{text}");
        assert!(text.contains("checksum"), "{text}");
    }
}

#[tokio::test]
async fn a_time_or_a_checksum_that_was_changed_is_found() {
    for change in [
        "at = at + 1",
        "min_reader = 0",
        "min_reader = 2",
        "min_reader = -1",
        "checksum = checksum + 1",
        "checksum = 0",
    ] {
        let sql = format!("UPDATE record SET {change} WHERE saga = $KEY AND number = 1");
        let text = read_after(&sql).await;
        assert!(text.contains("record 1"), "{text}");
    }
}

#[tokio::test]
async fn a_record_that_was_deleted_is_missed() {
    for number in [0, 1, 2] {
        let sql = format!("DELETE FROM record WHERE saga = $KEY AND number = {number}");
        let text = read_after(&sql).await;
        assert!(text.contains(&format!("record {number}")), "{text}");
        assert!(text.contains("missing"), "{text}");
    }
}

#[tokio::test]
async fn a_record_that_was_moved_to_another_number_is_found() {
    let text = read_after("UPDATE record SET number = 4 WHERE saga = $KEY AND number = 3").await;
    assert!(text.contains("record 3"), "{text}");
}

#[tokio::test]
async fn the_records_of_another_saga_are_not_taken_for_its_own() {
    let folder = Folder::new("swapped");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let journal = &owned.journal;
    let one = owned.added("order-1", 2).await;
    let two = owned.added("order-2", 2).await;
    let other = Connection::open(&path).expect("it opens");
    let swap = format!(
        "UPDATE record SET saga = -1 WHERE saga = {one};
        UPDATE record SET saga = {one} WHERE saga = {two};
        UPDATE record SET saga = {two} WHERE saga = -1;",
        one = one.0,
        two = two.0,
    );
    other.execute_batch(&swap).expect("they are swapped");
    for (key, id) in [(one, "order-1"), (two, "order-2")] {
        let error = journal
            .records(key)
            .await
            .expect_err("they are not its own");
        assert_eq!(error.kind(), JournalErrorKind::Corrupt);
        let text = error.to_string();
        assert!(text.contains(&format!("record 0 of saga {id}")), "{text}");
    }
}

#[tokio::test]
async fn a_saga_whose_records_are_all_gone_differs_from_one_that_does_not_exist() {
    let folder = Folder::new("no-records");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let journal = &owned.journal;
    let key = owned.added("order-1", 2).await;
    let other = Connection::open(&path).expect("it opens");
    other
        .execute("DELETE FROM record", [])
        .expect("they are deleted");
    let error = journal.records(key).await.expect_err("they are missing");
    assert_eq!(error.kind(), JournalErrorKind::Corrupt);
    let none = journal.records(SagaKey(key.0 + 1)).await;
    assert_eq!(none.expect("there is no such saga"), vec![]);
}

#[tokio::test]
async fn a_damaged_record_is_not_written_over_and_keeps_no_other_from_being_written() {
    let folder = Folder::new("damaged-append");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let journal = &owned.journal;
    let key = owned.added("order-1", 2).await;
    let other = Connection::open(&path).expect("it opens");
    let change = "UPDATE record SET value = x'00' WHERE number = 2";
    assert_eq!(other.execute(change, []).expect("it is changed"), 1);
    let again = owned.append(key, [record(2), record(3)], None);
    let (again, second) = tokio::join!(again, owned.added("order-2", 1));
    let error = again.expect_err("what is there cannot be compared");
    assert_eq!(error.kind(), JournalErrorKind::Corrupt);
    assert!(
        error.to_string().contains("record 2 of saga order-1"),
        "{error}"
    );
    assert_eq!(journal.records(second).await.expect("it is whole").len(), 2);
}
