//! What a run does, said again in as few words as possible: from the documented meaning of a saga, and
//! without a look at how the driver goes about it.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::ops::Range;
use core::pin::Pin;
use core::task::Poll;

use crate::case::{Attempt, Case, Condition, Ends, Kind, Phase, Policy, Takes};
use crate::clock::Clock;
use crate::told::{
    Answer, Because, Call, Called, Cause, End, Failure, GaveUp, Given, Outcome, Told, Undo, Within,
    name,
};

/// What the driver must be seen to do.
pub(crate) fn run(case: &Case) -> Told {
    let world = World::default();
    world.told(case)
}

/// What goes on while the saga runs, and when.
pub(crate) fn spans(case: &Case) -> Vec<Span> {
    let world = World::default();
    world.told(case);
    world.spans.into_inner()
}

/// Whether it is up to the driver's dice what happens: two members of a group wait, and whoever is the
/// first to go on may keep the other from it.
pub(crate) fn is_race(case: &Case) -> bool {
    let world = World::default();
    world.told(case);
    world.is_race.get()
}

/// An attempt of a step or compensation, or the wait before one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) step: usize,
    /// In how many other sagas; and in which step of the outermost.
    pub(crate) depth: usize,
    pub(crate) top: usize,
    pub(crate) phase: Phase,
    pub(crate) waits: bool,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

/// Longer than all that happens in a run without waits, and a multiple of 4.
pub(crate) const WAIT: u64 = 1 << 40;

/// What all runs have in common.
#[derive(Default)]
struct World {
    clock: Clock,
    calls: RefCell<Vec<Called>>,
    spans: RefCell<Vec<Span>>,
    waiting: Cell<usize>,
    is_race: Cell<bool>,
}

impl World {
    fn told(&self, case: &Case) -> Told {
        let limits = Limits {
            cancel: case.cancel,
            deadline: case.deadline(),
        };
        let mut run = Run::of(self, case.clone(), Vec::new(), "1".to_owned(), limits);
        self.clock.run(run.to_its_end());
        let steps = run.steps.iter().map(|step| (step.outcome, step.undo));
        Told {
            calls: self.calls.take(),
            cause: run.cause,
            secondary: run.secondary(),
            steps: steps.collect(),
            nested: run.nested(),
            answer: case.cancel.map(|at| {
                if at > run.too_late_after {
                    Answer::TooLate
                } else {
                    Answer::Requested
                }
            }),
            took: Some(self.clock.now()).filter(|now| *now < WAIT),
            end: run.end(),
            compensations: run.compensations,
        }
    }
}

/// What ends a run from outside, and when.
#[derive(Debug, Clone, Copy)]
struct Limits {
    cancel: Option<u64>,
    deadline: Option<u64>,
}

impl Limits {
    /// Why nothing more is to begin, if anybody asked for that by now.
    fn asked(self, now: u64) -> Option<Cause> {
        let asked = |at: Option<u64>| at.is_some_and(|at| at <= now);
        if asked(self.cancel) {
            Some(Cause::Cancelled)
        } else if asked(self.deadline) {
            Some(Cause::DeadlineExceeded)
        } else {
            None
        }
    }
}

/// A run of a saga: by itself, or as an attempt of a step of another.
pub(crate) struct Run<'a> {
    world: &'a World,
    case: Case,
    within: Within,
    pub(crate) id: String,
    limits: Limits,
    pub(crate) cause: Option<Cause>,
    gave_up: Vec<GaveUp>,
    pub(crate) steps: Vec<Step<'a>>,
    compensations: Vec<GaveUp>,
    stuck: bool,
    /// How the whole was undone after it had completed.
    pub(crate) undo: Undo,
    /// When a cancellation came too late to change anything.
    too_late_after: u64,
}

/// What became of a step.
pub(crate) struct Step<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) undo: Undo,
    /// Of its compensation, if that gave up.
    pub(crate) not_undone: Option<(u32, bool)>,
    /// Which attempt is or was in hand.
    attempt: u32,
    /// The run that it was.
    pub(crate) run: Option<Box<Run<'a>>>,
}

