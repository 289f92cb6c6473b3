//! A hand-written `Machine` for all of the sagas.

use core::any::Any;
use core::pin::Pin;

use saga_core::__private::{Conditional, NestedRun, Ran, condition_says, nested_run, only_if, ran};
use saga_core::checks::TwoWay;
use saga_core::{
    Machine, Saga,
    definition::{Definition, Source},
    executor::{Begin, Execute, ExecuteNested, Executor, GaveUp, Siblings, Stop, Value},
    machine::{Failures, Member, Rollback, Slots, join},
};

use crate::case::{Kind, Shape, Takes};
use crate::definitions::definition;
use crate::errors::{Broken, faults};
use crate::service::{Input, Place, Service};
use crate::shapes::SHAPES;
use crate::sites::{Carry, Site};
use crate::summary::Given;

/// One of [`SHAPES`].
#[derive(Debug)]
pub(crate) struct Random<const SHAPE: usize>;

/// Empty if a condition was false.
type Output<T> = Option<T>;

/// The output of a step: of its attempt, or of the run that it was.
#[derive(Debug)]
pub(crate) enum StepOutput {
    Attempt(u32),
    Run(Outputs),
}

/// The outputs of the steps that have one.
#[derive(Debug, Default)]
pub(crate) struct Outputs(pub(crate) Vec<Option<Output<StepOutput>>>);

/// What is kept of a step during a run.
#[derive(Default)]
pub(crate) struct Slot {
    attempt: Option<Output<u32>>,
    pub(crate) run: Option<Output<Outputs>>,
    pub(crate) kept: Option<Box<dyn Kept>>,
}

/// A run that completed, of any of the sagas; or none.
pub(crate) trait Kept: Any + Send + Sync {
    fn nested_run<'s>(&'s self, output: Option<&'s Outputs>) -> Option<Box<dyn NestedRun + 's>>;
}

impl<const SHAPE: usize> Kept for Option<Ran<Random<SHAPE>>> {
    fn nested_run<'s>(&'s self, output: Option<&'s Outputs>) -> Option<Box<dyn NestedRun + 's>> {
        nested_run(self, output)
    }
}

/// The position of a run, and its outputs so far.
pub(crate) struct Kit {
    place: Input,
    slots: Vec<Slot>,
}

impl<const SHAPE: usize> Slots<Random<SHAPE>> for Kit {
    fn begin(place: Input) -> Self {
        let steps = SHAPES[SHAPE].steps().iter();
        Self {
            place,
            slots: steps.map(|_| Slot::default()).collect(),
        }
    }

    fn state(&self) {}

    fn value<'s>(
        &'s self,
        source: Source,
        _: Option<usize>,
        outputs: Option<&'s Outputs>,
    ) -> Value<'s> {
        let (Source::Output(step) | Source::Ran(step)) = source else {
            return Value::Opaque;
        };
        let Slot { attempt, run, .. } = &self.slots[step];
        let taken = outputs.and_then(|outputs| outputs.0[step].as_ref());
        match (attempt, run, taken) {
            (Some(Some(attempt)), ..) => Value::Shown(attempt),
            (_, Some(Some(run)), _) => Value::Shown(run),
            (.., Some(Some(gave))) => Value::Shown(gave),
            (Some(None), ..) | (_, Some(None), _) | (.., Some(None)) => Value::Skipped,
            (None, None, None) => Value::Missing,
        }
    }

    /// Nothing of them is left.
    fn finish(&mut self) -> Result<Outputs, GaveUp<Broken>> {
        let slots = self.slots.iter_mut();
        let taken = slots.map(|slot| match (slot.attempt.take(), slot.run.take()) {
            (Some(attempt), _) => Some(attempt.map(StepOutput::Attempt)),
            (_, Some(run)) => Some(run.map(StepOutput::Run)),
            (None, None) => None,
        });
        Ok(Outputs(taken.collect()))
    }

    fn put_back(&mut self, Outputs(outputs): Outputs) {
        let steps = SHAPES[SHAPE].steps();
        for (index, output) in outputs.into_iter().enumerate() {
            let slot = &mut self.slots[index];
            match output {
                Some(Some(StepOutput::Attempt(attempt))) => slot.attempt = Some(Some(attempt)),
                Some(Some(StepOutput::Run(run))) => slot.run = Some(Some(run)),
                Some(None) if steps[index].runs.is_some() => slot.run = Some(None),
                Some(None) => slot.attempt = Some(None),
                None => {}
            }
        }
    }

    fn nested<'s>(
        &'s self,
        step: usize,
        outputs: Option<&'s Outputs>,
    ) -> Option<Box<dyn NestedRun + 's>> {
        let slot = &self.slots[step];
        let taken = match outputs.and_then(|outputs| outputs.0[step].as_ref()) {
            Some(Some(StepOutput::Run(run))) => Some(run),
            _ => None,
        };
        slot.kept.as_ref()?.nested_run(ran(&slot.run).or(taken))
    }
}

