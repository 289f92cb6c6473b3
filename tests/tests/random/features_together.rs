//! What has to be among the cases of groups and of conditions.

use crate::case::{Condition, Ends, Phase, Takes};
use crate::features::{Feature, feature};
use crate::seen::Seen;
use crate::summary::{Call, Cause, End, Failure, Outcome};

pub(crate) const GROUPS: &[Feature] = &[
    feature("two members", 4000, |seen| {
        seen.any_group(|group| group.len() == 2)
    }),
    feature("four members", 700, |seen| {
        seen.any_group(|group| group.len() == 4)
    }),
    feature("all of the saga", 900, |seen| {
        seen.any_group(|group| group.len() == seen.steps().len())
    }),
    feature("two groups that are neighbours", 500, |seen| {
        seen.stages()
            .windows(2)
            .any(|pair| pair.iter().all(|stage| stage.len() > 1))
    }),
    feature("the last stage completed", 1000, |seen| {
        seen.ends(End::Completed) && seen.any_group(|group| group.end == seen.steps().len())
    }),
    feature("undone, of a group that completed", 400, |seen| {
        seen.any_group(|group| {
            group
                .clone()
                .all(|step| seen.outcome_of(step) == Some(Outcome::Completed))
                && seen.undone(group)
        })
    }),
    feature("a member failed, a sibling was undone", 500, |seen| {
        seen.any_group(|group| {
            group
                .clone()
                .any(|step| seen.outcome_of(step) == Some(Outcome::Failed))
                && seen.undone(group)
        })
    }),
    feature("two members gave up", 400, |seen| {
        seen.any_group(|group| {
            seen.gave_up()
                .iter()
                .filter(|step| group.contains(&step.step))
                .count()
                > 1
        })
    }),
    feature(
        "a later member was the first to give up",
        100,
        |seen| matches!(seen.summary.cause, Some(Cause::Step(first)) if seen.summary.secondary.iter().any(|second| second.step < first.step)),
    ),
    feature(
        "a sibling began no other attempt",
        100,
        |seen| matches!(seen.summary.cause, Some(Cause::Step(first)) if !seen.is_after_pivot(first.step) && seen.summary.secondary.iter().any(|second| seen.has_attempts_left(second) && matches!(seen.ends_of(second), Ends::Fails { when: true, .. }))),
    ),
    feature("repeated at the instant it began", 100, |seen| {
        let at_once = |step| seen.case.takes(step, Phase::Do, 1) == 0;
        seen.calls(
            |call| matches!(call, Call::Do(step, 2) if seen.is_in_group(*step) && at_once(*step)),
        )
    }),
    feature("the others gave up in another order", 40, |seen| {
        let secondary = seen.summary.secondary.iter();
        !secondary.is_sorted_by_key(|second| second.step)
    }),
    feature("a sibling gave up in the midst of a wait", 10, |seen| {
        seen.summary.secondary.iter().any(|second| {
            seen.has_attempts_left(second)
                && matches!(seen.summary.cause, Some(Cause::Step(_)))
                && seen.gave_up_waiting(second)
        })
    }),
    feature(
        "a member began after another gave up at once",
        100,
        Seen::began_after_another_gave_up,
    ),
    feature("a sibling in doubt, undone with its output", 130, |seen| {
        seen.summary.secondary.iter().any(|second| {
            seen.step(second).undo == Takes::Output && seen.outcome(second) == Outcome::InDoubt
        })
    }),
    feature("a sibling in doubt, undone with an attempt", 180, |seen| {
        seen.summary.secondary.iter().any(|second| {
            seen.step(second).undo == Takes::Attempt && seen.outcome(second) == Outcome::InDoubt
        })
    }),
    feature("after the pivot a sibling went on", 20, |seen| {
        matches!(seen.summary.cause, Some(Cause::Step(first)) if seen.is_after_pivot(first.step))
            && seen.went_on_after_the_first_gave_up()
    }),
    feature("after the pivot two gave up", 40, |seen| {
        seen.summary
            .secondary
            .iter()
            .any(|second| seen.is_after_pivot(second.step))
    }),
];

pub(crate) const CONDITIONS: &[Feature] = &[
    feature("yes", 2000, |seen| {
        seen.calls(|call| matches!(call, Call::Ask(step) if seen.case.scripts[*step].condition == Condition::Yes))
    }),
    feature("skipped, and completed", 1000, |seen| {
        seen.ends(End::Completed) && seen.calls(|call| seen.says_no(call))
    }),
    feature("skipped, and compensated", 400, |seen| {
        seen.summary
            .steps
            .iter()
            .any(|(outcome, _)| *outcome == Outcome::Skipped)
            && seen.calls(|call| matches!(call, Call::Undo(..)))
    }),
    feature("skipped, of a group", 1000, |seen| {
        seen.calls(
            |call| matches!(call, Call::Ask(step) if seen.says_no(call) && seen.is_in_group(*step)),
        )
    }),
    feature("skipped, the last", 400, |seen| {
        seen.calls(|call| matches!(call, Call::Ask(step) if seen.says_no(call) && step + 1 == seen.steps().len()))
    }),
    feature("panicked, alone", 200, |seen| {
        seen.gave_up()
            .iter()
            .any(|step| step.failure == Failure::Panicked(0) && !seen.is_in_group(step.step))
    }),
    feature("panicked, in a group", 200, |seen| {
        seen.gave_up()
            .iter()
            .any(|step| step.failure == Failure::Panicked(0) && seen.is_in_group(step.step))
    }),
    feature("asked once, and repeated", 100, |seen| {
        seen.calls(|call| matches!(call, Call::Do(step, 2..) if seen.steps()[*step].conditional))
    }),
];
