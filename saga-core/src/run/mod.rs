//! What all calls of one run share.

mod call;
#[cfg_attr(not(feature = "tracing"), path = "no_caller.rs")]
mod caller;
mod context;
pub(crate) mod history;
mod limits;
mod observed;
mod overrides;
mod position;
mod skipped;
mod times;

use std::sync::Arc;

pub use self::call::{Call, Siblings};
pub(crate) use self::caller::Caller;
pub use self::context::{Attempt, Cause, StepContext};
pub(crate) use self::limits::{Limits, TokenWatch};
pub(crate) use self::observed::Observed;
pub(crate) use self::overrides::Overrides;
pub use self::position::Position;
pub(crate) use self::position::Progress;
use self::skipped::Skipped;
pub(crate) use self::times::Timed;
use self::times::Times;
use crate::definition::{Definition, Policy, Step};
use crate::id::{LazyId, NestedId, SagaId};
#[cfg(feature = "durable")]
use crate::outcome::Cancellation;
use crate::run::history::Memory;
use crate::util::rare::Rare;

/// One run of a saga: its id, the policies that override those of the definition, what may end it from outside, and the
/// times of its calls if they are recorded.
#[derive(Debug)]
pub struct Run {
    id: LazyId,
    // One pointer, so that a run without options pays one check per call.
    options: Rare<Options>,
    skipped: Skipped,
}

/// What only some runs have.
#[derive(Debug, Clone, Default)]
struct Options {
    times: Option<Times>,
    overrides: Overrides,
    limits: Limits,
    progress: Option<Arc<Progress>>,
    observed: Option<Observed>,
    memory: Option<Arc<dyn Memory>>,
    refused: Option<&'static str>,
    caller: Caller,
    trace_context: Option<Arc<str>>,
}

impl Options {
    /// Whether any option is set.
    fn is_any(&self) -> bool {
        let Self {
            times,
            overrides,
            limits,
            progress,
            observed,
            memory,
            refused,
            caller,
            trace_context,
        } = self;
        let is_observed = progress.is_some() || observed.is_some();
        let differs = times.is_some() || !overrides.is_empty() || limits.is_any();
        let is_traced = caller.is_any() || trace_context.is_some();
        differs || is_observed || memory.is_some() || refused.is_some() || is_traced
    }
}

impl Run {
    /// A run with this id, under the policies of the definition. Its times are not recorded.
    #[must_use]
    pub const fn new(id: SagaId) -> Self {
        Self {
            id: LazyId::Given(id),
            options: Rare::none(),
            skipped: Skipped::none(),
        }
    }

    /// A run with a random id, under the policies of the definition. The id is drawn on first use: random numbers cost
    /// as much as all the rest that a run does for two steps. Its times are not recorded.
    #[must_use]
    pub const fn random() -> Self {
        Self {
            id: LazyId::random(),
            options: Rare::none(),
            skipped: Skipped::none(),
        }
    }

    /// The same, with its times recorded for the report.
    #[must_use]
    pub fn timed(mut self) -> Self {
        let options = self.options.get();
        options.times.get_or_insert_default();
        self
    }

    /// The same, with these policies in place of the definition's.
    pub(crate) fn with_overrides(mut self, overrides: Overrides) -> Self {
        self.options.get().overrides = overrides;
        self
    }

    /// The same, ended from outside by these limits.
    pub(crate) fn with_limits(mut self, limits: Limits) -> Self {
        self.options.get().limits = limits;
        self
    }

    /// The same, recording its position in `progress`.
    pub(crate) fn with_progress(mut self, progress: Arc<Progress>) -> Self {
        self.options.get().progress = Some(progress);
        self
    }

