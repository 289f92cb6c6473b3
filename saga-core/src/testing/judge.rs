//! Computes what must happen in a cell: which attempts are made, in which order, and how the run ends.
//!
//! It is computed from the definition and the fault alone. It is deliberately written apart from the driver and its
//! verdict, after the tables in the documentation of this crate: a bug in one of the two makes them differ.

use core::ops::Range;
use std::collections::{BTreeMap, BTreeSet};

use super::ending::Ending;
use super::fault::{Cell, Fault, FaultAt};
use super::log::LoggedAttempt;
use crate::definition::{Compensation, Definition, Kind, Phase, Step};
use crate::observe::SagaOutcome;

/// What is known of the saga and its methods beside the definition.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The steps whose condition returns `false` for the input, as the run without a fault showed.
    pub(super) skipped: BTreeSet<String>,
    /// Whether the error that a step or compensation fails with is one that its `when` accepts.
    pub(super) accepted: BTreeMap<(String, Phase), bool>,
    /// Whether the members of a group may run in any order.
    pub(super) any_order: bool,
    /// The steps that the end of the process interrupted, by their names in a journal.
    pub(super) interrupted: BTreeMap<String, Interrupted>,
    /// The last attempt that was made of each step, by its name in a journal. It decides only where that is a matter of
    /// time: beside a member of a group that gives up before it is called.
    pub(super) last_made: BTreeMap<String, u32>,
}

/// A step that the end of the process interrupted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interrupted {
    /// The attempt that was interrupted.
    pub(super) attempt: u32,
    /// Whether the method was called in that attempt.
    pub(super) is_called: bool,
    /// How many attempts were made in the end, if the last one failed without a fault.
    pub(super) failed: Option<u32>,
}

/// What must happen.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) calls: Vec<LoggedAttempt>,
    /// The calls whose order is not fixed: those of a group of which a member runs a saga.
    loose: Vec<Range<usize>>,
    pub(super) ending: Ending,
    /// Whether the expectation is known: a saga that failed may be run again, if `when` accepts its error.
    pub(super) is_known: bool,
}

impl Expected {
    pub(super) fn of(definition: &'static Definition, cell: &Cell, known: &Known) -> Self {
        let mut judge = Judge {
            cell,
            known,
            calls: Vec::new(),
            loose: Vec::new(),
            runs: BTreeMap::new(),
            is_cancelled: false,
            is_stopped: false,
            is_known: true,
        };
        let fallen = judge.run(definition, "", true);
        Self {
            calls: judge.calls,
            loose: judge.loose,
            is_known: judge.is_known,
            ending: fallen.map_or_else(Ending::completed, Fallen::into_ending),
        }
    }

    /// Whether these calls are the expected ones.
    pub(super) fn is(&self, attempts: &[LoggedAttempt]) -> bool {
        let (mut expected, mut attempts) = (self.calls.clone(), attempts.to_vec());
        for range in &self.loose {
            for calls in [&mut expected, &mut attempts] {
                if let Some(calls) = calls.get_mut(range.clone()) {
                    calls.sort();
                }
            }
        }
        expected == attempts
    }
}

/// A run that did not complete.
struct Fallen {
    cancelled: bool,
    gave_up: Option<StepGaveUp>,
    stuck: bool,
    left: Vec<&'static str>,
}

impl Fallen {
    fn into_ending(self) -> Ending {
        let first = self.gave_up.filter(|_| !self.cancelled);
        Ending {
            outcome: if self.stuck || !self.left.is_empty() {
                SagaOutcome::Stuck
            } else {
                SagaOutcome::Compensated
            },
            step: first.as_ref().map(|gave_up| gave_up.step.name),
            attempts: first.as_ref().map_or(0, |gave_up| gave_up.attempts),
            in_doubt: first.is_some_and(|gave_up| gave_up.in_doubt),
            cancelled: self.cancelled,
            left: self.left,
        }
    }
}

