//! What a fault matrix says when it fails: enough to find the bug, in the service or in the test, and no more.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use saga_core::testing::{FaultMatrix, MatrixFailed, fault_matrix};
use saga_core::{Attempt, StepContext, saga};

/// Papers that are signed and torn up, by the keys under which they were signed.
#[derive(Debug, Clone, Default)]
struct Desk {
    papers: Arc<Mutex<Vec<String>>>,
    bug: Bug,
}

#[derive(Debug, Clone, Copy, Default)]
enum Bug {
    #[default]
    None,
    /// The undo assumes that there is a paper to tear up.
    Rash,
    /// None is ever torn up.
    Forgetful,
}

#[saga]
impl Desk {
    #[step(parallel = papers, compensate = tear_up, timeout = "3s")]
    async fn sign(&self, run: &StepContext) -> Result<(), String> {
        let mut papers = self.papers.lock().unwrap();
        let key = run.idempotency_key();
        if !papers.contains(&key) {
            papers.push(key);
        }
        Ok(())
    }

    #[step(parallel = papers, readonly)]
    async fn read(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(pivot, retry(attempts = 50))]
    async fn send(&self) -> Result<(), String> {
        Ok(())
    }

    async fn tear_up(&self, _: Attempt<&()>, run: &StepContext) -> Result<(), String> {
        let mut papers = self.papers.lock().unwrap();
        match self.bug {
            Bug::None => papers.retain(|paper| *paper != run.step_idempotency_key()),
            Bug::Rash => drop(papers.remove(0)),
            Bug::Forgetful => {}
        }
        Ok(())
    }
}

fn matrix(service: impl Fn() -> Desk + 'static) -> FaultMatrix<DeskSaga> {
    fault_matrix::<DeskSaga>(service, ())
        .errors(|| "no ink".to_owned())
        .snapshot(|desk| desk.papers.lock().unwrap().clone())
}

async fn failed(matrix: FaultMatrix<DeskSaga>) -> Box<MatrixFailed> {
    matrix.check().await.expect_err("it is wrong")
}

/// The cells that failed, by name.
fn names(failed: &MatrixFailed) -> Vec<&str> {
    failed.cells.iter().map(|cell| &*cell.name).collect()
}

