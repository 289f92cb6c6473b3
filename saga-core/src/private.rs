//! What expansions call. Not for users: it changes with the macro, whenever that does.

use core::error::Error;
use core::fmt;
use core::marker::PhantomData;
use std::path::{Path, PathBuf};

use crate::context::Attempt;
use crate::definition::{Definition, Location, Source};
use crate::executor::GaveUp;
use crate::failure::{ErrorView, Failure};
use crate::report::one_line;
use crate::saga::{Saga, Slots, StepError, Value};

pub use core;
pub use std::sync::Arc;

/// The return type of a step or compensation, taken apart: so that an alias of `Result` works.
#[diagnostic::on_unimplemented(
    message = "a step returns a `Result`, and `{Self}` is none",
    label = "not a `Result`"
)]
pub trait StepReturn {
    type Output;
    type Error;
}

impl<T, E> StepReturn for Result<T, E> {
    type Output = T;
    type Error = E;
}

/// The return type of a compensation, taken apart.
#[diagnostic::on_unimplemented(
    message = "a compensation returns `Result<(), E>`, and this one `{Self}`",
    label = "not a `Result<(), E>`"
)]
pub trait CompensationReturn {
    type Error;
}

impl<E> CompensationReturn for Result<(), E> {
    type Error = E;
}

/// Where a step's future that is not `Send` is refused.
pub fn step_future<T>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
    future
}

/// The `Display` of an error enum.
pub fn display(error: &impl StepError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let message = one_line(&error.text().message);
    write!(f, "step `{}`: {message}", error.step().name)
}

/// A parameter of `Taker` that the value of type `Given`, made by `Giver`, is handed to.
///
/// `Taker` and `Giver` are types without values that are called like the methods: so that messages
/// can name them.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` is handed the `{Given}` of `{Giver}`, and takes a `{Self}`",
    label = "expected `&{Given}`",
    note = "write `&{Given}` here, or change what `{Giver}` gives"
)]
pub trait HandOver<'a, Given: ?Sized, Giver, Taker> {
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
impl<'a, Giver, Taker> HandOver<'a, &'static str, Giver, Taker> for &'a str {
    fn hand_over(given: &'a &'static str) -> Self {
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

/// A parameter of `Taker` by value: as [`HandOver`].
#[diagnostic::on_unimplemented(
    message = "`{Taker}` is handed the `{Given}` of `{Giver}`, and takes a `{Self}`",
    label = "expected `{Given}` or `&{Given}`",
    note = "write `&{Given}` here, or change what `{Giver}` gives"
)]
pub trait TakeOver<Given, Giver, Taker> {
    fn take_over(given: Given) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, Giver, Taker> TakeOver<T, Giver, Taker> for T {
    fn take_over(given: T) -> Self {
        given
    }
}

/// A value that is given by value and needed again.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` takes the `{Self}` of `{Giver}` by value, and it is needed again: by another \
               method, or for another attempt",
    label = "`{Self}` is not `Clone`",
    note = "write `&{Self}` here, or derive `Clone` for `{Self}`"
)]
pub trait Again<Giver, Taker> {
    #[must_use]
    fn again(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone, Giver, Taker> Again<Giver, Taker> for T {
    fn again(&self) -> Self {
        self.clone()
    }
}

/// For the attempt that finds that what it is given is gone: the policies do not let that happen.
/// The guard around every attempt catches it.
#[cold]
#[expect(clippy::panic, reason = "an attempt has no error of its own to return")]
pub fn given_away_twice() -> ! {
    panic!("a value was given away twice; this is a bug in saga-core, please report it")
}

/// A value of `Giver` that is spread over `ARITY` parameters of `Taker`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` takes {ARITY} values of `{Giver}`, and is handed a `{Self}`",
    label = "`{Self}` is not a tuple of {ARITY}",
    note = "take it whole, as one parameter of type `&{Self}`; a parameter for something else is \
            marked with `#[input]` or `#[from(step)]`"
)]
pub trait Spread<const ARITY: usize, Giver, Taker> {
    type Fields<'a>
    where
        Self: 'a;

    type Owned;

    fn fields(&self) -> Self::Fields<'_>;

    fn into_fields(self) -> Self::Owned;
}

/// One field of a tuple of `ARITY`.
pub trait Field<const FIELD: usize, const ARITY: usize> {
    type Type;

    fn field(&self) -> &Self::Type;
}

macro_rules! tuples {
    ($($arity:literal: $($T:ident $field:tt)+;)+) => {
        $(
            #[diagnostic::do_not_recommend]
            impl<$($T,)+ Giver, Taker> Spread<$arity, Giver, Taker> for ($($T,)+) {
                type Fields<'a> = ($(&'a $T,)+) where Self: 'a;

                type Owned = Self;

                fn fields(&self) -> Self::Fields<'_> {
                    ($(&self.$field,)+)
                }

                fn into_fields(self) -> Self {
                    self
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

/// A parameter of the compensation `Taker` that what is known of its step is handed to.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` undoes a step that gives a `{Given}`, and takes `{Self}`",
    label = "expected `Attempt<&{Given}>`",
    note = "write `Attempt<&{Given}>` here"
)]
pub trait HandOverAttempt<'a, Given, Taker> {
    fn hand_over(given: Option<&'a Given>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, T, Taker> HandOverAttempt<'a, T, Taker> for Attempt<&'a T> {
    fn hand_over(given: Option<&'a T>) -> Self {
        given.map_or(Attempt::InDoubt, Attempt::Completed)
    }
}

/// What every predicate is that was not given.
#[must_use]
pub fn always<E>(_: &E) -> bool {
    true
}

