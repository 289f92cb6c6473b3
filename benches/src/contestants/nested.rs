//! By hand: a `match` for each step, inside the arm of the step before it. The arm of its failure undoes all
//! earlier steps, last first, written out.

use core::panic::AssertUnwindSafe;
use std::any::Any;
use std::sync::Arc;

use futures_util::FutureExt as _;

use crate::contestants::Contestant;
use crate::contestants::by_hand::{Failed, Fault, settled};
use crate::lengths::each_length;
use crate::steps::{Notes, Refused, Service, Value, fifty, ten, three};

/// Without catching panics: after a panic, the completed steps are not undone.
#[derive(Debug)]
pub struct Bare;

/// With every call wrapped in `catch_unwind`, as a saga does it: the baseline of all ratios.
#[derive(Debug)]
pub struct Caught;

/// What wraps each call: the only difference between the two contestants, so that the compiler checks the 1,275
/// calls for 50 steps once. Each call still has its own code, with this inlined.
pub trait Around {
    /// Why a call has no output.
    type Fault;
    /// The output of the future around a call.
    type Awaited<T>;

    /// The future that is awaited instead of that of the call.
    fn around<T, F>(call: F) -> impl Future<Output = Self::Awaited<T>>
    where
        F: Future<Output = Result<T, Refused>>;

    /// The result of the call.
    ///
    /// # Errors
    ///
    /// If the call has no output.
    fn settled<T>(awaited: Self::Awaited<T>) -> Result<T, Self::Fault>;
}

impl Around for Bare {
    type Fault = Refused;
    type Awaited<T> = Result<T, Refused>;

    #[inline]
    fn around<T, F>(call: F) -> impl Future<Output = Result<T, Refused>>
    where
        F: Future<Output = Result<T, Refused>>,
    {
        call
    }

    #[inline]
    fn settled<T>(awaited: Result<T, Refused>) -> Result<T, Refused> {
        awaited
    }
}

impl Around for Caught {
    type Fault = Fault;
    type Awaited<T> = Result<Result<T, Refused>, Box<dyn Any + Send>>;

    #[inline]
    fn around<T, F>(call: F) -> impl Future<Output = Self::Awaited<T>>
    where
        F: Future<Output = Result<T, Refused>>,
    {
        AssertUnwindSafe(call).catch_unwind()
    }

    #[inline]
    fn settled<T>(awaited: Self::Awaited<T>) -> Result<T, Fault> {
        settled(awaited)
    }
}

// `match step { Ok(output) => <the next step>, Err(fault) => <the steps before it, undone> }`, with
// the steps that completed in brackets, last first.
macro_rules! levels {
    ($around:ident $service:ident [$($completed:tt)*] $last:ident) => {
        Ok($last)
    };
    (
        $around:ident $service:ident [$(($undo:ident $output:ident))*] $previous:ident
        ($index:tt $step:ident $own_undo:ident) $($later:tt)*
    ) => {
        match $around::settled($around::around($service.$step(&$previous)).await) {
            Ok($step) => levels! {
                $around $service [($own_undo $step) $(($undo $output))*] $step $($later)*
            },
            Err(fault) => {
                let mut not_undone = Vec::new();
                $(
                    let undone = $around::around($service.$undo(&$output)).await;
                    if let Err(fault) = $around::settled(undone) {
                        not_undone.push(fault);
                    }
                )*
                Err(Failed { step: $index, fault, not_undone })
            }
        }
    };
}

/// A nested match over this many steps.
pub trait Nested<V>: Sized {
    /// Runs it.
    fn nested<A: Around>(
        service: &Self,
        input: V,
    ) -> impl Future<Output = Result<V, Failed<A::Fault>>>;
}

macro_rules! nested {
    (
        $length:ident $count:literal
        (0 $step:ident $undo:ident $input:ident)
        $(($later_index:tt $later_step:ident $later_undo:ident $previous:ident))*
    ) => {
        impl<V: Value, N: Notes> Nested<V> for $length::Steps<V, N> {
            #[allow(unused_mut)] // Nothing is to be undone when the first step fails.
            async fn nested<A: Around>(service: &Self, $input: V) -> Result<V, Failed<A::Fault>> {
                levels! {
                    A service [] $input
                    (0 $step $undo) $(($later_index $later_step $later_undo))*
                }
            }
        }
    };
}

each_length!(nested);

impl<S: Service + Nested<S::Value>> Contestant<S> for Bare {
    type Prepared = ();
    type Ended = Result<S::Value, Failed<Refused>>;

    fn prepare(_: &Arc<S>, _: &S::Value) {}

    fn run(service: &Arc<S>, (): &(), input: S::Value) -> impl Future<Output = Self::Ended> {
        S::nested::<Self>(service, input)
    }

    fn number_or_step(ended: Self::Ended) -> Result<u64, usize> {
        Failed::number_or_step(ended)
    }
}

impl<S: Service + Nested<S::Value>> Contestant<S> for Caught {
    type Prepared = ();
    type Ended = Result<S::Value, Failed<Fault>>;

    fn prepare(_: &Arc<S>, _: &S::Value) {}

    fn run(service: &Arc<S>, (): &(), input: S::Value) -> impl Future<Output = Self::Ended> {
        S::nested::<Self>(service, input)
    }

    fn number_or_step(ended: Self::Ended) -> Result<u64, usize> {
        Failed::number_or_step(ended)
    }
}
