//! A step, as data.

use crate::definition::{Compensation, Condition, Definition, Location, Parameter, Policy};

/// One step.
#[derive(Debug)]
#[non_exhaustive]
pub struct Step {
    /// Its position in the definition, counted from 0.
    pub index: usize,
    /// The name in journals, reports and idempotency keys. Has no `/`.
    pub name: &'static str,
    /// The method that carries the step out.
    pub method: &'static str,
    /// Where that method stands.
    pub location: Location,
    /// What becomes of the step's effect when a later one fails.
    pub kind: Kind,
    /// What undoes the step. There for every other [`Kind::Compensatable`], possible for
    /// [`Kind::Pivot`] (then it takes an [`Attempt`](crate::Attempt), and runs only in doubt). Never for a
    /// step that runs another saga.
    pub compensation: Option<Compensation>,
    /// How its attempts are carried out, unless a run says otherwise.
    pub policy: Policy,
    /// The predicate that says which errors are worth another attempt, as written.
    pub when: Option<&'static str>,
    /// The predicate that says which errors leave the step in doubt, as written.
    pub in_doubt: Option<&'static str>,
    /// The parallel group that it is a member of, with its neighbours of the same group.
    pub group: Option<&'static str>,
    /// The saga that it runs, if it does: its compensations are what undoes the step.
    pub nested: Option<&'static Definition>,
    /// What is asked whether it is to run at all.
    pub condition: Option<Condition>,
    /// Whether there is no other attempt once one of them may have taken effect.
    pub at_most_once: bool,
    /// What the method is given, in order, without `&self`.
    pub parameters: &'static [Parameter],
    /// Whether more than one attempt can be made. Not where a value is given away to the first.
    pub repeatable: bool,
    /// Whether reports show `***` in place of its output, wherever that is handed to.
    pub sensitive: bool,
}

impl Step {
    /// Whether something undoes it once it has completed.
    pub(crate) const fn is_undone(&self) -> bool {
        self.compensation.is_some() || self.is_undone_by_its_saga()
    }

    /// Whether what undoes it is the saga that it runs.
    pub(crate) const fn is_undone_by_its_saga(&self) -> bool {
        self.nested.is_some() && matches!(self.kind, Kind::Compensatable)
    }

    /// Whether it is undone also when it is in doubt.
    pub(crate) fn is_undone_in_doubt(&self) -> bool {
        let compensation = self.compensation.as_ref();
        compensation.is_some_and(Compensation::takes_attempt)
    }

    /// The first step, carried out by `method`, once, and called like it.
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

    /// The same, carried out by a run of this saga; `method` says with what input.
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

    /// The same, with a value that is given away to the first attempt, so that there is no second.
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

    /// The same, run only if this says so.
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

    /// The same under another name.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The same, given these.
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

    /// The same, with the text of the predicate that says which errors leave the step in doubt.
    #[must_use]
    pub const fn in_doubt(self, in_doubt: &'static str) -> Self {
        Self {
            in_doubt: Some(in_doubt),
            ..self
        }
    }
}

/// What becomes of a step's effect when a later step fails, or it is itself in doubt.
///
/// The words are those of Chris Richardson, *Microservices Patterns* (2018), chapter 4:
/// compensatable transactions, then one pivot, then retriable ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// It is undone by its compensation, or by those of the saga that it runs.
    Compensatable,
    /// It changes nothing, so there is nothing to undo; it is never in doubt.
    ReadOnly,
    /// It changes something that cannot be undone.
    NoCompensation {
        /// Why, as written.
        reason: &'static str,
    },
    /// The point of no return. Once it has completed the saga only goes forward.
    Pivot,
    /// The last step of a saga without a pivot: nothing can fail after it, so nothing undoes it.
    Last,
    /// After the pivot: retried under its policy, never undone.
    Retriable,
}

impl Kind {
    /// That of the last step of a saga without a pivot, where it runs this saga.
    #[must_use]
    pub const fn of_last(nested: &Definition) -> Self {
        if nested.can_be_undone() {
            Self::Compensatable
        } else {
            Self::Last
        }
    }
}
