//! The state that the records of a saga describe: one transition for each record, whether it is being written or read
//! back.
//!
//! Knows nothing of definitions, types and the passing of time, nor of how a record gets into a journal.

use std::collections::BTreeMap;

use crate::definition::Phase;
use crate::outcome::Doubt;
use crate::run::history::EndedBefore;
use saga_journal::{Begun, CallId, Entry, RunId, SagaState};

/// The state after the records so far.
#[derive(Debug, Default)]
pub(super) struct LogState {
    calls: BTreeMap<CallId, CallState>,
    /// The runs that are rolled back and whose next compensation is in flight.
    undoing: BTreeMap<Option<RunId>, Liveness>,
    is_cancelled: bool,
    end: Option<SagaState>,
    next_number: u64,
    /// The latest time of all records.
    latest: u64,
}

/// Since when something is in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Liveness {
    /// It began in this process.
    Now,
    /// A shutdown of the engine dropped it.
    Dropped,
    /// It was in flight when this process took the saga over, and has not begun again.
    Interrupted(EndedBy),
}

/// What ended the previous process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndedBy {
    Crash,
    Shutdown,
}

/// The state of a call.
#[derive(Debug, Clone)]
pub(super) struct CallState {
    /// The attempt that is in flight or waited for, or the last one, counted from 1.
    pub(super) attempt: u32,
    /// The first attempt that may have taken effect, if there is one.
    pub(super) doubt: Option<Doubt>,
    /// How often the process ended while the call was in flight.
    pub(super) interruptions: u32,
    /// The number of crashes during the call since the last record of the end of an attempt.
    pub(super) crashes: u32,
    /// Whether its condition returned `true`, or its nested saga began.
    pub(super) is_prepared: bool,
    /// The number of the record that says so.
    pub(super) prepared_by: u64,
    /// Whether it began again after an interruption.
    pub(super) is_again: bool,
    /// The last run of a nested saga that it made.
    pub(super) nested: Option<NestedInput>,
    pub(super) stage: CallStage,
}

/// The stage of a call.
#[derive(Debug, Clone)]
pub(super) enum CallStage {
    /// An attempt is in flight, or the condition or the input of the step.
    Running(Liveness),
    /// The attempt is a run of a nested saga: the calls of that are in flight.
    Nested,
    /// The next attempt waits for this many milliseconds from this moment on. The value is the last failure.
    Waiting {
        since: u64,
        millis: u64,
        failure: Option<Vec<u8>>,
    },
    /// It completed. The value is only there if it was read back.
    Completed {
        number: u64,
        skipped: bool,
        value: Option<Vec<u8>>,
    },
    /// It makes no other attempt. The failure is only there if it was read back. `ran` says whether the last attempt
    /// was a run of a nested saga.
    GaveUp {
        number: u64,
        end: EndedBefore,
        failure: Option<Vec<u8>>,
        ran: bool,
    },
}

/// The input and the deadline of a nested run. The value is only there if it was read back.
#[derive(Debug, Clone)]
pub(super) struct NestedInput {
    pub(super) attempt: u32,
    pub(super) value: Option<Vec<u8>>,
    pub(super) deadline: Option<u64>,
}

impl CallState {
    const fn begun() -> Self {
        Self {
            attempt: 1,
            doubt: None,
            interruptions: 0,
            crashes: 0,
            is_prepared: false,
            prepared_by: 0,
            is_again: false,
            nested: None,
            stage: CallStage::Running(Liveness::Now),
        }
    }

    /// Records whether the call is in doubt, and if it was not before, which attempt left it so.
    const fn set_doubt(&mut self, in_doubt: bool, by: Doubt) {
        self.doubt = match self.doubt {
            _ if !in_doubt => None,
            None => Some(by),
            before => before,
        };
    }

