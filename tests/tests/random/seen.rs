//! What a case covers.

use core::ops::Range;

use crate::case::{Case, Condition, Ends, Kind, Phase, Step, Takes};
use crate::model::{self, Span};
use crate::summary::{Call, Cause, End, Failure, GaveUp, Outcome, RunSummary, Undo};

/// A case, and what happens in it.
pub(crate) struct Seen {
    pub(super) case: Case,
    pub(super) summary: RunSummary,
    /// What is in flight when it is cancelled, if no step heeded that; and at its deadline.
    pub(super) cancelled: Vec<Span>,
    pub(super) overdue: Vec<Span>,
    /// All that happens.
    heeded: Vec<Span>,
}

impl Seen {
    pub(crate) fn of(case: &Case, summary: RunSummary, heeded: Vec<Span>) -> Self {
        let unheeded = Case {
            cancel: None,
            deadline: None,
            ..case.clone()
        };
        let spans = model::run(&unheeded).spans;
        let at = |at: Option<u64>| {
            let in_flight = |span: &&Span| at.is_some_and(|at| span.from < at && at < span.to);
            spans.iter().filter(in_flight).copied().collect()
        };
        Self {
            summary,
            cancelled: at(case.cancel),
            overdue: at(case.deadline),
            heeded,
            case: case.clone(),
        }
    }

    pub(super) fn ends(&self, end: End) -> bool {
        self.summary.end == end
    }

    pub(super) fn steps(&self) -> &[Step] {
        self.case.shape.steps()
    }

    /// Whether a step of this kind ends like this.
    pub(super) fn became(&self, kind: Kind, undo: Takes, outcome: Outcome) -> bool {
        let became = self.summary.steps.iter().map(|(outcome, _)| *outcome);
        let mut steps = self.steps().iter().zip(became);
        steps.any(|(step, became)| (step.kind, step.undo, became) == (kind, undo, outcome))
    }

    pub(super) fn stages(&self) -> Vec<Range<usize>> {
        let all = 0..self.steps().len();
        let mut stages: Vec<_> = all.map(|step| self.case.shape.stage_of(step)).collect();
        stages.dedup();
        stages
    }

    /// Whether any group is like this.
    pub(super) fn any_group(&self, like: impl Fn(Range<usize>) -> bool) -> bool {
        let mut groups = self.stages().into_iter().filter(|stage| stage.len() > 1);
        groups.any(like)
    }

    pub(super) fn is_in_group(&self, step: usize) -> bool {
        self.case.shape.stage_of(step).len() > 1
    }

    pub(super) fn is_after_pivot(&self, step: usize) -> bool {
        self.case.shape.is_after_pivot(step)
    }

    /// Whether a member of this group was undone.
    pub(super) fn undone(&self, group: Range<usize>) -> bool {
        let mut steps = self.summary.steps.get(group).into_iter().flatten();
        steps.any(|(_, undo)| *undo == Undo::Done)
    }

    pub(super) fn calls(&self, like: impl Fn(&Call) -> bool) -> bool {
        self.summary.calls.iter().any(|called| like(&called.call))
    }

    pub(super) fn says_no(&self, call: &Call) -> bool {
        matches!(call, Call::Ask(step) if self.case.scripts[*step].condition == Condition::No)
    }

    /// The steps that gave up.
    pub(super) fn gave_up(&self) -> Vec<GaveUp> {
        let primary = match self.summary.cause {
            Some(Cause::Step(gave_up)) => Some(gave_up),
            _ => None,
        };
        let secondary = self.summary.secondary.iter().copied();
        primary.into_iter().chain(secondary).collect()
    }

    pub(super) fn gave_up_with(&self, like: impl Fn(Failure) -> bool) -> bool {
        self.gave_up().iter().any(|gave_up| like(gave_up.failure))
    }

    /// Whether a step of its own was the first to give up, and did so like this.
    pub(super) fn first_gave_up(&self, like: impl Fn(&GaveUp) -> bool) -> bool {
        let of_its_own = |first: &GaveUp| !self.is_in_group(first.step) && like(first);
        matches!(&self.summary.cause, Some(Cause::Step(first)) if of_its_own(first))
    }

    pub(super) fn step(&self, gave_up: &GaveUp) -> &Step {
        &self.steps()[gave_up.step]
    }

    /// How the last attempt would have ended, but for its time limit.
    pub(super) fn ends_of(&self, gave_up: &GaveUp) -> Ends {
        let GaveUp {
            step,
            phase,
            attempts,
            ..
        } = *gave_up;
        self.case.attempt(step, phase, attempts).ends
    }

    /// Whether it gave up later than its last attempt ended.
    pub(super) fn gave_up_waiting(&self, gave_up: &GaveUp) -> bool {
        let mut spans = self.heeded.iter().rev();
        let last = spans.find(|span| span.step == gave_up.step && span.phase == Phase::Do);
        last.is_some_and(|span| span.waits && span.from < span.to)
    }

    pub(super) fn outcome_of(&self, step: usize) -> Option<Outcome> {
        self.summary.steps.get(step).map(|(outcome, _)| *outcome)
    }

    pub(super) fn outcome(&self, gave_up: &GaveUp) -> Outcome {
        self.summary.steps[gave_up.step].0
    }

    pub(super) fn began_after_another_gave_up(&self) -> bool {
        let Some(Cause::Step(first)) = self.summary.cause else {
            return false;
        };
        let at_once = first.attempts == 1 && self.case.takes(first.step, Phase::Do, 1) == 0;
        at_once && self.case.shape.stage_of(first.step).end > first.step + 1
    }

    pub(super) fn went_on_after_the_first_gave_up(&self) -> bool {
        let Some(Cause::Step(first)) = self.summary.cause else {
            return false;
        };
        let gave_up = self
            .summary
            .calls
            .iter()
            .rposition(|called| matches!(called.call, Call::Do(step, _) if step == first.step));
        let after = gave_up.map_or(&[][..], |at| &self.summary.calls[at..]);
        let siblings = self.case.shape.stage_of(first.step);
        after.iter().any(|called| matches!(called.call, Call::Do(step, 2..) if step != first.step && siblings.contains(&step)))
    }

    /// Whether it was cancelled, and that was heeded.
    pub(super) fn stopped(&self) -> bool {
        self.caused_by(Cause::Cancelled)
    }

    pub(super) fn has_attempts_left(&self, gave_up: &GaveUp) -> bool {
        gave_up.attempts < self.case.policy(gave_up.step, gave_up.phase).attempts
    }

    pub(super) fn caused_by(&self, cause: Cause) -> bool {
        self.summary.cause == Some(cause)
    }
}
