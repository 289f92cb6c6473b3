//! A saga as data: its steps, before any of them runs.
//!
//! Made by `#[saga]`, or by hand with the `const` builders below. This room knows nothing of the service, of its types
//! or of how attempts are run.

mod methods;
mod policy;
mod step;
mod text;

use core::fmt;
use core::ops::Range;
use core::time::Duration;

pub use self::methods::{Compensation, Condition, Parameter, Source};
pub use self::policy::{Backoff, Policy};
pub use self::step::{Kind, Step};
pub use saga_journal::Phase;

/// The steps of a saga, in order.
///
/// `Display` writes one line per step:
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
    /// The location of the annotated block.
    pub location: Location,
    /// The steps, in the order in which they run. Neighbours of one [`Step::group`] run at the same time.
    pub steps: &'static [Step],
    /// The longest time from the beginning of a run until it begins no other attempt and is rolled back, unless the run
    /// overrides it.
    pub deadline: Option<Duration>,
    // Computed when the definition is made, so that a run that fails need not search for them.
    pivot: Option<usize>,
    can_be_undone: bool,
    needs_cause: bool,
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
        let (mut pivot, mut needs_cause, mut needs_timer) = (None, false, false);
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
                needs_cause |= compensation.takes_context();
                needs_timer |= compensation.policy.needs_timer();
            }
            if let Some(nested) = step.nested {
                needs_cause |= nested.needs_cause;
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
            needs_cause,
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

    /// Whether a completed run can be undone as a whole: the saga has no pivot, and its last step declares how it is
    /// undone. Only such a saga can be [nested](Step::nested) in a step that may have to be undone.
    #[must_use]
    pub const fn can_be_undone(&self) -> bool {
        self.can_be_undone
    }

    /// Whether `step` comes after the pivot.
    pub(crate) fn is_past_the_pivot(&self, step: &Step) -> bool {
        self.pivot.is_some_and(|pivot| step.index > pivot)
    }

    /// The positions, counted from 0, of the steps that run at the same time as the one at this position: the members
    /// of its group, or only itself.
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

    /// Whether this value, or part of it, is sensitive: the step that returned it or any parameter that takes it is
    /// marked. One mark hides it everywhere.
    pub(crate) fn is_sensitive(&self, source: Source, part: Option<usize>) -> bool {
        let source = match source {
            Source::Ran(index) => Source::Output(index),
            other => other,
        };
        (0..).zip(self.steps).any(|(index, step)| {
            let undo = step.compensation.as_ref();
            let undo = undo.map_or(&[][..], |undo| undo.parameters);
            let condition = step.condition.as_ref();
            let condition = condition.map_or(&[][..], |condition| condition.parameters);
            let is_marked = |parameter: &Parameter| {
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
            let is_its_output = step.sensitive && source == Source::Output(index);
            let mut parameters = step.parameters.iter().chain(undo).chain(condition);
            is_its_output || parameters.any(is_marked)
        })
    }

    /// Whether any attempt of a run may need a timer.
    pub(crate) const fn needs_timer(&self) -> bool {
        self.needs_timer
    }

    /// Whether any compensation takes the context, and with it the cause of the roll-back.
    pub(crate) const fn needs_cause(&self) -> bool {
        self.needs_cause
    }

    /// The step of this name.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&'static Step> {
        self.steps.iter().find(|step| step.name == name)
    }
}

/// A place in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Location {
    /// The file, as `file!()` returns it: relative to the root of the workspace it was built in.
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
