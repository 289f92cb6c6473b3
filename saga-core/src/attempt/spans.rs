//! Spans and events of `tracing` for what a run does.
//!
//! Writes the events that observers receive. A subscriber is foreign code: every call into it is guarded, and its
//! errors do not change the run. `docs/observing.md` lists the fields.

#[cfg(feature = "durable")]
use core::future::Future;
use core::mem;
use core::time::Duration;

use tracing::field::Empty;
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::{Level, Span, debug, info_span, warn};

use crate::definition::Phase;
use crate::executor::Begin;
use crate::observe::{EventKind, Reason};
use crate::outcome::Outcome;
use crate::util::panics;

/// The target of every span and event, so that one filter selects them all.
pub(crate) const TARGET: &str = "saga_core";

/// Whether spans are compiled in.
pub(crate) const IS_BUILT: bool = true;

/// Whether a subscriber may want spans. It only compares a number, and is checked first.
#[inline]
pub(crate) fn is_on() -> bool {
    Level::INFO <= STATIC_MAX_LEVEL && Level::INFO <= LevelFilter::current()
}

/// The span that `make` creates. `None` if that panics or no subscriber wants the span.
pub(crate) fn span_of(make: impl FnOnce() -> Span) -> Option<Span> {
    let span = panics::catch(make).ok()?;
    (!span.is_disabled()).then_some(span)
}

fn enter(span: &Span) {
    // By hand instead of by a guard, which would exit the span while it unwinds.
    let entered = || span.with_subscriber(|(id, subscriber)| subscriber.enter(id));
    let _ = panics::catch(entered);
}

fn exit(span: &Span) {
    let exited = || span.with_subscriber(|(id, subscriber)| subscriber.exit(id));
    let _ = panics::catch(exited);
}

/// Keeps a span entered until this is dropped.
pub(crate) struct Entered<'a>(&'a Span);

impl<'a> Entered<'a> {
    pub(crate) fn into(span: &'a Span) -> Self {
        enter(span);
        Self(span)
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        exit(self.0);
    }
}

/// The span of a step or compensation, and that of its attempt in flight.
pub(crate) struct CallSpans {
    call: Span,
    attempt: Option<Span>,
}

impl CallSpans {
    /// For this call, which begins. `None` if no subscriber wants spans.
    pub(crate) fn of(begin: &Begin<'_>) -> Option<Self> {
        if !is_on() {
            return None;
        }
        let call = span_of(|| of_call(begin))?;
        Some(Self {
            call,
            attempt: None,
        })
    }

    /// Enters the spans: user code that runs until [`exit`](Self::exit) is in the attempt's span.
    pub(crate) fn enter(&self) {
        enter(&self.call);
        if let Some(attempt) = &self.attempt {
            enter(attempt);
        }
    }

    pub(crate) fn exit(&self) {
        if let Some(attempt) = &self.attempt {
            exit(attempt);
        }
        exit(&self.call);
    }

    pub(crate) fn record(&mut self, begin: &Begin<'_>, kind: &EventKind<'_>) {
        match *kind {
            EventKind::AttemptStarted { attempt, .. } => self.attempt_started(attempt),
            EventKind::AttemptEnded {
                outcome,
                reason,
                took,
                ..
            } => self.attempt_ended(outcome, reason, took),
            EventKind::StepEnded {
                outcome,
                reason,
                attempts,
                took,
                ..
            } => {
                let record = || {
                    self.call.record("saga.attempts", attempts);
                    end(&self.call, outcome.as_str(), took, reason);
                };
                let _ = panics::catch(record);
            }
            _ => {}
        }
        let _entered = Entered::into(&self.call);
        event(begin, kind);
    }

    fn attempt_started(&mut self, attempt: u32) {
        self.attempt = span_of(|| {
            info_span!(
                target: TARGET,
                parent: &self.call,
                "attempt",
                saga.attempt = attempt,
                saga.outcome = Empty,
                saga.duration = Empty,
                error.type = Empty,
                otel.status_code = Empty,
            )
        });
    }

