//! The policies of one run in place of the definition's.

use crate::definition::{Phase, Policy};
use crate::run::Call;

/// The policies that one run has in place of the definition's. Of two for one call the later
/// counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides(Vec<(&'static str, Phase, Policy)>);

impl Overrides {
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// One more, which counts before those that are there.
    pub(crate) fn add(&mut self, step: &'static str, phase: Phase, policy: Policy) {
        self.0.push((step, phase, policy));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn policy(&self, call: Call<'_>) -> Option<&Policy> {
        let meant = |(step, phase, _): &&(&str, Phase, Policy)| {
            *step == call.step.name && *phase == call.phase
        };
        let found = self.0.iter().rev().find(meant);
        found.map(|(.., policy)| policy)
    }
}
