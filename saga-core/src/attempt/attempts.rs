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
use tokio::time::{self, Instant, Sleep};

use crate::attempt::notify::{self, Told};
use crate::attempt::spans;
use crate::definition::{Kind, Phase, Policy};
use crate::executor::{Begin, Faults};
use crate::observe::Reason;
use crate::outcome::{Cancellation, Failure, GaveUp, Stop};
use crate::run::history::{self, Conditional, KeptFailure, Memory, Resumed, Retry, Written};
use crate::run::{Call, Request, Run, Siblings};
use crate::util::panics::{self, Panic};

/// Runs `attempt` until one completes, which puts its output into `slot`, or the policy is used
/// up.
///
/// Attempts of a step are repeated for errors that [`Faults::when`] accepts and for timeouts,
/// never for panics, and not after doubt where the step may be executed
/// [at most once](crate::Step::at_most_once); those of a compensation for panics as well. Between two
/// attempts the policy's [`Backoff`](crate::Backoff) is waited for.
///
/// A cancellation of the run, its deadline, and a sibling in a parallel group that gave up let the
/// attempt in flight finish, end the wait, and begin no other; after the pivot and in a compensation they
/// change nothing.
///
/// # Errors
///
/// [`Stop::GaveUp`] with the failure of the last attempt, how many there were, and whether *any*
/// of them may have taken effect: one that timed out may have, although a later one failed
/// cleanly. A [`Kind::ReadOnly`] step is never in doubt; a compensation is if it may have undone its step
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
        state: State {
            run,
            call,
            faults,
            more: Heaped(None),
        },
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
        state: State<'a, C, Q, E>,
        attempt: F,
        slot: &'slot mut Option<T>,
        #[pin]
        in_flight: Option<Fut>,
        halt: PhantomData<fn() -> H>,
    }
}

struct State<'a, C, Q, E> {
    run: &'a Run,
    call: C,
    faults: Q,
    // What a call without a time limit that completes at its first attempt has no need of. On the heap:
    // every step of every run would have the room for it.
    more: Heaped<Box<More<E>>>,
}

/// Tokio's own is as large as all the rest of a call.
type Timer = Pin<Box<Sleep>>;

/// What is known of a call that takes time, or more than one attempt.
struct More<E> {
    attempt: u32,
    in_doubt: bool,
    /// The time limit of the attempt in flight.
    limit: Option<Timer>,
    /// Before another attempt.
    wait: Option<Wait<E>>,
    /// For those who look on.
    told: Option<Told>,
    /// What is being recorded in the memory of the run, which the next attempt waits for.
    writing: Option<Written>,
    /// The place that the next attempt waits for once its time has come.
    place: Option<Written>,
    /// Whether the memory of the run is to know that the next attempt begins.
    to_begin: bool,
    /// Whether it was begun in an earlier life of the process.
    resumed: bool,
}

/// What the wait before another attempt has.
struct Wait<E> {
    // What the last attempt failed with, for the case that there is no other.
    failure: Failure<E>,
    timer: Option<Timer>,
    request: Option<Request>,
}

/// Something on the heap, if it is there.
struct Heaped<T>(Option<T>);

// So that a call that has none of it does not even call a function to drop none.
impl<T> Drop for Heaped<T> {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            drop_it(self.0.take());
        }
    }
}

