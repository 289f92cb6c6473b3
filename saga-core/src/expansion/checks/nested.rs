//! Steps that run sagas: the input, the service and the undo of those.

use std::sync::Arc;

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
