//! Cases of nested sagas with written expectations.

use crate::case::{Attempt, Case, Condition, Ends, Policy, Script, Shape};
use crate::shapes::{
    DUE, FORWARD, NEST, NEST_CONDITION, NEST_DUE, NEST_GROUP, NEST_LAST, NEST_ONE_WAY,
    NEST_PAIR_LAST, NEST_PIVOT, ONE_WAY, PAIR,
};
use crate::summary::{Cause, End, Outcome, RunSummary, Undo};
use crate::written::{AT_ONCE, FAILS, IN_DOUBT, LATE, SOON, attempts, case, first, others, seen};

/// What happens in a run: to these steps of it.
pub(super) fn run<const N: usize>(shape: &Shape, scripts: [(usize, Script); N]) -> Case {
    case(shape, scripts)
}

/// The only attempt of a step of such a run.
pub(super) fn once(takes: u64, ends: Ends) -> Script {
    Script {
        attempts: vec![Attempt { takes, ends }],
        ..Script::COMPLETES
    }
}

/// A step that is undone like this.
pub(super) fn undone(ends: Ends) -> Script {
    Script {
        undo: vec![Attempt { takes: 0, ends }],
        ..Script::COMPLETES
    }
}

/// A step with these runs, of which there are at most two.
pub(super) fn runs<const N: usize>(runs: &[Case; N]) -> Script {
    Script {
        runs: runs.to_vec(),
        policy: Some(Policy::attempts(2)),
        ..Script::COMPLETES
    }
}

/// A run that is stuck: the second step fails, and the first cannot be undone.
fn stuck_pair() -> Case {
    run(&PAIR, [(0, undone(FAILS)), (1, once(AT_ONCE, FAILS))])
}

/// A run whose pivot is in doubt.
fn stuck_forward() -> Case {
    run(&FORWARD, [(1, once(AT_ONCE, IN_DOUBT))])
}

pub(super) fn fails() -> Script {
    attempts(1, [(AT_ONCE, FAILS)])
}

/// Which run a step was, how that ended and how it was undone.
pub(super) fn run_of(summary: &RunSummary, step: usize) -> Option<(&str, End, Undo)> {
    let run = summary.nested[step].as_ref()?;
    Some((&run.id, run.end, run.undo))
}

#[test]
fn a_run_that_the_predicate_does_not_accept_is_not_repeated() {
    let refused = Ends::Fails {
        when: false,
        in_doubt: false,
    };
    let failed = run(&PAIR, [(0, once(AT_ONCE, refused))]);
    let case = case(&NEST, [(1, runs(&[failed]))]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "undo 0 (1) of attempt 1 for b1",
    ];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(summary.steps[1].0, Outcome::Failed);
    let run = run_of(&summary, 1);
    assert_eq!(run, Some(("branch/1/b1/1", End::Compensated, Undo::NotDue)));
}

#[test]
fn the_time_limit_of_the_step_is_the_deadline_of_each_run_and_those_are_repeated() {
    let late = run(&PAIR, [(0, once(LATE, Ends::Completes))]);
    let mut script = runs(&[late]);
    script.policy = Some(Policy {
        limit: 1,
        ..Policy::attempts(2)
    });
    let case = case(&NEST, [(1, script)]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: undo 0 (1) of attempt 1 for the deadline",
        "do 1 (2)",
        "1#2: do 0 (1)",
        "1#2: do 1 (1)",
        "do 2 (1)",
    ];
    seen(&case, &calls, End::Completed);
}

#[test]
fn the_deadline_of_the_saga_itself_ends_a_run_and_fails_the_step() {
    let late = run(&DUE, [(0, once(LATE, Ends::Completes))]);
    let mut script = runs(&[late]);
    script.policy = None;
    let case = case(&NEST_DUE, [(1, script)]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: undo 0 (1) of attempt 1 for the deadline",
        "undo 0 (1) of attempt 1 for b1",
    ];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(first(&summary), Some(1));
}

