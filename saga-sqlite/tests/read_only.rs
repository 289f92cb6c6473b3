//! A journal that cannot be written can be read: without write permission, and on a file system that is mounted
//! read-only.
//!
//! Another process reads it: this program again, as another user if this one is the superuser, who is not bound by
//! permissions.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Write as _, stdin};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, fs};

use saga_core::durable::{DefinitionText, Epoch, Journal, JournalErrorKind, Query};
use saga_sqlite::SqliteJournal;

mod common;

use common::{Folder, Owned, record, saga};

const PATH: &str = "SAGA_SQLITE_TEST_READ_ONLY";
/// A user who owns no file here.
const OTHER: u32 = 65_534;

fn set_mode(path: &Path, mode: u32) {
    let permissions = fs::Permissions::from_mode(mode);
    fs::set_permissions(path, permissions).expect("they are set");
}

/// The files to read are in a folder that any user can reach, and so is a copy of this program.
struct Shared {
    _folder: Folder,
    program: PathBuf,
    journals: PathBuf,
}

impl Shared {
    fn new(name: &str) -> Self {
        let folder = Folder::shared(name);
        set_mode(folder.path(), 0o755);
        let [program, journals, copies] =
            ["program", "journals", "copies"].map(|name| folder.file(name));
        fs::copy(env::current_exe().expect("this program"), &program).expect("it is copied");
        set_mode(&program, 0o755);
        for (made, mode) in [(&journals, 0o755), (&copies, 0o777)] {
            fs::create_dir(made).expect("a folder");
            set_mode(made, mode);
        }
        Self {
            _folder: folder,
            program,
            journals,
        }
    }

    fn path(&self) -> PathBuf {
        self.journals.join("sagas.db")
    }

    /// Every user may read the files, and no user may write them.
    fn readable(&self) {
        for file in fs::read_dir(&self.journals).expect("the folder") {
            set_mode(&file.expect("a file").path(), 0o444);
        }
    }

    /// The same, but the owner may write.
    fn writable(&self) {
        for file in fs::read_dir(&self.journals).expect("the folder") {
            set_mode(&file.expect("a file").path(), 0o644);
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        set_mode(&self.journals, 0o755);
    }
}

/// How the other process is kept from writing.
#[derive(Debug, Clone, Copy)]
enum Kept {
    ByPermissions,
    ByMount,
}

/// The ways that this system has. The first one exists everywhere.
fn ways() -> Vec<Kept> {
    let probe = Command::new("unshare").args(["-rm", "true"]).output();
    if probe.is_ok_and(|probe| probe.status.success()) {
        vec![Kept::ByPermissions, Kept::ByMount]
    } else {
        eprintln!("no namespace with mounts of its own can be made here: by permissions only");
        vec![Kept::ByPermissions]
    }
}

/// The process that reads.
struct Reading {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Reading {
    fn begin(shared: &Shared, kept: Kept) -> Self {
        let mut command = match kept {
            Kept::ByPermissions => {
                set_mode(&shared.journals, 0o555);
                let mut command = Command::new(&shared.program);
                let owner = fs::metadata(&shared.program).expect("it is there").uid();
                if owner == 0 {
                    command.uid(OTHER).gid(OTHER);
                }
                command
            }
            Kept::ByMount => {
                let mounted =
                    r#"mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@""#;
                let mut command = Command::new("unshare");
                command.args(["-rm", "sh", "-c", mounted]);
                command.arg(&shared.journals).arg(&shared.program);
                command
            }
        };
        let child = command
            .args(["--exact", "a_process_that_reads", "--nocapture"])
            .env(PATH, &shared.journals)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("it runs again");
        let input = child.stdin.take().expect("its input");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Self {
            child,
            input,
            output,
        }
    }

    /// Makes it read again, and returns what it sees.
    fn looks(&mut self) -> String {
        // If it could not open the journal, it has said so and may have ended.
        let _ = self.input.write_all(b"look\n");
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).expect("it answers");
            assert!(read > 0, "it ended");
            if let Some((_, seen)) = line.split_once("seen: ") {
                return seen.trim().to_owned();
            }
        }
    }

    fn end(mut self) {
        drop(self.input);
        assert!(self.child.wait().expect("it ends").success());
    }
}

