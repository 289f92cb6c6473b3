//! Identifies the calls of a recorded saga.

use std::sync::Arc;

use crate::definition::{Definition, Phase, Step};
use crate::run::Call;
use saga_journal::{Begun, CallId, RunId};

/// An outermost or nested saga.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// The nested run; `None` for the outermost saga.
    pub(super) run: Option<RunId>,
    /// Whether the end of the saga has a record of its own, even if the record of the last step would suffice.
    pub(super) ends_apart: bool,
}

impl Level {
    /// The level of an outermost saga, whose end has a record of its own.
    pub(super) const fn outermost_ends_apart() -> Self {
        Self {
            run: None,
            ends_apart: true,
        }
    }

    /// The level of the saga that this attempt of `step` runs.
    pub(super) fn nested(&self, step: &'static Step, attempt: u32) -> Arc<Self> {
        Arc::new(Self {
            run: Some(RunId::new(self.run.clone(), step.name, attempt)),
            ends_apart: false,
        })
    }

    pub(super) fn id(&self, step: &'static Step, phase: Phase) -> CallId {
        CallId::new(self.run.clone(), step.name, phase)
    }
}

/// The calls of the stage at this position.
pub(super) fn calls_of_stage(
    run: Option<&RunId>,
    definition: &'static Definition,
    position: usize,
) -> Vec<Begun> {
    let steps = definition.steps.iter().enumerate();
    let stage = definition.stage(position);
    let steps = steps.filter(|(index, _)| stage.contains(index));
    let call = |(_, step): (usize, &Step)| CallId::new(run.cloned(), step.name, Phase::Step);
    steps.map(call).map(Begun::Call).collect()
}

/// A call of a saga, as an executor identifies it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    pub(super) definition: &'static Definition,
    pub(super) step: &'static Step,
    pub(super) phase: Phase,
}

impl From<Call<'_>> for Site {
    fn from(call: Call<'_>) -> Self {
        Self {
            definition: call.definition,
            step: call.step,
            phase: call.phase,
        }
    }
}

impl Site {
    pub(super) const fn is_step(self) -> bool {
        matches!(self.phase, Phase::Step)
    }

    /// As a [`Call`], to look up its policy.
    pub(super) const fn call(self) -> Call<'static> {
        Call {
            definition: self.definition,
            step: self.step,
            cause: None,
            phase: self.phase,
            siblings: None,
        }
    }

    /// Whether it is a step that runs a saga: then the calls of that saga are in flight instead of the step.
    pub(super) const fn is_nested(self) -> bool {
        self.step.nested.is_some() && self.is_step()
    }

    /// Whether a method must run before its first attempt can take effect: the condition of the step, or the method
    /// that returns the input of the nested saga.
    pub(super) const fn is_prepared(self) -> bool {
        self.is_step() && (self.step.nested.is_some() || self.step.condition.is_some())
    }

    /// Whether the record of its completion can also be that of the end of the saga, with the saga's output.
    pub(super) fn ends_alone(self) -> bool {
        let is_last = self.step.index + 1 == self.definition.steps.len();
        is_last && self.step.group.is_none() && !self.is_prepared()
    }
}
