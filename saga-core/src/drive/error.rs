//! What a run that did not complete gives back.

use core::error::Error;
use core::fmt;

use crate::definition::Step;
use crate::drive::Details;
use crate::drive::details::{report_of, report_of_failed, summary_of};
use crate::id::SagaId;
use crate::machine::{Saga, Slots, StepError};
use crate::outcome::{CompensationFailure, End, GaveUp, StepRecord};
use crate::report::{Around, LeftOver, NestedReport, Report};

/// A saga that did not complete: which step gave up and why, or that it was cancelled, and what became of
/// the steps.
///
/// `Display` is one line. [`report`](Self::report) is the whole. `Debug` is the report too, so
/// that an `unwrap` or a `main` that returns the error shows it.
///
/// Keeps the input and the outputs of the steps that completed, for the report and for
/// [`state`](Self::state), until it is dropped. So it is `Sync`, as `anyhow` asks of an error, if the
/// input, the outputs and the errors are.
pub struct SagaError<S: Saga>(Box<Details<S>>);

impl<S: Saga> SagaError<S> {
    /// Of a run that was put into `details`.
    pub(crate) fn new(mut details: Box<Details<S>>) -> Self {
        // An error may be kept for long, and the observer has been told all.
        details.run.let_observer_go();
        Self(details)
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn details(&self) -> &Details<S> {
        &self.0
    }

    /// The first error: that of the step that gave up, typed, to be matched on; or that the run was ended
    /// from outside, as `Cancelled` or `DeadlineExceeded`.
    #[must_use]
    pub fn error(&self) -> &S::Error {
        &self.0.gave_up.failure
    }

    /// The same by value, without the rest.
    #[must_use]
    pub fn into_error(self) -> S::Error {
        self.0.gave_up.failure
    }

    /// The steps that gave up after the first error, as they came: other members of a parallel group, and
    /// those whose attempts were in flight when the run was cancelled.
    ///
    /// Which step it was says [`StepError::step`] of its `failure`.
    pub fn also_failed(&self) -> impl Iterator<Item = &GaveUp<S::Error>> {
        self.0.others.iter()
    }

    /// How the saga ended.
    #[must_use]
    pub fn end(&self) -> End {
        self.0.end()
    }

    /// Whether something is left that needs a person.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.end() == End::Stuck
    }

    /// Which run of the saga this was.
    #[must_use]
    pub fn saga_id(&self) -> SagaId {
        self.0.run.id()
    }

    /// The step that gave up first; none if the run was cancelled, or its deadline passed.
    #[must_use]
    pub fn step(&self) -> Option<&'static Step> {
        self.0.gave_up.failure.step()
    }

    /// How many attempts of that step were made; 0 if there is none.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.gave_up.attempts
    }

    /// Whether that step may have taken effect. Others may as well: [`also_failed`](Self::also_failed) says
    /// so of each.
    #[must_use]
    pub fn in_doubt(&self) -> bool {
        self.0.gave_up.in_doubt
    }

    /// What became of every step, in order of the definition.
    pub fn steps(&self) -> impl Iterator<Item = StepRecord> + '_ {
        self.0.steps()
    }

    /// The compensations that gave up, in the order in which they ran.
    #[must_use]
    pub fn compensation_failures(&self) -> &[CompensationFailure] {
        self.0.rollback.failures()
    }

    /// The point that the saga reached, with the input and the outputs it had there.
    #[must_use]
    pub fn state(&self) -> S::State<'_> {
        self.0.slots.state()
    }

    /// All that is known, as data: `Display` writes it for a person, and with the feature `serde` it
    /// can be stored or sent.
    ///
    /// Made when it is asked for, from the values the saga had, which are rendered then: a run that
    /// nobody asks about pays nothing for it.
    #[must_use]
    pub fn report(&self) -> Report {
        #[cfg(feature = "durable")]
        if let Some(recorded) = &self.0.recorded {
            return (**recorded).clone();
        }
        report_of(&self.0)
    }

    /// The same with the report that was made when it ended: that of the process that saw it.
    #[cfg(feature = "durable")]
    pub(crate) fn with_report(mut self, report: Report) -> Self {
        self.0.recorded = Some(Box::new(report));
        self
    }

    /// The same of a run that a step of another saga was.
    pub(crate) fn nested_report(&self, around: Around<'_>) -> (NestedReport, Vec<LeftOver>) {
        report_of_failed(&self.0, around)
    }
}

impl<S: Saga> fmt::Display for SagaError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&summary_of(&self.0))
    }
}

impl<S: Saga> fmt::Debug for SagaError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.report(), f)
    }
}

/// The source is what the step's own error was caused by: that error itself is in the `Display`.
impl<S: Saga> Error for SagaError<S> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.gave_up.failure.failure()?.source()
    }
}
