//! A saga that an engine knows, without its types.

use core::any::Any;
use core::future::Future;
use core::pin::Pin;
use std::sync::Arc;

use tokio::time::{Duration, Instant};

use super::codec::Journalable;
use super::entry::{Entry, now};
use super::executor::{Durable, Halt};
use super::journal::{JournalError, JournalErrorKind, Record};
use super::log::{SagaLog, Stopped};
use crate::cancellation::Limits;
use crate::definition::Definition;
use crate::driver::{Ended, drive};
use crate::options::RunOptions;
use crate::panics;
use crate::position::Progress;
use crate::run::Run;
use crate::saga::{Machine, Saga};
use crate::trace;
use tokio_util::sync::CancellationToken;

pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a run has no end.
#[derive(Debug)]
pub(super) enum Unended {
    Halted(Halt),
    Stopped(Stopped),
}

/// What a run of a recorded saga is given.
pub(super) struct Taken {
    pub(super) log: Arc<SagaLog>,
    pub(super) first: Record,
    pub(super) token: CancellationToken,
    pub(super) progress: Arc<Progress>,
}

pub(super) trait Registered: Send + Sync {
    fn definition(&self) -> &'static Definition;

    /// To get at the types again.
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;

    /// Goes on with a saga to its end, which nobody waits for.
    fn resume(self: Arc<Self>, taken: Taken) -> Boxed<'static, Result<(), Unended>>;
}

pub(super) struct Typed<S: Saga> {
    pub(super) service: Arc<S::Service>,
    pub(super) options: RunOptions<S>,
}

impl<S> Typed<S>
where
    S: Machine<Durable> + 'static,
    S::Service: Send + 'static,
    S::Input: Journalable,
    S::Output: Journalable,
{
    /// The input in the first record, and how long is left until the deadline.
    fn input(log: &SagaLog, first: &Record) -> Result<(S::Input, Option<Duration>), Halt> {
        let unreadable = |error: String| Halt::Unreadable {
            call: "input".to_owned(),
            error,
        };
        let input = log.shared.decode(&first.value).map_err(unreadable)?;
        let deadline = match serde_json::from_str(&first.head) {
            Ok(Entry::Submitted { deadline, .. }) => deadline,
            Ok(_) => return Err(unreadable("the first record is another".to_owned())),
            Err(error) => return Err(unreadable(error.to_string())),
        };
        let left = deadline.map(|at| Duration::from_millis(at.saturating_sub(now())));
        Ok((input, left))
    }

    /// Carries the saga to its end, and takes down how it ended.
    pub(super) async fn carry(
        &self,
        taken: &Taken,
        input: S::Input,
        left: Option<Duration>,
    ) -> Result<Ended<S>, Unended> {
        let Taken {
            log,
            token,
            progress,
            ..
        } = taken;
        let limits = Limits {
            token: Some(token.clone()),
            deadline: left.and_then(|left| Instant::now().checked_add(left)),
        };
        let run = self.options.clone().id(log.id.clone()).into_run();
        let run = run.with_limits(limits).with_progress(Arc::clone(progress));
        let executor = Durable::new(run, Arc::clone(log));
        let driven = drive::<S, Durable>(&self.service, &executor, input);
        let ended = tokio::select! {
            biased;
            driven = driven => driven.map_err(Unended::Halted)?,
            stopped = log.stopped() => return Err(Unended::Stopped(stopped)),
        };
        if let Err(error) = &ended
            && log.end().is_none()
        {
            // For whoever asks when the types are no longer those that it was made from.
            let report = log.shared.encode(&error.report()).unwrap_or_default();
            let written = log.end_saga(error.end(), report).await;
            written.map_err(|error| Unended::Stopped(Stopped::Broken(error)))?;
        }
        Ok(ended)
    }

    /// How a saga ended, out of what is recorded.
    pub(super) async fn read(&self, log: Arc<SagaLog>, first: &Record) -> Result<Ended<S>, Halt> {
        let (input, _) = Self::input(&log, first)?;
        let run = Run::new(log.id.clone());
        let executor = Durable::new(run, log);
        trace::silently(drive::<S, Durable>(&self.service, &executor, input)).await
    }
}

impl<S> Registered for Typed<S>
where
    S: Machine<Durable> + 'static,
    S::Service: Send + 'static,
    S::Input: Journalable,
    S::Output: Journalable,
{
    fn definition(&self) -> &'static Definition {
        S::DEFINITION
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

    fn resume(self: Arc<Self>, taken: Taken) -> Boxed<'static, Result<(), Unended>> {
        Box::pin(async move {
            let read = Self::input(&taken.log, &taken.first).map_err(Unended::Halted);
            let (input, left) = read?;
            let ended = self.carry(&taken, input, left).await?;
            // What it holds is the user's.
            panics::discard(ended);
            Ok(())
        })
    }
}

/// The first record of those of a saga.
pub(super) fn first_of(records: &[Record]) -> Result<Record, JournalError> {
    let none = || JournalError::new(JournalErrorKind::Corrupt, "a saga without a record");
    records.first().cloned().ok_or_else(none)
}
