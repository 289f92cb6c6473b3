//! A saga that is run by a step of another saga.
//!
//! An attempt of such a step is a whole run of the nested saga, by the same driver. What that run keeps stays in the
//! slot of the step, as long as it may have to be undone.

use core::future::Future;
use std::sync::Arc;

use crate::attempt::attempts;
use crate::attempt::notify::{CallNotes, within};
use crate::drive::details::report_of_completed;
use crate::drive::{Own, SagaError, drive_by};
use crate::executor::{Begin, Completed, ExecuteNested, Faults};
use crate::machine::{MISSING, Machine, Rollback, Saga, Slots, StepError as _};
use crate::outcome::{Cancellation, ErrorText, ErrorView, Failure, GaveUp, Stop};
use crate::report::{Around, LeftOver, NestedReport, NestedRun};
use crate::run::{Call, Cause, Run};
use crate::util::panics;

/// What is kept of a nested run that completed, beside its output, which is in the slot of the step like every other
/// output.
pub struct Ran<S: Saga> {
    pub(crate) slots: S::Slots,
    pub(crate) run: Run,
    pub(crate) undone: Option<Rollback>,
}

impl<S: Saga> Ran<S> {
    /// Undoes the whole run, which returned `output`, because of `cause`: every step that can be undone, last first.
    /// Compensations that give up are recorded in `undone`. Returns the output.
    async fn undo<X: Nests<S>>(
        &mut self,
        executor: &X,
        output: S::Output,
        cause: Option<Arc<Cause>>,
        service: &S::Service,
    ) -> Result<Option<S::Output>, X::Halt> {
        let mut executor = executor.nested(self.run.clone());
        let rollback = self.undone.insert(Rollback::whole(S::DEFINITION, cause));
        self.slots.put_back(output);
        executor
            .rewind_nested(service, &mut self.slots, rollback)
            .await?;
        // The run now has the times of the compensations too.
        self.run = executor.take_run();
        Ok(self.slots.finish().ok())
    }

    /// The compensations that gave up, as one failure.
    fn gave_up(&self) -> Option<GaveUp<ErrorText>> {
        let failures = self.undone.as_ref()?.failures();
        let first = failures.first()?;
        let names: Vec<_> = failures
            .iter()
            .map(|failure| format!("`{}`", failure.step.name))
            .collect();
        let steps = if failures.len() == 1 { "step" } else { "steps" };
        let text = format!(
            "undoing {steps} {} of saga `{}` failed: {}",
            names.join(", "),
            S::DEFINITION.name,
            first.error.message
        );
        let text = ErrorText::new(text).with_chain(first.error.chain.clone());
        let in_doubt = failures.iter().any(|failure| failure.in_doubt);
        Some(GaveUp::new(text, 1, in_doubt))
    }
}

/// The predicate of a step that runs the saga `S`.
pub struct When<S: Saga> {
    /// Whether another run is worth it after this error.
    pub when: fn(&SagaError<S>) -> bool,
}

/// A run of a nested saga that did not complete.
pub enum Unfinished<S: Saga, H> {
    /// It ended.
    Ended(SagaError<S>),
    /// It stopped where it is.
    Halted(H),
}

impl<S: Saga, H> Unfinished<S, H> {
    /// Whether it may have taken effect: an operator must act.
    pub fn is_stuck(&self) -> bool {
        match self {
            Self::Ended(error) => error.is_stuck(),
            Self::Halted(_) => false,
        }
    }

    /// Whether another run of the whole saga is worth it: everything was undone, and either its deadline passed or
    /// `when` accepts the error.
    pub fn is_worth_another(&self, when: &When<S>) -> bool {
        match self {
            Self::Ended(error) if !error.is_stuck() => {
                error.error().cancellation() == Some(Cancellation::DeadlineExceeded)
                    || (when.when)(error)
            }
            _ => false,
        }
    }

    /// The view of the error, for its text.
    pub fn view(&self) -> ErrorView<'_> {
        match self {
            Self::Ended(error) => ErrorView::Error(error),
            Self::Halted(_) => ErrorView::Text(&"halted"),
        }
    }
}

/// The end of a nested run that was not halted.
type NestedEnd<S> = Result<NestedOutput<S>, SagaError<S>>;

/// An executor that can run the steps of the saga `S`, which is a step of another.
///
/// Implemented for the executor and not for the saga: with a name in place of `S` that is not a saga, the compiler
/// would apply the bound to every saga, including the outer one.
pub trait Nests<S: Saga>: ExecuteNested<S::Input> {
    /// Drives the saga to its end.
    ///
    /// # Errors
    ///
    /// The outer error is the executor's, the inner one the saga's.
    fn drive_nested(
        self,
        service: &S::Service,
        input: S::Input,
    ) -> impl Future<Output = Result<NestedEnd<S>, Self::Halt>> + Send;

    /// Undoes the steps of the saga that are due.
    ///
    /// # Errors
    ///
    /// If the run must stop.
    fn rewind_nested<'a>(
        &'a self,
        service: &'a S::Service,
        slots: &'a mut S::Slots,
        rollback: &'a mut Rollback,
    ) -> impl Future<Output = Result<(), Self::Halt>> + Send;
}

