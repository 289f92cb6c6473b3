//! Everything that a saga depends on is synced first, as the system calls of a process show.
//!
//! A process, this program again, runs a saga while `trace.c` records the calls that write and sync. It is built
//! here and loaded before the C library. In a copy of the program, `synchronous = FULL` is replaced by `OFF`, byte
//! by byte; there the same check has to fail.
#![cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]

#[path = "../common/mod.rs"]
mod common;

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::Folder;
use saga_core::durable::Engine;
use saga_core::{Attempt, saga};
use saga_sqlite::SqliteJournal;
use tokio::sync::Notify;

const FOLDER: &str = "SAGA_SYNCED_FOLDER";
const TRACE: &str = "SAGA_TRACE";

/// Marks in the trace that something happens that depends on an earlier write.
struct Trace(PathBuf);

impl Trace {
    fn mark(&self, what: &str) {
        let mut file = File::options().append(true).open(&self.0).unwrap();
        file.write_all(format!("{what}\n").as_bytes()).unwrap();
    }
}

struct Shop {
    trace: Trace,
    submitted: Notify,
}

#[saga]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, order: &u32) -> Result<u32, String> {
        // Otherwise its record would be written while `submit` returns.
        self.submitted.notified().await;
        self.trace.mark("reserve");
        Ok(*order)
    }

    #[step(compensate = refund)]
    async fn charge(&self, reserved: &u32) -> Result<u32, String> {
        self.trace.mark("charge");
        Ok(*reserved)
    }

    #[step(pivot)]
    async fn ship(&self, charged: &u32) -> Result<(), String> {
        self.trace.mark("ship");
        Err(format!("{charged} is lost"))
    }

    async fn refund(&self, _: Attempt<&u32>) -> Result<(), String> {
        self.trace.mark("refund");
        Ok(())
    }

    async fn release(&self, _: &u32) -> Result<(), String> {
        self.trace.mark("release");
        Ok(())
    }
}

/// All marks.
const MARKS: [&str; 7] = [
    "submitted",
    "reserve",
    "charge",
    "ship",
    "refund",
    "release",
    "ended",
];

/// The work of the process.
fn run(folder: &Path) {
    let trace = || Trace(env::var_os(TRACE).unwrap().into());
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().build().unwrap();
    runtime.block_on(async {
        let shop = std::sync::Arc::new(Shop {
            trace: trace(),
            submitted: Notify::new(),
        });
        let builder = Engine::builder().register::<ShopSaga>(std::sync::Arc::clone(&shop));
        let journal = SqliteJournal::open(folder.join("sagas.db")).unwrap();
        let engine = builder.open(journal).await.unwrap();
        let mut handle = engine.submit::<ShopSaga>("order-1", 7).await.unwrap();
        trace().mark("submitted");
        shop.submitted.notify_one();
        drop(handle.outcome().await.unwrap());
        trace().mark("ended");
    });
}

/// The library that traces.
fn tracer(folder: &Folder) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/synced/trace.c");
    let library = folder.file("libtrace.so");
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut compile = Command::new(&compiler);
    compile.args(["-shared", "-fPIC", "-O1", "-o"]);
    let compiled = compile.arg(&library).arg(source).output();
    let compiled = compiled.unwrap_or_else(|error| {
        let compiler = compiler.display();
        panic!("`{compiler}`, which SQLite is built with as well, cannot be started: {error}")
    });
    assert!(compiled.status.success(), "{compiled:?}");
    library
}

/// The trace of `program`.
fn trace_of(program: &Path, folder: &Folder, name: &str) -> String {
    let place = folder.file(name);
    fs::create_dir(&place).unwrap();
    let trace = place.join("trace");
    let test = "each_step_and_each_answer_comes_after_a_sync_of_all_that_was_written";
    let mut child = Command::new(program);
    child.args(["--exact", test, "--nocapture", "--test-threads=1"]);
    child.env(FOLDER, &place).env(TRACE, &trace);
    child.env("LD_PRELOAD", tracer(folder));
    let ended = child.output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    fs::read_to_string(trace).expect("the process wrote to a log, and that was seen")
}

/// Fails unless each mark comes after a write, and all writes before it are synced.
fn check(trace: &str) -> Result<(), String> {
    let (mut marks, mut written, mut unsynced) = (Vec::new(), 0, 0);
    for line in trace.lines() {
        match line {
            "w" => (written, unsynced) = (written + 1, unsynced + 1),
            "s" => unsynced = 0,
            // It depends on the same record as the return of `submit`.
            mark if written == 0 && mark != "reserve" => {
                return Err(format!("nothing is written before `{mark}`"));
            }
            mark if unsynced > 0 => return Err(format!("`{mark}` comes before a sync")),
            mark => {
                marks.push(mark);
                written = 0;
            }
        }
    }
    if marks != MARKS {
        return Err(format!("not all was seen: {marks:?}"));
    }
    Ok(())
}

#[test]
fn each_step_and_each_answer_comes_after_a_sync_of_all_that_was_written() {
    if let Some(folder) = env::var_os(FOLDER) {
        return run(Path::new(&folder));
    }
    let folder = Folder::new("synced");
    let trace = trace_of(&env::current_exe().unwrap(), &folder, "full");
    assert_eq!(check(&trace), Ok(()), "{trace}");
}

#[test]
fn the_check_fails_where_sqlite_is_configured_not_to_sync() {
    let folder = Folder::new("unsynced");
    let mut program = fs::read(env::current_exe().unwrap()).unwrap();
    let (full, off) = (b"PRAGMA synchronous = FULL;", b"PRAGMA synchronous = OFF ;");
    let at = |program: &[u8]| {
        let mut windows = program.windows(full.len());
        windows.position(|window| window == full)
    };
    let mut changed = 0;
    while let Some(at) = at(&program) {
        program[at..at + off.len()].copy_from_slice(off);
        changed += 1;
    }
    // The text in the journal, and its copy here.
    assert!((1..=2).contains(&changed), "{changed}");
    let copy = folder.file("program");
    fs::copy(env::current_exe().unwrap(), &copy).unwrap();
    fs::write(&copy, program).unwrap();
    let trace = trace_of(&copy, &folder, "off");
    let error = "`submitted` comes before a sync".to_owned();
    assert_eq!(check(&trace), Err(error), "{trace}");
}

#[test]
fn the_check_fails_where_anything_is_not_synced_or_not_seen() {
    let synced = |mark: &&str| if *mark == "reserve" { "" } else { "w\nw\ns\n" };
    let trace: Vec<_> = MARKS
        .iter()
        .map(|mark| format!("{}{mark}\n", synced(mark)))
        .collect();
    let trace = trace.concat();
    assert_eq!(check(&trace), Ok(()));
    for mark in MARKS {
        if mark == "reserve" {
            continue;
        }
        let unsynced = trace.replace(&format!("s\n{mark}\n"), &format!("{mark}\n"));
        assert_eq!(
            check(&unsynced),
            Err(format!("`{mark}` comes before a sync"))
        );
        let late = trace.replace(&format!("s\n{mark}\n"), &format!("{mark}\ns\n"));
        assert_eq!(check(&late), Err(format!("`{mark}` comes before a sync")));
        let unwritten = trace.replace(&format!("w\nw\ns\n{mark}\n"), &format!("{mark}\n"));
        let error = format!("nothing is written before `{mark}`");
        assert_eq!(check(&unwritten), Err(error));
    }
    assert!(check("").unwrap_err().starts_with("not all was seen"));
}
