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
use crate::id::SagaId;
use crate::panics;
use crate::policy::Policy;

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
    id: &'a SagaId,
    call: Call<'a>,
    policy: &'a Policy,
    faults: Faults<E>,
    attempt: F,
    slot: &'slot mut Option<T>,
) -> Attempts<'a, 'slot, T, E, F, Fut, H>
where
    F: FnMut(Begin<'a>) -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    Attempts {
        state: State {
            begin: Begin {
                id,
                call,
                attempt: 1,
            },
            policy,
            faults,
            in_doubt: false,
        },
        attempt,
        slot,
        in_hand: None,
        timer: None,
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
        // The time limit of the attempt in hand, or the wait before the next.
        #[pin]
        timer: Option<Sleep>,
        halt: PhantomData<fn() -> H>,
    }
}

struct State<'a, E> {
    begin: Begin<'a>,
    policy: &'a Policy,
    faults: Faults<E>,
    in_doubt: bool,
}

/// What became of an attempt that was polled.
enum Polled<E> {
    Completed,
    Pending,
    Broken(Broken<E>),
}

/// Why an attempt did not complete.
enum Broken<E> {
    Error(E),
    TimedOut(Duration),
    Panicked(String),
}

impl<'a, T, E, F, Fut, H> Future for Attempts<'a, '_, T, E, F, Fut, H>
where
    F: FnMut(Begin<'a>) -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    type Output = Result<(), Stop<Failure<E>, H>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let gave_up = loop {
            if this.in_hand.is_none() {
                if this.state.policy.needs_timer()
                    && let Err(reason) = ready!(this.state.prepare(this.timer.as_mut(), cx))
                {
                    let made = this.state.begin.attempt - 1;
                    break GaveUp::new(Failure::NotStarted(reason), made, this.state.in_doubt);
                }
                // The method is called in here, not before: a clone of an argument may panic.
                let begin = this.state.begin;
                match panics::catch(|| (this.attempt)(begin)) {
                    Ok(future) => this.in_hand.set(Some(future)),
                    Err(message) => {
                        match this
                            .state
                            .judge(Broken::Panicked(message), this.timer.as_mut())
                        {
                            Some(gave_up) => break gave_up,
                            None => return State::<E>::again(cx),
                        }
                    }
                }
            }
            let Some(future) = this.in_hand.as_mut().as_pin_mut() else {
                continue;
            };
            // The output goes straight to its slot: every other way is one more copy of it.
            let slot = &mut **this.slot;
            let polled = panics::catch(|| match future.poll(cx) {
                Poll::Ready(Ok(output)) => {
                    *slot = Some(output);
                    Polled::Completed
                }
                Poll::Ready(Err(error)) => Polled::Broken(Broken::Error(error)),
                Poll::Pending => Polled::Pending,
            });
            let mut broken = match polled {
                Ok(Polled::Completed) => return Poll::Ready(Ok(())),
                Ok(Polled::Pending) => ready!(this.state.timed_out(this.timer.as_mut(), cx)),
                Ok(Polled::Broken(broken)) => broken,
                Err(message) => Broken::Panicked(message),
            };
            // Dropped here and not with the rest: what it holds is the user's, and may panic.
            if let Err(message) = panics::catch(|| this.in_hand.set(None))
                && matches!(broken, Broken::TimedOut(_))
            {
                // An error or a panic of the attempt itself comes first.
                broken = Broken::Panicked(message);
            }
            match this.state.judge(broken, this.timer.as_mut()) {
                Some(gave_up) => break gave_up,
                None => return State::<E>::again(cx),
            }
        };
        Poll::Ready(Err(Stop::GaveUp(gave_up)))
    }
}