impl<const SHAPE: usize> Saga for Random<SHAPE> {
    type Service = Service;
    type Input = Input;
    type Output = Outputs;
    type Error = Broken;
    type State<'a> = ();
    type Slots = Kit;
    // Only called by generated code.
    type Way = TwoWay;

    const DEFINITION: &'static Definition = definition(SHAPE);
}

/// Runs any of the sagas.
pub(crate) trait Runs:
    Execute<0, Output<u32>> + Execute<0, ()> + ExecuteNested<Input> + 'static
{
}

impl<X> Runs for X where X: Execute<0, Output<u32>> + Execute<0, ()> + ExecuteNested<Input> + 'static
{}

impl<const SHAPE: usize, X: Runs> Machine<X> for Random<SHAPE> {
    fn advance<'a>(
        service: &'a Service,
        kit: &'a mut Kit,
        failures: &'a mut Failures<Broken>,
        executor: &'a X,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send {
        let (plan, slots) = Plan::of(SHAPE, service, kit, executor);
        plan.advance(slots, failures)
    }

    fn rewind<'a>(
        service: &'a Service,
        kit: &'a mut Kit,
        rollback: &'a mut Rollback,
        executor: &'a X,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send {
        let (plan, slots) = Plan::of(SHAPE, service, kit, executor);
        plan.rewind(slots, rollback)
    }
}

/// The parts of a machine that do not depend on the saga, so that they are compiled once.
pub(crate) struct Plan<'a, X> {
    number: usize,
    shape: &'static Shape,
    definition: &'static Definition,
    pub(crate) service: &'a Service,
    pub(crate) place: &'a Place,
    pub(crate) executor: &'a X,
}

impl<X> Clone for Plan<'_, X> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X> Copy for Plan<'_, X> {}

/// Why a step has no output.
pub(crate) type Stopped<X> = Stop<Broken, <X as Executor>::Halt>;

pub(crate) type Boxed<'b, T> = Pin<Box<dyn Future<Output = T> + Send + 'b>>;

impl<'a, X: Runs> Plan<'a, X> {
    fn of(
        number: usize,
        service: &'a Service,
        Kit { place, slots }: &'a mut Kit,
        executor: &'a X,
    ) -> (Self, &'a mut [Slot]) {
        let plan = Self {
            number,
            shape: &SHAPES[number],
            definition: definition(number),
            service,
            place,
            executor,
        };
        (plan, slots)
    }

