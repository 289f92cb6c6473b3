//! A process that runs sagas until they have ended or it is killed, and what it leaves behind.

use std::collections::BTreeSet;
use std::env;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rusqlite::{Connection, OpenFlags};
use saga_core::Ended;
use saga_core::durable::Engine;
use saga_sqlite::SqliteJournal;
use serde::{Deserialize, Serialize};

use crate::common::Folder;
use crate::killing::{Kill, KillingJournal};
use crate::sagas::{Library, LibrarySaga, Order, Shop, ShopSaga};
use crate::world::World;

/// A saga to submit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Submission {
    pub(crate) id: String,
    pub(crate) of: Of,
    pub(crate) order: Order,
}

/// The saga that it is a run of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Of {
    Shop,
    Library,
}

/// How many definitions a life writes before it runs sagas.
pub(crate) const DEFINITIONS: usize = 2;

const FOLDER: &str = "SAGA_CRASH_FOLDER";
const KILL: &str = "SAGA_CRASH_KILL";
const SUBMISSIONS: &str = "SAGA_CRASH_SUBMISSIONS";
const PACE: &str = "SAGA_CRASH_PACE";

/// How the sagas of a life are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// One after the other on one thread, so that each life has the same writes in the same order.
    OneByOne,
    /// All at once on several threads, so that one write serves several sagas.
    AtOnce,
}

/// Runs one life, if this process was started for one.
pub(crate) fn live_if_asked() -> bool {
    let (Ok(folder), Ok(kill), Ok(submissions)) =
        (env::var(FOLDER), env::var(KILL), env::var(SUBMISSIONS))
    else {
        return false;
    };
    let submissions: Vec<_> = serde_json::from_str(&submissions).unwrap();
    let pace = match env::var(PACE).as_deref() {
        Ok("at once") => Pace::AtOnce,
        _ => Pace::OneByOne,
    };
    live(Path::new(&folder), Kill::of_text(&kill), pace, submissions);
    true
}

