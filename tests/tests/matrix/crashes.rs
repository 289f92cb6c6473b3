//! The crashes of a fault matrix: a service that handles crashes passes in every cell, and a wrong one fails in the
//! predicted cells and in no others.

mod shop;

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use expect_test::expect_file;
use saga_core::testing::{Fault, FaultMatrix, MatrixFailed, fault_matrix};
use saga_core::{Attempt, Saga, StepContext, saga};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::shop::{Bug, Refused, Shop, ShopSaga};

fn matrix(bug: Bug) -> FaultMatrix<ShopSaga> {
    fault_matrix::<ShopSaga>(move || Shop::with(bug), 2)
        .errors(|| Refused::Busy)
        .snapshot(Shop::seen)
        .invariant(Shop::is_right)
        .crashes()
}

/// The failed cells in which the process ends.
fn crashes(failed: &MatrixFailed) -> Vec<&str> {
    assert_eq!(failed.problems, [""; 0]);
    let names = failed.cells.iter().map(|cell| cell.name.as_str());
    names.filter(|name| name.contains("crash ")).collect()
}

async fn failed(bug: Bug) -> Box<MatrixFailed> {
    matrix(bug).check().await.expect_err("it is wrong")
}

/// The description of this cell.
fn description<'f>(failed: &'f MatrixFailed, name: &str) -> &'f str {
    let cell = failed.cells.iter().find(|cell| cell.name == name);
    &cell.expect("it failed").description
}

