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

/// A returned value, while the executor has a copy that was written and read back.
struct Returned<T>(Mutex<Option<T>>);

impl<T> Returned<T> {
    const fn none() -> Self {
        Self(Mutex::new(None))
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps `value`, and returns a copy of it by `copy`. If there is no copy, returns the value itself.
    fn keep(&self, value: T, copy: impl FnOnce(&T) -> Result<T, String>) -> T {
        match copy(&value) {
            Ok(read) => {
                *self.lock() = Some(value);
                read
            }
            Err(_) => value,
        }
    }

    /// Replaces `read` by the value that was kept.
    fn put_back(&self, read: &mut T) {
        if let Some(value) = self.lock().take() {
            panics::discard(core::mem::replace(read, value));
        }
    }
}

/// The value after it was written and read back. For a step with a condition, there may be none.
fn copy_of<T: Journalable>(value: &T, is_conditional: bool) -> Result<T, String> {
    if is_conditional {
        T::of_json_within(value.to_json_within()?.as_deref())
    } else {
        T::of_json(&value.to_json()?)
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

    fn reached<'v>(&self, saga: &'static Definition, values: &dyn Fn(Source) -> Value<'v>) {
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
        let is_conditional = whole.step.condition.is_some();
        let keeps_returned = self.probe.keeps_returned();
        let returned = Returned::none();
        let kept = &returned;
        let attempt = move |begin: Begin<'a>| {
            let attempt = attempt(begin);
            async move {
                let output = attempt.await?;
                Ok(if keeps_returned {
                    kept.keep(output, |output| copy_of(output, is_conditional))
                } else {
                    output
                })
            }
        };
        let outcome = self.inner.execute(call, faults, attempt, &mut *slot).await;
        let Some(output) = slot else {
            return outcome;
        };
        returned.put_back(output);
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
        let returned = Returned::none();
        let input = || {
            let input = input();
            if self.probe.keeps_returned() {
                returned.keep(input, |input| copy_of(input, false))
            } else {
                input
            }
        };
        let (run, mut input) = self.inner.begin_nested(begin, input).await?;
        returned.put_back(&mut input);
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
