//! The `durable_checkout` example, run as programs that crash, are interrupted, and are started again.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use rusqlite::Connection;
use saga_core::durable::Journal as _;
use saga_sqlite::SqliteJournal;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use common::{Ran, example, run};

/// A folder of this test alone, in memory where that can be: what is synced need not wait for a disk.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory
        } else {
            Path::new(env!("CARGO_TARGET_TMPDIR"))
        };
        let path = parent.join(format!("durable-checkout-{}-{name}", process::id()));
        fs::create_dir_all(&path).expect("the folder for tests can be written to");
        Self(path)
    }

    fn program(&self) -> Command {
        let mut program = example("durable_checkout");
        program.arg("--folder").arg(&self.0);
        program
    }

    /// A file of these orders.
    fn orders(&self, orders: &[Value]) -> PathBuf {
        let path = self.0.join("orders.jsonl");
        let lines: Vec<_> = orders.iter().map(Value::to_string).collect();
        fs::write(&path, lines.join("\n")).expect("the folder for tests can be written to");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An order of two grinders, of which the warehouse has 12.
fn order(id: &str, faults: &Value, expect: &Value) -> Value {
    json!({
        "story": "two grinders",
        "order": {
            "id": id,
            "items": [{ "sku": "burr-grinder", "quantity": 2 }],
            "card": "tok_visa_4242",
            "ship_to": "Rua das Flores 112, 4050-262 Porto, PT",
            "email": "orders@example.com",
        },
        "faults": faults,
        "expect": expect,
    })
}

fn smooth_order(id: &str) -> Value {
    order(id, &json!([]), &json!("completed"))
}

const NOTHING_DONE: &str = "no run before this one submitted an order\n";
const ALL_DONE: &str = "earlier runs finished 24 orders, and left none in flight\n";

impl Ran {
    #[track_caller]
    fn shows(&self, text: &str) {
        assert!(self.stdout.contains(text), "no `{text}` in {}", self.all());
    }

    #[track_caller]
    fn complains(&self, text: &str) {
        assert!(self.stderr.contains(text), "no `{text}` in {}", self.all());
    }

    /// What stands from `first` to `last`.
    #[track_caller]
    fn between(&self, first: &str, last: &str) -> &str {
        let (_, rest) = self
            .stdout
            .split_once(first)
            .unwrap_or_else(|| panic!("no `{first}` in {}", self.all()));
        let (part, _) = rest
            .split_once(last)
            .unwrap_or_else(|| panic!("no `{last}` in {}", self.all()));
        part
    }

    fn table(&self) -> &str {
        self.between("order  expected ", "\n\n")
    }

    /// The table, what is left for an operator, and the proof.
    fn conclusion(&self) -> &str {
        self.between("order  expected ", "\nthe journal was asked")
    }

    fn proof(&self) -> &str {
        self.between("proven by SQL", "\nthe journal was asked")
    }
}

/// Runs it until it ends by itself at this write.
#[track_caller]
fn crash_at(write: u64, program: &mut Command) {
    let output = program.args(["--crash-after", &write.to_string()]).output();
    let output = output.expect("the example starts");
    let (signal, ran) = (output.status.signal(), Ran::from(output));
    assert_eq!(signal, Some(6), "SIGABRT: {}", ran.all());
    ran.complains(&format!(
        "(crash on purpose at write {write} to the journal)\n"
    ));
}

/// How often the journal is written to for the orders of the example, when nothing crashes.
const WRITES: u64 = 191;

#[test]
fn wherever_it_crashes_the_next_run_finishes_everything_and_ends_with_the_same_proof() {
    let smooth = run(&mut Folder::new("smooth").program());
    smooth.ends_with(0);
    smooth.shows(&format!("asked to write {WRITES} times in this run\n"));
    smooth.shows("proven by SQL over a fresh connection: 24 of 24 orders ended as the file says\n");
    let next_write = AtomicU64::new(1);
    let crash_everywhere = || {
        loop {
            let write = next_write.fetch_add(1, Ordering::Relaxed);
            if write > WRITES {
                return;
            }
            let folder = Folder::new(&format!("crashed-{write}"));
            crash_at(write, &mut folder.program());

            let again = run(&mut folder.program());
            again.ends_with(0);
            assert_eq!(again.table(), smooth.table(), "crashed at {write}");
            assert_eq!(again.proof(), smooth.proof(), "crashed at {write}");

            let idle = run(&mut folder.program());
            idle.ends_with(0);
            idle.shows(ALL_DONE);
            assert_eq!(idle.conclusion(), again.conclusion(), "crashed at {write}");
        }
    };
    // Most of the time is time limits that pass.
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(crash_everywhere);
        }
    });
}

