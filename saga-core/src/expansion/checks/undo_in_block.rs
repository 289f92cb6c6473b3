//! What the compensation of a step takes of that step, if it is in the block of the saga.

use crate::expansion::checks::HandOver;
use crate::run::Attempt;

/// A parameter of the compensation `Taker` that takes the result of its step `Giver`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` undoes `{Giver}`, which returns a `{Given}`, and takes `{Self}`",
    label = "expected `Attempt<&{Given}>`",
    note = "write `saga_core::Attempt<&{Given}>` for this parameter, or name another method in the `compensate = ..` of `{Giver}`"
)]
pub trait UndoAttempt<'a, Given, Giver, Taker> {
    /// Converts the result to the type of the parameter.
    fn hand_over(given: Option<&'a Given>) -> Self;
}

// For any type, and not for `Attempt`: the compiler would show that one, as similar to what the user wrote.
#[diagnostic::do_not_recommend]
impl<'a, T, Giver, Taker, A: AttemptOf<'a, T>> UndoAttempt<'a, T, Giver, Taker> for A {
    fn hand_over(given: Option<&'a T>) -> Self {
        A::of(given)
    }
}

/// An [`Attempt`] of this output.
pub trait AttemptOf<'a, Given> {
    /// What is known of the step with this output.
    fn of(given: Option<&'a Given>) -> Self;
}

impl<'a, T> AttemptOf<'a, T> for Attempt<&'a T> {
    fn of(given: Option<&'a T>) -> Self {
        given.map_or(Attempt::InDoubt, Attempt::Completed)
    }
}

/// A parameter of the compensation `Taker` that takes the output of its step `Giver`: like [`HandOver`].
#[diagnostic::on_unimplemented(
    message = "`{Taker}` undoes `{Giver}`, which returns a `{Given}`, and takes a `{Self}`",
    label = "expected `&{Given}`",
    note = "write `&{Given}` for this parameter, or name another method in the `compensate = ..` of `{Giver}`"
)]
pub trait UndoOutput<'a, Given: ?Sized, Giver, Taker> {
    /// Converts the value to the type of the parameter.
    fn hand_over(given: &'a Given) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, Given: ?Sized, Giver, Taker, Parameter> UndoOutput<'a, Given, Giver, Taker> for Parameter
where
    Parameter: HandOver<'a, Given, Giver, Taker>,
{
    fn hand_over(given: &'a Given) -> Self {
        HandOver::hand_over(given)
    }
}

/// Like [`UndoAttempt`] and [`UndoOutput`], where `Taker` is also the compensation of another step, which it fits.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` undoes `{Giver}` too, which returns a `{Given}`, and takes `{Self}`",
    label = "takes `{Self}`",
    note = "write another method here, one that takes `&{Given}` or `Attempt<&{Given}>`"
)]
pub trait UndoAnother<Lent, Given: ?Sized, Giver, Taker> {
    /// Converts what is lent to the type of the parameter.
    fn hand_over(lent: Lent) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, T, Giver, Taker, A> UndoAnother<Option<&'a T>, T, Giver, Taker> for A
where
    A: AttemptOf<'a, T>,
{
    fn hand_over(lent: Option<&'a T>) -> Self {
        A::of(lent)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: ?Sized, Giver, Taker, P> UndoAnother<&'a T, T, Giver, Taker> for P
where
    P: HandOver<'a, T, Giver, Taker>,
{
    fn hand_over(lent: &'a T) -> Self {
        HandOver::hand_over(lent)
    }
}
