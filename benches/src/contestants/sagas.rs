//! The contestants of this repository: the `#[saga]` of the service, which is in `steps.rs`.

use core::convert::Infallible;
use std::sync::Arc;

use saga_core::{Ended, InMemory, RunOptions, Saga, SagaError, drive};

use crate::contestants::Contestant;
use crate::lengths::each_length;
use crate::steps::{Notes, Value, fifty, ten, three};

/// [`drive`] with an executor that is made once, under a fixed id.
#[derive(Debug)]
pub struct Drive;

/// [`Saga::run`]: each run under a random id of its own, which is not drawn unless it is needed.
#[derive(Debug)]
pub struct Run;

fn number_or_step<S: Saga<Output: Value>>(
    ended: Result<S::Output, SagaError<S>>,
) -> Result<u64, usize> {
    ended.map(|output| output.number()).map_err(|error| {
        assert!(!error.is_stuck(), "{error}");
        let mut steps = S::DEFINITION.steps.iter();
        steps
            .position(|step| step.name == error.step().unwrap().name)
            .unwrap()
    })
}

macro_rules! sagas {
    ($length:ident $($steps:tt)*) => {
        impl<V: Value, N: Notes> Contestant<$length::Steps<V, N>> for Drive {
            type Prepared = InMemory;
            type Ended = Result<Ended<$length::StepsSaga<V, N>>, Infallible>;

            fn prepare(_: &Arc<$length::Steps<V, N>>, _: &V) -> InMemory {
                InMemory::new(RunOptions::<$length::StepsSaga<V, N>>::new().id("the only one"))
            }

            fn run(
                service: &Arc<$length::Steps<V, N>>,
                executor: &InMemory,
                input: V,
            ) -> impl Future<Output = Self::Ended> {
                drive::<$length::StepsSaga<V, N>, _>(service, executor, input)
            }

            fn number_or_step(ended: Self::Ended) -> Result<u64, usize> {
                let Ok(ended) = ended;
                number_or_step(ended)
            }
        }

        impl<V: Value, N: Notes> Contestant<$length::Steps<V, N>> for Run {
            type Prepared = ();
            type Ended = Ended<$length::StepsSaga<V, N>>;

            fn prepare(_: &Arc<$length::Steps<V, N>>, _: &V) {}

            fn run(
                service: &Arc<$length::Steps<V, N>>,
                (): &(),
                input: V,
            ) -> impl Future<Output = Self::Ended> {
                $length::StepsSaga::run(service, input)
            }

            fn number_or_step(ended: Self::Ended) -> Result<u64, usize> {
                number_or_step(ended)
            }
        }
    };
}

each_length!(sagas);
