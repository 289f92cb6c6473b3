//! What has to be among the cases, and how often at least: so that the comparison cannot pass because
//! nothing happens.

use core::ops::Range;

use crate::case::{Case, Condition, Ends, Kind, Phase, Step, Takes};
use crate::model::{self, Span};
use crate::told::{Answer, Call, Cause, End, Failure, GaveUp, Given, Outcome, Told, Undo};

/// A case, and what happens in it.
pub(crate) struct Seen {
    case: Case,
    told: Told,
    /// What is in hand when it is cancelled, if nobody heeded that; and at its deadline.
    cancelled: Vec<Span>,
    overdue: Vec<Span>,
    /// All that happens.
    heeded: Vec<Span>,
}

impl Seen {
    pub(crate) fn of(case: &Case, told: Told) -> Self {
        let unheeded = Case {
            cancel: None,
            deadline: None,
            ..case.clone()
        };
        let spans = model::spans(&unheeded);
        let at = |at: Option<u64>| {
            let in_hand = |span: &&Span| at.is_some_and(|at| span.from < at && at < span.to);
            spans.iter().filter(in_hand).copied().collect()
        };
        Self {
            told,
            cancelled: at(case.cancel),
            overdue: at(case.deadline),
            heeded: model::spans(case),
            case: case.clone(),
        }
    }

    fn ends(&self, end: End) -> bool {
        self.told.end == end
    }

    fn steps(&self) -> &[Step] {
        self.case.shape.steps()
    }

    /// Whether a step of this kind ends like this.
    fn became(&self, kind: Kind, undo: Takes, outcome: Outcome) -> bool {
        let became = self.told.steps.iter().map(|(outcome, _)| *outcome);
        let mut steps = self.steps().iter().zip(became);
        steps.any(|(step, became)| (step.kind, step.undo, became) == (kind, undo, outcome))
    }

    fn stages(&self) -> Vec<Range<usize>> {
        let all = 0..self.steps().len();
        let mut stages: Vec<_> = all.map(|step| self.case.shape.stage_of(step)).collect();
        stages.dedup();
        stages
    }

    /// Whether any group is like this.
    fn any_group(&self, like: impl Fn(Range<usize>) -> bool) -> bool {
        let mut groups = self.stages().into_iter().filter(|stage| stage.len() > 1);
        groups.any(like)
    }

    fn is_in_group(&self, step: usize) -> bool {
        self.case.shape.stage_of(step).len() > 1
    }

    fn is_after_pivot(&self, step: usize) -> bool {
        self.case.shape.is_after_pivot(step)
    }

    /// Whether a member of this group was undone.
    fn undone(&self, group: Range<usize>) -> bool {
        let mut steps = self.told.steps.get(group).into_iter().flatten();
        steps.any(|(_, undo)| *undo == Undo::Done)
    }

    fn calls(&self, like: impl Fn(&Call) -> bool) -> bool {
        self.told.calls.iter().any(like)
    }

    fn says_no(&self, call: &Call) -> bool {
        matches!(call, Call::Ask(step) if self.case.scripts[*step].condition == Condition::No)
    }

    /// The steps that gave up.
    fn gave_up(&self) -> Vec<GaveUp> {
        let primary = match self.told.cause {
            Some(Cause::Step(gave_up)) => Some(gave_up),
            _ => None,
        };
        let secondary = self.told.secondary.iter().copied();
        primary.into_iter().chain(secondary).collect()
    }

    fn gave_up_with(&self, like: impl Fn(Failure) -> bool) -> bool {
        self.gave_up().iter().any(|gave_up| like(gave_up.failure))
    }

    /// Whether a step of its own was the first to give up, and did so like this.
    fn first_gave_up(&self, like: impl Fn(&GaveUp) -> bool) -> bool {
        let of_its_own = |first: &GaveUp| !self.is_in_group(first.step) && like(first);
        matches!(&self.told.cause, Some(Cause::Step(first)) if of_its_own(first))
    }

    fn step(&self, gave_up: &GaveUp) -> &Step {
        &self.steps()[gave_up.step]
    }

    /// How the last attempt would have ended, but for its time limit.
    fn ends_of(&self, gave_up: &GaveUp) -> Ends {
        let GaveUp {
            step,
            phase,
            attempts,
            ..
        } = *gave_up;
        self.case.attempt(step, phase, attempts).ends
    }

    /// Whether it gave up later than its last attempt ended.
    fn gave_up_waiting(&self, gave_up: &GaveUp) -> bool {
        let mut spans = self.heeded.iter().rev();
        let last = spans.find(|span| span.step == gave_up.step && span.phase == Phase::Do);
        last.is_some_and(|span| span.waits && span.from < span.to)
    }

    fn outcome_of(&self, step: usize) -> Option<Outcome> {
        self.told.steps.get(step).map(|(outcome, _)| *outcome)
    }

    fn outcome(&self, gave_up: &GaveUp) -> Outcome {
        self.told.steps[gave_up.step].0
    }

