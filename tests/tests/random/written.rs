//! Cases with written expectations, so that the model and the driver cannot be wrong in the same way unnoticed.

use crate::case::{Attempt, Case, Condition, Ends, Policy, Script, Shape};
use crate::model;
use crate::sagas::compared;
use crate::shapes::{CONDITION, GROUP, PIVOT};
use crate::summary::{Cause, End, Outcome, RunSummary};

pub(super) const FAILS: Ends = Ends::Fails {
    when: true,
    in_doubt: false,
};

pub(super) const IN_DOUBT: Ends = Ends::Fails {
    when: true,
    in_doubt: true,
};

pub(super) const AT_ONCE: u64 = 0;
pub(super) const SOON: u64 = 1;
pub(super) const LATE: u64 = 3;

/// A saga in which all completes at once but what `scripts` say.
pub(super) fn case<const N: usize>(shape: &Shape, scripts: [(usize, Script); N]) -> Case {
    let mut case = Case::new(shape);
    for (step, script) in scripts {
        case.scripts[step] = script;
    }
    case
}

/// The attempts of a step, of which there are at most so many.
pub(super) fn attempts<const N: usize>(most: u32, attempts: [(u64, Ends); N]) -> Script {
    Script {
        attempts: attempts
            .map(|(takes, ends)| Attempt { takes, ends })
            .to_vec(),
        policy: Some(Policy::attempts(most)),
        ..Script::COMPLETES
    }
}

/// What is seen of this case: these calls, and this end.
#[track_caller]
pub(super) fn seen(case: &Case, calls: &[&str], end: End) -> RunSummary {
    let summary =
        compared(case, model::run(case).summary).unwrap_or_else(|why| panic!("{case:?}\n{why}"));
    let called: Vec<_> = summary.calls.iter().map(ToString::to_string).collect();
    assert_eq!(
        (called, summary.end),
        (calls.iter().map(ToString::to_string).collect(), end)
    );
    summary
}

/// The step that was the first to give up.
pub(super) fn first(summary: &RunSummary) -> Option<usize> {
    match summary.cause {
        Some(Cause::Step(gave_up)) => Some(gave_up.step),
        _ => None,
    }
}

/// The other steps that gave up, and after how many attempts.
pub(super) fn others(summary: &RunSummary) -> Vec<(usize, u32)> {
    let others = summary.secondary.iter();
    others.map(|other| (other.step, other.attempts)).collect()
}

#[test]
fn a_member_that_gives_up_at_once_keeps_none_from_beginning_and_all_from_another_attempt() {
    let case = case(
        &GROUP,
        [
            (1, attempts(1, [(AT_ONCE, Ends::Panics)])),
            (2, attempts(2, [(SOON, FAILS)])),
            (3, attempts(1, [(LATE, Ends::Completes)])),
        ],
    );
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "do 2 (1)",
        "do 3 (1)",
        "undo 1 (1) in doubt for 1",
        "undo 0 (1) of attempt 1 for 1",
    ];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(first(&summary), Some(1));
    assert_eq!(others(&summary), [(2, 1)]);
    assert_eq!(summary.steps[3].0, Outcome::Completed, "it was awaited");
}

#[test]
fn a_sibling_in_doubt_that_can_only_be_undone_with_its_output_leaves_the_saga_stuck() {
    let case = case(
        &GROUP,
        [
            (2, attempts(2, [(SOON, IN_DOUBT)])),
            (3, attempts(1, [(AT_ONCE, FAILS)])),
        ],
    );
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "do 2 (1)",
        "do 3 (1)",
        "undo 1 (1) of attempt 1 for 3",
        "undo 0 (1) of attempt 1 for 3",
    ];
    let summary = seen(&case, &calls, End::Stuck);
    assert_eq!(first(&summary), Some(3));
    assert_eq!(others(&summary), [(2, 1)]);
}

