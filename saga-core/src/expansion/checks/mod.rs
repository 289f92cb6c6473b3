//! What the compiler checks wherever a saga passes a value from one method to another.
//!
//! Generated code calls it. It is public because a compile error may name it: [`StepOf`], and traits. Each trait has one
//! implementation that matters, and `on_unimplemented` reports everything else, with a message that says which method
//! passes what to which. `Giver` and `Taker` are uninhabited types named after the methods, so that a message can name
//! them; the saga's input comes from `input`.
//!
//! Users need not call or implement anything in here.
#![warn(missing_docs)]

mod durable;
mod predicates;
mod threads;
mod undo;

use core::fmt;
use core::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::durable::{
    AsRequired, HasFeatureDurable, IsDurable, IsJournaled, IsJournaledGeneric, IsJournaledInstant,
    IsJournaledOfProcess, IsJournaledShared, IsReadAgain, IsWritten, Missing, TheBlock,
};
pub use self::predicates::{AskedInDoubt, AskedWhen};
pub use self::threads::{
    SentError, SentErrorOfAlias, SentGeneric, SentInput, SentOutput, SharedGeneric,
    SharedGenericService, SharedInput, SharedOutput, SharedService,
};
pub use self::undo::{
    AfterContext, BeforeContext, Parameters, TakesAttempt, TheAttempt, TheOutput, UndoParameter,
    UndoReturn, Undoes,
};
pub use crate::expansion::calls::StepOf;
use crate::outcome::ErrorView;
use crate::run::Attempt;

/// A type of a saga whose types were checked. If a check failed, `PASSED` has no value, and the compiler reports no
/// follow-up errors.
#[derive(Debug)]
pub struct Checked<const PASSED: usize>;

/// A type of a saga beside the parameters `P` of the service, which only a bound of that type names.
#[derive(Debug)]
pub struct Mentions<P>(PhantomData<P>);

/// See [`Checked`] and [`Mentions`].
pub trait Of<T: ?Sized> {
    /// The type `T`.
    type Type: ?Sized;
}

impl<T: ?Sized, const PASSED: usize> Of<T> for Checked<PASSED> {
    type Type = T;
}

impl<T: ?Sized, P> Of<T> for Mentions<P> {
    type Type = T;
}

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
/// [`TheBlock`] stands for all compensations. It is not named in the implementation: the compiler would show that, as
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

/// A parameter of `Taker` that takes a value of type `Given`, made by `Giver`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` is handed the `{Given}` of `{Giver}`, and takes a `{Self}`",
    label = "expected `&{Given}`",
    note = "write `&{Given}` here, or change what `{Giver}` returns; a parameter for something else is \
            marked: `#[input]` for the saga's input, `#[from(step)]` for the output of another step"
)]
pub trait HandOver<'a, Given: ?Sized, Giver, Taker> {
    /// Converts the value to the type of the parameter.
    fn hand_over(given: &'a Given) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, T, Giver, Taker> HandOver<'a, T, Giver, Taker> for &'a T {
    fn hand_over(given: &'a T) -> Self {
        given
    }
}

#[diagnostic::do_not_recommend]
impl<'a, Giver, Taker> HandOver<'a, String, Giver, Taker> for &'a str {
    fn hand_over(given: &'a String) -> Self {
        given
    }
}

