//! How far the attempts of a call are, and what comes next.

use core::pin::pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use tokio::time::{self, Instant};

use crate::attempt::notify::{self, CallNotes};
use crate::attempt::spans;
use crate::attempt::timers::{Timer, left_of, timer_at_hand};
use crate::definition::{Kind, Phase, Policy};
use crate::executor::{Begin, Faults};
use crate::observe::Reason;
use crate::outcome::{Cancellation, Failure, GaveUp, Stop};
use crate::run::history::{KeptFailure, Resumed, Retry, Written};
use crate::run::{Call, Run, Siblings, TokenWatch};
use crate::util::panics;
use crate::util::rare::Rare;

/// A call whose attempts are run.
pub(super) struct Calling<'a, C, Q, E> {
    pub(super) run: &'a Run,
    call: C,
    faults: Q,
    // A call without a time limit that completes at its first attempt has none. On the heap: every step of every run
    // would have the room for it.
    ongoing: Rare<Ongoing<E>>,
}

/// What is known of a call that takes time, or more than one attempt.
struct Ongoing<E> {
    /// Which attempt is next or in flight, counted from 1.
    attempt: u32,
    /// Whether any attempt before it may have taken effect.
    in_doubt: bool,
    state: AttemptState<E>,
    /// For observers and spans, if there are any.
    notes: Option<CallNotes>,
}

/// How far an attempt is.
enum AttemptState<E> {
    /// The failure of the attempt before it is being recorded; then its wait begins.
    RecordingFailure(Written, RetryWait<E>),
    /// It waits for its time.
    Waiting(RetryWait<E>),
    /// Its time has come, and it waits for a place among the calls that may run.
    TakingPlace(Written, RetryWait<E>),
    /// It is being recorded that it begins.
    RecordingBegin(Written),
    /// It may begin.
    Ready,
    /// It is in flight, until this timer has elapsed if it has a time limit.
    InFlight(Option<Timer>),
}

/// What an attempt waits for.
struct RetryWait<E> {
    // What the last attempt failed with, for the case that there is no other.
    failure: Failure<E>,
    timer: Option<Timer>,
    request: Option<TokenWatch>,
}

impl<E> RetryWait<E> {
    /// Whether its time has come: also where the runtime shuts down and its timers panic, for nothing would end the
    /// wait any more. Then that is an error.
    fn poll(&mut self, cx: &mut Context<'_>) -> Result<bool, String> {
        if let Some(request) = &mut self.request {
            // Wakes the task. Whether the run was cancelled is asked for apart.
            let _ = request.poll(cx);
        }
        match &mut self.timer {
            Some(timer) => panics::catch(|| timer.as_mut().poll(cx).is_ready()),
            None => Ok(true),
        }
    }
}

impl<E> Ongoing<E> {
    /// The wait for the attempt, while that goes on.
    const fn wait(&mut self) -> Option<&mut RetryWait<E>> {
        match &mut self.state {
            AttemptState::Waiting(wait) | AttemptState::TakingPlace(_, wait) => Some(wait),
            _ => None,
        }
    }

    /// The state that `next` makes of the wait; the attempt is ready where there is none.
    fn with_wait(&mut self, next: impl FnOnce(RetryWait<E>) -> AttemptState<E>) -> AttemptState<E> {
        self.take_wait().map_or(AttemptState::Ready, next)
    }

    /// The wait for the attempt, which is ready then.
    fn take_wait(&mut self) -> Option<RetryWait<E>> {
        match core::mem::replace(&mut self.state, AttemptState::Ready) {
            AttemptState::RecordingFailure(_, wait)
            | AttemptState::Waiting(wait)
            | AttemptState::TakingPlace(_, wait) => Some(wait),
            AttemptState::RecordingBegin(_) | AttemptState::Ready | AttemptState::InFlight(_) => {
                None
            }
        }
    }