impl<E> State<'_, E> {
    /// Waits for the time of the next attempt, then starts its time limit.
    #[cold]
    fn prepare(
        &self,
        mut timer: Pin<&mut Option<Sleep>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), String>> {
        // A runtime may have no timers, or be shutting down: then Tokio panics.
        let prepared = panics::catch(|| {
            if self.begin.attempt == 1 {
                timer_at_hand()?;
            } else if let Some(wait) = timer.as_mut().as_pin_mut()
                && wait.poll(cx).is_pending()
            {
                return Ok(Poll::Pending);
            }
            timer.set(self.policy.timeout.map(time::sleep));
            Ok(Poll::Ready(()))
        });
        match prepared {
            Ok(Ok(polled)) => polled.map(Ok),
            Ok(Err(reason)) | Err(reason) => Poll::Ready(Err(reason)),
        }
    }

    /// Comes back for the next attempt, after everybody else's turn: attempts that fail at once must
    /// not keep the thread to themselves.
    #[cold]
    fn again<T>(cx: &Context<'_>) -> Poll<T> {
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Ready when the attempt in hand has used up its time.
    fn timed_out(&self, timer: Pin<&mut Option<Sleep>>, cx: &mut Context<'_>) -> Poll<Broken<E>> {
        match (timer.as_pin_mut(), self.policy.timeout) {
            (Some(timer), Some(limit)) => {
                // An attempt that uses up the task's budget each time must not outlive its limit.
                let mut timer = pin!(tokio::task::coop::unconstrained(timer));
                match panics::catch(|| timer.as_mut().poll(cx)) {
                    Ok(polled) => polled.map(|()| Broken::TimedOut(limit)),
                    // Nobody would end the attempt any more.
                    Err(message) => Poll::Ready(Broken::Panicked(message)),
                }
            }
            _ => Poll::Pending,
        }
    }

    /// What a broken attempt means: giving up, or (`None`) another attempt after a wait.
    ///
    /// Predicates are the user's code: where `in_doubt` panics the step is in doubt rather than clean,
    /// and where `when` does there is no other attempt.
    #[cold]
    fn judge(
        &mut self,
        broken: Broken<E>,
        mut timer: Pin<&mut Option<Sleep>>,
    ) -> Option<GaveUp<Failure<E>>> {
        let Call { step, phase, .. } = self.begin.call;
        let (failure, in_doubt, again) = match broken {
            Broken::Error(error) => {
                let in_doubt = panics::catch(|| (self.faults.in_doubt)(&error)).unwrap_or(true);
                let again = panics::catch(|| (self.faults.when)(&error)).unwrap_or(false);
                (Failure::Error(error), in_doubt, again)
            }
            Broken::TimedOut(limit) => (Failure::TimedOut(limit), true, true),
            Broken::Panicked(message) => {
                let again = phase == Phase::Compensation;
                (Failure::Panicked(message), true, again)
            }
        };
        let can_be_in_doubt = phase == Phase::Step && step.kind != Kind::ReadOnly;
        self.in_doubt |= in_doubt && can_be_in_doubt;
        let attempt = self.begin.attempt;
        if !again || attempt >= self.policy.attempts {
            return Some(GaveUp::new(failure, attempt, self.in_doubt));
        }
        let backoff = self.policy.backoff;
        let wait = || backoff.map(|backoff| time::sleep(backoff.draw(attempt)));
        let Ok(wait) = panics::catch(wait) else {
            // The runtime is shutting down: there is no next attempt.
            return Some(GaveUp::new(failure, attempt, self.in_doubt));
        };
        timer.set(wait);
        panics::discard(failure);
        self.begin.attempt += 1;
        None
    }
}

impl<T, E, F, Fut, H> fmt::Debug for Attempts<'_, '_, T, E, F, Fut, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts")
            .field("begin", &self.state.begin)
            .finish_non_exhaustive()
    }
}

/// Tokio's timers panic where there is no runtime, or one without a time driver.
#[cold]
fn timer_at_hand() -> Result<(), String> {
    const NEEDED: &str = "its policy has a timeout or a backoff, which needs a Tokio runtime with \
                          time enabled (`tokio::runtime::Builder::enable_time`)";
    if Handle::try_current().is_err() {
        return Err(NEEDED.to_owned());
    }
    panics::catch(|| drop(time::sleep(Duration::ZERO))).map_err(|_| NEEDED.to_owned())
}