    /// The number of the record of its end, if it has ended.
    pub(super) const fn ended_at(&self) -> Option<u64> {
        match self.stage {
            CallStage::Completed { number, .. } | CallStage::GaveUp { number, .. } => Some(number),
            CallStage::Running(_) | CallStage::Nested | CallStage::Waiting { .. } => None,
        }
    }

    const fn in_flight(&mut self) -> Option<&mut Liveness> {
        match &mut self.stage {
            CallStage::Running(in_flight) => Some(in_flight),
            _ => None,
        }
    }
}

impl LogState {
    /// Applies a record. `value` is that of the record, if it is read back.
    pub(super) fn apply(&mut self, entry: &Entry, number: u64, at: u64, value: Option<Vec<u8>>) {
        self.next_number = number + 1;
        self.latest = self.latest.max(at);
        match entry {
            Entry::Submitted { begins, .. } => self.begin(begins),
            Entry::Preparing { call } => {
                self.calls.insert(call.clone(), CallState::begun());
            }
            Entry::Began { call, attempt } => {
                let state = self.touch(call);
                state.attempt = *attempt;
                (state.is_prepared, state.prepared_by) = (true, number);
                state.stage = CallStage::Running(Liveness::Now);
            }
            Entry::NestedBegan {
                call,
                attempt,
                deadline,
                begins,
            } => {
                // Discards the calls of earlier runs of the step.
                self.forget_runs_of(call);
                let state = self.touch(call);
                state.attempt = *attempt;
                (state.is_prepared, state.prepared_by) = (true, number);
                state.stage = CallStage::Nested;
                state.nested = Some(NestedInput {
                    attempt: *attempt,
                    value,
                    deadline: *deadline,
                });
                self.begin(begins);
            }
            Entry::Interrupted {
                call,
                attempt,
                times,
                in_doubt,
            } => {
                let state = self.touch(call);
                state.attempt = *attempt;
                state.interruptions += 1;
                state.set_doubt(*in_doubt, Doubt::interrupted(*attempt));
                (state.crashes, state.is_again) = (*times, true);
                state.stage = CallStage::Running(Liveness::Now);
            }
            Entry::Failed { .. } | Entry::Completed { .. } | Entry::GaveUp { .. } => {
                self.apply_end(entry, number, at, value);
            }
            Entry::Dropped { calls } => self.drop_calls(calls),
            Entry::CancelRequested {} => self.is_cancelled = true,
            Entry::Ended { end } => self.end = Some(*end),
        }
        if self.end.is_some() {
            self.undoing.clear();
        }
    }
}

impl LogState {
    /// Applies the record of the end of an attempt.
    fn apply_end(&mut self, entry: &Entry, number: u64, at: u64, value: Option<Vec<u8>>) {
        match entry {
            Entry::Failed {
                call,
                next,
                in_doubt,
                wait,
            } => {
                self.undoing_of_runs_of(call);
                let state = self.touch(call);
                state.attempt = *next;
                state.set_doubt(*in_doubt, Doubt::of(next.saturating_sub(1)));
                // An attempt has ended, so the call has not crashed the process.
                (state.crashes, state.is_again) = (0, false);
                state.stage = match wait {
                    None => CallStage::Running(Liveness::Now),
                    Some(millis) => CallStage::Waiting {
                        since: at,
                        millis: *millis,
                        failure: value,
                    },
                };
            }
            Entry::Completed {
                call,
                skipped,
                begins,
                ends,
            } => {
                self.touch(call).stage = CallStage::Completed {
                    number,
                    skipped: *skipped,
                    value,
                };
                self.begin(begins);
                if *ends {
                    self.end = Some(SagaState::Completed);
                }
            }
            Entry::GaveUp {
                call,
                attempts,
                in_doubt,
                interrupted,
                prevented_by,
                begins,
            } => {
                self.undoing_of_runs_of(call);
                let state = self.touch(call);
                state.interruptions += u32::from(*interrupted);
                let doubt = if *interrupted {
                    Doubt::interrupted(*attempts)
                } else {
                    Doubt::of(*attempts)
                };
                state.set_doubt(*in_doubt, doubt);
                let end = EndedBefore {
                    attempts: *attempts,
                    in_doubt: *in_doubt,
                    doubt: state.doubt,
                    is_interrupted: *interrupted,
                    prevented_by: *prevented_by,
                };
                let ran = state.nested.as_ref();
                let ran = ran.is_some_and(|nested| nested.attempt == *attempts);
                state.stage = CallStage::GaveUp {
                    number,
                    end,
                    failure: value,
                    ran,
                };
                self.begin(begins);
            }
            _ => {}
        }
    }

