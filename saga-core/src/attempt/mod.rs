//! The attempts of one step or compensation, under its policy.
//!
//! Shared by every executor that runs user code. Knows nothing of the order of steps, nor of what is recorded.
//!
//! A hand-written future: nested `async` blocks cost five times as much per step, because arguments and outputs are
//! copied from one future into the next (`docs/performance.md`).

pub(crate) mod notify;
#[cfg_attr(not(feature = "tracing"), path = "no_spans.rs")]
pub(crate) mod spans;
mod state;
mod timers;

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use self::state::Calling;
use crate::executor::{Begin, Faults};
use crate::outcome::{Failure, Stop};
use crate::run::{Call, Run};
use crate::util::panics::{self, Panic};

/// Runs `attempt` until it completes, which puts its output into `slot`, or the policy is used up.
///
/// An attempt of a step is repeated after errors that [`Faults::when`] accepts and after timeouts, never after panics,
/// and not after doubt if the step is executed [at most once](crate::definition::Step::at_most_once). An attempt of a compensation
/// is also repeated after panics. Between two attempts the call waits for the [`Backoff`](crate::definition::Backoff) of the
/// policy.
///
/// If the run is cancelled, its deadline passes, or a sibling in a parallel group gives up, the attempt in flight
/// finishes, a wait ends, and no other attempt begins. After the pivot and in a compensation these have no effect.
///
/// # Errors
///
/// [`Stop::GaveUp`] with the failure of the last attempt, the number of attempts, and whether *any* of them may have
/// taken effect: an attempt that timed out may have, although a later one failed without effect. A
/// [`Kind::ReadOnly`](crate::definition::Kind::ReadOnly) step is never in doubt; a compensation is in doubt if it may have undone
/// its step. [`Stop::Cancelled`] if the run was ended from outside, and that prevented an attempt that was allowed: the
/// first one, or another one after one that failed. Never [`Stop::Halted`], so `H` can be the type that the executor
/// needs.
///
/// # Cancellation
///
/// Dropping the future drops the attempt in flight at its last `await`.
pub fn attempts<'a, 'slot, C, T, E, Q, F, Fut, H>(
    run: &'a Run,
    call: C,
    faults: Q,
    attempt: F,
    slot: &'slot mut Option<T>,
) -> Attempts<'a, 'slot, C, T, E, Q, F, Fut, H>
where
    C: Into<Call<'a>> + Copy,
    Q: Fn() -> Faults<E>,
    F: FnMut(Begin<'a>) -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    Attempts {
        state: Calling::new(run, call, faults),
        attempt,
        slot,
        in_flight: None,
        halt: PhantomData,
    }
}

pin_project! {
    /// The future of [`attempts`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Attempts<'a, 'slot, C, T, E, Q, F, Fut, H> {
        state: Calling<'a, C, Q, E>,
        attempt: F,
        slot: &'slot mut Option<T>,
        #[pin]
        in_flight: Option<Fut>,
        halt: PhantomData<fn() -> H>,
    }
}

/// What polling an attempt returned. Its error is kept outside: if it were inside, each poll would inspect and move it.
enum Polled {
    Completed,
    Pending,
    Failed,
}

impl<'a, C, T, E, Q, F, Fut, H> Future for Attempts<'a, '_, C, T, E, Q, F, Fut, H>
where
    C: Into<Call<'a>> + Copy,
    Q: Fn() -> Faults<E>,
    F: FnMut(Begin<'a>) -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    type Output = Result<(), Stop<Failure<E>, H>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut me = self;
        let this = me.as_mut().project();
        if this.in_flight.is_none()
            && this.state.is_watched()
            && let Err(stop) = ready!(this.state.prepare(cx))
        {
            return Poll::Ready(Err(stop));
        }
        this.state.enter();
        // `me` is projected inside the closure, so that the closure captures one pointer and not one for each field.
        let mut error = None;
        let polled = panics::catch_attempt(|| {
            let mut this = me.as_mut().project();
            if this.in_flight.is_none() {
                // The method is called inside the guard: cloning an argument may panic.
                this.in_flight.set(Some((this.attempt)(this.state.begin())));
            }
            match this
                .in_flight
                .as_pin_mut()
                .map(|in_flight| in_flight.poll(cx))
            {
                Some(Poll::Ready(Ok(output))) => {
                    // Straight to its slot: any detour copies it once more.
                    **this.slot = Some(output);
                    Polled::Completed
                }
                Some(Poll::Ready(Err(failed))) => {
                    error = Some(failed);
                    Polled::Failed
                }
                Some(Poll::Pending) | None => Polled::Pending,
            }
        });
        let mut this = me.project();
        this.state.exit();
        let (mut failure, is_clean) = match (polled, error) {
            (Ok(Polled::Completed), _) => {
                if this.state.run.has_options() || this.state.has_spans() {
                    this.state.completed();
                }
                return Poll::Ready(Ok(()));
            }
            (_, Some(error)) => (Failure::Error(error), false),
            (Ok(_), None) => (ready!(this.state.timed_out(cx)), false),
            (Err(payload), None) => {
                let Panic { message, is_clean } = panics::panic_of(payload);
                (Failure::Panicked(message), is_clean)
            }
        };
        // Dropped here and not with the rest: it contains user values, and dropping them may panic.
        this.state.enter();
        let dropped = panics::catch(|| this.in_flight.set(None));
        this.state.exit();
        if let Err(message) = dropped
            && matches!(failure, Failure::TimedOut(_))
        {
            // An error or a panic of the attempt itself takes precedence.
            failure = Failure::Panicked(message);
        }
        match this.state.begins_another(failure, is_clean) {
            None => {
                // Yields to the other tasks first: attempts that fail at once must not block the thread.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(gave_up) => Poll::Ready(Err(this.state.stop(gave_up))),
        }
    }
}

impl<'a, C, T, E, Q, F, Fut, H> fmt::Debug for Attempts<'a, '_, C, T, E, Q, F, Fut, H>
where
    C: Into<Call<'a>> + Copy,
    Q: Fn() -> Faults<E>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts")
            .field("begin", &self.state.begin())
            .finish_non_exhaustive()
    }
}
