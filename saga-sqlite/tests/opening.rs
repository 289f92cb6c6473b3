//! Only a journal opens, and any other file is left unchanged.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use saga_core::durable::{Journal, JournalErrorKind};
use saga_sqlite::{OpenError, SqliteJournal};

mod common;

use common::{Folder, Owned, saga};

fn refused(path: &Path) -> OpenError {
    let error = SqliteJournal::open(path).expect_err("it is not a journal");
    let text = error.to_string();
    let name = path.file_name().expect("a name").to_string_lossy();
    assert!(text.contains(&*name), "{text}");
    error
}

#[tokio::test]
async fn an_empty_file_becomes_a_journal() {
    let folder = Folder::new("empty");
    let path = folder.file("sagas.db");
    fs::write(&path, "").expect("it is written");
    Owned::open(&path).await.added("order-1", 1).await;
}

#[test]
fn a_file_that_sqlite_did_not_write_is_refused_and_left_as_it_was() {
    let folder = Folder::new("not-a-database");
    let path = folder.file("notes.txt");
    let text = "Not a database. ".repeat(1_000);
    fs::write(&path, &text).expect("it is written");
    let error = refused(&path);
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
    assert_eq!(fs::read_to_string(&path).expect("it is read"), text);
    let there = fs::read_dir(folder.path()).expect("the folder").count();
    assert_eq!(there, 1, "nothing is left beside it");
}

#[test]
fn the_database_of_another_program_is_refused_and_left_as_it_was() {
    for mode in ["DELETE", "WAL"] {
        let folder = Folder::new("foreign");
        let path = folder.file("shop.db");
        let other = Connection::open(&path).expect("it opens");
        let mode = other.pragma_update_and_check(None, "journal_mode", mode, |_| Ok(()));
        mode.expect("it is set");
        let made = "CREATE TABLE record (saga TEXT); INSERT INTO record VALUES ('theirs');";
        other.execute_batch(made).expect("it is made");
        let before = fs::read(&path).expect("it is read");
        let error = refused(&path);
        assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
        assert_eq!(fs::read(&path).expect("it is read"), before);
        let theirs: String = other
            .query_row("SELECT saga FROM record", [], |row| row.get(0))
            .expect("it is there");
        assert_eq!(theirs, "theirs");
    }
}

#[test]
fn the_log_of_another_program_is_left_as_it_was() {
    let folder = Folder::new("foreign-log");
    let other = Connection::open(folder.file("shop.db")).expect("it opens");
    let mode = other.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()));
    mode.expect("it is set");
    let made = "CREATE TABLE record (saga TEXT); INSERT INTO record VALUES ('theirs');";
    other.execute_batch(made).expect("it is made");
    // What that program leaves if it is killed now.
    let killed = [("shop.db", "killed.db"), ("shop.db-wal", "killed.db-wal")];
    for (from, to) in killed {
        fs::copy(folder.file(from), folder.file(to)).expect("it is copied");
    }
    let error = refused(&folder.file("killed.db"));
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    for (from, to) in killed {
        let [from, to] = [from, to].map(|name| fs::read(folder.file(name)).expect("it is there"));
        assert!(from == to, "it is as it was");
    }
}