/// Why a step has no output.
enum Stop {
    GaveUp(GaveUp),
    Ended(Cause, Option<GaveUp>),
}

/// How an attempt failed; whether that is worth another, and whether it may have taken effect.
struct Failed {
    failure: Failure,
    when: bool,
    in_doubt: bool,
}

type Member<'b, 'a> = Pin<Box<dyn Future<Output = (Step<'a>, Option<Stop>)> + 'b>>;

impl<'a> Run<'a> {
    fn of(world: &'a World, case: Case, within: Within, id: String, limits: Limits) -> Self {
        let not_run = || Step {
            outcome: Outcome::NotRun,
            undo: Undo::NotDue,
            not_undone: None,
            attempt: 1,
            run: None,
        };
        Self {
            world,
            within,
            id,
            limits,
            cause: None,
            gave_up: Vec::new(),
            steps: case.scripts.iter().map(|_| not_run()).collect(),
            case,
            compensations: Vec::new(),
            stuck: false,
            undo: Undo::NotDue,
            too_late_after: u64::MAX,
        }
    }

    pub(crate) fn end(&self) -> End {
        let needs_a_person = self.stuck || !self.compensations.is_empty();
        match (self.cause, needs_a_person) {
            (None, _) => End::Completed,
            (Some(_), false) => End::Compensated,
            (Some(_), true) => End::Stuck,
        }
    }

    /// Those that gave up, but the first cause.
    pub(crate) fn secondary(&self) -> Vec<GaveUp> {
        let others = self.gave_up.iter().copied();
        others
            .filter(|gave_up| self.cause != Some(Cause::Step(*gave_up)))
            .collect()
    }

    async fn to_its_end(&mut self) {
        let mut next = 0;
        while next < self.steps.len() && self.cause.is_none() {
            let stage = self.case.shape.stage_of(next);
            next = stage.end;
            if self.case.shape.is_after_pivot(stage.start) {
                self.too_late_after = self.too_late_after.min(self.world.clock.now());
            }
            self.run_stage(stage).await;
        }
        self.too_late_after = self.too_late_after.min(self.world.clock.now());
        if self.cause.is_some() {
            self.roll_back(next).await;
        }
    }

    /// A group, or a step: a group of one. All have their turn one after the other whenever anything happens;
    /// and once one gives up, all hear of it at once.
    async fn run_stage(&mut self, stage: Range<usize>) {
        let one_gave_up = Cell::new(false);
        let may_stop = !self.case.shape.is_after_pivot(stage.start);
        let mut ended = Vec::new();
        {
            let (me, one_gave_up) = (&*self, &one_gave_up);
            let begin = |index| -> Option<Member<'_, 'a>> {
                Some(Box::pin(me.carry_out(index, one_gave_up)))
            };
            let mut members: Vec<_> = stage.map(|index| (index, begin(index))).collect();
            poll_fn(|context| {
                loop {
                    let mut hear_of_it = false;
                    for (index, member) in &mut members {
                        if let Some(future) = member
                            && let Poll::Ready((step, stop)) = future.as_mut().poll(context)
                        {
                            if may_stop && stop.is_some() {
                                one_gave_up.set(true);
                                hear_of_it = true;
                            }
                            ended.push((*index, step, stop));
                            *member = None;
                        }
                    }
                    if members.iter().all(|(_, member)| member.is_none()) {
                        return Poll::Ready(());
                    }
                    if !hear_of_it {
                        return Poll::Pending;
                    }
                }
            })
            .await;
        }
        for (index, step, stop) in ended {
            self.steps[index] = step;
            let (cause, gave_up) = match stop {
                None => continue,
                Some(Stop::GaveUp(gave_up)) => (Cause::Step(gave_up), Some(gave_up)),
                Some(Stop::Ended(why, gave_up)) => (why, gave_up),
            };
            self.cause.get_or_insert(cause);
            self.gave_up.extend(gave_up);
        }
    }

    /// A step, until an attempt completes or there is no other.
    async fn carry_out(&self, index: usize, one_gave_up: &Cell<bool>) -> (Step<'a>, Option<Stop>) {
        let clock = &self.world.clock;
        let declared = &self.case.shape.steps()[index];
        let policy = self.case.policy(index, Phase::Do);
        let may_stop = !self.case.shape.is_after_pivot(index);
        let asked = || self.limits.asked(clock.now()).filter(|_| may_stop);
        let mut step = Step {
            outcome: Outcome::Completed,
            undo: Undo::NotDue,
            not_undone: None,
            attempt: 1,
            run: None,
        };
        if let Some(why) = asked() {
            step.outcome = Outcome::NotRun;
            return (step, Some(Stop::Ended(why, None)));
        }
        let mut failed = None;
        if declared.conditional {
            self.called(Call::Ask(index), index, Phase::Do);
            match self.case.scripts[index].condition {
                Condition::Yes => {}
                Condition::No => {
                    step.outcome = Outcome::Skipped;
                    return (step, None);
                }
                Condition::Panics => {
                    failed = Some(Failed {
                        failure: Failure::Panicked(0),
                        when: false,
                        in_doubt: false,
                    });
                }
            }
        }
        let mut in_doubt = false;
        let failure = loop {
            let failed = match failed.take() {
                Some(failed) => failed,
                None => match self.attempt(index, &mut step).await {
                    Ok(()) => return (step, None),
                    Err(failed) => failed,
                },
            };
            in_doubt |= failed.in_doubt && declared.kind != Kind::ReadOnly;
            let stopped = || one_gave_up.get() || asked().is_some();
            let again = failed.when
                && !matches!(failed.failure, Failure::Panicked(_))
                && step.attempt < policy.attempts
                && !(declared.at_most_once && in_doubt)
                && !stopped();
            let limits = may_stop.then_some(self.limits);
            if !again || !self.wait(index, Phase::Do, policy, limits, stopped).await {
                break failed.failure;
            }
            step.attempt += 1;
        };
        let gave_up = GaveUp {
            step: index,
            phase: Phase::Do,
            failure,
            attempts: step.attempt,
            in_doubt,
        };
        step.outcome = if in_doubt {
            Outcome::InDoubt
        } else {
            Outcome::Failed
        };
        let stop = match asked() {
            Some(why) => Stop::Ended(why, Some(gave_up)),
            None => Stop::GaveUp(gave_up),
        };
        (step, Some(stop))
    }

    /// The wait before another attempt; whether there is one.
    async fn wait(
        &self,
        index: usize,
        phase: Phase,
        policy: Policy,
        limits: Option<Limits>,
        stopped: impl Fn() -> bool,
    ) -> bool {
        let World {
            clock,
            spans,
            waiting,
            is_race,
            ..
        } = self.world;
        clock.turn().await;
        if !policy.waits {
            return !stopped();
        }
        let at = clock.now() + WAIT;
        let span = spans.borrow().len();
        self.goes_on(index, phase, true, WAIT);
        waiting.update(|count| count + 1);
        let goes_on = poll_fn(|_| {
            if stopped() {
                return Poll::Ready(false);
            }
            if clock.now() >= at {
                return Poll::Ready(true);
            }
            clock.wake_at(at);
            let asked = limits.map(|limits| [limits.cancel, limits.deadline]);
            for asked in asked.into_iter().flatten().flatten() {
                clock.wake_at(asked);
            }
            Poll::Pending
        })
        .await;
        if goes_on && waiting.get() > 1 {
            is_race.set(true);
        }
        waiting.update(|count| count - 1);
        spans.borrow_mut()[span].to = clock.now();
        goes_on
    }

    async fn attempt(&self, index: usize, step: &mut Step<'a>) -> Result<(), Failed> {
        self.called(Call::Do(index, step.attempt), index, Phase::Do);
        if self.case.shape.steps()[index].runs.is_some() {
            self.nest(index, step).await
        } else {
            self.of_its_own(index, Phase::Do, step.attempt).await
        }
    }

    /// An attempt of a step or compensation that runs no saga.
    async fn of_its_own(&self, step: usize, phase: Phase, attempt: u32) -> Result<(), Failed> {
        let takes = self.case.takes(step, phase, attempt);
        let limit = self.case.policy(step, phase).limit(step);
        let time = limit.map_or(takes, |limit| takes.min(limit));
        self.goes_on(step, phase, false, time);
        self.world.clock.pass(time).await;
        let Attempt { ends, .. } = self.case.attempt(step, phase, attempt);
        let (failure, when, in_doubt) = match ends {
            _ if takes > time => (Failure::TimedOut, true, true),
            Ends::Completes => return Ok(()),
            Ends::Fails { when, in_doubt } => (Failure::Error(attempt), when, in_doubt),
            Ends::Panics => (Failure::Panicked(attempt), true, true),
        };
        Err(Failed {
            failure,
            when,
            in_doubt,
        })
    }

    /// An attempt that is a run of another saga.
    async fn nest(&self, index: usize, step: &mut Step<'a>) -> Result<(), Failed> {
        let attempt = step.attempt;
        if self.case.attempt(index, Phase::Do, attempt).ends == Ends::Panics {
            // Before it is begun.
            step.run = None;
            return Err(Failed {
                failure: Failure::Panicked(attempt),
                when: false,
                in_doubt: false,
            });
        }
        let case = self.case.run(index, attempt);
        let now = self.world.clock.now();
        let from_now = |after: Option<u64>| after.map(|after| now + after);
        let limit = self.case.policy(index, Phase::Do).limit(index);
        let own = [from_now(limit), from_now(case.shape.deadline())];
        let outer = (!self.case.shape.is_after_pivot(index)).then_some(self.limits);
        let of_outer = outer.and_then(|outer| outer.deadline);
        let limits = Limits {
            cancel: outer.and_then(|outer| outer.cancel),
            deadline: own.into_iter().chain([of_outer]).flatten().min(),
        };
        let within = self.within.iter().copied().chain([(index, attempt)]);
        let id = format!("{}/{attempt}", self.of_run(index));
        let mut run = Run::of(self.world, case, within.collect(), id, limits);
        Box::pin(run.to_its_end()).await;
        let stuck = run.end() == End::Stuck;
        let ended = match run.cause {
            None => Ok(()),
            Some(cause) => Err(Failed {
                failure: Failure::Run,
                when: !stuck && run.is_worth_another(cause),
                in_doubt: stuck,
            }),
        };
        step.run = Some(Box::new(run));
        ended
    }

    /// What the predicate of the step around it says; but a run whose time was up is always repeated.
    fn is_worth_another(&self, cause: Cause) -> bool {
        match cause {
            Cause::DeadlineExceeded => true,
            Cause::Cancelled => false,
            Cause::Step(gave_up) => {
                let attempt = |number| self.case.attempt(gave_up.step, Phase::Do, number);
                match gave_up.failure {
                    Failure::Error(number) => {
                        matches!(attempt(number).ends, Ends::Fails { when: true, .. })
                    }
                    _ => true,
                }
            }
        }
    }

    /// After the steps before `end` have ended, one of them without an output.
    async fn roll_back(&mut self, end: usize) {
        let shape = self.case.shape;
        let declared = shape.steps();
        let no_way_back = |index: usize| match declared[index].kind {
            Kind::Pivot => declared[index].undo == Takes::Nothing,
            Kind::Last => true,
            _ => false,
        };
        let in_doubt = |index: &usize| self.steps[*index].outcome == Outcome::InDoubt;
        let mut in_doubt = (0..end).filter(in_doubt);
        if shape.is_after_pivot(end - 1) || in_doubt.any(no_way_back) {
            self.stuck = true;
            return;
        }
        let because = match self.cause {
            Some(Cause::Step(gave_up)) => Because::Step {
                depth: shape.depth,
                step: gave_up.step,
            },
            Some(Cause::Cancelled) => Because::Cancelled,
            Some(Cause::DeadlineExceeded) | None => Because::DeadlineExceeded,
        };
        for index in (0..end).rev() {
            let (step, declared) = (&self.steps[index], &declared[index]);
            let is_nested = declared.runs.is_some();
            match (step.outcome, declared.undo) {
                (Outcome::InDoubt, _) if is_nested => self.stuck = true,
                (Outcome::InDoubt, Takes::Attempt) => {
                    self.compensate(index, Given::InDoubt, because).await;
                }
                (Outcome::InDoubt, Takes::Output) => self.stuck = true,
                (Outcome::Completed, _) => self.undo_completed(index, because).await,
                _ => {}
            }
        }
    }

    /// A step that completed, if anything undoes it.
    async fn undo_completed(&mut self, index: usize, because: Because) {
        let step = &self.case.shape.steps()[index];
        if step.runs.is_some() && step.kind == Kind::Compensatable {
            Box::pin(self.undo_run(index, because)).await;
        } else if step.undo != Takes::Nothing && step.kind != Kind::Pivot {
            let given = Given::OutputOf(self.steps[index].attempt);
            self.compensate(index, given, because).await;
        }
    }

    /// The whole run that a step was, last step first.
    async fn undo_run(&mut self, index: usize, because: Because) {
        let step = &mut self.steps[index];
        let run = step.run.as_mut().expect("a run that completed");
        for index in (0..run.steps.len()).rev() {
            if run.steps[index].outcome == Outcome::Completed {
                run.undo_completed(index, because).await;
            }
        }
        if run.compensations.is_empty() {
            (run.undo, step.undo) = (Undo::Done, Undo::Done);
            return;
        }
        (run.undo, step.undo) = (Undo::GaveUp, Undo::GaveUp);
        let in_doubt = run.compensations.iter().any(|gave_up| gave_up.in_doubt);
        self.not_undone(index, Failure::Run, 1, in_doubt);
    }

    async fn compensate(&mut self, index: usize, given: Given, because: Because) {
        let policy = self.case.policy(index, Phase::Undo);
        let mut in_doubt = false;
        for attempt in 1.. {
            let call = Call::Undo(index, attempt, given, because);
            self.called(call, index, Phase::Undo);
            let undone = self.of_its_own(index, Phase::Undo, attempt).await;
            let Err(failed) = undone else {
                self.steps[index].undo = Undo::Done;
                return;
            };
            in_doubt |= failed.in_doubt;
            if !failed.when || attempt == policy.attempts {
                self.not_undone(index, failed.failure, attempt, in_doubt);
                return;
            }
            self.wait(index, Phase::Undo, policy, None, || false).await;
        }
    }

    fn not_undone(&mut self, index: usize, failure: Failure, attempts: u32, in_doubt: bool) {
        let step = &mut self.steps[index];
        step.undo = Undo::GaveUp;
        step.not_undone = Some((attempts, in_doubt));
        self.compensations.push(GaveUp {
            step: index,
            phase: Phase::Undo,
            failure,
            attempts,
            in_doubt,
        });
    }

    /// What the keys of a step begin with, and the ids of its runs.
    fn of_run(&self, step: usize) -> String {
        let shape = &self.case.shape;
        let name = name(shape.depth, step);
        format!("{}/{}/{name}", shape.name(), self.id)
    }

    fn called(&self, call: Call, step: usize, phase: Phase) {
        let phase = match phase {
            Phase::Do => "do",
            Phase::Undo => "undo",
        };
        self.world.calls.borrow_mut().push(Called {
            within: self.within.clone(),
            key: format!("{}/{phase}", self.of_run(step)),
            call,
        });
    }

    /// For so long.
    fn goes_on(&self, step: usize, phase: Phase, waits: bool, time: u64) {
        let from = self.world.clock.now();
        self.world.spans.borrow_mut().push(Span {
            step,
            depth: self.within.len(),
            top: self.within.first().map_or(step, |(top, _)| *top),
            phase,
            waits,
            from,
            to: from + time,
        });
    }
}
