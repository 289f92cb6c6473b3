//! A step as data.

use crate::definition::{Compensation, Condition, Definition, Location, Parameter, Policy};

/// One step.
#[derive(Debug)]
#[non_exhaustive]
pub struct Step {
    /// Its position in the definition, counted from 0.
    pub index: usize,
    /// The name in journals, reports and idempotency keys. Has no `/`.
    pub name: &'static str,
    /// The method that runs the step.
    pub method: &'static str,
    /// The location of that method.
    pub location: Location,
    /// What happens to the step's effect when a later step fails.
    pub kind: Kind,
    /// What undoes the step. Every [`Kind::Compensatable`] step that does not run another saga has one; a
    /// [`Kind::Pivot`] may have one, which takes an [`Attempt`](crate::Attempt) and runs only in doubt. A step that
    /// runs another saga never has one.
    pub compensation: Option<Compensation>,
    /// How often its attempts are repeated and how long each may take, unless a run overrides it.
    pub policy: Policy,
    /// The predicate that decides which errors are worth another attempt, as written in the source.
    pub when: Option<&'static str>,
    /// The predicate that decides which errors leave the step in doubt, as written in the source.
    pub in_doubt: Option<&'static str>,
    /// The parallel group that it is a member of, together with its neighbours of the same group.
    pub group: Option<&'static str>,
    /// The saga that the step runs, if it runs one. The compensations of that saga undo the step.
    pub nested: Option<&'static Definition>,
    /// The method that decides whether the step runs, if there is one.
    pub condition: Option<Condition>,
    /// Whether no other attempt is made once one of them may have taken effect.
    pub at_most_once: bool,
    /// The parameters of the method, in order, without `&self`.
    pub parameters: &'static [Parameter],
    /// Whether more than one attempt can be made. Not if a value is moved into the first one.
    pub repeatable: bool,
    /// Whether reports show `***` in place of its output, wherever that is used.
    pub sensitive: bool,
}

impl Step {
    /// Whether the step can be undone once it has completed.
    pub(crate) const fn is_undone(&self) -> bool {
        self.compensation.is_some() || self.is_undone_by_its_saga()
    }

    /// Whether the compensations of the saga that it runs undo it.
    pub(crate) const fn is_undone_by_its_saga(&self) -> bool {
        self.nested.is_some() && matches!(self.kind, Kind::Compensatable)
    }

    /// Whether it is also undone when it is in doubt.
    pub(crate) fn is_undone_in_doubt(&self) -> bool {
        let compensation = self.compensation.as_ref();
        compensation.is_some_and(Compensation::takes_attempt)
    }

    /// The step at position 0, named after `method`, which runs it, with one attempt.
    #[must_use]
    pub const fn new(method: &'static str, kind: Kind, location: Location) -> Self {
        Self {
            index: 0,
            name: method,
            method,
            location,
            kind,
            compensation: None,
            policy: Policy::ONCE,
            when: None,
            in_doubt: None,
            group: None,
            nested: None,
            condition: None,
            at_most_once: false,
            parameters: &[],
            repeatable: true,
            sensitive: false,
        }
    }

    /// The same at this position of the definition, counted from 0.
    #[must_use]
    pub const fn at(self, index: usize) -> Self {
        Self { index, ..self }
    }

    /// The same, run by a run of this saga. `method` returns the input of that run.
    #[must_use]
    pub const fn nested(self, saga: &'static Definition) -> Self {
        Self {
            nested: Some(saga),
            ..self
        }
    }

    /// The same, with an output that is shown as `***` in reports.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self {
            sensitive: true,
            ..self
        }
    }

    /// The same, with a value that is moved into the first attempt, so that there is no second.
    #[must_use]
    pub const fn once(self) -> Self {
        Self {
            repeatable: false,
            ..self
        }
    }

    /// The same as a member of this parallel group.
    #[must_use]
    pub const fn group(self, group: &'static str) -> Self {
        Self {
            group: Some(group),
            ..self
        }
    }

    /// The same, run only if this condition holds.
    #[must_use]
    pub const fn condition(self, condition: Condition) -> Self {
        Self {
            condition: Some(condition),
            ..self
        }
    }

    /// The same, without another attempt once one of them may have taken effect.
    #[must_use]
    pub const fn at_most_once(self) -> Self {
        Self {
            at_most_once: true,
            ..self
        }
    }

    /// The same, with another name.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The same, with these parameters.
    #[must_use]
    pub const fn parameters(self, parameters: &'static [Parameter]) -> Self {
        Self { parameters, ..self }
    }

    /// The same, undone by this.
    #[must_use]
    pub const fn compensation(self, compensation: Compensation) -> Self {
        Self {
            compensation: Some(compensation),
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

    /// The same, with the text of the predicate that decides which errors leave the step in doubt.
    #[must_use]
    pub const fn in_doubt(self, in_doubt: &'static str) -> Self {
        Self {
            in_doubt: Some(in_doubt),
            ..self
        }
    }
}

/// What happens to a step's effect when a later step fails, or when the step itself is in doubt.
///
/// The terms are those of Chris Richardson, *Microservices Patterns* (2018), chapter 4: compensatable transactions,
/// then one pivot, then retriable ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// It is undone by its compensation, or by the compensations of the saga that it runs.
    Compensatable,
    /// It changes nothing, so there is nothing to undo. It is never in doubt.
    ReadOnly,
    /// It changes something that cannot be undone.
    NoCompensation {
        /// The reason, as written in the source.
        reason: &'static str,
    },
    /// The point of no return. Once it has completed, the saga only goes forward.
    Pivot,
    /// The last step of a saga without a pivot. No step can fail after it, so nothing undoes it.
    Last,
    /// After the pivot. Repeated under its policy, never undone.
    Retriable,
}

impl Kind {
    /// The kind of the last step of a saga without a pivot, if the step runs the saga `nested`.
    #[must_use]
    pub const fn of_last(nested: &Definition) -> Self {
        if nested.can_be_undone() {
            Self::Compensatable
        } else {
            Self::Last
        }
    }
}
