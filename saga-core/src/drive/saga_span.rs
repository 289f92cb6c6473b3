//! The span of a saga.

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
use tracing::{Span, error, info_span, warn};

use crate::attempt::spans::{Entered, TARGET, end, is_on, span_of};
use crate::definition::Definition;
use crate::drive::SagaError;
use crate::id::SagaId;
use crate::machine::Saga;
use crate::observe::{EventKind, SagaOutcome};
use crate::outcome::CompensationFailure;
use crate::run::{Caller, Run};
use crate::util::foreign::Line;
use crate::util::panics;

/// The value of `saga.outcome` for a saga that stopped without an end.
const STOPPED: &str = "stopped";

thread_local! {
    // The span of a saga is around its run, while the id is known only inside. This passes the span inside, within the
    // first poll.
    static BEGINNING: Cell<Option<Span>> = const { Cell::new(None) };
}

/// Records the id of the run, which begins now, in its span, and the trace in which it was submitted; and links the span
/// to that of the caller, if that has begun the run in a task of its own.
#[inline]
pub(crate) fn began(run: &Run) {
    if is_on()
        && let Some(span) = BEGINNING.try_with(Cell::take).ok().flatten()
    {
        let id = run.id();
        let _ = panics::catch(|| {
            span.record("saga.id", tracing::field::display(id.escaped()));
        });
        if run.has_options() {
            link(run, &span);
        }
        panics::discard(span);
    }
}

/// A link and not a parent: a span is open as long as one below it is, and the run goes on after the caller.
fn link(run: &Run, span: &Span) {
    if let Some(context) = run.trace_context() {
        let _ = panics::catch(|| {
            span.record("saga.trace_context", tracing::field::display(Line(context)));
        });
    }
    if let Some(caller) = run.caller().and_then(Caller::take) {
        let _ = panics::catch(|| {
            span.follows_from(&caller);
        });
        panics::discard(caller);
    }
}

/// Runs a saga in its span.
pub(crate) fn around<S, T, H, F>(run: F) -> InSpan<S, F>
where
    S: Saga,
    F: Future<Output = Result<Result<T, SagaError<S>>, H>>,
{
    InSpan {
        run,
        span: SagaSpan::NotPolled,
        saga: PhantomData,
    }
}

pin_project! {
    /// The future of [`around`].
    pub(crate) struct InSpan<S, F> {
        // Dropped before the span: dropping the attempt in flight may log something.
        #[pin]
        run: F,
        span: SagaSpan,
        saga: PhantomData<fn() -> S>,
    }
}

enum SagaSpan {
    NotPolled,
    NotWanted,
    Open(Box<OpenSpan>),
}

struct OpenSpan {
    span: Span,
    began: Instant,
    ended: bool,
}

impl OpenSpan {
    fn of(definition: &'static Definition) -> SagaSpan {
        let make = || {
            info_span!(
                target: TARGET,
                "saga",
                saga.name = definition.name,
                saga.id = Empty,
                saga.trace_context = Empty,
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
                // Cloning a span calls the subscriber too.
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

impl Drop for OpenSpan {
    fn drop(&mut self) {
        if !self.ended {
            let record = || {
                end(&self.span, STOPPED, self.began.elapsed(), None);
                self.span.record("otel.status_code", "ERROR");
                warn!(
                    target: TARGET,
                    parent: &self.span,
                    "stopped where it was: nothing is undone",
                );
            };
            let _ = panics::catch(record);
        }
        panics::discard(mem::replace(&mut self.span, Span::none()));
    }
}

impl<S, T, H, F> Future for InSpan<S, F>
where
    S: Saga,
    F: Future<Output = Result<Result<T, SagaError<S>>, H>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let SagaSpan::NotPolled = this.span {
            *this.span = OpenSpan::of(S::DEFINITION);
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
                Err(error) => error.details().report_end(Duration::ZERO, |kind| {
                    failed(S::DEFINITION, open, &kind, &|| error.saga_id());
                }),
            }
        }
        if polled.is_ready() {
            // Closed now, not when the future is dropped.
            *this.span = SagaSpan::NotWanted;
        }
        polled
    }
}

fn completed(open: Option<&mut OpenSpan>) {
    if let Some(open) = open {
        open.ended = true;
        let outcome = SagaOutcome::Completed.as_str();
        let _ = panics::catch(|| end(&open.span, outcome, open.began.elapsed(), None));
    }
}

#[cold]
fn failed(
    definition: &'static Definition,
    open: Option<&mut OpenSpan>,
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
    // Without a span of its own, the event is in the current span of the caller.
    let entered = open.map(|open| {
        open.ended = true;
        let record = || {
            if let Some(step) = step {
                open.span.record("saga.step", step.name);
            }
            end(&open.span, outcome.as_str(), open.began.elapsed(), reason);
        };
        let _ = panics::catch(record);
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
                "stuck: an operator must act",
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
