//! A hand-written machine for all of the sagas, and the service that it calls.

use core::convert::Infallible;
use core::fmt;
use core::pin::Pin;
use core::time::Duration;
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};

use saga_core::__private::{asked, only_if, ran};
use saga_core::checks::TwoWay;
use saga_core::{
    Begin, Cancellation, Cause, Definition, ErrorView, Execute, Failure, Failures, Faults, GaveUp,
    InMemory, Machine, Member, Rollback, Saga, Siblings, Slots, Source, Step, StepContext,
    StepError, Stop, Value, join,
};
use tokio::time::sleep;

use crate::case::{Case, Condition, Ends, Phase, Shape, Takes};
use crate::shapes::{DEFINITIONS, SHAPES};
use crate::told::{Because, Call, Given};

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

    pub(crate) fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut *self.lock())
    }

    fn called(&self, call: Call) {
        self.lock().push(call);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn asks(&self, step: usize) -> bool {
        self.called(Call::Ask(step));
        match self.case.scripts[step].condition {
            Condition::Yes => true,
            Condition::No => false,
            Condition::Panics => panics(0),
        }
    }

    /// What step `step` gives is the attempt that gave it.
    async fn step(&self, step: usize, attempt: u32) -> Result<u32, Refused> {
        self.called(Call::Do(step, attempt));
        self.attempt(step, Phase::Do, attempt).await?;
        Ok(attempt)
    }

    async fn undo(&self, step: usize, given: Given, context: StepContext) -> Result<(), Refused> {
        let attempt = context.attempt();
        let because = because(context.cause().expect("a cause, for it is asked for"));
        self.called(Call::Undo(step, attempt, given, because));
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

fn because(Cause { step, error, .. }: &Cause) -> Because {
    match (step, error.message.as_str()) {
        (Some(step), _) => Because::Step(step.parse().expect("steps are called by their position")),
        (None, "cancelled") => Because::Cancelled,
        (None, "the deadline passed") => Because::DeadlineExceeded,
        (None, other) => panic!("{other}"),
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

/// The step that gave up and why, or why the run was ended.
#[derive(Debug)]
pub(crate) enum Broken {
    Step(&'static Step, Failure<Refused>),
    Ended(Cancellation),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.text(), f)
    }
}

impl std::error::Error for Broken {}

impl StepError for Broken {
    // Each says itself which it was: one error is that of all of the sagas.
    const STEPS: &'static [Step] = &[];

    fn cancelled(why: Cancellation) -> Self {
        Self::Ended(why)
    }

    fn cancellation(&self) -> Option<Cancellation> {
        match self {
            Self::Step(..) => None,
            Self::Ended(why) => Some(*why),
        }
    }

    fn step(&self) -> Option<&'static Step> {
        match self {
            Self::Step(step, _) => Some(step),
            Self::Ended(_) => None,
        }
    }

    fn failure(&self) -> Option<Failure<ErrorView<'_>>> {
        match self {
            Self::Step(_, failure) => Some(failure.view(|error| ErrorView::Error(error))),
            Self::Ended(_) => None,
        }
    }
}

/// What a step gave: nothing, where its condition said no.
type Output = Option<u32>;

/// The outputs, as far as they are there.
#[derive(Debug, Clone)]
pub(crate) struct Outputs(pub(crate) Vec<Option<Output>>);

impl<const SHAPE: usize> Slots<Random<SHAPE>> for Outputs {
    fn begin((): ()) -> Self {
        Self(vec![None; SHAPES[SHAPE].steps().len()])
    }

    fn state(&self) {}

    fn value<'s>(&'s self, source: Source, _: Option<usize>, _: Option<&'s Self>) -> Value<'s> {
        match source {
            Source::Output(step) => match &self.0[step] {
                None => Value::Missing,
                Some(None) => Value::Skipped,
                Some(Some(output)) => Value::Shown(output),
            },
            _ => Value::Opaque,
        }
    }

    fn finish(&mut self) -> Result<Self, GaveUp<Broken>> {
        Ok(self.clone())
    }

    fn put_back(&mut self, output: Self) {
        *self = output;
    }
}

impl<const SHAPE: usize> Saga for Random<SHAPE> {
    type Service = Service;
    type Input = ();
    type Output = Outputs;
    type Error = Broken;
    type State<'a> = ();
    type Slots = Outputs;
    type Way = TwoWay;

    const DEFINITION: &'static Definition = &DEFINITIONS[SHAPE];
}

impl<const SHAPE: usize> Machine<InMemory> for Random<SHAPE> {
    fn advance<'a>(
        service: &'a Service,
        slots: &'a mut Outputs,
        failures: &'a mut Failures<Broken>,
        executor: &'a InMemory,
    ) -> impl Future<Output = Result<(), Infallible>> + Send {
        Plan::of::<SHAPE>(service, executor).advance(slots, failures)
    }

    fn rewind<'a>(
        service: &'a Service,
        slots: &'a mut Outputs,
        rollback: &'a mut Rollback,
        executor: &'a InMemory,
    ) -> impl Future<Output = Result<(), Infallible>> + Send {
        Plan::of::<SHAPE>(service, executor).rewind(slots, rollback)
    }
}

