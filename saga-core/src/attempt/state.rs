//! The state of the attempts of a call, and what comes next.

use core::pin::pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use tokio::time::{self, Instant};

use crate::attempt::notify::{self, CallNotes};
use crate::attempt::spans;
use crate::attempt::timers::{Timer, left_of, require_timers};
use crate::definition::{Kind, Phase, Policy};
use crate::executor::{Begin, Faults};
use crate::observe::Reason;
use crate::outcome::{Cancellation, Doubt, Failure, GaveUp, Prevention, Stop};
use crate::run::history::{KeptFailure, Resumed, Retry, Written};
use crate::run::{Call, Run, Siblings, TokenWatch};
use crate::util::panics;
use crate::util::rare::Rare;

/// A time limit of less is checked again after this long.
const SHORTEST: Duration = Duration::from_millis(1);

/// A call whose attempts are run.
pub(super) struct Calling<'a, C, Q, E> {
    pub(super) run: &'a Run,
    call: C,
    faults: Q,
    // `None` for a call without a time limit that completes at its first attempt. On the heap, because otherwise every
    // step of every run would reserve the space.
    ongoing: Rare<Ongoing<E>>,
}

/// The state of a call that takes time, or more than one attempt.
struct Ongoing<E> {
    /// The attempt that is next or in flight, counted from 1.
    attempt: u32,
    /// The first attempt that may have taken effect, if there is one.
    doubt: Option<Doubt>,
    /// Whether the time limit of the attempt elapsed while it was being recorded that it begins.
    awaited_record: bool,
    state: AttemptState<E>,
    /// For observers and spans, if there are any.
    notes: Option<CallNotes>,
}

/// The state of an attempt.
enum AttemptState<E> {
    /// The failure of the previous attempt is being recorded; then the wait begins.
    RecordingFailure(Written, RetryWait<E>),
    /// It waits until it is due.
    Waiting(RetryWait<E>),
    /// It is due, and waits for a place among the calls that may run.
    TakingPlace(Written, RetryWait<E>),
    /// Its begin is being recorded.
    RecordingBegin(Written),
    /// It may begin.
    Ready,
    /// It is in flight. If it has a time limit, it ends at the latest when this timer has elapsed.
    InFlight(Option<Timer>),
}

/// The wait before an attempt.
struct RetryWait<E> {
    // The failure of the last attempt, in case no other follows.
    failure: Failure<E>,
    timer: Option<Timer>,
    request: Option<TokenWatch>,
}

impl<E> RetryWait<E> {
    /// Whether the wait is over. If the runtime shuts down, its timers panic and nothing would end the wait: that is an
    /// error.
    fn poll(&mut self, cx: &mut Context<'_>) -> Result<bool, String> {
        if let Some(request) = &mut self.request {
            // Only wakes the task. Whether the run was cancelled is checked separately.
            let _ = request.poll(cx);
        }
        match &mut self.timer {
            Some(timer) => panics::catch(|| timer.as_mut().poll(cx).is_ready()),
            None => Ok(true),
        }
    }
}

impl<E> Ongoing<E> {
    /// The wait for the attempt, while it lasts.
    const fn wait(&mut self) -> Option<&mut RetryWait<E>> {
        match &mut self.state {
            AttemptState::Waiting(wait) | AttemptState::TakingPlace(_, wait) => Some(wait),
            _ => None,
        }
    }

    /// The state that `next` makes of the wait. Without a wait, the attempt is ready.
    fn with_wait(&mut self, next: impl FnOnce(RetryWait<E>) -> AttemptState<E>) -> AttemptState<E> {
        self.take_wait().map_or(AttemptState::Ready, next)
    }

    /// Takes the wait for the attempt, which is ready afterwards.
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

    /// Ends the wait, if there is one, as a failure: no other attempt follows the last one.
    fn give_up(&mut self, prevention: Option<Prevention>) -> Result<(), GaveUp<Failure<E>>> {
        match self.take_wait() {
            Some(wait) => {
                Err(given_up(wait.failure, self.attempt - 1, self.doubt).prevented_by(prevention))
            }
            None => Ok(()),
        }
    }
}