    /// The run of the saga that the step of this call runs, for this attempt. What ends the outer run from outside also
    /// ends this one, as long as the call can be cancelled. The step's time limit is its deadline. Policies that the
    /// outer run sets for steps of that saga apply.
    pub(crate) fn nested(&self, call: Call<'_>, attempt: u32) -> Self {
        let id = LazyId::Nested(NestedId {
            id: self.id(),
            saga: call.definition,
            step: call.step,
            attempt,
        });
        let own = call.step.nested.and_then(|nested| nested.deadline);
        let after = [own, self.policy(call).timeout].into_iter().flatten().min();
        let limits = self.limits_of_nested(call);
        let limits = match after {
            Some(after) => limits.no_later_than(after),
            None => limits,
        };
        let overrides = self.options.0.as_ref().map(|options| &options.overrides);
        let options = Options {
            times: self.recorder().map(|_| Times::default()),
            overrides: overrides.map_or_else(Overrides::none, |all| all.within(call.step)),
            limits,
            observed: self.observed().cloned(),
            ..Options::default()
        };
        Self {
            id,
            options: Rare(options.is_any().then(|| Box::new(options))),
            skipped: Skipped::none(),
        }
    }

    /// What ends this run from outside, for the run of the saga that the step of this call runs.
    fn limits_of_nested(&self, call: Call<'_>) -> Limits {
        let outer = self.limits().filter(|_| call.can_be_cancelled());
        Limits::new(
            outer.and_then(|limits| limits.token.clone()),
            outer.and_then(|limits| limits.deadline),
        )
    }

    /// The same run of a nested saga, in a later process: with this deadline of its own, or with that of the run
    /// around it, whose call this is.
    #[cfg(feature = "durable")]
    pub(crate) fn again(
        self,
        around: &Self,
        call: Call<'_>,
        own: Option<tokio::time::Instant>,
    ) -> Self {
        let limits = around.limits_of_nested(call);
        let limits = match own {
            Some(own) => limits.with_own_deadline(own),
            None => limits,
        };
        if !limits.is_any() && !self.has_options() {
            return self;
        }
        self.with_limits(limits)
    }

    /// The same, with this observer.
    pub(crate) fn with_observer(mut self, observed: Observed) -> Self {
        self.options.get().observed = Some(observed);
        self
    }

    /// The same, with this history of its attempts.
    #[cfg(feature = "durable")]
    pub(crate) fn with_memory(mut self, memory: Arc<dyn Memory>) -> Self {
        self.options.get().memory = Some(memory);
        self
    }

    /// The same, refused for this reason: its first step fails before it begins.
    pub(crate) fn refused_because(mut self, reason: &'static str) -> Self {
        self.options.get().refused = Some(reason);
        self
    }

    /// The same, begun in a task of its own by this caller.
    pub(crate) fn with_caller(mut self, caller: Caller) -> Self {
        if caller.is_any() {
            self.options.get().caller = caller;
        }
        self
    }

    /// The same, submitted in this trace.
    #[cfg(feature = "durable")]
    pub(crate) fn with_trace_context(mut self, context: Option<&str>) -> Self {
        if let Some(context) = context {
            self.options.get().trace_context = Some(context.into());
        }
        self
    }

    /// The caller that began it in a task of its own, if there is one.
    #[cfg(feature = "tracing")]
    pub(crate) fn caller(&self) -> Option<&Caller> {
        Some(&self.options.0.as_ref()?.caller)
    }

    /// The trace in which it was submitted, if it is known.
    pub(crate) fn trace_context(&self) -> Option<&str> {
        self.options.0.as_ref()?.trace_context.as_deref()
    }

