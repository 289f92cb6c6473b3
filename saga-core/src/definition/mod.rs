//! A saga as data: what its steps are, before any of them runs.
//!
//! Made by `#[saga]`, or by hand with the `const` builders below. Knows nothing of the service, of
//! its types or of how attempts are carried out.

mod policy;
mod text;

use core::fmt;
use core::ops::Range;
use core::time::Duration;

pub use self::policy::{Backoff, Policy};

/// What a saga consists of, in order.
///
/// `Display` writes one line a step:
///
/// ```text
/// saga checkout, 3 steps (src/main.rs:10)
///   1. reserve_stock(order)  undone by release_stock(reservation)
///   2. charge_card(reservation, order)  undone by refund(payment), in doubt too
///        4 attempts, backoff 100ms..5s, timeout 3s, when CardError::is_transient
///   3. book_courier(payment)  pivot
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Definition {
    /// The name in journals, reports and idempotency keys. Has no `/`.
    pub name: &'static str,
    /// Where the annotated block stands.
    pub location: Location,
    /// The steps, in the order in which they run. Neighbours of one [`Step::group`] run at the same time.
    pub steps: &'static [Step],
    /// How long a run may take from its beginning until no other attempt is begun and it is rolled back,
    /// unless the run says otherwise.
    pub deadline: Option<Duration>,
    // Worked out when the definition is made, so that a run that fails does not look for them.
    pivot: Option<usize>,
    can_be_undone: bool,
    asks_for_cause: bool,
    needs_timer: bool,
}

impl Definition {
    /// A saga of these steps.
    ///
    /// # Panics
    ///
    /// If the steps are not [numbered](Step::at) in their order, from 0.
    #[must_use]
    pub const fn new(name: &'static str, location: Location, steps: &'static [Step]) -> Self {
        let (mut pivot, mut asks_for_cause, mut needs_timer) = (None, false, false);
        let mut can_be_undone = true;
        let (mut index, mut rest) = (0, steps);
        while let [step, after @ ..] = rest {
            assert!(
                step.index == index,
                "a step is not numbered by its position"
            );
            if matches!((step.kind, pivot), (Kind::Pivot, None)) {
                pivot = Some(index);
            }
            can_be_undone &= !matches!(step.kind, Kind::Pivot | Kind::Last);
            needs_timer |= step.policy.needs_timer();
            if let Some(compensation) = &step.compensation {
                asks_for_cause |= compensation.takes_context;
                needs_timer |= compensation.policy.needs_timer();
            }
            if let Some(nested) = step.nested {
                asks_for_cause |= nested.asks_for_cause;
                needs_timer |= nested.needs_timer || nested.deadline.is_some();
            }
            (index, rest) = (index + 1, after);
        }
        Self {
            name,
            location,
            steps,
            deadline: None,
            pivot,
            can_be_undone,
            asks_for_cause,
            needs_timer,
        }
    }

    /// The same with a deadline.
    #[must_use]
    pub const fn deadline(self, deadline: Duration) -> Self {
        Self {
            deadline: Some(deadline),
            ..self
        }
    }

    /// The position of the pivot, counted from 0.
    #[must_use]
    pub const fn pivot(&self) -> Option<usize> {
        self.pivot
    }

    /// Whether a run of it that has completed can be undone as a whole: it has no pivot, and its last step
    /// says how it is undone. Only such a saga may be [nested](Step::nested) where it may have to be.
    #[must_use]
    pub const fn can_be_undone(&self) -> bool {
        self.can_be_undone
    }

    /// Whether it comes after the pivot.
    pub(crate) fn is_past_the_pivot(&self, step: &Step) -> bool {
        self.pivot.is_some_and(|pivot| step.index > pivot)
    }

    /// The positions, counted from 0, of the steps that run at the same time as the one at this position:
    /// those of its group, or itself.
    #[must_use]
    pub fn stage(&self, step: usize) -> Range<usize> {
        let Some(group) = self.steps.get(step).and_then(|step| step.group) else {
            return step..step + 1;
        };
        let of_group = |step: &&Step| step.group == Some(group);
        let before = self.steps.iter().take(step).rev().take_while(of_group);
        let after = self.steps.iter().skip(step).take_while(of_group);
        step - before.count()..step + after.count()
    }

    /// Whether the step that gave a value says so, or any parameter that takes it, its whole or a part of
    /// it: one mark hides it everywhere.
    pub(crate) fn is_sensitive(&self, source: Source, part: Option<usize>) -> bool {
        let source = match source {
            Source::Ran(index) => Source::Output(index),
            other => other,
        };
        (0..).zip(self.steps).any(|(index, step)| {
            let undo = step.compensation.as_ref();
            let undo = undo.map_or(&[][..], |undo| undo.parameters);
            let asked = step.condition.as_ref();
            let asked = asked.map_or(&[][..], |asked| asked.parameters);
            let takes_it = |parameter: &Parameter| {
                let taken = match parameter.source {
                    Source::Attempt => Source::Output(index),
                    Source::Ran(index) => Source::Output(index),
                    taken => taken,
                };
                let overlaps = parameter
                    .part
                    .is_none_or(|taken| part.is_none_or(|p| p == taken));
                parameter.sensitive && taken == source && overlaps
            };
            let gives_it = step.sensitive && source == Source::Output(index);
            let mut parameters = step.parameters.iter().chain(undo).chain(asked);
            gives_it || parameters.any(takes_it)
        })
    }

    /// Whether any policy may need a timer.
    pub(crate) const fn needs_timer(&self) -> bool {
        self.needs_timer
    }

    /// Whether any compensation is given the cause of a roll-back, in its context.
    pub(crate) const fn asks_for_cause(&self) -> bool {
        self.asks_for_cause
    }

    /// The step of this name.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&'static Step> {
        self.steps.iter().find(|step| step.name == name)
    }
}

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

/// Whether a step is carried out or undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// The step itself.
    Step,
    /// Its compensation.
    Compensation,
}

impl Phase {
    /// `step` or `compensation`: for the labels of metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Compensation => "compensation",
        }
    }
}

/// A place in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Location {
    /// The file, as `file!()` gives it: relative to the root of the workspace it was built in.
    pub file: &'static str,
    /// The line, counted from 1.
    pub line: u32,
}

impl Location {
    /// This line of this file.
    #[must_use]
    pub const fn new(file: &'static str, line: u32) -> Self {
        Self { file, line }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
