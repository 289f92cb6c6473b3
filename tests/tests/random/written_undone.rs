//! Cases in which nested runs are undone, with written expectations.

use crate::case::Script;
use crate::shapes::{NEST, NEST_FIRST, NEST_TWICE, PAIR};
use crate::summary::{End, Outcome, RunSummary, Undo};
use crate::written::{AT_ONCE, FAILS, case, seen};
use crate::written_nested::{fails, once, run, run_of, runs, undone};

fn keys(summary: &RunSummary) -> Vec<&str> {
    summary.calls.iter().map(|call| call.key.as_str()).collect()
}

#[test]
fn a_later_failure_undoes_the_run_in_reverse_and_says_why() {
    let case = case(&NEST, [(2, fails())]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "do 2 (1)",
        "1#1: undo 1 (1) of attempt 1 for b2",
        "1#1: undo 0 (1) of attempt 1 for b2",
        "undo 0 (1) of attempt 1 for b2",
    ];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(
        keys(&summary),
        [
            "branch/1/b0/do",
            "branch/1/b1/do",
            "leaf/branch/1/b1/1/0/do",
            "leaf/branch/1/b1/1/1/do",
            "branch/1/b2/do",
            "leaf/branch/1/b1/1/1/undo",
            "leaf/branch/1/b1/1/0/undo",
            "branch/1/b0/undo",
        ]
    );
    let run = run_of(&summary, 1);
    assert_eq!(run, Some(("branch/1/b1/1", End::Completed, Undo::Done)));
    assert_eq!(summary.steps[1], (Outcome::Completed, Undo::Done));
}

#[test]
fn a_run_that_was_compensated_is_repeated_and_the_one_that_completed_is_undone() {
    let failed = run(&PAIR, [(1, once(AT_ONCE, FAILS))]);
    let case = case(&NEST, [(1, runs(&[failed])), (2, fails())]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "1#1: undo 0 (1) of attempt 1 for 1",
        "do 1 (2)",
        "1#2: do 0 (1)",
        "1#2: do 1 (1)",
        "do 2 (1)",
        "1#2: undo 1 (1) of attempt 1 for b2",
        "1#2: undo 0 (1) of attempt 1 for b2",
        "undo 0 (1) of attempt 1 for b2",
    ];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(keys(&summary)[9], "leaf/branch/1/b1/2/1/undo");
    let run = run_of(&summary, 1);
    assert_eq!(run, Some(("branch/1/b1/2", End::Completed, Undo::Done)));
}

#[test]
fn what_of_a_run_cannot_be_undone_does_not_stop_the_rest() {
    let completed = run(&PAIR, [(1, undone(FAILS))]);
    let case = case(&NEST, [(1, runs(&[completed])), (2, fails())]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "do 2 (1)",
        "1#1: undo 1 (1) of attempt 1 for b2",
        "1#1: undo 0 (1) of attempt 1 for b2",
        "undo 0 (1) of attempt 1 for b2",
    ];
    let summary = seen(&case, &calls, End::Stuck);
    assert_eq!(summary.steps[1], (Outcome::Completed, Undo::GaveUp));
    let not_undone: Vec<_> = summary.compensations.iter().map(|undo| undo.step).collect();
    assert_eq!(not_undone, [1]);
}

#[test]
fn a_run_in_a_run_is_undone_in_its_place() {
    let case = case(&NEST_TWICE, [(2, fails())]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "1#1: 1#1: do 0 (1)",
        "1#1: 1#1: do 1 (1)",
        "1#1: do 2 (1)",
        "do 2 (1)",
        "1#1: undo 2 (1) of attempt 1 for t2",
        "1#1: 1#1: undo 1 (1) of attempt 1 for t2",
        "1#1: 1#1: undo 0 (1) of attempt 1 for t2",
        "1#1: undo 0 (1) of attempt 1 for t2",
        "undo 0 (1) of attempt 1 for t2",
    ];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(keys(&summary)[10], "leaf/branch/tree/1/t1/1/b1/1/0/undo");
}
#[test]
fn the_compensations_of_a_run_get_the_cause_also_where_no_other_asks() {
    let case = case(&NEST_FIRST, [(1, fails())]);
    let calls = [
        "do 0 (1)",
        "0#1: do 0 (1)",
        "0#1: do 1 (1)",
        "do 1 (1)",
        "0#1: undo 1 (1) of attempt 1 for b1",
        "0#1: undo 0 (1) of attempt 1 for b1",
    ];
    seen(&case, &calls, End::Compensated);
}

#[test]
fn what_of_a_run_in_a_run_cannot_be_undone_leaves_all_of_them_stuck() {
    let innermost = run(&PAIR, [(1, undone(FAILS))]);
    let step = Script {
        runs: vec![innermost],
        ..Script::COMPLETES
    };
    let inner = run(&NEST, [(1, step)]);
    let case = case(&NEST_TWICE, [(1, runs(&[inner])), (2, fails())]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "1#1: 1#1: do 0 (1)",
        "1#1: 1#1: do 1 (1)",
        "1#1: do 2 (1)",
        "do 2 (1)",
        "1#1: undo 2 (1) of attempt 1 for t2",
        "1#1: 1#1: undo 1 (1) of attempt 1 for t2",
        "1#1: 1#1: undo 0 (1) of attempt 1 for t2",
        "1#1: undo 0 (1) of attempt 1 for t2",
        "undo 0 (1) of attempt 1 for t2",
    ];
    let summary = seen(&case, &calls, End::Stuck);
    assert_eq!(summary.steps[1], (Outcome::Completed, Undo::GaveUp));
    let run = summary.nested[1].as_ref().expect("a run");
    assert_eq!(run.undo, Undo::GaveUp);
    assert_eq!(run.steps[1].1, Undo::GaveUp);
    let innermost = run.runs[1].as_ref().expect("a run in it");
    assert_eq!(innermost.undo, Undo::GaveUp);
}
