//! Replaces `journaled` without the feature `durable`: only the missing feature is reported.

use core::marker::PhantomData;

use crate::expansion::checks::Yes;

pub struct Kept<T, Whole, Parts>(PhantomData<(T, Whole, Parts)>);

impl<T, Whole, Parts> Kept<T, Whole, Parts> {
    #[must_use]
    pub const fn of() -> Self {
        Self(PhantomData)
    }
}

pub trait InShort {
    type Is;
}

impl InShort for (Yes, Yes, Yes) {
    type Is = Yes;
}

pub struct Run<S>(PhantomData<S>);

impl<S> Run<S> {
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
    fn __saga_kept(&self) -> (Yes, Yes, Yes);
}

impl<T, Whole, Parts> IsOfOthers for Kept<T, Whole, Parts> {
    fn __saga_kept(&self) -> (Yes, Yes, Yes) {
        (Yes, Yes, Yes)
    }
}

pub trait IsNoSaga {
    fn __saga_runs(&self) -> Yes;
}

impl<S> IsNoSaga for Run<S> {
    fn __saga_runs(&self) -> Yes {
        Yes
    }
}
