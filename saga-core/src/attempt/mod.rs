//! The attempts of one step or compensation, under its policy.
//!
//! What every executor that runs the user's code has in common. Knows nothing of the order of
//! steps, nor of what is remembered.
//!
//! A hand-written future: as nested `async` blocks the same cost five times as much per step, in
//! copies of arguments and outputs from one future into the next (`docs/performance.md`).

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

/// Runs `attempt` until one completes, which puts its output into `slot`, or the policy is used
/// up.
///
/// Attempts of a step are repeated for errors that [`Faults::when`] accepts and for timeouts,
/// never for panics, and not after doubt where the step may be executed
/// [at most once](crate::definition::Step::at_most_once); those of a compensation for panics as well. Between two
/// attempts the policy's [`Backoff`](crate::definition::Backoff) is waited for.
///
/// A cancellation of the run, its deadline, and a sibling in a parallel group that gave up let the
/// attempt in flight finish, end the wait, and begin no other; after the pivot and in a compensation they
/// change nothing.
///
/// # Errors
///
/// [`Stop::GaveUp`] with the failure of the last attempt, how many there were, and whether *any*
/// of them may have taken effect: one that timed out may have, although a later one failed
/// cleanly. A [`Kind::ReadOnly`](crate::definition::Kind::ReadOnly) step is never in doubt; a compensation is if it may have undone its step
/// all the same. [`Stop::Cancelled`] where the run was cancelled before an attempt, or while one was in
/// hand that failed. Never [`Stop::Halted`], so `H` is whatever the executor has.
///
/// # Cancellation
///
/// Dropping the future drops the attempt in flight where it is.
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

/// What became of an attempt that was polled. Its error is put beside it: within, it would be looked into
/// and moved also where there is none.
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
        // Taken apart in there, so that one pointer goes in and not one for each field.
        let mut error = None;
        let polled = panics::catch_attempt(|| {
            let mut this = me.as_mut().project();
            if this.in_flight.is_none() {
                // The method is called in here, not before: a clone of an argument may panic.
                this.in_flight.set(Some((this.attempt)(this.state.begin())));
            }
            match this
                .in_flight
                .as_pin_mut()
                .map(|in_flight| in_flight.poll(cx))
            {
                Some(Poll::Ready(Ok(output))) => {
                    // Straight to its slot: every other way is one more copy of it.
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
        // Dropped here and not with the rest: what it holds is the user's, and may panic.
        this.state.enter();
        let dropped = panics::catch(|| this.in_flight.set(None));
        this.state.exit();
        if let Err(message) = dropped
            && matches!(failure, Failure::TimedOut(_))
        {
            // An error or a panic of the attempt itself comes first.
            failure = Failure::Panicked(message);
        }
        match this.state.begins_another(failure, is_clean) {
            None => {
                // After everybody else's turn: attempts that fail at once must not keep the thread to
                // themselves.
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
