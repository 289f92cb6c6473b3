//! What a run does, said again in as few words as possible: from the documented meaning of a saga, and
//! without a look at how the driver goes about it. Time is a number, and an attempt an event at the end
//! of it.

use core::ops::Range;

use crate::case::{Attempt, Case, Condition, Ends, Kind, Phase, Takes};
use crate::told::{Answer, Because, Call, Cause, End, Failure, GaveUp, Given, Outcome, Told, Undo};

/// What the driver must be seen to do.
pub(crate) fn run(case: &Case) -> Told {
    Model::of(case).told()
}

/// What goes on while the saga runs, and when.
pub(crate) fn spans(case: &Case) -> Vec<Span> {
    let mut model = Model::of(case);
    model.run_and_undo();
    model.spans
}

/// Whether it is up to the driver's dice what happens: two members of a group wait, and whoever is the
/// first to go on may keep the other from it.
pub(crate) fn is_race(case: &Case) -> bool {
    let mut model = Model::of(case);
    model.run_and_undo();
    model.is_race
}

/// An attempt of a step or compensation, or the wait before one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) step: usize,
    pub(crate) phase: Phase,
    pub(crate) waits: bool,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

/// Longer than all that happens in a run without waits, and a multiple of 4.
pub(crate) const WAIT: u64 = 1 << 40;

struct Model<'a> {
    case: &'a Case,
    now: u64,
    spans: Vec<Span>,
    calls: Vec<Call>,
    cause: Option<Cause>,
    gave_up: Vec<GaveUp>,
    steps: Vec<Step>,
    compensations: Vec<GaveUp>,
    stuck: bool,
    is_race: bool,
    /// When a cancellation came too late to change anything.
    too_late_after: u64,
}

#[derive(Clone)]
struct Step {
    outcome: Outcome,
    undo: Undo,
    /// Which attempt comes next or is in hand, and then when it does or ends.
    attempt: u32,
    at: u64,
    in_hand: bool,
    over: bool,
    in_doubt: bool,
    last: Failure,
}

impl<'a> Model<'a> {
    fn of(case: &'a Case) -> Self {
        let step = Step {
            outcome: Outcome::NotRun,
            undo: Undo::NotDue,
            attempt: 1,
            at: 0,
            in_hand: false,
            over: false,
            in_doubt: false,
            last: Failure::TimedOut,
        };
        Self {
            case,
            now: 0,
            spans: Vec::new(),
            calls: Vec::new(),
            cause: None,
            gave_up: Vec::new(),
            steps: vec![step; case.scripts.len()],
            compensations: Vec::new(),
            stuck: false,
            is_race: false,
            too_late_after: u64::MAX,
        }
    }

    fn told(mut self) -> Told {
        self.run_and_undo();
        let primary = |gave_up: &GaveUp| self.cause == Some(Cause::Step(*gave_up));
        let mut secondary = self.gave_up;
        secondary.retain(|gave_up| !primary(gave_up));
        let completed = self.cause.is_none();
        let needs_a_person = self.stuck || !self.compensations.is_empty();
        let steps = self.steps.iter().map(|step| (step.outcome, step.undo));
        Told {
            calls: self.calls,
            cause: self.cause,
            secondary,
            steps: steps.collect(),
            compensations: self.compensations,
            answer: self.case.cancel.map(|at| {
                if at > self.too_late_after {
                    Answer::TooLate
                } else {
                    Answer::Requested
                }
            }),
            took: Some(self.now).filter(|now| *now < WAIT),
            end: match (completed, needs_a_person) {
                (true, _) => End::Completed,
                (false, false) => End::Compensated,
                (false, true) => End::Stuck,
            },
        }
    }

    fn run_and_undo(&mut self) {
        let mut next = 0;
        while next < self.steps.len() && self.cause.is_none() {
            let stage = self.case.shape.stage_of(next);
            next = stage.end;
            if self.case.shape.is_after_pivot(stage.start) {
                self.too_late_after = self.too_late_after.min(self.now);
            }
            self.run_stage(stage);
        }
        self.too_late_after = self.too_late_after.min(self.now);
        if self.cause.is_some() {
            self.undo(next);
        }
    }

    /// Why nothing more is to begin, if anybody asked for that by now.
    fn asked_to_stop(&self) -> Option<Cause> {
        let asked = |at: Option<u64>| at.is_some_and(|at| at <= self.now);
        if asked(self.case.cancel) {
            Some(Cause::Cancelled)
        } else if asked(self.case.deadline) {
            Some(Cause::DeadlineExceeded)
        } else {
            None
        }
    }

