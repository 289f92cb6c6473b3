//! The service whose steps every contestant runs. The steps do nothing but record their calls.

use core::fmt::Debug;
use core::hint::black_box;
use core::marker::PhantomData;
use std::sync::Mutex;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::lengths::each_length;

/// The output of a step.
///
/// `Serialize` and `DeserializeOwned` are for the contestants that keep outputs as JSON.
pub trait Value: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The value for this number.
    fn of(number: u64) -> Self;

    /// The number of this value.
    fn number(&self) -> u64;

    /// Another value, for the next number.
    #[must_use]
    fn next(&self) -> Self;
}

impl Value for u64 {
    fn of(number: u64) -> Self {
        number
    }

    #[inline]
    fn number(&self) -> u64 {
        *self
    }

    #[inline]
    fn next(&self) -> Self {
        self + 1
    }
}

/// 256 bytes, not `Copy`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Block([u64; 32]);

impl Value for Block {
    fn of(number: u64) -> Self {
        Self([number; 32])
    }

    #[inline]
    fn number(&self) -> u64 {
        self.0[0]
    }

    #[inline]
    fn next(&self) -> Self {
        let mut next = self.clone();
        next.0[0] += 1;
        next
    }
}

/// The error of a step: it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("refused")]
pub struct Refused;

/// A call of the service, with the number of its argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// The step at this position, with the output of the step before it.
    Step(usize, u64),
    /// The compensation of the step at this position, with the output of that step.
    Undo(usize, u64),
}

/// Records calls.
pub trait Notes: Debug + Default + Send + Sync + 'static {
    /// Records this call.
    fn note(&self, call: Call);
}

/// Records nothing, and compiles to nothing: for measurements.
#[derive(Debug, Default)]
pub struct Silent;

impl Notes for Silent {
    #[inline]
    fn note(&self, _: Call) {}
}

/// Keeps all calls in order: for the tests.
#[derive(Debug, Default)]
pub struct Log(Mutex<Vec<Call>>);

impl Log {
    /// The calls so far.
    ///
    /// # Panics
    ///
    /// If recording a call panicked.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap().clone()
    }
}

impl Notes for Log {
    fn note(&self, call: Call) {
        self.0.lock().unwrap().push(call);
    }
}

/// A service with a number of steps and their compensations as methods.
pub trait Service: Debug + Send + Sync + 'static {
    /// The type of the outputs of its steps.
    type Value: Value;
    /// The recorder of its calls.
    type Notes: Notes;
    /// The number of steps.
    const STEPS: usize;

    /// Creates a service in which the step at this position refuses, if there is such a step.
    fn new(refuses: Option<usize>) -> Self;

    /// The recorder of its calls.
    fn notes(&self) -> &Self::Notes;
}

macro_rules! service {
    ($length:ident $count:literal $(($index:tt $step:ident $undo:ident $previous:ident))*) => {
        #[doc = concat!("The service of ", $count, " steps.")]
        pub mod $length {
            use super::{Call, Notes, PhantomData, Refused, Service, Value, black_box};

            /// The type with the steps and compensations as methods.
            #[derive(Debug)]
            pub struct Steps<V, N> {
                notes: N,
                refuses: usize,
                value: PhantomData<fn() -> V>,
            }

            #[saga_core::saga(vis = pub)]
            impl<V: Value, N: Notes> Steps<V, N> {
                $(
                    #[step(compensate = $undo)]
                    pub(crate) async fn $step(&self, previous: &V) -> Result<V, Refused> {
                        self.step($index, previous)
                    }

                    pub(crate) async fn $undo(&self, output: &V) -> Result<(), Refused> {
                        self.undo($index, output)
                    }
                )*
            }

            impl<V: Value, N: Notes> Steps<V, N> {
                // Not inlined, so that all contestants run this very code, and the 1,275 calls of a nested match
                // over 50 steps do not each contain a copy of it. The compiler cannot see the value, so it has to
                // exist, as the value of a real step does.
                #[inline(never)]
                fn step(&self, index: usize, previous: &V) -> Result<V, Refused> {
                    let previous = black_box(previous);
                    self.notes.note(Call::Step(index, previous.number()));
                    if index == self.refuses {
                        return Err(Refused);
                    }
                    Ok(previous.next())
                }

                #[inline(never)]
                fn undo(&self, index: usize, output: &V) -> Result<(), Refused> {
                    let output = black_box(output);
                    self.notes.note(Call::Undo(index, output.number()));
                    Ok(())
                }
            }

            impl<V: Value, N: Notes> Service for Steps<V, N> {
                type Value = V;
                type Notes = N;
                const STEPS: usize = $count;

                fn new(refuses: Option<usize>) -> Self {
                    Self {
                        notes: N::default(),
                        refuses: black_box(refuses.unwrap_or(usize::MAX)),
                        value: PhantomData,
                    }
                }

                fn notes(&self) -> &N {
                    &self.notes
                }
            }
        }
    };
}

each_length!(service);
