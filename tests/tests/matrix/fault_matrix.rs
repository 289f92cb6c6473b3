//! The fault matrix: a correct service passes in every cell, and a wrong one fails in the predicted cells and in no
//! others.

mod shop;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use expect_test::expect_file;
use saga_core::saga;
use saga_core::testing::{Coverage, FaultMatrix, MatrixFailed, fault_matrix};

use self::shop::{Bug, LookUpError, Refused, Shop, ShopSaga};

/// How many cells the shop has.
const CELLS: usize = 150;
/// How many cells its definition makes impossible.
const LEFT_OUT: usize = 5;

fn matrix(bug: Bug) -> FaultMatrix<ShopSaga> {
    fault_matrix::<ShopSaga>(move || Shop::with(bug), 2)
        .error("look_up", || LookUpError)
        .errors(|| Refused::ForGood)
        .errors(|| Refused::Busy)
        .invariant(Shop::is_right)
}

async fn cells() -> Vec<String> {
    matrix(Bug::None).run().await.cells
}

async fn failed(bug: Bug) -> Box<MatrixFailed> {
    let failed = matrix(bug).check().await.expect_err("it is wrong");
    assert_eq!(failed.problems, [""; 0]);
    failed
}

/// Checks that the failed cells are exactly those that are predicted, and that there are this many.
async fn fails_in(bug: Bug, count: usize, predicted: impl Fn(&str) -> bool) -> Box<MatrixFailed> {
    let failed = failed(bug).await;
    let names: BTreeSet<_> = failed.cells.iter().map(|cell| cell.name.as_str()).collect();
    let all = cells().await;
    let predicted: BTreeSet<_> = all
        .iter()
        .map(String::as_str)
        .filter(|cell| predicted(cell))
        .collect();
    let missed: Vec<_> = predicted.difference(&names).collect();
    let besides: Vec<_> = names.difference(&predicted).collect();
    assert!(
        missed.is_empty() && besides.is_empty(),
        "{bug:?}: did not fail: {missed:#?}; failed besides: {besides:#?}\n{failed}"
    );
    assert_eq!(names.len(), count, "{names:#?}");
    failed
}

/// The first fault of a cell, without that of an undo and without the order.
fn fault(cell: &str) -> &str {
    cell.split("; ").next().unwrap_or_default()
}

/// The fault of this compensation, if there is one.
fn undo<'c>(cell: &'c str, method: &str) -> Option<&'c str> {
    cell.split("; ")
        .find_map(|part| part.strip_prefix(method)?.strip_prefix(' '))
}

/// Whether the fault is this one of this step.
fn is(cell: &str, step: &str, faults: &[&str]) -> bool {
    let fault = fault(cell).strip_prefix(step);
    let fault = fault.and_then(|fault| fault.strip_prefix(' '));
    fault.is_some_and(|fault| faults.contains(&fault))
}

const FAILS: &str = "fails";
const AFTER: &str = "is in doubt after its effect";
const WITHOUT: &str = "is in doubt without effect";
const PANICS: &str = "panics";
const CANCELLED: &str = "is cancelled";
const TWICE: &str = "runs twice";

/// The faults of a step after which no later step is executed.
const LAST: [&str; 5] = [FAILS, AFTER, WITHOUT, PANICS, CANCELLED];

/// Whether the cup is put back that was reserved.
fn releases(cell: &str) -> bool {
    is(cell, "reserve", &[CANCELLED])
        || is(cell, "charge", &LAST)
        || is(cell, "label", &LAST)
        || is(cell, "ship", &[FAILS])
}

/// Whether the charge was made, and is undone.
fn pays_back(cell: &str) -> bool {
    is(cell, "charge", &[AFTER, PANICS, CANCELLED])
        || is(cell, "label", &LAST)
        || is(cell, "ship", &[FAILS])
}

