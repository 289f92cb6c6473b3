//! What the compiler checks for a saga that is marked `durable`.
//!
//! A message cannot depend on which of serde's traits is missing. So there is one trait for each case, and the case is
//! detected where the generated code is: [`AsRequired`] and [`Missing`] come from `__private::journaled`.

use crate::expansion::journaled::InShort;

/// The type is as required.
#[derive(Debug)]
pub struct AsRequired;

/// What is required of the type is missing.
#[derive(Debug)]
pub struct Missing;

/// A second impl beside [`AsRequired`], so that the compiler must determine which one was detected.
#[derive(Debug)]
pub struct Else;

macro_rules! implemented {
    ($Trait:ident) => {
        #[diagnostic::do_not_recommend]
        impl<T, Giver> $Trait<AsRequired, Giver> for T {}

        #[diagnostic::do_not_recommend]
        impl<T, Giver> $Trait<Else, Giver> for T {}
    };
}

/// A value of `Giver` that can be kept in a journal.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of `{Giver}` cannot be written to a journal and read again",
    label = "has to be `Serialize` and `DeserializeOwned`",
    note = "the journal keeps the input of a `durable` saga and the outputs of its steps: write \
            `#[derive(serde::Serialize, serde::Deserialize)]` on `{Self}`, or turn on the feature `serde` of \
            the crate that it comes from"
)]
pub trait IsJournaled<Is, Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: Is) {}
}

implemented!(IsJournaled);

/// A value of `Giver` that can be read from a journal, and must be written to it.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of `{Giver}` can be read from a journal, and not be written to it",
    label = "is `DeserializeOwned`, and has to be `Serialize` too",
    note = "the journal keeps the input of a `durable` saga and the outputs of its steps: write \
            `#[derive(serde::Serialize)]` on `{Self}`"
)]
pub trait IsWritten<Is, Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: Is) {}
}

implemented!(IsWritten);

/// A value of `Giver` that can be written to a journal, and must be read from it.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of `{Giver}` can be written to a journal, and not be read again",
    label = "is `Serialize`, and has to be `DeserializeOwned` too",
    note = "the journal keeps the input of a `durable` saga and the outputs of its steps: write \
            `#[derive(serde::Deserialize)]` on `{Self}`, and let it own what it holds"
)]
pub trait IsReadAgain<Is, Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: Is) {}
}

implemented!(IsReadAgain);

/// Like [`IsJournaled`], for a type parameter `T` of the block: a bound is missing.
///
/// Implemented by [`TheBlock`] and not by the parameter: otherwise the compiler would suggest this trait as a bound.
#[diagnostic::on_unimplemented(
    message = "`{T}`, in the value of `{Giver}`, has to be `Serialize` and `DeserializeOwned`",
    label = "can be any type, also one that cannot be written to a journal and read again",
    note = "write `where {T}: serde::Serialize + serde::de::DeserializeOwned` on the block: the journal keeps the input \
            of a `durable` saga and the outputs of its steps"
)]
pub trait IsJournaledGeneric<T, Is, Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: impl InShort<Is = Is>) {}
}

/// Implements checks in place of the type that is checked.
#[derive(Debug)]
pub struct TheBlock;

#[diagnostic::do_not_recommend]
impl<T, Giver> IsJournaledGeneric<T, AsRequired, Giver> for TheBlock {}

#[diagnostic::do_not_recommend]
impl<T, Giver> IsJournaledGeneric<T, Else, Giver> for TheBlock {}

/// Like [`IsJournaled`], for an `Arc` of a value that can be kept.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of `{Giver}` cannot be written to a journal and read again",
    label = "serde supports `Arc` only with its feature `rc`",
    note = "write `serde = {{ version = \"1\", features = [\"derive\", \"rc\"] }}` in `Cargo.toml`, or return what is in it: \
            after reading it is not shared anyway"
)]
pub trait IsJournaledShared<Is, Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: impl InShort<Is = Is>) {}
}

implemented!(IsJournaledShared);

/// A saga `S` that is run by the step `Taker` of a saga that is `durable`.
///
/// Implemented by [`TheBlock`] and not by the saga: otherwise the error would point at `#[saga]`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` of a `durable` saga runs the saga `{S}`, which cannot be kept in a journal",
    label = "has types that cannot be written to a journal and read again",
    note = "write `durable` in the `#[saga(..)]` of `{S}` too: the errors there name these types"
)]
pub trait IsDurable<S, Is, Taker> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: Is) {}
}

#[diagnostic::do_not_recommend]
impl<S, Taker> IsDurable<S, AsRequired, Taker> for TheBlock {}

#[diagnostic::do_not_recommend]
impl<S, Taker> IsDurable<S, Else, Taker> for TheBlock {}

/// Like [`IsJournaled`], for the point in time of a clock that starts with the process.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of `{Giver}` cannot be written to a journal and read again",
    label = "has a meaning only in this process",
    note = "the saga may continue in another process: write `std::time::SystemTime` here"
)]
pub trait IsJournaledInstant<Is, Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: impl InShort<Is = Is>) {}
}

implemented!(IsJournaledInstant);

/// Like [`IsJournaled`], for a type of the standard library or of tokio that stands for something in the process.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of `{Giver}` cannot be written to a journal and read again",
    label = "has a meaning only in this process",
    note = "the saga may continue in another process: write a type of your own here, with \
            `#[derive(serde::Serialize, serde::Deserialize)]`, of what that process needs, such as a path, an address or \
            a text"
)]
pub trait IsJournaledOfProcess<Is, Giver> {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked(_: impl InShort<Is = Is>) {}
}

implemented!(IsJournaledOfProcess);

/// Whether this crate is built with the feature `durable`, for a saga that is marked `durable`.
#[diagnostic::on_unimplemented(
    message = "this saga is marked `durable`, and `saga-core` is built without its feature `durable`",
    label = "needs the feature `durable` of `saga-core`",
    note = "write `features = [\"durable\"]` beside `saga-core` in `Cargo.toml`, or remove `durable` here"
)]
pub trait HasFeatureDurable {
    /// Does nothing: the call makes the compiler check the bound.
    fn checked() {}
}

#[cfg(feature = "durable")]
impl HasFeatureDurable for () {}
