//! The decorator that stops a run at a value: as it was returned, or as it is read back.

use core::fmt;
use core::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::values::ValueProbe;
use crate::definition::{Definition, Source};
use crate::durable::{CallId, Durable, Halt, Journalable, JournaledOutput, RunId};
use crate::executor::{Begin, Completed, Execute, ExecuteNested, Executor, Faults};
use crate::outcome::{ErrorView, Failure, Stop, Value};
use crate::run::{Call, Run};
use crate::testing::inject::without_deadline;
use crate::util::panics;

/// The executor with which a [fault matrix](crate::testing::fault_matrix) compares the values that a durable saga
/// returned with those that it passes on.
///
/// It is public for the bound `S: Machine<Probing>` of functions that are generic over sagas; a matrix creates its own.
pub struct Probing {
    inner: Durable,
    run: Option<RunId>,
    probe: Arc<ValueProbe>,
}

/// A value that an executor writes like the value itself. If the executor drops the returned value, because it passes on
/// the one that it has read back, the returned value goes into the stash.
struct Traced<T> {
    value: Option<T>,
    stash: Option<Stash<T>>,
}

type Stash<T> = Arc<Mutex<Option<T>>>;

impl<T> Traced<T> {
    const fn returned(value: T, stash: Option<Stash<T>>) -> Self {
        let value = Some(value);
        Self { value, stash }
    }

    /// The returned value, if the executor dropped it, otherwise the one that it passes on.
    fn first(mut self, stash: Option<Stash<T>>) -> Option<T> {
        self.stash = None;
        let passed_on = self.value.take();
        match stash.and_then(|stash| lock(&stash).take()) {
            Some(returned) => {
                panics::discard(passed_on);
                Some(returned)
            }
            None => passed_on,
        }
    }
}

impl<T> Drop for Traced<T> {
    fn drop(&mut self) {
        if let Some(stash) = &self.stash {
            *lock(stash) = self.value.take();
        }
    }
}

fn lock<T>(stash: &Stash<T>) -> MutexGuard<'_, Option<T>> {
    stash.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Cannot happen: the value is there as long as an executor has it.
const MISSING: &str = "the value was taken";

impl<T: Journalable> Journalable for Traced<T> {
    fn to_json(&self) -> Result<Vec<u8>, String> {
        self.value.as_ref().ok_or(MISSING)?.to_json()
    }

    fn of_json(json: &[u8]) -> Result<Self, String> {
        Ok(Self::returned(T::of_json(json)?, None))
    }

    fn to_json_within(&self) -> Result<Option<Vec<u8>>, String> {
        self.value.as_ref().ok_or(MISSING)?.to_json_within()
    }

    fn of_json_within(json: Option<&[u8]>) -> Result<Self, String> {
        Ok(Self::returned(T::of_json_within(json)?, None))
    }
}

impl Probing {
    /// Decorates `inner`, which executes an outermost run.
    pub(super) fn around(inner: Durable, probe: Arc<ValueProbe>) -> Self {
        Self {
            inner: inner.ends_apart(),
            run: None,
            probe,
        }
    }

    /// Stops the run before its calls, if the probe is at its input.
    fn stops_before_calls<F>(&self) -> Result<(), Stop<F, Halt>> {
        match &self.run {
            Some(run) if self.probe.is_before(Some(run)) => Err(Stop::Halted(Halt::ShutDown)),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Probing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probing")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl Executor for Probing {
    type Halt = Halt;

    fn run(&self) -> &Run {
        self.inner.run()
    }

    fn nested(&self, run: Run) -> Self {
        let nested = run
            .within()
            .map(|(_, step, attempt)| RunId::new(self.run.clone(), step.name, attempt));
        Self {
            inner: self.inner.nested(without_deadline(run)),
            run: nested,
            probe: Arc::clone(&self.probe),
        }
    }

    fn halted<'v>(&self, saga: &'static Definition, values: &dyn Fn(Source) -> Value<'v>) {
        self.probe.see(self.run.as_ref(), saga, values);
    }
}

impl<const STEP: usize, T: JournaledOutput<STEP>> Execute<STEP, T> for Probing {
    async fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        mut attempt: F,
        slot: &'slot mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, Halt>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        self.stops_before_calls()?;
        let whole: Call<'a> = call.into();
        let id = CallId::new(self.run.clone(), whole.step.name, whole.phase);
        if !self.probe.is_at(&id) {
            return self.inner.execute(call, faults, attempt, slot).await;
        }
        let stash = self.probe.keeps_returned().then(Stash::default);
        let of_attempt = stash.clone();
        let attempt = move |begin: Begin<'a>| {
            let (attempt, stash) = (attempt(begin), of_attempt.clone());
            async move { Ok(Traced::returned(attempt.await?, stash)) }
        };
        let mut traced = None;
        let executor = &self.inner;
        let outcome =
            Execute::<STEP, Traced<T>>::execute(executor, call, faults, attempt, &mut traced).await;
        *slot = traced.and_then(|traced| traced.first(stash));
        let Some(output) = slot else {
            return outcome;
        };
        let is_conditional = whole.step.condition.is_some();
        self.probe.has(if is_conditional {
            output.to_json_within().unwrap_or_default()
        } else {
            output.to_json().ok()
        });
        panics::discard(outcome);
        Err(Stop::Halted(Halt::ShutDown))
    }
}

impl<I: Journalable> ExecuteNested<I> for Probing {
    async fn start_nested<'a, E: Send>(
        &'a self,
        call: Call<'a>,
    ) -> Result<(), Stop<Failure<E>, Halt>> {
        self.stops_before_calls()?;
        ExecuteNested::<I>::start_nested(&self.inner, call).await
    }

    async fn begin_nested<'a, F>(&'a self, begin: Begin<'a>, input: F) -> Result<(Run, I), Halt>
    where
        F: FnOnce() -> I + Send,
    {
        let run = RunId::new(self.run.clone(), begin.call.step.name, begin.attempt);
        if !self.probe.is_before(Some(&run)) {
            return self.inner.begin_nested(begin, input).await;
        }
        let stash = self.probe.keeps_returned().then(Stash::default);
        let of_input = stash.clone();
        let input = || Traced::returned(input(), of_input);
        let (run, traced) = self.inner.begin_nested(begin, input).await?;
        let Some(input) = traced.first(stash) else {
            return Err(Halt::NotEnded);
        };
        self.probe.has(input.to_json().ok());
        Ok((run, input))
    }

    fn end_nested<'a, E>(
        &'a self,
        call: Call<'a>,
        ended: Result<Completed, &Stop<Failure<E>, Halt>>,
        view: for<'e> fn(&'e E) -> ErrorView<'e>,
    ) -> impl Future<Output = ()> + Send {
        ExecuteNested::<I>::end_nested(&self.inner, call, ended, view)
    }
}
