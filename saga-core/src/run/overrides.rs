//! The policies of one run that override those of the definition.

use crate::definition::{Phase, Policy, Step};
use crate::run::Call;

/// The policies of one run that override those of the definition, each with the path to its step: `pay/charge` is the
/// step `charge` of the saga that the step `pay` runs. If there are two for one call, the later one applies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides(Vec<(String, Phase, Policy)>);

impl Overrides {
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Adds a policy, which takes precedence over those that are there.
    pub(crate) fn add(&mut self, path: &str, phase: Phase, policy: Policy) {
        self.0.push((path.to_owned(), phase, policy));
    }

    /// Those of the saga that this step runs.
    pub(crate) fn within(&self, step: &Step) -> Self {
        let inner = self.0.iter().filter_map(|(path, phase, policy)| {
            let path = path.strip_prefix(step.name)?.strip_prefix('/')?;
            Some((path.to_owned(), *phase, *policy))
        });
        Self(inner.collect())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn policy(&self, call: Call<'_>) -> Option<&Policy> {
        let is_for_call = |(path, phase, _): &&(String, Phase, Policy)| {
            *path == call.step.name && *phase == call.phase
        };
        let found = self.0.iter().rev().find(is_for_call);
        found.map(|(.., policy)| policy)
    }
}
