//! What is recorded of the calls of a saga.

use super::apply::{CallStage, CallState};
use super::{RecordedOutcome, SagaLog};
use crate::durable::clock::now;
use crate::durable::site::{Level, Site};
use crate::run::history::{EndedBefore, KeptFailure, Resumed};
use core::time::Duration;
use saga_journal::CallId;

impl SagaLog {
    /// The number of the attempt of a call that is in flight.
    pub(in crate::durable) fn attempt(&self, level: &Level, site: Site) -> u32 {
        let inner = self.inner();
        let call = inner.state.call(&level.id(site.step, site.phase));
        call.map_or(1, |call| call.attempt)
    }

    /// How a call ended, if it has. The value is returned only once.
    pub(in crate::durable) fn outcome(&self, id: &CallId) -> Option<RecordedOutcome> {
        let mut inner = self.inner();
        Some(match &mut inner.state.call_mut(id)?.stage {
            CallStage::Completed { skipped, value, .. } => RecordedOutcome::Completed {
                skipped: *skipped,
                value: value.take().unwrap_or_default(),
            },
            CallStage::GaveUp { end, failure, .. } => {
                RecordedOutcome::GaveUp(*end, failure.clone().unwrap_or_default())
            }
            CallStage::Running(_) | CallStage::Nested | CallStage::Waiting { .. } => return None,
        })
    }

    /// How a step that runs a saga ended without a run: no attempt was made, or the last one began no run.
    pub(in crate::durable) fn ended_without_run(
        &self,
        id: &CallId,
    ) -> Option<(EndedBefore, Vec<u8>)> {
        match &self.inner().state.call(id)?.stage {
            CallStage::GaveUp {
                end, failure, ran, ..
            } if !ran => Some((*end, failure.clone().unwrap_or_default())),
            _ => None,
        }
    }

    /// How a step that runs a saga ended, if it did not complete.
    pub(in crate::durable) fn gave_up(&self, level: &Level, site: Site) -> Option<EndedBefore> {
        let inner = self.inner();
        match inner.state.call(&level.id(site.step, site.phase))?.stage {
            CallStage::GaveUp { end, .. } => Some(end),
            _ => None,
        }
    }

    /// Whether the end of a call is recorded.
    pub(in crate::durable) fn has_ended(&self, id: &CallId) -> bool {
        let inner = self.inner();
        inner.state.call(id).and_then(CallState::ended_at).is_some()
    }

    /// The recorded input and deadline of the nested run that this attempt of a step is.
    pub(in crate::durable) fn nested_input(
        &self,
        id: &CallId,
        attempt: u32,
    ) -> Option<(Vec<u8>, Option<u64>)> {
        let inner = self.inner();
        let nested = inner.state.call(id)?.nested.as_ref()?;
        let is_it = nested.attempt == attempt;
        is_it.then(|| (nested.value.clone().unwrap_or_default(), nested.deadline))
    }

    /// The point at which a call is resumed, if a record mentions it.
    pub(in crate::durable) fn resumed(&self, level: &Level, site: Site) -> Option<Resumed> {
        let mut inner = self.inner();
        let latest = now().max(inner.state.latest());
        let id = level.id(site.step, site.phase);
        let call = inner.state.call(&id)?;
        let resumed = |attempt, wait, failure| Resumed {
            attempt,
            doubt: call.doubt,
            wait,
            failure,
        };
        let resumed = match &call.stage {
            // Only for a step that runs a saga: its run is repeated from the records.
            CallStage::GaveUp { end, .. } => Resumed {
                attempt: end.attempts,
                doubt: end.doubt,
                wait: None,
                failure: None,
            },
            // A call that has just begun in this process is not resumed: a cancellation can still end it.
            CallStage::Running(_) if !call.is_again && call.attempt == 1 => return None,
            CallStage::Running(_) | CallStage::Completed { .. } | CallStage::Nested => {
                resumed(call.attempt, None, None)
            }
            CallStage::Waiting { since, millis, .. } => {
                let passed = latest.saturating_sub(*since);
                let left = Duration::from_millis(millis.saturating_sub(passed));
                resumed(call.attempt, Some(left), inner.failures.get(&id).cloned())
            }
        };
        if resumed.wait.is_some() {
            inner.failures.remove(&id);
            inner.release_place();
        }
        Some(resumed)
    }

    /// The recorded failure before the wait of a call.
    pub(in crate::durable) fn failure_before_wait(&self, id: &CallId) -> Option<Vec<u8>> {
        match &self.inner().state.call(id)?.stage {
            CallStage::Waiting { failure, .. } => failure.clone(),
            _ => None,
        }
    }

    /// Stores that failure after it was read.
    pub(in crate::durable) fn set_failure_before_wait(&self, id: &CallId, failure: KeptFailure) {
        self.inner().failures.insert(id.clone(), failure);
    }

    /// How often the process ended while a call was in flight.
    pub(in crate::durable) fn interruptions(&self, level: &Level, site: Site) -> u32 {
        let inner = self.inner();
        let call = inner.state.call(&level.id(site.step, site.phase));
        call.map_or(0, |call| call.interruptions)
    }

    /// The recorded answer of the condition of a step, if there is one.
    pub(in crate::durable) fn answered(&self, level: &Level, site: Site) -> Option<bool> {
        let inner = self.inner();
        let call = inner.state.call(&level.id(site.step, site.phase))?;
        match call.stage {
            CallStage::Completed { skipped, .. } => Some(!skipped),
            _ => call.is_prepared.then_some(true),
        }
    }

    /// Whether the record is written that the condition of a step returned `true`.
    pub(in crate::durable) fn has_begun(&self, level: &Level, site: Site) -> bool {
        let inner = self.inner();
        let call = inner.state.call(&level.id(site.step, site.phase));
        call.is_some_and(|call| {
            call.is_prepared && inner.queue.is_written_up_to(call.prepared_by + 1)
        })
    }
}
