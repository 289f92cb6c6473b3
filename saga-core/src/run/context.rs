//! What a step or compensation can learn about the run that it is part of.

use core::fmt;
use std::sync::Arc;

use crate::definition::Phase;
use crate::id::SagaId;
use crate::outcome::{Cancellation, ErrorText};
use crate::run::{Call, Run};
use crate::util::foreign::Line;

/// The run that an attempt is part of.
///
/// A step or compensation with a parameter of type `&StepContext` gets it.
///
/// ```
/// use saga_core::StepContext;
///
/// // A unit test that calls a step directly passes one.
/// let context = StepContext::new("checkout", "order-42", "charge_card");
/// assert_eq!(context.attempt(), 1);
/// assert_eq!(context.idempotency_key(), "checkout/order-42/charge_card/do");
/// ```
#[derive(Debug, Clone)]
pub struct StepContext {
    saga: &'static str,
    id: SagaId,
    step: &'static str,
    phase: Phase,
    attempt: u32,
    cause: Option<Arc<Cause>>,
}

impl StepContext {
    /// The context of the first attempt of a step.
    #[must_use]
    pub fn new(saga: &'static str, id: impl Into<SagaId>, step: &'static str) -> Self {
        Self {
            saga,
            id: id.into(),
            step,
            phase: Phase::Step,
            attempt: 1,
            cause: None,
        }
    }

    /// The context of this attempt of a call.
    pub(crate) fn of(run: &Run, call: Call<'_>, attempt: u32) -> Self {
        Self {
            saga: call.definition.name,
            id: run.id(),
            step: call.step.name,
            phase: call.phase,
            attempt,
            cause: call.cause.cloned(),
        }
    }

    /// The same, for another attempt, counted from 1.
    #[must_use]
    pub fn with_attempt(self, attempt: u32) -> Self {
        Self { attempt, ..self }
    }

    /// The same, for the step's compensation, run because of `cause`.
    #[must_use]
    pub fn with_cause(self, cause: impl Into<Arc<Cause>>) -> Self {
        Self {
            phase: Phase::Compensation,
            cause: Some(cause.into()),
            ..self
        }
    }

    /// The name of the saga.
    #[must_use]
    pub fn saga(&self) -> &'static str {
        self.saga
    }

    /// The id of this run of the saga.
    #[must_use]
    pub fn saga_id(&self) -> &SagaId {
        &self.id
    }

    /// The name of the step, also in its compensation.
    #[must_use]
    pub fn step(&self) -> &'static str {
        self.step
    }

    /// Whether the step is run or undone.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The number of this attempt within its phase, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The key to pass to an external service so that it recognises a repeated call.
    ///
    /// All attempts of a step have the same key, however often the process was restarted in between; its compensation
    /// has another one. The form is stable: `saga/id/step/do` for a step and `saga/id/step/undo` for its compensation,
    /// with the id of the run in place of `id`. The id of a nested run has several parts, separated by `/`.
    ///
    /// A key consists of visible ASCII without `"` and `\`, so it can be used in an HTTP header as it is, also between
    /// quotes. Other characters of an id or a name, and `/` and `%` in them, are [percent-encoded](SagaId#in-a-key):
    /// two different calls never share a key.
    #[must_use]
    pub fn idempotency_key(&self) -> String {
        self.id.idempotency_key(self.saga, self.step, self.phase)
    }

    /// The key of the attempts of the step, also in its compensation: an effect in doubt can be looked up by it.
    #[must_use]
    pub fn step_idempotency_key(&self) -> String {
        self.id.idempotency_key(self.saga, self.step, Phase::Step)
    }

    /// In a compensation, why the saga is rolled back.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        self.cause.as_deref()
    }
}

/// Why a saga is rolled back, as text. `Display` writes one sentence.
///
/// ```
/// use saga_core::{Cause, ErrorText};
///
/// let cause = Cause::new("charge_card", ErrorText::new("declined"));
/// assert_eq!(cause.to_string(), "step `charge_card`: declined");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cause {
    /// The name of the step that gave up. `None` if the run was ended from outside.
    pub step: Option<String>,
    /// The failure of the step.
    pub error: ErrorText,
}

impl Cause {
    /// The failure of `step`.
    #[must_use]
    pub fn new(step: impl Into<String>, error: ErrorText) -> Self {
        Self {
            step: Some(step.into()),
            error,
        }
    }

    /// The cause if the run was ended from outside.
    #[must_use]
    pub fn cancelled(why: Cancellation) -> Self {
        Self {
            step: None,
            error: ErrorText::new(why.to_string()),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.step {
            Some(step) => write!(f, "step `{}`: {}", Line(step), self.error),
            None => fmt::Display::fmt(&self.error, f),
        }
    }
}

/// The result of a step, for a compensation that also runs when its step is in doubt.
///
/// A compensation that takes `Attempt<&T>` in place of `&T` gets the step's output if there is one. It also runs
/// without an output if the step may have taken effect: the step timed out, panicked, was interrupted by the end of the
/// process, or returned an error that its `in_doubt` predicate accepts. The effect can then be looked up by
/// [`StepContext::step_idempotency_key`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attempt<T> {
    /// The step completed with this output.
    Completed(T),
    /// The step may have taken effect.
    InDoubt,
}

impl<T> Attempt<T> {
    /// The output, if there is one.
    pub fn completed(self) -> Option<T> {
        match self {
            Self::Completed(output) => Some(output),
            Self::InDoubt => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_says_whose_attempt_it_is() {
        let context = StepContext::new("checkout", "order-42", "charge_card").with_attempt(3);
        assert_eq!(context.saga(), "checkout");
        assert_eq!(*context.saga_id(), SagaId::from("order-42"));
        assert_eq!(context.step(), "charge_card");
        assert_eq!(context.phase(), Phase::Step);
        assert_eq!(context.attempt(), 3);
        assert!(context.cause().is_none());
    }
}
