//! What has to be among the cases, and how often at least: so that the comparison cannot pass because
//! nothing happens.

use crate::case::{Ends, Kind, Takes};
use crate::features_nested::NESTED;
use crate::features_stopped::CANCELLATIONS;
use crate::features_together::{CONDITIONS, GROUPS};
use crate::seen::Seen;
use crate::summary::{Call, End, Failure, Given, Outcome, Undo};

/// What has to be there.
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    /// In so many cases of the random ones.
    pub(crate) least: usize,
    pub(crate) is_in: fn(&Seen) -> bool,
}

pub(super) const fn feature(name: &'static str, least: usize, is_in: fn(&Seen) -> bool) -> Feature {
    Feature { name, least, is_in }
}

/// Of cases in which no step runs a saga.
const PLAIN: &[&[Feature]] = &[
    ENDS,
    ATTEMPTS,
    VERDICTS,
    COMPENSATIONS,
    GROUPS,
    CONDITIONS,
    CANCELLATIONS,
];

/// What may be in such a case, and where a case may have all of it: whether it has steps that run sagas.
pub(crate) fn features() -> Vec<(bool, &'static Feature)> {
    let of = |nested: bool, features: &'static [&'static [Feature]]| {
        let features = features.iter().copied().flatten();
        features.map(move |feature| (nested, feature))
    };
    of(false, PLAIN).chain(of(true, NESTED)).collect()
}

const ENDS: &[Feature] = &[
    feature("completed", 5000, |seen| seen.ends(End::Completed)),
    feature("compensated", 4000, |seen| seen.ends(End::Compensated)),
    feature("stuck", 2000, |seen| seen.ends(End::Stuck)),
    feature("one step", 1000, |seen| seen.steps().len() == 1),
    feature("seven steps", 1000, |seen| seen.steps().len() == 7),
    feature("policies of the run", 5000, |seen| {
        seen.case
            .scripts
            .iter()
            .any(|script| script.policy.is_some())
    }),
];

const ATTEMPTS: &[Feature] = &[
    feature("a third attempt", 100, |seen| {
        seen.calls(|call| matches!(call, Call::Do(_, 3)))
    }),
    feature("undone with what the second attempt gave", 100, |seen| {
        seen.calls(|call| matches!(call, Call::Undo(_, 1, Given::OutputOf(2), _)))
    }),
    feature("gave up with an error", 2000, |seen| {
        seen.gave_up_with(|failure| matches!(failure, Failure::Error(_)))
    }),
    feature("timed out", 1000, |seen| {
        seen.gave_up_with(|failure| failure == Failure::TimedOut)
    }),
    feature("panicked", 1000, |seen| {
        seen.gave_up_with(|failure| matches!(failure, Failure::Panicked(1..)))
    }),
    feature("not worth another attempt", 200, |seen| {
        seen.first_gave_up(|first| {
            seen.has_attempts_left(first)
                && matches!(first.failure, Failure::Error(_))
                && seen.outcome(first) == Outcome::Failed
        })
    }),
    feature("no other attempt after a timeout", 70, |seen| {
        seen.first_gave_up(|first| {
            seen.has_attempts_left(first) && first.failure == Failure::TimedOut
        })
    }),
    feature("no other attempt after an error in doubt", 30, |seen| {
        seen.first_gave_up(|first| {
            seen.has_attempts_left(first)
                && seen.step(first).at_most_once
                && matches!(
                    seen.ends_of(first),
                    Ends::Fails {
                        when: true,
                        in_doubt: true
                    }
                )
                && matches!(first.failure, Failure::Error(_))
        })
    }),
    feature("in doubt since an earlier attempt", 20, |seen| {
        seen.first_gave_up(|first| {
            matches!(first.failure, Failure::Error(_))
                && matches!(
                    seen.ends_of(first),
                    Ends::Fails {
                        in_doubt: false,
                        ..
                    }
                )
                && seen.outcome(first) == Outcome::InDoubt
        })
    }),
];

