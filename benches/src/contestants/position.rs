//! By hand: a loop over a position, with a slot for each output; forwards, and then backwards.

use core::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use crate::contestants::Contestant;
use crate::contestants::by_hand::{Failed, Fault, settled};
use crate::lengths::each_length;
use crate::steps::{Notes, Value};

/// With every call wrapped in `catch_unwind`.
#[derive(Debug)]
pub struct Position;

const COMPLETED: &str = "the steps before the position have completed";

macro_rules! last {
    ($slots:ident $step:ident) => {
        $slots.$step
    };
    ($slots:ident $step:ident $($later:ident)+) => {
        last!($slots $($later)+)
    };
}

macro_rules! position {
    (
        $length:ident $count:literal
        (0 $first:ident $first_undo:ident $input:ident)
        $(($index:tt $step:ident $undo:ident $previous:ident))*
    ) => {
        mod $length {
            use super::{
                Arc, AssertUnwindSafe, COMPLETED, Contestant, Failed, Fault, FutureExt, Notes,
                Position, Value, settled,
            };
            use crate::steps::$length::Steps;

            struct Slots<V> {
                $first: Option<V>,
                $($step: Option<V>,)*
            }

            async fn forwards_and_back<V: Value, N: Notes>(
                service: &Steps<V, N>,
                $input: V,
            ) -> Result<V, Failed<Fault>> {
                let mut slots = Slots { $first: None, $($step: None,)* };
                let mut position = 0_usize;
                let fault = loop {
                    match position {
                        0 => {
                            let call = AssertUnwindSafe(service.$first(&$input));
                            match settled(call.catch_unwind().await) {
                                Ok(output) => slots.$first = Some(output),
                                Err(fault) => break fault,
                            }
                        }
                        $(
                            $index => {
                                let previous = slots.$previous.as_ref().expect(COMPLETED);
                                let call = AssertUnwindSafe(service.$step(previous));
                                match settled(call.catch_unwind().await) {
                                    Ok(output) => slots.$step = Some(output),
                                    Err(fault) => break fault,
                                }
                            }
                        )*
                        _ => return Ok(last!(slots $($step)*).expect(COMPLETED)),
                    }
                    position += 1;
                };
                let step = position;
                let mut not_undone = Vec::new();
                while let Some(before) = position.checked_sub(1) {
                    position = before;
                    let undone = match position {
                        0 => {
                            let output = slots.$first.as_ref().expect(COMPLETED);
                            let call = AssertUnwindSafe(service.$first_undo(output));
                            settled(call.catch_unwind().await)
                        }
                        $(
                            $index => {
                                let output = slots.$step.as_ref().expect(COMPLETED);
                                let call = AssertUnwindSafe(service.$undo(output));
                                settled(call.catch_unwind().await)
                            }
                        )*
                        _ => unreachable!("{COMPLETED}"),
                    };
                    if let Err(fault) = undone {
                        not_undone.push(fault);
                    }
                }
                Err(Failed { step, fault, not_undone })
            }

            impl<V: Value, N: Notes> Contestant<Steps<V, N>> for Position {
                type Prepared = ();
                type Ended = Result<V, Failed<Fault>>;

                fn prepare(_: &Arc<Steps<V, N>>, _: &V) {}

                fn run(
                    service: &Arc<Steps<V, N>>,
                    (): &(),
                    input: V,
                ) -> impl Future<Output = Self::Ended> {
                    forwards_and_back(service, input)
                }

                fn number_or_step(ended: Self::Ended) -> Result<u64, usize> {
                    Failed::number_or_step(ended)
                }
            }
        }
    };
}

each_length!(position);
