//! The journal passes the conformance suite.

use std::fs;

use saga_core::durable::conformance;
use saga_sqlite::SqliteJournal;

mod common;

use common::Folder;

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_conforms_also_when_it_is_closed_and_opened_again() {
    let folder = Folder::new("conforms");
    let mut next = 0;
    let fresh = || {
        next += 1;
        SqliteJournal::open(folder.file(&format!("{next}.db"))).expect("it opens")
    };
    let reopen = |journal: SqliteJournal| {
        let path = journal.path().to_owned();
        drop(journal);
        SqliteJournal::open(path).expect("it opens again")
    };
    conformance::check_reopened(fresh, reopen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_leaves_conforms() {
    let folder = Folder::new("crashed");
    let mut next = 0;
    let fresh = || {
        next += 1;
        SqliteJournal::open(folder.file(&format!("{next}.db"))).expect("it opens")
    };
    let mut crashes = 0;
    let reopen = |journal: SqliteJournal| {
        // A copy of the files at this instant, while the writer still has them open.
        crashes += 1;
        let copy = folder.file(&format!("after {crashes}.db"));
        for end in ["", "-wal"] {
            let mut from = journal.path().to_owned().into_os_string();
            from.push(end);
            let mut to = copy.clone().into_os_string();
            to.push(end);
            fs::copy(from, to).expect("it is copied");
        }
        SqliteJournal::open(copy).expect("it opens after a crash")
    };
    conformance::check_reopened(fresh, reopen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_whose_lock_file_was_deleted_writes_nothing_once_another_has_the_journal() {
    let folder = Folder::new("taken-over");
    let mut next = 0;
    let fresh = || {
        next += 1;
        SqliteJournal::open(folder.file(&format!("{next}.db"))).expect("it opens")
    };
    let take = |journal: &SqliteJournal| {
        let mut lock = journal.path().to_owned().into_os_string();
        lock.push("-lock");
        fs::remove_file(lock).expect("it is deleted");
        SqliteJournal::open(journal.path()).expect("it opens")
    };
    conformance::check_taken_over(fresh, take).await;
}