#[diagnostic::do_not_recommend]
impl<'a, 's: 'a, Giver, Taker> HandOver<'a, &'s str, Giver, Taker> for &'a str {
    fn hand_over(given: &'a &'s str) -> Self {
        given
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T, Giver, Taker> HandOver<'a, Vec<T>, Giver, Taker> for &'a [T] {
    fn hand_over(given: &'a Vec<T>) -> Self {
        given
    }
}

#[diagnostic::do_not_recommend]
impl<'a, Giver, Taker> HandOver<'a, PathBuf, Giver, Taker> for &'a Path {
    fn hand_over(given: &'a PathBuf) -> Self {
        given
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: ?Sized, Giver, Taker> HandOver<'a, Box<T>, Giver, Taker> for &'a T {
    fn hand_over(given: &'a Box<T>) -> Self {
        given
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: ?Sized, Giver, Taker> HandOver<'a, Arc<T>, Giver, Taker> for &'a T {
    fn hand_over(given: &'a Arc<T>) -> Self {
        given
    }
}

/// Like [`HandOver`], for a parameter that is written with the type of the output of another step, `Other`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` is handed the `{Given}` of `{Giver}`, and takes a `{Self}`",
    label = "expected `&{Given}`",
    note = "write `#[from({Other})]` before this parameter to take the output of `{Other}`, or write `&{Given}`"
)]
pub trait HandOverOrFrom<'a, Given: ?Sized, Giver, Taker, Other> {
    /// Converts the value to the type of the parameter.
    fn hand_over(given: &'a Given) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, Given: ?Sized, Giver, Taker, Other, Parameter>
    HandOverOrFrom<'a, Given, Giver, Taker, Other> for Parameter
where
    Parameter: HandOver<'a, Given, Giver, Taker>,
{
    fn hand_over(given: &'a Given) -> Self {
        HandOver::hand_over(given)
    }
}

/// Like [`HandOver`], for a parameter that is written with the type of the saga's input.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` is handed the `{Given}` of `{Giver}`, and takes a `{Self}`",
    label = "expected `&{Given}`",
    note = "write `#[input]` before this parameter to take the saga's input, or write `&{Given}`"
)]
pub trait HandOverOrInput<'a, Given: ?Sized, Giver, Taker> {
    /// Converts the value to the type of the parameter.
    fn hand_over(given: &'a Given) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, Given: ?Sized, Giver, Taker, Parameter> HandOverOrInput<'a, Given, Giver, Taker>
    for Parameter
where
    Parameter: HandOver<'a, Given, Giver, Taker>,
{
    fn hand_over(given: &'a Given) -> Self {
        HandOver::hand_over(given)
    }
}

/// A parameter of `Taker` that takes a value of type `Given`, which `Giver` makes unless its condition returns `false`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` is handed the `{Given}` of `{Giver}` only if that has run, and takes a `{Self}`",
    label = "expected `Option<&{Given}>`",
    note = "write `Option<&{Given}>` here, and handle `None`: `{Giver}` has `only_if`, so there may be none"
)]
pub trait HandOverOptional<'a, Given, Giver, Taker> {
    /// Converts the value to the type of the parameter.
    fn hand_over(given: &'a Option<Given>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, T, Giver, Taker> HandOverOptional<'a, T, Giver, Taker> for &'a Option<T> {
    fn hand_over(given: &'a Option<T>) -> Self {
        given
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T, U, Giver, Taker> HandOverOptional<'a, T, Giver, Taker> for Option<&'a U>
where
    U: ?Sized,
    &'a U: HandOver<'a, T, Giver, Taker>,
{
    fn hand_over(given: &'a Option<T>) -> Self {
        given.as_ref().map(HandOver::hand_over)
    }
}

/// A parameter of `Taker` that takes the saga's input.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` is handed the saga's input, a `{Given}`, and takes a `{Self}`",
    label = "expected `&{Given}`",
    note = "write `&{Given}` here, or change the input: it is what the first step takes, or what \
            `#[saga(input = ..)]` says"
)]
pub trait HandInput<'a, Given: ?Sized, Taker> {
    /// Converts the input to the type of the parameter.
    fn hand_over(given: &'a Given) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, Given: ?Sized, Taker, Parameter> HandInput<'a, Given, Taker> for Parameter
where
    Parameter: HandOver<'a, Given, (), Taker>,
{
    fn hand_over(given: &'a Given) -> Self {
        HandOver::hand_over(given)
    }
}

/// A parameter of `Taker` that takes a value by value: like [`HandOver`].
#[diagnostic::on_unimplemented(
    message = "`{Taker}` is handed the `{Given}` of `{Giver}`, and takes a `{Self}`",
    label = "expected `{Given}` or `&{Given}`",
    note = "write `&{Given}` here, or change what `{Giver}` returns"
)]
pub trait TakeOver<Given, Giver, Taker> {
    /// Converts the value to the type of the parameter.
    fn take_over(given: Given) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, Giver, Taker> TakeOver<T, Giver, Taker> for T {
    fn take_over(given: T) -> Self {
        given
    }
}

/// A parameter of `Taker` that takes a value by value which `Giver` may not have made: like [`HandOverOptional`].
#[diagnostic::on_unimplemented(
    message = "`{Taker}` is handed the `{Given}` of `{Giver}` only if that has run, and takes a `{Self}`",
    label = "expected `Option<&{Given}>`",
    note = "write `Option<&{Given}>` here, and handle `None`: `{Giver}` has `only_if`, so there may be none"
)]
pub trait TakeOverOptional<Given, Giver, Taker> {
    /// Converts the value to the type of the parameter.
    fn take_over(given: Option<Given>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, Giver, Taker> TakeOverOptional<T, Giver, Taker> for Option<T> {
    fn take_over(given: Self) -> Self {
        given
    }
}

/// A value that is passed by value and needed again, if there is one: like [`Again`].
#[diagnostic::on_unimplemented(
    message = "`{Taker}` takes the `{T}` of `{Giver}` by value, and it is needed again: by another \
               method, or for another attempt",
    label = "`{T}` is not `Clone`",
    note = "write `Option<&{T}>` here, or derive `Clone` for `{T}`"
)]
pub trait OptionAgain<T, Giver, Taker> {
    /// Clones the value.
    #[must_use]
    fn again(value: &Option<T>) -> Option<T>;
}

