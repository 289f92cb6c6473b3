//! One run at a time, over records that another engine keeps.

use core::fmt;
use core::future::{Future, pending, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio_util::sync::CancellationToken;

use super::codec::{Codec, Journalable, Plain, RunsDurably};
use super::executor::Halt;
use super::fingerprint::{difference, points_of_no_return, text_of};
use super::log::{InFlight, Purpose, SagaLog, Stopped};
use super::record_store::{Keeper, Records};
use super::registered::{RunParts, RunStop, Runs, Typed};
use super::shared::{Shared, TraceContext};
use super::site::calls_of_stage;
use super::wake_flag::Woken;
use crate::drive::Ended;
use crate::durable::clock::{millis, now};
use crate::id::SagaId;
use crate::launch::RunOptions;
use crate::machine::{Saga, Slots as _};
use crate::report::Report;
use crate::run::{Caller, Progress};
use saga_journal::{
    DefinitionText, Entry, JournalError, JournalErrorKind, READER, Record, SagaState,
};

/// Longer waits are left to the engine that hosts the run, unless it sets another limit.
const WAITED_FOR: Duration = Duration::from_secs(1);

/// A saga whose runs another engine starts, and whose records that engine keeps.
///
/// The engine passes in the existing records of a run, and receives new ones, each of which must be durable before
/// anything follows from it. Attempts, doubt, compensations, cancellation, nested sagas and reports work as over a
/// [`Journal`](super::Journal): the executor is the same, only the keeper of the records differs.
///
/// A run begins with the record that [`submitted`](Self::submitted) returns. [`carry`](Self::carry) drives it on from
/// its records, in any process, as often as necessary.
///
/// ```
/// # use std::sync::{Arc, Mutex};
/// use saga_core::durable::{Answer, Carried, Hosted, InFlight, NoRequests, Record, Records, SagaState};
/// use saga_core::{CancellationToken, RunOptions, saga};
///
/// struct Cinema;
///
/// #[saga(durable)]
/// impl Cinema {
///     #[step(pivot)]
///     async fn sell(&self, seat: &u32) -> Result<String, String> {
///         Ok(format!("seat {seat}"))
///     }
/// }
///
/// /// Stands for the engine, which has a journal of its own for each run.
/// #[derive(Clone, Default)]
/// struct Host(Arc<Mutex<Vec<Record>>>);
///
/// impl Records for Host {
///     fn append(&self, records: Arc<[Record]>, _: Option<SagaState>) -> Answer<'_, ()> {
///         self.0.lock().unwrap().extend(records.iter().cloned());
///         Box::pin(async { Ok(()) })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cinema = Hosted::<CinemaSaga>::new(Cinema, RunOptions::new(), CancellationToken::new());
/// let host = Host::default();
/// host.0.lock().unwrap().push(cinema.submitted(b"7")?);
///
/// let records = host.0.lock().unwrap().clone();
/// let carried = cinema
///     .carry("evening-1", records, InFlight::NotBegun, host.clone(), NoRequests)
///     .await?;
/// assert!(matches!(carried, Carried::Ended(Ok(ticket)) if ticket == "seat 7"));
/// # Ok(())
/// # }
/// ```
pub struct Hosted<S: Saga> {
    typed: Arc<dyn Runs<S>>,
    codec: Arc<dyn Codec>,
    max_interruptions: u32,
    waited_for: Duration,
    shutdown: CancellationToken,
    trace_context: Option<TraceContext>,
}

/// A request to a run from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// Roll the run back, unless it is past its point of no return.
    Cancel,
}

/// The source of requests to one run.
///
/// Each request is recorded before it takes effect, so it need not be repeated after that record is durable.
pub trait Requests: Send {
    /// The next request. Pending as long as there is none.
    ///
    /// # Cancellation
    ///
    /// A future that is dropped must not have taken a request.
    fn next(&mut self) -> impl Future<Output = Request> + Send;
}

/// A source without requests.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRequests;