#[test]
fn it_may_crash_again_while_it_finishes_what_a_crash_left() {
    let folder = Folder::new("crashed-again");
    for write in [40, 41, 42] {
        crash_at(write, &mut folder.program());
    }
    let ran = run(&mut folder.program());
    ran.ends_with(0);
    ran.shows("24 of 24 orders ended as the file says\n");
}

#[test]
fn a_write_that_is_never_made_crashes_nothing() {
    let folder = Folder::new("no-crash");
    let write = (WRITES + 1).to_string();
    run(folder.program().args(["--crash-after", &write])).ends_with(0);
    run(&mut folder.program()).shows(ALL_DONE);
}

#[test]
fn what_is_left_for_a_person_is_listed_out_of_the_journal_also_by_the_next_run() {
    let folder = Folder::new("left");
    let first = run(&mut folder.program());
    let left = "\n\n\
        order 1022 is left for a person:\n  \
          - run step 5 `send_receipt`: the saga is past its pivot and cannot go back\n\
        order 1023 is left for a person:\n  \
          - find out whether step 5 `send_receipt` took effect (idempotency key checkout/1023/send_receipt/do), \
            and run it if not\n\
        order 1024 is left for a person:\n  \
          - find out whether step 5 `send_receipt` took effect (idempotency key checkout/1024/send_receipt/do), \
            and run it if not\n\n";
    first.shows(left);
    let second = run(&mut folder.program());
    second.shows(ALL_DONE);
    second.shows(left);
}

#[test]
fn a_fresh_run_begins_anew_and_deletes_nothing_but_what_runs_left() {
    let folder = Folder::new("fresh");
    let orders = folder.orders(&[smooth_order("7")]);
    let ran = run(folder.program().arg(&orders));
    ran.ends_with(0);
    ran.shows(NOTHING_DONE);
    let ran = run(folder.program().arg(&orders).arg("--fresh"));
    ran.ends_with(0);
    ran.shows(NOTHING_DONE);
    ran.shows("1 of 1 orders ended as the file says");
}

#[test]
fn ctrl_c_finishes_what_is_in_flight_and_the_next_run_goes_on() {
    let folder = Folder::new("interrupted");
    let hangs = |at: &str| json!({ "at": at, "what": "hang_after", "attempts": 1 });
    let faults = ["charge_card", "book_courier", "send_receipt"].map(hangs);
    let orders = folder.orders(&[order("7", &json!(faults), &json!("completed"))]);
    let mut program = folder.program();
    let mut running = program
        .arg(&orders)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the example starts");
    let stdout = running.stdout.take().expect("it is piped");
    let mut lines = BufReader::new(stdout)
        .lines()
        .map(|line| line.expect("text"));
    assert!(lines.any(|line| line == "orders submitted: 1"));

    // Nothing is recorded until it has heard of the interruption, so that it cannot end before.
    let journal = Connection::open(folder.0.join("journal.sqlite")).expect("there is a journal");
    journal
        .execute_batch("BEGIN IMMEDIATE")
        .expect("it is locked");
    let id = running.id().to_string();
    let interrupted = Command::new("kill").args(["-INT", &id]).status();
    assert!(interrupted.expect("there is `kill`").success());
    let ending = "ending: what is in flight is finished, no step is begun any more";
    assert!(lines.any(|line| line == ending));
    journal.execute_batch("ROLLBACK").expect("it is locked");
    drop(journal);

    let said: Vec<_> = lines.collect();
    assert_eq!(running.wait().expect("it ends").code(), Some(1), "{said:?}");
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0], "orders that go on at the next run: 1");
    assert!(
        said[1].starts_with("  order 7 shut down at step `"),
        "{said:?}"
    );

    let ran = run(folder.program().arg(&orders));
    ran.ends_with(0);
    ran.shows("earlier runs finished 0 orders, and left 1 in flight: 7\n");
    ran.shows("1 of 1 orders ended as the file says");
}

