//! A compensation in another block than its saga, whose signature only the compiler can read.
//!
//! Generated code passes the method itself. Its parameters select an implementation of [`Undo`], as in the handlers of
//! `axum`: `Shape`, their types, and `Roles`, what they take, are inferred.

use core::marker::PhantomData;

use crate::definition::{Parameter, Source};
use crate::expansion::ErrorType;
use crate::expansion::checks::{CompensationReturn, HandOver};
use crate::run::{Attempt, StepContext};

/// The compensation `Taker`, which undoes the step `Step` at the position `STEP`, whose output is a `Given`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` undoes `{Step}`, which returns a `{Given}`, and its parameters do not fit",
    label = "expected `(&self, &{Given})` or `(&self, Attempt<&{Given}>)`",
    note = "write `async fn {Taker}(&self, output: &{Given})`, or `attempt: Attempt<&{Given}>` in place of `output` \
            to run it also when `{Step}` is in doubt; `run: &StepContext` may follow",
    note = "a compensation that takes anything else, such as the input, must be in the block of the saga: move \
            `{Taker}` there"
)]
pub trait Undo<'a, Service: ?Sized + 'a, Given: 'a, const STEP: usize, Step, Taker, Shape, Roles> {
    /// What the method returns.
    type Returned;

    /// Its parameters, for the definition.
    const PARAMETERS: Parameters<Self>;

    /// The type of what the method returns.
    fn returned(&self) -> PhantomData<Self::Returned> {
        PhantomData
    }

    /// The roles of its parameters.
    fn roles(&self) -> PhantomData<Roles> {
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

/// The role of a parameter that takes the context.
#[derive(Debug)]
pub struct TheContext;

/// A parameter in this role.
pub trait UndoParameter<'a, Given, Role> {
    /// Returns the argument.
    fn argument(output: Option<&'a Given>, context: &'a StepContext) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, Given, P: HandOver<'a, Given, (), ()>> UndoParameter<'a, Given, TheOutput> for P {
    fn argument(output: Option<&'a Given>, _: &'a StepContext) -> Self {
        HandOver::hand_over(crate::expansion::lent(output))
    }
}

#[diagnostic::do_not_recommend]
impl<'a, Given> UndoParameter<'a, Given, TheAttempt> for Attempt<&'a Given> {
    fn argument(output: Option<&'a Given>, _: &'a StepContext) -> Self {
        output.map_or(Attempt::InDoubt, Attempt::Completed)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, Given> UndoParameter<'a, Given, TheContext> for &'a StepContext {
    fn argument(_: Option<&'a Given>, context: &'a StepContext) -> Self {
        context
    }
}

/// The roles of the parameters of a compensation of the step at the position `STEP`.
pub trait RolesOf<const STEP: usize> {
    /// The parameters as data.
    const PARAMETERS: &'static [Parameter];
}

const fn output<const STEP: usize>() -> Parameter {
    Parameter::new("output", Source::Output(STEP))
}

const ATTEMPT: Parameter = Parameter::new("attempt", Source::Attempt);
const CONTEXT: Parameter = Parameter::new("run", Source::Context);

macro_rules! roles {
    ($($roles:ty: [$($parameter:expr),*];)+) => {$(
        impl<const STEP: usize> RolesOf<STEP> for $roles {
            const PARAMETERS: &'static [Parameter] = &[$($parameter),*];
        }
    )+};
}

roles! {
    (): [];
    (TheOutput,): [output::<STEP>()];
    (TheAttempt,): [ATTEMPT];
    (TheContext,): [CONTEXT];
    (TheOutput, TheContext): [output::<STEP>(), CONTEXT];
    (TheContext, TheOutput): [CONTEXT, output::<STEP>()];
    (TheAttempt, TheContext): [ATTEMPT, CONTEXT];
    (TheContext, TheAttempt): [CONTEXT, ATTEMPT];
}

macro_rules! undo_with {
    ($($P:ident $Role:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<'a, F, Service, Given, const STEP: usize, Step, Taker, Returned, $($P, $Role),*>
            Undo<'a, Service, Given, STEP, Step, Taker, ($($P,)*), ($($Role,)*)> for F
        where
            F: Fn(&'a Service, $($P),*) -> Returned,
            Service: ?Sized + 'a,
            Given: 'a,
            ($($Role,)*): RolesOf<STEP>,
            $($P: UndoParameter<'a, Given, $Role>,)*
        {
            type Returned = Returned;

            const PARAMETERS: Parameters<F> =
                Parameters::new(<($($Role,)*) as RolesOf<STEP>>::PARAMETERS);

            #[allow(unused_variables)]
            fn undo(
                &self,
                service: &'a Service,
                output: Option<&'a Given>,
                context: &'a StepContext,
            ) -> Returned {
                self(service, $($P::argument(output, context)),*)
            }
        }
    };
}

undo_with!();
undo_with!(A RoleOfA);
undo_with!(A RoleOfA, B RoleOfB);

/// The roles of the parameters of the compensation `Taker` of the pivot `Step`: one of them must be an [`Attempt`].
#[diagnostic::on_unimplemented(
    message = "`{Taker}` undoes the pivot `{Step}`, which may have no output when it is in doubt",
    label = "must take `Attempt<&{Given}>`",
    note = "write `{Taker}(&self, attempt: Attempt<&{Given}>)`, or remove `compensate = {Taker}`"
)]
pub trait TakesAttempt<Given, Step, Taker> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: PhantomData<Self>) {}
}

macro_rules! takes_attempt {
    ($($roles:ty)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<Given, Step, Taker> TakesAttempt<Given, Step, Taker> for $roles {}
    )+};
}

takes_attempt!((TheAttempt,)(TheAttempt, TheContext)(
    TheContext, TheAttempt
));

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
