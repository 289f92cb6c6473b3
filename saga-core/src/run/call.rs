//! A step or compensation that is to be run.

use core::sync::atomic::{AtomicU8, Ordering};
use std::sync::Arc;

use crate::definition::{Definition, Phase, Policy, Step};
use crate::outcome::{Cancellation, Prevention};
use crate::run::Cause;

/// One execution of a step or of its compensation.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The saga.
    pub definition: &'static Definition,
    /// The step.
    pub step: &'static Step,
    /// For a compensation, the cause of the roll-back, if any compensation takes it.
    pub cause: Option<&'a Arc<Cause>>,
    /// Whether the step is run or undone.
    pub phase: Phase,
    /// The state that the members of a parallel group share. `None` after the pivot, where members do not wait for each
    /// other.
    pub siblings: Option<&'a Siblings>,
}

impl<'a> Call<'a> {
    /// A call of the step itself.
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

    /// A call of its compensation, because of `cause`, which is only needed if a compensation takes it.
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

    /// Whether the call, or the group that it is part of, is the first of the saga.
    pub(crate) fn is_first(&self) -> bool {
        self.phase == Phase::Step && self.definition.stage(0).contains(&self.step.index)
    }

    /// Whether a cancellation has an effect: not after the pivot, and not while compensating.
    #[must_use]
    pub fn can_be_cancelled(&self) -> bool {
        self.phase == Phase::Step && !self.definition.is_past_the_pivot(self.step)
    }

    /// The policy of this call in the definition.
    #[must_use]
    pub fn policy(&self) -> &'static Policy {
        match (self.phase, &self.step.compensation) {
            (Phase::Step, _) => &self.step.policy,
            (Phase::Compensation, Some(compensation)) => &compensation.policy,
            (Phase::Compensation, None) => &Policy::ONCE,
        }
    }
}

/// The state that the members of a group share: whether one of them stopped, and why. A generated machine makes one for
/// each group before the pivot, and lends it to the [`Call`](crate::executor::Call) of each member.
#[derive(Debug, Default)]
pub struct Siblings(AtomicU8);

impl Siblings {
    const NONE: u8 = 0;
    const GAVE_UP: u8 = 1;
    const CANCELLED: u8 = 2;
    const DEADLINE_EXCEEDED: u8 = 3;

    /// The state before any member has begun.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU8::new(Self::NONE))
    }

    /// Whether a member gave up, so that its siblings begin no further attempt.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        self.stopped_by().is_some()
    }

    /// What stopped the first member that stopped, for its siblings.
    pub(crate) fn stopped_by(&self) -> Option<Prevention> {
        // Set and read by one task.
        match self.0.load(Ordering::Relaxed) {
            Self::NONE => None,
            Self::CANCELLED => Some(Prevention::Cancelled),
            Self::DEADLINE_EXCEEDED => Some(Prevention::DeadlineExceeded),
            _ => Some(Prevention::Sibling),
        }
    }

    /// Records that a member stopped, for this reason if the run was ended from outside.
    pub(crate) fn stop(&self, cancellation: Option<Cancellation>) {
        if !self.gave_up() {
            let stopped = match cancellation {
                None => Self::GAVE_UP,
                Some(Cancellation::Requested) => Self::CANCELLED,
                Some(Cancellation::DeadlineExceeded) => Self::DEADLINE_EXCEEDED,
            };
            self.0.store(stopped, Ordering::Relaxed);
        }
    }
}
