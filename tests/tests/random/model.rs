//! A short model of a run, written from the documented meaning of a saga and independently of the driver.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::ops::Range;
use core::pin::Pin;
use core::task::Poll;

use crate::case::{Case, Phase};
use crate::clock::Clock;
use crate::summary::{
    Answer, Call, Called, Cause, End, Failure, GaveUp, Outcome, RunSummary, Undo, Within, name,
};

/// What happens in a case.
pub(crate) struct Modelled {
    /// What the driver has to do.
    pub(crate) summary: RunSummary,
    /// What is in progress while the saga runs, and when.
    pub(crate) spans: Vec<Span>,
    /// Whether chance decides what happens: two members of a group wait for random times, and the
    /// first to continue may keep the other from it.
    pub(crate) is_race: bool,
}

pub(crate) fn run(case: &Case) -> Modelled {
    let world = World::default();
    let summary = world.summary(case);
    Modelled {
        summary,
        spans: world.spans.into_inner(),
        is_race: world.is_race.get(),
    }
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

/// The state that all runs share.
#[derive(Default)]
pub(crate) struct World {
    pub(super) clock: Clock,
    calls: RefCell<Vec<Called>>,
    pub(super) spans: RefCell<Vec<Span>>,
    pub(super) waiting: Cell<usize>,
    pub(super) is_race: Cell<bool>,
}

impl World {
    fn summary(&self, case: &Case) -> RunSummary {
        let limits = Limits {
            cancel: case.cancel,
            deadline: case.deadline(),
        };
        let mut run = Run::of(self, case.clone(), Vec::new(), "1".to_owned(), limits);
        self.clock.run(run.run_and_undo());
        let steps = run.steps.iter().map(|step| (step.outcome, step.undo));
        RunSummary {
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
pub(crate) struct Limits {
    pub(super) cancel: Option<u64>,
    pub(super) deadline: Option<u64>,
}

impl Limits {
    /// Why no other call may begin, if the run has been ended from outside.
    pub(super) fn asked(self, now: u64) -> Option<Cause> {
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
    pub(super) world: &'a World,
    pub(super) case: Case,
    pub(super) within: Within,
    pub(crate) id: String,
    pub(super) limits: Limits,
    pub(crate) cause: Option<Cause>,
    pub(super) gave_up: Vec<GaveUp>,
    pub(crate) steps: Vec<Step<'a>>,
    pub(super) compensations: Vec<GaveUp>,
    pub(super) stuck: bool,
    /// How the whole run was undone after it had completed.
    pub(crate) undo: Undo,
    /// When a cancellation came too late to change anything.
    pub(super) too_late_after: u64,
}

/// What became of a step.
pub(crate) struct Step<'a> {
    pub(crate) outcome: Outcome,
    pub(crate) undo: Undo,
    /// Of its compensation, if that gave up.
    pub(crate) not_undone: Option<(u32, bool)>,
    /// Which attempt is or was in flight.
    pub(super) attempt: u32,
    /// The run that it was.
    pub(crate) run: Option<Box<Run<'a>>>,
}

/// Why a step has no output.
pub(crate) enum Stop {
    GaveUp(GaveUp),
    Ended(Cause, Option<GaveUp>),
}

/// How an attempt failed, whether it is worth another one, and whether it may have taken effect.
pub(crate) struct Failed {
    pub(super) failure: Failure,
    pub(super) when: bool,
    pub(super) in_doubt: bool,
    /// What ended the run that the attempt was, if it also ended the run around it.
    pub(super) cut_short: Option<Cause>,
}

type Member<'b, 'a> = Pin<Box<dyn Future<Output = (Step<'a>, Option<Stop>)> + 'b>>;

impl<'a> Run<'a> {
    pub(super) fn of(
        world: &'a World,
        case: Case,
        within: Within,
        id: String,
        limits: Limits,
    ) -> Self {
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

    pub(super) async fn run_and_undo(&mut self) {
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

    /// A group, or a single step as a group of one. Whenever anything happens, all members have their turn in
    /// order. Once one of them gives up, all others see it at once.
    async fn run_stage(&mut self, stage: Range<usize>) {
        let one_gave_up = Cell::new(false);
        let may_stop = !self.case.shape.is_after_pivot(stage.start);
        let mut ended = Vec::new();
        {
            let (me, one_gave_up) = (&*self, &one_gave_up);
            let begin = |index| -> Option<Member<'_, 'a>> {
                Some(Box::pin(me.run_step(index, one_gave_up)))
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

    /// What the keys of a step begin with, and the ids of its runs.
    pub(super) fn of_run(&self, step: usize) -> String {
        let shape = &self.case.shape;
        let name = name(shape.depth, step);
        format!("{}/{}/{name}", shape.name(), self.id)
    }

    pub(super) fn called(&self, call: Call, step: usize, phase: Phase) {
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
    pub(super) fn goes_on(&self, step: usize, phase: Phase, waits: bool, time: u64) {
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
