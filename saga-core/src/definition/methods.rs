//! The methods of a step, as data: what they are bound to.

use crate::definition::{Location, Policy};

/// The method that says whether a step is to run.
///
/// It is asked in the step's first attempt, before anything has taken effect. Where it says no, the step
/// is skipped: it counts as completed, has no output and is never undone.
#[derive(Debug)]
#[non_exhaustive]
pub struct Condition {
    /// The method's name.
    pub method: &'static str,
    /// Where it stands.
    pub location: Location,
    /// What the method is given, in order, without `&self`.
    pub parameters: &'static [Parameter],
}

impl Condition {
    /// A condition that is asked by `method`.
    #[must_use]
    pub const fn new(method: &'static str, location: Location) -> Self {
        Self {
            method,
            location,
            parameters: &[],
        }
    }

    /// The same, given these.
    #[must_use]
    pub const fn parameters(self, parameters: &'static [Parameter]) -> Self {
        Self { parameters, ..self }
    }
}

/// The method that undoes a step.
#[derive(Debug)]
#[non_exhaustive]
pub struct Compensation {
    /// The method's name.
    pub method: &'static str,
    /// Where it stands; where it stands in another block than the saga, the place that names it.
    pub location: Location,
    /// How its attempts are carried out, unless a run says otherwise.
    pub policy: Policy,
    /// The predicate that says which errors are worth another attempt, as written.
    pub when: Option<&'static str>,
    /// What the method is given, in order, without `&self`.
    pub parameters: &'static [Parameter],
    takes_attempt: bool,
    takes_context: bool,
}

impl Compensation {
    /// A compensation that is carried out by `method`, once.
    #[must_use]
    pub const fn new(method: &'static str, location: Location) -> Self {
        Self {
            method,
            location,
            policy: Policy::ONCE,
            when: None,
            parameters: &[],
            takes_attempt: false,
            takes_context: false,
        }
    }

    /// The same, given these.
    #[must_use]
    pub const fn parameters(self, parameters: &'static [Parameter]) -> Self {
        let (mut takes_attempt, mut takes_context) = (false, false);
        let mut rest = parameters;
        while let [parameter, after @ ..] = rest {
            takes_attempt |= matches!(parameter.source, Source::Attempt);
            takes_context |= matches!(parameter.source, Source::Context);
            rest = after;
        }
        Self {
            parameters,
            takes_attempt,
            takes_context,
            ..self
        }
    }

    /// The same under this policy.
    #[must_use]
    pub const fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// The same, with the text of the predicate that accepts errors for another attempt.
    #[must_use]
    pub const fn when(self, when: &'static str) -> Self {
        Self {
            when: Some(when),
            ..self
        }
    }

    /// Whether it is also run when its step is in doubt: it asks for an
    /// [`Attempt`](crate::Attempt).
    #[must_use]
    pub const fn takes_attempt(&self) -> bool {
        self.takes_attempt
    }

    /// Whether it asks for the [`StepContext`](crate::StepContext).
    pub(crate) const fn takes_context(&self) -> bool {
        self.takes_context
    }
}

/// One parameter of a step or compensation, and what it is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Parameter {
    /// The name in the signature; `_` where the signature has a pattern.
    pub name: &'static str,
    /// What is passed.
    pub source: Source,
    /// Only this field of it, counted from 0: what is passed is a tuple, spread over several
    /// parameters.
    pub part: Option<usize>,
    /// Whether reports show `***` in place of the value, here and wherever else it is handed to.
    pub sensitive: bool,
}

impl Parameter {
    /// The parameter `name`, bound to `source`.
    #[must_use]
    pub const fn new(name: &'static str, source: Source) -> Self {
        Self {
            name,
            source,
            part: None,
            sensitive: false,
        }
    }

    /// The same, shown as `***` in reports.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self {
            sensitive: true,
            ..self
        }
    }

    /// The same, bound to this field of a tuple.
    #[must_use]
    pub const fn part(self, part: usize) -> Self {
        Self {
            part: Some(part),
            ..self
        }
    }
}

/// What a parameter is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The saga's input.
    Input,
    /// The output of the step at this position, counted from 0: an `Option` if the step has a condition.
    Output(usize),
    /// In its compensation, the output of the step at this position, which has a condition and did run.
    Ran(usize),
    /// In a compensation, what is known of its own step: an [`Attempt`](crate::Attempt).
    Attempt,
    /// The [`StepContext`](crate::StepContext).
    Context,
}
