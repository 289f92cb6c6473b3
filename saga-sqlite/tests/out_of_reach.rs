//! When the file cannot be written, the error says so, nothing is half written, and the journal goes on once the
//! reason is gone.

use std::fs;
use std::time::Duration;

use rusqlite::Connection;
use saga_core::durable::{Journal, JournalErrorKind, SagaState};
use saga_sqlite::SqliteJournal;

mod common;

use common::{Folder, Owned, added, record, saga};

#[tokio::test(flavor = "multi_thread")]
async fn reading_does_not_wait_for_another_program_that_writes() {
    let folder = Folder::new("read-while-locked");
    let path = folder.file("sagas.db");
    let options = SqliteJournal::options().busy_timeout(Duration::from_secs(3_600));
    let owned = Owned::of(options.open(&path).expect("it opens")).await;
    let journal = &owned.journal;
    let key = owned.added("order-1", 2).await;
    let other = Connection::open(&path).expect("it opens");
    other
        .execute_batch("BEGIN IMMEDIATE; UPDATE saga SET state = 3")
        .expect("it writes");

    // A call that writes waits. Calls that read do not.
    let write = owned.append(key, [record(3)], None);
    let mut write = std::pin::pin!(write);
    let read = async {
        for _ in 0..20 {
            let there = journal.find(&"order-1".into()).await.expect("it reads");
            let state = there.map(|saga| saga.state);
            assert_eq!(state, Some(SagaState::Unfinished));
            assert_eq!(journal.records(key).await.expect("it reads").len(), 3);
        }
    };
    tokio::select! {
        biased;
        written = &mut write => panic!("it is locked: {written:?}"),
        () = read => {}
    }
    other.execute_batch("ROLLBACK").expect("it ends");
    write.await.expect("it is written when the other has ended");
    assert_eq!(journal.records(key).await.expect("it reads").len(), 4);
}

#[tokio::test]
async fn a_write_that_has_waited_for_the_busy_timeout_fails_and_goes_well_later() {
    let folder = Folder::new("busy");
    let path = folder.file("sagas.db");
    let options = SqliteJournal::options().busy_timeout(Duration::from_millis(1));
    let owned = Owned::of(options.open(&path).expect("it opens")).await;
    let key = owned.added("order-1", 0).await;
    let other = Connection::open(&path).expect("it opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("it begins");
    let batch = || [record(1)];
    let calls = tokio::join!(
        owned.append(key, batch(), Some(SagaState::Stuck)),
        owned.create(saga("order-2")),
    );
    let errors = [
        calls.0.expect_err("it is locked"),
        calls.1.expect_err("it is locked"),
    ];
    for error in errors {
        assert_eq!(error.kind(), JournalErrorKind::Unavailable, "{error}");
        let text = error.to_string();
        assert!(
            text.contains("sagas.db") && text.contains("locked"),
            "{text}"
        );
    }
    other.execute_batch("ROLLBACK").expect("it ends");
    owned
        .append(key, batch(), None)
        .await
        .expect("it is written");
    owned.added("order-2", 1).await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_written_to_a_deleted_file_is_an_error_until_it_is_put_back() {
    let folder = Folder::new("deleted");
    let (path, away) = (folder.file("sagas.db"), folder.file("away.db"));
    let owned = Owned::open(&path).await;
    let journal = &owned.journal;
    let key = owned.added("order-1", 1).await;
    // Both threads have the file open and would continue to use it.
    assert_eq!(journal.records(key).await.expect("it reads").len(), 2);
    fs::rename(&path, &away).expect("it is moved");
    for _ in 0..3 {
        let batch = [record(2)];
        let error = owned.append(key, batch, None).await.expect_err("gone");
        assert_eq!(error.kind(), JournalErrorKind::Unavailable, "{error}");
        assert!(error.to_string().contains("sagas.db"), "{error}");
        let error = journal.records(key).await.expect_err("gone");
        assert_eq!(error.kind(), JournalErrorKind::Unavailable, "{error}");
    }
    assert!(!path.exists(), "no other is made in its place");
    fs::rename(&away, &path).expect("it is put back");
    let batch = [record(2), record(3)];
    owned.append(key, batch, None).await.expect("it is back");
    assert_eq!(journal.records(key).await.expect("it reads").len(), 4);
}

#[test]
fn a_journal_that_cannot_be_made_where_it_is_to_be_says_so_with_its_path() {
    let folder = Folder::new("no-folder");
    let file = folder.file("file");
    fs::write(&file, "not a folder").expect("a file");
    // Not even the superuser, who is not bound by permissions.
    let error = SqliteJournal::open(file.join("sagas.db")).expect_err("it cannot be made");
    assert!(error.to_string().contains("sagas.db"), "{error}");
    assert_eq!(
        fs::read_to_string(&file).expect("as it was"),
        "not a folder"
    );
}

#[tokio::test]
async fn what_was_asked_for_is_written_when_the_journal_is_dropped() {
    let folder = Folder::new("dropped");
    let path = folder.file("sagas.db");
    for round in 0..20 {
        let Owned { journal, lock } = Owned::open(&path).await;
        let id = format!("order-{round}");
        // Polled once. Nothing that waits for the answer is left.
        let mut call = journal.create(lock.epoch(), saga(&id));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = call.as_mut().poll(&mut context).is_ready();
        drop(call);
        drop((journal, lock));
        let journal = SqliteJournal::open(&path).expect("it opens");
        let there = journal.find(&id.as_str().into()).await.expect("it reads");
        assert!(there.is_some(), "{id}");
    }
    assert!(
        !folder.file("sagas.db-wal").exists(),
        "the last connection tidies up"
    );
}

#[tokio::test]
async fn what_another_has_written_is_looked_up_before_a_call_is_refused() {
    let folder = Folder::new("another-writer");
    let path = folder.file("sagas.db");
    // Two journals under one epoch, which must not happen: each has cached its own writes.
    let Owned { journal: one, lock } = Owned::open(&path).await;
    let two = SqliteJournal::open(&path).expect("it opens");
    let epoch = lock.epoch();
    let key = added(&one, epoch, "order-1", 1).await;
    two.append(epoch, key, [record(2)].into(), None)
        .await
        .expect("it follows");
    let again = one.append(epoch, key, [record(2)].into(), None).await;
    again.expect("it is there, with the same content");
    one.append(epoch, key, [record(3)].into(), None)
        .await
        .expect("it follows");
    two.append(epoch, key, [record(4)].into(), None)
        .await
        .expect("it follows");
    let mut other = record(4);
    other.value.clear();
    let refused = one
        .append(epoch, key, [other].into(), Some(SagaState::Stuck))
        .await;
    let error = refused.expect_err("another record 4 is there");
    assert_eq!(error.kind(), JournalErrorKind::Conflict, "{error}");
    assert!(
        error.to_string().contains("record 4 of saga order-1"),
        "{error}"
    );
    let there = two.find(&"order-1".into()).await.expect("it reads");
    assert_eq!(there.map(|saga| saga.state), Some(SagaState::Unfinished));
    assert_eq!(two.records(key).await.expect("it reads").len(), 5);
}
