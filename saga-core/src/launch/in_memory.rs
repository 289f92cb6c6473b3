//! The executor that runs a saga and records nothing.

use core::convert::Infallible;
use core::future::Future;

use crate::attempt::attempts;
use crate::executor::{Begin, Execute, Executor, Faults, RecordsNothing};
use crate::launch::RunOptions;
use crate::machine::Saga;
use crate::outcome::{Failure, Stop};
use crate::run::{Call, Run};

/// Runs the attempts of a saga in this process. [`Saga::run`](crate::Saga::run) uses it.
///
/// It requires only `Send` of outputs. Nothing survives the process.
#[derive(Debug)]
pub struct InMemory {
    run: Run,
}

impl InMemory {
    /// The executor of one run.
    #[must_use]
    pub fn new<S: Saga>(options: RunOptions<S>) -> Self {
        Self::of(options.into_run())
    }

    pub(crate) const fn of(run: Run) -> Self {
        Self { run }
    }
}

impl Executor for InMemory {
    type Halt = Infallible;

    fn run(&self) -> &Run {
        &self.run
    }

    fn nested(&self, run: Run) -> Self {
        Self::of(run)
    }

    fn take_run(&mut self) -> Run {
        core::mem::replace(&mut self.run, Run::random())
    }
}

impl<const STEP: usize, T> Execute<STEP, T> for InMemory {
    #[inline]
    fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        attempt: F,
        slot: &'slot mut Option<T>,
    ) -> impl Future<Output = Result<(), Stop<Failure<E>, Infallible>>> + Send
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send,
        E: Send,
    {
        attempts(&self.run, call, faults, attempt, slot)
    }
}

impl RecordsNothing for InMemory {}
