//! What the compiler checks because a run may continue on another thread at each `await`.
//!
//! Without these checks the future of the run is not `Send`, which the compiler reports at the methods that use a value
//! and not at the one that returns it.

use crate::expansion::checks::durable::Else;
use crate::expansion::checks::{AsRequired, TheBlock};

macro_rules! implemented {
    ($($Trait:ident$(<$Method:ident>)? for $($bound:ident)+;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: $($bound +)+ ?Sized $(, $Method)?> $Trait$(<$Method>)? for T {}
    )+};
}

implemented! {
    SentOutput<Giver> for Send;
    SharedOutput<Giver> for Send Sync;
    SentInput for Send;
    SharedInput for Send Sync;
    SentError<Method> for Send;
    SentErrorOfAlias<Method> for Send;
    SharedService for Sync;
}

/// The output of the step `Giver`, which no method borrows.
#[diagnostic::on_unimplemented(
    message = "the output of `{Giver}` must be `Send`, and `{Self}` is not",
    label = "not `Send`",
    note = "write a type that can go to another thread: `Arc` for `Rc`, \
            `Box<dyn .. + Send>` for `Box<dyn ..>`, no raw pointer, and no guard of a lock"
)]
pub trait SentOutput<Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

/// The output of the step `Giver`, which other methods borrow.
#[diagnostic::on_unimplemented(
    message = "the output of `{Giver}` must be `Send` and `Sync`, and `{Self}` is not",
    label = "not `Send`, or not `Sync`",
    note = "write a type that threads can share: `Arc` for `Rc`, `Mutex` for \
            `RefCell` and `Cell`, `Box<dyn .. + Send + Sync>` for `Box<dyn ..>`, and no raw pointer"
)]
pub trait SharedOutput<Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

/// The input of the saga, which no method borrows.
#[diagnostic::on_unimplemented(
    message = "the input of a saga must be `Send`, and `{Self}` is not",
    label = "not `Send`",
    note = "write a type that can go to another thread: `Arc` for `Rc`, \
            `Box<dyn .. + Send>` for `Box<dyn ..>`, no raw pointer, and no guard of a lock"
)]
pub trait SentInput {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

/// The input of the saga, which methods borrow.
#[diagnostic::on_unimplemented(
    message = "the input of a saga must be `Send` and `Sync`, and `{Self}` is not",
    label = "not `Send`, or not `Sync`",
    note = "write a type that threads can share: `Arc` for `Rc`, `Mutex` for \
            `RefCell` and `Cell`, `Box<dyn .. + Send + Sync>` for `Box<dyn ..>`, and no raw pointer"
)]
pub trait SharedInput {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

/// The error of the step or compensation `Method`.
#[diagnostic::on_unimplemented(
    message = "the error of `{Method}` must be `Send`, and `{Self}` is not",
    label = "not `Send`",
    note = "write an error that can go to another thread: \
            `Box<dyn Error + Send + Sync>` for `Box<dyn Error>`, `Arc` for `Rc`"
)]
pub trait SentError<Method> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

/// The error of the step or compensation `Method`, which returns an alias of `Result`.
#[diagnostic::on_unimplemented(
    message = "the error of `{Method}` must be `Send`, and `{Self}` is not",
    label = "an alias with an error that is not `Send`",
    note = "write an error that can go to another thread where this alias is declared: \
            `Box<dyn Error + Send + Sync>` for `Box<dyn Error>`, `Arc` for `Rc`"
)]
pub trait SentErrorOfAlias<Method> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

/// The service of the saga, which all methods borrow.
#[diagnostic::on_unimplemented(
    message = "the service of a saga must be `Sync`, and `{Self}` is not",
    label = "not `Sync`",
    note = "the steps share the service, on any thread: write `Mutex` for `RefCell` and `Cell`, `Arc` for `Rc`, \
            and `Box<dyn .. + Send + Sync>` for `Box<dyn ..>` in it"
)]
pub trait SharedService {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

/// A value of `Giver` whose type uses type parameters of the block.
///
/// Implemented by [`TheBlock`] and not by the type: otherwise the compiler would suggest this trait as a bound.
#[diagnostic::on_unimplemented(
    message = "the `{T}` of `{Giver}` must be `Send`, and can be any type",
    label = "not always `Send`",
    note = "write `where {T}: Send` on the block"
)]
pub trait SentGeneric<T, Is, Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: Is) {}
}

#[diagnostic::do_not_recommend]
impl<T: Send, Giver> SentGeneric<T, AsRequired, Giver> for TheBlock {}

#[diagnostic::do_not_recommend]
impl<T: Send, Giver> SentGeneric<T, Else, Giver> for TheBlock {}

/// Like [`SentGeneric`], for a value that other methods borrow.
#[diagnostic::on_unimplemented(
    message = "the `{T}` of `{Giver}` must be `Send` and `Sync`, and can be any type",
    label = "not always `Send` and `Sync`",
    note = "write `where {T}: Send + Sync` on the block"
)]
pub trait SharedGeneric<T, Is, Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: Is) {}
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync, Giver> SharedGeneric<T, AsRequired, Giver> for TheBlock {}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync, Giver> SharedGeneric<T, Else, Giver> for TheBlock {}

/// Like [`SharedService`], for a service with type parameters.
#[diagnostic::on_unimplemented(
    message = "the service of a saga must be `Sync`, and `{T}` is not always",
    label = "not always `Sync`",
    note = "write `where {T}: Sync` on the block, or `Sync` as a bound of its parameters"
)]
pub trait SharedGenericService<T: ?Sized, Is> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: Is) {}
}

#[diagnostic::do_not_recommend]
impl<T: Sync + ?Sized> SharedGenericService<T, AsRequired> for TheBlock {}

#[diagnostic::do_not_recommend]
impl<T: Sync + ?Sized> SharedGenericService<T, Else> for TheBlock {}
