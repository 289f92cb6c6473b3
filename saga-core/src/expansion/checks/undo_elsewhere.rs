//! A compensation in another block than its saga, whose signature only the compiler can read.
//!
//! Generated code passes the method itself. Its parameters select an implementation of [`Undoes`], as in the handlers of
//! `axum`: `Shape`, their types, and `Role`, what they take, are inferred.

use core::marker::PhantomData;

use crate::definition::{Parameter, Source};
use crate::expansion::ErrorType;
use crate::expansion::checks::{CompensationReturn, HandOver};
use crate::run::{Attempt, StepContext};

/// The compensation `Taker`, which undoes the step `Step` at the position `STEP`, whose output is a `Given`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` undoes `{Step}`, which returns a `{Given}`, and its parameters do not fit",
    label = "expected `(&self, &{Given})` or `(&self, Attempt<&{Given}>)`",
    note = "write `async fn {Taker}(&self, output: &{Given})`, or `attempt: saga_core::Attempt<&{Given}>` in place of `output` \
            to run it also when `{Step}` is in doubt; `run: &saga_core::StepContext` may follow",
    note = "a compensation that takes anything else, such as the input, must be in the block of the saga: move \
            `{Taker}` there"
)]
pub trait Undoes<'a, Service: ?Sized + 'a, Given: 'a, const STEP: usize, Step, Taker, Shape, Role> {
    /// What the method returns.
    type Returned;

    /// Its parameters, for the definition.
    const PARAMETERS: Parameters<Self>;

    /// The type of what the method returns.
    fn returned(&self) -> PhantomData<Self::Returned> {
        PhantomData
    }

    /// The role of its parameter.
    fn role(&self) -> PhantomData<Role> {
        PhantomData
    }

    /// Calls the method.
    fn undo(
        &self,
        service: &'a Service,
        output: Option<&'a Given>,
        context: &'a StepContext,
    ) -> Self::Returned;
}

/// The parameters of the method `F`.
#[derive(Debug)]
pub struct Parameters<F: ?Sized>(&'static [Parameter], PhantomData<fn() -> F>);

impl<F: ?Sized> Parameters<F> {
    /// Returns them. `_method` lets the compiler infer `F`.
    #[must_use]
    pub const fn of(self, _method: &F) -> &'static [Parameter] {
        self.0
    }

    const fn new(parameters: &'static [Parameter]) -> Self {
        Self(parameters, PhantomData)
    }
}

/// The role of a parameter that takes the output.
#[derive(Debug)]
pub struct TheOutput;

/// The role of a parameter that takes what is known of the step.
#[derive(Debug)]
pub struct TheAttempt;

/// The context comes before this parameter.
#[derive(Debug)]
pub struct AfterContext<P>(PhantomData<P>);

/// The context comes after this parameter.
#[derive(Debug)]
pub struct BeforeContext<P>(PhantomData<P>);

const CONTEXT: Parameter = Parameter::new("run", Source::Context);

/// A parameter in this role, of a compensation of the step at the position `STEP`.
///
/// The context is no role: a parameter `&T` of a generic method could then be the output or the context, and the
/// compiler could not infer `T`.
pub trait UndoParameter<'a, Given, const STEP: usize, Role> {
    /// The parameter as data.
    const PARAMETER: Parameter;

    /// Returns the argument.
    fn argument(output: Option<&'a Given>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, Given, const STEP: usize, P> UndoParameter<'a, Given, STEP, TheOutput> for P
where
    P: HandOver<'a, Given, (), ()>,
{
    const PARAMETER: Parameter = Parameter::new("output", Source::Output(STEP));

    fn argument(output: Option<&'a Given>) -> Self {
        HandOver::hand_over(crate::expansion::lent(output))
    }
}

#[diagnostic::do_not_recommend]
impl<'a, Given, const STEP: usize> UndoParameter<'a, Given, STEP, TheAttempt>
    for Attempt<&'a Given>
{
    const PARAMETER: Parameter = Parameter::new("attempt", Source::Attempt);

    fn argument(output: Option<&'a Given>) -> Self {
        output.map_or(Attempt::InDoubt, Attempt::Completed)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, F, Service, Given, const STEP: usize, Step, Taker, Returned>
    Undoes<'a, Service, Given, STEP, Step, Taker, (), ()> for F
where
    F: Fn(&'a Service) -> Returned,
    Service: ?Sized + 'a,
    Given: 'a,
{
    type Returned = Returned;

    const PARAMETERS: Parameters<F> = Parameters::new(&[]);

    fn undo(&self, service: &'a Service, _: Option<&'a Given>, _: &'a StepContext) -> Returned {
        self(service)
    }
}

macro_rules! undo_with {
    (
        $Shape:ty: ($($Parameter:ty),+),
        |$output:ident, $context:ident| ($($argument:expr),+),
        [$($parameter:expr),+]
    ) => {
        #[diagnostic::do_not_recommend]
        impl<'a, F, Service, Given, const STEP: usize, Step, Taker, Returned, P, Role>
            Undoes<'a, Service, Given, STEP, Step, Taker, $Shape, Role> for F
        where
            F: Fn(&'a Service, $($Parameter),+) -> Returned,
            Service: ?Sized + 'a,
            Given: 'a,
            P: UndoParameter<'a, Given, STEP, Role>,
        {
            type Returned = Returned;

            const PARAMETERS: Parameters<F> = Parameters::new(&[$($parameter),+]);

            fn undo(
                &self,
                service: &'a Service,
                $output: Option<&'a Given>,
                $context: &'a StepContext,
            ) -> Returned {
                self(service, $($argument),+)
            }
        }
    };
}

undo_with!((P,): (P), |output, _context| (P::argument(output)), [P::PARAMETER]);
undo_with!(
    BeforeContext<P>: (P, &'a StepContext),
    |output, context| (P::argument(output), context),
    [P::PARAMETER, CONTEXT]
);
undo_with!(
    AfterContext<P>: (&'a StepContext, P),
    |output, context| (context, P::argument(output)),
    [CONTEXT, P::PARAMETER]
);

/// The role of the parameter of the compensation `Taker` of the pivot `Step`: it must be an [`Attempt`].
#[diagnostic::on_unimplemented(
    message = "`{Taker}` undoes the pivot `{Step}`, which may have no output when it is in doubt",
    label = "must take `Attempt<&{Given}>`",
    note = "write `{Taker}(&self, attempt: saga_core::Attempt<&{Given}>)`, or remove `compensate = {Taker}`"
)]
pub trait TakesAttempt<Given, Step, Taker> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: PhantomData<Self>) {}
}

#[diagnostic::do_not_recommend]
impl<Given, Step, Taker> TakesAttempt<Given, Step, Taker> for TheAttempt {}

/// What the compensation `Taker` of the step `Step` returns.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` undoes `{Step}`, and returns `{Self}`",
    label = "expected `async`, and `Result<(), E>`",
    note = "write `async fn {Taker}(&self, ..) -> Result<(), E>`, where `E` is any type with `Display`"
)]
pub trait UndoReturn<Step, Taker> {
    /// The error.
    type Error;

    /// The type of the error.
    #[must_use]
    fn error_type(_: PhantomData<Self>) -> ErrorType<Self::Error> {
        ErrorType::new()
    }
}

#[diagnostic::do_not_recommend]
impl<Step, Taker, Returned> UndoReturn<Step, Taker> for Returned
where
    Returned: Future<Output: CompensationReturn>,
{
    type Error = <Returned::Output as CompensationReturn>::Error;
}
