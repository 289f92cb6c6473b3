//! Which call of a recorded saga an executor is asked for.

use std::sync::Arc;

use crate::definition::{Definition, Phase, Step};
use crate::run::Call;
use saga_journal::{Begun, CallId, RunId};

/// A saga of those that run within one another.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// The run that it is; none of the outermost saga.
    pub(super) run: Option<RunId>,
    /// Whether the end of the saga has a record of its own, also where that of the last step would do.
    pub(super) ends_apart: bool,
}

impl Level {
    /// The outermost saga, whose end has a record of its own.
    pub(super) const fn outermost_ends_apart() -> Self {
        Self {
            run: None,
            ends_apart: true,
        }
    }

    /// The saga that this attempt of `step` runs.
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

/// A call of the saga that an executor runs.
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

    /// The call, to look up its policy.
    pub(super) const fn call(self) -> Call<'static> {
        Call {
            definition: self.definition,
            step: self.step,
            cause: None,
            phase: self.phase,
            siblings: None,
        }
    }

    /// Whether it is a step that runs a saga: then what is in flight are the calls of that.
    pub(super) const fn is_nested(self) -> bool {
        self.step.nested.is_some() && self.is_step()
    }

    /// Whether something has to be asked before its first attempt has any effect: its condition, or the input
    /// of the saga that it runs.
    pub(super) const fn is_prepared(self) -> bool {
        self.is_step() && (self.step.nested.is_some() || self.step.condition.is_some())
    }

    /// Whether the value of its completion is the output of the whole saga.
    pub(super) fn ends_alone(self) -> bool {
        let is_last = self.step.index + 1 == self.definition.steps.len();
        is_last && self.step.group.is_none() && !self.is_prepared()
    }
}