    fn attempt_ended(&mut self, outcome: Outcome, reason: Option<Reason<'_>>, took: Duration) {
        if let Some(attempt) = self.attempt.take() {
            let _ = panics::catch(|| end(&attempt, outcome.as_str(), took, reason));
            panics::discard(attempt);
        }
    }
}

/// Whether a subscriber may want events for failures.
pub(crate) fn wants_events() -> bool {
    Level::WARN <= STATIC_MAX_LEVEL && Level::WARN <= LevelFilter::current()
}

/// Writes the event for a failed attempt or call. The call may have no spans, so the event names the saga and the run.
pub(crate) fn event(begin: &Begin<'_>, kind: &EventKind<'_>) {
    let record = || match *kind {
        EventKind::AttemptEnded {
            step,
            phase,
            attempt,
            outcome,
            reason: Some(reason),
            retry_in: Some(wait),
            ..
        } => debug!(
            target: TARGET,
            {
                saga.name = begin.call.definition.name,
                saga.id = %begin.run.id().escaped(),
                saga.step = step.name,
                saga.phase = phase.as_str(),
                saga.attempt = attempt,
                saga.outcome = outcome.as_str(),
                saga.wait = wait.as_secs_f64(),
                error.type = reason.kind().as_str(),
                exception.message = reason.text().message.as_str(),
            },
            "the attempt did not complete, another follows",
        ),
        EventKind::StepEnded {
            step,
            phase,
            outcome,
            reason: Some(reason),
            attempts,
            ..
        } => warn!(
            target: TARGET,
            {
                saga.name = begin.call.definition.name,
                saga.id = %begin.run.id().escaped(),
                saga.step = step.name,
                saga.phase = phase.as_str(),
                saga.attempts = attempts,
                saga.outcome = outcome.as_str(),
                error.type = reason.kind().as_str(),
                exception.message = reason.text().message.as_str(),
            },
            "gave up",
        ),
        _ => {}
    };
    let _ = panics::catch(record);
}

impl Drop for CallSpans {
    fn drop(&mut self) {
        // Dropped one by one: closing a span may panic.
        panics::discard(self.attempt.take());
        panics::discard(mem::replace(&mut self.call, Span::none()));
    }
}

fn of_call(begin: &Begin<'_>) -> Span {
    let call = &begin.call;
    let step = (call.step.method, call.step.location);
    let undo = call.step.compensation.as_ref();
    // A step that runs a saga has no compensation: the method that returns the input stands for its undo too.
    let (method, location) = match call.phase {
        Phase::Compensation => undo.map_or(step, |undo| (undo.method, undo.location)),
        Phase::Step => step,
    };
    match call.phase {
        Phase::Compensation => info_span!(
            target: TARGET,
            "compensation",
            saga.step = call.step.name,
            saga.attempts = Empty,
            saga.outcome = Empty,
            saga.duration = Empty,
            error.type = Empty,
            otel.name = %format_args!("undo {}", call.step.name),
            otel.status_code = Empty,
            code.function.name = method,
            code.file.path = location.file,
            code.line.number = location.line,
        ),
        Phase::Step => info_span!(
            target: TARGET,
            "step",
            saga.step = call.step.name,
            saga.attempts = Empty,
            saga.outcome = Empty,
            saga.duration = Empty,
            error.type = Empty,
            otel.name = call.step.name,
            otel.status_code = Empty,
            code.function.name = method,
            code.file.path = location.file,
            code.line.number = location.line,
        ),
    }
}

/// Records the end of a span.
pub(crate) fn end(span: &Span, outcome: &str, took: Duration, reason: Option<Reason<'_>>) {
    span.record("saga.outcome", outcome);
    span.record("saga.duration", took.as_secs_f64());
    if let Some(reason) = reason {
        span.record("error.type", reason.kind().as_str());
        // Of a successful span, a library leaves the status unset: the application decides about that.
        span.record("otel.status_code", "ERROR");
    }
}

/// Runs a future that only reads records, without a subscriber: its events were written when they happened.
#[cfg(feature = "durable")]
pub(crate) fn silently<F: Future>(read: F) -> impl Future<Output = F::Output> {
    use tracing::instrument::WithSubscriber as _;
    read.with_subscriber(tracing::subscriber::NoSubscriber::new())
}