#[diagnostic::do_not_recommend]
impl<T: Clone, Giver, Taker> OptionAgain<T, Giver, Taker> for Kept {
    fn again(value: &Option<T>) -> Option<T> {
        value.clone()
    }
}

/// A value that is passed by value and needed again.
///
/// Implemented by [`Kept`] and not by the value: for a value that is a reference itself, the compiler would only
/// suggest to take a reference.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` takes the `{T}` of `{Giver}` by value, and it is needed again: by another \
               method, or for another attempt",
    label = "`{T}` is not `Clone`",
    note = "write `&{T}` here, or derive `Clone` for `{T}`"
)]
pub trait Again<T, Giver, Taker> {
    /// The type of the clone.
    type Clone;

    /// Clones the value.
    #[must_use]
    fn again(value: &T) -> Self::Clone;
}

/// The input of the saga, which `Taker` takes by value and which is needed again: like [`Again`].
#[diagnostic::on_unimplemented(
    message = "`{Taker}` takes the saga's input, a `{T}`, by value, and it is needed again: by another \
               method, or for another attempt",
    label = "`{T}` is not `Clone`",
    note = "write `&{T}` here, or derive `Clone` for `{T}`"
)]
pub trait InputAgain<T, Taker> {
    /// The type of the clone.
    type Clone;

    /// Clones the input.
    #[must_use]
    fn again(input: &T) -> Self::Clone;
}

#[diagnostic::do_not_recommend]
impl<T: Clone, Taker> InputAgain<T, Taker> for Kept {
    type Clone = T;

    fn again(input: &T) -> T {
        input.clone()
    }
}

/// Implements [`Again`], [`InputAgain`] and [`OptionAgain`] for all values.
#[derive(Debug)]
pub struct Kept;

#[diagnostic::do_not_recommend]
impl<T: Clone, Giver, Taker> Again<T, Giver, Taker> for Kept {
    type Clone = T;

    fn again(value: &T) -> T {
        value.clone()
    }
}

/// A parameter of `Taker` that takes a clone of a value, which is needed again: checked before [`Again`], so that a
/// wrong type is one error, whether or not the value is `Clone`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` is handed the `{Given}` of `{Giver}`, and takes a `{Self}`",
    label = "expected `{Given}` or `&{Given}`",
    note = "write `&{Given}` here, or change what `{Giver}` returns; an `Attempt` of the saga has to be called by that name"
)]
pub trait TakeAgain<Given, Giver, Taker> {
    /// Clones it. Unknown to the compiler if the type is wrong.
    type Keeper;
}

#[diagnostic::do_not_recommend]
impl<T, Giver, Taker> TakeAgain<T, Giver, Taker> for T {
    type Keeper = Kept;
}

/// A value of `Giver` that is spread over `ARITY` parameters of `Taker`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` takes {ARITY} values of `{Giver}`, and is handed `{Self}`",
    label = "`{Self}` is not a tuple of {ARITY}",
    note = "if these are too many, mark the parameter that is something else with `#[input]` or \
            `#[from(step)]`, or remove it, so that as many unmarked parameters are left as the tuple \
            has fields; or take it whole, as one parameter of type `{Self}`"
)]
pub trait Spread<const ARITY: usize, Giver, Taker> {
    /// The fields, borrowed if the tuple is borrowed.
    type Fields;

    /// Splits the tuple into its fields.
    fn spread(self) -> Self::Fields;
}

/// One field of a tuple of `ARITY`.
pub trait Field<const FIELD: usize, const ARITY: usize> {
    /// Its type.
    type Type;

    /// Borrows the field.
    fn field(&self) -> &Self::Type;
}

macro_rules! tuples {
    ($($arity:literal: $($T:ident $field:tt)+;)+) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<$($T,)+ Giver, Taker> Spread<$arity, Giver, Taker> for ($($T,)+) {
                type Fields = Self;

                fn spread(self) -> Self {
                    self
                }
            }

            #[diagnostic::do_not_recommend]
            impl<'a, $($T,)+ Giver, Taker> Spread<$arity, Giver, Taker> for &'a ($($T,)+) {
                type Fields = ($(&'a $T,)+);

                fn spread(self) -> Self::Fields {
                    ($(&self.$field,)+)
                }
            }

            tuples!(@fields $arity ($($T)+): $($T $field)+);
        )+
    };
    (@fields $arity:literal $all:tt: $($T:ident $field:tt)+) => {
        $(tuples!(@field $arity $all: $T $field);)+
    };
    (@field $arity:literal ($($all:ident)+): $T:ident $field:tt) => {
        impl<$($all),+> Field<$field, $arity> for ($($all,)+) {
            type Type = $T;

            fn field(&self) -> &$T {
                &self.$field
            }
        }
    };
}

