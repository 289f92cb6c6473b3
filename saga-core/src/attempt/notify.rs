//! Reports the events of one call to the [observer](crate::observe::Observer) of its run and to `tracing`.
//!
//! A run without observer and spans does none of this.

use core::future::{Future, poll_fn};
use core::pin::pin;

use tokio::time::Instant;

use crate::attempt::spans::{self, CallSpans};
use crate::definition::Phase;
use crate::executor::Begin;
use crate::observe::{EventKind, Reason};
use crate::outcome::{ErrorText, FailureKind, GaveUp, Outcome};

/// What is kept of a call for observers and spans.
pub(crate) struct CallNotes {
    began: Instant,
    attempt_began: Instant,
    spans: Option<CallSpans>,
}

impl CallNotes {
    /// For this call, which begins. `None` if it has neither observer nor spans.
    pub(crate) fn of(begin: &Begin<'_>) -> Option<Self> {
        let spans = CallSpans::of(begin);
        let is_observed = spans.is_some() || begin.run.observed().is_some();
        is_observed.then(|| Self::now(spans))
    }

    /// For a call that fails and had no notes until then.
    pub(crate) fn of_failure(begin: &Begin<'_>) -> Option<Self> {
        let notes = Self::of(begin);
        notes.or_else(|| spans::wants_events().then(|| Self::now(None)))
    }

    fn now(spans: Option<CallSpans>) -> Self {
        let now = Instant::now();
        Self {
            began: now,
            attempt_began: now,
            spans,
        }
    }

    /// Reports that this attempt begins.
    pub(crate) fn begins(&mut self, begin: &Begin<'_>) {
        if begin.call.phase == Phase::Step && begin.call.step.condition.is_some() {
            // Of the step that was there before it. Nothing else sets it if an executor never calls the method.
            begin.run.set_skipped(begin.call, false);
        }
        // The first attempt begins with the call.
        if begin.attempt > 1 {
            self.attempt_began = Instant::now();
        }
        self.notify(
            begin,
            EventKind::AttemptStarted {
                step: begin.call.step,
                phase: begin.call.phase,
                attempt: begin.attempt,
            },
        );
    }

    /// Reports that this attempt completed, and its call with it.
    pub(crate) fn completed(mut self, begin: &Begin<'_>) {
        let outcome = if begin.run.is_skipped(begin.call) {
            Outcome::Skipped
        } else {
            Outcome::Completed
        };
        self.attempt_ended(begin, outcome, None, None);
        self.ended(begin, outcome, None, begin.attempt);
    }

    /// Reports that this attempt ended. If another one follows, `retry_in` is the wait before it.
    pub(crate) fn attempt_ended(
        &mut self,
        begin: &Begin<'_>,
        outcome: Outcome,
        reason: Option<Reason<'_>>,
        retry_in: Option<core::time::Duration>,
    ) {
        self.notify(
            begin,
            EventKind::AttemptEnded {
                step: begin.call.step,
                phase: begin.call.phase,
                attempt: begin.attempt,
                outcome,
                reason,
                took: self.attempt_began.elapsed(),
                retry_in,
            },
        );
    }

    /// Reports that the call ended, after this many attempts.
    pub(crate) fn ended(
        mut self,
        begin: &Begin<'_>,
        outcome: Outcome,
        reason: Option<Reason<'_>>,
        attempts: u32,
    ) {
        self.notify(
            begin,
            EventKind::StepEnded {
                step: begin.call.step,
                phase: begin.call.phase,
                outcome,
                reason,
                attempts,
                took: self.began.elapsed(),
            },
        );
    }

    /// Reports that the compensations of a nested saga have run, for the call that undoes the step around it. Some of
    /// them may have given up.
    pub(crate) fn undone(mut self, begin: &Begin<'_>, gave_up: Option<&GaveUp<ErrorText>>) {
        let Some(gave_up) = gave_up else {
            self.attempt_ended(begin, Outcome::Completed, None, None);
            return self.ended(begin, Outcome::Completed, None, 1);
        };
        let text = || gave_up.failure.clone();
        let reason = Reason::new(FailureKind::Error, &text);
        let outcome = outcome_of(gave_up.in_doubt);
        self.attempt_ended(begin, outcome, Some(reason), None);
        self.ended(begin, outcome, Some(reason), gave_up.attempts);
    }

    fn notify(&mut self, begin: &Begin<'_>, kind: EventKind<'_>) {
        match &mut self.spans {
            Some(spans) => spans.record(begin, &kind),
            None => spans::event(begin, &kind),
        }
        begin.run.notify(begin.call.definition, kind);
    }

    pub(crate) const fn spans(&self) -> Option<&CallSpans> {
        self.spans.as_ref()
    }
}

/// Runs a future with the spans of a call entered during each poll.
pub(crate) async fn within<F: Future>(notes: Option<&CallNotes>, future: F) -> F::Output {
    let mut future = pin!(future);
    let spans = notes.and_then(CallNotes::spans);
    poll_fn(|cx| {
        if let Some(spans) = spans {
            spans.enter();
        }
        let polled = future.as_mut().poll(cx);
        if let Some(spans) = spans {
            spans.exit();
        }
        polled
    })
    .await
}

/// The outcome of a call that gave up.
pub(crate) const fn outcome_of(in_doubt: bool) -> Outcome {
    if in_doubt {
        Outcome::InDoubt
    } else {
        Outcome::Failed
    }
}