/// Not a test of its own: the process of the other tests.
#[tokio::test]
async fn a_process_that_reads() {
    let Some(folder) = env::var_os(PATH).map(PathBuf::from) else {
        return;
    };
    let journal = match SqliteJournal::open(folder.join("sagas.db")) {
        Ok(journal) => journal,
        Err(error) => {
            println!("\nseen: {error}");
            return;
        }
    };
    assert!(journal.is_read_only());
    let mut looks = 0;
    for line in stdin().lines() {
        assert_eq!(line.expect("a line"), "look");
        looks += 1;
        let listed = journal.list(Query::new()).await.expect("it lists");
        let mut records = 0;
        for entry in &listed {
            let found = journal.find(&entry.id).await.expect("it finds");
            assert_eq!(found.as_ref(), Some(entry));
            records += journal.records(entry.key).await.expect("it reads").len();
        }
        let counts = journal.counts().await.expect("it counts");
        let counted: u64 = counts.iter().map(|count| count.sagas).sum();
        assert_eq!(counted, listed.len() as u64);
        let text = journal.definition(7).await.expect("it reads");
        assert_eq!(text.as_deref(), Some("a definition"));

        let text = "another".to_owned();
        let refused = [
            journal.lock().await.map(drop),
            journal.create(Epoch(1), saga("order-9")).await.map(drop),
            journal.define(DefinitionText { hash: 9, text }).await,
        ];
        for refused in refused {
            let error = refused.expect_err("it is read-only");
            assert_eq!(error.kind(), JournalErrorKind::Unavailable, "{error}");
            let text = error.to_string();
            assert!(text.contains("sagas.db: is read-only here"), "{text}");
        }
        let copies = folder.with_file_name("copies");
        let copy = copies.join(format!("{}-{looks}.db", std::process::id()));
        journal.backup(&copy).await.expect("it is copied");
        let copied = SqliteJournal::open(&copy).expect("it opens");
        assert!(!copied.is_read_only());
        assert_eq!(copied.list(Query::new()).await.expect("it lists"), listed);
        println!("\nseen: {} sagas, {records} records", listed.len());
    }
}

/// Two sagas with five records, and a definition.
async fn filled(owned: &Owned) {
    owned.added("order-1", 1).await;
    owned.added("order-2", 2).await;
    let text = "a definition".to_owned();
    let defined = owned.journal.define(DefinitionText { hash: 7, text });
    defined.await.expect("it is written");
}

#[tokio::test]
async fn a_journal_that_was_closed_is_read_and_what_is_written_to_it_later_too() {
    for kept in ways() {
        let shared = Shared::new("read-only-closed");
        filled(&Owned::open(shared.path()).await).await;
        assert!(!shared.journals.join("sagas.db-wal").exists());
        shared.readable();
        let mut reading = Reading::begin(&shared, kept);
        for _ in 0..2 {
            assert_eq!(reading.looks(), "2 sagas, 5 records", "{kept:?}");
        }

        // Its owner writes on.
        set_mode(&shared.journals, 0o755);
        shared.writable();
        let owned = Owned::open(shared.path()).await;
        shared.writable();
        owned.added("order-3", 2).await;
        assert_eq!(reading.looks(), "3 sagas, 8 records", "{kept:?}");
        owned.added("order-4", 0).await;
        assert_eq!(reading.looks(), "4 sagas, 9 records", "{kept:?}");
        drop(owned);
        assert_eq!(reading.looks(), "4 sagas, 9 records", "{kept:?}");
        reading.end();
    }
}

#[tokio::test]
async fn a_journal_that_an_engine_has_is_read_as_it_is() {
    for kept in ways() {
        let shared = Shared::new("read-only-open");
        let owned = Owned::open(shared.path()).await;
        filled(&owned).await;
        shared.writable();
        let mut reading = Reading::begin(&shared, kept);
        assert_eq!(reading.looks(), "2 sagas, 5 records", "{kept:?}");
        let key = owned.added("order-3", 0).await;
        assert_eq!(reading.looks(), "3 sagas, 6 records", "{kept:?}");
        owned
            .append(key, [record(1)], None)
            .await
            .expect("it is written");
        assert_eq!(reading.looks(), "3 sagas, 7 records", "{kept:?}");
        reading.end();
    }
}

#[tokio::test]
async fn what_a_crash_left_is_read_with_its_log_and_refused_without_what_belongs_to_it() {
    for kept in ways() {
        let shared = Shared::new("read-only-crashed");
        let owned = Owned::open(shared.journals.join("other.db")).await;
        filled(&owned).await;
        for end in ["", "-wal", "-shm"] {
            let from = shared.journals.join(format!("other.db{end}"));
            fs::copy(from, shared.journals.join(format!("sagas.db{end}"))).expect("it is copied");
        }
        drop(owned);
        shared.readable();
        let mut reading = Reading::begin(&shared, kept);
        assert_eq!(reading.looks(), "2 sagas, 5 records", "{kept:?}");
        reading.end();

        // Without the log the data would be incomplete, and here the log cannot be read.
        set_mode(&shared.journals, 0o755);
        fs::remove_file(shared.journals.join("sagas.db-shm")).expect("it is deleted");
        let mut reading = Reading::begin(&shared, kept);
        let said = reading.looks();
        assert!(said.contains("sagas.db: cannot be opened"), "{said}");
        reading.end();
    }
}

#[tokio::test]
async fn an_empty_file_that_cannot_be_written_is_no_journal() {
    for kept in ways() {
        let shared = Shared::new("read-only-empty");
        fs::write(shared.path(), "").expect("it is made");
        shared.readable();
        let mut reading = Reading::begin(&shared, kept);
        let said = reading.looks();
        assert!(
            said.contains("it is empty, and cannot be written"),
            "{said}"
        );
        reading.end();
    }
}
