//! Detects the serde traits of the types of a saga that is marked `durable`, where the generated code is: method
//! resolution takes the first impl that fits, as in `__private::error_type`.

use core::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::durable::Durable;
use crate::expansion::checks::{AsRequired, Missing};
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

const FINE: Found<AsRequired, AsRequired, AsRequired> = (AsRequired, AsRequired, AsRequired);

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
    WholeIsKept: &&&&&InJournal<T, Whole, Parts> => Found<AsRequired, AsRequired, AsRequired>, FINE,
        where (Whole: Serialize + DeserializeOwned);
    IsKept: &&&&InJournal<T, Whole, Parts> => Found<AsRequired, AsRequired, AsRequired>, FINE,
        where (T: Serialize + DeserializeOwned);
    IsOnlyWritten: &&&InJournal<T, Whole, Parts> => Found<AsRequired, AsRequired, Missing>, (AsRequired, AsRequired, Missing),
        where (T: Serialize, Parts: Serialize + DeserializeOwned);
    IsOnlyRead: &&InJournal<T, Whole, Parts> => Found<AsRequired, Missing, AsRequired>, (AsRequired, Missing, AsRequired),
        where (T: DeserializeOwned, Parts: Serialize + DeserializeOwned);
    IsNeither: &InJournal<T, Whole, Parts> => Found<Missing, AsRequired, AsRequired>, (Missing, AsRequired, AsRequired),
        where (Parts: Serialize + DeserializeOwned);
    IsOfOthers: InJournal<T, Whole, Parts> => Found<AsRequired, AsRequired, AsRequired>, FINE, where ();
}

/// The result, if it does not matter which direction is missing.
pub trait InShort {
    type Is;
}

impl InShort for Found<AsRequired, AsRequired, AsRequired> {
    type Is = AsRequired;
}

impl InShort for Found<Missing, AsRequired, AsRequired> {
    type Is = Missing;
}

impl InShort for Found<AsRequired, Missing, AsRequired> {
    type Is = Missing;
}

impl InShort for Found<AsRequired, AsRequired, Missing> {
    type Is = Missing;
}

/// The saga `S`, which a step runs.
pub struct NestedSaga<S>(PhantomData<S>);

impl<S> NestedSaga<S> {
    #[must_use]
    pub const fn of() -> Self {
        Self(PhantomData)
    }
}

/// Errors in a marked saga are reported at its own definition. If there are any, its input is unknown to the compiler, and
/// so is this type, and what the saga around it depends on: nothing more is reported where that one is registered.
pub trait IsMarked {
    type Is;

    fn __saga_runs(&self) -> Self::Is;
}

impl<S: crate::expansion::MarkedDurable> IsMarked for &&&NestedSaga<S> {
    type Is = <S::Input as KnownInput>::Is;

    fn __saga_runs(&self) -> Self::Is {
        S::Input::is()
    }
}

/// A type that the compiler knows: any type without an error.
pub trait KnownInput {
    type Is;

    fn is() -> Self::Is;
}

impl<T> KnownInput for T {
    type Is = AsRequired;

    fn is() -> AsRequired {
        AsRequired
    }
}

pub trait IsRunDurably {
    fn __saga_runs(&self) -> AsRequired;
}

impl<S: Machine<Durable>> IsRunDurably for &&NestedSaga<S> {
    fn __saga_runs(&self) -> AsRequired {
        AsRequired
    }
}

pub trait IsNotRunDurably {
    fn __saga_runs(&self) -> Missing;
}

impl<S: Saga> IsNotRunDurably for &NestedSaga<S> {
    fn __saga_runs(&self) -> Missing {
        Missing
    }
}

/// `S` is not a saga: the compiler reports that.
pub trait IsNoSaga {
    fn __saga_runs(&self) -> AsRequired;
}

impl<S> IsNoSaga for NestedSaga<S> {
    fn __saga_runs(&self) -> AsRequired {
        AsRequired
    }
}
