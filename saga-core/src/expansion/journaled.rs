//! Detects the serde traits of the types of a saga that is marked `durable`, where the generated code is: method
//! resolution takes the first impl that fits, as in `__private::error_type`.

use core::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::durable::Durable;
use crate::expansion::checks::{No, Yes};
use crate::machine::{Machine, Saga};

/// The type `T`, which is `Whole` or a part of it.
///
/// An error in `T` is reported unless `Whole` can be kept, so that it does not matter, and unless it follows from
/// errors in `Parts`, which are reported themselves.
pub struct InJournal<T, Whole, Parts>(PhantomData<(T, Whole, Parts)>);

impl<T, Whole, Parts> InJournal<T, Whole, Parts> {
    #[must_use]
    pub const fn of() -> Self {
        Self(PhantomData)
    }
}

/// Whether a value can be kept, if both directions may be missing; whether it can be written, if it can be read; and
/// whether it can be read, if it can be written.
pub type Found<Both, Written, Read> = (Both, Written, Read);

const FINE: Found<Yes, Yes, Yes> = (Yes, Yes, Yes);

macro_rules! rungs {
    ($($Rung:ident: $Self:ty => $Found:ty, $found:expr, where ($($bound:tt)*);)+) => {$(
        pub trait $Rung {
            fn __saga_kept(&self) -> $Found;
        }

        impl<T, Whole, Parts> $Rung for $Self
        where
            $($bound)*
        {
            fn __saga_kept(&self) -> $Found {
                $found
            }
        }
    )+};
}

rungs! {
    WholeIsKept: &&&&&InJournal<T, Whole, Parts> => Found<Yes, Yes, Yes>, FINE,
        where (Whole: Serialize + DeserializeOwned);
    IsKept: &&&&InJournal<T, Whole, Parts> => Found<Yes, Yes, Yes>, FINE,
        where (T: Serialize + DeserializeOwned);
    IsOnlyWritten: &&&InJournal<T, Whole, Parts> => Found<Yes, Yes, No>, (Yes, Yes, No),
        where (T: Serialize, Parts: Serialize + DeserializeOwned);
    IsOnlyRead: &&InJournal<T, Whole, Parts> => Found<Yes, No, Yes>, (Yes, No, Yes),
        where (T: DeserializeOwned, Parts: Serialize + DeserializeOwned);
    IsNeither: &InJournal<T, Whole, Parts> => Found<No, Yes, Yes>, (No, Yes, Yes),
        where (Parts: Serialize + DeserializeOwned);
    IsOfOthers: InJournal<T, Whole, Parts> => Found<Yes, Yes, Yes>, FINE, where ();
}

/// The result, if it does not matter which direction is missing.
pub trait InShort {
    type Is;
}

impl InShort for Found<Yes, Yes, Yes> {
    type Is = Yes;
}

impl InShort for Found<No, Yes, Yes> {
    type Is = No;
}

impl InShort for Found<Yes, No, Yes> {
    type Is = No;
}

impl InShort for Found<Yes, Yes, No> {
    type Is = No;
}

/// The saga `S`, which a step runs.
pub struct NestedSaga<S>(PhantomData<S>);

impl<S> NestedSaga<S> {
    #[must_use]
    pub const fn of() -> Self {
        Self(PhantomData)
    }
}

/// Errors in a marked saga are reported at its own definition.
pub trait IsMarked {
    fn __saga_runs(&self) -> Yes;
}

impl<S: crate::expansion::MarkedDurable> IsMarked for &&&NestedSaga<S> {
    fn __saga_runs(&self) -> Yes {
        Yes
    }
}

pub trait IsRunDurably {
    fn __saga_runs(&self) -> Yes;
}

impl<S: Machine<Durable>> IsRunDurably for &&NestedSaga<S> {
    fn __saga_runs(&self) -> Yes {
        Yes
    }
}

pub trait IsNotRunDurably {
    fn __saga_runs(&self) -> No;
}

impl<S: Saga> IsNotRunDurably for &NestedSaga<S> {
    fn __saga_runs(&self) -> No {
        No
    }
}

/// `S` is not a saga: the compiler reports that.
pub trait IsNoSaga {
    fn __saga_runs(&self) -> Yes;
}

impl<S> IsNoSaga for NestedSaga<S> {
    fn __saga_runs(&self) -> Yes {
        Yes
    }
}
