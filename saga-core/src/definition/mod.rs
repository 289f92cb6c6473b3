//! A saga as data: what its steps are, before any of them runs.
//!
//! Made by `#[saga]`, or by hand with the `const` builders below. Knows nothing of the service, of
//! its types or of how attempts are carried out.

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
                asks_for_cause |= compensation.takes_context();
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
