//! What the error enum of every saga has in common.

use core::error::Error;

use crate::definition::Step;
use crate::outcome::{Cancellation, ErrorText, ErrorView, Failure, GaveUp};
use crate::report::NestedRun;
use crate::run::Cause;
/// What the error enum of a saga can be asked for, whichever variant it is.
pub trait StepError: Error {
    /// The variant for a run that was ended from outside.
    fn cancelled(why: Cancellation) -> Self
    where
        Self: Sized;

    /// Why the run was ended from outside, if it was.
    fn cancellation(&self) -> Option<Cancellation>;

    /// The step that gave up; none if the run was cancelled.
    fn step(&self) -> Option<&'static Step>;

    /// Why, without its type; none if the run was cancelled.
    fn failure(&self) -> Option<Failure<ErrorView<'_>>>;

    /// The run of the saga that the step runs, if that is what failed.
    #[doc(hidden)]
    fn nested(&self) -> Option<Box<dyn NestedRun + '_>> {
        None
    }

    /// Why, as text.
    fn text(&self) -> ErrorText {
        match (self.failure(), self.cancellation()) {
            (Some(failure), _) => failure.text(),
            (None, Some(why)) => ErrorText::new(why.to_string()),
            (None, None) => ErrorText::new("no reason"),
        }
    }
}

impl<E: StepError> GaveUp<E> {
    /// The step that gave up.
    #[must_use]
    pub fn step(&self) -> Option<&'static Step> {
        self.failure.step()
    }
}

impl Cause {
    /// Why a saga is rolled back that this error ended.
    pub(crate) fn of(error: &impl StepError) -> Self {
        Self {
            step: error.step().map(|step| step.name.to_owned()),
            error: error.text(),
        }
    }
}
