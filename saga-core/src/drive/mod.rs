//! Drives a saga to its end: through its steps in order, and back if one gives up.
//!
//! Knows nothing of how an attempt is run. The verdict decides what is undone.

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

/// The end of a saga that was not halted.
pub type Ended<S> = Result<<S as Saga>::Output, SagaError<S>>;

/// Drives a saga through `executor` to its end.
///
/// # Errors
///
/// The outer error is the executor's: the run stopped where it was, with nothing decided and nothing undone. The inner
/// error is the saga's.
///
/// # Cancellation
///
/// Dropping the future stops the saga where it is, and undoes nothing.
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

/// An executor that the driver borrows or owns. A separate future that owned it would have to be moved once more before
/// it runs.
pub(crate) trait Hold<X>: Send + Sync {
    fn executor(&self) -> &X;

    /// Puts the run into `to`, once. Avoids a clone where it can: a random id may not be drawn yet.
    fn put_run(&mut self, to: &mut Run);
}

/// An executor that the driver owns.
pub(crate) struct Own<X>(pub(crate) X);

impl<X: Executor> Hold<X> for Own<X> {
    fn executor(&self) -> &X {
        &self.0
    }

    fn put_run(&mut self, to: &mut Run) {
        *to = self.0.take_run();
    }
}

/// A borrowed executor, which stays when the run is dropped or halted: dropping this reports the end to the observer.
struct Lent<'a, X: Executor>(&'a X);

impl<X: Executor> Hold<X> for Lent<'_, X> {
    fn executor(&self) -> &X {
        self.0
    }

    fn put_run(&mut self, to: &mut Run) {
        to.clone_from(self.0.run());
    }
}

impl<X: Executor> Drop for Lent<'_, X> {
    fn drop(&mut self) {
        let run = self.0.run();
        if run.has_options() {
            run.notify_stopped();
        }
    }
}

/// Keeps only the output of a run that completed.
#[inline]
pub(crate) fn only<S, X, R>(output: S, slots: X, _: R) -> S {
    panics::discard(slots);
    output
}

/// Drives a saga to its end. If the run completed, `finish` takes the output out of the slots, and `keep` makes the
/// result of it, the slots and the executor.
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
    // Made before the first poll, so that the input is moved only once, into its slot.
    let mut slots = S::Slots::begin(input);
    let run = async move {
        let executor = held.executor();
        notify_started::<S>(executor.run());
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
                    notify_completed::<S>(executor.run());
                    return Ok(Ok(keep(finished, slots, held)));
                }
                // An executor did not keep the last output.
                Err(gave_up) => (gave_up, S::DEFINITION.steps.len() - 1, Vec::new()),
            },
        };
        // On the heap from here on: otherwise it would enlarge the future of every run.
        let mut details = Box::new(Details::new(first, at, others, slots));
        let Details {
            slots, rollback, ..
        } = &mut *details;
        match S::rewind(service, slots, rollback, executor).await {
            Ok(()) => {
                notify_failed(executor.run(), &details);
                held.put_run(&mut details.run);
                Ok(Err(SagaError::new(details)))
            }
            Err(halt) => Err(halt),
        }
    };
    saga_span::around(run)
}

/// Reports to the observer and the span that the run begins.
#[inline]
fn notify_started<S: Saga>(run: &Run) {
    if run.has_options() {
        run.notify_started(S::DEFINITION);
    }
    saga_span::began(run);
}

/// Reports that the run completed.
#[inline]
fn notify_completed<S: Saga>(run: &Run) {
    if run.has_options()
        && let Some(took) = run.took()
    {
        run.notify(S::DEFINITION, EventKind::completed(took));
    }
}

/// Reports that the run did not complete.
fn notify_failed<S: Saga>(run: &Run, details: &Details<S>) {
    if let Some(took) = run.took() {
        details.report_end(took, |kind| run.notify(S::DEFINITION, kind));
    }
}
