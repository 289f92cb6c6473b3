//! The log of one saga: the state that its records describe, and the records that are written from now on.
//!
//! It returns for each call how it ended, where it is resumed, or that the end of a process interrupted it. A decision
//! changes the state at once, by the same transition as when its record is read back. Then the record waits in a queue
//! until it is written. Knows nothing of types.

mod apply;
mod begin;
mod write;

use core::future::poll_fn;
use core::task::{Poll, Waker};
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, Notify, OwnedSemaphorePermit};

use self::apply::{CallStage, CallState, LogState};
pub(super) use self::begin::Start;
use self::write::Queue;
use super::calls::{Level, Site, calls_of_stage};
use super::keeper::Keeper;
use super::shared::Shared;
use super::trouble::SagaTrouble;
use crate::definition::{Definition, Phase};
use crate::durable::clock::{millis, now};
use crate::id::SagaId;
use crate::outcome::End;
use crate::run::Run;
use crate::run::history::{EndedBefore, KeptFailure, Resumed, Retry};
use saga_journal::{Begun, CallId, Entry, JournalError, Record, RunId, SagaState, Why};

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

    /// Whether the cancellation of the saga is recorded.
    pub(super) fn is_cancelled(&self) -> bool {
        self.inner().state.is_cancelled()
    }

    /// Whether a cancellation comes too late for a saga with these records: all steps of one of the `points` have
    /// completed, or the saga is being rolled back.
    pub(super) fn is_final(records: &[Record], points: &[Vec<&str>]) -> bool {
        let mut state = LogState::default();
        for record in records {
            state.apply(&record.entry, record.number, record.at, None);
        }
        state.is_final(points)
    }

    /// How the saga ended, if it has.
    pub(super) fn end(&self) -> Option<SagaState> {
        self.inner().state.end()
    }

    /// Holds a place among the sagas in flight, as long as any call of the saga is.
    pub(super) fn hold(&self, place: OwnedSemaphorePermit) {
        let mut inner = self.inner();
        (inner.place, inner.has_left_place) = (Some(place), false);
        drop(inner);
        self.placed.notify_waiters();
    }

    /// Releases the place, whatever is in flight: nothing of the saga runs any more.
    pub(super) fn release(&self) {
        let mut inner = self.inner();
        let held = (
            inner.place.take(),
            core::mem::take(&mut inner.alone),
            inner.loading.take(),
        );
        drop(inner);
        drop(held);
    }

    /// Whether the saga has a place, or has released it temporarily. A saga without a place waits for its next attempt.
    pub(super) fn has_place(&self) -> bool {
        let inner = self.inner();
        inner.place.is_some() || inner.has_left_place
    }

    /// Called when the records are read for the first time in this process. `loading` is held until that is over.
    pub(super) fn loads(&self, loading: Loading) {
        self.inner().loading = Some(loading);
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

    /// The number of the attempt of a call that is in flight.
    pub(super) fn attempt(&self, level: &Level, site: Site) -> u32 {
        let inner = self.inner();
        let call = inner.state.call(&level.id(site.step, site.phase));
        call.map_or(1, |call| call.attempt)
    }

    /// How a call ended, if it has. The value is returned only once.
    pub(super) fn outcome(&self, id: &CallId) -> Option<RecordedOutcome> {
        let mut inner = self.inner();
        Some(match &mut inner.state.call_mut(id)?.stage {
            CallStage::Completed { skipped, value, .. } => RecordedOutcome::Completed {
                skipped: *skipped,
                value: value.take().unwrap_or_default(),
            },
            CallStage::GaveUp { end, failure, .. } => {
                RecordedOutcome::GaveUp(*end, failure.clone().unwrap_or_default())
            }
            CallStage::Running(_) | CallStage::Nested | CallStage::Waiting { .. } => return None,
        })
    }

    /// How a step that runs a saga ended without a run: no attempt was made, or the last one began no run.
    pub(super) fn ended_without_run(&self, id: &CallId) -> Option<(EndedBefore, Vec<u8>)> {
        match &self.inner().state.call(id)?.stage {
            CallStage::GaveUp {
                end, failure, ran, ..
            } if !ran => Some((*end, failure.clone().unwrap_or_default())),
            _ => None,
        }
    }

    /// How a step that runs a saga ended, if it did not complete.
    pub(super) fn gave_up(&self, level: &Level, site: Site) -> Option<EndedBefore> {
        let inner = self.inner();
        match inner.state.call(&level.id(site.step, site.phase))?.stage {
            CallStage::GaveUp { end, .. } => Some(end),
            _ => None,
        }
    }

    /// Whether the end of a call is recorded.
    pub(super) fn has_ended(&self, id: &CallId) -> bool {
        let inner = self.inner();
        inner.state.call(id).and_then(CallState::ended_at).is_some()
    }

    /// The recorded input and deadline of the nested run that this attempt of a step is.
    pub(super) fn nested_input(&self, id: &CallId, attempt: u32) -> Option<(Vec<u8>, Option<u64>)> {
        let inner = self.inner();
        let nested = inner.state.call(id)?.nested.as_ref()?;
        let is_it = nested.attempt == attempt;
        is_it.then(|| (nested.value.clone().unwrap_or_default(), nested.deadline))
    }

    /// The point at which a call is resumed, if a record mentions it.
    pub(super) fn resumed(&self, level: &Level, site: Site) -> Option<Resumed> {
        let mut inner = self.inner();
        let latest = now().max(inner.state.latest());
        let id = level.id(site.step, site.phase);
        let call = inner.state.call(&id)?;
        let resumed = |attempt, wait, failure| Resumed {
            attempt,
            in_doubt: call.in_doubt,
            wait,
            failure,
        };
        let resumed = match &call.stage {
            // Only for a step that runs a saga: its run is repeated from the records.
            CallStage::GaveUp { end, .. } => Resumed {
                attempt: end.attempts,
                in_doubt: end.in_doubt,
                wait: None,
                failure: None,
            },
            // A call that has just begun in this process is not resumed: a cancellation can still end it.
            CallStage::Running(_) if !call.is_again && call.attempt == 1 => return None,
            CallStage::Running(_) | CallStage::Completed { .. } | CallStage::Nested => {
                resumed(call.attempt, None, None)
            }
            CallStage::Waiting { since, millis, .. } => {
                let passed = latest.saturating_sub(*since);
                let left = Duration::from_millis(millis.saturating_sub(passed));
                resumed(call.attempt, Some(left), inner.failures.get(&id).cloned())
            }
        };
        if resumed.wait.is_some() {
            inner.failures.remove(&id);
            inner.release_place();
        }
        Some(resumed)
    }

    /// The recorded failure before the wait of a call.
    pub(super) fn failure_before_wait(&self, id: &CallId) -> Option<Vec<u8>> {
        match &self.inner().state.call(id)?.stage {
            CallStage::Waiting { failure, .. } => failure.clone(),
            _ => None,
        }
    }

    /// Stores that failure after it was read.
    pub(super) fn set_failure_before_wait(&self, id: &CallId, failure: KeptFailure) {
        self.inner().failures.insert(id.clone(), failure);
    }

    /// The recorded answer of the condition of a step, if there is one.
    pub(super) fn answered(&self, level: &Level, site: Site) -> Option<bool> {
        let inner = self.inner();
        let call = inner.state.call(&level.id(site.step, site.phase))?;
        match call.stage {
            CallStage::Completed { skipped, .. } => Some(!skipped),
            _ => call.is_prepared.then_some(true),
        }
    }

    /// Records how a call ended. `value` is its output or its failure, and `run` is the run that it belongs to.
    pub(super) async fn end_call(
        &self,
        level: &Level,
        site: Site,
        run: &Run,
        ending: CallEnding,
        value: Option<Vec<u8>>,
    ) {
        let id = level.id(site.step, site.phase);
        let value = self.encoded(Some(&id), value).await;
        self.inner().alone.remove(&id);
        // The wait of a call can end without an attempt, and the calls that begin with this record are in flight.
        self.takes_place().await;
        let is_shutting_down = self.shared.is_shutting_down();
        let written = {
            let mut inner = self.inner();
            let (mut begins, is_last) = inner.state.begins_after(level, site, ending);
            let ends_steps = inner.state.ends_steps(run);
            begins.retain(|begun| match begun {
                Begun::Call(_) => !(is_shutting_down || ends_steps && is_cancellable(site)),
                Begun::NextUndo(_) => !is_shutting_down,
            });
            let is_completed = matches!(ending, CallEnding::Completed { .. });
            let is_outermost = level.run.is_none() && !level.ends_apart;
            let ends = is_completed && is_last && is_outermost && site.ends_alone();
            let entry = match ending {
                CallEnding::Completed { skipped } => Entry::Completed {
                    call: id,
                    skipped,
                    begins,
                    ends,
                },
                CallEnding::GaveUp(end) => Entry::GaveUp {
                    call: id,
                    attempts: end.attempts,
                    in_doubt: end.in_doubt,
                    cancelled: end.cancelled.map(Why::from),
                    begins,
                },
            };
            inner.decide(entry, value, ends.then_some(SagaState::Completed))
        };
        self.write(written).await;
        self.has_changed();
    }

    /// Waits until the outcomes of all members of the group with earlier records were returned: the first member that
    /// fails is the primary failure, and that must be the same in each process.
    pub(super) async fn answer_in_order(&self, level: &Level, site: Site) {
        let id = level.id(site.step, site.phase);
        let stage = site.definition.stage(site.step.index);
        let others = site.definition.steps.iter().enumerate();
        let others = others.filter(|(index, _)| {
            let is_alone = site.step.group.is_none() || !site.is_step();
            !is_alone && *index != site.step.index && stage.contains(index)
        });
        let others: Vec<_> = others
            .map(|(_, step)| CallId::new(level.run.clone(), step.name, Phase::Step))
            .collect();
        poll_fn(|cx| {
            let mut inner = self.inner();
            let ended_at = |id: &CallId| inner.state.call(id).and_then(CallState::ended_at);
            let Some(number) = ended_at(&id) else {
                return Poll::Ready(());
            };
            let is_before = |other: &&CallId| {
                ended_at(other).is_some_and(|at| at < number) && !inner.answered.contains(*other)
            };
            if others.iter().any(|other| is_before(&other)) {
                inner.wakers.push(cx.waker().clone());
                return Poll::Pending;
            }
            if !others.is_empty() {
                inner.answered.insert(id.clone());
                inner.wakers.drain(..).for_each(Waker::wake);
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Records that another attempt follows.
    pub(super) async fn record_wait(&self, level: &Level, site: Site, retry: Retry) {
        let id = level.id(site.step, site.phase);
        let Retry {
            attempt,
            in_doubt,
            failure,
            wait,
        } = retry;
        let value = self.encoded(Some(&id), Some(failure.to_json())).await;
        let written = {
            let mut inner = self.inner();
            inner.alone.remove(&id);
            let entry = Entry::Failed {
                call: id,
                next: attempt,
                in_doubt,
                wait: wait.map(millis_rounded_up),
            };
            inner.decide(entry, value, None)
        };
        self.write(written).await;
        if wait.is_some() {
            self.inner().release_place();
            self.has_changed();
        }
    }

    /// Records that the nested run `run` begins, with this input.
    pub(super) async fn nested_begins(
        &self,
        id: CallId,
        (of, run, nested): (RunId, &Run, &'static Definition),
        deadline: Option<u64>,
        input: Vec<u8>,
    ) {
        let value = self.encoded(Some(&id), Some(input)).await;
        let is_shutting_down = self.shared.is_shutting_down();
        let written = {
            let mut inner = self.inner();
            // From now on its calls may end the process. A saga that waits for a place must hold no permit that others
            // wait for while they have one.
            inner.alone.remove(&id);
            // If the run ends before its first step, none of its calls is in flight.
            let begins = if is_shutting_down || inner.state.ends_steps(run) {
                Vec::new()
            } else {
                calls_of_stage(Some(&of), nested, 0)
            };
            let entry = Entry::NestedBegan {
                call: id,
                attempt: of.attempt(),
                deadline,
                begins,
            };
            inner.decide(entry, value, None)
        };
        self.write(written).await;
    }

    /// Records that the saga is cancelled, unless it has ended or is [past](Self::is_final) one of these points.
    /// Returns whether it is cancelled, after all records that decide so are written.
    ///
    /// # Errors
    ///
    /// If the journal refuses to write, permanently.
    pub(super) async fn request_cancellation(
        &self,
        points: &[Vec<&str>],
    ) -> Result<bool, JournalError> {
        let (written, is_requested) = {
            let mut inner = self.inner();
            let is_over = inner.state.end().is_some() || inner.state.is_final(points);
            let is_known = is_over || inner.state.is_cancelled();
            match inner.last_decided() {
                // Recorded before: the records up to now contain it.
                Some(last) if is_known => (last, !is_over),
                _ => {
                    let request = Entry::CancelRequested {};
                    (inner.decide(request, Vec::new(), None), true)
                }
            }
        };
        self.write_unless_broken(written).await?;
        Ok(is_requested)
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

    /// Records that the saga has ended, with its report or, if it completed, its output.
    ///
    /// # Errors
    ///
    /// If the journal refuses to write, permanently.
    pub(super) async fn end_saga(
        &self,
        end: SagaState,
        value: Option<Vec<u8>>,
    ) -> Result<(), JournalError> {
        let value = self.encoded(None, value).await;
        let written = self.inner().decide(Entry::Ended { end }, value, Some(end));
        self.write_unless_broken(written).await
    }

    /// Records that an orderly shutdown has dropped what was in flight, if anything was.
    pub(super) async fn dropped(&self) {
        self.is_loaded().await;
        let written = {
            let mut inner = self.inner();
            let calls = inner.state.in_flight_now();
            if calls.is_empty() || inner.broken.is_some() {
                return;
            }
            inner.decide(Entry::Dropped { calls }, Vec::new(), None)
        };
        let _ = self.write_unless_broken(written).await;
    }
}

pub(super) const fn state_of(end: End) -> SagaState {
    match end {
        End::Compensated => SagaState::Compensated,
        End::Stuck => SagaState::Stuck,
    }
}

/// Rounds up, so that a wait that the deadline cut short is not over before the deadline.
fn millis_rounded_up(wait: Duration) -> u64 {
    millis(wait.saturating_add(Duration::from_nanos(999_999)))
}

/// Whether a cancellation keeps the calls that follow this one from beginning.
fn is_cancellable(site: Site) -> bool {
    let next = site.definition.stage(site.step.index).end;
    let next = site.definition.steps.get(next);
    next.is_some_and(|next| !site.definition.is_past_the_pivot(next))
}

impl LogState {
    fn is_final(&self, points: &[Vec<&str>]) -> bool {
        let has_completed = |step: &&str| {
            let call = CallId::new(None, (*step).to_owned(), Phase::Step);
            let call = self.call(&call);
            call.is_some_and(|call| matches!(call.stage, CallStage::Completed { .. }))
        };
        let mut points = points.iter();
        points.any(|steps| steps.iter().all(has_completed)) || self.is_rolled_back()
    }

    /// Whether a cancellation or the deadline keeps further steps of this run from beginning.
    fn ends_steps(&self, run: &Run) -> bool {
        run.ended_by().is_some() || (self.is_cancelled() && run.can_be_cancelled())
    }

    /// The calls that are in flight once a call has ended, and whether it is the last of its saga.
    fn begins_after(&self, level: &Level, site: Site, ending: CallEnding) -> (Vec<Begun>, bool) {
        let run = level.run.as_ref();
        if !site.is_step() {
            return (vec![Begun::NextUndo(self.rolled_back(run))], false);
        }
        let stage = site.definition.stage(site.step.index);
        let mut has_failed = matches!(ending, CallEnding::GaveUp(_));
        for (index, step) in site.definition.steps.iter().enumerate() {
            if !stage.contains(&index) || index == site.step.index {
                continue;
            }
            match self
                .call(&level.id(step, Phase::Step))
                .map(|call| &call.stage)
            {
                Some(CallStage::GaveUp { .. }) => has_failed = true,
                Some(CallStage::Completed { .. }) => {}
                _ => return (Vec::new(), false),
            }
        }
        if has_failed {
            return (vec![Begun::NextUndo(run.cloned())], false);
        }
        if stage.end < site.definition.steps.len() {
            return (calls_of_stage(run, site.definition, stage.end), false);
        }
        (Vec::new(), true)
    }
}

impl LogInner {
    /// Releases the place if no call of the saga is in flight.
    fn release_place(&mut self) {
        if !self.state.is_in_flight() {
            (self.place, self.has_left_place) = (None, false);
        }
    }
}
