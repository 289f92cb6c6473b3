//! The policies of one run that override those of the definition.

use crate::definition::{Phase, Policy};
use crate::run::Call;

/// The policies of one run that override those of the definition. If there are two for one call, the later one applies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides(Vec<(&'static str, Phase, Policy)>);

impl Overrides {
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Adds a policy, which takes precedence over those that are there.
    pub(crate) fn add(&mut self, step: &'static str, phase: Phase, policy: Policy) {
        self.0.push((step, phase, policy));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn policy(&self, call: Call<'_>) -> Option<&Policy> {
        let is_for_call = |(step, phase, _): &&(&str, Phase, Policy)| {
            *step == call.step.name && *phase == call.phase
        };
        let found = self.0.iter().rev().find(is_for_call);
        found.map(|(.., policy)| policy)
    }
}