fn live(folder: &Path, kill: Kill, pace: Pace, submissions: Vec<Submission>) {
    let mut runtime = match pace {
        Pace::OneByOne => tokio::runtime::Builder::new_current_thread(),
        Pace::AtOnce => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = runtime.enable_time().build().unwrap();
    let world = Arc::new(World::open(folder));
    let journal = SqliteJournal::open(folder.join("sagas.db")).unwrap();
    let (journal, writes) = KillingJournal::new(journal, kill);
    runtime.block_on(async {
        let builder = Engine::builder()
            .register::<ShopSaga>(Shop::of(&world))
            .register::<LibrarySaga>(Library(Arc::clone(&world)));
        let engine = builder.open(journal).await.unwrap();
        let mut ends = Vec::new();
        for submission in submissions {
            let (engine, world) = (engine.clone(), Arc::clone(&world));
            let mut end = tokio::spawn(async move {
                let end = end_of(&engine, &submission).await;
                world.record_end(&submission.id, &end);
            });
            if pace == Pace::OneByOne {
                (&mut end).await.unwrap();
            } else {
                ends.push(end);
            }
        }
        for end in ends {
            end.await.unwrap();
        }
    });
    world.lived(writes.load(Ordering::Relaxed));
}

async fn end_of(engine: &Engine, submission: &Submission) -> String {
    let id = submission.id.as_str();
    // A saga that an earlier life has left is not submitted again: whether that writes depends on how far it is.
    let is_there = engine.status(id).await.unwrap().is_some();
    let order = submission.order.clone();
    match (submission.of, is_there) {
        (Of::Shop, true) => end_text(engine.outcome::<ShopSaga>(id).await.unwrap()),
        (Of::Library, true) => end_text(engine.outcome::<LibrarySaga>(id).await.unwrap()),
        (Of::Shop, false) => {
            let mut handle = engine.submit::<ShopSaga>(id, order).await.unwrap();
            end_text(handle.outcome().await.unwrap())
        }
        (Of::Library, false) => {
            let mut handle = engine.submit::<LibrarySaga>(id, order).await.unwrap();
            end_text(handle.outcome().await.unwrap())
        }
    }
}

fn end_text<S: saga_core::Saga<Output = String>>(ended: Ended<S>) -> String {
    match ended {
        Ok(output) => format!("completed with {output}"),
        Err(error) => {
            let step = error.step().map_or("nothing", |step| step.name);
            format!("{:?} after {step}", error.end())
        }
    }
}

/// The folder with the journal and the world of its sagas, and the processes that use it.
pub(crate) struct Lives {
    folder: Folder,
    program: PathBuf,
    test: &'static str,
    submissions: String,
    pace: Pace,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// By itself: all sagas have ended.
    None,
    /// By signal 9.
    Killed,
}

impl Lives {
    /// A folder without lives so far. Each life runs the test with this name, which calls [`live_if_asked`].
    pub(crate) fn new(test: &'static str, pace: Pace, submissions: &[Submission]) -> Self {
        Self {
            folder: Folder::in_memory("crash"),
            program: env::current_exe().unwrap(),
            test,
            submissions: serde_json::to_string(submissions).unwrap(),
            pace,
        }
    }

    /// Starts another process.
    pub(crate) fn live(&self, kill: Kill) -> Death {
        let mut child = Command::new(&self.program);
        child.args(["--exact", self.test, "--nocapture", "--test-threads=1"]);
        child.env(FOLDER, self.folder.path());
        child.env(KILL, kill.text());
        child.env(SUBMISSIONS, &self.submissions);
        match self.pace {
            Pace::OneByOne => child.env(PACE, "one by one"),
            Pace::AtOnce => child.env(PACE, "at once"),
        };
        let ended = child.output().unwrap();
        match (ended.status.signal(), ended.status.code()) {
            (Some(9), _) => Death::Killed,
            (None, Some(0)) => {
                let output = String::from_utf8_lossy(&ended.stdout);
                assert!(output.contains("1 passed"), "it was a life: {output}");
                Death::None
            }
            _ => panic!("{kill:?}: {ended:?}"),
        }
    }

    /// The current state.
    pub(crate) fn left(&self) -> Left {
        let world = World::open(self.folder.path());
        Left {
            ends: world.ends(),
            calls: world.calls(),
            effects: world.effects(),
            records: self.records(),
            writes: world.writes(),
        }
    }

    fn records(&self) -> Vec<Kept> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let journal = Connection::open_with_flags(self.folder.file("sagas.db"), flags).unwrap();
        let mut records = journal
            .prepare(
                "SELECT saga.id, record.head FROM record JOIN saga ON saga.key = record.saga
                ORDER BY record.place",
            )
            .unwrap();
        let records = records.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
        let records = records.unwrap().map(|row| {
            let (id, head) = row.unwrap();
            Kept::of(id, &head)
        });
        records.collect()
    }
}

/// What the lives have left behind.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) ends: Vec<String>,
    pub(crate) calls: Vec<String>,
    pub(crate) effects: BTreeSet<String>,
    pub(crate) records: Vec<Kept>,
    pub(crate) writes: Vec<String>,
}

/// A record of the journal.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) id: String,
    pub(crate) kind: String,
    /// The end of the idempotency keys of its call: `/order-1/charge/do`.
    pub(crate) call: String,
    pub(crate) ends: bool,
}

impl Kept {
    fn of(id: String, head: &str) -> Self {
        let head: serde_json::Value = serde_json::from_str(head).unwrap();
        let (kind, of) = head.as_object().unwrap().iter().next().unwrap();
        let key = |call: &serde_json::Value| format!("/{id}/{}", call.as_str().unwrap());
        Self {
            call: of.get("call").map(key).unwrap_or_default(),
            ends: kind == "ended" || of.get("ends").is_some_and(|ends| ends == true),
            kind: kind.clone(),
            id,
        }
    }

    /// Whether the record ends the call.
    pub(crate) fn is_of_end(&self) -> bool {
        self.kind == "completed" || self.kind == "gave_up"
    }
}