    /// A group, or a step: a group of one. One event after the other, those of one instant in order of
    /// the definition; but who has had fewer attempts goes before who has had more.
    fn run_stage(&mut self, stage: Range<usize>) {
        let can_stop = !self.case.shape.is_after_pivot(stage.start);
        for index in stage.clone() {
            self.steps[index].at = self.now;
        }
        let mut first = None;
        loop {
            if can_stop && self.cause.is_some() {
                self.end_waits(stage.clone());
            }
            let members = stage.clone().filter(|index| !self.steps[*index].over);
            // Those after the first that gave up hear of it before those in front of it.
            let turn = |index: &usize| {
                let Step { at, attempt, .. } = self.steps[*index];
                let attempt = first.map_or(attempt, |_| 0);
                (at, Some(*index) < first, attempt, *index)
            };
            let Some(index) = members.min_by_key(turn) else {
                return;
            };
            self.now = self.steps[index].at;
            let asked = self.asked_to_stop().filter(|_| can_stop);
            if self.steps[index].in_hand {
                self.end_attempt(index, asked, can_stop);
            } else {
                self.begin_attempt(index, asked, can_stop);
            }
            if can_stop && self.cause.is_some() {
                first = first.or(Some(index));
            }
        }
    }

    /// Nobody waits for an attempt that is not to be.
    fn end_waits(&mut self, stage: Range<usize>) {
        for index in stage {
            let (now, step) = (self.now, &mut self.steps[index]);
            if step.attempt > 1 && !step.in_hand && step.at > now {
                step.at = now;
                let mut spans = self.spans.iter_mut().rev();
                if let Some(span) = spans.find(|span| span.step == index) {
                    span.to = now;
                }
            }
        }
    }

    fn begin_attempt(&mut self, index: usize, asked: Option<Cause>, can_stop: bool) {
        let first = self.steps[index].attempt == 1;
        if let Some(cause) = asked {
            self.cause.get_or_insert(cause);
        }
        if asked.is_some() && first {
            self.steps[index].over = true;
            return;
        }
        // A group that fails begins no attempt but the first of each.
        if can_stop && self.cause.is_some() && !first {
            self.steps[index].attempt -= 1;
            self.give_up(index);
            return;
        }
        let (stage, waits) = (self.case.shape.stage_of(index), |step: &Step| {
            !step.over && !step.in_hand && step.attempt > 1
        });
        if waits(&self.steps[index]) && self.case.policy(index, Phase::Do).waits {
            self.is_race |= self.steps[stage].iter().filter(|step| waits(step)).count() > 1;
        }
        if first && self.case.shape.steps()[index].conditional {
            self.calls.push(Call::Ask(index));
            match self.case.scripts[index].condition {
                Condition::Yes => {}
                Condition::No => return self.finish(index, Outcome::Skipped),
                Condition::Panics => {
                    self.steps[index].last = Failure::Panicked(0);
                    return self.give_up(index);
                }
            }
        }
        let attempt = self.steps[index].attempt;
        self.calls.push(Call::Do(index, attempt));
        self.steps[index].in_hand = true;
        self.steps[index].at += self.time_of(index, Phase::Do, attempt);
        self.goes_on(index, false);
    }

    fn end_attempt(&mut self, index: usize, asked: Option<Cause>, can_stop: bool) {
        let attempt = self.steps[index].attempt;
        let Some((failure, when, in_doubt)) = self.failure(index, Phase::Do, attempt) else {
            return self.finish(index, Outcome::Completed);
        };
        let declared = &self.case.shape.steps()[index];
        let policy = self.case.policy(index, Phase::Do);
        let step = &mut self.steps[index];
        step.last = failure;
        step.in_hand = false;
        step.in_doubt |= in_doubt && declared.kind != Kind::ReadOnly;
        let worth_another = when && !matches!(failure, Failure::Panicked(_));
        let doubtful = declared.at_most_once && step.in_doubt;
        let another = worth_another && attempt < policy.attempts && !doubtful;
        if let Some(cause) = asked {
            self.cause.get_or_insert(cause);
        }
        let stopped = can_stop && self.cause.is_some();
        if stopped || !another {
            return self.give_up(index);
        }
        self.steps[index].attempt += 1;
        if policy.waits {
            self.steps[index].at += WAIT;
            // The end of the wait, if it is not after the pivot, comes with whoever asks to stop.
            let asked = [self.case.cancel, self.case.deadline];
            if let Some(asked) = asked.into_iter().flatten().min()
                && can_stop
            {
                self.steps[index].at = self.steps[index].at.min(asked.max(self.now));
            }
            self.goes_on(index, true);
        }
    }

