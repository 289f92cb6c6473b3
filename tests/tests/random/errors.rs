//! What the steps fail with.

use core::fmt;
use std::error::Error;

use saga_core::__private::NestedRun;
use saga_core::{
    Cancellation, Failure, SagaError, StepError,
    definition::Step,
    executor::{ErrorView, Faults, Injected, JsonForm},
};
use serde::{Deserialize, Serialize};

use crate::machine::Random;

/// The error of every step and compensation, which says what the predicates say of it.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{attempt}")]
pub(crate) struct Refused {
    pub(crate) attempt: u32,
    pub(crate) when: bool,
    pub(crate) in_doubt: bool,
}

pub(crate) fn faults() -> Faults<Refused> {
    Faults {
        when: |error| error.when,
        in_doubt: |error| error.in_doubt,
        view: |error| ErrorView::Error(error),
        injected: Injected::none(),
        journal: JsonForm::json(),
    }
}

/// The step that gave up and why, or why the run was ended.
#[derive(Debug)]
pub(crate) enum Broken {
    Step(&'static Step, Failure<Refused>),
    /// One that runs a saga.
    Run(&'static Step, Failure<Box<dyn Unfinished>>),
    Ended(Cancellation),
}

/// A run of any of the sagas that did not complete.
pub(crate) trait Unfinished: Error + Send {
    fn run(&self) -> Box<dyn NestedRun + '_>;
}

impl<const SHAPE: usize> Unfinished for SagaError<Random<SHAPE>> {
    fn run(&self) -> Box<dyn NestedRun + '_> {
        Box::new(self)
    }
}

impl Broken {
    /// Of a step that runs a saga.
    pub(crate) fn run<const SHAPE: usize>(
        step: &'static Step,
        failure: Failure<SagaError<Random<SHAPE>>>,
    ) -> Self {
        let failure = match failure {
            Failure::Error(error) => Failure::Error(Box::new(error) as _),
            Failure::Panicked(message) => Failure::Panicked(message),
            // Of a run whose process ended.
            Failure::Interrupted => Failure::Interrupted,
            Failure::Recorded(text) => Failure::Recorded(text),
            other => panic!("{other:?}"),
        };
        Self::Run(step, failure)
    }

    /// What the predicate of a step around it says of a run that ended with this.
    pub(crate) fn is_worth_another(&self) -> bool {
        match self {
            Self::Step(_, Failure::Error(refused)) => refused.when,
            Self::Step(..) | Self::Run(..) => true,
            // No caller asks for a deadline.
            Self::Ended(_) => false,
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.text(), f)
    }
}

impl Error for Broken {}

impl StepError for Broken {
    // Each says itself which it was: one error is that of all of the sagas.
    fn cancelled(why: Cancellation) -> Self {
        Self::Ended(why)
    }

    fn cancellation(&self) -> Option<Cancellation> {
        match self {
            Self::Step(..) | Self::Run(..) => None,
            Self::Ended(why) => Some(*why),
        }
    }

    fn step(&self) -> Option<&'static Step> {
        match self {
            Self::Step(step, _) | Self::Run(step, _) => Some(step),
            Self::Ended(_) => None,
        }
    }

    fn failure(&self) -> Option<Failure<ErrorView<'_>>> {
        match self {
            Self::Step(_, failure) => Some(failure.view(|error| ErrorView::Error(error))),
            Self::Run(_, failure) => Some(failure.view(|error| ErrorView::Error(&**error))),
            Self::Ended(_) => None,
        }
    }

    fn nested(&self) -> Option<Box<dyn NestedRun + '_>> {
        match self {
            Self::Run(_, Failure::Error(error)) => Some(error.run()),
            _ => None,
        }
    }
}