#[test]
fn a_run_that_is_stuck_is_not_repeated_and_what_was_before_it_is_undone() {
    let case = case(&NEST, [(1, runs(&[stuck_pair()]))]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "1#1: undo 0 (1) of attempt 1 for 1",
        "undo 0 (1) of attempt 1 for b1",
    ];
    let summary = seen(&case, &calls, End::Stuck);
    assert_eq!(summary.steps[1], (Outcome::InDoubt, Undo::NotDue));
    let run = run_of(&summary, 1);
    assert_eq!(run, Some(("branch/1/b1/1", End::Stuck, Undo::NotDue)));
}

#[test]
fn as_the_pivot_in_doubt_nothing_is_undone() {
    let case = case(&NEST_PIVOT, [(1, runs(&[stuck_forward()]))]);
    let calls = ["do 0 (1)", "do 1 (1)", "1#1: do 0 (1)", "1#1: do 1 (1)"];
    let summary = seen(&case, &calls, End::Stuck);
    assert_eq!(summary.steps[1].0, Outcome::InDoubt);
}

#[test]
fn as_the_last_in_doubt_nothing_is_undone_if_it_could_not_be() {
    let one_way = case(&NEST_LAST, [(1, runs(&[stuck_forward()]))]);
    let calls = ["do 0 (1)", "do 1 (1)", "1#1: do 0 (1)", "1#1: do 1 (1)"];
    seen(&one_way, &calls, End::Stuck);

    let in_doubt = run(&ONE_WAY, [(1, once(AT_ONCE, IN_DOUBT))]);
    let one_way = case(&NEST_ONE_WAY, [(1, runs(&[in_doubt]))]);
    seen(&one_way, &calls, End::Stuck);

    let two_way = case(&NEST_PAIR_LAST, [(1, runs(&[stuck_pair()]))]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "1#1: undo 0 (1) of attempt 1 for 1",
        "undo 0 (1) of attempt 1 for b1",
    ];
    seen(&two_way, &calls, End::Stuck);
}

#[test]
fn after_the_pivot_a_run_that_fails_leaves_all_as_it_is() {
    let failed = || run(&PAIR, [(1, once(AT_ONCE, FAILS))]);
    let case = case(&NEST_PIVOT, [(2, runs(&[failed(), failed()]))]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "1#1: do 2 (1)",
        "do 2 (1)",
        "2#1: do 0 (1)",
        "2#1: do 1 (1)",
        "2#1: undo 0 (1) of attempt 1 for 1",
        "do 2 (2)",
        "2#2: do 0 (1)",
        "2#2: do 1 (1)",
        "2#2: undo 0 (1) of attempt 1 for 1",
    ];
    let summary = seen(&case, &calls, End::Stuck);
    assert_eq!(summary.steps[2], (Outcome::Failed, Undo::NotDue));
}

#[test]
fn a_cancellation_reaches_the_run_and_is_the_first_cause() {
    let soon = run(&PAIR, [(0, once(SOON, Ends::Completes))]);
    let mut case = case(&NEST, [(1, runs(&[soon]))]);
    case.cancel = Some(1);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: undo 0 (1) of attempt 1 for a cancellation",
        "undo 0 (1) of attempt 1 for a cancellation",
    ];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(summary.cause, Some(Cause::Cancelled));
    assert_eq!(others(&summary), [(1, 1)]);
}

#[test]
fn a_cancellation_while_the_last_attempt_in_the_run_fails_has_prevented_nothing() {
    let fails = || run(&PAIR, [(0, once(SOON, FAILS))]);
    let calls = |undo| ["do 0 (1)", "do 1 (1)", "1#1: do 0 (1)", undo];
    let mut script = runs(&[fails()]);
    script.policy = None;
    let mut last = case(&NEST, [(1, script)]);
    last.cancel = Some(1);
    let summary = seen(
        &last,
        &calls("undo 0 (1) of attempt 1 for b1"),
        End::Compensated,
    );
    assert_eq!(first(&summary), Some(1));
    assert_eq!(others(&summary), []);

    // But another run was allowed.
    let mut first_of_two = case(&NEST, [(1, runs(&[fails(), fails()]))]);
    first_of_two.cancel = Some(1);
    let undo = "undo 0 (1) of attempt 1 for a cancellation";
    let summary = seen(&first_of_two, &calls(undo), End::Compensated);
    assert_eq!(summary.cause, Some(Cause::Cancelled));
    assert_eq!(others(&summary), [(1, 1)]);
}

