//! Judges a saga after several lives of its process by the rules of the design: §3 and the durable contract. It
//! only looks at the calls of the service and at the records.
//!
//! It is independent of the engine's code.

mod definitions;
mod records;
mod stops;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use saga_core::definition::{Definition, Kind, Step};
use saga_core::durable::{CallId, CancelOutcome, Entry, SagaState};

pub use self::text::written;

use self::definitions::{can_be_cancelled, step_of, takes_attempt};
use self::records::{Recorded, attempt_ended, ended, mentioned};
use crate::history::{Event, Returned};

/// Returns what is wrong with a saga that ended like this; nothing if all is right.
///
/// # Panics
///
/// If the history has no end of a life.
#[must_use]
pub fn judge(definition: &'static Definition, events: &[Event], end: SagaState) -> Vec<String> {
    let mut judge = Judge::of(events);
    judge.sequence(events);
    judge.stops(definition, events);
    let run = judge.run(definition, "", true);
    let is = match run.end {
        RunEnd::Completed => SagaState::Completed,
        RunEnd::Stuck => SagaState::Stuck,
        RunEnd::Compensated | RunEnd::NotRun => SagaState::Compensated,
    };
    if is != end {
        judge.say(format!("it ended as {end}, and has to be {is}"));
    }
    judge.effects(definition, end);
    judge.wrong
}

/// One execution of an attempt.
#[derive(Debug, Clone)]
struct Execution {
    attempt: u32,
    /// The index of the event at which it began.
    at: usize,
    life: usize,
    returned: Option<Returned>,
    /// Whether a record says that it ended.
    recorded: bool,
    /// What an undo got.
    completed: Option<bool>,
}

impl Execution {
    /// Whether it may have taken effect, although it is not certain that it completed.
    fn is_doubtful(&self) -> bool {
        match self.returned {
            _ if !self.recorded => true,
            // Timed out.
            None | Some(Returned::Panic) => true,
            Some(Returned::Error { in_doubt, .. }) => in_doubt,
            Some(Returned::Output) => false,
        }
    }