    fn site(self, step: usize) -> Option<&'static Site<X>> {
        let runs = self.shape.steps()[step].runs;
        runs.map(|_| Site::of(self.number, step))
    }

    async fn advance(
        self,
        slots: &mut [Slot],
        failures: &mut Failures<Broken>,
    ) -> Result<(), X::Halt> {
        let mut next = 0;
        while next < slots.len() && failures.is_empty() {
            let stage = self.shape.stage_of(next);
            let of_stage = &mut slots[stage.clone()];
            if let [slot] = of_stage {
                match self.site(next).map(|site| &site.carry) {
                    Some(Carry::Alone(run)) => run(self, slot, failures).await?,
                    Some(Carry::Member(_)) => panic!("a member of no group"),
                    None => {
                        if let Err(stop) = self.step(next, None, slot).await {
                            failures.note(next, stop, |broken| broken)?;
                        }
                    }
                }
            } else {
                let siblings = Siblings::new();
                let siblings = (!self.shape.is_after_pivot(next)).then_some(&siblings);
                let begun = stage.clone().zip(of_stage);
                let mut begun: Vec<_> = begun
                    .map(|(index, slot)| (index, self.member(index, siblings, slot)))
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

    fn member<'b>(
        self,
        index: usize,
        siblings: Option<&'b Siblings>,
        slot: &'b mut Slot,
    ) -> Boxed<'b, Result<(), Stopped<X>>>
    where
        'a: 'b,
    {
        match self.site(index).map(|site| &site.carry) {
            Some(Carry::Member(run)) => run(self, slot, siblings),
            Some(Carry::Alone(_)) => panic!("a step of a group"),
            None => Box::pin(self.step(index, siblings, slot)),
        }
    }

    async fn step<'b>(
        self,
        index: usize,
        siblings: Option<&'b Siblings>,
        slot: &mut Slot,
    ) -> Result<(), Stopped<X>>
    where
        'a: 'b,
    {
        let Self { service, place, .. } = self;
        let step = &self.definition.steps[index];
        let call = saga_core::executor::Call::step(self.definition, step).among(siblings);
        let mut answer = None;
        let attempt = move |begin: Begin<'b>| {
            let context = begin.context();
            let runs = self.runs(index, &mut answer, begin);
            let attempt = if runs {
                Conditional::Runs(service.step(place, index, context))
            } else {
                Conditional::IsSkipped
            };
            only_if(begin, attempt)
        };
        let output = &mut slot.attempt;
        let outcome =
            Execute::<0, Output<u32>>::execute(self.executor, call, faults, attempt, output);
        let broken = |failure| Broken::Step(step, failure);
        outcome.await.map_err(|stop| stop.map(broken))
    }

    /// Whether the step runs. Evaluates its condition once.
    pub(crate) fn runs(self, index: usize, answer: &mut Option<bool>, begin: Begin<'_>) -> bool {
        let ask = || self.service.asks(self.place, index, &begin.context());
        !self.shape.steps()[index].conditional || condition_says(&begin, answer, "asks", ask)
    }

    async fn rewind(self, slots: &mut [Slot], rollback: &mut Rollback) -> Result<(), X::Halt> {
        for (index, slot) in slots.iter_mut().enumerate().rev() {
            let declared = &self.shape.steps()[index];
            let by_its_saga = declared.runs.is_some() && declared.kind == Kind::Compensatable;
            if declared.undo == Takes::Nothing && !by_its_saga {
                continue;
            }
            let is_there = ran(&slot.attempt).is_some() || ran(&slot.run).is_some();
            let due = if declared.conditional || self.shape.stage_of(index).len() > 1 {
                rollback.is_member_due(index, is_there)
            } else {
                rollback.is_due(index)
            };
            match self.site(index) {
                _ if !due => {}
                None => self.undo(index, slot, rollback).await?,
                Some(site) => {
                    let undo = site.undo.expect("one that can be undone");
                    undo(self, slot, rollback).await?;
                }
            }
        }
        Ok(())
    }

    async fn undo(self, index: usize, slot: &Slot, rollback: &mut Rollback) -> Result<(), X::Halt> {
        let step = &self.definition.steps[index];
        let output = ran(&slot.attempt);
        let given = output.map_or(Given::InDoubt, |output| Given::OutputOf(*output));
        let Self { service, place, .. } = self;
        let attempt = |begin: Begin<'_>| service.undo(place, index, given, begin.context());
        let call = saga_core::executor::Call::compensation(self.definition, step, rollback.cause());
        let mut nothing = None;
        let undone = Execute::<0, ()>::execute(self.executor, call, faults, attempt, &mut nothing);
        let undone = undone.await;
        rollback.note(step, undone, faults)
    }
}
