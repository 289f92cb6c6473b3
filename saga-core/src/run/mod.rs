//! What all calls of one run have in common.

mod call;
mod context;
pub(crate) mod history;
mod limits;
mod observed;
mod overrides;
mod position;
mod times;

use std::sync::Arc;

pub use self::call::{Call, Siblings};
pub use self::context::{Attempt, Cause, StepContext};
pub(crate) use self::limits::{Limits, TokenWatch};
pub(crate) use self::observed::Observed;
pub(crate) use self::overrides::Overrides;
pub use self::position::Position;
pub(crate) use self::position::Progress;
pub(crate) use self::times::Timed;
use self::times::Times;
use crate::definition::{Definition, Policy, Step};
use crate::id::{LazyId, NestedId, SagaId};
#[cfg(feature = "durable")]
use crate::outcome::Cancellation;
use crate::run::history::Memory;
use crate::util::rare::Rare;

/// One run of a saga: its id, the policies it has in place of the definition's, what may end it from
/// outside, and when its calls began and ended if that is to be recorded.
#[derive(Debug)]
pub struct Run {
    id: LazyId,
    // One pointer to look at, for every call of a run that wants none of it.
    options: Rare<Options>,
}

/// What a run may want besides.
#[derive(Debug, Clone, Default)]
struct Options {
    times: Option<Times>,
    overrides: Overrides,
    limits: Limits,
    progress: Option<Arc<Progress>>,
    observed: Option<Observed>,
    memory: Option<Arc<dyn Memory>>,
    refused: Option<&'static str>,
}

impl Options {
    /// Whether a run wants any of it.
    fn is_any(&self) -> bool {
        let Self {
            times,
            overrides,
            limits,
            progress,
            observed,
            memory,
            refused,
        } = self;
        let is_looked_at = progress.is_some() || observed.is_some();
        let differs = times.is_some() || !overrides.is_empty() || limits.is_any();
        differs || is_looked_at || memory.is_some() || refused.is_some()
    }
}

impl Run {
    /// The run of this id, under the policies of the definition. Its times are not recorded.
    #[must_use]
    pub const fn new(id: SagaId) -> Self {
        Self {
            id: LazyId::Given(id),
            options: Rare::none(),
        }
    }

    /// A run with a random id, which is drawn when somebody asks for it: random numbers cost as much
    /// as all that a run does for two steps. Its times are not recorded.
    #[must_use]
    pub const fn random() -> Self {
        Self {
            id: LazyId::random(),
            options: Rare::none(),
        }
    }

    /// The same, with its times recorded for the report.
    #[must_use]
    pub fn timed(mut self) -> Self {
        let options = self.options.get();
        options.times.get_or_insert_default();
        self
    }

    /// The same under these policies.
    pub(crate) fn with_overrides(mut self, overrides: Overrides) -> Self {
        self.options.get().overrides = overrides;
        self
    }

    /// The same, which ends when one of these says so.
    pub(crate) fn with_limits(mut self, limits: Limits) -> Self {
        self.options.get().limits = limits;
        self
    }

    /// The same, which tells how far it is.
    pub(crate) fn with_progress(mut self, progress: Arc<Progress>) -> Self {
        self.options.get().progress = Some(progress);
        self
    }

    /// The run of the saga that the step of this call runs, as this attempt of it. It hears of what ends this
    /// one while that can still be ended; the step's time limit is its deadline.
    pub(crate) fn nested(&self, call: Call<'_>, attempt: u32) -> Self {
        let id = LazyId::Nested(NestedId {
            id: self.id(),
            saga: call.definition,
            step: call.step,
            attempt,
        });
        let outer = self.limits().filter(|_| call.can_be_cancelled());
        let own = call.step.nested.and_then(|nested| nested.deadline);
        let after = [own, self.policy(call).timeout].into_iter().flatten().min();
        let limits = Limits {
            token: outer.and_then(|limits| limits.token.clone()),
            deadline: outer.and_then(|limits| limits.deadline),
        };
        let limits = match after {
            Some(after) => limits.no_later_than(after),
            None => limits,
        };
        let options = Options {
            times: self.taken_down().map(|_| Times::default()),
            limits,
            observed: self.observed().cloned(),
            ..Options::default()
        };
        Self {
            id,
            options: Rare(options.is_any().then(|| Box::new(options))),
        }
    }

