//! What the records of a saga say of its calls: how they ended, where they are, and what is in hand.

use core::task::Waker;
use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::OwnedSemaphorePermit;

use super::calls::{Level, Which, first_calls};
use super::entry::{Entry, NEXT_UNDO};
use super::journal::{JournalError, JournalErrorKind, Record, SagaState};
use super::shared::Shared;
use crate::definition::{Definition, Phase, Step};
use crate::memory::{EndedBefore, KeptFailure};
use crate::record::End;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) next_number: u64,
    pub(super) written: u64,
    pub(super) waiting: Vec<(Record, Option<SagaState>)>,
    /// How the calls ended.
    pub(super) outcomes: BTreeMap<String, Outcome>,
    /// Where the calls are that have not ended, if that is not at their beginning.
    pub(super) calls: BTreeMap<String, InCall>,
    /// The calls that are in hand: a crash now would interrupt them.
    pub(super) hand: BTreeSet<String>,
    /// Those that were when the process took the saga over.
    pub(super) interrupted: BTreeSet<String>,
    /// The steps that run sagas which have completed.
    pub(super) nested_done: BTreeSet<String>,
    pub(super) wakers: Vec<Waker>,
    pub(super) is_cancelled: bool,
    pub(super) end: Option<SagaState>,
    pub(super) slot: Option<OwnedSemaphorePermit>,
    pub(super) broken: Option<JournalError>,
}

#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) number: u64,
    pub(super) told: bool,
    pub(super) how: How,
}

/// How a call ended.
#[derive(Debug, Clone)]
pub(super) enum How {
    /// With this output, which is only there where it was read.
    Completed(Option<Vec<u8>>),
    GaveUp(EndedBefore, Option<KeptFailure>),
}

#[derive(Debug, Clone, Default)]
pub(super) struct InCall {
    pub(super) attempt: u32,
    pub(super) in_doubt: bool,
    pub(super) times: u32,
    pub(super) wait: Option<Waiting>,
}

#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) since: u64,
    pub(super) millis: u64,
    pub(super) failure: KeptFailure,
}

impl State {
    /// What is in hand once a call has ended, and whether the whole saga has completed with it.
    pub(super) fn after(&mut self, level: &Level, call: Which) -> (Vec<String>, bool) {
        if call.phase == Phase::Compensation {
            return (vec![NEXT_UNDO.to_owned()], false);
        }
        self.after_step(level, call.definition, call.step)
    }

    pub(super) fn after_step(
        &mut self,
        level: &Level,
        definition: &'static Definition,
        step: &Step,
    ) -> (Vec<String>, bool) {
        let stage = definition.stage(step.index);
        let mut has_failed = false;
        for step in definition
            .steps
            .iter()
            .filter(|step| stage.contains(&step.index))
        {
            let name = level.name(step, Phase::Step);
            match self.outcomes.get(&name).map(|outcome| &outcome.how) {
                Some(How::GaveUp(..)) => has_failed = true,
                Some(How::Completed(_)) => {}
                None if self.nested_done.contains(&name) => {}
                None => return (Vec::new(), false),
            }
        }
        if has_failed {
            return (vec![NEXT_UNDO.to_owned()], false);
        }
        if stage.end < definition.steps.len() {
            return (first_calls(&level.prefix, definition, stage.end), false);
        }
        match &level.within {
            None => (Vec::new(), true),
            Some((outer, definition, step)) => {
                self.nested_done.insert(outer.name(step, Phase::Step));
                self.after_step(outer, definition, step)
            }
        }
    }

    /// A saga is run once more.
    pub(super) fn begin_nested(
        &mut self,
        level: &Level,
        step: &Step,
        attempt: u32,
        begins: &[String],
    ) {
        self.forget(&level.nested_prefix(step, attempt - 1));
        self.hand.extend(begins.iter().cloned());
    }

    /// The same of a call that was read.
    pub(super) fn began_before(&mut self, call: &str, attempt: u32) {
        if let Some(step) = call.strip_suffix("/do") {
            self.forget(&format!("{step}/{}/", attempt.saturating_sub(1)));
        }
    }

