//! The methods of a step as data: name, location and what their parameters are bound to.

use crate::definition::{Location, Policy};

/// The method that decides whether a step runs.
///
/// It is called in the first attempt of the step, before anything has taken effect. If it returns `false`, the step is
/// skipped: the step counts as completed, has no output and is never undone.
#[derive(Debug)]
#[non_exhaustive]
pub struct Condition {
    /// The method's name.
    pub method: &'static str,
    /// The location of the method.
    pub location: Location,
    /// The parameters of the method, in order, without `&self`.
    pub parameters: &'static [Parameter],
}

impl Condition {
    /// A condition that `method` decides.
    #[must_use]
    pub const fn new(method: &'static str, location: Location) -> Self {
        Self {
            method,
            location,
            parameters: &[],
        }
    }

    /// The same, with these parameters.
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
    /// The location of the method; if it is in another block than the saga, the place that names it.
    pub location: Location,
    /// How often its attempts are repeated and how long each may take, unless a run overrides it.
    pub policy: Policy,
    /// The predicate that decides which errors are worth another attempt, as written in the source.
    pub when: Option<&'static str>,
    /// The parameters of the method, in order, without `&self`.
    pub parameters: &'static [Parameter],
    takes_attempt: bool,
    takes_context: bool,
}

impl Compensation {
    /// A compensation by `method`, with one attempt.
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

    /// The same, with these parameters.
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

    /// The same, with this policy.
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

    /// Whether it also runs when its step is in doubt: it takes an [`Attempt`](crate::Attempt).
    #[must_use]
    pub const fn takes_attempt(&self) -> bool {
        self.takes_attempt
    }

    /// Whether it takes the [`StepContext`](crate::StepContext).
    pub(crate) const fn takes_context(&self) -> bool {
        self.takes_context
    }
}

/// One parameter of a step, compensation or condition, and what it is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Parameter {
    /// The name in the signature, or `_` if the signature has a pattern.
    pub name: &'static str,
    /// What the parameter is bound to.
    pub source: Source,
    /// If the bound value is a tuple that is spread over several parameters, the field that this one takes, counted
    /// from 0.
    pub part: Option<usize>,
    /// Whether reports show `***` in place of the value, here and wherever else it is used.
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
    /// In its compensation, the output of the step at this position, which has a condition and was not skipped.
    Ran(usize),
    /// In a compensation, what is known of its own step: an [`Attempt`](crate::Attempt).
    Attempt,
    /// The [`StepContext`](crate::StepContext).
    Context,
}
