//! The files of a journal: their modes, the log and its size, and copies.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use saga_core::durable::{Created, Journal, JournalErrorKind, Query, Record, SagaState};
use saga_sqlite::{BackupError, SqliteJournal};

mod common;

use common::{Folder, Owned, next, record};

const MIB: u64 = 1 << 20;

/// A record of a mebibyte.
fn large(number: u64) -> Record {
    Record {
        value: vec![7; 1 << 20],
        ..record(number)
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut beside = path.to_owned().into_os_string();
    beside.push(end);
    beside.into()
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    }

    #[tokio::test]
    async fn files_that_are_made_can_be_opened_by_their_owner_alone() {
        let folder = Folder::new("modes");
        let path = folder.file("sagas.db");
        let owned = Owned::open(&path).await;
        owned.added("order-1", 1).await;
        owned.journal.list(Query::new()).await.expect("it reads");
        for end in ["", "-wal", "-shm", "-lock"] {
            assert_eq!(mode(&beside(&path, end)), 0o600, "{end}");
        }
        let copy = folder.file("copy.db");
        owned.journal.backup(&copy).await.expect("it is copied");
        assert_eq!(mode(&copy), 0o600);
    }

    #[tokio::test]
    async fn the_mode_of_a_file_that_is_there_stays() {
        for kept in [0o640, 0o664] {
            let folder = Folder::new("mode-kept");
            let path = folder.file("sagas.db");
            for file in [path.clone(), beside(&path, "-lock")] {
                fs::write(&file, "").expect("it is made");
                let permissions = fs::Permissions::from_mode(kept);
                fs::set_permissions(&file, permissions).expect("they are set");
            }
            let owned = Owned::open(&path).await;
            owned.added("order-1", 1).await;
            for end in ["", "-wal", "-shm", "-lock"] {
                assert_eq!(mode(&beside(&path, end)), kept, "{end}");
            }
        }
    }

    #[tokio::test]
    async fn a_link_in_place_of_the_lock_is_refused_and_not_followed() {
        let folder = Folder::new("lock-link");
        let path = folder.file("sagas.db");
        let lock = beside(&path, "-lock");
        let journal = SqliteJournal::open(&path).expect("it opens");
        for target in ["not there", "there"] {
            let target = folder.file(target);
            if target.ends_with("there") && !target.ends_with("not there") {
                fs::write(&target, "as it was").expect("it is made");
            }
            symlink(&target, &lock).expect("a link");
            let error = journal.lock().await.expect_err("it is a link");
            let text = error.to_string();
            assert!(text.contains("sagas.db-lock"), "{text}");
            assert!(text.contains("symbolic link"), "{text}");
            fs::remove_file(&lock).expect("it is deleted");
        }
        assert!(
            !folder.file("not there").exists(),
            "nothing is made where it leads"
        );
        let there = fs::read_to_string(folder.file("there"));
        assert_eq!(there.expect("it is there"), "as it was");
        journal.lock().await.expect("a file of its own");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_deleted_log_is_noticed_and_what_was_in_it_is_not_lost() {
        let folder = Folder::new("log-deleted");
        let path = folder.file("sagas.db");
        let owned = Owned::open(&path).await;
        let key = owned.added("order-1", 1).await;
        let records = async || owned.journal.records(key).await.expect("it reads").len();
        assert_eq!(records().await, 2);
        for (next, replaced) in [(2, false), (3, true)] {
            fs::remove_file(beside(&path, "-wal")).expect("it is deleted");
            if replaced {
                fs::write(beside(&path, "-wal"), "").expect("another one");
            }
            // The copy is written where no other process finds it.
            let error = owned.append(key, [record(next)], None).await;
            let error = error.expect_err("the log is gone");
            assert_eq!(error.kind(), JournalErrorKind::Unavailable, "{error}");
            assert!(error.to_string().contains("sagas.db-wal"), "{error}");
            // The call is repeated, as an engine does.
            let again = owned.append(key, [record(next)], None).await;
            again.expect("it is in the database by now");
            assert_eq!(records().await as u64, next + 1);
        }
        // The files that a crash leaves at this instant.
        for end in ["", "-wal"] {
            let (from, to) = (beside(&path, end), beside(&folder.file("crashed.db"), end));
            fs::copy(from, to).expect("it is copied");
        }
        let crashed = SqliteJournal::open(folder.file("crashed.db")).expect("it opens");
        let records = crashed.records(key).await.expect("it reads");
        assert_eq!(records, [0, 1, 2, 3].map(record));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_claim_that_was_written_and_failed_returns_the_same_sagas_when_it_is_made_again() {
        let folder = Folder::new("claim-failed");
        let path = folder.file("sagas.db");
        let before = Owned::open(&path).await;
        for id in ["order-1", "order-2", "order-3"] {
            before.added(id, 1).await;
        }
        drop(before);
        let owned = Owned::open(&path).await;
        owned.added("its own", 1).await;
        fs::remove_file(beside(&path, "-wal")).expect("it is deleted");
        owned.claim(next(2)).await.expect_err("the log is gone");
        for expected in [vec![(1, 1), (2, 1)], vec![(3, 1)], vec![]] {
            let page = owned.claim(next(2)).await.expect("it claims");
            let seen: Vec<_> = page.iter().map(|saga| (saga.key.0, saga.loads)).collect();
            assert_eq!(seen, expected);
            for saga in page {
                owned
                    .append(saga.key, [record(2)], None)
                    .await
                    .expect("it goes on");
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_log_that_was_put_back_is_the_log() {
        let folder = Folder::new("log-moved");
        let path = folder.file("sagas.db");
        let owned = Owned::open(&path).await;
        let key = owned.added("order-1", 1).await;
        let (log, away) = (beside(&path, "-wal"), folder.file("away"));
        fs::rename(&log, &away).expect("it is moved");
        fs::rename(&away, &log).expect("it is put back");
        owned
            .append(key, [record(2)], None)
            .await
            .expect("it is there");
        let records = owned.journal.records(key).await.expect("it reads");
        assert_eq!(records.len(), 3);
    }
}

/// Writes this many mebibytes to a saga, and returns its next number.
async fn write(owned: &Owned, key: saga_core::durable::SagaKey, from: u64, mebibytes: u64) -> u64 {
    for number in from..from + mebibytes {
        let written = owned.append(key, [large(number)], None).await;
        written.expect("it is written");
    }
    from + mebibytes
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_emptied_once_one_that_read_for_long_has_ended() {
    let folder = Folder::new("long-reader");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let key = owned.added("order-1", 0).await;
    let long = Connection::open(&path).expect("it opens");
    let begun = "BEGIN; SELECT count(*) FROM record";
    long.execute_batch(begun).expect("it reads");
    let next = write(&owned, key, 1, 80).await;
    let grown = owned.journal.sizes().expect("they are there");
    assert!(grown.log > 80 * MIB, "{grown:?}");
    long.execute_batch("COMMIT").expect("it ends");

    let emptied = async {
        let mut next = next;
        while owned.journal.sizes().expect("they are there").log > 64 * MIB {
            let written = owned.append(key, [record(next)], None).await;
            written.expect("it is written");
            next += 1;
        }
    };
    let emptied = tokio::time::timeout(Duration::from_secs(60), emptied).await;
    emptied.expect("it is emptied by and by");
    let sizes = owned.journal.sizes().expect("they are there");
    assert!(sizes.file > 80 * MIB, "{sizes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_made_while_sagas_are_written_ends_and_is_a_journal() {
    let folder = Folder::new("backup");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    for number in 0..200 {
        let key = owned.added(&format!("before-{number}"), 3).await;
        let done = owned.append(key, [], Some(SagaState::Completed)).await;
        done.expect("it is written");
    }
    let open = owned.added("open", 1).await;
    let copy = folder.file("copy.db");
    let backup = owned.journal.backup(&copy);
    let mut backup = std::pin::pin!(backup);
    let mut during = 0;
    // Writes continue until it has ended.
    let copied = loop {
        let id = format!("during-{during}");
        tokio::select! {
            copied = &mut backup => break copied,
            _ = owned.added(&id, 3) => during += 1,
        }
    };
    copied.expect("it is copied");
    owned.added("after", 1).await;

    let copied = Owned::of(
        SqliteJournal::options()
            .check_indexes(true)
            .open(&copy)
            .expect("it opens"),
    );
    let copied = copied.await;
    let all = Query::new().limit(usize::MAX);
    let there = copied.journal.list(all).await.expect("it lists");
    assert!(
        (201..=201 + during).contains(&there.len()),
        "{} {during}",
        there.len()
    );
    let claimed = copied.claim(next(usize::MAX)).await.expect("it claims");
    assert_eq!(claimed.first().map(|saga| saga.key), Some(open));
    let next = copied.append(open, [record(2)], None).await;
    next.expect("the copy goes on by itself");
    let records = owned.journal.records(open).await.expect("it reads");
    assert_eq!(records.len(), 2, "the first knows nothing of it");
    assert!(
        copied.epoch() > owned.epoch(),
        "it knows which engines there were"
    );
}

#[tokio::test]
async fn a_backup_is_refused_where_there_is_a_file_and_leaves_nothing_where_it_fails() {
    let folder = Folder::new("backup-refused");
    let owned = Owned::open(folder.file("sagas.db")).await;
    owned.added("order-1", 1).await;
    let there = folder.file("there");
    for content in ["", "something else"] {
        fs::write(&there, content).expect("it is made");
        let error = owned.journal.backup(&there).await.expect_err("it is there");
        assert!(matches!(error, BackupError::Exists { .. }), "{error}");
        assert_eq!(fs::read_to_string(&there).expect("it is there"), content);
    }
    let itself = owned.journal.backup(owned.journal.path()).await;
    assert!(
        matches!(itself, Err(BackupError::Exists { .. })),
        "{itself:?}"
    );
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.file("led to"), folder.file("link")).expect("a link");
        let link = owned.journal.backup(folder.file("link")).await;
        assert!(matches!(link, Err(BackupError::Exists { .. })), "{link:?}");
        assert!(!folder.file("led to").exists());
    }
    let nowhere = folder.file("no folder/copy.db");
    let error = owned
        .journal
        .backup(&nowhere)
        .await
        .expect_err("no such folder");
    assert!(error.to_string().contains("copy.db"), "{error}");

    // A copy that cannot be finished.
    fs::rename(owned.journal.path(), folder.file("away")).expect("it is moved");
    let copy = folder.file("copy.db");
    owned
        .journal
        .backup(&copy)
        .await
        .expect_err("there is nothing to copy");
    assert!(!copy.exists(), "nothing is left");
    fs::rename(folder.file("away"), owned.journal.path()).expect("it is put back");
    owned.journal.backup(&copy).await.expect("it is copied");
    let copied = Owned::open(&copy).await;
    let again = copied.create(common::saga("order-1")).await;
    assert!(matches!(again, Ok(Created::Existing(_))), "{again:?}");
}
