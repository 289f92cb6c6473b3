//! The error of a run that did not complete.

use core::error::Error;
use core::fmt;

use crate::definition::Step;
use crate::drive::Details;
use crate::drive::details::{report_of, report_of_failed, summary_of};
use crate::id::SagaId;
use crate::machine::{Saga, Slots, StepError};
use crate::outcome::{Cancellation, CompensationFailure, End, GaveUp, StepRecord};
use crate::report::{Around, LeftOver, NestedReport, Report};
use crate::run::Limits;

/// A saga that did not complete: which step gave up and why, or that the run was ended from outside, and the outcome of
/// each step.
///
/// `Display` writes one line. [`report`](Self::report) returns everything. `Debug` writes the report too, so that an
/// `unwrap` or a `main` that returns the error shows it.
///
/// The error keeps the input and the outputs of the steps that completed, for the report and for
/// [`state`](Self::state), until it is dropped. It is `Sync`, as `anyhow` requires, if the input, the outputs and the
/// errors are.
pub struct SagaError<S: Saga>(Box<Details<S>>);

impl<S: Saga> SagaError<S> {
    /// The error of the run in `details`.
    pub(crate) fn new(mut details: Box<Details<S>>) -> Self {
        // An error may be kept for long, and the observer has received all events.
        details.run.drop_observer();
        Self(details)
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn details(&self) -> &Details<S> {
        &self.0
    }

    /// The first error, to be matched on: that of the step that gave up, typed, or `Cancelled` or `DeadlineExceeded` if
    /// the run was ended from outside.
    #[must_use]
    pub fn error(&self) -> &S::Error {
        &self.0.gave_up.failure
    }

    /// The same by value; the rest is dropped.
    #[must_use]
    pub fn into_error(self) -> S::Error {
        self.0.gave_up.failure
    }

    /// The steps that gave up after the first error, in order of time: other members of a parallel group, and steps
    /// whose attempts were in flight when the run was ended from outside, and would have been repeated.
    ///
    /// [`StepError::step`] of the `failure` returns the step.
    pub fn also_failed(&self) -> impl Iterator<Item = &GaveUp<S::Error>> {
        self.0.others.iter()
    }

    /// How the saga ended.
    #[must_use]
    pub fn end(&self) -> End {
        self.0.end()
    }

    /// Whether an operator must act.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.end() == End::Stuck
    }

    /// The id of the run.
    #[must_use]
    pub fn saga_id(&self) -> SagaId {
        self.0.run.id()
    }

    /// The step that gave up first. `None` if the run was ended from outside.
    #[must_use]
    pub fn step(&self) -> Option<&'static Step> {
        self.0.gave_up.failure.step()
    }

    /// How many attempts of that step were made; 0 if there is no such step.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.gave_up.attempts
    }

    /// Whether that step may have taken effect. Other steps may be in doubt as well: each item of
    /// [`also_failed`](Self::also_failed) says so.
    #[must_use]
    pub fn in_doubt(&self) -> bool {
        self.0.gave_up.in_doubt
    }

    /// The outcome of each step, in order of the definition.
    pub fn steps(&self) -> impl Iterator<Item = StepRecord> + '_ {
        self.0.steps()
    }

    /// The compensations that gave up, in the order in which they ran.
    #[must_use]
    pub fn compensation_failures(&self) -> &[CompensationFailure] {
        self.0.rollback.failures()
    }

    /// The point that the saga reached, with the input and the outputs that exist there.
    #[must_use]
    pub fn state(&self) -> S::State<'_> {
        self.0.slots.state()
    }

    /// All that is known of the run, as data. `Display` writes it for an operator; with the feature `serde` it can be
    /// stored and sent.
    ///
    /// The report is made by this call, which renders the values: a run whose report is not used pays nothing for it.
    #[must_use]
    pub fn report(&self) -> Report {
        #[cfg(feature = "durable")]
        if let Some(recorded) = &self.0.recorded {
            return (**recorded).clone();
        }
        report_of(&self.0)
    }

    /// The same, with the report of the process that saw the saga end.
    #[cfg(feature = "durable")]
    pub(crate) fn with_report(mut self, report: Report) -> Self {
        self.0.recorded = Some(Box::new(report));
        self
    }

    /// For a nested run, why it was ended, if that ended the run around it as well.
    pub(crate) fn ended_from_around(&self) -> Option<Cancellation> {
        let is_own = |limits: &Limits| limits.is_own_deadline;
        match self.error().cancellation()? {
            Cancellation::DeadlineExceeded if self.0.run.limits().is_some_and(is_own) => None,
            why => Some(why),
        }
    }

    /// The report of the run as a step of another saga.
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

/// The source is that of the step's own error: the error itself is in the `Display`.
impl<S: Saga> Error for SagaError<S> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.gave_up.failure.failure()?.source()
    }
}