/// What every predicate is that was not given.
#[must_use]
pub fn never<E>(_: &E) -> bool {
    false
}

/// For the place where a value is missing that the driver has always made before: an error in
/// place of a panic.
#[cold]
pub fn missing<E, S>(variant: fn(Failure<E>) -> S) -> GaveUp<S> {
    let reason = "the state machine lost an output; this is a bug in saga-core, please report it";
    GaveUp::new(variant(Failure::NotStarted(reason.to_owned())), 0, false)
}

/// The error type of a compensation that the macro cannot see.
pub fn error_type_of<F, Fut, E>(_undo: &F) -> ErrorType<E>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), E>>,
{
    ErrorType::new()
}

/// A type of error, and what is known of it where the macro stands: method resolution takes the
/// first rung that fits, by how often it has to take a reference. (The idea is David Tolnay's
/// "autoref specialization", 2019.)
pub struct ErrorType<E>(PhantomData<fn() -> E>);

impl<E> Default for ErrorType<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> ErrorType<E> {
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

type View<E> = for<'e> fn(&'e E) -> ErrorView<'e>;

/// What is asked of every error of a step.
#[diagnostic::on_unimplemented(
    message = "the error `{Self}` of a step must implement `Display`",
    label = "not `Display`",
    note = "implement `std::fmt::Display` for `{Self}`, or derive it with `thiserror`"
)]
pub trait StepErrorType: Sized {
    fn told(view: View<Self>) -> View<Self>;
}

#[diagnostic::do_not_recommend]
impl<E: fmt::Display> StepErrorType for E {
    fn told(view: View<Self>) -> View<Self> {
        view
    }
}

/// What of an error can be told.
pub mod error_type {
    use super::{Error, ErrorType, ErrorView, View, fmt};

    pub trait ViaError<E> {
        fn view(&self) -> View<E>;
    }

    impl<E: Error> ViaError<E> for &&&ErrorType<E> {
        fn view(&self) -> View<E> {
            |error| ErrorView::Error(error)
        }
    }

    pub trait ViaDyn<E> {
        fn view(&self) -> View<E>;
    }

    /// `Box<dyn Error>` and `anyhow::Error` are no errors themselves; they lead to one.
    impl<E: AsRef<dyn Error + Send + Sync>> ViaDyn<E> for &&ErrorType<E> {
        fn view(&self) -> View<E> {
            |error| ErrorView::Error(error.as_ref())
        }
    }

    pub trait ViaDisplay<E> {
        fn view(&self) -> View<E>;
    }

    impl<E: fmt::Display> ViaDisplay<E> for &ErrorType<E> {
        fn view(&self) -> View<E> {
            |error| ErrorView::Text(error)
        }
    }

    /// Refused by [`StepErrorType`](super::StepErrorType), and by nothing else.
    pub trait ViaNothing<E> {
        fn view(&self) -> View<E>;
    }

    impl<E> ViaNothing<E> for ErrorType<E> {
        fn view(&self) -> View<E> {
            |_| ErrorView::Text(&"an error")
        }
    }
}

/// A value, and what is known of its type where the macro stands: as [`ErrorType`].
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// One field of a value: as [`Probe`].
pub struct FieldProbe<'a, T, const FIELD: usize, const ARITY: usize>(pub &'a T);

/// What of a value can be shown.
pub mod value {
    use super::{Field, FieldProbe, Probe, Value, fmt};

    pub trait ViaDebug<'a> {
        fn value(&self) -> Value<'a>;
    }

    impl<'a, T: fmt::Debug> ViaDebug<'a> for &Probe<'a, T> {
        fn value(&self) -> Value<'a> {
            Value::Shown(self.0)
        }
    }

    impl<'a, T, const FIELD: usize, const ARITY: usize> ViaDebug<'a>
        for &FieldProbe<'a, T, FIELD, ARITY>
    where
        T: Field<FIELD, ARITY>,
        T::Type: fmt::Debug,
    {
        fn value(&self) -> Value<'a> {
            Value::Shown(self.0.field())
        }
    }

    impl<'a, T, const FIELD: usize, const ARITY: usize> ViaNothing<'a>
        for FieldProbe<'a, T, FIELD, ARITY>
    {
        fn value(&self) -> Value<'a> {
            Value::Opaque
        }
    }

    pub trait ViaNothing<'a> {
        fn value(&self) -> Value<'a>;
    }

    impl<'a, T> ViaNothing<'a> for Probe<'a, T> {
        fn value(&self) -> Value<'a> {
            Value::Opaque
        }
    }
}

/// Stands for the service and its parameters, and is `Send` and `Sync` whatever they are.
pub type Marker<Service> = PhantomData<fn() -> Service>;

/// Stands in for what is not written of a saga with a mistake in it. Such a saga does not compile,
/// so nothing of this ever runs.
#[must_use]
#[expect(clippy::panic, reason = "never called")]
pub fn stub<T>() -> T {
    panic!("a saga that does not compile was run")
}

/// See [`stub`].
pub struct StubSlots;

impl<S: Saga> Slots<S> for StubSlots {
    fn begin(_: S::Input) -> Self {
        stub()
    }

    fn state(&self) -> S::State<'_> {
        stub()
    }

    fn value(&self, _: Source, _: Option<usize>) -> Value<'_> {
        stub()
    }

    fn finish(&mut self) -> Result<S::Output, GaveUp<S::Error>> {
        stub()
    }
}

/// See [`stub`].
pub static STUB_DEFINITION: Definition = Definition::new("stub", Location::new("", 0), &[]);