impl Requests for NoRequests {
    async fn next(&mut self) -> Request {
        pending().await
    }
}

/// A cancelled token is one request to cancel.
impl Requests for CancellationToken {
    async fn next(&mut self) -> Request {
        self.cancelled().await;
        *self = Self::new();
        Request::Cancel
    }
}

/// How far a run was driven.
pub enum Carried<S: Saga> {
    /// It has ended, and the record of its end is durable.
    Ended(Ended<S>),
    /// Only waits are left, and the first one is over at this moment. Drive the run on then, or when there is a
    /// request. Nothing is in flight.
    Waits {
        /// When to drive the run on.
        until: SystemTime,
    },
}

/// Why a hosted run stopped where it was. Drive it on another time, with the records that are kept.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum HostedStop {
    /// The shutdown token was cancelled: no other call has begun, and those that had have finished.
    #[error("the process shuts down")]
    ShutDown {
        /// What to pass the next time. It is [`InFlight::Interrupted`] if a call that an earlier process left in flight
        /// has not begun again.
        in_flight: InFlight,
    },
    /// There is no record that the run was submitted.
    #[error("the run has no records: the first one is made by `Hosted::submitted`")]
    NoRecords,
    /// A record cannot be read.
    #[error("{halt}")]
    Unreadable {
        /// What, and why.
        halt: Halt,
        /// As of [`ShutDown`](Self::ShutDown).
        in_flight: InFlight,
    },
    /// The engine refused records, permanently; or the records that were passed in are incomplete, or a newer version
    /// wrote one of them.
    #[error(transparent)]
    Records(JournalError),
}

impl fmt::Debug for HostedStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<S: Saga> fmt::Debug for Carried<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended(Ok(_)) => f.write_str("Ended(Ok(..))"),
            Self::Ended(Err(error)) => f.debug_tuple("Ended").field(error).finish(),
            Self::Waits { until } => f.debug_struct("Waits").field("until", until).finish(),
        }
    }
}

impl<S: Saga> fmt::Debug for Hosted<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hosted")
            .field("saga", &S::DEFINITION.name)
            .finish_non_exhaustive()
    }
}

impl<S: Saga> Hosted<S> {
    /// A saga on this service. The options set the policies, the observer and the deadline, which counts from
    /// [`submitted`](Self::submitted); an id and a token in the options are ignored. Once `shutdown` is cancelled, no
    /// other call begins.
    pub fn new(
        service: impl Into<Arc<S::Service>>,
        options: RunOptions<S>,
        shutdown: CancellationToken,
    ) -> Self
    where
        S: Saga + RunsDurably<<S as Saga>::Input> + 'static,
        S::Service: Send + 'static,
        S::Output: Send,
    {
        let service = service.into();
        Self {
            typed: Arc::new(Typed::new(service, options, |durable| durable)),
            codec: Arc::new(Plain),
            max_interruptions: 5,
            waited_for: WAITED_FOR,
            shutdown,
            trace_context: None,
        }
    }

    /// Sets a codec, which transforms values on their way to the records and back.
    #[must_use]
    pub fn codec(self, codec: impl Codec) -> Self {
        Self {
            codec: Arc::new(codec),
            ..self
        }
    }

    /// Crashes tolerated during a step before it gives up in doubt (default 5), like
    /// [`EngineBuilder::max_interruptions`](super::EngineBuilder::max_interruptions).
    #[must_use]
    pub fn max_interruptions(self, max_interruptions: u32) -> Self {
        Self {
            max_interruptions,
            ..self
        }
    }

    /// The longest wait that [`carry`](Self::carry) waits for itself (default 1 second). For a longer one it returns
    /// [`Carried::Waits`].
    #[must_use]
    pub fn waits_up_to(self, waited_for: Duration) -> Self {
        Self { waited_for, ..self }
    }