#[tokio::test(start_paused = true)]
async fn a_right_service_passes_in_every_cell() {
    let coverage: Coverage = matrix(Bug::None).run().await;
    assert_eq!(
        (coverage.cells.len(), coverage.left_out.len()),
        (CELLS, LEFT_OUT)
    );
    let names: BTreeSet<_> = coverage.cells.iter().collect();
    assert_eq!(names.len(), CELLS, "no two cells have one name");
    expect_file!["fault_matrix/shop.txt"].assert_eq(&coverage.to_string());
    expect_file!["fault_matrix/shop.md"].assert_eq(&coverage.markdown());
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_forgets_a_table_fails_wherever_it_runs() {
    let runs = |cell: &str| releases(cell) && undo(cell, "release") != Some(FAILS);
    fails_in(Bug::UndoForgetsATable, 109, runs).await;
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_is_not_idempotent_fails_where_it_runs_more_than_once() {
    let twice = |cell: &str| matches!(undo(cell, "release"), Some(TWICE | PANICS));
    fails_in(Bug::UndoIsNotIdempotent, 13, twice).await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_not_idempotent_fails_where_it_runs_more_than_once_and_stays() {
    fails_in(Bug::StepIsNotIdempotent, 3, |cell| {
        let stays = is(cell, "charge", &[AFTER]) && undo(cell, "refund") == Some(FAILS);
        is(cell, "charge", &[TWICE]) || stays
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_reads_the_wrong_value_fails_wherever_it_undoes_an_effect() {
    let runs = |cell: &str| pays_back(cell) && undo(cell, "refund") != Some(FAILS);
    fails_in(Bug::UndoReadsTheWrongValue, 87, runs).await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_leaks_its_effect_fails_where_it_was_in_doubt_and_is_said_to_be_undone() {
    fails_in(Bug::StepLeaksOnATimeout, 19, |cell| {
        let is_left = matches!(undo(cell, "refund"), Some(FAILS | PANICS));
        is(cell, "charge", &[AFTER, PANICS]) && !is_left
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_compensation_that_panics_in_doubt_fails_where_it_is_not_to_give_up() {
    let failed = fails_in(Bug::UndoPanicsInDoubt, 28, |cell| {
        let gives_up = matches!(undo(cell, "refund"), Some(FAILS | PANICS));
        is(cell, "charge", &[AFTER, WITHOUT, PANICS]) && !gives_up
    })
    .await;
    let cell = &failed.cells[0];
    expect_file!["fault_matrix/panics_in_doubt.txt"].assert_eq(&cell.description);
}

#[tokio::test(start_paused = true)]
async fn a_member_of_a_group_that_is_undone_twice_fails_wherever_its_sibling_is_undone() {
    fails_in(Bug::MemberIsUndoneTwice, 98, |cell| {
        let due = is(cell, "charge", &LAST)
            || is(cell, "label", &[AFTER, WITHOUT, PANICS, CANCELLED])
            || is(cell, "ship", &[FAILS]);
        due && undo(cell, "remove_label") != Some(FAILS)
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_effect_that_belongs_after_the_pivot_fails_wherever_the_pivot_was_not_reached() {
    fails_in(Bug::EffectComesTooEarly, 97, |cell| {
        pays_back(cell) || is(cell, "ship", &[WITHOUT])
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn one_cell_is_run_again_by_itself() {
    let name = "charge is in doubt after its effect; refund fails";
    let coverage = matrix(Bug::None).only(name).run().await;
    assert_eq!(coverage.cells, [name]);
    let failed = matrix(Bug::StepIsNotIdempotent).only(name).check().await;
    let failed = failed.expect_err("it is wrong");
    assert_eq!(failed.cells.len(), 1);
    assert!(failed.to_string().contains(&format!(".only({name:?})")));

    let failed = matrix(Bug::None).only("pay explodes").check().await;
    let failed = failed.expect_err("no such cell");
    assert_eq!(failed.problems, ["there is no cell `pay explodes`"]);
}

/// What keeps a matrix from proving anything.
async fn problems(matrix: FaultMatrix<ShopSaga>) -> Vec<String> {
    let failed = matrix.check().await.expect_err("it proves nothing");
    assert!(failed.cells.is_empty(), "{failed}");
    failed.problems
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_missing_fails_the_matrix_by_name() {
    let bare = || fault_matrix::<ShopSaga>(|| Shop::with(Bug::None), 2).invariant(Shop::is_right);
    let both = || bare().errors(|| Refused::ForGood).errors(|| Refused::Busy);
    assert_eq!(
        problems(both()).await,
        [
            "no error is provided for `look_up`, which fails with `matrix::fault_matrix::shop::LookUpError`: \
             `.error(\"look_up\", || ..)`, or `.errors(|| ..)` for all that fail with it"
        ]
    );
    assert_eq!(
        problems(both().error("look_up", || Refused::Busy)).await,
        [
            "the error provided for `look_up` is not of the type that it fails with, \
             `matrix::fault_matrix::shop::LookUpError`"
        ]
    );
    assert_eq!(
        problems(both().error("lookup", || LookUpError)).await,
        [
            "an error is provided for `lookup`, which saga `shop` does not have; it has `look_up`, \
             `reserve`, `release`, `charge`, `refund`, `label`, `remove_label`, `ship`, `notify`"
        ]
    );
    let for_good = bare()
        .error("look_up", || LookUpError)
        .errors(|| Refused::ForGood);
    assert_eq!(
        problems(for_good).await,
        [
            "`charge` is never repeated for an error that is provided for it: `Refused::is_busy` accepts none, \
             so provide another one",
            "`notify` is never repeated for an error that is provided for it: `Refused::is_busy` accepts none, \
             so provide another one",
        ]
    );
    let nothing = fault_matrix::<ShopSaga>(|| Shop::with(Bug::None), 2).errors(|| Refused::Busy);
    assert_eq!(
        problems(nothing).await,
        [
            "there is no invariant and no snapshot, so the service would not be checked: \
             `.snapshot(|service| ..)`, `.invariant(|service, end| ..)`"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_does_not_complete_when_nothing_fails_is_not_broken_any_further() {
    let failed = fault_matrix::<ShopSaga>(|| Shop::with(Bug::None), 11)
        .errors(|| Refused::Busy)
        .invariant(Shop::is_right)
        .check()
        .await
        .expect_err("there are 10 cups");
    assert_eq!(failed.problems, [""; 0]);
    let names: Vec<_> = failed.cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(names, ["nothing fails"]);
}

/// A saga whose only step runs if its condition is true.
struct Fickle {
    wants: bool,
}

#[saga]
impl Fickle {
    #[step(only_if = wants)]
    async fn sing(&self) -> Result<(), String> {
        Ok(())
    }

    fn wants(&self) -> bool {
        self.wants
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_never_called_fails_the_matrix() {
    let failed = fault_matrix::<FickleSaga>(|| Fickle { wants: false }, ())
        .errors(|| "hoarse".to_owned())
        .invariant(|_, _| true)
        .check()
        .await
        .expect_err("no one sings");
    assert!(failed.cells.is_empty(), "{failed}");
    assert_eq!(
        failed.problems,
        [
            "no method of the service is called when nothing fails",
            "there is no cell"
        ]
    );
}

/// A saga whose first step is cancelled in its second cell, by a service that differs from the first one.
struct Changing(bool);

#[saga]
impl Changing {
    #[step(readonly)]
    async fn look(&self) -> Result<(), String> {
        if self.0 {
            Ok(())
        } else {
            Err("gone".to_owned())
        }
    }

    #[step]
    async fn act(&self) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_is_not_reached_fails_its_cell() {
    let made = AtomicUsize::new(0);
    let failed =
        fault_matrix::<ChangingSaga>(move || Changing(made.fetch_add(1, Relaxed) == 0), ())
            .errors(|| "refused".to_owned())
            .invariant(|_, _| true)
            .only("act panics")
            .check()
            .await
            .expect_err("it never acts");
    let wrong: Vec<_> = failed.cells.iter().map(|cell| cell.wrong.clone()).collect();
    assert_eq!(
        wrong,
        [[
            "the fault was not reached: `act`",
            "the calls are not those that had to be made",
            "the run ended compensated, `look` gave up after 1 attempt, and had to end stuck, `act` in \
             doubt after 1 attempt",
        ]]
    );
}

/// The judge and the driver agree on sagas with all features, also nested.
#[tokio::test(start_paused = true)]
async fn sagas_of_every_shape_pass_in_every_cell() {
    use saga_tests::five_steps::{self, StepFault};
    use saga_tests::nested;
    use saga_tests::ten_steps::{self, Works};

    let five = fault_matrix::<five_steps::ShopSaga>(five_steps::Shop::default, 7)
        .errors(|| StepFault::Refused)
        .errors(|| StepFault::Busy)
        .invariant(|_, _| true);
    let coverage = five.run().await;
    assert_eq!((coverage.cells.len(), coverage.left_out.len()), (72, 2));

    for (script, cells) in [("wants: yes", (415, 3)), ("wants: no", (332, 10))] {
        let ten = fault_matrix::<ten_steps::WorksSaga>(move || Works::new(script, None), 7)
            .errors(|| ten_steps::Fault::Refused)
            .errors(|| ten_steps::Fault::Busy)
            .invariant(|works, _| works.mistakes.lock().unwrap().is_empty());
        let coverage = ten.run().await;
        assert_eq!((coverage.cells.len(), coverage.left_out.len()), cells);
    }

    let nested = |cups| {
        let shop = || nested::Shop::of(Arc::new(nested::World::unready_for_doubt()));
        fault_matrix::<nested::ShopSaga>(shop, cups)
            .errors(|| nested::Refused::of("given"))
            .invariant(|_, _| true)
    };
    let coverage = nested(3).run().await;
    assert_eq!((coverage.cells.len(), coverage.left_out.len()), (154, 114));

    // The undo of `wrap` cannot handle a step in doubt.
    let failed = nested(9).check().await.expect_err("it panics");
    assert_eq!(failed.problems, [""; 0]);
    let coverage = failed.coverage.expect("it was run");
    assert_eq!((coverage.cells.len(), coverage.left_out.len()), (302, 163));
    for cell in &failed.cells {
        assert!(
            is(&cell.name, "gift/wrap", &[AFTER, WITHOUT, PANICS]),
            "{}",
            cell.description
        );
    }
    assert_eq!(failed.cells.len(), 31);
}
