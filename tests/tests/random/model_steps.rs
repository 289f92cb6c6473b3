//! What the model says of a step: its attempts, and the waits between them.

use core::cell::Cell;
use core::future::poll_fn;
use core::task::Poll;

use crate::case::{Attempt, Condition, Ends, Kind, Phase, Policy};
use crate::model::{Failed, Limits, Run, Step, Stop, WAIT, World};
use crate::summary::{Call, Cause, End, Failure, GaveUp, Outcome, Undo};

impl<'a> Run<'a> {
    /// A step, until an attempt completes or there is no other.
    pub(super) async fn run_step(
        &self,
        index: usize,
        one_gave_up: &Cell<bool>,
    ) -> (Step<'a>, Option<Stop>) {
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
                        cut_short: None,
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
            let is_allowed = failed.when
                && !matches!(failed.failure, Failure::Panicked(_))
                && step.attempt < policy.attempts
                && !(declared.at_most_once && in_doubt);
            let limits = may_stop.then_some(self.limits);
            if !is_allowed {
                // The last one: whatever has happened meanwhile prevented nothing.
                break (failed.failure, failed.cut_short);
            }
            if stopped() || !self.wait(index, Phase::Do, policy, limits, stopped).await {
                break (failed.failure, asked());
            }
            step.attempt += 1;
        };
        let (failure, why) = failure;
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
        let stop = match why {
            Some(why) => Stop::Ended(why, Some(gave_up)),
            None => Stop::GaveUp(gave_up),
        };
        (step, Some(stop))
    }

    /// The wait before another attempt; whether there is one.
    pub(super) async fn wait(
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

    pub(super) async fn attempt(&self, index: usize, step: &mut Step<'a>) -> Result<(), Failed> {
        self.called(Call::Do(index, step.attempt), index, Phase::Do);
        if self.case.shape.steps()[index].runs.is_some() {
            self.nest(index, step).await
        } else {
            self.of_its_own(index, Phase::Do, step.attempt).await
        }
    }

    /// An attempt of a step or compensation that runs no saga.
    pub(super) async fn of_its_own(
        &self,
        step: usize,
        phase: Phase,
        attempt: u32,
    ) -> Result<(), Failed> {
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
            cut_short: None,
        })
    }

    /// An attempt that is a run of another saga.
    pub(super) async fn nest(&self, index: usize, step: &mut Step<'a>) -> Result<(), Failed> {
        let attempt = step.attempt;
        if self.case.attempt(index, Phase::Do, attempt).ends == Ends::Panics {
            // Before it is begun.
            step.run = None;
            return Err(Failed {
                failure: Failure::Panicked(attempt),
                when: false,
                in_doubt: false,
                cut_short: None,
            });
        }
        let case = self.case.run(index, attempt);
        let now = self.world.clock.now();
        let from_now = |after: Option<u64>| after.map(|after| now + after);
        let limit = self.case.policy(index, Phase::Do).limit(index);
        let own = [from_now(limit), from_now(case.shape.deadline())];
        let outer = (!self.case.shape.is_after_pivot(index)).then_some(self.limits);
        let of_outer = outer.and_then(|outer| outer.deadline);
        let own = own.into_iter().flatten().min();
        let is_own = own.is_some_and(|own| of_outer.is_none_or(|outer| own < outer));
        let limits = Limits {
            cancel: outer.and_then(|outer| outer.cancel),
            deadline: if is_own { own } else { of_outer },
        };
        let within = self.within.iter().copied().chain([(index, attempt)]);
        let id = format!("{}/{attempt}", self.of_run(index));
        let mut run = Run::of(self.world, case, within.collect(), id, limits);
        Box::pin(run.run_and_undo()).await;
        let stuck = run.end() == End::Stuck;
        let ended = match run.cause {
            None => Ok(()),
            Some(cause) => Err(Failed {
                failure: Failure::Run,
                when: !stuck && run.is_worth_another(cause),
                in_doubt: stuck,
                cut_short: match cause {
                    Cause::Cancelled => Some(cause),
                    Cause::DeadlineExceeded if !is_own => Some(cause),
                    Cause::DeadlineExceeded | Cause::Step(_) => None,
                },
            }),
        };
        step.run = Some(Box::new(run));
        ended
    }

    /// What the predicate of the step around it says; but a run whose time was up is always repeated.
    pub(super) fn is_worth_another(&self, cause: Cause) -> bool {
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
}