    /// Sets how the trace is found in which a saga is submitted: `current` is called by
    /// [`submitted`](Self::submitted), and returns a text, for example a [`traceparent`](https://www.w3.org/TR/trace-context/) of W3C. The text
    /// is recorded with the saga, and is in its span, as `saga.trace_context`, in each process that goes on with it; an
    /// observer gets it as [`Event::trace_context`](crate::observe::Event::trace_context). A text of more than 512 bytes
    /// is not kept.
    #[must_use]
    pub fn trace_context(
        self,
        current: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            trace_context: Some(Arc::new(current)),
            ..self
        }
    }

    /// The text by which definitions are compared. A run must only go on under the definition under which it was
    /// submitted: the engine has to check that.
    #[must_use]
    pub fn definition() -> DefinitionText {
        text_of(S::DEFINITION)
    }

    /// How the definition differs from an earlier one with this [text](DefinitionText::text), as a sentence for an
    /// operator.
    #[must_use]
    pub fn difference(was: &str) -> String {
        difference(was, &Self::definition().text)
    }

    /// The first record of a run that is submitted now, with this input as JSON.
    ///
    /// # Errors
    ///
    /// If the JSON is not an input of the saga, or the codec fails.
    pub fn submitted(&self, input: &[u8]) -> Result<Record, String>
    where
        S::Input: Journalable,
    {
        S::Input::of_json(input)?;
        let shared = self.shared();
        let at = now();
        let deadline = self.typed.deadline_after();
        let entry = Entry::Submitted {
            deadline: deadline.map(|after| at.saturating_add(millis(after))),
            trace_context: shared.trace_context(),
            begins: calls_of_stage(None, S::DEFINITION, 0),
        };
        Ok(Record::new(0, at, entry, shared.encoded(input.to_vec())?))
    }

    /// Drives a run on from where its records say it is: to its end, or until only long waits are left.
    ///
    /// `id` is part of the idempotency keys, and must be the same each time. `records` are all existing records, in
    /// order; the first one is that of [`submitted`](Self::submitted). Only one process at a time may drive a run: the
    /// engine has to ensure that, and `sink` has to refuse the records of all other processes.
    ///
    /// # Errors
    ///
    /// A [`HostedStop`] if the run stopped where it is.
    ///
    /// # Cancellation
    ///
    /// Dropping the future is like the end of the process: pass [`InFlight::Interrupted`] the next time.
    pub async fn carry(
        &self,
        id: impl Into<SagaId>,
        records: Vec<Record>,
        in_flight: InFlight,
        sink: impl Records,
        requests: impl Requests,
    ) -> Result<Carried<S>, HostedStop> {
        let (Some(first), Some(last)) = (records.first().cloned(), records.last().cloned()) else {
            return Err(HostedStop::NoRecords);
        };
        whole(&records).map_err(HostedStop::Records)?;
        let keeper = Keeper::host(sink, records.clone());
        let shared = Arc::new(self.shared());
        let purpose = Purpose::Run(in_flight);
        let log = Arc::new(SagaLog::new(shared, id.into(), keeper, records, purpose));
        let token = CancellationToken::new();
        if log.is_cancelled() {
            token.cancel();
        }
        let taken = RunParts {
            log: Arc::clone(&log),
            first,
            token: token.clone(),
            progress: Arc::new(Progress::new()),
            caller: Caller::default(),
        };
        let carried = async {
            if log.end().is_some() {
                let read = self.read_again(&log, &taken.first, &last).await;
                return read.map(Carried::Ended);
            }
            // According to the records, calls that have not begun are in flight: they would begin now.
            if self.shutdown.is_cancelled() {
                return Err(HostedStop::ShutDown { in_flight });
            }
            log.takes_place().await;
            let ended = self.typed.go_on(&taken).await;
            ended
                .map(Carried::Ended)
                .map_err(|stop| HostedStop::of(stop, log.left_in_flight()))
        };
        let (mut carried, mut obeyed) = (pin!(carried), pin!(Self::obey(&log, &token, requests)));
        let mut woken = Woken::default();
        poll_fn(|cx| {
            let watched = woken.watch(cx);
            if let Poll::Ready(carried) = carried.as_mut().poll(&mut Context::from_waker(&watched))
            {
                return Poll::Ready(carried);
            }
            if let Poll::Ready(error) = obeyed.as_mut().poll(cx) {
                return Poll::Ready(Err(HostedStop::Records(error)));
            }
            match log.only_waits(self.waited_for) {
                // Otherwise the run has not reached that wait yet, or the wait is about to end.
                Some(until) if !woken.is_woken() => Poll::Ready(Ok(Carried::Waits {
                    // A clock that was set back makes no wait longer.
                    until: (UNIX_EPOCH + Duration::from_millis(until))
                        .min(SystemTime::now() + log.left_until(until)),
                })),
                _ => Poll::Pending,
            }
        })
        .await
    }

    /// How a run ended, read from its last record as far as possible.
    async fn read_again(
        &self,
        log: &SagaLog,
        first: &Record,
        last: &Record,
    ) -> Result<Ended<S>, HostedStop> {
        let mut report: Option<Report> = None;
        if log.end() != Some(SagaState::Completed) {
            report = log.shared.decode(&last.value).ok();
        } else if !last.value.is_empty() {
            let json = log.shared.decoded(&last.value);
            let json = json.map_err(|error| HostedStop::ended(Halt::Codec { error }))?;
            match S::Slots::output_json().read(&json) {
                Some(Ok(output)) => return Ok(Ok(output)),
                Some(Err(error)) => {
                    let call = "output".to_owned();
                    return Err(HostedStop::ended(Halt::Unreadable { call, error }));
                }
                // Only the executor can read the output.
                None => {}
            }
        }
        let again = log.read_again().await.map_err(HostedStop::Records)?;
        let read = self.typed.read(Arc::new(again), first).await;
        let ended = read.map_err(HostedStop::ended)?;
        Ok(ended.map_err(|error| match report {
            Some(report) => error.with_report(report),
            None => error,
        }))
    }

    /// Records each request, after which it takes effect.
    async fn obey(
        log: &SagaLog,
        token: &CancellationToken,
        mut requests: impl Requests,
    ) -> JournalError {
        let definition = Self::definition().text;
        loop {
            match requests.next().await {
                Request::Cancel => {
                    let points = points_of_no_return(&definition);
                    match log.request_cancellation(&points).await {
                        Ok(true) => token.cancel(),
                        Ok(false) => {}
                        Err(error) => return error,
                    }
                }
            }
        }
    }

    fn shared(&self) -> Shared {
        let mut shared = Shared::new(Arc::clone(&self.codec), self.max_interruptions, 1);
        shared.trace_context.clone_from(&self.trace_context);
        shared.shutdown = self.shutdown.clone();
        shared
    }
}

