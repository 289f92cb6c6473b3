//! Values that a method takes by value: moved, or cloned if something needs them again.

/// A parameter of `Taker` that takes a value by value: like [`HandOver`](super::HandOver).
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

/// A parameter of `Taker` that takes a value by value which `Giver` may not have made: like
/// [`HandOverOptional`](super::HandOverOptional).
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
