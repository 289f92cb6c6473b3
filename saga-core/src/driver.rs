//! Runs a saga to its end: through its steps in order, and back when one gives up.
//!
//! Knows nothing of how an attempt is carried out, nor of what is to be undone: that is said by the
//! verdict.

use core::future::Future;
use core::marker::PhantomData;

use crate::error::{Details, SagaError};
use crate::executor::Executor;
use crate::failures::Failures;
use crate::observer::EventKind;
use crate::panics;
use crate::run::Run;
use crate::saga::{Machine, Saga, Slots};
use crate::trace;

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
    drive_by::<S, X, _>(service, executor, input)
}

/// An executor that is lent to the driver, or given: a future of its own to hold one would be one more
/// that is moved before it runs.
pub(crate) trait Hold<X>: Send + Sync {
    fn executor(&self) -> &X;

    /// The run, once, which is not copied where it need not be: its id may not even be drawn yet.
    fn take_run(&mut self) -> Run;
}

impl<X: Executor> Hold<X> for &X {
    fn executor(&self) -> &X {
        self
    }

    fn take_run(&mut self) -> Run {
        self.run().clone()
    }
}

pub(crate) fn drive_by<S, X, R>(
    service: &S::Service,
    held: R,
    input: S::Input,
) -> impl Future<Output = Result<Ended<S>, X::Halt>> + Send
where
    S: Machine<X>,
    X: Executor,
    R: Hold<X>,
{
    // Made before the first poll: the input is stored once, in its slot.
    let mut slots = S::Slots::begin(input);
    let mut held = Watched::<S, X, R>::new(held);
    let run = async move {
        let executor = held.begin();
        let mut failures = Failures::new();
        S::advance(service, &mut slots, &mut failures, executor).await?;
        let (first, at, others) = match failures.into_parts() {
            Some(failures) => failures,
            None => match slots.finish() {
                Ok(output) => {
                    panics::discard(slots);
                    held.completed();
                    return Ok(Ok(output));
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
                held.failed(&details);
                Ok(Err(SagaError::new(held.held.take_run(), details)))
            }
            Err(halt) => Err(halt),
        }
    };
    trace::around(run)
}

/// What has the executor of a run, and tells those who look on that the run began and ended: also that it
/// was dropped, or halted.
struct Watched<S: Saga, X: Executor, R: Hold<X>> {
    held: R,
    types: PhantomData<fn() -> (S, X)>,
}

impl<S: Saga, X: Executor, R: Hold<X>> Watched<S, X, R> {
    const fn new(held: R) -> Self {
        Self {
            held,
            types: PhantomData,
        }
    }

    fn run(&self) -> &Run {
        self.held.executor().run()
    }

    #[inline]
    fn begin(&self) -> &X {
        let run = self.run();
        if run.has_options() {
            run.tell_start(S::DEFINITION);
        }
        trace::began(run);
        self.held.executor()
    }

    #[inline]
    fn completed(&self) {
        let run = self.run();
        if run.has_options()
            && let Some(took) = run.took()
        {
            run.tell(S::DEFINITION, EventKind::completed(took));
        }
    }

    fn failed(&self, details: &Details<S>) {
        let run = self.run();
        if let Some(took) = run.took() {
            details.told(took, |kind| run.tell(S::DEFINITION, kind));
        }
    }
}

impl<S: Saga, X: Executor, R: Hold<X>> Drop for Watched<S, X, R> {
    #[inline]
    fn drop(&mut self) {
        let run = self.run();
        if run.has_options()
            && let Some(took) = run.took()
        {
            run.tell(S::DEFINITION, EventKind::SagaStopped { took });
        }
    }
}
