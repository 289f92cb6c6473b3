//! Runs a saga to its end: through its steps in order, and back when one gives up.
//!
//! Knows nothing of how an attempt is carried out, nor of what is to be undone: that is said by the
//! verdict.

mod details;
mod error;
pub(crate) mod nested;
#[cfg_attr(not(feature = "tracing"), path = "no_saga_span.rs")]
mod saga_span;
pub(crate) mod verdict;

use core::future::Future;

pub(crate) use self::details::Details;
pub use self::error::SagaError;
use crate::executor::Executor;
use crate::machine::{Failures, Machine, Saga, Slots};
use crate::observe::EventKind;
use crate::outcome::GaveUp;
use crate::run::Run;
use crate::util::panics;

/// How a saga that was not halted ended.
pub type Ended<S> = Result<<S as Saga>::Output, SagaError<S>>;

/// Drives a saga through `executor` to its end.
///
/// # Errors
///
/// The outer one is the executor's: the run stopped where it was, nothing was decided and nothing
/// undone. The inner one is the saga's.
///
/// # Cancellation
///
/// Dropping the future stops the saga where it is and undoes nothing.
pub fn drive<S, X>(
    service: &S::Service,
    executor: &X,
    input: S::Input,
) -> impl Future<Output = Result<Ended<S>, X::Halt>> + Send
where
    S: Machine<X>,
    X: Executor,
{
    drive_by::<S, X, _, _, _>(service, Lent(executor), input, S::Slots::finish, only)
}

/// An executor that is lent to the driver, or given: a future of its own to hold one would be one more
/// that is moved before it runs.
pub(crate) trait Hold<X>: Send + Sync {
    fn executor(&self) -> &X;

    /// Puts the run there, once. It is not copied where it need not be: its id may not even be drawn yet.
    fn give_run(&mut self, to: &mut Run);
}

/// One of the run's own.
pub(crate) struct Own<X>(pub(crate) X);

impl<X: Executor> Hold<X> for Own<X> {
    fn executor(&self) -> &X {
        &self.0
    }

    fn give_run(&mut self, to: &mut Run) {
        *to = self.0.take_run();
    }
}

/// One that stays when the run is dropped, or is halted by it: whoever looks on is told when the run goes.
struct Lent<'a, X: Executor>(&'a X);

impl<X: Executor> Hold<X> for Lent<'_, X> {
    fn executor(&self) -> &X {
        self.0
    }

    fn give_run(&mut self, to: &mut Run) {
        to.clone_from(self.0.run());
    }
}

impl<X: Executor> Drop for Lent<'_, X> {
    fn drop(&mut self) {
        let run = self.0.run();
        if run.has_options() {
            run.tell_stopped();
        }
    }
}

/// Of a run that completed its output, and nothing else.
#[inline]
pub(crate) fn only<S, X, R>(output: S, slots: X, _: R) -> S {
    panics::discard(slots);
    output
}

/// Drives a saga to its end. `finish` takes what is wanted out of the slots of a run that completed, and
/// `keep` says what is kept of it besides.
pub(crate) fn drive_by<S, X, R, P, T>(
    service: &S::Service,
    mut held: R,
    input: S::Input,
    finish: impl FnOnce(&mut S::Slots) -> Result<P, GaveUp<S::Error>> + Send,
    keep: impl FnOnce(P, S::Slots, R) -> T + Send,
) -> impl Future<Output = Result<Result<T, SagaError<S>>, X::Halt>> + Send
where
    S: Machine<X>,
    X: Executor,
    R: Hold<X>,
{
    // Made before the first poll: the input is stored once, in its slot.
    let mut slots = S::Slots::begin(input);
    let run = async move {
        let executor = held.executor();
        tell_start::<S>(executor.run());
        let mut failures = Failures::new();
        let advanced = S::advance(service, &mut slots, &mut failures, executor).await;
        if let Err(halt) = advanced {
            executor.halted(S::DEFINITION, &|source| slots.value(source, None, None));
            return Err(halt);
        }
        let (first, at, others) = match failures.into_parts() {
            Some(failures) => failures,
            None => match finish(&mut slots) {
                Ok(finished) => {
                    tell_completed::<S>(executor.run());
                    return Ok(Ok(keep(finished, slots, held)));
                }
                // An executor forgot the last output.
                Err(gave_up) => (gave_up, S::DEFINITION.steps.len() - 1, Vec::new()),
            },
        };
        // On the heap from here on: it ends there, and would make the future larger until then.
        let mut details = Box::new(Details::new(first, at, others, slots));
        let Details {
            slots, rollback, ..
        } = &mut *details;
        match S::rewind(service, slots, rollback, executor).await {
            Ok(()) => {
                tell_failed(executor.run(), &details);
                held.give_run(&mut details.run);
                Ok(Err(SagaError::new(details)))
            }
            Err(halt) => Err(halt),
        }
    };
    saga_span::around(run)
}

/// Tells those who look on that a run begins.
#[inline]
fn tell_start<S: Saga>(run: &Run) {
    if run.has_options() {
        run.tell_start(S::DEFINITION);
    }
    saga_span::began(run);
}

/// And that it has completed.
#[inline]
fn tell_completed<S: Saga>(run: &Run) {
    if run.has_options()
        && let Some(took) = run.took()
    {
        run.tell(S::DEFINITION, EventKind::completed(took));
    }
}

/// And that it has not.
fn tell_failed<S: Saga>(run: &Run, details: &Details<S>) {
    if let Some(took) = run.took() {
        details.told(took, |kind| run.tell(S::DEFINITION, kind));
    }
}
