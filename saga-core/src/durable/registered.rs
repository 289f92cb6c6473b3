//! A saga that is registered with an engine, with its types erased.

use core::future::Future;
use core::pin::Pin;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

use super::codec::Journalable;
use super::executor::{Durable, Halt};
use super::log::{SagaLog, Stopped, state_of};
use super::retry::Tries;
use crate::attempt::spans;
use crate::definition::Definition;
use crate::drive::{Ended, drive};
use crate::durable::engine::{Submission, SubmitAnswer};
use crate::executor::Executor;
use crate::launch::RunOptions;
use crate::machine::{Machine, Saga, Slots as _};
use crate::report::{Report, lacks_a_run};
use crate::run::{Caller, Limits, Progress, Run};
use crate::util::panics;
use saga_journal::{Entry, JournalError, JournalErrorKind, Record, SagaState};

pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a run stopped without an end.
#[derive(Debug)]
pub(super) enum RunStop {
    Halted(Halt),
    Stopped(Stopped),
}

/// What a run of a recorded saga needs.
pub(super) struct RunParts {
    pub(super) log: Arc<SagaLog>,
    pub(super) first: Record,
    pub(super) token: CancellationToken,
    pub(super) progress: Arc<Progress>,
    /// The caller that submitted it in this process.
    pub(super) caller: Caller,
}

/// A registered saga, with its types erased.
pub(super) trait Registered: Send + Sync {
    fn definition(&self) -> &'static Definition;

    /// Drives a saga on to its end. No caller waits for the result.
    fn resume(self: Arc<Self>, taken: RunParts) -> Boxed<'static, Result<(), RunStop>>;
}

/// A registered saga with its types, whatever executor runs it.
pub(super) trait Runs<S: Saga>: Send + Sync {
    /// The deadline of a run, as a duration since it was submitted.
    fn deadline_after(&self) -> Option<Duration>;

    /// Submits a saga, and runs it to its end, which it records and sends to `live`.
    fn submit(
        self: Arc<Self>,
        submission: Submission,
        input: S::Input,
        answer: oneshot::Sender<SubmitAnswer<S::Input>>,
        live: oneshot::Sender<Ended<S>>,
    ) -> Boxed<'static, ()>;

    /// Runs the saga on from where its records say it is, with the input from the first record.
    fn go_on<'a>(&'a self, taken: &'a RunParts) -> Boxed<'a, Result<Ended<S>, RunStop>>;

    /// How a saga ended, read from its records.
    fn read<'a>(
        &'a self,
        log: Arc<SagaLog>,
        first: &'a Record,
    ) -> Boxed<'a, Result<Ended<S>, Halt>>;
}

/// Decorates the executor of a run.
type Decorate<X> = Box<dyn Fn(Durable) -> X + Send + Sync>;

/// A saga, its service, and the executor that runs it.
pub(super) struct Typed<S: Saga, X> {
    service: Arc<S::Service>,
    options: RunOptions<S>,
    decorate: Decorate<X>,
}

impl<S: Saga, X> Typed<S, X> {
    pub(super) fn new(
        service: Arc<S::Service>,
        options: RunOptions<S>,
        decorate: impl Fn(Durable) -> X + Send + Sync + 'static,
    ) -> Self {
        Self {
            service,
            options,
            decorate: Box::new(decorate),
        }
    }
}

