//! A process whose files may not grow. This acts like a full disk, and needs no privileges.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use saga_core::durable::{Journal, JournalErrorKind, Record, SagaState};
use saga_sqlite::SqliteJournal;

mod common;

use common::{Folder, Owned, record, saga};

const PATH: &str = "SAGA_SQLITE_TEST_NO_ROOM";

fn large(number: u64) -> Record {
    Record {
        value: vec![7; 10_000],
        ..record(number)
    }
}

/// Not a test of its own: the process of the next test.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_out_of_room() {
    let Ok(path) = std::env::var(PATH) else {
        return;
    };
    let owned = Owned::open(path).await;
    let journal = &owned.journal;
    let key = owned.added("order-1", 0).await;
    let batch = |next| -> Arc<[Record]> { [large(next), large(next + 1)].into() };
    let (mut next, mut failed) = (1, 0);
    // After a failure there may be room again, once the log has been written back.
    while failed < 5 {
        // Several calls at once, so that a transaction of several fails.
        let append = owned.append(key, batch(next), None);
        let other = format!("beside {next}, {failed}");
        let (append, create) = tokio::join!(append, owned.create(saga(&other)));
        let there = journal.find(&other.as_str().into()).await;
        assert_eq!(there.expect("it reads").is_some(), create.is_ok());
        match append {
            Ok(()) => (next, failed) = (next + 2, 0),
            Err(error) => {
                assert_eq!(error.kind(), JournalErrorKind::Unavailable, "{error}");
                assert!(error.to_string().contains("sagas.db"), "{error}");
                failed += 1;
            }
        }
        let kept = journal
            .records(key)
            .await
            .expect("what was written is read");
        assert_eq!(kept.len() as u64, next, "nothing is half written");
    }
    assert!(next > 2, "there was room at first");

    println!("\nno room");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("a line");
    let again = owned.append(key, batch(next), Some(SagaState::Completed));
    again.await.expect("there is room again");
    let kept = journal.records(key).await.expect("it reads");
    assert_eq!(kept.len() as u64, next + 2);
    println!("\nwritten {next}");
}

#[tokio::test]
async fn without_room_a_call_fails_writes_nothing_of_itself_and_goes_well_when_there_is_room() {
    let folder = Folder::new("no-room");
    let path = folder.file("sagas.db");
    let this = std::env::current_exe().expect("the name of this program");
    let limited = r#"trap '' XFSZ; ulimit -S -f 400; exec "$0" "$@""#;
    let mut child = Command::new("sh")
        .args(["-c", limited])
        .arg(this)
        .args(["--exact", "a_process_that_is_out_of_room", "--nocapture"])
        .env(PATH, &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs again");
    let mut input = child.stdin.take().expect("its input");
    let mut says = BufReader::new(child.stdout.take().expect("what it says"));
    let mut said = |what: &str| {
        let mut line = String::new();
        while !line.starts_with(what) {
            line.clear();
            let read = says.read_line(&mut line).expect("it says something");
            assert!(read > 0, "it ends without {what:?}");
        }
        line
    };
    said("no room");
    let pid = child.id().to_string();
    let raised = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited"])
        .status();
    assert!(raised.expect("prlimit, of util-linux").success());
    input.write_all(b"there is room\n").expect("it is written");
    let written = said("written ");
    assert!(child.wait().expect("it ends").success());

    let last = written.trim().rsplit(' ').next().expect("a number");
    let last: usize = last.parse().expect("a number");
    let journal = SqliteJournal::open(&path).expect("it opens");
    let there = journal.find(&"order-1".into()).await.expect("it reads");
    let there = there.expect("it is there");
    assert_eq!(there.state, SagaState::Completed);
    let kept = journal.records(there.key).await.expect("it reads");
    assert_eq!(kept.len(), last + 2);
}
