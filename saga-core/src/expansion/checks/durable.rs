//! What is asked of a saga that is marked `durable`.
//!
//! A message cannot depend on what of serde's traits is missing, so each has a trait of its own, and what is
//! missing is found out where the macro stands: [`Yes`] and [`No`] come from `__private::journaled`.

use crate::expansion::journaled::InShort;

/// As it has to be.
#[derive(Debug)]
pub struct Yes;

/// Not as it has to be.
#[derive(Debug)]
pub struct No;

/// Stands beside [`Yes`], so that the compiler has to look which of them was found.
#[derive(Debug)]
pub struct Else;

macro_rules! implemented {
    ($Trait:ident) => {
        #[diagnostic::do_not_recommend]
        impl<T, Giver> $Trait<Yes, Giver> for T {}

        #[diagnostic::do_not_recommend]
        impl<T, Giver> $Trait<Else, Giver> for T {}
    };
}

/// A value of `Giver` that can be kept in a journal.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of `{Giver}` cannot be written to a journal and read again",
    label = "has to be `Serialize` and `DeserializeOwned`",
    note = "what a `durable` saga begins with and what its steps give is kept in the journal: write \
            `#[derive(serde::Serialize, serde::Deserialize)]` on `{Self}`, or turn on the feature `serde` of \
            the crate that it comes from"
)]
pub trait IsJournaled<Is, Giver> {
    /// Nothing: that it can is checked where this is called.
    fn checked(_: Is) {}
}

implemented!(IsJournaled);

/// A value of `Giver` that can be written to a journal, where it can be read.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of `{Giver}` can be read from a journal, and not be written to it",
    label = "is `DeserializeOwned`, and has to be `Serialize` too",
    note = "what a `durable` saga begins with and what its steps give is kept in the journal: write \
            `#[derive(serde::Serialize)]` on `{Self}`"
)]
pub trait IsWritten<Is, Giver> {
    /// Nothing: that it can is checked where this is called.
    fn checked(_: Is) {}
}

implemented!(IsWritten);

/// A value of `Giver` that can be read from a journal, where it can be written.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of `{Giver}` can be written to a journal, and not be read again",
    label = "is `Serialize`, and has to be `DeserializeOwned` too",
    note = "what a `durable` saga begins with and what its steps give is kept in the journal: write \
            `#[derive(serde::Deserialize)]` on `{Self}`, and let it own what it holds"
)]
pub trait IsReadAgain<Is, Giver> {
    /// Nothing: that it can is checked where this is called.
    fn checked(_: Is) {}
}

implemented!(IsReadAgain);

/// The same of a type `T` that the block is generic over: what is missing is a bound.
///
/// Implemented by [`Whatever`] and not by the parameter itself: of that the compiler would say to bound it by
/// this.
#[diagnostic::on_unimplemented(
    message = "the `{T}` of `{Giver}` can be any type, also one that cannot be written to a journal and read again",
    label = "has to be `Serialize` and `DeserializeOwned`",
    note = "what a `durable` saga begins with and what its steps give is kept in the journal: write \
            `where {T}: serde::Serialize + serde::de::DeserializeOwned` on the block"
)]
pub trait IsJournaledWhatever<T, Is, Giver> {
    /// Nothing: that it can is checked where this is called.
    fn checked(_: impl InShort<Is = Is>) {}
}

/// What a parameter may stand for.
#[derive(Debug)]
pub struct Whatever;

#[diagnostic::do_not_recommend]
impl<T, Giver> IsJournaledWhatever<T, Yes, Giver> for Whatever {}

#[diagnostic::do_not_recommend]
impl<T, Giver> IsJournaledWhatever<T, Else, Giver> for Whatever {}

/// The same of an `Arc` of what can be kept.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of `{Giver}` cannot be written to a journal and read again",
    label = "serde keeps no `Arc`, unless it is told to",
    note = "write `serde = {{ version = \"1\", features = [\"derive\", \"rc\"] }}` in `Cargo.toml`, or give what is in it: read \
            again it is shared with nobody"
)]
pub trait IsJournaledShared<Is, Giver> {
    /// Nothing: that it can is checked where this is called.
    fn checked(_: impl InShort<Is = Is>) {}
}

implemented!(IsJournaledShared);

/// A saga `S` that is run by the step `Taker` of one that is `durable`.
///
/// Implemented by [`Whatever`] and not by the saga: that would be pointed at as `#[saga]`.
#[diagnostic::on_unimplemented(
    message = "`{Taker}` of a `durable` saga runs the saga `{S}`, which cannot be kept in a journal",
    label = "has types that cannot be written to a journal and read again",
    note = "write `durable` in the `#[saga(..)]` of `{S}` too, to be told there which these are"
)]
pub trait IsDurable<S, Is, Taker> {
    /// Nothing: that it can is checked where this is called.
    fn checked(_: Is) {}
}

#[diagnostic::do_not_recommend]
impl<S, Taker> IsDurable<S, Yes, Taker> for Whatever {}

#[diagnostic::do_not_recommend]
impl<S, Taker> IsDurable<S, Else, Taker> for Whatever {}

/// A type of a saga whose types were found to be as they have to be: `KEPT` is no number otherwise, and the
/// compiler says nothing of what follows from that.
#[derive(Debug)]
pub struct Checked<const KEPT: usize>;

/// See [`Checked`].
pub trait Of<T> {
    /// The same.
    type Type;
}

impl<T, const KEPT: usize> Of<T> for Checked<KEPT> {
    type Type = T;
}

/// What this crate is built with, where a saga is marked `durable`.
#[diagnostic::on_unimplemented(
    message = "this saga is marked `durable`, and `saga-core` is built without its feature `durable`",
    label = "needs the feature `durable` of `saga-core`",
    note = "write `features = [\"durable\"]` beside `saga-core` in `Cargo.toml`, or remove `durable` here"
)]
pub trait HasFeatureDurable {
    /// Nothing: that it has is checked where this is called.
    fn checked() {}
}

#[cfg(feature = "durable")]
impl HasFeatureDurable for () {}