#[test]
fn after_the_pivot_a_group_goes_on_to_the_end_of_each() {
    let case = case(
        &PIVOT,
        [
            (2, attempts(2, [(AT_ONCE, Ends::Panics)])),
            (3, attempts(2, [(SOON, FAILS)])),
        ],
    );
    let calls = ["do 0 (1)", "do 1 (1)", "do 2 (1)", "do 3 (1)", "do 3 (2)"];
    let summary = seen(&case, &calls, End::Stuck);
    assert_eq!(first(&summary), Some(2));
    assert_eq!(others(&summary), []);
    assert_eq!(summary.steps[3].0, Outcome::Completed);
}

#[test]
fn a_cancellation_is_the_first_cause_if_it_prevented_another_attempt() {
    let script = attempts(2, [(SOON, FAILS)]);
    let mut case = case(&PIVOT, [(1, script)]);
    case.cancel = Some(1);
    let calls = [
        "do 0 (1)",
        "do 1 (1)",
        "undo 0 (1) of attempt 1 for a cancellation",
    ];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(summary.cause, Some(Cause::Cancelled));
    assert_eq!(others(&summary), [(1, 1)]);
}

#[test]
fn a_cancellation_while_the_last_attempt_fails_has_prevented_nothing() {
    let script = attempts(1, [(SOON, FAILS)]);
    let mut case = case(&PIVOT, [(1, script)]);
    case.cancel = Some(1);
    let calls = ["do 0 (1)", "do 1 (1)", "undo 0 (1) of attempt 1 for 1"];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(first(&summary), Some(1));
    assert_eq!(others(&summary), []);
}

#[test]
fn a_cancellation_while_the_pivot_completes_changes_nothing() {
    let script = attempts(1, [(SOON, Ends::Completes)]);
    let mut case = case(&PIVOT, [(1, script)]);
    case.cancel = Some(1);
    case.deadline = Some(2);
    let calls = ["do 0 (1)", "do 1 (1)", "do 2 (1)", "do 3 (1)"];
    seen(&case, &calls, End::Completed);
}

#[test]
fn the_deadline_ends_a_wait_at_once() {
    let waits = Policy {
        waits: true,
        ..Policy::attempts(2)
    };
    let mut script = attempts(2, [(AT_ONCE, FAILS)]);
    script.policy = Some(waits);
    let mut case = case(&GROUP, [(0, script)]);
    case.deadline = Some(2);
    let summary = seen(&case, &["do 0 (1)"], End::Compensated);
    assert_eq!(summary.cause, Some(Cause::DeadlineExceeded));
    assert_eq!(others(&summary), [(0, 1)]);
    assert_eq!(summary.took, Some(2));
}

#[test]
fn of_a_cancellation_and_a_deadline_that_both_came_the_cancellation_counts() {
    let script = attempts(1, [(SOON, Ends::Completes)]);
    let mut case = case(&GROUP, [(0, script)]);
    case.cancel = Some(3);
    case.deadline = Some(2);
    let calls = ["do 0 (1)", "undo 0 (1) of attempt 1 for a cancellation"];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(summary.cause, Some(Cause::Cancelled));
}

#[test]
fn a_panic_of_a_condition_leaves_nothing_in_doubt_and_is_not_repeated() {
    let script = Script {
        condition: Condition::Panics,
        ..attempts(3, [])
    };
    let case = case(&CONDITION, [(1, script)]);
    let calls = ["do 0 (1)", "ask 1", "undo 0 (1) of attempt 1 for 1"];
    let summary = seen(&case, &calls, End::Compensated);
    assert_eq!(summary.steps[1].0, Outcome::Failed);
}

#[test]
fn a_skipped_step_is_not_undone_and_the_last_step_in_doubt_leaves_all_as_it_is() {
    let skipped = Script {
        condition: Condition::No,
        ..Script::COMPLETES
    };
    let failed = attempts(2, [(AT_ONCE, IN_DOUBT), (AT_ONCE, FAILS)]);
    let case = case(&CONDITION, [(1, skipped), (2, failed)]);
    let calls = ["do 0 (1)", "ask 1", "do 2 (1)", "do 2 (2)"];
    let summary = seen(&case, &calls, End::Stuck);
    assert_eq!(first(&summary), Some(2));
    assert_eq!(summary.steps[1].0, Outcome::Skipped);
    assert_eq!(
        summary.steps[2].0,
        Outcome::InDoubt,
        "since the first attempt"
    );
}