#[tokio::test(start_paused = true)]
async fn a_service_that_can_be_gone_on_with_passes_in_every_cell() {
    let coverage = matrix(Bug::None).run().await;
    let is_crash = |name: &&String| name.contains("crash ");
    let crashes = coverage.cells.iter().filter(is_crash).count();
    assert_eq!(
        (coverage.cells.len(), crashes, coverage.left_out.len()),
        (220, 63, 8)
    );
    let names: BTreeSet<_> = coverage.cells.iter().collect();
    assert_eq!(names.len(), coverage.cells.len(), "no two have one name");
    assert_eq!(coverage.count("charge", Fault::CrashThenError), 1);
    expect_file!["crashes/cells.txt"].assert_eq(&(coverage.cells.join("\n") + "\n"));
    expect_file!["crashes/shop.txt"].assert_eq(&coverage.to_string());
    expect_file!["crashes/shop.md"].assert_eq(&coverage.markdown());
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_not_idempotent_fails_where_it_was_made_and_is_not_recorded() {
    let failed = failed(Bug::StepIsNotIdempotent).await;
    assert_eq!(crashes(&failed), ["crash before charge is recorded"]);
    let description = description(&failed, "crash before charge is recorded");
    expect_file!["crashes/step_is_not_idempotent.txt"].assert_eq(description);
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_is_not_idempotent_fails_where_it_was_made_and_is_not_recorded() {
    let failed = failed(Bug::UndoIsNotIdempotent).await;
    assert_eq!(
        crashes(&failed),
        [
            "charge fails; crash before release is recorded",
            "label fails; crash before release is recorded",
            "ship fails; crash before release is recorded",
        ]
    );
}

/// A durable engine hands on what it has read back, even in its first life. So a value that is lost is missing in
/// all steps, and is reported once, for the step that returned it.
#[tokio::test(start_paused = true)]
async fn what_is_in_memory_only_is_lost_over_a_journal_and_its_step_is_named() {
    let failed = failed(Bug::ReceiptIsLost).await;
    assert_eq!(crashes(&failed), [""; 0]);
    assert_eq!(failed.cells.len(), 1);
    let name = "nothing fails; over a journal";
    expect_file!["crashes/receipt_is_lost.txt"].assert_eq(description(&failed, name));

    // Also if only that cell is run.
    let only = "ship fails; crash after the failure of ship is recorded";
    let failed = matrix(Bug::ReceiptIsLost).only(only).check().await;
    let failed = failed.expect_err("it is wrong");
    let names: Vec<_> = failed.cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(names, ["ship fails; over a journal"]);
    assert!(failed.cells[0].wrong[0].starts_with("the service is not as it was before the run: "));
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_ignores_doubt_fails_where_its_step_was_made_and_fails_when_called_again() {
    let failed = failed(Bug::UndoIgnoresDoubt).await;
    let name = "crash before charge is recorded; then charge fails";
    assert_eq!(crashes(&failed), [name]);
    expect_file!["crashes/undo_ignores_doubt.txt"].assert_eq(description(&failed, name));
}

#[tokio::test(start_paused = true)]
async fn one_crash_is_run_again_by_itself() {
    let name = "ship fails; crash before release is recorded";
    let coverage = matrix(Bug::None).only(name).run().await;
    assert_eq!(coverage.cells, [name]);
    let failed = matrix(Bug::UndoIsNotIdempotent).only(name).check().await;
    let failed = failed.expect_err("it is wrong");
    assert_eq!(crashes(&failed), [name]);
    assert_eq!(failed.cells.len(), 1);
    assert!(failed.to_string().contains(&format!(".only({name:?})")));

    for name in [
        "nothing fails; over a journal",
        "ship fails; over a journal",
    ] {
        let coverage = matrix(Bug::None).only(name).run().await;
        assert_eq!(coverage.cells, [name]);
    }
    // Cells without a crash need none.
    let coverage = matrix(Bug::None).only("ship fails").run().await;
    assert_eq!(coverage.cells, ["ship fails"]);

    let failed = matrix(Bug::None).only("crash before tea").check().await;
    let failed = failed.expect_err("no such cell");
    assert_eq!(
        failed.problems,
        [
            "there is no cell `crash before tea`; there are `crash before the saga is submitted`, \
             `crash after the saga is submitted`, `crash before look_up is recorded`, \
             `crash after look_up is recorded`, `crash before reserve is recorded`, \
             `crash after reserve is recorded`, `crash before charge is recorded`, \
             `crash after charge is recorded`, `crash before label is recorded`, \
             `crash after label is recorded`"
        ]
    );
}

/// The judge and the engine agree on sagas with all features, also nested.
#[tokio::test(start_paused = true)]
async fn sagas_of_every_shape_pass_in_every_cell() {
    use saga_tests::five_steps::{self, StepFault};
    use saga_tests::nested;
    use saga_tests::ten_steps::{self, Works};

    let count = |cells: &[String]| cells.iter().filter(|cell| cell.contains("crash ")).count();
    let five = fault_matrix::<five_steps::ShopSaga>(five_steps::Shop::default, 7)
        .errors(|| StepFault::Refused)
        .errors(|| StepFault::Busy)
        .invariant(|_, _| true)
        .crashes();
    assert_eq!(count(&five.run().await.cells), 63);

    for (script, cells) in [("wants: yes", 147), ("wants: no", 126)] {
        let ten = fault_matrix::<ten_steps::WorksSaga>(move || Works::new(script, None), 7)
            .errors(|| ten_steps::Fault::Refused)
            .errors(|| ten_steps::Fault::Busy)
            .invariant(|works, _| works.mistakes.lock().unwrap().is_empty())
            .crashes();
        assert_eq!(count(&ten.run().await.cells), cells);
    }

    let nested = |cups| {
        let shop = || nested::Shop::of(Arc::new(nested::World::unready_for_doubt()));
        fault_matrix::<nested::ShopSaga>(shop, cups)
            .errors(|| nested::Refused::of("given"))
            .invariant(|_, _| true)
            .crashes()
    };
    assert_eq!(count(&nested(3).run().await.cells), 152);

    // The undo of `wrap` cannot handle a step in doubt.
    let failed = nested(9).check().await.expect_err("it panics");
    let coverage = failed.coverage.as_ref().expect("it was run");
    assert_eq!(count(&coverage.cells), 202);
    assert_eq!(
        crashes(&failed),
        [
            "crash before gift/wrap is recorded; then gift/wrap fails",
            "gift/wrap fails; crash before the failure of gift/wrap is recorded",
        ]
    );
}

/// A shop that takes and gives back as often as it is asked to, or reports that it has done so before.
struct Strict {
    refuses_undo: bool,
    taken: Mutex<BTreeSet<String>>,
    given_back: Mutex<BTreeSet<String>>,
}

#[saga]
impl Strict {
    #[step(compensate = give_back)]
    async fn take(&self, run: &StepContext) -> Result<u32, String> {
        if self.taken.lock().unwrap().insert(run.idempotency_key()) {
            Ok(7)
        } else {
            Err("taken already".to_owned())
        }
    }

    #[step(pivot)]
    async fn spend(&self) -> Result<(), String> {
        Ok(())
    }

    async fn give_back(&self, _: Attempt<&u32>, run: &StepContext) -> Result<(), String> {
        let was_taken = &mut self.taken.lock().unwrap();
        was_taken.remove(&run.step_idempotency_key());
        let is_new = self
            .given_back
            .lock()
            .unwrap()
            .insert(run.idempotency_key());
        if is_new || !self.refuses_undo {
            Ok(())
        } else {
            Err("given back already".to_owned())
        }
    }
}

fn strict(refuses_undo: bool) -> FaultMatrix<StrictSaga> {
    let service = move || Strict {
        refuses_undo,
        taken: Mutex::default(),
        given_back: Mutex::default(),
    };
    fault_matrix::<StrictSaga>(service, ())
        .errors(|| "refused".to_owned())
        .snapshot(|strict| strict.taken.lock().unwrap().clone())
        .crashes()
}

#[tokio::test(start_paused = true)]
async fn a_step_that_fails_when_it_is_called_again_is_in_doubt_and_undone() {
    let failed = strict(false).check().await.expect_err("it fails twice");
    // After a crash it is not known whether it was made: a run that undoes it is as good as one that goes on.
    assert_eq!(crashes(&failed), [""; 0]);
    let names: Vec<_> = failed.cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(names, ["take runs twice"]);
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_fails_when_it_is_called_again_fails_its_cell() {
    let failed = strict(true).check().await.expect_err("it is not undone");
    let name = "spend fails; crash before give_back is recorded";
    assert_eq!(crashes(&failed), [name]);
    let description = description(&failed, name);
    let calls = "    --- the process ends before give_back is recorded\n    \
                 give_back#1 (undoes take): returns an error\n";
    assert!(description.contains(calls), "{description}");
    assert!(description.contains("the run ended stuck, `spend` gave up after 1 attempt, not undone: `take`, and had to end compensated"), "{description}");
}

/// A saga whose service differs from some run on.
struct Changing(bool);

#[saga]
impl Changing {
    #[step(readonly)]
    async fn look(&self) -> Result<(), String> {
        if self.0 {
            Err("gone".to_owned())
        } else {
            Ok(())
        }
    }

    #[step(readonly)]
    async fn think(&self) -> Result<(), String> {
        Ok(())
    }

    #[step]
    async fn act(&self) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_that_is_not_reached_fails_its_cell() {
    for (name, instead) in [
        (
            "crash before think is recorded",
            "the crash was not reached: when it was to be, the end is recorded",
        ),
        (
            "crash after act is recorded",
            "the crash was not reached: there are fewer writes",
        ),
    ] {
        let made = AtomicUsize::new(0);
        // In memory, over a journal, and then with the crash.
        let service = move || Changing(made.fetch_add(1, Relaxed) >= 2);
        let failed = fault_matrix::<ChangingSaga>(service, ())
            .errors(|| "refused".to_owned())
            .invariant(|_, _| true)
            .crashes()
            .only(name)
            .check()
            .await
            .expect_err("it never gets there");
        assert_eq!(crashes(&failed), [name]);
        assert_eq!(failed.cells[0].wrong[0], instead);
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_does_not_complete_when_nothing_fails_is_not_crashed() {
    let failed = fault_matrix::<ChangingSaga>(|| Changing(true), ())
        .errors(|| "refused".to_owned())
        .invariant(|_, _| true)
        .crashes()
        .check()
        .await
        .expect_err("it does not complete");
    let names: Vec<_> = failed.cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(names, ["nothing fails"]);
}

/// Values that can be written to a journal and not be read back, or not be written.
#[derive(Debug)]
struct Odd {
    is_writable: bool,
}

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_writable {
            serializer.serialize_bool(true)
        } else {
            Err(S::Error::custom("not to be written"))
        }
    }
}

impl<'de> Deserialize<'de> for Odd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bool::deserialize(deserializer)?;
        Err(D::Error::custom("not to be read"))
    }
}

/// A saga whose first step returns such a value.
struct Oddity(bool);

#[saga]
impl Oddity {
    #[step(readonly)]
    async fn find(&self) -> Result<Odd, String> {
        let Self(is_writable) = *self;
        Ok(Odd { is_writable })
    }

    #[step]
    async fn act(&self) -> Result<(), String> {
        Ok(())
    }
}

fn odd(is_writable: bool) -> FaultMatrix<OdditySaga> {
    fault_matrix::<OdditySaga>(move || Oddity(is_writable), ())
        .errors(|| "refused".to_owned())
        .invariant(|_, _| true)
        .crashes()
}

/// It is read back when it is written, so this needs no crash.
#[tokio::test(start_paused = true)]
async fn an_output_that_cannot_be_read_again_fails_before_any_crash() {
    let failed = odd(true).check().await.expect_err("it is not read");
    assert_eq!(crashes(&failed), [""; 0]);
    let names: Vec<_> = failed.cells.iter().map(|cell| cell.name.as_str()).collect();
    let name = "nothing fails; over a journal";
    assert_eq!(names, [name]);
    // The line of the step in this file does not matter.
    let line = OdditySaga::DEFINITION.steps[0].location.line;
    let description = description(&failed, name).replace(&format!(".rs:{line}:"), ".rs:LINE:");
    expect_file!["crashes/not_read_again.txt"].assert_eq(&description);
}

#[tokio::test(start_paused = true)]
async fn an_output_that_cannot_be_written_fails_before_any_crash() {
    let failed = odd(false).check().await.expect_err("it is not written");
    assert_eq!(crashes(&failed), [""; 0]);
    let names: Vec<_> = failed.cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(names, ["nothing fails; over a journal"]);
    let description = &failed.cells[0].description;
    assert!(
        description.contains("its output cannot be written to the journal: not to be written"),
        "{description}"
    );
}

/// A saga that waits for ever when it is called again.
struct Waiting(AtomicUsize);

#[saga]
impl Waiting {
    #[step]
    async fn wait(&self) -> Result<(), String> {
        if self.0.fetch_add(1, Relaxed) > 0 {
            pending::<()>().await;
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_life_that_never_ends_is_given_up() {
    let name = "crash before wait is recorded";
    let failed = fault_matrix::<WaitingSaga>(|| Waiting(AtomicUsize::new(0)), ())
        .errors(|| "refused".to_owned())
        .invariant(|_, _| true)
        .crashes()
        .only(name)
        .check()
        .await
        .expect_err("it never ends");
    assert_eq!(crashes(&failed), [name]);
    assert_eq!(
        failed.cells[0].wrong,
        ["the run never ends: something is waited for that never comes"]
    );
}

/// Notices of which one is posted at most once, between two that are sent again if they fail.
#[derive(Default)]
struct Notices(Mutex<BTreeSet<String>>);

impl Notices {
    fn add(&self, run: &StepContext) {
        self.0.lock().unwrap().insert(run.idempotency_key());
    }

    fn remove(&self, run: &StepContext) {
        self.0.lock().unwrap().remove(&run.step_idempotency_key());
    }
}

#[saga]
impl Notices {
    #[step(readonly)]
    async fn write(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(parallel = all, compensate = revoke, retry(attempts = 2))]
    async fn call(&self, run: &StepContext) -> Result<(), String> {
        self.add(run);
        Ok(())
    }

    #[step(parallel = all, at_most_once, compensate = revoke)]
    async fn post(&self, run: &StepContext) -> Result<(), String> {
        self.add(run);
        Ok(())
    }

    #[step(parallel = all, compensate = revoke, retry(attempts = 3, backoff = "1s..2s"))]
    async fn send(&self, run: &StepContext) -> Result<(), String> {
        self.add(run);
        Ok(())
    }

    #[step(pivot)]
    async fn close(&self) -> Result<(), String> {
        Ok(())
    }

    async fn revoke(&self, _: Attempt<&()>, run: &StepContext) -> Result<(), String> {
        self.remove(run);
        Ok(())
    }
}

/// A member that is not made again gives up as soon as the saga goes on, and its siblings begin no other attempt.
#[tokio::test(start_paused = true)]
async fn members_that_are_repeated_pass_beside_one_that_is_not() {
    let notices = fault_matrix::<NoticesSaga>(Notices::default, ())
        .errors(|| "refused".to_owned())
        .snapshot(|notices| notices.0.lock().unwrap().clone())
        .crashes();
    let cells = notices.run().await.cells;
    let crash = "call fails, then succeeds; crash before the failure of call#1 is recorded";
    assert!(cells.iter().any(|cell| cell == crash), "{cells:#?}");
}