    /// There is no other attempt: the last one is that before the wait.
    fn gives_up(&mut self) -> Result<(), GaveUp<Failure<E>>> {
        match self.take_wait() {
            Some(wait) => Err(GaveUp::new(wait.failure, self.attempt - 1, self.in_doubt)),
            None => Ok(()),
        }
    }
}

impl<'a, C, Q, E> Calling<'a, C, Q, E> {
    pub(super) const fn new(run: &'a Run, call: C, faults: Q) -> Self {
        Self {
            run,
            call,
            faults,
            ongoing: Rare::none(),
        }
    }
}

impl<'a, C, Q, E> Calling<'a, C, Q, E>
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
    pub(super) fn is_watched(&self) -> bool {
        let call = self.call();
        self.is_told()
            || self.ongoing.0.is_some()
            || call.policy().needs_timer()
            || (call.definition.needs_timer() && call.is_first())
    }

    pub(super) fn begin(&self) -> Begin<'a> {
        Begin {
            run: self.run,
            call: self.call(),
            attempt: self.attempt(),
        }
    }

    /// Which attempt is in flight, or waited for.
    fn attempt(&self) -> u32 {
        self.ongoing.0.as_ref().map_or(1, |ongoing| ongoing.attempt)
    }

    fn in_doubt(&self) -> bool {
        self.ongoing
            .0
            .as_ref()
            .is_some_and(|ongoing| ongoing.in_doubt)
    }

    fn ongoing(&mut self) -> &mut Ongoing<E> {
        self.ongoing.0.get_or_insert_with(|| {
            Box::new(Ongoing {
                attempt: 1,
                in_doubt: false,
                state: AttemptState::Ready,
                notes: None,
            })
        })
    }

    /// The attempt in flight has ended.
    pub(super) fn ended(&self) {
        self.run.ended(self.call());
    }

    /// Whatever of the user's runs until [`exit`](Self::exit) belongs to the attempt in flight.
    #[inline]
    pub(super) fn enter(&self) {
        if let Some(spans) = self.notes().and_then(CallNotes::spans) {
            spans.enter();
        }
    }

    #[inline]
    pub(super) fn exit(&self) {
        if let Some(spans) = self.notes().and_then(CallNotes::spans) {
            spans.exit();
        }
    }

    #[inline]
    fn notes(&self) -> Option<&CallNotes> {
        self.ongoing.0.as_ref()?.notes.as_ref()
    }

    /// Tells that an attempt begins.
    fn tell_begin(&mut self) {
        let begin = self.begin();
        if self.notes().is_none() {
            let Some(told) = CallNotes::of(&begin) else {
                return;
            };
            self.ongoing().notes = Some(told);
        }
        if let Some(told) = &mut self.ongoing().notes {
            told.begins(&begin);
        }
    }

    #[cold]
    pub(super) fn completed(&mut self) {
        self.ended();
        let begin = self.begin();
        if let Some(told) = self
            .ongoing
            .0
            .as_mut()
            .and_then(|ongoing| ongoing.notes.take())
        {
            told.completed(&begin);
        }
    }

    /// Whether there may be spans, for which nobody looks where they are not compiled.
    #[inline]
    pub(super) fn has_spans(&self) -> bool {
        spans::IS_BUILT && self.ongoing.0.is_some()
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
        let told = self
            .ongoing
            .0
            .as_mut()
            .and_then(|ongoing| ongoing.notes.as_mut());
        if let Some(told) = told.or_else(|| {
            late = CallNotes::of_failure(&begin);
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
        let told = self
            .ongoing
            .0
            .as_mut()
            .and_then(|ongoing| ongoing.notes.take());
        // There is none of a call that could not begin.
        if let Some(told) = told.or_else(|| CallNotes::of_failure(&begin)) {
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
    pub(super) fn stop<H>(&mut self, gave_up: GaveUp<Failure<E>>) -> Stop<Failure<E>, H> {
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
    pub(super) fn prepare<H>(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Stop<Failure<E>, H>>> {
        let prepared = ready!(self.time_comes(cx));
        if prepared.is_ok() {
            self.tell_begin();
        }
        Poll::Ready(prepared)
    }

    fn time_comes<H>(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Stop<Failure<E>, H>>> {
        if self.ongoing.0.is_none()
            && let Err(stop) = self.begin_call()
        {
            return Poll::Ready(Err(stop));
        }
        if let Err(gave_up) = ready!(self.is_due(cx)) {
            return Poll::Ready(Err(self.stop(gave_up)));
        }
        Poll::Ready(self.start())
    }

    /// Ready when the attempt may begin; an error if there is no such attempt any more.
    fn is_due(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), GaveUp<Failure<E>>>> {
        loop {
            let is_over = match self.ongoing.0.as_deref_mut() {
                None => return Poll::Ready(Ok(())),
                Some(ongoing) => ongoing.wait().map(|wait| wait.poll(cx)),
            };
            // Asked after the wait was polled, which wakes the task from then on.
            let is_ended = is_over.as_ref().is_some_and(Result::is_err) || self.is_ended();
            let (history, call) = (self.run.memory(), self.call());
            let ongoing = self.ongoing();
            let attempt = ongoing.attempt;
            let next = match &mut ongoing.state {
                AttemptState::RecordingFailure(written, _) => {
                    ready!(written.as_mut().poll(cx));
                    ongoing.with_wait(AttemptState::Waiting)
                }
                AttemptState::Waiting(_) | AttemptState::TakingPlace(..) if is_ended => {
                    return Poll::Ready(ongoing.gives_up());
                }
                AttemptState::Waiting(_) if is_over == Some(Ok(false)) => return Poll::Pending,
                AttemptState::Waiting(wait) => match history.filter(|_| wait.timer.is_some()) {
                    Some(history) => {
                        let place = history.has_place();
                        ongoing.with_wait(|wait| AttemptState::TakingPlace(place, wait))
                    }
                    None => AttemptState::Ready,
                },
                AttemptState::TakingPlace(place, _) => {
                    ready!(place.as_mut().poll(cx));
                    match history {
                        Some(history) => {
                            AttemptState::RecordingBegin(history.begins(call, attempt))
                        }
                        None => AttemptState::Ready,
                    }
                }
                AttemptState::RecordingBegin(written) => {
                    ready!(written.as_mut().poll(cx));
                    AttemptState::Ready
                }
                AttemptState::Ready | AttemptState::InFlight(_) => return Poll::Ready(Ok(())),
            };
            panics::discard(core::mem::replace(&mut ongoing.state, next));
        }
    }

    /// Starts the time limit of the attempt, which begins now.
    fn start<H>(&mut self) -> Result<(), Stop<Failure<E>, H>> {
        let attempt = self.attempt();
        self.run.attempted(self.call(), attempt);
        // Found missing before anything has taken effect, rather than when the step comes that needs it.
        let saga_needs_timer = self.call().definition.needs_timer() && self.call().is_first();
        if !saga_needs_timer && !self.policy().needs_timer() {
            return Ok(());
        }
        // A runtime may have no timers, or be shutting down: then Tokio panics.
        let limit = self.limit();
        let started = panics::catch(|| {
            if attempt == 1 {
                timer_at_hand()?;
            }
            Ok(limit.map(|limit| Box::pin(time::sleep(limit))))
        });
        match started {
            Ok(Ok(None)) => Ok(()),
            Ok(Ok(limit)) => {
                self.ongoing().state = AttemptState::InFlight(limit);
                Ok(())
            }
            Ok(Err(reason)) | Err(reason) => {
                let failure = Failure::NotStarted(reason.into());
                self.ended();
                let gave_up = GaveUp::new(failure, attempt - 1, self.in_doubt());
                self.tell_gave_up(&gave_up);
                Err(Stop::GaveUp(gave_up))
            }
        }
    }

    /// Before the first attempt of this life of the process.
    fn begin_call<H>(&mut self) -> Result<(), Stop<Failure<E>, H>> {
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
        let state = match wait {
            None => AttemptState::Ready,
            Some(left) => {
                // No longer than the policy of today could have chosen.
                let left = left.min(longest.unwrap_or_default());
                // Without a timer there is nothing that could be waited for.
                let (timer, request) = self.wait_of(Some(left)).unwrap_or_default();
                let failure = failure.unwrap_or(KeptFailure::Interrupted);
                let failure = failure.again((self.faults)().journal);
                AttemptState::Waiting(RetryWait {
                    failure,
                    timer,
                    request,
                })
            }
        };
        let begun = attempt.saturating_sub(u32::from(wait.is_some()));
        let ongoing = self.ongoing();
        (ongoing.attempt, ongoing.in_doubt, ongoing.state) = (attempt, in_doubt, state);
        self.run.attempted(call, begun);
        true
    }

    /// Whether the run or the group has ended, so that no other attempt begins.
    fn is_ended(&self) -> bool {
        let siblings = self.call().siblings;
        siblings.is_some_and(Siblings::gave_up) || self.cancelled().is_some()
    }

    /// Ready when the attempt in flight has used up its time.
    pub(super) fn timed_out(&mut self, cx: &mut Context<'_>) -> Poll<Failure<E>> {
        let Some(ongoing) = self.ongoing.0.as_deref_mut() else {
            return Poll::Pending;
        };
        let AttemptState::InFlight(Some(timer)) = &mut ongoing.state else {
            return Poll::Pending;
        };
        // An attempt that uses up the task's budget each time must not outlive its limit.
        let mut timer = pin!(tokio::task::coop::unconstrained(timer));
        match panics::catch(|| timer.as_mut().poll(cx)) {
            Ok(polled) => polled.map(|()| Failure::TimedOut(self.limit().unwrap_or_default())),
            // Nothing would end the attempt any more.
            Err(message) => Poll::Ready(Failure::Panicked(message)),
        }
    }

    /// Takes down whether a failed attempt may have taken effect, and begins the wait for another if
    /// that is worth it. Otherwise the call gives up.
    ///
    /// Predicates are the user's code: where `in_doubt` panics the step is in doubt rather than clean,
    /// and where `when` does there is no other attempt.
    #[cold]
    pub(super) fn begins_another(
        &mut self,
        failure: Failure<E>,
        is_clean: bool,
    ) -> Option<GaveUp<Failure<E>>> {
        let (attempt, policy) = (self.attempt(), self.policy());
        let Call { step, phase, .. } = self.call();
        let memory = self.run.memory();
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
        let written = self.run.memory().map(|memory| {
            let Faults { view, journal, .. } = (self.faults)();
            let retry = Retry {
                attempt: attempt + 1,
                in_doubt,
                failure: KeptFailure::of(&failure, view, journal),
                wait: timer.as_ref().map(|timer| left_of(Some(timer))),
            };
            memory.waits(self.call(), retry)
        });
        let wait = RetryWait {
            failure,
            timer,
            request,
        };
        let ongoing = self.ongoing();
        (ongoing.attempt, ongoing.in_doubt) = (attempt + 1, in_doubt);
        ongoing.state = match written {
            Some(written) => AttemptState::RecordingFailure(written, wait),
            None => AttemptState::Waiting(wait),
        };
        None
    }

    /// What ends the wait after this attempt.
    fn wait_for(
        &self,
        attempt: u32,
        policy: &Policy,
    ) -> Result<(Option<Timer>, Option<TokenWatch>), String> {
        self.wait_of(policy.backoff.map(|backoff| backoff.draw(attempt)))
    }

    /// What ends a wait as long as this.
    fn wait_of(
        &self,
        wait: Option<Duration>,
    ) -> Result<(Option<Timer>, Option<TokenWatch>), String> {
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
        let request = token.filter(|_| timer.is_some()).map(TokenWatch::of);
        Ok((timer, request))
    }
}