    /// Until `at`.
    fn goes_on(&mut self, step: usize, waits: bool) {
        self.spans.push(Span {
            step,
            phase: Phase::Do,
            waits,
            from: self.now,
            to: self.steps[step].at,
        });
    }

    /// How long an attempt is in hand.
    fn time_of(&self, step: usize, phase: Phase, attempt: u32) -> u64 {
        let takes = self.case.takes(step, phase, attempt);
        let limit = self.case.policy(step, phase).limit(step);
        limit.map_or(takes, |limit| takes.min(limit))
    }

    /// How an attempt fails, if it does; whether the predicate would repeat it, and whether it is in doubt.
    fn failure(&self, step: usize, phase: Phase, attempt: u32) -> Option<(Failure, bool, bool)> {
        let takes = self.case.takes(step, phase, attempt);
        if takes > self.time_of(step, phase, attempt) {
            return Some((Failure::TimedOut, true, true));
        }
        let Attempt { ends, .. } = self.case.attempt(step, phase, attempt);
        match ends {
            Ends::Completes => None,
            Ends::Fails { when, in_doubt } => Some((Failure::Error(attempt), when, in_doubt)),
            Ends::Panics => Some((Failure::Panicked(attempt), true, true)),
        }
    }

    fn finish(&mut self, index: usize, outcome: Outcome) {
        let step = &mut self.steps[index];
        (step.outcome, step.over) = (outcome, true);
    }

    fn give_up(&mut self, index: usize) {
        let step = &mut self.steps[index];
        let gave_up = GaveUp {
            step: index,
            phase: Phase::Do,
            failure: step.last,
            attempts: step.attempt,
            in_doubt: step.in_doubt,
        };
        self.cause.get_or_insert(Cause::Step(gave_up));
        self.gave_up.push(gave_up);
        let outcome = if step.in_doubt {
            Outcome::InDoubt
        } else {
            Outcome::Failed
        };
        self.finish(index, outcome);
    }

    /// After the steps before `end` have ended, one of them without an output.
    fn undo(&mut self, end: usize) {
        let shape = &self.case.shape;
        let declared = shape.steps();
        let no_way_back = |index: usize| match declared[index].kind {
            Kind::Pivot => declared[index].undo == Takes::Nothing,
            Kind::Last => true,
            _ => false,
        };
        let mut in_doubt = (0..end).filter(|index| self.steps[*index].outcome == Outcome::InDoubt);
        if shape.is_after_pivot(end - 1) || in_doubt.any(no_way_back) {
            self.stuck = true;
            return;
        }
        for index in (0..end).rev() {
            let step = &self.steps[index];
            match (step.outcome, declared[index].undo) {
                (Outcome::Completed, Takes::Output | Takes::Attempt) => {
                    self.compensate(index, Given::OutputOf(step.attempt));
                }
                (Outcome::InDoubt, Takes::Attempt) => self.compensate(index, Given::InDoubt),
                (Outcome::InDoubt, Takes::Output) => self.stuck = true,
                _ => {}
            }
        }
    }

    fn compensate(&mut self, index: usize, given: Given) {
        let policy = self.case.policy(index, Phase::Undo);
        let because = match self.cause {
            Some(Cause::Step(gave_up)) => Because::Step(gave_up.step),
            Some(Cause::Cancelled) => Because::Cancelled,
            Some(Cause::DeadlineExceeded) | None => Because::DeadlineExceeded,
        };
        let mut in_doubt = false;
        for attempt in 1..=policy.attempts {
            self.calls.push(Call::Undo(index, attempt, given, because));
            self.passes(index, false, self.time_of(index, Phase::Undo, attempt));
            let Some((failure, when, doubtful)) = self.failure(index, Phase::Undo, attempt) else {
                self.steps[index].undo = Undo::Done;
                return;
            };
            in_doubt |= doubtful;
            if !when || attempt == policy.attempts {
                self.steps[index].undo = Undo::GaveUp;
                self.compensations.push(GaveUp {
                    step: index,
                    phase: Phase::Undo,
                    failure,
                    attempts: attempt,
                    in_doubt,
                });
                return;
            }
            self.passes(index, true, if policy.waits { WAIT } else { 0 });
        }
    }

    /// All the time that an attempt of a compensation takes, or the wait before one.
    fn passes(&mut self, step: usize, waits: bool, time: u64) {
        let from = self.now;
        self.now += time;
        self.spans.push(Span {
            step,
            phase: Phase::Undo,
            waits,
            from,
            to: self.now,
        });
    }
}
