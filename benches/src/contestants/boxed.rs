//! A list of boxed closures, each a step and its undo, that return boxed futures over JSON values: what a small
//! library without macros looks like.

use core::panic::AssertUnwindSafe;
use std::any::Any;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;

use crate::contestants::Contestant;
use crate::contestants::by_hand::Failed;
use crate::lengths::each_length;
use crate::steps::{Notes, Refused, Service, Value, fifty, ten, three};

/// The list is made once. Every call is wrapped in `catch_unwind`.
#[derive(Debug)]
pub struct Boxed;

/// Why a call of a closure has no output.
#[derive(Debug)]
pub enum Fault {
    /// It returned its error.
    Returned(Refused),
    /// Its argument has the wrong type, or its output cannot be serialized.
    Json(serde_json::Error),
    /// It panicked, with this.
    Panicked(Box<dyn Any + Send>),
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        Self::Returned(refused)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

type Function<S, T> =
    Box<dyn for<'a> Fn(&'a S, &'a Json) -> BoxFuture<'a, Result<T, Fault>> + Send + Sync>;

/// A step and its undo.
pub struct Pair<S> {
    step: Function<S, Json>,
    undo: Function<S, ()>,
}

async fn call<S, T>(function: &Function<S, T>, service: &S, argument: &Json) -> Result<T, Fault> {
    // The closure may panic before it returns a future.
    let future = async { function(service, argument).await };
    match AssertUnwindSafe(future).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => Err(Fault::Panicked(panic)),
    }
}

async fn run<S>(pairs: &[Pair<S>], service: &S, input: Json) -> Result<Json, Failed<Fault>> {
    let mut outputs = Vec::with_capacity(pairs.len());
    for (step, pair) in pairs.iter().enumerate() {
        match call(&pair.step, service, outputs.last().unwrap_or(&input)).await {
            Ok(output) => outputs.push(output),
            Err(fault) => {
                let mut not_undone = Vec::new();
                for (pair, output) in pairs.iter().zip(&outputs).rev() {
                    if let Err(fault) = call(&pair.undo, service, output).await {
                        not_undone.push(fault);
                    }
                }
                return Err(Failed {
                    step,
                    fault,
                    not_undone,
                });
            }
        }
    }
    Ok(outputs.pop().unwrap_or(input))
}

async fn typed<S: Service>(
    pairs: &[Pair<S>],
    service: &S,
    input: S::Value,
) -> Result<S::Value, Failed<Fault>> {
    let failed = |error: serde_json::Error| Failed {
        step: 0,
        fault: error.into(),
        not_undone: Vec::new(),
    };
    let input = serde_json::to_value(input).map_err(failed)?;
    let output = run(pairs, service, input).await?;
    serde_json::from_value(output).map_err(failed)
}

macro_rules! boxed {
    ($length:ident $count:literal $(($index:tt $step:ident $undo:ident $previous:ident))*) => {
        impl<V: Value, N: Notes> Contestant<$length::Steps<V, N>> for Boxed {
            type Prepared = Vec<Pair<$length::Steps<V, N>>>;
            type Ended = Result<V, Failed<Fault>>;

            fn prepare(_: &Arc<$length::Steps<V, N>>, _: &V) -> Self::Prepared {
                vec![$(
                    Pair {
                        step: Box::new(|service, previous| {
                            Box::pin(async move {
                                let output = service.$step(&V::deserialize(previous)?).await?;
                                Ok(serde_json::to_value(output)?)
                            })
                        }),
                        undo: Box::new(|service, output| {
                            Box::pin(async move {
                                Ok(service.$undo(&V::deserialize(output)?).await?)
                            })
                        }),
                    },
                )*]
            }

            fn run(
                service: &Arc<$length::Steps<V, N>>,
                pairs: &Self::Prepared,
                input: V,
            ) -> impl Future<Output = Self::Ended> {
                typed(pairs, &**service, input)
            }

            fn number_or_step(ended: Self::Ended) -> Result<u64, usize> {
                Failed::number_or_step(ended)
            }
        }
    };
}

each_length!(boxed);
