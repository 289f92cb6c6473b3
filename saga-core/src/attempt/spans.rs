//! Spans and events of `tracing` for what a run does.
//!
//! Knows what observers are told, and writes that. A subscriber is somebody else's code: whatever of it runs
//! here is guarded, and what it does wrong changes nothing of the run. `docs/observing.md` has the fields.

use core::cell::Cell;
use core::future::Future;
use core::marker::PhantomData;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::{Level, Span, debug, error, info_span, warn};

use crate::definition::{Definition, Phase};
use crate::drive::error::SagaError;
use crate::executor::Begin;
use crate::id::SagaId;
use crate::machine::Saga;
use crate::observe::{EventKind, Reason, SagaOutcome};
use crate::outcome::{CompensationFailure, Outcome};
use crate::run::Run;
use crate::util::panics;

/// Of every span and event, so that a filter can name them all.
const TARGET: &str = "saga_core";

/// What is put into `saga.outcome` of a saga that has no end.
const STOPPED: &str = "stopped";

/// Whether there is anything here.
pub(crate) const IS_BUILT: bool = true;

/// Whether anybody may want spans: one look at a number, before all else.
#[inline]
pub(crate) fn is_on() -> bool {
    Level::INFO <= STATIC_MAX_LEVEL && Level::INFO <= LevelFilter::current()
}

/// A span that this makes; none if it panics, or nobody wants it.
fn span_of(make: impl FnOnce() -> Span) -> Option<Span> {
    let span = panics::catch(make).ok()?;
    (!span.is_disabled()).then_some(span)
}

fn enter(span: &Span) {
    // By hand, not by a guard, which would leave while it unwinds.
    let entered = || span.with_subscriber(|(id, subscriber)| subscriber.enter(id));
    let _ = panics::catch(entered);
}

fn exit(span: &Span) {
    let exited = || span.with_subscriber(|(id, subscriber)| subscriber.exit(id));
    let _ = panics::catch(exited);
}

/// A span entered, until this is dropped.
struct Entered<'a>(&'a Span);