#[test]
fn a_cancellation_after_the_pivot_of_the_run_changes_nothing() {
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "1#1: do 2 (1)",
    ];
    let past = || run(&FORWARD, [(2, once(SOON, Ends::Completes))]);
    let mut as_last = case(&NEST_LAST, [(1, runs(&[past()]))]);
    as_last.cancel = Some(1);
    seen(&as_last, &calls, End::Completed);

    let mut as_pivot = case(&NEST_PIVOT, [(1, runs(&[past()]))]);
    as_pivot.deadline = Some(2);
    let rest = ["do 2 (1)", "2#1: do 0 (1)", "2#1: do 1 (1)"];
    seen(&as_pivot, &[&calls[..], &rest].concat(), End::Completed);
}

#[test]
fn a_cancellation_after_the_pivot_does_not_reach_the_run() {
    let soon = run(&PAIR, [(0, once(SOON, Ends::Completes))]);
    let mut case = case(&NEST_PIVOT, [(2, runs(&[soon]))]);
    case.cancel = Some(1);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "1#1: do 2 (1)",
        "do 2 (1)",
        "2#1: do 0 (1)",
        "2#1: do 1 (1)",
    ];
    seen(&case, &calls, End::Completed);
}

#[test]
fn a_sibling_that_gives_up_lets_the_run_go_to_its_end_and_then_it_is_undone() {
    let soon = run(&PAIR, [(0, once(SOON, Ends::Completes))]);
    let case = case(&NEST_GROUP, [(1, runs(&[soon])), (2, fails())]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "do 2 (1)",
        "1#1: do 1 (1)",
        "1#1: undo 1 (1) of attempt 1 for b2",
        "1#1: undo 0 (1) of attempt 1 for b2",
        "undo 0 (1) of attempt 1 for b2",
    ];
    seen(&case, &calls, End::Compensated);
}

#[test]
fn a_step_that_is_skipped_has_no_run_and_nothing_to_undo() {
    let skipped = Script {
        condition: Condition::No,
        ..Script::COMPLETES
    };
    let case = case(&NEST_CONDITION, [(1, skipped), (2, fails())]);
    let calls = [
        "do 0 (1)",
        "ask 1",
        "do 2 (1)",
        "undo 0 (1) of attempt 1 for b2",
    ];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(summary.steps[1], (Outcome::Skipped, Undo::NotDue));
    assert_eq!(run_of(&summary, 1), None);
}

#[test]
fn the_deadline_of_the_whole_reaches_the_run_and_is_the_first_cause() {
    let soon = run(&PAIR, [(0, once(SOON, Ends::Completes))]);
    let mut case = case(&NEST, [(1, runs(&[soon]))]);
    case.deadline = Some(2);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: undo 0 (1) of attempt 1 for the deadline",
        "undo 0 (1) of attempt 1 for the deadline",
    ];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(summary.cause, Some(Cause::DeadlineExceeded));
    assert_eq!(others(&summary), [(1, 1)]);
}

#[test]
fn a_member_that_is_stuck_leaves_the_saga_stuck_after_its_siblings_are_undone() {
    let case = case(&NEST_GROUP, [(1, runs(&[stuck_pair()]))]);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "1#1: do 0 (1)",
        "1#1: do 1 (1)",
        "1#1: undo 0 (1) of attempt 1 for 1",
        "do 2 (1)",
        "undo 2 (1) of attempt 1 for b1",
        "undo 0 (1) of attempt 1 for b1",
    ];
    let summary = seen(&case, &calls, End::Stuck);
    assert_eq!(summary.steps[1], (Outcome::InDoubt, Undo::NotDue));
}
