//! The attempts of one step or compensation, under its policy.
//!
//! What every executor that runs the user's code has in common. Knows nothing of the order of
//! steps, nor of what is remembered.
//!
//! A hand-written future: as nested `async` blocks the same cost five times as much per step, in
//! copies of arguments and outputs from one future into the next (`docs/performance.md`).

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};
use core::time::Duration;

use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tokio::time::{self, Sleep};

use crate::definition::{Kind, Phase};
use crate::executor::{Begin, Call, Faults, GaveUp, Stop};
use crate::failure::Failure;
use crate::panics;
use crate::policy::Policy;
use crate::run::Run;

/// Runs `attempt` until one completes, which puts its output into `slot`, or the policy is used
/// up.
///
/// Attempts of a step are repeated for errors that [`Faults::when`] accepts and for timeouts,
/// never for panics; those of a compensation for panics as well. Between two attempts the
/// policy's [`Backoff`](crate::Backoff) is waited for.
///
/// # Errors
///
/// [`Stop::GaveUp`] with the failure of the last attempt, how many there were, and whether *any*
/// of them may have taken effect: one that timed out may have, although a later one failed
/// cleanly. A compensation and a [`Kind::ReadOnly`] step are never in doubt. Never
/// [`Stop::Halted`], so `H` is whatever the executor has.
///
/// # Cancellation
///
/// Dropping the future drops the attempt in hand where it is.
pub fn attempts<'a, 'slot, T, E, F, Fut, H>(
    run: &'a Run,
    call: Call<'a>,
    faults: fn() -> Faults<E>,
    attempt: F,
    slot: &'slot mut Option<T>,
) -> Attempts<'a, 'slot, T, E, F, Fut, H>
where
    F: FnMut(Begin<'a>) -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    Attempts {
        state: State {
            run,
            call,
            faults,
            attempt: 1,
            in_doubt: false,
            by_the_clock: run.has_options()
                || call.policy().needs_timer()
                || (call.is_first() && call.definition.needs_timer()),
            timer: Timer::default(),
        },
        attempt,
        slot,
        in_hand: None,
        halt: PhantomData,
    }
}

pin_project! {
    /// The future of [`attempts`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Attempts<'a, 'slot, T, E, F, Fut, H> {
        state: State<'a, E>,
        attempt: F,
        slot: &'slot mut Option<T>,
        #[pin]
        in_hand: Option<Fut>,
        halt: PhantomData<fn() -> H>,
    }
}

struct State<'a, E> {
    run: &'a Run,
    call: Call<'a>,
    faults: fn() -> Faults<E>,
    attempt: u32,
    in_doubt: bool,
    // Whether a clock is needed: a timer, or for the times of the run.
    by_the_clock: bool,
    // The time limit of the attempt in hand, or the wait before the next. On the heap, and there only
    // when a policy asks for one: it is as large as all the rest.
    timer: Timer,
}

/// A timer, if there is one.
#[derive(Default)]
struct Timer(Option<Pin<Box<Sleep>>>);

// So that a call without a timer does not even call a function to drop none.
impl Drop for Timer {
    #[inline]
    fn drop(&mut self) {
        if let Some(timer) = self.0.take() {
            stop(timer);
        }
    }
}

#[cold]
#[inline(never)]
fn stop(timer: Pin<Box<Sleep>>) {
    drop(timer);
}

/// What became of an attempt that was polled.
enum Polled<E> {
    Completed,
    Pending,
    Broken(Failure<E>),
}

impl<'a, T, E, F, Fut, H> Future for Attempts<'a, '_, T, E, F, Fut, H>
where
    F: FnMut(Begin<'a>) -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    type Output = Result<(), Stop<Failure<E>, H>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut me = self;
        let this = me.as_mut().project();
        if this.state.by_the_clock
            && this.in_hand.is_none()
            && let Err(gave_up) = ready!(this.state.prepare(cx))
        {
            return Poll::Ready(Err(Stop::GaveUp(gave_up)));
        }
        // Taken apart in there, so that one pointer goes in and not one for each field.
        let polled = panics::catch(|| {
            let mut this = me.as_mut().project();
            if this.in_hand.is_none() {
                // The method is called in here, not before: a clone of an argument may panic.
                this.in_hand.set(Some((this.attempt)(this.state.begin())));
            }
            match this.in_hand.as_pin_mut().map(|in_hand| in_hand.poll(cx)) {
                Some(Poll::Ready(Ok(output))) => {
                    // Straight to its slot: every other way is one more copy of it.
                    **this.slot = Some(output);
                    Polled::Completed
                }
                Some(Poll::Ready(Err(error))) => Polled::Broken(Failure::Error(error)),
                Some(Poll::Pending) | None => Polled::Pending,
            }
        });
        let mut this = me.project();
        let mut failure = match polled {
            Ok(Polled::Completed) => {
                if this.state.by_the_clock {
                    this.state.ended();
                }
                return Poll::Ready(Ok(()));
            }
            Ok(Polled::Pending) => ready!(this.state.timed_out(cx)),
            Ok(Polled::Broken(failure)) => failure,
            Err(message) => Failure::Panicked(message),
        };
        // Dropped here and not with the rest: what it holds is the user's, and may panic.
        if let Err(message) = panics::catch(|| this.in_hand.set(None))
            && matches!(failure, Failure::TimedOut(_))
        {
            // An error or a panic of the attempt itself comes first.
            failure = Failure::Panicked(message);
        }
        if this.state.begins_another(&failure) {
            panics::discard(failure);
            // After everybody else's turn: attempts that fail at once must not keep the thread to
            // themselves.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let State {
            attempt, in_doubt, ..
        } = *this.state;
        Poll::Ready(Err(Stop::GaveUp(GaveUp::new(failure, attempt, in_doubt))))
    }
}