/// The failure of the last one of these attempts.
fn given_up<F>(failure: F, attempts: u32, doubt: Option<Doubt>) -> GaveUp<F> {
    GaveUp::new(failure, attempts, doubt.is_some()).in_doubt_since(doubt)
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

    /// The policy, looked up only when time passes or something fails.
    #[cold]
    fn policy(&self) -> &'a Policy {
        self.run.policy(self.call())
    }

    /// The time limit of an attempt. That of a step that runs a saga is the deadline of the nested run instead.
    fn limit(&self) -> Option<Duration> {
        let Call { step, phase, .. } = self.call();
        let is_nested = step.nested.is_some() && phase == Phase::Step;
        self.policy().timeout.filter(|_| !is_nested)
    }

    /// Whether anything beside the method affects an attempt: a clock, a cancellation, siblings, earlier attempts, an
    /// observer or spans.
    #[inline]
    pub(super) fn is_watched(&self) -> bool {
        let call = self.call();
        self.is_observed()
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

    /// The attempt that is in flight or waited for.
    fn attempt(&self) -> u32 {
        self.ongoing.0.as_ref().map_or(1, |ongoing| ongoing.attempt)
    }

    fn doubt(&self) -> Option<Doubt> {
        self.ongoing.0.as_ref()?.doubt
    }

    fn ongoing(&mut self) -> &mut Ongoing<E> {
        self.ongoing.0.get_or_insert_with(|| {
            Box::new(Ongoing {
                attempt: 1,
                doubt: None,
                awaited_record: false,
                state: AttemptState::Ready,
                notes: None,
            })
        })
    }

    /// Records that the attempt in flight has ended.
    pub(super) fn ended(&self) {
        self.run.ended(self.call());
    }

    /// Enters the spans: user code that runs until [`exit`](Self::exit) belongs to the attempt in flight.
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

    /// Reports that an attempt begins.
    fn notify_begin(&mut self) {
        let begin = self.begin();
        if self.notes().is_none() {
            let Some(notes) = CallNotes::of(&begin) else {
                return;
            };
            self.ongoing().notes = Some(notes);
        }
        if let Some(notes) = &mut self.ongoing().notes {
            notes.begins(&begin);
        }
    }

    #[cold]
    pub(super) fn completed(&mut self) {
        self.ended();
        let begin = self.begin();
        if let Some(notes) = self
            .ongoing
            .0
            .as_mut()
            .and_then(|ongoing| ongoing.notes.take())
        {
            notes.completed(&begin);
        }
    }

    /// Whether there may be spans: never if they are not compiled in.
    #[inline]
    pub(super) fn has_spans(&self) -> bool {
        spans::IS_BUILT && self.ongoing.0.is_some()
    }

    /// Whether there may be an observer or spans.
    #[inline]
    fn is_observed(&self) -> bool {
        self.run.has_options() || spans::is_on()
    }

    /// Reports that the attempt in flight failed, and the wait if another attempt follows.
    fn notify_failed(&mut self, failure: &Failure<E>, in_doubt: bool, retry_in: Option<Duration>) {
        if !self.is_observed() {
            return;
        }
        let begin = self.begin();
        let view = (self.faults)().view;
        let mut late = None;
        let notes = self
            .ongoing
            .0
            .as_mut()
            .and_then(|ongoing| ongoing.notes.as_mut());
        if let Some(notes) = notes.or_else(|| {
            late = CallNotes::of_failure(&begin);
            late.as_mut()
        }) {
            let text = || failure.view(view).text();
            let reason = Reason::new(failure.kind(), &text);
            notes.attempt_ended(&begin, notify::outcome_of(in_doubt), Some(reason), retry_in);
        }
    }

    /// Reports that no other attempt follows.
    fn notify_gave_up(&mut self, gave_up: &GaveUp<Failure<E>>) {
        if !self.is_observed() && !spans::wants_events() {
            return;
        }
        let begin = self.begin();
        let view = (self.faults)().view;
        let notes = self
            .ongoing
            .0
            .as_mut()
            .and_then(|ongoing| ongoing.notes.take());
        // A call that could not begin has no notes.
        if let Some(notes) = notes.or_else(|| CallNotes::of_failure(&begin)) {
            let text = || gave_up.failure.view(view).text();
            let reason = Reason::new(gave_up.failure.kind(), &text);
            let outcome = notify::outcome_of(gave_up.in_doubt);
            notes.ended(&begin, outcome, Some(reason), gave_up.attempts);
        }
    }

    /// What ended the run from outside, if the call can still be cancelled.
    fn cancelled(&self) -> Option<Cancellation> {
        if !self.run.has_options() || !self.call().can_be_cancelled() {
            return None;
        }
        self.run.limits()?.ended()
    }

    /// What prevents another attempt that is allowed, if anything does. A group is stopped before the run is: what
    /// stopped it came first.
    fn prevention(&self) -> Option<Prevention> {
        let siblings = self.call().siblings;
        let group = siblings.and_then(Siblings::stopped_by);
        group.or_else(|| self.cancelled().map(Cancellation::prevention))
    }

    /// Reports that no other attempt follows.
    #[cold]
    pub(super) fn stop<H>(&mut self, gave_up: GaveUp<Failure<E>>) -> Stop<Failure<E>, H> {
        self.notify_gave_up(&gave_up);
        gave_up.into()
    }

    /// Waits until the next attempt is due, then starts its time limit.
    #[cold]
    pub(super) fn prepare<H>(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Stop<Failure<E>, H>>> {
        let prepared = ready!(self.time_comes(cx));
        if prepared.is_ok() {
            self.notify_begin();
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

    /// Ready when the attempt may begin. An error if no other attempt is made.
    fn is_due(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), GaveUp<Failure<E>>>> {
        loop {
            let is_over = match self.ongoing.0.as_deref_mut() {
                None => return Poll::Ready(Ok(())),
                Some(ongoing) => ongoing.wait().map(|wait| wait.poll(cx)),
            };
            // Checked after the wait was polled: from then on a cancellation wakes the task.
            let prevention = self.prevention();
            let is_ended = is_over.as_ref().is_some_and(Result::is_err) || prevention.is_some();
            let (history, call) = (self.run.memory(), self.call());
            let ongoing = self.ongoing();
            let attempt = ongoing.attempt;
            let next = match &mut ongoing.state {
                AttemptState::RecordingFailure(written, _) => {
                    ready!(written.as_mut().poll(cx));
                    ongoing.with_wait(AttemptState::Waiting)
                }
                AttemptState::Waiting(_) | AttemptState::TakingPlace(..) if is_ended => {
                    return Poll::Ready(ongoing.give_up(prevention));
                }
                AttemptState::Waiting(_) if is_over == Some(Ok(false)) => return Poll::Pending,
                AttemptState::Waiting(wait) => match history.filter(|_| wait.timer.is_some()) {
                    Some(history) => {
                        let place = history.take_place();
                        ongoing.with_wait(|wait| AttemptState::TakingPlace(place, wait))
                    }
                    None => AttemptState::Ready,
                },
                AttemptState::TakingPlace(place, _) => {
                    ready!(place.as_mut().poll(cx));
                    match history {
                        Some(history) => {
                            AttemptState::RecordingBegin(history.record_begin(call, attempt))
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
        // Checked at the first step: a missing timer is found before anything has taken effect, not at the step that
        // needs it.
        let saga_needs_timer = self.call().definition.needs_timer() && self.call().is_first();
        if !saga_needs_timer && !self.policy().needs_timer() {
            return Ok(());
        }
        // Tokio panics if the runtime has no timers or is shutting down.
        let limit = self.limit();
        let started = panics::catch(|| {
            if attempt == 1 {
                require_timers()?;
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
                let gave_up = given_up(failure, attempt - 1, self.doubt());
                self.notify_gave_up(&gave_up);
                Err(Stop::GaveUp(gave_up))
            }
        }
    }

    /// Runs before the first attempt in this process.
    fn begin_call<H>(&mut self) -> Result<(), Stop<Failure<E>, H>> {
        // An attempt that is already in flight is not cancelled.
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

    /// Resumes the call if an earlier process began it.
    fn resume(&mut self) -> bool {
        let call = self.call();
        let Some(resumed) = self.run.memory().and_then(|memory| memory.resumed(call)) else {
            return false;
        };
        let Resumed {
            attempt,
            doubt,
            wait,
            failure,
        } = resumed;
        let backoff = self.policy().backoff;
        let longest = backoff.map(|backoff| backoff.ceiling(attempt - 1));
        let state = match wait {
            None => AttemptState::Ready,
            Some(left) => {
                // At most the longest wait of the current policy.
                let left = left.min(longest.unwrap_or_default());
                // Without a timer no wait is possible.
                let (timer, request) = self.wait_of(Some(left)).unwrap_or_default();
                let failure = failure.unwrap_or(KeptFailure::Interrupted);
                let failure = failure.into_failure((self.faults)().journal);
                AttemptState::Waiting(RetryWait {
                    failure,
                    timer,
                    request,
                })
            }
        };
        let begun = attempt.saturating_sub(u32::from(wait.is_some()));
        let ongoing = self.ongoing();
        (ongoing.attempt, ongoing.doubt, ongoing.state) = (attempt, doubt, state);
        self.run.attempted(call, begun);
        true
    }

    /// Ready when the attempt in flight has exceeded its time limit.
    pub(super) fn timed_out(&mut self, cx: &mut Context<'_>) -> Poll<Failure<E>> {
        loop {
            let Some(ongoing) = self.ongoing.0.as_deref_mut() else {
                return Poll::Pending;
            };
            let AttemptState::InFlight(Some(timer)) = &mut ongoing.state else {
                return Poll::Pending;
            };
            // Unconstrained: an attempt that uses up the task's budget in each poll must not outlive its limit.
            let mut polled = pin!(tokio::task::coop::unconstrained(timer));
            match panics::catch(|| polled.as_mut().poll(cx)) {
                Ok(Poll::Pending) => return Poll::Pending,
                // Without a timer nothing would end the attempt.
                Err(message) => return Poll::Ready(Failure::Panicked(message)),
                Ok(Poll::Ready(())) => {}
            }
            let limit = self.limit().unwrap_or_default();
            let has_called_method = self.has_called_method();
            let ongoing = self.ongoing();
            // Of a limit during which the record was written the method had only a part: it gets a whole one.
            let had_whole_limit =
                !core::mem::replace(&mut ongoing.awaited_record, !has_called_method);
            if has_called_method && had_whole_limit {
                return Poll::Ready(Failure::TimedOut(limit));
            }
            match panics::catch(|| Box::pin(time::sleep(limit.max(SHORTEST)))) {
                Ok(timer) => self.ongoing().state = AttemptState::InFlight(Some(timer)),
                Err(message) => return Poll::Ready(Failure::Panicked(message)),
            }
        }
    }

    /// Whether the attempt in flight has called its method: not while it is being recorded that the condition of the
    /// step returned `true`, however long that takes. The time limit is that of the method.
    fn has_called_method(&self) -> bool {
        let call = self.call();
        let is_recorded_first = call.phase == Phase::Step
            && call.step.condition.is_some()
            && call.step.nested.is_none();
        match self.run.memory() {
            Some(history) if is_recorded_first => history.has_begun(call),
            _ => true,
        }
    }

    /// Records whether a failed attempt may have taken effect, and begins the wait if another attempt is worth it.
    /// Otherwise the call gives up.
    ///
    /// Predicates are user code: if `in_doubt` panics, the step is in doubt; if `when` panics, no other attempt
    /// follows.
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
            // Decided in the earlier process, which had the error itself.
            self.ended();
            self.notify_failed(&failure, before.in_doubt, None);
            return Some(before.of(failure));
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
        let doubt = self.doubt();
        let doubt = doubt.or_else(|| in_doubt.then(|| Doubt::of(attempt)));
        let in_doubt = doubt.is_some();
        self.ended();
        // The last attempt allowed: whatever happened meanwhile has prevented nothing.
        let prevention = if !worth_it {
            None
        } else if phase == Phase::Step && step.at_most_once && in_doubt {
            Some(Prevention::AtMostOnce)
        } else {
            self.prevention()
        };
        if !worth_it || prevention.is_some() {
            self.notify_failed(&failure, attempt_in_doubt, None);
            return Some(given_up(failure, attempt, doubt).prevented_by(prevention));
        }
        let Ok((timer, request)) = self.wait_for(attempt, policy) else {
            // The runtime is shutting down: no other attempt can follow.
            self.notify_failed(&failure, attempt_in_doubt, None);
            return Some(given_up(failure, attempt, doubt));
        };
        let retry_in = self.is_observed().then(|| left_of(timer.as_ref()));
        self.notify_failed(&failure, attempt_in_doubt, retry_in);
        let written = self.run.memory().map(|memory| {
            let Faults { view, journal, .. } = (self.faults)();
            let retry = Retry {
                attempt: attempt + 1,
                in_doubt,
                failure: KeptFailure::of(&failure, view, journal),
                wait: timer.as_ref().map(|timer| left_of(Some(timer))),
            };
            memory.record_wait(self.call(), retry)
        });
        let wait = RetryWait {
            failure,
            timer,
            request,
        };
        let ongoing = self.ongoing();
        (ongoing.attempt, ongoing.doubt) = (attempt + 1, doubt);
        ongoing.awaited_record = false;
        ongoing.state = match written {
            Some(written) => AttemptState::RecordingFailure(written, wait),
            None => AttemptState::Waiting(wait),
        };
        None
    }

    /// The timer and the cancellation that end the wait after this attempt.
    fn wait_for(
        &self,
        attempt: u32,
        policy: &Policy,
    ) -> Result<(Option<Timer>, Option<TokenWatch>), String> {
        self.wait_of(policy.backoff.map(|backoff| backoff.draw(attempt)))
    }

    /// The timer and the cancellation that end a wait of this length.
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