    /// What began in this process and is in flight.
    pub(super) fn in_flight_now(&self) -> Vec<Begun> {
        let is_now = |in_flight: &Liveness| *in_flight == Liveness::Now;
        let calls = self.calls.iter().filter(|(_, call)| match &call.stage {
            CallStage::Running(in_flight) => is_now(in_flight),
            _ => false,
        });
        let calls = calls.map(|(call, _)| Begun::Call(call.clone()));
        let undoing = self
            .undoing
            .iter()
            .filter(|(_, in_flight)| is_now(in_flight));
        calls
            .chain(undoing.map(|(run, _)| Begun::NextUndo(run.clone())))
            .collect()
    }

    fn drop_calls(&mut self, calls: &[Begun]) {
        for begun in calls {
            let in_flight = match begun {
                Begun::Call(call) => self.calls.get_mut(call).and_then(CallState::in_flight),
                Begun::NextUndo(run) => self.undoing.get_mut(run),
            };
            if let Some(in_flight) = in_flight {
                *in_flight = Liveness::Dropped;
            }
        }
    }

    fn begin(&mut self, begins: &[Begun]) {
        for begun in begins {
            match begun {
                Begun::Call(call) => {
                    self.calls.insert(call.clone(), CallState::begun());
                }
                Begun::NextUndo(run) => {
                    self.undoing.insert(run.clone(), Liveness::Now);
                }
            }
        }
    }

    /// The state of a call that a record mentions.
    fn touch(&mut self, call: &CallId) -> &mut CallState {
        if call.phase() == Phase::Compensation {
            let root = self.rolled_back(call.within());
            self.undoing.remove(&root);
        }
        let state = self.calls.entry(call.clone());
        state.or_insert_with(CallState::begun)
    }

    /// The run that is rolled back when a compensation of `run` runs: `run` itself or, if `run` completed and is undone
    /// together with an outer run, that one.
    pub(super) fn rolled_back(&self, run: Option<&RunId>) -> Option<RunId> {
        let run = run?;
        let step = CallId::new(run.within().cloned(), run.step().to_owned(), Phase::Step);
        let step = self.calls.get(&step);
        if step.is_some_and(|step| matches!(step.stage, CallStage::Completed { .. })) {
            self.rolled_back(run.within())
        } else {
            Some(run.clone())
        }
    }

    /// Ends the roll-backs of the runs of a step.
    fn undoing_of_runs_of(&mut self, call: &CallId) {
        let is_of_call = |run: &RunId| run.is_run_of(call);
        let ended = |run: &Option<RunId>| run.as_ref().is_some_and(is_of_call);
        self.undoing.retain(|run, _| !ended(run));
    }

    /// Discards the calls of the runs of a step.
    fn forget_runs_of(&mut self, call: &CallId) {
        self.calls.retain(|other, _| {
            let within = other.within();
            !within.is_some_and(|run| run.is_run_of(call))
        });
        self.undoing_of_runs_of(call);
    }

    fn each_in_flight(&mut self, mut change: impl FnMut(&mut Liveness)) {
        let calls = self.calls.values_mut();
        let calls = calls.filter_map(CallState::in_flight);
        calls.chain(self.undoing.values_mut()).for_each(&mut change);
    }