impl<'a> Entered<'a> {
    fn into(span: &'a Span) -> Self {
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
    /// Of this call, which begins; none if nobody wants them.
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

    /// Everything of the user's that runs until [`exit`](Self::exit) is in the attempt's span.
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

    pub(crate) fn tell(&mut self, begin: &Begin<'_>, kind: &EventKind<'_>) {
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
                let told = || {
                    self.call.record("saga.attempts", attempts);
                    end(&self.call, outcome.as_str(), took, reason);
                };
                let _ = panics::catch(told);
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

/// Whether anybody may want events for what goes wrong.
pub(crate) fn wants_events() -> bool {
    Level::WARN <= STATIC_MAX_LEVEL && Level::WARN <= LevelFilter::current()
}

/// What is written of a call besides its spans, which it may have none of: so it says whose it is.
pub(crate) fn event(begin: &Begin<'_>, kind: &EventKind<'_>) {
    let told = || match *kind {
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
    let _ = panics::catch(told);
}

impl Drop for CallSpans {
    fn drop(&mut self) {
        // Each by itself: closing one may panic.
        panics::discard(self.attempt.take());
        panics::discard(mem::replace(&mut self.call, Span::none()));
    }
}

fn of_call(begin: &Begin<'_>) -> Span {
    let call = &begin.call;
    let step = (call.step.method, call.step.location);
    let undo = call.step.compensation.as_ref();
    // The method that says with what a saga begins stands for its undo too.
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

/// Writes how it ended.
fn end(span: &Span, outcome: &str, took: Duration, reason: Option<Reason<'_>>) {
    span.record("saga.outcome", outcome);
    span.record("saga.duration", took.as_secs_f64());
    if let Some(reason) = reason {
        span.record("error.type", reason.kind().as_str());
        // Of one that went well a library says nothing: that is for the application to decide.
        span.record("otel.status_code", "ERROR");
    }
}

thread_local! {
    // The span of a saga is around its run, and the id of the run is known inside: this is how the one
    // comes to the other, within the first poll.
    static BEGINNING: Cell<Option<Span>> = const { Cell::new(None) };
}

/// The saga of this run begins, in its span.
#[inline]
pub(crate) fn began(run: &Run) {
    if is_on()
        && let Some(span) = BEGINNING.try_with(Cell::take).ok().flatten()
    {
        let id = run.id();
        let _ = panics::catch(|| {
            span.record("saga.id", tracing::field::display(id.escaped()));
        });
        panics::discard(span);
    }
}

/// What is only read: it was told when it happened.
#[cfg(feature = "durable")]
pub(crate) fn silently<F: Future>(read: F) -> impl Future<Output = F::Output> {
    use tracing::instrument::WithSubscriber as _;
    read.with_subscriber(tracing::subscriber::NoSubscriber::new())
}

/// The run of a saga, in its span.
pub(crate) fn around<S, T, H, F>(run: F) -> Around<S, F>
where
    S: Saga,
    F: Future<Output = Result<Result<T, SagaError<S>>, H>>,
{
    Around {
        run,
        span: SagaSpan::NotPolled,
        saga: PhantomData,
    }
}

pin_project! {
    /// The future of [`around`].
    pub(crate) struct Around<S, F> {
        // Dropped before the span: what is in flight may say something.
        #[pin]
        run: F,
        span: SagaSpan,
        saga: PhantomData<fn() -> S>,
    }
}

enum SagaSpan {
    NotPolled,
    NotWanted,
    Open(Box<Open>),
}

struct Open {
    span: Span,
    began: Instant,
    ended: bool,
}

impl Open {
    fn of(definition: &'static Definition) -> SagaSpan {
        let make = || {
            info_span!(
                target: TARGET,
                "saga",
                saga.name = definition.name,
                saga.id = Empty,
                saga.step = Empty,
                saga.outcome = Empty,
                saga.duration = Empty,
                error.type = Empty,
                otel.name = definition.name,
                otel.status_code = Empty,
                code.file.path = definition.location.file,
                code.line.number = definition.location.line,
            )
        };
        match is_on().then(|| span_of(make)).flatten() {
            None => SagaSpan::NotWanted,
            Some(span) => {
                // A copy tells the subscriber, too.
                let copy = panics::catch(|| span.clone()).ok();
                let _ = BEGINNING.try_with(|beginning| beginning.set(copy));
                SagaSpan::Open(Box::new(Self {
                    span,
                    began: Instant::now(),
                    ended: false,
                }))
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.ended {
            let told = || {
                end(&self.span, STOPPED, self.began.elapsed(), None);
                self.span.record("otel.status_code", "ERROR");
                warn!(
                    target: TARGET,
                    parent: &self.span,
                    "stopped where it was: nothing is undone",
                );
            };
            let _ = panics::catch(told);
        }
        panics::discard(mem::replace(&mut self.span, Span::none()));
    }
}

impl<S, T, H, F> Future for Around<S, F>
where
    S: Saga,
    F: Future<Output = Result<Result<T, SagaError<S>>, H>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let SagaSpan::NotPolled = this.span {
            *this.span = Open::of(S::DEFINITION);
        }
        let polled = {
            let _entered = match this.span {
                SagaSpan::Open(open) => Some(Entered::into(&open.span)),
                SagaSpan::NotPolled | SagaSpan::NotWanted => None,
            };
            this.run.poll(cx)
        };
        if let Poll::Ready(Ok(ended)) = &polled {
            let open = match this.span {
                SagaSpan::Open(open) => Some(&mut **open),
                SagaSpan::NotPolled | SagaSpan::NotWanted => None,
            };
            match ended {
                Ok(_) => completed(open),
                Err(error) => error.details().told(Duration::ZERO, |kind| {
                    failed(S::DEFINITION, open, &kind, &|| error.saga_id());
                }),
            }
        }
        if polled.is_ready() {
            // Closed now, not when somebody drops the future.
            *this.span = SagaSpan::NotWanted;
        }
        polled
    }
}

fn completed(open: Option<&mut Open>) {
    if let Some(open) = open {
        open.ended = true;
        let outcome = SagaOutcome::Completed.as_str();
        let _ = panics::catch(|| end(&open.span, outcome, open.began.elapsed(), None));
    }
}

#[cold]
fn failed(
    definition: &'static Definition,
    open: Option<&mut Open>,
    kind: &EventKind<'_>,
    id: &dyn Fn() -> SagaId,
) {
    let &EventKind::SagaEnded {
        outcome,
        step,
        reason,
        compensation_failures,
        ..
    } = kind
    else {
        return;
    };
    // Without a span it is in whatever the caller is in.
    let entered = open.map(|open| {
        open.ended = true;
        let told = || {
            if let Some(step) = step {
                open.span.record("saga.step", step.name);
            }
            end(&open.span, outcome.as_str(), open.began.elapsed(), reason);
        };
        let _ = panics::catch(told);
        Entered::into(&open.span)
    });
    if outcome == SagaOutcome::Stuck {
        let _ = panics::catch(|| {
            error!(
                target: TARGET,
                {
                    saga.name = definition.name,
                    saga.id = %id().escaped(),
                    saga.step = step.map(|step| step.name),
                    saga.not_undone = not_undone(compensation_failures),
                    error.type = reason.map(|reason| reason.kind().as_str()),
                    exception.message = reason.map(|reason| reason.text().message),
                },
                "stuck: a person has to see to it",
            );
        });
    }
    drop(entered);
}

/// The steps whose compensations gave up, if there are any.
fn not_undone(failures: &[CompensationFailure]) -> Option<String> {
    let names: Vec<_> = failures.iter().map(|failure| failure.step.name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