    /// Forgets the calls whose names begin with this: those of a run of which nothing is left.
    pub(super) fn forget(&mut self, prefix: &str) {
        let stays = |name: &String| !name.starts_with(prefix);
        self.outcomes.retain(|name, _| stays(name));
        self.calls.retain(|name, _| stays(name));
        self.hand.retain(stays);
        self.nested_done.retain(stays);
    }

    /// Takes in a record that is there.
    pub(super) fn take_in(&mut self, shared: &Shared, record: Record) -> Result<(), JournalError> {
        let Record {
            number,
            at,
            head,
            value,
        } = record;
        let unreadable = |error: &dyn core::fmt::Display| {
            let text = format!("record {number}: {error}");
            JournalError::new(JournalErrorKind::Corrupt, text)
        };
        let entry: Entry = serde_json::from_str(&head).map_err(|error| unreadable(&error))?;
        let failure_of = |value: &[u8]| -> Result<KeptFailure, JournalError> {
            shared.decode(value).map_err(|error| unreadable(&error))
        };
        if !matches!(entry, Entry::CancelRequested {}) {
            self.hand.remove(NEXT_UNDO);
        }
        self.next_number = number + 1;
        match entry {
            Entry::Submitted { begins, .. } => self.hand.extend(begins),
            Entry::Began {
                call,
                attempt,
                begins,
            } => {
                self.began_before(&call, attempt);
                let at = self.calls.entry(call.clone()).or_default();
                (at.attempt, at.wait) = (attempt, None);
                if begins.is_empty() {
                    self.hand.insert(call);
                }
                self.hand.extend(begins);
            }
            Entry::Interrupted {
                call,
                attempt,
                times,
                in_doubt,
            } => {
                let at = self.calls.entry(call.clone()).or_default();
                (at.attempt, at.times, at.in_doubt) = (attempt, times, in_doubt);
                self.hand.insert(call);
            }
            Entry::Failed {
                call,
                next,
                in_doubt,
                wait,
                begins,
            } => {
                let failure = failure_of(&value)?;
                let wait = wait.map(|millis| Waiting {
                    since: at,
                    millis,
                    failure,
                });
                let in_call = InCall {
                    attempt: next,
                    in_doubt,
                    times: 0,
                    wait,
                };
                self.failed(call, in_call, begins);
            }
            Entry::Completed { call, begins, ends } => {
                if ends {
                    self.end = Some(SagaState::Completed);
                }
                self.ended(call, number, How::Completed(Some(value)), begins);
            }
            Entry::GaveUp {
                call,
                attempts,
                in_doubt,
                cancelled,
                begins,
            } => {
                let end = EndedBefore {
                    attempts,
                    in_doubt,
                    cancelled: cancelled.map(Into::into),
                };
                let failure = failure_of(&value)?;
                self.ended(call, number, How::GaveUp(end, Some(failure)), begins);
            }
            Entry::CancelRequested {} => self.is_cancelled = true,
            Entry::Ended { end } => {
                self.end = Some(match end {
                    End::Compensated => SagaState::Compensated,
                    End::Stuck => SagaState::Stuck,
                });
            }
        }
        Ok(())
    }

    pub(super) fn failed(&mut self, call: String, in_call: InCall, begins: Vec<String>) {
        if in_call.wait.is_some() {
            self.hand.remove(&call);
        } else {
            self.began_before(&call, in_call.attempt);
        }
        self.hand.extend(begins);
        let times = self.calls.get(&call).map_or(0, |at| at.times);
        self.calls.insert(call, InCall { times, ..in_call });
    }

    pub(super) fn ended(&mut self, call: String, number: u64, how: How, begins: Vec<String>) {
        self.hand.remove(&call);
        self.hand.extend(begins);
        self.calls.remove(&call);
        let outcome = Outcome {
            number,
            told: false,
            how,
        };
        self.outcomes.insert(call, outcome);
    }
}