    /// Marks what was in flight as interrupted, because another process takes the saga over.
    pub(super) fn take_over(&mut self) {
        self.each_in_flight(|in_flight| {
            *in_flight = Liveness::Interrupted(match in_flight {
                Liveness::Now => EndedBy::Crash,
                Liveness::Dropped => EndedBy::Shutdown,
                Liveness::Interrupted(by) => *by,
            });
        });
    }

    /// Whether the outermost saga is being rolled back.
    pub(super) fn is_rolled_back(&self) -> bool {
        let is_undo = |call: &CallId| {
            call.phase() == Phase::Compensation && self.rolled_back(call.within()).is_none()
        };
        self.undoing.contains_key(&None) || self.calls.keys().any(is_undo)
    }

    /// Whether anything is in flight that began in this process.
    pub(super) fn is_in_flight(&self) -> bool {
        self.is_in_flight_beside(&[])
    }

    /// The same, except for these calls, which have ended.
    pub(super) fn is_in_flight_beside(&self, ended: &[CallId]) -> bool {
        let is_now = |in_flight: &Liveness| *in_flight == Liveness::Now;
        let mut calls = self.calls.iter();
        let mut undoing = self.undoing.iter();
        let is_ended = |call: &CallId| ended.contains(call);
        // For a compensation that ended, only its run may be known.
        let is_undone = |run: &Option<RunId>| {
            let mut undos = ended
                .iter()
                .filter(|call| call.phase() == Phase::Compensation);
            undos.any(|undo| self.rolled_back(undo.within()) == *run)
        };
        calls.any(|(call, state)| match &state.stage {
            CallStage::Running(in_flight) => is_now(in_flight) && !is_ended(call),
            _ => false,
        }) || undoing.any(|(run, in_flight)| is_now(in_flight) && !is_undone(run))
    }

    /// Whether a call that a crash interrupted has not begun again.
    pub(super) fn is_any_interrupted(&self) -> bool {
        let by_crash = |at: &Liveness| *at == Liveness::Interrupted(EndedBy::Crash);
        let mut calls = self.calls.values();
        calls.any(|call| matches!(&call.stage, CallStage::Running(at) if by_crash(at)))
            || self.undoing.values().any(by_crash)
    }

    /// The moment when the first wait is over, in milliseconds since the Unix epoch, if only waits are left of the
    /// saga.
    pub(super) fn only_waits(&self) -> Option<u64> {
        let runs = |call: &CallState| matches!(call.stage, CallStage::Running(_));
        if self.end.is_some() || !self.undoing.is_empty() || self.calls.values().any(runs) {
            return None;
        }
        let waits = self.calls.values().filter_map(|call| match call.stage {
            CallStage::Waiting { since, millis, .. } => Some(since.saturating_add(millis)),
            _ => None,
        });
        waits.min()
    }

    pub(super) fn call(&self, call: &CallId) -> Option<&CallState> {
        self.calls.get(call)
    }

    pub(super) fn call_mut(&mut self, call: &CallId) -> Option<&mut CallState> {
        self.calls.get_mut(call)
    }

    /// Since when a call is in flight, if it is: by its own records, or as the next compensation of the run that is
    /// rolled back.
    pub(super) fn in_flight(&self, call: &CallId) -> Option<Liveness> {
        match self.calls.get(call).map(|call| &call.stage) {
            Some(CallStage::Running(in_flight)) => Some(*in_flight),
            None if call.phase() == Phase::Compensation => {
                let root = self.rolled_back(call.within());
                self.undoing.get(&root).copied()
            }
            Some(_) | None => None,
        }
    }

    pub(super) const fn is_cancelled(&self) -> bool {
        self.is_cancelled
    }

    pub(super) const fn end(&self) -> Option<SagaState> {
        self.end
    }

    pub(super) const fn next_number(&self) -> u64 {
        self.next_number
    }

    pub(super) const fn latest(&self) -> u64 {
        self.latest
    }
}
