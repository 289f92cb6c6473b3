//! Replaces `journaled` without the feature `durable`: only the missing feature is reported.

use core::marker::PhantomData;

use crate::expansion::checks::AsRequired;

pub struct InJournal<T, Whole, Parts>(PhantomData<(T, Whole, Parts)>);

impl<T, Whole, Parts> InJournal<T, Whole, Parts> {
    #[must_use]
    pub const fn of() -> Self {
        Self(PhantomData)
    }
}

pub trait InShort {
    type Is;
}

impl InShort for (AsRequired, AsRequired, AsRequired) {
    type Is = AsRequired;
}

pub struct NestedSaga<S>(PhantomData<S>);

impl<S> NestedSaga<S> {
    #[must_use]
    pub const fn of() -> Self {
        Self(PhantomData)
    }
}

macro_rules! nothing {
    ($($Rung:ident)+) => {$(
        pub trait $Rung {}
    )+};
}

nothing!(WholeIsKept IsKept IsOnlyWritten IsOnlyRead IsNeither IsMarked IsRunDurably IsNotRunDurably);

pub trait IsOfOthers {
    fn __saga_kept(&self) -> (AsRequired, AsRequired, AsRequired);
}

impl<T, Whole, Parts> IsOfOthers for InJournal<T, Whole, Parts> {
    fn __saga_kept(&self) -> (AsRequired, AsRequired, AsRequired) {
        (AsRequired, AsRequired, AsRequired)
    }
}

pub trait IsNoSaga {
    fn __saga_runs(&self) -> AsRequired;
}

impl<S> IsNoSaga for NestedSaga<S> {
    fn __saga_runs(&self) -> AsRequired {
        AsRequired
    }
}