impl<'a, E> State<'a, E> {
    /// Looked up where it is needed, which is where time passes or something failed.
    #[cold]
    fn policy(&self) -> &'a Policy {
        self.run.policy(self.call)
    }

    fn begin(&self) -> Begin<'a> {
        Begin {
            run: self.run,
            call: self.call,
            attempt: self.attempt,
        }
    }

    #[cold]
    fn ended(&self) {
        self.run.ended(self.call.step, self.call.phase);
    }

    /// Waits for the time of the next attempt, then starts its time limit.
    #[cold]
    fn prepare(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), GaveUp<Failure<E>>>> {
        if self.attempt == 1 {
            self.run.began(self.call.step, self.call.phase);
        }
        // Found missing before anything has taken effect, rather than when the step comes that needs it.
        let saga_needs_timer = self.call.is_first() && self.call.definition.needs_timer();
        if !saga_needs_timer && !self.policy().needs_timer() {
            return Poll::Ready(Ok(()));
        }
        // A runtime may have no timers, or be shutting down: then Tokio panics.
        let prepared = panics::catch(|| {
            if self.attempt == 1 {
                timer_at_hand()?;
            } else if let Some(wait) = &mut self.timer.0
                && wait.as_mut().poll(cx).is_pending()
            {
                return Ok(Poll::Pending);
            }
            self.timer.0 = self
                .policy()
                .timeout
                .map(|limit| Box::pin(time::sleep(limit)));
            Ok(Poll::Ready(()))
        });
        match prepared {
            Ok(Ok(polled)) => polled.map(Ok),
            Ok(Err(reason)) | Err(reason) => {
                let made = self.attempt - 1;
                let failure = Failure::NotStarted(reason.into());
                self.ended();
                Poll::Ready(Err(GaveUp::new(failure, made, self.in_doubt)))
            }
        }
    }

    /// Ready when the attempt in hand has used up its time.
    fn timed_out(&mut self, cx: &mut Context<'_>) -> Poll<Failure<E>> {
        let limit = self.by_the_clock.then(|| self.policy().timeout).flatten();
        match (&mut self.timer.0, limit) {
            (Some(timer), Some(limit)) => {
                // An attempt that uses up the task's budget each time must not outlive its limit.
                let mut timer = pin!(tokio::task::coop::unconstrained(timer));
                match panics::catch(|| timer.as_mut().poll(cx)) {
                    Ok(polled) => polled.map(|()| Failure::TimedOut(limit)),
                    // Nobody would end the attempt any more.
                    Err(message) => Poll::Ready(Failure::Panicked(message)),
                }
            }
            _ => Poll::Pending,
        }
    }

    /// Takes down whether a failed attempt may have taken effect, and begins the wait for another if
    /// that is worth it. `false`: the attempts are used up.
    ///
    /// By reference: a failure that is handed on by value costs more than all of this.
    ///
    /// Predicates are the user's code: where `in_doubt` panics the step is in doubt rather than clean,
    /// and where `when` does there is no other attempt.
    #[cold]
    fn begins_another(&mut self, failure: &Failure<E>) -> bool {
        let Call { step, phase, .. } = self.call;
        let can_be_in_doubt = phase == Phase::Step && step.kind != Kind::ReadOnly;
        let more = self.attempt < self.policy().attempts;
        let (in_doubt, again) = match failure {
            Failure::Error(error) => {
                let Faults { when, in_doubt, .. } = (self.faults)();
                let ask = |predicate: fn(&E) -> bool| panics::catch(|| predicate(error));
                let in_doubt = can_be_in_doubt && ask(in_doubt).unwrap_or(true);
                (in_doubt, more && ask(when).unwrap_or(false))
            }
            Failure::TimedOut(_) => (can_be_in_doubt, more),
            _ => (can_be_in_doubt, more && phase == Phase::Compensation),
        };
        self.in_doubt |= in_doubt;
        self.ended();
        again && self.wait()
    }

    /// Begins the wait before the next attempt.
    fn wait(&mut self) -> bool {
        let (attempt, backoff) = (self.attempt, self.policy().backoff);
        let wait = || backoff.map(|backoff| Box::pin(time::sleep(backoff.draw(attempt))));
        let Ok(wait) = panics::catch(wait) else {
            // The runtime is shutting down: there is no next attempt.
            return false;
        };
        self.timer.0 = wait;
        self.attempt += 1;
        true
    }
}

impl<T, E, F, Fut, H> fmt::Debug for Attempts<'_, '_, T, E, F, Fut, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts")
            .field("begin", &self.state.begin())
            .finish_non_exhaustive()
    }
}

/// Tokio's timers panic where there is no runtime, or one without a time driver.
#[cold]
fn timer_at_hand() -> Result<(), String> {
    const NEEDED: &str = "the run has a timeout or a backoff, which needs a Tokio runtime with time \
                          enabled (`tokio::runtime::Builder::enable_time`)";
    if Handle::try_current().is_err() {
        return Err(NEEDED.to_owned());
    }
    panics::catch(|| drop(time::sleep(Duration::ZERO))).map_err(|_| NEEDED.to_owned())
}