    fn has_completed(&self) -> bool {
        self.recorded && self.returned == Some(Returned::Output)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StepEnd {
    NotRun,
    Skipped,
    Completed,
    Failed,
    InDoubt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RunEnd {
    NotRun,
    Completed,
    Compensated,
    Stuck,
}

struct Run {
    end: RunEnd,
}

struct Judge {
    calls: BTreeMap<String, Vec<Execution>>,
    /// The records at the end of each life.
    lives: Vec<Vec<Entry>>,
    /// The indices of the events at which the lives ended.
    overs: Vec<(usize, bool)>,
    /// The index of the event after which no step that can be cancelled may begin.
    stopped: Option<usize>,
    /// Whether its deadline may have passed.
    may_be_stopped: bool,
    wrong: Vec<String>,
}

impl Judge {
    fn of(events: &[Event]) -> Self {
        let mut judge = Self {
            calls: BTreeMap::new(),
            lives: Vec::new(),
            overs: Vec::new(),
            stopped: None,
            may_be_stopped: false,
            wrong: Vec::new(),
        };
        for (at, event) in events.iter().enumerate() {
            match event {
                Event::Began {
                    call,
                    attempt,
                    completed,
                } => {
                    let executions = judge.calls.entry(call.clone()).or_default();
                    executions.push(Execution {
                        attempt: *attempt,
                        at,
                        life: judge.lives.len(),
                        returned: None,
                        recorded: false,
                        completed: *completed,
                    });
                }
                Event::Ended {
                    call,
                    attempt,
                    result,
                } => {
                    let executions = judge.calls.get_mut(call);
                    let last = executions
                        .and_then(|all| all.last_mut())
                        .expect("one that began");
                    assert_eq!(last.attempt, *attempt, "{call}");
                    last.returned = Some(*result);
                }
                Event::LifeOver { recorded, in_order } => {
                    let life = judge.lives.len();
                    for (call, executions) in &mut judge.calls {
                        for execution in executions.iter_mut().filter(|one| one.life == life) {
                            execution.recorded = attempt_ended(recorded, call, execution.attempt);
                        }
                    }
                    if recorded.contains(&Entry::CancelRequested {}) {
                        // Also if the process ended before it was answered.
                        judge.stopped.get_or_insert(at);
                    }
                    judge.lives.push(recorded.clone());
                    judge.overs.push((at, *in_order));
                }
                Event::Cancelled(CancelOutcome::Requested) | Event::Overdue => {
                    judge.stopped.get_or_insert(at);
                }
                Event::MayBeOverdue => judge.may_be_stopped = true,
                Event::Cancelled(_) | Event::Asked { .. } => {}
            }
        }
        judge
    }

    fn say(&mut self, what: String) {
        self.wrong.push(what);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.is_some() || self.may_be_stopped
    }

    fn records(&self) -> &[Entry] {
        self.lives.last().expect("a life that is over")
    }

    fn executions(&self, call: &str) -> &[Execution] {
        self.calls.get(call).map_or(&[], Vec::as_slice)
    }

    /// Each attempt is executed once. It is repeated only if the end of a process interrupted it.
    fn sequence(&mut self, events: &[Event]) {
        let mut wrong = Vec::new();
        for (call, executions) in &self.calls {
            if executions.first().is_some_and(|first| first.attempt != 1) {
                wrong.push(format!("{call} begins with another attempt than the first"));
            }
            for pair in executions.windows(2) {
                let [before, after] = pair else { continue };
                let follows = if before.recorded {
                    after.attempt == before.attempt + 1
                } else {
                    after.attempt == before.attempt && after.life > before.life
                };
                if !follows {
                    wrong.push(format!(
                        "{call}: attempt {} (recorded: {}) is followed by attempt {}",
                        before.attempt, before.recorded, after.attempt
                    ));
                }
            }
            for execution in executions {
                let before = execution.life.checked_sub(1).map(|life| &self.lives[life]);
                if before.is_some_and(|recorded| ended(recorded, call).is_some()) {
                    wrong.push(format!("{call} is executed though its end is recorded"));
                }
                let (_, in_order) = self.overs[execution.life];
                if in_order && !execution.recorded {
                    wrong.push(format!("{call} is interrupted by an orderly shutdown"));
                }
            }
        }
        // A call has at most one record of its end.
        let mut seen = BTreeSet::new();
        for entry in self.records() {
            if let Entry::Completed { call, .. } | Entry::GaveUp { call, .. } = entry
                && !seen.insert(call.to_string())
            {
                wrong.push(format!("{call} is recorded to have ended twice"));
            }
        }
        // A condition is not evaluated again once its result is recorded.
        let mut life = 0;
        for event in events {
            match event {
                Event::LifeOver { .. } => life += 1,
                Event::Asked { call } if life > 0 => {
                    let before = &self.lives[life - 1];
                    let began = before.iter().any(|entry| matches!(entry, Entry::Began { call: of, .. } | Entry::NestedBegan { call: of, .. } if of.to_string() == *call));
                    if began || ended(before, call).is_some() {
                        wrong.push(format!("the condition of {call} is asked again"));
                    }
                }
                _ => {}
            }
        }
        self.wrong.extend(wrong);
    }

    /// The result of a run. The names of its calls begin with `within`.
    fn run(&mut self, definition: &'static Definition, within: &str, is_outermost: bool) -> Run {
        let steps = definition.steps;
        let mut ends = vec![StepEnd::NotRun; steps.len()];
        let mut next = 0;
        let mut has_stopped = false;
        while next < steps.len() {
            let stage = definition.stage(next);
            for index in stage.clone() {
                let step = &steps[index];
                ends[index] = self.step(step, within);
                if has_stopped && ends[index] != StepEnd::NotRun {
                    self.say(format!(
                        "{within}{} runs after the run has stopped",
                        step.name
                    ));
                }
            }
            has_stopped |= stage
                .clone()
                .any(|index| !matches!(ends[index], StepEnd::Completed | StepEnd::Skipped));
            next = stage.end;
        }
        self.repeats(definition, within, &ends);
        if !has_stopped {
            if is_outermost {
                self.nothing_undone(definition, within);
            }
            return Run {
                end: RunEnd::Completed,
            };
        }
        let any = |is: fn(&StepEnd) -> bool| ends.iter().any(is);
        let has_failed = any(|end| matches!(end, StepEnd::Failed | StepEnd::InDoubt));
        if !has_failed && is_outermost && !self.is_stopped() {
            self.say("it stopped, and nothing failed or asked for that".to_owned());
        }
        let pivot = steps
            .iter()
            .position(|step| matches!(step.kind, Kind::Pivot));
        let is_past = pivot.is_some_and(|pivot| ends[pivot] == StepEnd::Completed);
        let no_way_back = |index: usize| {
            let step = &steps[index];
            let undone_in_doubt = takes_attempt(step);
            match step.kind {
                Kind::Pivot => !undone_in_doubt,
                Kind::Last => true,
                _ => false,
            }
        };
        let in_doubt = |index: &usize| ends[*index] == StepEnd::InDoubt;
        if is_past || (0..steps.len()).filter(in_doubt).any(no_way_back) {
            self.nothing_undone(definition, within);
            if !has_failed {
                self.say(format!(
                    "{within}: it stopped past its pivot, and nothing failed"
                ));
            }
            return Run { end: RunEnd::Stuck };
        }
        let is_stuck = self.rolled_back(definition, within, &ends);
        Run {
            end: if is_stuck {
                RunEnd::Stuck
            } else if ends.iter().all(|end| *end == StepEnd::NotRun) {
                RunEnd::NotRun
            } else {
                RunEnd::Compensated
            },
        }
    }

    /// The result of a step: by its method, or by the records if the method was not called.
    fn step(&mut self, step: &Step, within: &str) -> StepEnd {
        let call = format!("{within}{}/do", step.name);
        let recorded = ended(self.records(), &call);
        if let Some(nested) = step.nested {
            return self.nested(step, nested, within, recorded);
        }
        let executions = self.executions(&call).to_vec();
        let claimed = match recorded {
            Some(Recorded::Completed { skipped: true }) => {
                if !executions.is_empty() {
                    self.say(format!("{call} is skipped, and was executed"));
                }
                return StepEnd::Skipped;
            }
            Some(Recorded::Completed { skipped: false }) => {
                if !executions.last().is_some_and(Execution::has_completed) {
                    self.say(format!("{call} is recorded to have completed, and has not"));
                }
                return StepEnd::Completed;
            }
            Some(Recorded::GaveUp {
                in_doubt,
                attempts,
                is_cancelled,
            }) => (in_doubt, attempts, is_cancelled),
            None => {
                if !executions.is_empty() {
                    self.say(format!(
                        "{call} is executed, and no record says how it ended"
                    ));
                }
                return StepEnd::NotRun;
            }
        };
        let (in_doubt, attempts, is_cancelled) = claimed;
        let last = executions.last();
        if last.is_some_and(Execution::has_completed) {
            self.say(format!(
                "{call} completed, and is recorded to have given up"
            ));
        }
        let can_be = !matches!(step.kind, Kind::ReadOnly);
        let is_doubtful = can_be && executions.iter().any(Execution::is_doubtful);
        if is_doubtful && !in_doubt {
            self.say(format!("{call} may have taken effect, and is not in doubt"));
        }
        let id: CallId = call.parse().expect("a call");
        // The process ended after the record that the call is in flight, and before the call.
        let (_, crashes) = self.lives.split_last().expect("a life");
        let is_unknown = crashes
            .iter()
            .any(|recorded| mentioned(recorded, &id) && ended(recorded, &call).is_none());
        if in_doubt && !is_doubtful && !(can_be && is_unknown) {
            self.say(format!("{call} is in doubt, and cannot have taken effect"));
        }
        // An interrupted call is executed again, until it has ended.
        if let Some(last) = last
            && !last.recorded
            && !step.at_most_once
        {
            self.say(format!("{call} was interrupted, and is not finished"));
        }
        if step.at_most_once {
            let again = executions.windows(2).any(|pair| !pair[0].recorded);
            if again {
                self.say(format!("{call} is executed again after an interruption"));
            }
        }
        if let Some(last) = last
            && last.recorded
            && attempts != last.attempt
            // Or the process ended after the record that another call is in flight, and before that call.
            && !(in_doubt && is_unknown && attempts == last.attempt + 1)
        {
            self.say(format!(
                "{call} made {} attempts, and {attempts} are recorded",
                last.attempt
            ));
        }
        if in_doubt {
            StepEnd::InDoubt
        } else if executions.is_empty() && is_cancelled && attempts == 0 {
            StepEnd::NotRun
        } else {
            StepEnd::Failed
        }
    }

    fn nested(
        &mut self,
        step: &Step,
        nested: &'static Definition,
        within: &str,
        recorded: Option<Recorded>,
    ) -> StepEnd {
        let call = format!("{within}{}/do", step.name);
        let began = self.runs(step, within);
        let mut last = None;
        for (nth, attempt) in began.iter().enumerate() {
            let run = self.run(nested, &format!("{within}{}/{attempt}/", step.name), false);
            let is_last = nth + 1 == began.len();
            if !is_last && !matches!(run.end, RunEnd::Compensated | RunEnd::NotRun) {
                self.say(format!(
                    "{call}: run {attempt} is repeated after {:?}",
                    run.end
                ));
            }
            last = Some((*attempt, run.end));
        }
        match (recorded, last) {
            (None, None) => StepEnd::NotRun,
            (None, Some(_)) => {
                self.say(format!("{call} ran, and no record says how it ended"));
                StepEnd::NotRun
            }
            (Some(Recorded::Completed { skipped: true }), None) => StepEnd::Skipped,
            (Some(Recorded::Completed { skipped: false }), Some((_, RunEnd::Completed))) => {
                StepEnd::Completed
            }
            (
                Some(Recorded::GaveUp {
                    in_doubt,
                    attempts,
                    is_cancelled,
                }),
                last,
            ) => {
                let is_stuck = matches!(last, Some((_, RunEnd::Stuck)));
                if matches!(last, Some((_, RunEnd::Completed))) || in_doubt != is_stuck {
                    self.say(format!(
                        "{call} gave up, in doubt: {in_doubt}, its run: {last:?}"
                    ));
                }
                if is_stuck {
                    StepEnd::InDoubt
                } else if attempts == 0 && is_cancelled {
                    StepEnd::NotRun
                } else {
                    StepEnd::Failed
                }
            }
            (recorded, last) => {
                self.say(format!(
                    "{call} is recorded as {recorded:?}, its run: {last:?}"
                ));
                StepEnd::Failed
            }
        }
    }

    /// After an error that `when` accepts there is another attempt, unless something prevents it.
    fn repeats(&mut self, definition: &'static Definition, within: &str, ends: &[StepEnd]) {
        for (index, step) in definition.steps.iter().enumerate() {
            if step.nested.is_some() || !matches!(ends[index], StepEnd::Failed | StepEnd::InDoubt) {
                continue;
            }
            let call = format!("{within}{}/do", step.name);
            let Some(last) = self.executions(&call).last().cloned() else {
                continue;
            };
            let worth_it = match last.returned {
                _ if !last.recorded => false,
                None => true,
                Some(Returned::Error { when, .. }) => when,
                Some(Returned::Panic | Returned::Output) => false,
            };
            let most = step.policy.attempts;
            let allowed = !(step.at_most_once && ends[index] == StepEnd::InDoubt);
            let sibling = definition.stage(index).any(|other| {
                other != index
                    && matches!(
                        ends[other],
                        StepEnd::Failed | StepEnd::InDoubt | StepEnd::NotRun
                    )
            });
            let is_ended =
                self.is_stopped() && can_be_cancelled(definition, &format!("{}/do", step.name));
            let is_overdue = !within.is_empty();
            if worth_it && last.attempt < most && allowed && !sibling && !is_ended && !is_overdue {
                self.say(format!(
                    "{call} gives up after attempt {} of {most}",
                    last.attempt
                ));
            }
            if last.attempt > most {
                self.say(format!("{call} has {} attempts of {most}", last.attempt));
            }
        }
    }

    /// Everything that was due was undone, in reverse order. Returns whether something is left for an operator.
    fn rolled_back(
        &mut self,
        definition: &'static Definition,
        within: &str,
        ends: &[StepEnd],
    ) -> bool {
        let mut is_stuck = false;
        let mut undone_at = self.last_do(within);
        for (index, step) in definition.steps.iter().enumerate().rev() {
            let is_due = match (ends[index], step.kind) {
                (StepEnd::Completed, Kind::Compensatable) => true,
                (StepEnd::InDoubt, _) if step.nested.is_some() => {
                    is_stuck = true;
                    false
                }
                (StepEnd::InDoubt, Kind::Compensatable | Kind::Pivot) => {
                    let is_due = takes_attempt(step);
                    is_stuck |= !is_due;
                    is_due
                }
                _ => false,
            };
            if step.nested.is_some() {
                if is_due {
                    is_stuck |= !self.run_undone(step, within, &mut undone_at);
                }
                continue;
            }
            let is_undone = self.undone(step, within, ends[index], is_due, &mut undone_at);
            is_stuck |= is_due && !is_undone;
        }
        is_stuck
    }

    /// The last event of a step of this run or of the runs in it.
    fn last_do(&self, within: &str) -> usize {
        let calls = self.calls.iter();
        let of_run = calls.filter(|(call, _)| {
            call.strip_prefix(within).is_some_and(|rest| {
                rest.ends_with("/do") && !rest.trim_end_matches("/do").contains('/')
            })
        });
        let last = of_run
            .flat_map(|(_, executions)| executions)
            .map(|one| one.at);
        last.max().unwrap_or_default()
    }

    /// Checks that a step is undone once its undo is due, after the steps behind it.
    fn undone(
        &mut self,
        step: &Step,
        within: &str,
        end: StepEnd,
        is_due: bool,
        undone_at: &mut usize,
    ) -> bool {
        let call = format!("{within}{}/undo", step.name);
        let executions = self.executions(&call).to_vec();
        if !is_due {
            if !executions.is_empty() {
                self.say(format!("{call} is executed, and was not due ({end:?})"));
            }
            return false;
        }
        let Some(first) = executions.first() else {
            self.say(format!("{call} was due, and is not executed"));
            return false;
        };
        if first.at < *undone_at {
            self.say(format!("{call} is executed before its turn"));
        }
        let given = end == StepEnd::Completed;
        if executions
            .iter()
            .any(|one| one.completed.is_some_and(|is| is != given))
        {
            self.say(format!(
                "{call} gets another attempt than one that is {end:?}"
            ));
        }
        if let Some(last) = executions.last() {
            *undone_at = last.at;
            if !last.recorded {
                self.say(format!("{call} was interrupted, and is not finished"));
            }
        }
        executions.last().is_some_and(Execution::has_completed)
    }

    /// Whether a run that completed is undone.
    fn run_undone(&mut self, step: &Step, within: &str, undone_at: &mut usize) -> bool {
        let nested = step.nested.expect("a step that runs a saga");
        let attempt = self
            .runs(step, within)
            .last()
            .copied()
            .expect("a run that completed");
        let within = format!("{within}{}/{attempt}/", step.name);
        let mut is_undone = true;
        for step in nested.steps.iter().rev() {
            if !matches!(step.kind, Kind::Compensatable) {
                continue;
            }
            let call = format!("{within}{}/do", step.name);
            if ended(self.records(), &call) != Some(Recorded::Completed { skipped: false }) {
                continue;
            }
            is_undone &= if step.nested.is_some() {
                self.run_undone(step, &within, undone_at)
            } else {
                self.undone(step, &within, StepEnd::Completed, true, undone_at)
            };
        }
        is_undone
    }

    /// In a run past its pivot nothing is undone, nor in the completed runs within it.
    fn nothing_undone(&mut self, definition: &'static Definition, within: &str) {
        for step in definition.steps {
            let call = format!("{within}{}/undo", step.name);
            if !self.executions(&call).is_empty() {
                self.say(format!("{call} is executed, and nothing is to be undone"));
            }
            let ended = ended(self.records(), &format!("{within}{}/do", step.name));
            if let (Some(nested), Some(Recorded::Completed { skipped: false })) =
                (step.nested, ended)
            {
                let attempt = self.runs(step, within).last().copied().expect("a run");
                self.nothing_undone(nested, &format!("{within}{}/{attempt}/", step.name));
            }
        }
    }

    /// The attempts of a step that were runs of a saga.
    fn runs(&self, step: &Step, within: &str) -> Vec<u32> {
        let call = format!("{within}{}/do", step.name);
        let began = self.records().iter().filter_map(|entry| match entry {
            Entry::NestedBegan {
                call: of, attempt, ..
            } if of.to_string() == call => Some(*attempt),
            _ => None,
        });
        began.collect()
    }

    /// A compensated saga has left nothing, and a completed one has each of its effects once.
    fn effects(&mut self, definition: &'static Definition, end: SagaState) {
        let mut wrong = Vec::new();
        for (call, executions) in &self.calls {
            let Some(path) = call.strip_suffix("/do") else {
                continue;
            };
            let step = step_of(definition, path);
            let may_be_there = executions
                .iter()
                .any(|one| one.returned == Some(Returned::Output) || one.is_doubtful());
            let undo = self.executions(&format!("{path}/undo"));
            let is_undone = undo.last().is_some_and(Execution::has_completed);
            let completed = executions.iter().filter(|one| one.has_completed()).count();
            if completed > 1 {
                wrong.push(format!("{call} completes {completed} times"));
            }
            match (end, step.kind) {
                (SagaState::Compensated, Kind::ReadOnly | Kind::NoCompensation { .. }) => {}
                (SagaState::Compensated, _) if may_be_there && !is_undone => {
                    // A repeated run has other keys, so its effects are others, too.
                    wrong.push(format!("the effect of {call} is left behind"));
                }
                (SagaState::Completed, _) if completed == 1 && is_undone && !path.contains('/') => {
                    wrong.push(format!("the effect of {call} is undone"));
                }
                _ => {}
            }
        }
        self.wrong.extend(wrong);
    }
}
