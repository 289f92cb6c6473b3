//! What those who look on are told of one call: the [observer](crate::observe::Observer) of its run, and `tracing`.
//!
//! All of it is out of the way of a run that nobody looks at.

use core::cell::Cell;
use core::future::{Future, poll_fn};
use core::pin::pin;

use tokio::time::Instant;

use crate::attempt::spans::{self, CallSpans};
use crate::definition::Phase;
use crate::executor::Begin;
use crate::observe::{EventKind, Reason};
use crate::outcome::{ErrorText, FailureKind, GaveUp, Outcome};

/// What is kept of a call for those who look on.
pub(crate) struct CallNotes {
    began: Instant,
    attempt_began: Instant,
    spans: Option<CallSpans>,
}

impl CallNotes {
    /// Of this call, which begins; none if nobody looks on.
    pub(crate) fn of(begin: &Begin<'_>) -> Option<Self> {
        let spans = CallSpans::of(begin);
        let looks_on = spans.is_some() || begin.run.observed().is_some();
        looks_on.then(|| Self::now(spans))
    }

    /// Of a call that nobody looked at until now that it fails.
    pub(crate) fn of_failure(begin: &Begin<'_>) -> Option<Self> {
        let told = Self::of(begin);
        told.or_else(|| spans::wants_events().then(|| Self::now(None)))
    }

    fn now(spans: Option<CallSpans>) -> Self {
        let now = Instant::now();
        Self {
            began: now,
            attempt_began: now,
            spans,
        }
    }

    /// This attempt begins.
    pub(crate) fn begins(&mut self, begin: &Begin<'_>) {
        // The call began with it.
        if begin.attempt > 1 {
            self.attempt_began = Instant::now();
        }
        self.tell(
            begin,
            EventKind::AttemptStarted {
                step: begin.call.step,
                phase: begin.call.phase,
                attempt: begin.attempt,
            },
        );
    }

    /// This attempt completed, and its call with it.
    pub(crate) fn completed(mut self, begin: &Begin<'_>) {
        let call = &begin.call;
        let is_skipped = call.phase == Phase::Step && call.step.condition.is_some() && is_skipped();
        let outcome = if is_skipped {
            Outcome::Skipped
        } else {
            Outcome::Completed
        };
        self.attempt_ended(begin, outcome, None, None);
        self.ended(begin, outcome, None, begin.attempt);
    }

    /// This attempt ended; if another follows, it does so after this time.
    pub(crate) fn attempt_ended(
        &mut self,
        begin: &Begin<'_>,
        outcome: Outcome,
        reason: Option<Reason<'_>>,
        retry_in: Option<core::time::Duration>,
    ) {
        self.tell(
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

    /// The call ended, after so many attempts.
    pub(crate) fn ended(
        mut self,
        begin: &Begin<'_>,
        outcome: Outcome,
        reason: Option<Reason<'_>>,
        attempts: u32,
    ) {
        self.tell(
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

    /// The compensations of a nested saga have run, which this call is; some of them may have given up.
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

    fn tell(&mut self, begin: &Begin<'_>, kind: EventKind<'_>) {
        match &mut self.spans {
            Some(spans) => spans.tell(begin, &kind),
            None => spans::event(begin, &kind),
        }
        begin.run.tell(begin.call.definition, kind);
    }

    pub(crate) const fn spans(&self) -> Option<&CallSpans> {
        self.spans.as_ref()
    }
}

/// A future, each poll of which is in the spans of a call.
pub(crate) async fn within<F: Future>(told: Option<&CallNotes>, future: F) -> F::Output {
    let mut future = pin!(future);
    let spans = told.and_then(CallNotes::spans);
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

/// How a call that gave up is told.
pub(crate) const fn outcome_of(in_doubt: bool) -> Outcome {
    if in_doubt {
        Outcome::InDoubt
    } else {
        Outcome::Failed
    }
}

thread_local! {
    // The output of an attempt is of a type that nothing is known of: this says of the last one on this
    // thread that had a condition whether it was skipped. It is read in the poll that sets it.
    static SKIPPED: Cell<bool> = const { Cell::new(false) };
}

/// The attempt that now completes has a condition: whether that said no.
#[inline]
pub(crate) fn set_skipped(skipped: bool) {
    SKIPPED.set(skipped);
}

pub(crate) fn is_skipped() -> bool {
    SKIPPED.get()
}
