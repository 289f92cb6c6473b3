//! What the error enums of all sagas have in common.

use core::error::Error;

use crate::definition::Step;
use crate::outcome::{Cancellation, ErrorText, ErrorView, Failure, GaveUp};
use crate::report::NestedRun;
use crate::run::Cause;
/// The interface of every error enum, whichever variant it is.
pub trait StepError: Error {
    /// The variant for a run that was ended from outside.
    fn cancelled(why: Cancellation) -> Self
    where
        Self: Sized;

    /// Why the run was ended from outside, if it was.
    fn cancellation(&self) -> Option<Cancellation>;

    /// The step that gave up. `None` if the run was ended from outside.
    fn step(&self) -> Option<&'static Step>;

    /// The failure of that step, without its type. `None` if the run was ended from outside.
    fn failure(&self) -> Option<Failure<ErrorView<'_>>>;

    /// If the step that gave up runs a saga, the run of that saga.
    #[doc(hidden)]
    fn nested(&self) -> Option<Box<dyn NestedRun + '_>> {
        None
    }

    /// The failure, or the reason for the end from outside, as text.
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
    /// The cause of a roll-back after this error.
    pub(crate) fn of(error: &impl StepError) -> Self {
        Self {
            step: error.step().map(|step| step.name.to_owned()),
            error: error.text(),
        }
    }
}