impl<S, X> Typed<S, X>
where
    S: Machine<X> + 'static,
    S::Service: Send + 'static,
    S::Input: Journalable,
    S::Output: Send,
    X: Executor<Halt = Halt> + 'static,
{
    /// The input in the first record, and the time until the deadline.
    async fn input(log: &SagaLog, first: &Record) -> Result<(S::Input, Option<Duration>), Halt> {
        let Entry::Submitted { deadline, .. } = first.entry else {
            let (call, error) = ("input".to_owned(), "the first record is another".to_owned());
            return Err(Halt::Unreadable { call, error });
        };
        let input = log.read("input", &first.value).await?;
        Ok((input, deadline.map(|moment| log.left_until(moment))))
    }

    /// Runs the saga to its end, and records the end.
    pub(super) async fn run(
        &self,
        taken: &RunParts,
        input: S::Input,
        left: Option<Duration>,
    ) -> Result<Ended<S>, RunStop> {
        let RunParts {
            log,
            token,
            progress,
            first,
            caller,
        } = taken;
        let trace_context = match &first.entry {
            Entry::Submitted { trace_context, .. } => trace_context.as_deref(),
            _ => None,
        };
        let deadline = left.and_then(|left| Instant::now().checked_add(left));
        let limits = Limits::new(Some(token.clone()), deadline);
        let run = self.options.clone().id(log.id.clone()).into_run();
        let run = run.with_limits(limits).with_progress(Arc::clone(progress));
        let run = run
            .with_trace_context(trace_context)
            .with_caller(caller.clone());
        let executor = (self.decorate)(Durable::new(run, Arc::clone(log)));
        let driven = drive::<S, X>(&self.service, &executor, input);
        let ended = tokio::select! {
            biased;
            driven = driven => driven.map_err(RunStop::Halted)?,
            stopped = log.stopped() => return Err(RunStop::Stopped(stopped)),
        };
        if log.end().is_none() {
            let (end, value) = match &ended {
                Ok(output) => (SagaState::Completed, Ok(json_of::<S>(output))),
                // The report is kept for when the types are no longer those of today.
                Err(error) => (state_of(error.end()), Err(error.report())),
            };
            let value = match value {
                Ok(output) => output,
                Err(report) => {
                    let report = self.with_runs_before(report, log, &taken.first).await?;
                    report.to_json().ok()
                }
            };
            let written = log.end_saga(end, value).await;
            written.map_err(|error| RunStop::Stopped(Stopped::Broken(error)))?;
        }
        Ok(ended)
    }

    /// The report of a run that has ended, and may have been resumed from an earlier process: what happened to a nested
    /// saga before that is only in the records. If the journal or the codec fails, it is tried again, because this
    /// report is stored for good.
    async fn with_runs_before(
        &self,
        report: Report,
        log: &SagaLog,
        first: &Record,
    ) -> Result<Report, RunStop> {
        if !lacks_a_run(&report.steps, S::DEFINITION) {
            return Ok(report);
        }
        let mut tries = Tries::new();
        loop {
            let error = match log.read_again().await {
                Ok(again) => match self.read_recorded(Arc::new(again), first).await {
                    Ok(Err(error)) => return Ok(error.report()),
                    Err(Halt::Codec { error }) => error,
                    Ok(Ok(_)) | Err(_) => return Ok(report),
                },
                Err(error) if error.kind() == JournalErrorKind::Unavailable => error.to_string(),
                Err(_) => return Ok(report),
            };
            log.trouble.set(error);
            tokio::select! {
                biased;
                () = log.shared.shuts_down() => return Err(RunStop::Stopped(Stopped::ShutDown)),
                () = tries.failed() => {}
            }
            log.trouble.is_over();
        }
    }

    async fn read_recorded(&self, log: Arc<SagaLog>, first: &Record) -> Result<Ended<S>, Halt> {
        let (input, _) = Self::input(&log, first).await?;
        let run = Run::new(log.id.clone());
        let executor = (self.decorate)(Durable::new(run, log));
        spans::silently(drive::<S, X>(&self.service, &executor, input)).await
    }
}

impl<S, X> Runs<S> for Typed<S, X>
where
    S: Machine<X> + 'static,
    S::Service: Send + 'static,
    S::Input: Journalable,
    S::Output: Send,
    X: Executor<Halt = Halt> + 'static,
{
    fn deadline_after(&self) -> Option<Duration> {
        self.options.deadline_after()
    }

    fn submit(
        self: Arc<Self>,
        submission: Submission,
        input: S::Input,
        answer: oneshot::Sender<SubmitAnswer<S::Input>>,
        live: oneshot::Sender<Ended<S>>,
    ) -> Boxed<'static, ()> {
        Box::pin(async move { submission.run(&self, input, answer, live).await })
    }

    fn go_on<'a>(&'a self, taken: &'a RunParts) -> Boxed<'a, Result<Ended<S>, RunStop>> {
        Box::pin(async move {
            let read = tokio::select! {
                biased;
                read = Self::input(&taken.log, &taken.first) => read,
                stopped = taken.log.stopped() => return Err(RunStop::Stopped(stopped)),
            };
            let (input, left) = read.map_err(RunStop::Halted)?;
            self.run(taken, input, left).await
        })
    }

    fn read<'a>(
        &'a self,
        log: Arc<SagaLog>,
        first: &'a Record,
    ) -> Boxed<'a, Result<Ended<S>, Halt>> {
        Box::pin(self.read_recorded(log, first))
    }
}

impl<S, X> Registered for Typed<S, X>
where
    S: Machine<X> + 'static,
    S::Service: Send + 'static,
    S::Input: Journalable,
    S::Output: Send,
    X: Executor<Halt = Halt> + 'static,
{
    fn definition(&self) -> &'static Definition {
        S::DEFINITION
    }

    fn resume(self: Arc<Self>, taken: RunParts) -> Boxed<'static, Result<(), RunStop>> {
        Box::pin(async move {
            let ended = self.go_on(&taken).await?;
            // It contains user values, and dropping them may panic.
            panics::discard(ended);
            Ok(())
        })
    }
}

/// The first of the records of a saga.
pub(super) fn first_of(records: &[Record]) -> Result<Record, JournalError> {
    let none = || JournalError::new(JournalErrorKind::Corrupt, "a saga without a record");
    records.first().cloned().ok_or_else(none)
}

/// The output of the whole saga as JSON, if it can be written.
fn json_of<S: Saga>(output: &S::Output) -> Option<Vec<u8>> {
    S::Slots::output_json().write(output)?.ok()
}
