//! What calls are called in a journal.

use std::sync::Arc;

use crate::definition::{Definition, Phase, Step};
use crate::executor::Call;

/// Which saga of those that run within one another.
#[derive(Debug)]
pub(super) struct Level {
    /// What the names of its calls begin with.
    pub(super) prefix: String,
    /// The step that it is, of the saga around it.
    pub(super) within: Option<(Arc<Self>, &'static Definition, &'static Step)>,
}

impl Level {
    pub(super) const fn outermost() -> Self {
        Self {
            prefix: String::new(),
            within: None,
        }
    }

    pub(super) fn name(&self, step: &Step, phase: Phase) -> String {
        let phase = match phase {
            Phase::Step => "/do",
            Phase::Compensation => "/undo",
        };
        [&self.prefix, step.name, phase].concat()
    }

    pub(super) fn name_of(&self, call: Which) -> String {
        self.name(call.step, call.phase)
    }

    /// The steps around it, each with a `/` behind it.
    #[cfg(feature = "testing")]
    pub(super) fn path(&self) -> String {
        self.within
            .as_ref()
            .map_or_else(String::new, |(outer, _, step)| {
                format!("{}{}/", outer.path(), step.name)
            })
    }

    pub(super) fn nested_prefix(&self, step: &Step, attempt: u32) -> String {
        format!("{}{}/{attempt}/", self.prefix, step.name)
    }
}

/// The calls that are carried out first of the stage at this position.
pub(super) fn first_calls(prefix: &str, definition: &Definition, position: usize) -> Vec<String> {
    let mut calls = Vec::new();
    for step in definition.stage(position) {
        let Some(step) = definition.steps.get(step) else {
            continue;
        };
        match step.nested {
            // Not in hand before its condition has said yes.
            _ if step.condition.is_some() => {}
            None => calls.push([prefix, step.name, "/do"].concat()),
            Some(nested) => {
                let prefix = format!("{prefix}{}/1/", step.name);
                calls.extend(first_calls(&prefix, nested, 0));
            }
        }
    }
    calls
}

pub(super) fn first_of_nested(level: &Level, step: &Step, attempt: u32) -> Vec<String> {
    let prefix = level.nested_prefix(step, attempt);
    let first = |nested| first_calls(&prefix, nested, 0);
    step.nested.map(first).unwrap_or_default()
}

/// Which call it is of its saga.
#[derive(Debug, Clone, Copy)]
pub(super) struct Which {
    pub(super) definition: &'static Definition,
    pub(super) step: &'static Step,
    pub(super) phase: Phase,
}

impl From<Call<'_>> for Which {
    fn from(call: Call<'_>) -> Self {
        Self {
            definition: call.definition,
            step: call.step,
            phase: call.phase,
        }
    }
}

impl Which {
    /// Whether it is a step that runs a saga: then what is in hand are the calls of that.
    pub(super) const fn is_nested(self) -> bool {
        self.step.nested.is_some() && matches!(self.phase, Phase::Step)
    }
}
