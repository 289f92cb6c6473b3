//! One engine at a time, in whichever process and under whichever name of the file.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::task::{Context, Waker};
use std::time::Duration;

use rusqlite::Connection;
use saga_core::durable::{Journal, JournalErrorKind, JournalLock};
use saga_sqlite::SqliteJournal;

mod common;

use common::{Folder, added, record};

const HELD: &str = "SAGA_SQLITE_TEST_HELD";

async fn refused(journal: &SqliteJournal, lock_file: &str) {
    let error = journal.lock().await.expect_err("another has it");
    assert_eq!(error.kind(), JournalErrorKind::Locked);
    let text = error.to_string();
    assert!(text.contains(lock_file), "{text}");
    assert!(text.contains("end that one first"), "{text}");
}

async fn locked(journal: &SqliteJournal) -> JournalLock {
    journal.lock().await.expect("no other engine has it")
}

#[tokio::test]
async fn a_second_engine_in_the_process_is_refused_and_may_read() {
    let folder = Folder::new("lock-in-process");
    let first = SqliteJournal::open(folder.file("sagas.db")).expect("it opens");
    let second = SqliteJournal::open(folder.file("sagas.db")).expect("it opens again");
    let lock = locked(&first).await;
    refused(&second, "sagas.db-lock").await;
    let key = added(&first, lock.epoch(), "order-1", 2).await;
    let read = second.records(key).await.expect("reading needs no lock");
    assert_eq!(read.len(), 3);
    drop(lock);
    let lock = locked(&second).await;
    refused(&first, "sagas.db-lock").await;

    // The lock does not depend on the journal, which may be dropped first.
    drop(second);
    refused(&first, "sagas.db-lock").await;
    drop(lock);
    drop(locked(&first).await);
    assert!(folder.file("sagas.db-lock").exists(), "the file stays");
}

#[tokio::test]
async fn a_write_whose_future_was_dropped_keeps_the_journal_until_it_is_done() {
    let folder = Folder::new("lock-while-writing");
    let options = SqliteJournal::options().busy_timeout(Duration::from_secs(10 * 60));
    let first = options.open(folder.file("sagas.db")).expect("it opens");
    let second = SqliteJournal::open(folder.file("sagas.db")).expect("it opens again");
    let lock = locked(&first).await;
    let key = added(&first, lock.epoch(), "order-1", 2).await;
    let shell = Connection::open(folder.file("sagas.db")).expect("another program");
    shell.execute_batch("BEGIN IMMEDIATE").expect("it writes");
    // What an engine does that is shut down in the meantime.
    let mut write = first.append(lock.epoch(), key, [record(3)].into(), None);
    let mut context = Context::from_waker(Waker::noop());
    assert!(write.as_mut().poll(&mut context).is_pending());
    drop(write);
    drop(lock);
    refused(&second, "sagas.db-lock").await;
    shell.execute_batch("COMMIT").expect("it has written");
    drop(first);
    let _lock = locked(&second).await;
    let read = second.records(key).await.expect("it reads");
    assert_eq!(read.len(), 4);
}

#[cfg(unix)]
#[tokio::test]
async fn names_that_lead_to_one_file_meet_at_one_lock() {
    let folder = Folder::new("lock-by-alias");
    std::fs::create_dir(folder.file("real")).expect("a folder");
    let journal = SqliteJournal::open(folder.file("real/sagas.db")).expect("it opens");
    let links = [("real/sagas.db", "link.db"), ("real", "link")];
    for (to, from) in links {
        std::os::unix::fs::symlink(folder.file(to), folder.file(from)).expect("a link");
    }
    let lock = locked(&journal).await;
    for alias in ["link.db", "link/sagas.db", "real/../real/./sagas.db"] {
        let by_alias = SqliteJournal::open(folder.file(alias)).expect("it opens by another name");
        assert_eq!(by_alias.path(), journal.path());
        refused(&by_alias, "real/sagas.db-lock").await;
    }
    drop(lock);
    let by_alias = SqliteJournal::open(folder.file("link.db")).expect("it opens");
    let _lock = locked(&by_alias).await;
    refused(&journal, "sagas.db-lock").await;
    assert!(!folder.file("link.db-lock").exists());
}

/// Not a test of its own: the other process of the next test.
#[tokio::test]
async fn a_process_that_holds_the_lock() {
    let Ok(path) = std::env::var(HELD) else {
        return;
    };
    let journal = SqliteJournal::open(path).expect("it opens");
    let _lock = locked(&journal).await;
    println!("\nlocked");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("a line");
}

/// Another process that holds the lock until it reads a line or is killed.
struct Holder {
    child: Child,
    input: ChildStdin,
    _says: BufReader<ChildStdout>,
}

impl Holder {
    fn new(path: &Path) -> Self {
        let this = std::env::current_exe().expect("the name of this program");
        let mut child = Command::new(this)
            .args(["--exact", "a_process_that_holds_the_lock", "--nocapture"])
            .env(HELD, path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs again");
        let input = child.stdin.take().expect("its input");
        let mut says = BufReader::new(child.stdout.take().expect("what it says"));
        let mut line = String::new();
        while line.trim() != "locked" {
            line.clear();
            let read = says.read_line(&mut line).expect("it says something");
            assert!(read > 0, "it ends without the lock");
        }
        Self {
            child,
            input,
            _says: says,
        }
    }
}

#[tokio::test]
async fn a_second_process_is_refused_and_may_read_until_the_first_ends_however_it_ends() {
    let folder = Folder::new("lock-of-processes");
    let path = folder.file("sagas.db");
    let journal = SqliteJournal::open(&path).expect("it opens");

    let mut holder = Holder::new(&path);
    refused(&journal, "sagas.db-lock").await;
    let absent = journal.find(&"order-1".into()).await;
    assert_eq!(absent.expect("reading needs no lock"), None);
    holder
        .input
        .write_all(b"end\n")
        .expect("it is asked to end");
    assert!(holder.child.wait().expect("it ends").success());
    drop(locked(&journal).await);

    let mut holder = Holder::new(&path);
    refused(&journal, "sagas.db-lock").await;
    holder.child.kill().expect("it is killed");
    holder.child.wait().expect("it ends");
    drop(locked(&journal).await);
}