const VERDICTS: &[Feature] = &[
    feature("read-only and timed out", 100, |seen| {
        seen.gave_up()
            .iter()
            .any(|step| seen.step(step).kind == Kind::ReadOnly && step.failure == Failure::TimedOut)
    }),
    feature("failed, undone with its output", 400, |seen| {
        seen.became(Kind::Compensatable, Takes::Output, Outcome::Failed)
    }),
    feature("failed, undone with an attempt", 400, |seen| {
        seen.became(Kind::Compensatable, Takes::Attempt, Outcome::Failed)
    }),
    feature("in doubt, undone with its output", 600, |seen| {
        seen.became(Kind::Compensatable, Takes::Output, Outcome::InDoubt)
    }),
    feature("in doubt, undone with an attempt", 600, |seen| {
        seen.became(Kind::Compensatable, Takes::Attempt, Outcome::InDoubt)
    }),
    feature("in doubt, cannot be undone", 300, |seen| {
        seen.became(Kind::NoCompensation, Takes::Nothing, Outcome::InDoubt)
            && seen.ends(End::Compensated)
    }),
    feature("the pivot failed", 100, |seen| {
        seen.became(Kind::Pivot, Takes::Nothing, Outcome::Failed)
    }),
    feature("the pivot in doubt", 200, |seen| {
        seen.became(Kind::Pivot, Takes::Nothing, Outcome::InDoubt)
    }),
    feature("the pivot failed, could be undone in doubt", 100, |seen| {
        seen.became(Kind::Pivot, Takes::Attempt, Outcome::Failed)
    }),
    feature("the pivot in doubt, undone", 200, |seen| {
        seen.became(Kind::Pivot, Takes::Attempt, Outcome::InDoubt)
    }),
    feature("the last step failed", 70, |seen| {
        seen.became(Kind::Last, Takes::Nothing, Outcome::Failed)
    }),
    feature("the last step in doubt", 80, |seen| {
        seen.became(Kind::Last, Takes::Nothing, Outcome::InDoubt)
    }),
    feature("after the pivot", 100, |seen| {
        seen.became(Kind::Retriable, Takes::Nothing, Outcome::Failed)
    }),
    feature("after the pivot, read-only", 100, |seen| {
        seen.gave_up()
            .iter()
            .any(|step| seen.is_after_pivot(step.step) && seen.step(step).kind == Kind::ReadOnly)
    }),
    feature("after the pivot, cannot be undone", 200, |seen| {
        seen.gave_up()
            .iter()
            .any(|step| seen.is_after_pivot(step.step) && seen.step(step).kind != Kind::Retriable)
    }),
];

const COMPENSATIONS: &[Feature] = &[
    feature("a compensation repeated", 400, |seen| {
        seen.calls(|call| matches!(call, Call::Undo(_, 2.., ..)))
    }),
    feature("one gave up with an error", 300, |seen| {
        seen.summary
            .compensations
            .iter()
            .any(|undo| matches!(undo.failure, Failure::Error(_)))
    }),
    feature("one timed out", 90, |seen| {
        seen.summary
            .compensations
            .iter()
            .any(|undo| undo.failure == Failure::TimedOut)
    }),
    feature("one panicked", 80, |seen| {
        seen.summary
            .compensations
            .iter()
            .any(|undo| matches!(undo.failure, Failure::Panicked(_)))
    }),
    feature("one not worth another attempt", 90, |seen| {
        seen.summary
            .compensations
            .iter()
            .any(|undo| seen.has_attempts_left(undo))
    }),
    feature("one gave up, and another ran after it", 100, |seen| {
        seen.summary.compensations.iter().any(|undo| {
            seen.summary.steps[..undo.step]
                .iter()
                .any(|(_, undo)| *undo == Undo::Done)
        })
    }),
    feature("two gave up", 20, |seen| {
        seen.summary.compensations.len() > 1
    }),
];
