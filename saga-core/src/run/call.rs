//! A step or compensation that is to be carried out.

use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use crate::definition::{Definition, Phase, Policy, Step};
use crate::run::Cause;

/// What is to be carried out: a step or its compensation.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The saga.
    pub definition: &'static Definition,
    /// The step.
    pub step: &'static Step,
    /// The step itself, or its compensation because of this.
    pub cause: Option<&'a Arc<Cause>>,
    /// Whether the step is carried out or undone.
    pub phase: Phase,
    /// The other members of a parallel group, if its members are to wait for each other: not after the
    /// pivot.
    pub siblings: Option<&'a Siblings>,
}

impl<'a> Call<'a> {
    /// The step itself.
    #[must_use]
    pub const fn step(definition: &'static Definition, step: &'static Step) -> Self {
        Self {
            definition,
            step,
            cause: None,
            phase: Phase::Step,
            siblings: None,
        }
    }

    /// The same as a member of a parallel group.
    #[must_use]
    pub const fn among(self, siblings: Option<&'a Siblings>) -> Self {
        Self { siblings, ..self }
    }

    /// Its compensation, because of `cause` (which is only there if a compensation asks for it).
    #[must_use]
    pub const fn compensation(
        definition: &'static Definition,
        step: &'static Step,
        cause: Option<&'a Arc<Cause>>,
    ) -> Self {
        Self {
            definition,
            step,
            cause,
            phase: Phase::Compensation,
            siblings: None,
        }
    }

    /// Whether nothing has taken effect before this call, or the group that it is part of.
    pub(crate) fn is_first(&self) -> bool {
        self.phase == Phase::Step && self.definition.stage(0).contains(&self.step.index)
    }

    /// Whether a cancellation changes anything: not after the pivot, and not while compensating.
    #[must_use]
    pub fn can_be_cancelled(&self) -> bool {
        self.phase == Phase::Step && !self.definition.is_past_the_pivot(self.step)
    }

    /// The policy in the definition for this call.
    #[must_use]
    pub fn policy(&self) -> &'static Policy {
        match (self.phase, &self.step.compensation) {
            (Phase::Step, _) => &self.step.policy,
            (Phase::Compensation, Some(compensation)) => &compensation.policy,
            (Phase::Compensation, None) => &Policy::ONCE,
        }
    }
}

/// What the members of a group know of each other: whether one of them gave up. Made by a generated machine
/// for each group before the pivot, and lent to the [`Call`](crate::executor::Call) of each member.
#[derive(Debug, Default)]
pub struct Siblings(AtomicBool);

impl Siblings {
    /// Before any of them began.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Whether a member begins no further attempt, because a sibling of it gave up.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        // Set and read by one task.
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn give_up(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
