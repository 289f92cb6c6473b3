//! The log of one saga: the state that its records describe, and the records that are written from now on.
//!
//! It returns for each call how it ended, where it is resumed, or that the end of a process interrupted it. A decision
//! changes the state at once, by the same transition as when its record is read back. Then the record waits in a queue
//! until it is written. Knows nothing of types.

mod apply;
mod begin;
mod cancel;
mod place;
mod record;
mod recorded;
mod write;

use core::task::Waker;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, Notify, OwnedSemaphorePermit};

use self::apply::LogState;
pub(super) use self::begin::Start;
use self::write::{Decided, Queue};
use super::record_store::Keeper;
use super::shared::Shared;
use super::trouble::SagaTrouble;
use crate::durable::clock::{millis, now};
use crate::id::SagaId;
use crate::outcome::End;
use crate::run::history::{EndedBefore, KeptFailure};
use saga_journal::{CallId, JournalError, Record, SagaState};

/// The log of one saga.
#[derive(Debug)]
pub(super) struct SagaLog {
    pub(super) shared: Arc<Shared>,
    pub(super) id: SagaId,
    keeper: Keeper,
    /// Whether the saga is only read: then calls without a recorded outcome are not executed.
    is_read_only: bool,
    inner: Mutex<LogInner>,
    /// The task that holds it writes the records of all tasks.
    writing: AsyncMutex<()>,
    changed: Notify,
    /// Notified when the saga gets a place.
    placed: Notify,
    /// Why the saga stays where it is, while its codec fails.
    pub(super) trouble: SagaTrouble,
}

#[derive(Debug, Default)]
struct LogInner {
    state: LogState,
    queue: Queue,
    /// The calls whose outcomes were returned from their records.
    answered: BTreeSet<CallId>,
    wakers: Vec<Waker>,
    /// The place of the saga among those in flight, while any of its calls is.
    place: Option<OwnedSemaphorePermit>,
    /// Whether it has released its place for as long as its codec fails.
    has_left_place: bool,
    /// The calls that have ended, and whose end waits for the codec before it can be recorded.
    unencoded: Vec<CallId>,
    /// The permits of calls that run alone: no other call runs that was interrupted as often.
    alone: BTreeMap<CallId, OwnedSemaphorePermit>,
    /// The last failures of calls that wait, if they were read.
    failures: BTreeMap<CallId, KeptFailure>,
    /// Held until the records were read and a record is written, or the saga waits.
    loading: Option<Loading>,
    broken: Option<JournalError>,
    /// The record that an orderly shutdown dropped what was in flight.
    dropped: Option<Decided>,
}

/// Held while the records of a saga are read. If earlier processes ended while they read them, it has the permit to run
/// alone.
#[derive(Debug)]
pub(super) struct Loading(pub(super) Option<OwnedSemaphorePermit>);

/// Whether the calls that the records say are in flight have begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InFlight {
    /// They have not begun: the previous process ended in order, or there was none.
    NotBegun,
    /// They may have begun, and the end of a process interrupted them.
    Interrupted,
}

/// What the records of a saga are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To go on with the saga.
    Run(InFlight),
    /// To return how it ended: calls without a recorded outcome are not executed.
    Read,
}

/// Why the run of a saga is dropped where it is.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The engine is shut down, and nothing of the saga is in flight.
    ShutDown,
    /// The journal refuses to write, permanently.
    Broken(JournalError),
}

/// How a call ended, according to its record.
#[derive(Debug)]
pub(super) enum RecordedOutcome {
    Completed { skipped: bool, value: Vec<u8> },
    GaveUp(EndedBefore, Vec<u8>),
}

/// How a call ends now.
#[derive(Debug, Clone, Copy)]
pub(super) enum CallEnding {
    Completed { skipped: bool },
    GaveUp(EndedBefore),
}

impl SagaLog {
    /// The log of a saga with these records.
    pub(super) fn new(
        shared: Arc<Shared>,
        id: SagaId,
        keeper: Keeper,
        records: Vec<Record>,
        purpose: Purpose,
    ) -> Self {
        let mut state = LogState::default();
        for record in records {
            let Record {
                number,
                at,
                entry,
                value,
                ..
            } = record;
            state.apply(&entry, number, at, Some(value));
        }
        if purpose != Purpose::Run(InFlight::NotBegun) {
            state.take_over();
        }
        Self::of(shared, id, keeper, state, purpose == Purpose::Read)
    }

    /// The log of a saga that this process has just created, with this record.
    pub(super) fn fresh(shared: Arc<Shared>, id: SagaId, keeper: Keeper, first: &Record) -> Self {
        let mut state = LogState::default();
        state.apply(&first.entry, first.number, first.at, None);
        Self::of(shared, id, keeper, state, false)
    }

    fn of(
        shared: Arc<Shared>,
        id: SagaId,
        keeper: Keeper,
        state: LogState,
        is_read_only: bool,
    ) -> Self {
        let inner = LogInner {
            queue: Queue::after(state.next_number()),
            state,
            ..LogInner::default()
        };
        Self {
            shared,
            id,
            keeper,
            is_read_only,
            inner: Mutex::new(inner),
            writing: AsyncMutex::new(()),
            changed: Notify::new(),
            placed: Notify::new(),
            trouble: SagaTrouble::default(),
        }
    }

    /// A second log of the same saga, from the records so far, that is only read.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read.
    pub(super) async fn read_again(&self) -> Result<Self, JournalError> {
        let records = self.keeper.records().await?;
        let (shared, id) = (Arc::clone(&self.shared), self.id.clone());
        let keeper = self.keeper.clone();
        Ok(Self::new(shared, id, keeper, records, Purpose::Read))
    }

    fn inner(&self) -> MutexGuard<'_, LogInner> {
        // No user code runs while it is locked.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to hand in as in flight when the run goes on in another process.
    pub(super) fn left_in_flight(&self) -> InFlight {
        if self.inner().state.is_any_interrupted() {
            InFlight::Interrupted
        } else {
            InFlight::NotBegun
        }
    }

    /// How the saga ended, if it has.
    pub(super) fn end(&self) -> Option<SagaState> {
        self.inner().state.end()
    }

    /// The time until this moment, which is in milliseconds since the Unix epoch. The current time is at least that of
    /// the latest record: a clock that is set back does not lengthen waits and deadlines.
    pub(super) fn left_until(&self, moment: u64) -> Duration {
        let now = now().max(self.inner().state.latest());
        Duration::from_millis(moment.saturating_sub(now))
    }

    /// The moment this long from now, in milliseconds since the Unix epoch.
    pub(super) fn moment_after(&self, after: Duration) -> u64 {
        let now = now().max(self.inner().state.latest());
        now.saturating_add(millis(after))
    }

    /// The moment when the first wait is over, in milliseconds since the Unix epoch, if only waits are left of the saga,
    /// the records that say so are written, and the first wait is longer than `limit`.
    pub(super) fn only_waits(&self, limit: Duration) -> Option<u64> {
        let until = {
            let inner = self.inner();
            let is_written = inner.queue.is_written_up_to(inner.state.next_number());
            // By its records, a call that has ended and waits for the codec is still in its last wait.
            let is_known = is_written && inner.unencoded.is_empty();
            inner.state.only_waits().filter(|_| is_known)?
        };
        let is_far = self.left_until(until) > limit;
        (is_far && self.trouble.reason().is_none()).then_some(until)
    }
}

pub(super) const fn state_of(end: End) -> SagaState {
    match end {
        End::Compensated => SagaState::Compensated,
        End::Stuck => SagaState::Stuck,
    }
}