    /// The same, which tells this observer what happens.
    pub(crate) fn with_observer(mut self, observed: Observed) -> Self {
        self.options.get().observed = Some(observed);
        self
    }

    /// The same, whose attempts are remembered there.
    #[cfg(feature = "durable")]
    pub(crate) fn with_memory(mut self, memory: Arc<dyn Memory>) -> Self {
        self.options.get().memory = Some(memory);
        self
    }

    /// The same, which does not begin, for this reason.
    pub(crate) fn refused_because(mut self, reason: &'static str) -> Self {
        self.options.get().refused = Some(reason);
        self
    }

    /// Why it does not begin, if it does not.
    pub(crate) fn refused(&self) -> Option<&'static str> {
        self.options.0.as_ref()?.refused
    }

    /// Where its attempts are remembered.
    pub(crate) fn memory(&self) -> Option<&dyn Memory> {
        self.options.0.as_ref()?.memory.as_deref()
    }

    #[inline]
    pub(crate) fn let_observer_go(&mut self) {
        if let Some(options) = &mut self.options.0 {
            options.observed = None;
        }
    }

    /// Which run this is.
    #[must_use]
    pub fn id(&self) -> SagaId {
        self.id.id()
    }

    /// Whether it wants anything that most runs do not.
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

    fn taken_down(&self) -> Option<&Times> {
        self.options.0.as_ref()?.times.as_ref()
    }

    /// Its observer. A clone of it is for another run, as of a saga within this one.
    pub(crate) fn observed(&self) -> Option<&Observed> {
        self.options.0.as_ref()?.observed.as_ref()
    }

    /// What has ended it from outside, if anything has.
    #[cfg(feature = "durable")]
    pub(crate) fn ended_by(&self) -> Option<Cancellation> {
        self.limits()?.ended()
    }

    /// Whether a cancellation reaches it.
    #[cfg(feature = "durable")]
    pub(crate) fn can_be_cancelled(&self) -> bool {
        self.limits().is_some_and(|limits| limits.token.is_some())
    }

    /// The same, with this deadline in place of its own.
    #[cfg(feature = "durable")]
    pub(crate) fn with_deadline(self, deadline: Option<tokio::time::Instant>) -> Self {
        let token = self.limits().and_then(|limits| limits.token.clone());
        if token.is_none() && deadline.is_none() && self.options.0.is_none() {
            return self;
        }
        self.with_limits(Limits { token, deadline })
    }

    /// What may end it from outside.
    pub(crate) fn limits(&self) -> Option<&Limits> {
        Some(&self.options.0.as_ref()?.limits)
    }

    pub(crate) fn began(&self, call: Call<'_>) {
        if let Some(times) = self.taken_down() {
            times.began(call.step, call.phase);
        }
    }

    /// An attempt of this call is to begin.
    pub(crate) fn attempted(&self, call: Call<'_>, attempt: u32) {
        let options = self.options.0.as_ref();
        if let Some(progress) = options.and_then(|options| options.progress.as_ref()) {
            progress.set(Position::of(call, attempt));
        }
    }

    pub(crate) fn ended(&self, call: Call<'_>) {
        if let Some(times) = self.taken_down() {
            times.ended(call.step, call.phase);
        }
    }

    /// The calls that began, in this order; none if their times were not recorded.
    pub(crate) fn times(&self) -> Vec<Timed> {
        let times = self.taken_down();
        times.map_or_else(Vec::new, |times| times.lock().clone())
    }
}

impl Run {
    /// Of which saga it is a step, which step, and as which attempt, counted from 1; none of an outermost run.
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
