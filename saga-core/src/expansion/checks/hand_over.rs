//! Values that a method takes by reference, and tuples that are spread over its parameters.

use std::path::{Path, PathBuf};
use std::sync::Arc;

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