#[derive(Clone, Copy)]
struct StepGaveUp {
    step: &'static Step,
    attempts: u32,
    in_doubt: bool,
    /// Whether it gave up because the run was cancelled, of which a nested saga was notified.
    cancelled: bool,
}

/// What is done about the steps before one that gave up, and about that step.
struct UndoDue {
    others: bool,
    itself: bool,
    stuck: bool,
}

struct Judge<'a> {
    cell: &'a Cell,
    known: &'a Known,
    calls: Vec<LoggedAttempt>,
    loose: Vec<Range<usize>>,
    /// How often each step that runs a saga has begun.
    runs: BTreeMap<String, u32>,
    is_cancelled: bool,
    /// Whether a member of the group in flight has given up before it was called, so that its siblings begin no other
    /// attempt from then on.
    is_stopped: bool,
    is_known: bool,
}

impl Judge<'_> {
    /// Runs this saga, which a cancellation reaches if `hears`. `None` if it completes.
    fn run(&mut self, saga: &'static Definition, prefix: &str, hears: bool) -> Option<Fallen> {
        let mut begin = 0;
        while begin < saga.steps.len() {
            let stage = saga.stage(begin);
            let past = has_pivot(saga, begin);
            if hears && !past && self.is_cancelled {
                return Some(Fallen {
                    cancelled: true,
                    gave_up: None,
                    stuck: false,
                    left: self.undo(saga, prefix, begin, None),
                });
            }
            begin = stage.end;
            let gave_up = self.stage(saga, prefix, stage.clone(), hears && !past, past);
            if let Some(gave_up) = gave_up {
                let due = due(gave_up, past);
                let not_undone = (!due.itself).then_some(gave_up.step.index);
                let left = if due.others {
                    self.undo(saga, prefix, stage.end, not_undone)
                } else {
                    Vec::new()
                };
                return Some(Fallen {
                    cancelled: gave_up.cancelled,
                    gave_up: Some(gave_up),
                    stuck: due.stuck,
                    left,
                });
            }
        }
        None
    }

    /// Runs the steps of a stage at the same time, each to its own end.
    fn stage(
        &mut self,
        saga: &'static Definition,
        prefix: &str,
        stage: Range<usize>,
        hears: bool,
        past: bool,
    ) -> Option<StepGaveUp> {
        let from = self.calls.len();
        let mut members: Vec<_> = saga.steps.get(stage).unwrap_or_default().iter().collect();
        if let Some(order) = self.cell.order.as_ref().filter(|o| o.prefix == prefix) {
            let turn = |step: &&Step| order.members.iter().position(|name| *name == step.name);
            members.sort_by_key(turn);
        }
        // A member that is not called again gives up before an attempt of a sibling can end.
        members.sort_by_key(|member| !self.is_not_called_again(member, prefix));
        let gives_up = members
            .first()
            .is_some_and(|first| self.is_not_called_again(first, prefix));
        let is_stopped = gives_up && members.len() > 1 && !past;
        let mut gave_up = None;
        for member in &members {
            self.is_stopped = is_stopped;
            gave_up = gave_up.or(self.step(member, prefix, hears));
        }
        self.is_stopped = false;
        let is_loose = self.known.any_order || members.iter().any(|member| member.nested.is_some());
        if members.len() > 1 && is_loose {
            self.loose.push(from..self.calls.len());
        }
        gave_up
    }

    /// Whether this step was interrupted, and is not called again.
    fn is_not_called_again(&self, step: &Step, prefix: &str) -> bool {
        let name = self.journal_name(&format!("{prefix}{}", step.name));
        let has_effect = step.kind != Kind::ReadOnly;
        step.at_most_once && has_effect && self.known.interrupted.contains_key(&name)
    }

    fn step(&mut self, step: &'static Step, prefix: &str, hears: bool) -> Option<StepGaveUp> {
        let path = format!("{prefix}{}", step.name);
        let Some(saga) = step.nested else {
            let attempts = self.attempts(&path, &path, Phase::Step, step);
            let (attempts, in_doubt) = attempts?;
            return Some(StepGaveUp {
                step,
                attempts,
                in_doubt: in_doubt && step.kind != Kind::ReadOnly,
                cancelled: false,
            });
        };
        if self.known.skipped.contains(&path) {
            return None;
        }
        let is_stopped = core::mem::take(&mut self.is_stopped);
        let mut attempts = 0;
        loop {
            attempts += 1;
            self.runs.insert(path.clone(), attempts);
            let fallen = self.run(saga, &format!("{path}/"), hears)?;
            let in_doubt = fallen.stuck || !fallen.left.is_empty();
            // A saga that is stuck is never run again.
            let is_last = in_doubt || attempts >= step.policy.attempts;
            // It is a matter of time whether the run ended before the sibling gave up.
            self.is_known &= is_last || !is_stopped;
            // Only the driver calls the predicate for the error of a saga: whether this run is the last one allowed.
            self.is_known &= is_last || fallen.cancelled || step.when.is_none();
            // A cancellation is the cause if it prevented something: a step inside, or another run.
            let cancelled = fallen.cancelled || (hears && self.is_cancelled && !is_last);
            if is_last || cancelled {
                return Some(StepGaveUp {
                    step,
                    attempts,
                    in_doubt,
                    cancelled,
                });
            }
        }
    }

    /// Undoes the steps before this position, last first, except for one. Returns the steps whose undo gave up.
    fn undo(
        &mut self,
        saga: &'static Definition,
        prefix: &str,
        before: usize,
        without: Option<usize>,
    ) -> Vec<&'static str> {
        let done = saga.steps.iter().take(before).rev();
        let due = done.filter(|step| Some(step.index) != without);
        due.filter_map(|step| self.undo_step(step, prefix))
            .collect()
    }

    /// Undoes one step, if it can be undone. Returns its name if the undo gave up.
    fn undo_step(&mut self, step: &'static Step, prefix: &str) -> Option<&'static str> {
        let path = format!("{prefix}{}", step.name);
        if self.known.skipped.contains(&path) {
            return None;
        }
        let gave_up = match (step.nested, &step.compensation) {
            (Some(saga), _) if step.kind == Kind::Compensatable => {
                let inner = format!("{path}/");
                !self.undo(saga, &inner, saga.steps.len(), None).is_empty()
            }
            (_, Some(compensation)) => {
                let called = format!("{prefix}{}", compensation.method);
                self.attempts(&path, &called, Phase::Compensation, step)
                    .is_some()
            }
            _ => false,
        };
        gave_up.then_some(step.name)
    }

    /// The attempts of a call. If it gives up, returns their number and whether it is in doubt.
    fn attempts(
        &mut self,
        path: &str,
        called: &str,
        phase: Phase,
        step: &Step,
    ) -> Option<(u32, bool)> {
        let (at, policy) = match (phase, &step.compensation) {
            (Phase::Compensation, Some(undo)) => (&self.cell.undo, &undo.policy),
            _ => (&self.cell.step, &step.policy),
        };
        let fault = at.as_ref().filter(|at| at.step == path);
        let fault = fault.map(|FaultAt { fault, .. }| *fault);
        let key = (path.to_owned(), phase);
        let is_accepted = self.known.accepted.get(&key).copied().unwrap_or(false);
        // The number of attempts and, if the call gives up, whether it is in doubt.
        let (attempts, gives_up) = match fault {
            None | Some(Fault::Cancellation | Fault::Twice) => (1, None),
            Some(Fault::ErrorThenSuccess) => (2, None),
            Some(Fault::Error) if is_accepted => (policy.attempts, Some(false)),
            Some(Fault::Error) => (1, Some(false)),
            Some(Fault::Panic) if phase == Phase::Step => (1, Some(true)),
            Some(Fault::InDoubtAfterEffect | Fault::InDoubtWithoutEffect) if step.at_most_once => {
                (1, Some(true))
            }
            Some(_) => (policy.attempts, Some(true)),
        };
        let interrupted = match phase {
            Phase::Step => self.known.interrupted.get(&self.journal_name(path)),
            Phase::Compensation => None,
        };
        // A call that was interrupted and gives up may have taken effect.
        let (made, attempts, gives_up) = match (interrupted, gives_up) {
            (None, gives_up) => (attempts, attempts, gives_up),
            (Some(at), _) if step.at_most_once && step.kind != Kind::ReadOnly => {
                let made = at.attempt - u32::from(!at.is_called);
                (made, at.attempt, Some(true))
            }
            (
                Some(Interrupted {
                    failed: Some(attempts),
                    ..
                }),
                None,
            ) => (*attempts, *attempts, Some(true)),
            (Some(_), gives_up) => (attempts, attempts, gives_up.map(|_| true)),
        };
        let (made, attempts, gives_up) = match interrupted {
            _ if !self.is_stopped || phase == Phase::Compensation => (made, attempts, gives_up),
            Some(_) if step.at_most_once && step.kind != Kind::ReadOnly => {
                (made, attempts, gives_up)
            }
            // The attempt in flight is finished; whether another one follows is a matter of time.
            interrupted => {
                let in_flight = interrupted.map_or(1, |at| at.attempt);
                let last = self.known.last_made.get(&self.journal_name(path));
                let last = last.map_or(attempts, |last| *last).max(in_flight);
                if last < attempts {
                    let timed_out = fault.is_some_and(Fault::is_doubt);
                    (last, last, Some(interrupted.is_some() || timed_out))
                } else {
                    (made, attempts, gives_up)
                }
            }
        };
        for attempt in 1..=made {
            self.calls.push(LoggedAttempt {
                step: path.to_owned(),
                called: called.to_owned(),
                phase,
                attempt,
                fault: fault.and_then(|fault| fault.at(attempt)),
                skipped: phase == Phase::Step && self.known.skipped.contains(path),
            });
        }
        self.is_cancelled |= fault == Some(Fault::Cancellation);
        gives_up.map(|in_doubt| (attempts, in_doubt))
    }

    /// The name of this step in a journal: each step that runs a saga is followed by the number of its attempt.
    fn journal_name(&self, path: &str) -> String {
        let mut name = Vec::new();
        for (end, _) in path.match_indices('/') {
            let (around, _) = path.split_at(end);
            let step = around.rsplit('/').next().unwrap_or_default();
            let run = self.runs.get(around).copied().unwrap_or(1);
            name.push(format!("{step}/{run}"));
        }
        let step = path.rsplit('/').next().unwrap_or_default();
        name.push(format!("{step}/do"));
        name.join("/")
    }
}

fn has_pivot(saga: &Definition, before: usize) -> bool {
    let mut done = saga.steps.iter().take(before);
    done.any(|step| step.kind == Kind::Pivot)
}

/// The consequence of a step that gave up.
fn due(gave_up: StepGaveUp, past_the_pivot: bool) -> UndoDue {
    let StepGaveUp { step, in_doubt, .. } = gave_up;
    let (others, itself, stuck) = match step.kind {
        _ if past_the_pivot => (false, false, true),
        _ if !in_doubt => (true, false, false),
        _ if step
            .compensation
            .as_ref()
            .is_some_and(Compensation::takes_attempt) =>
        {
            (true, true, false)
        }
        Kind::Compensatable => (true, false, true),
        Kind::ReadOnly | Kind::NoCompensation { .. } => (true, false, false),
        Kind::Pivot | Kind::Last | Kind::Retriable => (false, false, true),
    };
    UndoDue {
        others,
        itself,
        stuck,
    }
}
