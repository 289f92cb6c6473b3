//! What steps and compensations return, split into output and error.

use core::fmt;

use crate::outcome::ErrorView;

/// The return type of a step, split into output and error, so that an alias of `Result` works.
pub trait StepReturn {
    /// The output.
    type Output;
    /// The error.
    type Error;
}

impl<T, E> StepReturn for Result<T, E> {
    type Output = T;
    type Error = E;
}

/// Checks the return type of the step `Method`, which is named like an alias of `Result`.
#[diagnostic::on_unimplemented(
    message = "the step `{Method}` returns a `{Self}`, which is not a `Result`",
    label = "not a `Result`",
    note = "write `Result<{Self}, E>` here, with your error type for `E`"
)]
pub trait IsResult<Method> {
    /// The output.
    type Output;
    /// The error.
    type Error;

    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

#[diagnostic::do_not_recommend]
impl<T, E, Method> IsResult<Method> for Result<T, E> {
    type Output = T;
    type Error = E;
}

/// The return type of a compensation, from which the error is taken.
#[diagnostic::on_unimplemented(
    message = "a compensation returns `Result<(), E>`, and this one `{Self}`",
    label = "not a `Result<(), E>`"
)]
pub trait CompensationReturn {
    /// The error.
    type Error;

    /// The value itself, whose type is then known to be a `Result`.
    ///
    /// # Errors
    ///
    /// The error of the compensation.
    fn result(self) -> Result<(), Self::Error>;
}

impl<E> CompensationReturn for Result<(), E> {
    type Error = E;

    fn result(self) -> Self {
        self
    }
}

/// Checks the return type of the compensation `Method`, which is named like an alias of `Result`.
#[diagnostic::on_unimplemented(
    message = "the compensation `{Method}` returns a `{Self}`, which is not a `Result<(), E>`",
    label = "not a `Result<(), E>`",
    note = "write `Result<(), E>` here, with your error type for `E`"
)]
pub trait IsUnitResult<Method> {
    /// The output.
    type Output;
    /// The error.
    type Error;

    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

#[diagnostic::do_not_recommend]
impl<T, E, Method> IsUnitResult<Method> for Result<T, E> {
    type Output = T;
    type Error = E;
}

/// Checks that the output of the compensation `Method`, whose error is an `E`, is `()`.
///
/// [`TheBlock`](super::TheBlock) stands for all compensations. It is not named in the implementation: the compiler would show that, as
/// similar to what is missing.
#[diagnostic::on_unimplemented(
    message = "the compensation `{Method}` returns a `Result<{Output}, {E}>`, which is not a `Result<(), E>`",
    label = "not a `Result<(), E>`",
    note = "write `Result<(), {E}>` here, and end the method with `Ok(())`: what a compensation returns is not kept"
)]
pub trait ReturnsNothing<Output, E, Method> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

#[diagnostic::do_not_recommend]
impl<B, E, Method> ReturnsNothing<(), E, Method> for B {}

/// The error type of the step or compensation `Method`, which must implement `Display`.
#[diagnostic::on_unimplemented(
    message = "the error `{Self}` of `{Method}` must implement `Display`",
    label = "not `Display`",
    note = "implement `std::fmt::Display` for `{Self}`, or derive it with `thiserror`"
)]
pub trait DisplayedErrorOf<Method>: Sized {
    /// Returns `view` unchanged, after the compiler has checked the error type.
    fn view(view: View<Self>) -> View<Self>;
}

#[diagnostic::do_not_recommend]
impl<E: fmt::Display, Method> DisplayedErrorOf<Method> for E {
    fn view(view: View<Self>) -> View<Self> {
        view
    }
}

/// A function that views an error of this type.
pub type View<E> = for<'e> fn(&'e E) -> ErrorView<'e>;