fn with(bug: Bug) -> impl Fn() -> Desk {
    move || Desk {
        bug,
        ..Desk::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_right_service_passes() {
    let coverage = matrix(Desk::default).run().await;
    assert_eq!((coverage.cells.len(), coverage.left_out.len()), (45, 12));
}

/// The undo panics while it holds the lock, and then every reader of the locked state panics too.
#[tokio::test(start_paused = true)]
async fn a_snapshot_that_panics_fails_its_cell_by_name_and_the_others_are_run() {
    let failed = failed(matrix(with(Bug::Rash))).await;
    assert_eq!(failed.problems, [""; 0]);
    assert_eq!(
        names(&failed),
        [
            "sign is in doubt after its effect; tear_up runs twice",
            "sign is in doubt without effect",
            "sign is in doubt without effect; tear_up panics",
            "sign is in doubt without effect; in the order read, sign",
        ]
    );
    let unseen = "the snapshot of the service panicked after the run: called `Result::unwrap()` on an `Err` value: \
                  PoisonError { .. }";
    assert!(
        failed
            .cells
            .iter()
            .all(|cell| cell.wrong.iter().any(|wrong| wrong == unseen))
    );
}

#[tokio::test(start_paused = true)]
async fn of_the_cells_that_fail_the_first_of_each_broken_method_is_shown_in_full() {
    let failed = failed(matrix(with(Bug::Rash))).await.to_string();
    let shown: Vec<_> = failed
        .lines()
        .filter(|line| line.starts_with("cell: "))
        .collect();
    assert_eq!(
        shown,
        [
            "cell: sign is in doubt after its effect; tear_up runs twice",
            "cell: sign is in doubt without effect",
        ]
    );
    assert!(failed.ends_with(
        "the first cell of each method that was broken is shown in full; `.only(..)` shows another\n"
    ));
}

#[tokio::test(start_paused = true)]
async fn a_member_of_a_group_times_out_after_its_own_time_limit() {
    let failed = failed(matrix(with(Bug::Rash)).only("sign is in doubt without effect")).await;
    let [cell] = &failed.cells[..] else {
        panic!("{failed}");
    };
    assert!(
        cell.description
            .contains("is in doubt: timed out after 3s\n"),
        "{}",
        cell.description
    );
}

#[tokio::test(start_paused = true)]
async fn of_many_attempts_that_end_alike_the_first_and_the_last_are_shown() {
    let matrix = matrix(Desk::default).invariant(|_, end| end.is_completed());
    let failed = failed(matrix.only("send is in doubt without effect")).await;
    let shown = "    send#1 is in doubt without effect\n    \
                and so on, until send#50 is in doubt without effect\n  the run ended stuck";
    assert!(failed.cells[0].description.contains(shown), "{failed}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_fresh_for_each_run_is_found() {
    let shared = Desk::default();
    let failed = failed(matrix(move || shared.clone())).await;
    assert_eq!(names(&failed), [""; 0]);
    assert_eq!(
        failed.problems,
        [
            "the service of `sign fails` is not a fresh one, as that of the first run was: \
          [\"desk/fault-matrix/sign/do\"], and had to be []"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_cannot_be_made_is_reported_with_the_reason() {
    let failed = failed(matrix(|| panic!("no desk is left"))).await;
    assert_eq!(
        failed.problems,
        ["no service is made for `nothing fails`: no desk is left"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_cell_that_there_is_not_is_answered_with_those_of_its_step() {
    let failed = failed(matrix(Desk::default).only("send fail")).await;
    assert_eq!(
        failed.problems,
        [
            "there is no cell `send fail`; there are `send fails`, `send is in doubt after its effect`, \
          `send is in doubt without effect`, `send panics`, `send fails, then succeeds`, `send is cancelled`, \
          `send runs twice`"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn of_a_snapshot_of_many_lines_those_that_differ_are_shown() {
    let seen = |desk: &Desk| {
        let mut seen: Vec<_> = (1..=20)
            .map(|sheet| format!("sheet {sheet} is blank"))
            .collect();
        let papers = desk.papers.lock().unwrap();
        if !papers.is_empty() {
            seen[6] = format!("sheet 7 is signed {}", papers.len());
        }
        seen
    };
    let forgetful = fault_matrix::<DeskSaga>(with(Bug::Forgetful), ())
        .errors(|| "no ink".to_owned())
        .snapshot(seen)
        .only("send fails");
    let failed = failed(forgetful).await;
    let wrong = "the service is not as it was before the run: `-` had to be there, `+` is:\n\
                 -     \"sheet 7 is blank\",\n\
                 +     \"sheet 7 is signed 1\",";
    assert_eq!(failed.cells[0].wrong, [wrong]);
    let description = &failed.cells[0].description;
    assert!(
        description.contains("`+` is:\n    -     \"sheet 7 is blank\",\n"),
        "{description}"
    );
}

/// Two steps that are undone by one method.
struct Shelf;

#[saga]
impl Shelf {
    #[step(compensate = put_back)]
    async fn take_cup(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(compensate = put_back)]
    async fn take_plate(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(pivot)]
    async fn lay(&self) -> Result<(), String> {
        Ok(())
    }

    async fn put_back(&self, _: Attempt<&()>) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_that_undoes_several_steps_is_named_with_the_one_that_it_undoes() {
    let shelf = || {
        fault_matrix::<ShelfSaga>(|| Shelf, ())
            .errors(|| "stuck".to_owned())
            .invariant(|_, _| true)
    };
    let coverage = shelf().run().await;
    assert_eq!(coverage.cells.len(), 51);
    let names: BTreeSet<_> = coverage.cells.iter().collect();
    assert_eq!(
        names.len(),
        coverage.cells.len(),
        "no two cells have one name"
    );

    for step in ["take_cup", "take_plate"] {
        let name = format!("lay fails; put_back of {step} fails");
        let only = shelf().invariant(|_, end| end.left.is_empty()).only(&name);
        let failed = only.check().await.expect_err("something is left");
        let left: Vec<_> = failed.cells.iter().map(|cell| &*cell.name).collect();
        assert_eq!(left, [&name]);
        let ended =
            format!("the run ended stuck, `lay` gave up after 1 attempt, not undone: `{step}`");
        assert!(failed.cells[0].description.contains(&ended), "{failed}");
    }
}
