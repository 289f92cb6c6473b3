//! Once a saga has to end, no step begins that a cancellation prevents.

use saga_core::definition::{Definition, Kind, Step};
use saga_core::durable::{Begun, CallId, CancelOutcome, Entry};

use super::Judge;
use super::definitions::{can_be_cancelled, is_past_the_pivot};
use super::records::{Recorded, ended, mentioned};
use crate::history::Event;

impl Judge {
    /// Once a saga has to end, only steps begin that were in flight when its process ended.
    pub(super) fn stops(&mut self, definition: &'static Definition, events: &[Event]) {
        let mut wrong = Vec::new();
        if let Some(stopped) = self.stopped {
            for (call, executions) in &self.calls {
                if !can_be_cancelled(definition, call) {
                    continue;
                }
                for (nth, execution) in executions.iter().enumerate() {
                    if execution.at < stopped {
                        continue;
                    }
                    let again = nth.checked_sub(1).map(|before| &executions[before]);
                    let is_again = again.is_some_and(|before| {
                        !before.recorded && before.attempt == execution.attempt
                    });
                    // Or the process ended after the record that it is in flight, and before the call.
                    let was_in_flight = execution.life > 0 && {
                        let before = &self.lives[execution.life - 1];
                        let call: CallId = call.parse().expect("a call");
                        let in_flight = before.iter().any(|entry| match entry {
                            Entry::Failed {
                                call: of,
                                next,
                                wait: None,
                                ..
                            } => *of == call && *next == execution.attempt,
                            Entry::Began { call: of, attempt } => {
                                *of == call && *attempt == execution.attempt
                            }
                            _ => false,
                        });
                        in_flight || (execution.attempt == 1 && mentioned(before, &call))
                    };
                    if !is_again && !was_in_flight {
                        wrong.push(format!(
                            "{call}#{} begins after the saga was to end",
                            execution.attempt
                        ));
                    }
                }
            }
        }
        wrong.extend(begun_after_request(definition, self.records()));
        // The saga was past its pivot, or being rolled back, when its process ended.
        let mut life = 0;
        for event in events {
            match event {
                Event::LifeOver { .. } => life += 1,
                Event::Cancelled(CancelOutcome::Requested) if life > 0 => {
                    let before = &self.lives[life - 1];
                    let pivot = definition
                        .steps
                        .iter()
                        .find(|step| matches!(step.kind, Kind::Pivot));
                    let pivot = pivot.map(|pivot| format!("{}/do", pivot.name));
                    let is_past = pivot.is_some_and(|pivot| {
                        matches!(ended(before, &pivot), Some(Recorded::Completed { .. }))
                    });
                    let undoes = |begins: &[Begun]| begins.contains(&Begun::NextUndo(None));
                    let is_undone = before.iter().any(|entry| match entry {
                        Entry::Completed { begins, .. } | Entry::GaveUp { begins, .. } => {
                            undoes(begins)
                        }
                        _ => false,
                    });
                    if is_past || is_undone {
                        wrong.push("a cancellation is requested that comes too late".to_owned());
                    }
                }
                _ => {}
            }
        }
        // A cancellation that is answered as too late must change nothing.
        for (at, event) in events.iter().enumerate() {
            if *event == Event::Cancelled(CancelOutcome::TooLate) && !self.is_final(definition, at)
            {
                wrong.push("a cancellation is too late before the pivot has completed".to_owned());
            }
        }
        self.wrong.extend(wrong);
    }

    /// Whether nothing can be cancelled any more.
    pub(super) fn is_final(&self, definition: &'static Definition, at: usize) -> bool {
        let before = |call: &str| self.executions(call).iter().any(|one| one.at < at);
        let is_past = definition
            .steps
            .iter()
            .any(|step| is_past_the_pivot(definition, step) && self.began(step, at));
        let is_undone = self
            .calls
            .keys()
            .any(|call| call.ends_with("/undo") && before(call));
        let gave_up = self
            .lives
            .iter()
            .flatten()
            .any(|entry| matches!(entry, Entry::GaveUp { .. }));
        is_past || is_undone || gave_up
    }

    pub(super) fn began(&self, step: &Step, at: usize) -> bool {
        let (own, within) = (format!("{}/do", step.name), format!("{}/", step.name));
        let mut calls = self.calls.iter();
        let began = calls.any(|(call, executions)| {
            (*call == own || call.starts_with(&within)) && executions.iter().any(|one| one.at < at)
        });
        let recorded = self.lives.iter().flatten();
        began
            || recorded.clone().any(|entry| {
                let call = format!("{}/do", step.name).parse().expect("a call");
                mentioned(core::slice::from_ref(entry), &call)
            })
    }
}

/// A saga that has to end must not record that a step begins, because the next life would execute it.
pub(super) fn begun_after_request(
    definition: &'static Definition,
    entries: &[Entry],
) -> Vec<String> {
    let Some(at) = entries
        .iter()
        .position(|entry| *entry == Entry::CancelRequested {})
    else {
        return Vec::new();
    };
    let (before, after) = entries.split_at(at);
    let mut wrong = Vec::new();
    let mut check = |call: &CallId, attempt: u32| {
        let is_next = |entry: &Entry| match entry {
            Entry::Failed {
                call: of,
                next,
                wait: None,
                ..
            } => of == call && *next == attempt,
            Entry::Began {
                call: of,
                attempt: began,
            } => of == call && *began == attempt,
            _ => false,
        };
        let was_in_flight = match attempt {
            1 => mentioned(before, call),
            _ => before.iter().any(is_next),
        };
        if can_be_cancelled(definition, &call.to_string()) && !was_in_flight {
            wrong.push(format!(
                "{call}#{attempt} is recorded to begin after the saga was to end"
            ));
        }
    };
    for entry in after {
        let begins = match entry {
            Entry::Preparing { call } => {
                check(call, 1);
                continue;
            }
            Entry::Began { call, attempt } => {
                check(call, *attempt);
                continue;
            }
            Entry::NestedBegan { begins, .. }
            | Entry::Completed { begins, .. }
            | Entry::GaveUp { begins, .. } => begins,
            _ => continue,
        };
        for begun in begins {
            if let Begun::Call(call) = begun {
                check(call, 1);
            }
        }
    }
    wrong
}