#[test]
fn a_database_with_another_application_id_is_refused_even_without_tables() {
    let folder = Folder::new("foreign-id");
    let path = folder.file("shop.db");
    let other = Connection::open(&path).expect("it opens");
    other
        .execute_batch("PRAGMA application_id = 77; PRAGMA user_version = 3")
        .expect("it is set");
    drop(other);
    let error = refused(&path);
    assert!(
        matches!(
            error,
            OpenError::Foreign {
                application_id: 77,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_refused_and_left_as_it_was() {
    let folder = Folder::new("newer");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    owned.added("order-1", 1).await;
    drop(owned);
    let newer = Connection::open(&path).expect("it opens");
    newer
        .execute_batch("PRAGMA user_version = 9")
        .expect("it is set");
    drop(newer);
    let error = refused(&path);
    let is_it = matches!(
        error,
        OpenError::Newer {
            found: 9,
            known: 1,
            ..
        }
    );
    assert!(is_it, "{error}");
    let text = error.to_string();
    assert!(text.contains("upgrade"), "{text}");
    let newer = Connection::open(&path).expect("it opens");
    let version = newer.pragma_query_value(None, "user_version", |row| row.get::<_, i32>(0));
    assert_eq!(version.expect("it is read"), 9);
}

#[tokio::test]
async fn a_file_that_was_cut_short_is_said_to_be_corrupt() {
    let folder = Folder::new("truncated");
    let path = folder.file("sagas.db");
    let owned = Owned::open(&path).await;
    let mut last = None;
    for order in 0..50 {
        last = Some(owned.added(&format!("order-{order}"), 20).await);
    }
    drop(owned);
    let whole = fs::metadata(&path).expect("it is there").len();
    assert!(whole > 40_960, "{whole}");

    // Half of the file opens, because its beginning is intact, but the requested saga is missing.
    let file = fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("it opens");
    file.set_len(whole / 2 / 4_096 * 4_096).expect("it is cut");
    drop(file);
    let kind = match SqliteJournal::open(&path) {
        Err(OpenError::NotADatabase { .. }) => JournalErrorKind::Corrupt,
        Err(error) => panic!("{error}"),
        Ok(journal) => {
            let read = journal.records(last.expect("a saga")).await;
            read.expect_err("it is not there").kind()
        }
    };
    assert_eq!(kind, JournalErrorKind::Corrupt);

    // Less than its header.
    let file = fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .expect("it opens");
    file.set_len(50).expect("it is cut");
    drop(file);
    let error = refused(&path);
    assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
}

#[test]
fn what_is_no_file_or_in_no_folder_is_refused_with_its_name() {
    let folder = Folder::new("no-file");
    fs::create_dir(folder.file("folder.db")).expect("a folder");
    for name in ["folder.db", "no folder/sagas.db"] {
        let error = refused(&folder.file(name));
        assert!(matches!(error, OpenError::Unavailable { .. }), "{error}");
    }
    SqliteJournal::open("").expect_err("no name is no file");
}

#[tokio::test]
async fn many_that_open_one_new_file_at_once_make_one_journal() {
    let folder = Folder::new("opened-at-once");
    let mut epochs = Vec::new();
    for (place, journal) in opened_at_once(&folder.file("sagas.db"))
        .into_iter()
        .enumerate()
    {
        let owned = Owned::of(journal).await;
        epochs.push(owned.epoch().0);
        owned.added(&format!("order-{place}"), 0).await;
        let again = owned.create(saga("order-0")).await.expect("it is asked");
        let is_there = matches!(again, saga_core::durable::Created::Existing(_));
        assert!(is_there, "{again:?}");
    }
    assert_eq!(epochs, (1..=8).collect::<Vec<_>>());
}

/// SQLite does not wait for the lock that turns on the log, so that of eight one now and then failed at once.
#[test]
fn none_of_many_that_open_one_new_file_at_once_fails() {
    let folder = Folder::new("opened-again-and-again");
    for round in 0..40 {
        opened_at_once(&folder.file(&format!("{round}.db")));
    }
}

fn opened_at_once(path: &Path) -> Vec<SqliteJournal> {
    let start = Arc::new(Barrier::new(8));
    let open = || {
        let (path, start) = (path.to_owned(), Arc::clone(&start));
        thread::spawn(move || {
            start.wait();
            SqliteJournal::open(path).expect("it opens")
        })
    };
    let threads: Vec<_> = (0..8).map(|_| open()).collect();
    let opened = threads.into_iter().map(JoinHandle::join);
    opened.map(|journal| journal.expect("it opens")).collect()
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_that_is_not_there_makes_the_file_where_it_leads() {
    let folder = Folder::new("dangling");
    let path = folder.file("sagas.db");
    std::os::unix::fs::symlink(&path, folder.file("link.db")).expect("a link");
    let journal = SqliteJournal::open(folder.file("link.db")).expect("it opens");
    let real = fs::canonicalize(&path).expect("it is made");
    assert_eq!(journal.path(), real);
}

/// POSIX locks are released when any handle of the process to the file is closed.
#[cfg(target_os = "linux")]
#[test]
fn opening_it_again_keeps_the_locks_that_sqlite_has_on_the_file() {
    use std::os::unix::fs::MetadataExt;
    let folder = Folder::new("posix-locks");
    let path = folder.file("sagas.db");
    let journal = SqliteJournal::open(&path).expect("it opens");
    let file = fs::metadata(&path).expect("it is there").ino();
    let process = std::process::id();
    let locks = || {
        let all = fs::read_to_string("/proc/locks").expect("the locks");
        let ours = |line: &&str| {
            line.contains(&format!(" {process} ")) && line.contains(&format!(":{file} "))
        };
        all.lines().filter(ours).count()
    };
    let before = locks();
    assert!(before > 0, "SQLite has locked it");
    for _ in 0..3 {
        drop(SqliteJournal::open(&path).expect("it opens again"));
        assert_eq!(locks(), before);
    }
    drop(journal);
    assert_eq!(locks(), 0);
}