    fn began_after_another_gave_up(&self) -> bool {
        let Some(Cause::Step(first)) = self.told.cause else {
            return false;
        };
        let at_once = first.attempts == 1 && self.case.takes(first.step, Phase::Do, 1) == 0;
        at_once && self.case.shape.stage_of(first.step).end > first.step + 1
    }

    fn went_on_after_the_first_gave_up(&self) -> bool {
        let Some(Cause::Step(first)) = self.told.cause else {
            return false;
        };
        let gave_up = self
            .told
            .calls
            .iter()
            .rposition(|call| matches!(call, Call::Do(step, _) if *step == first.step));
        let after = gave_up.map_or(&[][..], |at| &self.told.calls[at..]);
        let siblings = self.case.shape.stage_of(first.step);
        after.iter().any(|call| matches!(call, Call::Do(step, 2..) if *step != first.step && siblings.contains(step)))
    }

    /// Whether it was cancelled, and that was heeded.
    fn stopped(&self) -> bool {
        self.caused_by(Cause::Cancelled)
    }

    fn has_attempts_left(&self, gave_up: &GaveUp) -> bool {
        gave_up.attempts < self.case.policy(gave_up.step, gave_up.phase).attempts
    }

    fn caused_by(&self, cause: Cause) -> bool {
        self.told.cause == Some(cause)
    }
}

/// What has to be there.
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    /// In so many cases of the random ones.
    pub(crate) least: usize,
    pub(crate) is_in: fn(&Seen) -> bool,
}

const fn feature(name: &'static str, least: usize, is_in: fn(&Seen) -> bool) -> Feature {
    Feature { name, least, is_in }
}

pub(crate) const FEATURES: &[&[Feature]] = &[
    ENDS,
    ATTEMPTS,
    VERDICTS,
    COMPENSATIONS,
    GROUPS,
    CONDITIONS,
    CANCELLATIONS,
];

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
        seen.told
            .compensations
            .iter()
            .any(|undo| matches!(undo.failure, Failure::Error(_)))
    }),
    feature("one timed out", 90, |seen| {
        seen.told
            .compensations
            .iter()
            .any(|undo| undo.failure == Failure::TimedOut)
    }),
    feature("one panicked", 80, |seen| {
        seen.told
            .compensations
            .iter()
            .any(|undo| matches!(undo.failure, Failure::Panicked(_)))
    }),
    feature("one not worth another attempt", 90, |seen| {
        seen.told
            .compensations
            .iter()
            .any(|undo| seen.has_attempts_left(undo))
    }),
    feature("one gave up, and another ran after it", 100, |seen| {
        seen.told.compensations.iter().any(|undo| {
            seen.told.steps[..undo.step]
                .iter()
                .any(|(_, undo)| *undo == Undo::Done)
        })
    }),
    feature("two gave up", 20, |seen| seen.told.compensations.len() > 1),
];

const GROUPS: &[Feature] = &[
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
        |seen| matches!(seen.told.cause, Some(Cause::Step(first)) if seen.told.secondary.iter().any(|second| second.step < first.step)),
    ),
    feature(
        "a sibling began no other attempt",
        100,
        |seen| matches!(seen.told.cause, Some(Cause::Step(first)) if !seen.is_after_pivot(first.step) && seen.told.secondary.iter().any(|second| seen.has_attempts_left(second) && matches!(seen.ends_of(second), Ends::Fails { when: true, .. }))),
    ),
    feature("repeated at the instant it began", 100, |seen| {
        let at_once = |step| seen.case.takes(step, Phase::Do, 1) == 0;
        seen.calls(
            |call| matches!(call, Call::Do(step, 2) if seen.is_in_group(*step) && at_once(*step)),
        )
    }),
    feature("the others gave up in another order", 60, |seen| {
        let secondary = seen.told.secondary.iter();
        !secondary.is_sorted_by_key(|second| second.step)
    }),
    feature("a sibling gave up in the midst of a wait", 10, |seen| {
        seen.told.secondary.iter().any(|second| {
            seen.has_attempts_left(second)
                && matches!(seen.told.cause, Some(Cause::Step(_)))
                && seen.gave_up_waiting(second)
        })
    }),
    feature(
        "a member began after another gave up at once",
        100,
        Seen::began_after_another_gave_up,
    ),
    feature("a sibling in doubt, undone with its output", 300, |seen| {
        seen.told.secondary.iter().any(|second| {
            seen.step(second).undo == Takes::Output && seen.outcome(second) == Outcome::InDoubt
        })
    }),
    feature("a sibling in doubt, undone with an attempt", 300, |seen| {
        seen.told.secondary.iter().any(|second| {
            seen.step(second).undo == Takes::Attempt && seen.outcome(second) == Outcome::InDoubt
        })
    }),
    feature("after the pivot a sibling went on", 20, |seen| {
        matches!(seen.told.cause, Some(Cause::Step(first)) if seen.is_after_pivot(first.step))
            && seen.went_on_after_the_first_gave_up()
    }),
    feature("after the pivot two gave up", 40, |seen| {
        seen.told
            .secondary
            .iter()
            .any(|second| seen.is_after_pivot(second.step))
    }),
];