tuples! {
    2: A 0 B 1;
    3: A 0 B 1 C 2;
    4: A 0 B 1 C 2 D 3;
    5: A 0 B 1 C 2 D 3 E 4;
    6: A 0 B 1 C 2 D 3 E 4 F 5;
    7: A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    8: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}

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

/// Marks a saga that can be undone once it has completed.
#[derive(Debug)]
pub struct TwoWay;

/// Marks a saga that cannot be undone once it has completed.
#[derive(Debug)]
pub struct OneWay;

/// Checks the [mark](TwoWay) of the saga `S` that the step `Taker` runs, if that step may have to be undone.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` runs the saga `{S}` and may have to be undone, which that saga cannot be once it \
               has completed",
    label = "has a pivot, or a last step that does not say how it is undone",
    note = "write `pivot` on `{Taker}`; or in `{S}` say how the last step is undone (`compensate`, `readonly` or \
            `no_compensation`), and write no `pivot`"
)]
pub trait CanBeUndone<S, Taker> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

#[diagnostic::do_not_recommend]
impl<S, Taker> CanBeUndone<S, Taker> for TwoWay {}

/// The same for a step that cannot become the pivot, because there is another pivot, the step is in a parallel group,
/// or it may be skipped.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` runs the saga `{S}` and may have to be undone, which that saga cannot be once it \
               has completed",
    label = "has a pivot, or a last step that does not say how it is undone",
    note = "move `{Taker}` after the pivot, or to the end and out of a group; or in `{S}` say how the last step is \
            undone (`compensate`, `readonly` or `no_compensation`), and write no `pivot`"
)]
pub trait CanBeUndoneHere<S, Taker> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

#[diagnostic::do_not_recommend]
impl<S, Taker> CanBeUndoneHere<S, Taker> for TwoWay {}

/// What the method of the step `Taker` returns, if the step runs the saga `S`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` returns a `{Self}`, and the saga `{S}` that it runs takes a `{Input}`",
    label = "expected `{Input}`",
    note = "write `-> {Input}` and return a `{Input}`: what this method returns is the input of `{S}`; or change the \
            input of `{S}`"
)]
pub trait InputOf<S, Input, Taker> {
    /// The input of the nested saga.
    fn input(self) -> Input;
}

#[diagnostic::do_not_recommend]
impl<T, S, Taker> InputOf<S, T, Taker> for T {
    fn input(self) -> T {
        self
    }
}

/// The value of `on = ..` at the step `Taker`, which runs the saga `S`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` runs the saga `{S}`, which is one of `{Service}`, on `{Self}`",
    label = "expected `{Service}`",
    note = "write in `on = ..` where the service has its `{Service}`, such as `on = self.field`"
)]
pub trait Lends<'a, S, Service: ?Sized, Taker> {
    /// Borrows the service of that saga.
    fn lend(self) -> &'a Service;
}

#[diagnostic::do_not_recommend]
impl<'a, T: ?Sized, S, Taker> Lends<'a, S, T, Taker> for &'a T {
    fn lend(self) -> &'a T {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T: ?Sized, S, Taker> Lends<'a, S, T, Taker> for &'_ &'a T {
    fn lend(self) -> &'a T {
        self
    }
}

macro_rules! lends_what_is_in {
    ($($Pointer:ident)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<'a, T: ?Sized, S, Taker> Lends<'a, S, T, Taker> for &'a $Pointer<T> {
            fn lend(self) -> &'a T {
                self
            }
        }

        #[diagnostic::do_not_recommend]
        impl<'a, T: ?Sized, S, Taker> Lends<'a, S, T, Taker> for &'_ &'a $Pointer<T> {
            fn lend(self) -> &'a T {
                self
            }
        }
    )+};
}

lends_what_is_in!(Box Arc);

/// The service of the step `Taker`, which runs the saga `S` of the same service.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` runs the saga `{S}`, which is one of `{Service}` and not of `{Self}`",
    label = "needs a `{Service}`",
    note = "write `on = self.field` too, with the field where `{Self}` has its `{Service}`"
)]
pub trait IsServiceOf<S, Service: ?Sized, Taker> {
    /// The service.
    fn service(&self) -> &Service;
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized, S, Taker> IsServiceOf<S, T, Taker> for T {
    fn service(&self) -> &T {
        self
    }
}