/// Checks that the records of a run are complete and in order, and that this version can read them.
fn whole(records: &[Record]) -> Result<(), JournalError> {
    for (record, number) in records.iter().zip(0..) {
        let Record {
            number: is,
            min_reader,
            ..
        } = *record;
        if is != number {
            let text = format!("in the place of record {number} is record {is}");
            return Err(JournalError::new(JournalErrorKind::Corrupt, text));
        }
        if min_reader > READER {
            let text = format!("record {number} needs reader {min_reader}, and this is {READER}");
            return Err(JournalError::new(JournalErrorKind::Newer, text));
        }
    }
    Ok(())
}

impl HostedStop {
    fn of(stop: RunStop, in_flight: InFlight) -> Self {
        match stop {
            RunStop::Stopped(Stopped::ShutDown) | RunStop::Halted(Halt::ShutDown) => {
                Self::ShutDown { in_flight }
            }
            RunStop::Stopped(Stopped::Broken(error)) => Self::Records(error),
            RunStop::Halted(halt) => Self::Unreadable { halt, in_flight },
        }
    }

    /// Of a run that has ended, and whose result cannot be read.
    const fn ended(halt: Halt) -> Self {
        let in_flight = InFlight::NotBegun;
        Self::Unreadable { halt, in_flight }
    }
}