const CONDITIONS: &[Feature] = &[
    feature("yes", 2000, |seen| {
        seen.calls(|call| matches!(call, Call::Ask(step) if seen.case.scripts[*step].condition == Condition::Yes))
    }),
    feature("skipped, and completed", 1000, |seen| {
        seen.ends(End::Completed) && seen.calls(|call| seen.says_no(call))
    }),
    feature("skipped, and compensated", 400, |seen| {
        seen.told
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

const CANCELLATIONS: &[Feature] = &[
    feature("answered that it was in time", 350, |seen| {
        seen.told.answer == Some(Answer::Requested)
    }),
    feature("answered that it was too late", 200, |seen| {
        seen.told.answer == Some(Answer::TooLate)
    }),
    feature("before it began", 500, |seen| {
        seen.case.cancel == Some(0) && seen.caused_by(Cause::Cancelled)
    }),
    feature("while an attempt was in hand that completed", 600, |seen| {
        seen.stopped() && !seen.cancelled.is_empty() && seen.told.secondary.is_empty()
    }),
    feature("while an attempt was in hand that failed", 500, |seen| {
        seen.stopped()
            && seen
                .told
                .secondary
                .iter()
                .any(|step| seen.outcome(step) == Outcome::Failed)
    }),
    feature(
        "while an attempt was in hand that was in doubt",
        500,
        |seen| {
            seen.stopped()
                && seen
                    .told
                    .secondary
                    .iter()
                    .any(|step| seen.outcome(step) == Outcome::InDoubt)
        },
    ),
    feature("while the last attempt was in hand", 400, |seen| {
        seen.stopped()
            && seen
                .told
                .secondary
                .iter()
                .any(|step| !seen.has_attempts_left(step))
    }),
    feature("between two attempts", 90, |seen| {
        seen.stopped() && seen.cancelled.iter().any(|span| span.waits)
    }),
    feature(
        "while a group was in hand, alone in giving up",
        90,
        |seen| seen.stopped() && seen.cancelled.len() > 1 && seen.told.secondary.is_empty(),
    ),
    feature("while a group was in hand, one gave up", 200, |seen| {
        seen.stopped() && seen.cancelled.len() > 1 && !seen.told.secondary.is_empty()
    }),
    feature(
        "after a member of a group gave up",
        100,
        |seen| matches!(seen.told.cause, Some(Cause::Step(first)) if seen.is_in_group(first.step) && seen.cancelled.iter().any(|span| span.phase == Phase::Do)),
    ),
    feature("while the pivot completed", 400, |seen| {
        seen.cancelled
            .iter()
            .any(|span| span.phase == Phase::Do && seen.steps()[span.step].kind == Kind::Pivot)
            && !seen.stopped()
    }),
    feature("while the pivot failed", 200, |seen| {
        seen.stopped()
            && seen
                .told
                .secondary
                .iter()
                .any(|step| seen.step(step).kind == Kind::Pivot)
    }),
    feature("while the last step completed", 500, |seen| {
        seen.ends(End::Completed)
            && seen
                .cancelled
                .iter()
                .any(|span| span.step + 1 == seen.steps().len() && !seen.is_after_pivot(span.step))
    }),
    feature("while the last group completed", 200, |seen| {
        seen.ends(End::Completed)
            && seen
                .cancelled
                .iter()
                .any(|span| seen.is_in_group(span.step) && !seen.is_after_pivot(span.step))
    }),
    feature("after the pivot", 400, |seen| {
        seen.cancelled
            .iter()
            .any(|span| seen.is_after_pivot(span.step))
    }),
    feature("after the pivot, between two attempts", 10, |seen| {
        seen.cancelled
            .iter()
            .any(|span| seen.is_after_pivot(span.step) && span.waits)
    }),
    feature("while compensating", 200, |seen| {
        seen.cancelled.iter().any(|span| span.phase == Phase::Undo)
    }),
    feature("stuck", 400, |seen| seen.stopped() && seen.ends(End::Stuck)),
    feature("the deadline before it began", 300, |seen| {
        seen.case.deadline == Some(0) && seen.caused_by(Cause::DeadlineExceeded)
    }),
    feature("the deadline while an attempt was in hand", 600, |seen| {
        seen.caused_by(Cause::DeadlineExceeded) && seen.overdue.iter().any(|span| !span.waits)
    }),
    feature("the deadline between two attempts", 40, |seen| {
        seen.caused_by(Cause::DeadlineExceeded) && seen.overdue.iter().any(|span| span.waits)
    }),
    feature("the deadline while compensating", 100, |seen| {
        seen.overdue.iter().any(|span| span.phase == Phase::Undo)
    }),
    feature(
        "cancelled after the deadline, before anybody looked",
        100,
        |seen| {
            seen.caused_by(Cause::Cancelled)
                && seen.case.deadline < seen.case.cancel
                && seen.case.deadline.is_some()
        },
    ),
    feature("the deadline, and cancelled after it", 200, |seen| {
        seen.caused_by(Cause::DeadlineExceeded) && seen.case.cancel.is_some()
    }),
];