#[test]
fn while_one_process_is_at_work_another_is_refused_and_changes_nothing() {
    let folder = Folder::new("locked");
    let orders = folder.orders(&[smooth_order("7")]);
    run(folder.program().arg(&orders)).ends_with(0);
    let journal = SqliteJournal::open(folder.0.join("journal.sqlite")).expect("there is a journal");
    let runtime = Runtime::new().expect("a runtime");
    let lock = runtime
        .block_on(journal.lock())
        .expect("nothing else has it");
    for option in [None, Some("--fresh")] {
        let ran = run(folder.program().arg(&orders).args(option));
        ran.ends_with(1);
        ran.complains("another engine has the journal: ");
        ran.complains(
            "journal.sqlite-lock: is locked, in this process or in another: end that one first ",
        );
    }
    drop((journal, lock));
    let ran = run(folder.program().arg(&orders));
    ran.ends_with(0);
    ran.shows("earlier runs finished 1 orders, and left none in flight\n");
}

#[test]
fn an_order_that_has_changed_since_it_was_submitted_is_refused() {
    let folder = Folder::new("changed");
    let orders = folder.orders(&[smooth_order("7")]);
    run(folder.program().arg(orders)).ends_with(0);
    let mut changed = smooth_order("7");
    changed["order"]["items"][0]["quantity"] = json!(3);
    let ran = run(folder.program().arg(folder.orders(&[changed])));
    ran.ends_with(1);
    ran.complains("error: saga id `7` belongs to a run of `checkout` with another input");
}

#[test]
fn an_order_that_ends_otherwise_than_the_file_says_is_found_out_by_the_proof() {
    let folder = Folder::new("unexpected");
    let refused = json!([{ "at": "charge_card", "what": { "refuse": "on purpose" } }]);
    let orders = [order("7", &refused, &json!("completed")), smooth_order("8")];
    let ran = run(folder.program().arg(folder.orders(&orders)));
    ran.ends_with(1);
    ran.complains("NOT proven:\n");
    ran.complains("order 7: ended compensated at charge_card, expected completed");
    assert!(!ran.stderr.contains("order 8"), "{}", ran.all());
}

#[test]
fn a_wrong_command_line_is_refused_in_one_line() {
    for (arguments, error) in [
        (&["--crash-after"][..], "--crash-after needs a number\n"),
        (
            &["--crash-after", "0"],
            "--crash-after needs the number of a write, 1 or more, not `0`\n",
        ),
        (
            &["--crash-after", "soon"],
            "--crash-after needs the number of a write, 1 or more, not `soon`\n",
        ),
        (&["--folder"], "--folder needs a path\n"),
        (
            &["--frsh"],
            "there is no option `--frsh`; --help lists those there are\n",
        ),
        (&["1", "2"], "one file of orders at a time; see --help\n"),
        (&["no_such.jsonl"], "cannot read no_such.jsonl: "),
    ] {
        let ran = run(example("durable_checkout").args(arguments));
        ran.ends_with(1);
        ran.complains(&format!("error: {error}"));
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.all());
        assert_eq!(ran.stdout, "");
    }
    let ran = run(example("durable_checkout").arg("--help"));
    ran.ends_with(0);
    ran.shows("--crash-after N");
}
