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
mod hand_over;
mod nested;
mod predicates;
mod results;
mod take_over;
mod threads;
mod undo_elsewhere;
mod undo_in_block;

use core::marker::PhantomData;

pub use self::durable::{
    AsRequired, HasFeatureDurable, IsDurable, IsJournaled, IsJournaledGeneric, IsJournaledInstant,
    IsJournaledOfProcess, IsJournaledShared, IsReadAgain, IsWritten, Missing, TheBlock,
};
pub use self::hand_over::{
    Field, HandInput, HandOver, HandOverOptional, HandOverOrFrom, HandOverOrInput, Spread,
};
pub use self::nested::{CanBeUndone, CanBeUndoneHere, InputOf, IsServiceOf, Lends, OneWay, TwoWay};
pub use self::predicates::{AskedInDoubt, AskedWhen};
pub use self::results::{
    CompensationReturn, DisplayedErrorOf, IsResult, IsUnitResult, ReturnsNothing, StepReturn, View,
};
pub use self::take_over::{
    Again, InputAgain, Kept, OptionAgain, TakeAgain, TakeOver, TakeOverOptional,
};
pub use self::threads::{
    SentError, SentErrorOfAlias, SentGeneric, SentInput, SentOutput, SharedGeneric,
    SharedGenericService, SharedInput, SharedOutput, SharedService,
};
pub use self::undo_elsewhere::{
    AfterContext, BeforeContext, Parameters, TakesAttempt, TheAttempt, TheOutput, UndoParameter,
    UndoReturn, Undoes,
};
pub use self::undo_in_block::{AttemptOf, UndoAnother, UndoAttempt, UndoOutput};
pub use crate::expansion::calls::StepOf;

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