impl<S: Machine<X>, X: ExecuteNested<S::Input>> Nests<S> for X {
    fn drive_nested(
        self,
        service: &S::Service,
        input: S::Input,
    ) -> impl Future<Output = Result<NestedEnd<S>, X::Halt>> + Send {
        let kept = |output, slots, mut held: Own<X>| {
            let run = held.0.take_run();
            let undone = None;
            (output, Ran { slots, run, undone })
        };
        drive_by::<S, X, _, _, _>(service, Own(self), input, S::Slots::finish, kept)
    }

    fn rewind_nested<'a>(
        &'a self,
        service: &'a S::Service,
        slots: &'a mut S::Slots,
        rollback: &'a mut Rollback,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send {
        S::rewind(service, slots, rollback, self)
    }
}

/// An attempt of a step that runs the saga `S`, on this service and with the input that the method of the step returns.
/// Nothing has taken effect before that method returns.
///
/// # Errors
///
/// If the run did not complete.
pub fn nest<'a, S, X>(
    executor: &'a X,
    begin: Begin<'a>,
    service: impl FnOnce() -> &'a S::Service,
    input: impl FnOnce() -> S::Input + Send,
) -> impl Future<Output = Result<NestedOutput<S>, Unfinished<S, X::Halt>>> + Send
where
    S: Saga,
    S::Service: 'a,
    X: Nests<S>,
{
    let clean = |message| message;
    let service = panics::before_any_effect(clean, service);
    async move {
        let input = move || panics::before_any_effect(clean, input);
        let begun = executor.begin_nested(begin, input).await;
        let (run, input) = begun.map_err(Unfinished::Halted)?;
        match executor.nested(run).drive_nested(service, input).await {
            Ok(Ok(ran)) => Ok(ran),
            Ok(Err(error)) => Err(Unfinished::Ended(error)),
            Err(halt) => Err(Unfinished::Halted(halt)),
        }
    }
}

/// The output of a run of the saga `S`, and what is kept of the run.
pub(crate) type NestedOutput<S> = (<S as Saga>::Output, Ran<S>);

/// The result of a step that runs the saga `S`. With a condition, there may be no output.
pub trait SplitOutput<S: Saga> {
    /// The output that later methods take.
    type Output;

    /// Splits it into the output and what is kept of the run.
    fn split(self) -> (Self::Output, Option<Ran<S>>);
}

impl<S: Saga> SplitOutput<S> for NestedOutput<S> {
    type Output = S::Output;

    fn split(self) -> (S::Output, Option<Ran<S>>) {
        (self.0, Some(self.1))
    }
}

impl<S: Saga> SplitOutput<S> for Option<NestedOutput<S>> {
    type Output = Option<S::Output>;

    fn split(self) -> (Option<S::Output>, Option<Ran<S>>) {
        self.map_or((None, None), |(output, ran)| (Some(output), Some(ran)))
    }
}