/// What a machine needs, whichever saga it is of: it is compiled only once.
#[derive(Clone, Copy)]
struct Plan<'a> {
    shape: &'static Shape,
    definition: &'static Definition,
    service: &'a Service,
    executor: &'a InMemory,
}

/// Why a step of a run in memory has no output.
type Stopped = Stop<Broken, Infallible>;

impl<'a> Plan<'a> {
    const fn of<const SHAPE: usize>(service: &'a Service, executor: &'a InMemory) -> Self {
        Self {
            shape: &SHAPES[SHAPE],
            definition: &DEFINITIONS[SHAPE],
            service,
            executor,
        }
    }

    async fn advance(
        self,
        slots: &mut Outputs,
        failures: &mut Failures<Broken>,
    ) -> Result<(), Infallible> {
        let mut next = 0;
        while next < slots.0.len() && failures.is_empty() {
            let stage = self.shape.stage_of(next);
            let outputs = &mut slots.0[stage.clone()];
            if let [output] = outputs {
                if let Err(stop) = self.step(next, None, output).await {
                    failures.note(next, stop, |broken| broken)?;
                }
            } else {
                let siblings = Siblings::new();
                let siblings = (!self.shape.is_after_pivot(next)).then_some(&siblings);
                let begun = stage.clone().zip(outputs);
                let mut begun: Vec<_> = begun
                    .map(|(index, output)| (index, self.boxed(index, siblings, output)))
                    .collect();
                let members = begun.iter_mut();
                let mut members: Vec<_> = members
                    .map(|(index, future)| Some(Member::new(*index, future.as_mut())))
                    .collect();
                join(failures, siblings, &mut members).await?;
            }
            next = stage.end;
        }
        Ok(())
    }

    fn boxed<'b>(
        self,
        index: usize,
        siblings: Option<&'b Siblings>,
        output: &'b mut Option<Output>,
    ) -> Pin<Box<dyn Future<Output = Result<(), Stopped>> + Send + 'b>>
    where
        'a: 'b,
    {
        Box::pin(self.step(index, siblings, output))
    }

    async fn step(
        self,
        index: usize,
        siblings: Option<&Siblings>,
        output: &mut Option<Output>,
    ) -> Result<(), Stopped> {
        let (service, step) = (self.service, &self.definition.steps[index]);
        let call = saga_core::Call::step(self.definition, step).among(siblings);
        let conditional = self.shape.steps()[index].conditional;
        let mut answer = None;
        let attempt = move |begin: Begin<'_>| {
            let runs = !conditional || asked(&mut answer, "asks", || service.asks(index));
            only_if(runs.then(|| service.step(index, begin.attempt)))
        };
        let outcome = Execute::<0, Output>::execute(self.executor, call, faults, attempt, output);
        let broken = |failure| Broken::Step(step, failure);
        outcome.await.map_err(|stop| stop.map(broken))
    }

    async fn rewind(self, slots: &mut Outputs, rollback: &mut Rollback) -> Result<(), Infallible> {
        for (index, step) in self.definition.steps.iter().enumerate().rev() {
            let declared = &self.shape.steps()[index];
            if declared.undo == Takes::Nothing {
                continue;
            }
            let output = ran(&slots.0[index]);
            let due = if declared.conditional || self.shape.stage_of(index).len() > 1 {
                rollback.is_member_due(index, output.is_some())
            } else {
                rollback.is_due(index)
            };
            if due {
                let given = output.map_or(Given::InDoubt, |output| Given::OutputOf(*output));
                let attempt = |begin: Begin<'_>| self.service.undo(index, given, begin.context());
                let call = saga_core::Call::compensation(self.definition, step, rollback.cause());
                let (executor, mut nothing) = (self.executor, None);
                let undone =
                    Execute::<0, ()>::execute(executor, call, faults, attempt, &mut nothing);
                let undone = undone.await;
                rollback.note(step, undone, faults)?;
            }
        }
        Ok(())
    }
}