    /// Why the run was refused, if it was.
    pub(crate) fn refused(&self) -> Option<&'static str> {
        self.options.0.as_ref()?.refused
    }

    /// How often the process ended while this call was in flight.
    pub(crate) fn interruptions(&self, call: Call<'_>) -> u32 {
        self.memory().map_or(0, |memory| memory.interruptions(call))
    }

    /// Records the answer of the condition of this call, for its events: the type of its output is not known there.
    pub(crate) fn set_skipped(&self, call: Call<'_>, is_skipped: bool) {
        self.skipped.set(call, is_skipped);
    }

    /// Whether the condition of this call returned `false`.
    pub(crate) fn is_skipped(&self, call: Call<'_>) -> bool {
        self.skipped.get(call)
    }

    /// The history of its attempts.
    pub(crate) fn memory(&self) -> Option<&dyn Memory> {
        self.options.0.as_ref()?.memory.as_deref()
    }

    #[inline]
    pub(crate) fn drop_observer(&mut self) {
        if let Some(options) = &mut self.options.0 {
            options.observed = None;
        }
    }

    /// The id of this run.
    #[must_use]
    pub fn id(&self) -> SagaId {
        self.id.id()
    }

    /// Whether any option is set, which few runs have.
    #[inline]
    pub(crate) const fn has_options(&self) -> bool {
        self.options.0.is_some()
    }

    /// The policy of this call.
    pub(crate) fn policy<'a>(&'a self, call: Call<'a>) -> &'a Policy {
        let options = self.options.0.as_ref();
        let overridden = options.and_then(|options| options.overrides.policy(call));
        overridden.unwrap_or_else(|| call.policy())
    }

    fn recorder(&self) -> Option<&Times> {
        self.options.0.as_ref()?.times.as_ref()
    }

    /// The observer. A clone of it is for another run, such as that of a nested saga.
    pub(crate) fn observed(&self) -> Option<&Observed> {
        self.options.0.as_ref()?.observed.as_ref()
    }

    /// What has ended the run from outside, if anything has.
    #[cfg(feature = "durable")]
    pub(crate) fn ended_by(&self) -> Option<Cancellation> {
        self.limits()?.ended()
    }

    /// Whether the run has a cancellation token.
    #[cfg(feature = "durable")]
    pub(crate) fn can_be_cancelled(&self) -> bool {
        self.limits().is_some_and(|limits| limits.token.is_some())
    }

    /// What may end the run from outside.
    pub(crate) fn limits(&self) -> Option<&Limits> {
        Some(&self.options.0.as_ref()?.limits)
    }

    pub(crate) fn began(&self, call: Call<'_>) {
        if let Some(times) = self.recorder() {
            times.began(call.step, call.phase);
        }
    }

    /// Records that an attempt of this call begins.
    pub(crate) fn attempted(&self, call: Call<'_>, attempt: u32) {
        let options = self.options.0.as_ref();
        if let Some(progress) = options.and_then(|options| options.progress.as_ref()) {
            progress.set(Position::of(call, attempt));
        }
    }

    pub(crate) fn ended(&self, call: Call<'_>) {
        if let Some(times) = self.recorder() {
            times.ended(call.step, call.phase);
        }
    }

    /// The times of the calls, in the order in which these began. Empty if they were not recorded.
    pub(crate) fn times(&self) -> Vec<Timed> {
        let times = self.recorder();
        times.map_or_else(Vec::new, |times| times.lock().clone())
    }
}

impl Run {
    /// For a nested run, the outer saga, its step, and the attempt of that step, counted from 1. `None` for an
    /// outermost run.
    #[must_use]
    pub const fn within(&self) -> Option<(&'static Definition, &'static Step, u32)> {
        match self.id.nested() {
            Some(nested) => Some((nested.saga, nested.step, nested.attempt)),
            None => None,
        }
    }
}

impl Clone for Run {
    fn clone(&self) -> Self {
        Self {
            id: self.id.clone(),
            options: self.options.clone(),
            skipped: Skipped::none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    #[test]
    fn runs_that_were_given_no_id_have_different_ones() {
        let ids: HashSet<_> = (0..1_000).map(|_| Run::random().id()).collect();
        assert_eq!(ids.len(), 1_000);
    }

    #[test]
    fn a_random_id_is_the_same_for_everybody_who_asks_at_once_and_in_a_copy() {
        for _ in 0..200 {
            let (run, barrier) = (Run::random(), Barrier::new(4));
            let seen: HashSet<_> = thread::scope(|scope| {
                let ask = || {
                    barrier.wait();
                    [run.id(), run.clone().id()]
                };
                let threads = [(); 4].map(|()| scope.spawn(ask));
                threads
                    .into_iter()
                    .flat_map(|thread| thread.join().unwrap())
                    .collect()
            });
            assert_eq!(seen, HashSet::from([run.id()]));
        }
    }
}
