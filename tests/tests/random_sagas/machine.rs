//! A hand-written machine for all of the sagas, and the service that it calls.

use core::convert::Infallible;
use core::fmt;
use core::time::Duration;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};

use saga_core::{
    Begin, Definition, ErrorView, Execute, Failure, Faults, GaveUp, InMemory, Machine, Rollback,
    Saga, Slots, Source, Step, StepError, Stop, Value,
};
use tokio::time::sleep;

use crate::case::{Case, Ends, Phase};
use crate::shapes::{DEFINITIONS, SHAPES};
use crate::told::{Call, Given};

/// One of [`SHAPES`].
#[derive(Debug)]
pub(crate) struct Random<const SHAPE: usize>;

/// Does what a case says, and takes down what it is called for.
pub(crate) struct Service {
    case: Case,
    calls: Mutex<Vec<Call>>,
}

impl Service {
    pub(crate) fn of(case: &Case) -> Self {
        Self {
            case: case.clone(),
            calls: Mutex::default(),
        }
    }

    pub(crate) fn into_calls(self) -> Vec<Call> {
        let calls = self.calls.into_inner();
        calls.unwrap_or_else(PoisonError::into_inner)
    }

    fn called(&self, call: Call) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(call);
    }

    /// What step `step` gives is the attempt that gave it.
    async fn step(&self, step: usize, attempt: u32) -> Result<u32, Refused> {
        self.called(Call::Do(step, attempt));
        self.attempt(step, Phase::Do, attempt).await?;
        Ok(attempt)
    }

    async fn undo(&self, step: usize, attempt: u32, given: Given) -> Result<(), Refused> {
        self.called(Call::Undo(step, attempt, given));
        self.attempt(step, Phase::Undo, attempt).await
    }

    async fn attempt(&self, step: usize, phase: Phase, attempt: u32) -> Result<(), Refused> {
        match self.case.takes(step, phase, attempt) {
            0 => {}
            takes => sleep(Duration::from_millis(takes)).await,
        }
        match self.case.attempt(step, phase, attempt).ends {
            Ends::Completes => Ok(()),
            Ends::Fails { when, in_doubt } => Err(Refused {
                attempt,
                when,
                in_doubt,
            }),
            Ends::Panics => panics(attempt),
        }
    }
}

/// Without the hook that would print a message for it.
fn panics(attempt: u32) -> ! {
    resume_unwind(Box::new(attempt.to_string()))
}

/// The error of every step and compensation, which says what the predicates say of it.
#[derive(Debug, thiserror::Error)]
#[error("{attempt}")]
pub(crate) struct Refused {
    pub(crate) attempt: u32,
    when: bool,
    in_doubt: bool,
}

fn faults() -> Faults<Refused> {
    Faults {
        when: |error| error.when,
        in_doubt: |error| error.in_doubt,
        view: |error| ErrorView::Error(error),
    }
}

/// The step that gave up, and why.
#[derive(Debug)]
pub(crate) struct StepFailed {
    step: &'static Step,
    pub(crate) failure: Failure<Refused>,
}

impl fmt::Display for StepFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}: {}", self.step.name, self.text())
    }
}

impl std::error::Error for StepFailed {}

impl StepError for StepFailed {
    fn step(&self) -> &'static Step {
        self.step
    }

    fn failure(&self) -> Failure<ErrorView<'_>> {
        self.failure.view(|error| ErrorView::Error(error))
    }
}

/// The outputs.
pub(crate) struct Outputs(Vec<Option<u32>>);

impl<const SHAPE: usize> Slots<Random<SHAPE>> for Outputs {
    fn begin((): ()) -> Self {
        Self(vec![None; SHAPES[SHAPE].steps().len()])
    }

    fn state(&self) {}

    fn value(&self, source: Source, _: Option<usize>) -> Value<'_> {
        match source {
            Source::Output(step) => self.0[step]
                .as_ref()
                .map_or(Value::Missing, |output| Value::Shown(output)),
            _ => Value::Opaque,
        }
    }

    fn finish(&mut self) -> Result<(), GaveUp<StepFailed>> {
        Ok(())
    }
}

impl<const SHAPE: usize> Saga for Random<SHAPE> {
    type Service = Service;
    type Input = ();
    type Output = ();
    type Error = StepFailed;
    type State<'a> = ();
    type Slots = Outputs;

    const DEFINITION: &'static Definition = &DEFINITIONS[SHAPE];
}

impl<const SHAPE: usize> Machine<InMemory> for Random<SHAPE> {
    fn advance<'a>(
        service: &'a Service,
        slots: &'a mut Outputs,
        executor: &'a InMemory,
    ) -> impl Future<Output = Result<(), Stop<StepFailed, Infallible>>> + Send {
        advance(Self::DEFINITION, service, slots, executor)
    }

    fn rewind<'a>(
        service: &'a Service,
        slots: &'a mut Outputs,
        rollback: &'a mut Rollback,
        executor: &'a InMemory,
    ) -> impl Future<Output = Result<(), Infallible>> + Send {
        rewind(Self::DEFINITION, service, slots, rollback, executor)
    }
}

async fn advance(
    definition: &'static Definition,
    service: &Service,
    slots: &mut Outputs,
    executor: &InMemory,
) -> Result<(), Stop<StepFailed, Infallible>> {
    for (index, (step, slot)) in definition.steps.iter().zip(&mut slots.0).enumerate() {
        let attempt = |begin: Begin<'_>| service.step(index, begin.attempt);
        let call = saga_core::Call::step(definition, step);
        if let Err(stop) = Execute::<0, u32>::execute(executor, call, faults, attempt, slot).await {
            return Err(stop.map(|failure| StepFailed { step, failure }));
        }
    }
    Ok(())
}

async fn rewind(
    definition: &'static Definition,
    service: &Service,
    slots: &mut Outputs,
    rollback: &mut Rollback,
    executor: &InMemory,
) -> Result<(), Infallible> {
    for (index, step) in definition.steps.iter().enumerate().rev() {
        if step.compensation.is_none() || !rollback.is_due(index) {
            continue;
        }
        let given = slots.0[index].map_or(Given::InDoubt, Given::OutputOf);
        let attempt = |begin: Begin<'_>| service.undo(index, begin.attempt, given);
        let call = saga_core::Call::compensation(definition, step, rollback.cause());
        let undone = Execute::<0, ()>::execute(executor, call, faults, attempt, &mut None).await;
        rollback.note(step, undone, faults)?;
    }
    Ok(())
}