/// Runs a step that runs the saga `S`, by attempts that [`nest`] makes.
///
/// # Errors
///
/// If it gave up, or the run must stop.
pub(crate) async fn run_step<'a, S, X, C, T, F, Fut, Q>(
    executor: &'a X,
    call: C,
    faults: Q,
    attempt: F,
    (slot, kept): (&mut Option<T::Output>, &mut Option<Ran<S>>),
) -> Result<(), Stop<Failure<SagaError<S>>, X::Halt>>
where
    S: Saga,
    X: Nests<S>,
    T: SplitOutput<S> + Send,
    C: Into<Call<'a>> + Copy + Send,
    F: FnMut(Begin<'a>) -> Fut + Send,
    Fut: Future<Output = Result<T, Unfinished<S, X::Halt>>> + Send,
    Q: Fn() -> Faults<Unfinished<S, X::Halt>> + Copy + Send,
{
    executor.start_nested(call.into()).await?;
    let mut given = None;
    let run = executor.run();
    let outcome =
        attempts::<_, _, _, _, _, _, X::Halt>(run, call, faults, attempt, &mut given).await;
    if let Err(stop) = outcome {
        let stop = cut_short(stop_of(stop));
        let end = executor.end_nested(call.into(), Err(&stop), |error| ErrorView::Error(error));
        end.await;
        return Err(stop);
    }
    if let Some(given) = given {
        let (output, ran) = given.split();
        let completed = if ran.is_some() {
            Completed::Ran
        } else {
            Completed::Skipped
        };
        (*slot, *kept) = (Some(output), ran);
        let end = executor.end_nested::<SagaError<S>>(call.into(), Ok(completed), |error| {
            ErrorView::Error(error)
        });
        end.await;
    }
    Ok(())
}

/// Why a step that runs a saga has no output. A halt of the nested saga is a halt of the whole.
#[cold]
pub(crate) fn stop_of<S: Saga, H>(
    stop: Stop<Failure<Unfinished<S, H>>, H>,
) -> Stop<Failure<SagaError<S>>, H> {
    let ended = |unfinished| match unfinished {
        Unfinished::Ended(error) => Ok(error),
        Unfinished::Halted(halt) => Err(halt),
    };
    let failed = |gave_up: GaveUp<Failure<_>>| gave_up.try_map(|failure| failure.try_map(ended));
    let stop = match stop {
        Stop::GaveUp(gave_up) => failed(gave_up).map(Stop::GaveUp),
        Stop::Cancelled(why, Some(gave_up)) => {
            failed(gave_up).map(|gave_up| Stop::Cancelled(why, Some(gave_up)))
        }
        Stop::Cancelled(why, None) => Ok(Stop::Cancelled(why, None)),
        Stop::Halted(halt) => Err(halt),
    };
    stop.unwrap_or_else(Stop::Halted)
}

/// The stop of a step whose run was ended by what ended the run around it: that prevented the rest of the attempt.
fn cut_short<S: Saga, H>(stop: Stop<Failure<SagaError<S>>, H>) -> Stop<Failure<SagaError<S>>, H> {
    match stop {
        Stop::GaveUp(gave_up) => {
            let why = match &gave_up.failure {
                Failure::Error(error) => error.ended_from_around(),
                _ => None,
            };
            match why {
                Some(why) => gave_up.prevented_by(Some(why.prevention())).into(),
                None => Stop::GaveUp(gave_up),
            }
        }
        stop => stop,
    }
}

/// The slot of a step that is undone: its output, if there is one.
pub trait Slot<T> {
    /// Takes the output out.
    fn take_output(&mut self) -> Option<T>;

    /// Puts it back.
    fn put_output(&mut self, output: Option<T>);
}

impl<T> Slot<T> for Option<T> {
    fn take_output(&mut self) -> Option<T> {
        self.take()
    }

    fn put_output(&mut self, output: Self) {
        *self = output;
    }
}

impl<T> Slot<T> for Option<Option<T>> {
    fn take_output(&mut self) -> Option<T> {
        self.take().flatten()
    }

    fn put_output(&mut self, output: Option<T>) {
        *self = Some(output);
    }
}

/// Undoes the nested run of a step. Records in the roll-back of the outer saga if a compensation gave up.
///
/// # Errors
///
/// If the run must stop where it is.
pub(crate) async fn undo<'a, S, X>(
    executor: &'a X,
    call: Call<'a>,
    slot: &mut (dyn Slot<S::Output> + Send),
    ran: &mut Option<Ran<S>>,
    rollback: &mut Rollback,
    service: impl FnOnce() -> &'a S::Service + Send,
) -> Result<(), X::Halt>
where
    S: Saga,
    S::Service: 'a,
    X: Nests<S>,
{
    let run = executor.run();
    let begin = Begin {
        run,
        call,
        attempt: 1,
    };
    if run.has_options() {
        run.began(call);
        run.attempted(call, 1);
    }
    let mut notes = CallNotes::of(&begin);
    if let Some(notes) = &mut notes {
        notes.begins(&begin);
    }
    let gave_up = match (ran, slot.take_output(), panics::catch(service)) {
        (Some(ran), Some(output), Ok(service)) => {
            let cause = rollback.cause().cloned();
            let undone = ran.undo(executor, output, cause, service);
            slot.put_output(within(notes.as_ref(), undone).await?);
            ran.gave_up()
        }
        (_, Some(output), Err(panic)) => {
            slot.put_output(Some(output));
            let text = ErrorText::new(format!("panicked: {panic}"));
            Some(GaveUp::new(text, 1, false))
        }
        // An executor did not keep an output of a step that it completed.
        _ => Some(GaveUp::new(ErrorText::new(MISSING), 0, true)),
    };
    if run.has_options() {
        run.ended(call);
    }
    if let Some(notes) = notes {
        notes.undone(&begin, gave_up.as_ref());
    }
    if let Some(gave_up) = gave_up {
        rollback.gave_up(call.step, gave_up);
    }
    Ok(())
}

/// A nested run that completed, with its output if that is known.
pub(crate) struct CompletedRun<'a, S: Saga> {
    pub(crate) ran: &'a Ran<S>,
    pub(crate) output: Option<&'a S::Output>,
}

/// A nested run that completed, for the report, with its output.
pub fn nested_run<'a, S: Saga>(
    ran: &'a Option<Ran<S>>,
    output: Option<&'a S::Output>,
) -> Option<Box<dyn NestedRun + 'a>> {
    let ran = ran.as_ref()?;
    Some(Box::new(CompletedRun { ran, output }))
}

impl<S: Saga> NestedRun for CompletedRun<'_, S> {
    fn report(&self, around: Around<'_>) -> (NestedReport, Vec<LeftOver>) {
        report_of_completed(self, around)
    }
}

impl<S: Saga> NestedRun for &SagaError<S> {
    fn report(&self, around: Around<'_>) -> (NestedReport, Vec<LeftOver>) {
        self.nested_report(around)
    }
}