#[cold]
#[inline(never)]
fn drop_it<T>(value: T) {
    // It may hold an error of the user's.
    panics::discard(value);
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

impl<'a, C, Q, E> State<'a, C, Q, E>
where
    C: Into<Call<'a>> + Copy,
    Q: Fn() -> Faults<E>,
{
    #[inline]
    fn call(&self) -> Call<'a> {
        self.call.into()
    }

    /// Looked up where it is needed, which is where time passes or something failed.
    #[cold]
    fn policy(&self) -> &'a Policy {
        self.run.policy(self.call())
    }

    /// How long an attempt may take. The time limit of a step that runs a saga is the deadline of that.
    fn limit(&self) -> Option<Duration> {
        let Call { step, phase, .. } = self.call();
        let is_nested = step.nested.is_some() && phase == Phase::Step;
        self.policy().timeout.filter(|_| !is_nested)
    }

    /// Whether anything but the method has a say about an attempt: a clock, a cancellation, the siblings,
    /// attempts that were made before.
    #[inline]
    fn is_watched(&self) -> bool {
        let call = self.call();
        self.is_told()
            || self.more.0.is_some()
            || call.policy().needs_timer()
            || (call.definition.needs_timer() && call.is_first())
    }

    fn begin(&self) -> Begin<'a> {
        Begin {
            run: self.run,
            call: self.call(),
            attempt: self.attempt(),
        }
    }

    /// Which attempt is in flight, or waited for.
    fn attempt(&self) -> u32 {
        self.more.0.as_ref().map_or(1, |more| more.attempt)
    }

    fn in_doubt(&self) -> bool {
        self.more.0.as_ref().is_some_and(|more| more.in_doubt)
    }

    fn more(&mut self) -> &mut More<E> {
        self.more.0.get_or_insert_with(|| {
            Box::new(More {
                attempt: 1,
                in_doubt: false,
                limit: None,
                wait: None,
                told: None,
                writing: None,
                place: None,
                to_begin: false,
                resumed: false,
            })
        })
    }

    /// The attempt in flight has ended.
    fn ended(&self) {
        self.run.ended(self.call());
    }

    /// Whatever of the user's runs until [`exit`](Self::exit) belongs to the attempt in flight.
    #[inline]
    fn enter(&self) {
        if let Some(spans) = self.told().and_then(Told::spans) {
            spans.enter();
        }
    }

    #[inline]
    fn exit(&self) {
        if let Some(spans) = self.told().and_then(Told::spans) {
            spans.exit();
        }
    }

    #[inline]
    fn told(&self) -> Option<&Told> {
        self.more.0.as_ref()?.told.as_ref()
    }

    /// Tells that an attempt begins.
    fn tell_begin(&mut self) {
        let begin = self.begin();
        if self.told().is_none() {
            let Some(told) = Told::of(&begin) else {
                return;
            };
            self.more().told = Some(told);
        }
        if let Some(told) = &mut self.more().told {
            told.begins(&begin);
        }
    }

    #[cold]
    fn completed(&mut self) {
        self.ended();
        let begin = self.begin();
        if let Some(told) = self.more.0.as_mut().and_then(|more| more.told.take()) {
            told.completed(&begin);
        }
    }

    /// Whether there may be spans, for which nobody looks where they are not compiled.
    #[inline]
    fn has_spans(&self) -> bool {
        spans::IS_BUILT && self.more.0.is_some()
    }

    /// Whether anybody looks on.
    #[inline]
    fn is_told(&self) -> bool {
        self.run.has_options() || spans::is_on()
    }

    /// Tells that the attempt in flight failed, and how long another is waited for if one follows.
    fn tell_failed(&mut self, failure: &Failure<E>, in_doubt: bool, retry_in: Option<Duration>) {
        if !self.is_told() {
            return;
        }
        let begin = self.begin();
        let view = (self.faults)().view;
        let mut late = None;
        let told = self.more.0.as_mut().and_then(|more| more.told.as_mut());
        if let Some(told) = told.or_else(|| {
            late = Told::of_failure(&begin);
            late.as_mut()
        }) {
            let text = || failure.view(view).text();
            let reason = Reason::new(failure.kind(), &text);
            told.attempt_ended(&begin, notify::outcome_of(in_doubt), Some(reason), retry_in);
        }
    }

    /// Tells that there is no other attempt.
    fn tell_gave_up(&mut self, gave_up: &GaveUp<Failure<E>>) {
        if !self.is_told() && !spans::wants_events() {
            return;
        }
        let begin = self.begin();
        let view = (self.faults)().view;
        let told = self.more.0.as_mut().and_then(|more| more.told.take());
        // There is none of a call that could not begin.
        if let Some(told) = told.or_else(|| Told::of_failure(&begin)) {
            let text = || gave_up.failure.view(view).text();
            let reason = Reason::new(gave_up.failure.kind(), &text);
            let outcome = notify::outcome_of(gave_up.in_doubt);
            told.ended(&begin, outcome, Some(reason), gave_up.attempts);
        }
    }

    /// What ended the run from outside, if that is still to be heard.
    fn cancelled(&self) -> Option<Cancellation> {
        if !self.run.has_options() || !self.call().can_be_cancelled() {
            return None;
        }
        self.run.limits()?.ended()
    }

    /// Why there is no other attempt after so many.
    #[cold]
    fn stop<H>(&mut self, gave_up: GaveUp<Failure<E>>) -> Stop<Failure<E>, H> {
        self.tell_gave_up(&gave_up);
        let memory = self.run.memory();
        let cancelled = match memory.and_then(|memory| memory.ended_before(self.call())) {
            Some(before) => before.cancelled,
            None => self.cancelled(),
        };
        match cancelled {
            Some(why) => Stop::Cancelled(why, Some(gave_up)),
            None => Stop::GaveUp(gave_up),
        }
    }

    /// Waits for the time of the next attempt, then starts its time limit.
    #[cold]
    fn prepare<H>(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Stop<Failure<E>, H>>> {
        let prepared = ready!(self.time_comes(cx));
        if prepared.is_ok() {
            self.tell_begin();
        }
        Poll::Ready(prepared)
    }

    fn time_comes<H>(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Stop<Failure<E>, H>>> {
        ready!(self.written(cx));
        if let Err(stop) = self.begin_call() {
            return Poll::Ready(Err(stop));
        }
        if let Err(stop) = ready!(self.waited(cx)) {
            return Poll::Ready(Err(stop));
        }
        let attempt = self.attempt();
        if let Some(more) = self.more.0.as_mut().filter(|more| more.to_begin) {
            more.to_begin = false;
            let memory = self.run.memory();
            let writing = memory.map(|memory| memory.begins(self.call(), attempt));
            self.more().writing = writing;
            ready!(self.written(cx));
        }
        self.run.attempted(self.call(), attempt);
        self.tell_condition();
        // Found missing before anything has taken effect, rather than when the step comes that needs it.
        let saga_needs_timer = self.call().definition.needs_timer() && self.call().is_first();
        if !saga_needs_timer && !self.policy().needs_timer() {
            return Poll::Ready(Ok(()));
        }
        // A runtime may have no timers, or be shutting down: then Tokio panics.
        let limit = self.limit();
        let started = panics::catch(|| {
            if attempt == 1 {
                timer_at_hand()?;
            }
            Ok(limit.map(|limit| Box::pin(time::sleep(limit))))
        });
        Poll::Ready(match started {
            Ok(Ok(None)) => Ok(()),
            Ok(Ok(limit)) => {
                self.more().limit = limit;
                Ok(())
            }
            Ok(Err(reason)) | Err(reason) => {
                let failure = Failure::NotStarted(reason.into());
                self.ended();
                let gave_up = GaveUp::new(failure, attempt - 1, self.in_doubt());
                self.tell_gave_up(&gave_up);
                Err(Stop::GaveUp(gave_up))
            }
        })
    }

    /// Says to the condition of the step, which the attempt is about to ask, what is remembered of it.
    fn tell_condition(&self) {
        let call = self.call();
        if let Some(memory) = self.run.memory()
            && call.phase == Phase::Step
            && call.step.condition.is_some()
        {
            let answer = memory.answered(call);
            // A step that runs a saga begins with the record of that.
            let begins = answer.is_none() && call.step.nested.is_none();
            let begins = begins.then(|| memory.begins(call, self.attempt()));
            history::set_condition(Some(Conditional { answer, begins }));
        }
    }

    /// Ready when the memory of the run has what it was told.
    fn written(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(more) = &mut self.more.0
            && let Some(writing) = &mut more.writing
        {
            ready!(writing.as_mut().poll(cx));
            more.writing = None;
        }
        Poll::Ready(())
    }

    /// Before the first attempt of this life of the process.
    fn begin_call<H>(&mut self) -> Result<(), Stop<Failure<E>, H>> {
        let has_begun = self.more.0.as_ref().is_some_and(|more| more.resumed);
        if has_begun || self.attempt() > 1 {
            return Ok(());
        }
        // An attempt that is in flight already is not cancelled.
        if !self.resume()
            && let Some(why) = self.cancelled()
        {
            return Err(Stop::Cancelled(why, None));
        }
        if let Some(reason) = self.run.refused() {
            return Err(self.stop(GaveUp::new(Failure::NotStarted(reason.into()), 0, false)));
        }
        self.run.began(self.call());
        Ok(())
    }

    /// Goes on where the call was in an earlier life of the process, if it was begun there.
    fn resume(&mut self) -> bool {
        let call = self.call();
        let Some(resumed) = self.run.memory().and_then(|memory| memory.resumed(call)) else {
            return false;
        };
        let Resumed {
            attempt,
            in_doubt,
            wait,
            failure,
        } = resumed;
        let backoff = self.policy().backoff;
        let longest = backoff.map(|backoff| backoff.ceiling(attempt - 1));
        let wait = wait.map(|left| {
            // No longer than the policy of today could have chosen.
            let left = left.min(longest.unwrap_or_default());
            // Without a timer there is nothing that could be waited for.
            let (timer, request) = self.wait_of(Some(left)).unwrap_or_default();
            let failure = failure.unwrap_or(KeptFailure::Interrupted);
            let failure = failure.again((self.faults)().journal);
            Wait {
                failure,
                timer,
                request,
            }
        });
        let is_waiting = wait.is_some();
        let more = self.more();
        (more.attempt, more.in_doubt, more.wait) = (attempt, in_doubt, wait);
        more.resumed = true;
        self.run
            .attempted(call, attempt.saturating_sub(u32::from(is_waiting)));
        true
    }

    /// Ready when the wait before this attempt is over; an error if there is no such attempt any more.
    fn waited<H>(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Stop<Failure<E>, H>>> {
        let Some(wait) = self.more.0.as_mut().and_then(|more| more.wait.as_mut()) else {
            return Poll::Ready(Ok(()));
        };
        if let Some(request) = &mut wait.request {
            // Whether it was asked for is looked at below.
            let _ = request.poll(cx);
        }
        // A runtime that shuts down makes its timers panic: then nobody would end the wait any more.
        let over = match &mut wait.timer {
            Some(timer) => panics::catch(|| timer.as_mut().poll(cx).is_ready()),
            None => Ok(true),
        };
        let had_timer = wait.timer.is_some();
        let mut ended = over.is_err() || self.is_ended();
        if !ended && over != Ok(true) {
            return Poll::Pending;
        }
        if !ended && had_timer && self.run.memory().is_some() {
            ready!(self.has_place(cx));
            // That may have taken long.
            ended = self.is_ended();
        }
        self.more().place = None;
        let More {
            attempt,
            in_doubt,
            wait,
            ..
        } = self.more();
        let (made, in_doubt, wait) = (*attempt - 1, *in_doubt, wait.take());
        Poll::Ready(match wait {
            Some(wait) if ended => Err(self.stop(GaveUp::new(wait.failure, made, in_doubt))),
            wait => {
                self.more().to_begin = had_timer && self.run.memory().is_some();
                panics::discard(wait);
                Ok(())
            }
        })
    }

    /// Whether the run or the group has ended, so that no other attempt begins.
    fn is_ended(&self) -> bool {
        let siblings = self.call().siblings;
        siblings.is_some_and(Siblings::gave_up) || self.cancelled().is_some()
    }

    /// Ready when there is a place for the next attempt.
    fn has_place(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let run = self.run;
        let place = &mut self.more().place;
        if place.is_none() {
            *place = run.memory().map(Memory::has_place);
        }
        match place {
            Some(place) => place.as_mut().poll(cx),
            None => Poll::Ready(()),
        }
    }

    /// Ready when the attempt in flight has used up its time.
    fn timed_out(&mut self, cx: &mut Context<'_>) -> Poll<Failure<E>> {
        let limit = self.more.0.as_ref().and_then(|_| self.limit());
        let timer = self.more.0.as_mut().and_then(|more| more.limit.as_mut());
        match (timer, limit) {
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
    /// that is worth it. Otherwise the call gives up.
    ///
    /// Predicates are the user's code: where `in_doubt` panics the step is in doubt rather than clean,
    /// and where `when` does there is no other attempt.
    #[cold]
    fn begins_another(
        &mut self,
        failure: Failure<E>,
        is_clean: bool,
    ) -> Option<GaveUp<Failure<E>>> {
        let (attempt, policy) = (self.attempt(), self.policy());
        let Call { step, phase, .. } = self.call();
        let memory = self.run.memory();
        if memory.is_some() {
            // It may have panicked before it asked.
            history::set_condition(None);
        }
        if let Some(before) = memory.and_then(|memory| memory.ended_before(self.call())) {
            // Decided then, when the error had its type.
            self.ended();
            self.tell_failed(&failure, before.in_doubt, None);
            return Some(GaveUp::new(failure, before.attempts, before.in_doubt));
        }
        let has_effect = phase == Phase::Compensation || step.kind != Kind::ReadOnly;
        let can_be_in_doubt = has_effect && !is_clean;
        let more = attempt < policy.attempts;
        let (in_doubt, worth_it) = match &failure {
            Failure::Error(error) => {
                let Faults { when, in_doubt, .. } = (self.faults)();
                let ask = |predicate: fn(&E) -> bool| panics::catch(|| predicate(error));
                let in_doubt = can_be_in_doubt && ask(in_doubt).unwrap_or(true);
                (in_doubt, more && ask(when).unwrap_or(false))
            }
            Failure::TimedOut(_) => (can_be_in_doubt, more),
            _ => (can_be_in_doubt, more && phase == Phase::Compensation),
        };
        let attempt_in_doubt = in_doubt;
        let in_doubt = in_doubt || self.in_doubt();
        self.ended();
        let again = worth_it
            && !(phase == Phase::Step && step.at_most_once && in_doubt)
            && !self.call().siblings.is_some_and(Siblings::gave_up)
            && self.cancelled().is_none();
        if !again {
            self.tell_failed(&failure, attempt_in_doubt, None);
            return Some(GaveUp::new(failure, attempt, in_doubt));
        }
        let Ok((timer, request)) = self.wait_for(attempt, policy) else {
            // The runtime is shutting down: there is no next attempt.
            self.tell_failed(&failure, attempt_in_doubt, None);
            return Some(GaveUp::new(failure, attempt, in_doubt));
        };
        let retry_in = self.is_told().then(|| left_of(timer.as_ref()));
        self.tell_failed(&failure, attempt_in_doubt, retry_in);
        let writing = self.run.memory().map(|memory| {
            let Faults { view, journal, .. } = (self.faults)();
            let retry = Retry {
                attempt: attempt + 1,
                in_doubt,
                failure: KeptFailure::of(&failure, view, journal),
                wait: timer.as_ref().map(|timer| left_of(Some(timer))),
            };
            memory.waits(self.call(), retry)
        });
        let more = self.more();
        (more.attempt, more.in_doubt, more.limit) = (attempt + 1, in_doubt, None);
        more.writing = writing;
        more.wait = Some(Wait {
            failure,
            timer,
            request,
        });
        None
    }

    /// What ends the wait after this attempt.
    fn wait_for(
        &self,
        attempt: u32,
        policy: &Policy,
    ) -> Result<(Option<Timer>, Option<Request>), String> {
        self.wait_of(policy.backoff.map(|backoff| backoff.draw(attempt)))
    }

    /// What ends a wait as long as this.
    fn wait_of(&self, wait: Option<Duration>) -> Result<(Option<Timer>, Option<Request>), String> {
        let limits = self.run.limits().filter(|_| self.call().can_be_cancelled());
        let timer = panics::catch(|| {
            let wait = wait?;
            let deadline = limits.and_then(|limits| limits.deadline);
            let left = deadline.map(|deadline| deadline.duration_since(Instant::now()));
            Some(Box::pin(time::sleep(
                left.map_or(wait, |left| wait.min(left)),
            )))
        })?;
        let token = limits.and_then(|limits| limits.token.as_ref());
        let request = token.filter(|_| timer.is_some()).map(Request::of);
        Ok((timer, request))
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

fn left_of(timer: Option<&Timer>) -> Duration {
    timer.map_or(Duration::ZERO, |timer| {
        timer.deadline().duration_since(Instant::now())
    })
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
