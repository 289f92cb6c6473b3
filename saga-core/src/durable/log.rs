//! What is recorded of one saga while it runs: what there was when this process took it over, and what is
//! written since.
//!
//! Says of every call how it ended, where it goes on, or that it was in hand when the process ended. Knows
//! nothing of types.

use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::{Poll, Waker};
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, Notify, OwnedSemaphorePermit};
use tokio::time::sleep;

use super::calls::{Level, Which, first_of_nested};
use super::entry::{Entry, NEXT_UNDO, millis, now};
use super::journal::{JournalError, JournalErrorKind, Record, SagaKey, SagaState};
use super::recorded::{How, InCall, Outcome, State, Waiting};
use super::shared::Shared;
use super::trouble::SagaTrouble;
use crate::definition::{Kind, Phase};
use crate::id::SagaId;
use crate::memory::{EndedBefore, KeptFailure, Resumed, Retry};
use crate::record::End;

/// How long to wait before a journal that was not available is asked again.
const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The log of one saga.
#[derive(Debug)]
pub(super) struct SagaLog {
    pub(super) shared: Arc<Shared>,
    pub(super) id: SagaId,
    key: SagaKey,
    /// Whether it is only read: what is not recorded is not carried out.
    is_read_only: bool,
    state: Mutex<State>,
    // The records that are being written. Whoever holds it writes for all.
    writing: AsyncMutex<Option<Batch>>,
    changed: Notify,
    /// Why the saga stays where it is, while its codec fails.
    pub(super) trouble: SagaTrouble,
}

#[derive(Debug)]
struct Batch {
    records: Arc<[Record]>,
    state: Option<SagaState>,
}

/// Whether a call may be carried out.
#[derive(Debug)]
pub(super) enum Start {
    Go,
    /// It was interrupted, and is not carried out again.
    GiveUp(EndedBefore),
    /// No call is begun any more.
    ShutDown,
    /// Nothing is carried out.
    ReadOnly,
}

/// Why the run of a saga is dropped where it is.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The engine is shut down, and nothing of the saga is in hand.
    ShutDown,
    /// The journal says that it never can be written.
    Broken(JournalError),
}

impl SagaLog {
    /// Of a saga that has these records.
    ///
    /// # Errors
    ///
    /// When a record is not one that this version writes.
    pub(super) fn new(
        shared: Arc<Shared>,
        id: SagaId,
        key: SagaKey,
        records: Vec<Record>,
        is_read_only: bool,
    ) -> Result<Self, JournalError> {
        let mut state = State::default();
        for record in records {
            state.take_in(&shared, record)?;
        }
        state.written = state.next_number;
        state.interrupted = core::mem::take(&mut state.hand);
        Ok(Self::of(shared, id, key, state, is_read_only))
    }

    /// Of a saga that this process has just created.
    pub(super) fn fresh(
        shared: Arc<Shared>,
        id: SagaId,
        key: SagaKey,
        begins: Vec<String>,
    ) -> Self {
        let state = State {
            next_number: 1,
            written: 1,
            hand: begins.into_iter().collect(),
            ..State::default()
        };
        Self::of(shared, id, key, state, false)
    }

    fn of(shared: Arc<Shared>, id: SagaId, key: SagaKey, state: State, is_read_only: bool) -> Self {
        Self {
            shared,
            id,
            key,
            is_read_only,
            state: Mutex::new(state),
            writing: AsyncMutex::new(None),
            changed: Notify::new(),
            trouble: SagaTrouble::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing of the user's runs while it is locked.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody has asked for the saga to end.
    pub(super) fn is_cancelled(&self) -> bool {
        self.state().is_cancelled
    }

    /// What the saga has come to, if it has ended.
    pub(super) fn end(&self) -> Option<SagaState> {
        self.state().end
    }

    /// Holds a place among the sagas in flight for as long as something of it is in hand.
    pub(super) fn hold(&self, slot: OwnedSemaphorePermit) {
        self.state().slot = Some(slot);
    }

    /// Gives the place back, whatever is in flight: nothing of the saga runs any more.
    pub(super) fn release(&self) {
        let place = self.state().slot.take();
        drop(place);
    }

    /// Whether the saga has a place: one that has none waits for its next attempt.
    pub(super) fn has_place(&self) -> bool {
        self.state().slot.is_some()
    }

    /// Which attempt of a call is in hand.
    pub(super) fn attempt(&self, level: &Level, call: Which) -> u32 {
        let state = self.state();
        let at = state.calls.get(&level.name_of(call));
        at.map_or(1, |at| at.attempt)
    }

    /// How a call ended, if it has.
    pub(super) fn outcome(&self, name: &str) -> Option<How> {
        let mut state = self.state();
        let outcome = state.outcomes.get_mut(name)?;
        // An output is asked for once.
        Some(match &mut outcome.how {
            How::Completed(value) => How::Completed(value.take()),
            how @ How::GaveUp(..) => how.clone(),
        })
    }

    pub(super) fn ended_before(&self, level: &Level, call: Which) -> Option<EndedBefore> {
        match &self.state().outcomes.get(&level.name_of(call))?.how {
            How::GaveUp(end, _) => Some(*end),
            How::Completed(_) => None,
        }
    }

    pub(super) fn resumed(&self, level: &Level, call: Which) -> Option<Resumed> {
        let mut state = self.state();
        if state.calls.is_empty() && !call.is_nested() {
            return None;
        }
        let name = level.name_of(call);
        if let Some(How::GaveUp(end, _)) = state.outcomes.get(&name).map(|outcome| &outcome.how) {
            // A step that runs a saga: its last run is what there is to tell.
            return Some(Resumed {
                attempt: end.attempts,
                in_doubt: end.in_doubt,
                wait: None,
            });
        }
        let at = state.calls.get_mut(&name)?;
        let left = |wait: Waiting| {
            // A clock that was set back makes the wait no longer than it was, and one that was set forward
            // ends it.
            let passed = now().saturating_sub(wait.since);
            let left = Duration::from_millis(wait.millis.saturating_sub(passed));
            (wait.failure, left)
        };
        Some(Resumed {
            attempt: at.attempt,
            in_doubt: at.in_doubt,
            wait: at.wait.take().map(left),
        })
    }

    /// Before the attempts of a call that is not recorded to have ended.
    pub(super) async fn start(&self, level: &Level, call: Which) -> Start {
        if self.is_read_only {
            return Start::ReadOnly;
        }
        let name = level.name_of(call);
        let is_step = call.phase == Phase::Step;
        let entry = {
            let mut state = self.state();
            let is_in_hand =
                state.hand.contains(&name) || (!is_step && state.hand.contains(NEXT_UNDO));
            if self.shared.is_shutting_down() && !is_in_hand {
                return Start::ShutDown;
            }
            let was_in_hand = state.interrupted.remove(&name)
                || (!is_step && state.interrupted.remove(NEXT_UNDO));
            let at = state.calls.get(&name).cloned().unwrap_or_default();
            let attempt = at.attempt.max(1);
            if was_in_hand {
                let times = at.times + 1;
                let in_doubt = at.in_doubt || !is_step || call.step.kind != Kind::ReadOnly;
                if (is_step && call.step.at_most_once && in_doubt)
                    || times > self.shared.max_interruptions
                {
                    return Start::GiveUp(EndedBefore {
                        attempts: attempt,
                        in_doubt,
                        cancelled: None,
                    });
                }
                let interrupted = InCall {
                    attempt,
                    in_doubt,
                    times,
                    wait: None,
                };
                state.calls.insert(name.clone(), interrupted);
                state.hand.insert(name.clone());
                Entry::Interrupted {
                    call: name,
                    attempt,
                    times,
                    in_doubt,
                }
            } else if state.hand.contains(&name) || at.wait.is_some() {
                if state.hand.is_empty() && state.interrupted.is_empty() {
                    state.slot = None;
                }
                return Start::Go;
            } else if !is_step && state.hand.remove(NEXT_UNDO) {
                state.hand.insert(name);
                return Start::Go;
            } else if is_step && call.step.condition.is_some() {
                return Start::Go;
            } else {
                state.hand.insert(name.clone());
                Entry::Began {
                    call: name,
                    attempt,
                    begins: Vec::new(),
                }
            }
        };
        self.write(entry, Vec::new(), None).await;
        Start::Go
    }

    /// Takes down how a call ended; what it gives goes with it.
    pub(super) async fn end_call(
        &self,
        level: &Level,
        call: Which,
        gave_up: Option<EndedBefore>,
        value: Vec<u8>,
        is_ended: bool,
    ) {
        let name = level.name_of(call);
        let (entry, state_of_saga, begins) = {
            let mut state = self.state();
            let how = match gave_up {
                None => How::Completed(None),
                Some(end) => How::GaveUp(end, None),
            };
            let outcome = Outcome {
                number: state.next_number,
                told: false,
                how,
            };
            state.outcomes.insert(name.clone(), outcome);
            state.calls.remove(&name);
            let (mut begins, ends) = state.after(level, call);
            if is_ended || self.shared.is_shutting_down() {
                begins.clear();
            }
            let entry = match gave_up {
                None => Entry::Completed {
                    call: name.clone(),
                    begins: begins.clone(),
                    ends,
                },
                Some(end) => Entry::gave_up(name.clone(), end, begins.clone()),
            };
            if ends {
                state.end = Some(SagaState::Completed);
            }
            (entry, ends.then_some(SagaState::Completed), begins)
        };
        self.write(entry, value, state_of_saga).await;
        let mut state = self.state();
        state.hand.remove(&name);
        state.hand.extend(begins);
        drop(state);
        self.has_changed();
    }

    /// What the condition of a step has said: it has begun, or it runs a saga and was skipped.
    pub(super) fn answered(&self, level: &Level, call: Which) -> Option<bool> {
        let name = level.name_of(call);
        let state = self.state();
        match state.outcomes.get(&name).map(|outcome| &outcome.how) {
            Some(How::Completed(_)) => Some(false),
            _ => state.calls.contains_key(&name).then_some(true),
        }
    }

    /// Takes down that the condition of a step that runs a saga has said no.
    pub(super) async fn skips(&self, level: &Level, call: Which) {
        if self.outcome(&level.name_of(call)).is_none() && !self.is_read_only {
            let nothing = b"null".to_vec();
            let value = self.shared.codec.encode(nothing).unwrap_or_default();
            let is_ended = self.is_cancelled();
            self.end_call(level, call, None, value, is_ended).await;
        }
        self.told(level, call).await;
    }

    /// Takes down how a step ended that runs a saga, and did not complete.
    pub(super) async fn nested_ended(
        &self,
        level: &Level,
        call: Which,
        end: EndedBefore,
        failure: KeptFailure,
    ) {
        if self.ended_before(level, call).is_none() && !self.is_read_only {
            let value = self.shared.encode_failure(&failure);
            let is_ended = end.cancelled.is_some();
            self.end_call(level, call, Some(end), value, is_ended).await;
        }
        self.told(level, call).await;
    }

    /// A call that was read to have completed.
    pub(super) fn completed_before(&self, level: &Level, call: Which) {
        // For what it says of the step that runs this saga.
        let _ = self.state().after(level, call);
    }

    /// Waits until those of its group have been told that ended before: the first to fail is the primary
    /// failure, and that has to be the same each time.
    pub(super) async fn told(&self, level: &Level, call: Which) {
        let name = level.name_of(call);
        if call.phase == Phase::Compensation || call.step.group.is_none() {
            if let Some(outcome) = self.state().outcomes.get_mut(&name) {
                outcome.told = true;
            }
            return;
        }
        let stage = call.definition.stage(call.step.index);
        let siblings = call
            .definition
            .steps
            .iter()
            .filter(|step| stage.contains(&step.index) && step.index != call.step.index);
        let siblings: Vec<_> = siblings.map(|step| level.name(step, Phase::Step)).collect();
        poll_fn(|cx| {
            let mut state = self.state();
            let Some(number) = state.outcomes.get(&name).map(|outcome| outcome.number) else {
                return Poll::Ready(());
            };
            let is_before = |outcome: &Outcome| outcome.number < number && !outcome.told;
            let mut others = siblings.iter().filter_map(|name| state.outcomes.get(name));
            if others.any(is_before) {
                state.wakers.push(cx.waker().clone());
                return Poll::Pending;
            }
            if let Some(outcome) = state.outcomes.get_mut(&name) {
                outcome.told = true;
            }
            state.wakers.drain(..).for_each(Waker::wake);
            Poll::Ready(())
        })
        .await;
    }

    /// Takes down that another attempt is waited for.
    pub(super) async fn waits(&self, level: &Level, call: Which, retry: Retry) {
        let (name, step, is_nested) = (level.name_of(call), call.step, call.is_nested());
        let Retry {
            attempt,
            in_doubt,
            failure,
            wait,
        } = retry;
        let mut begins = Vec::new();
        {
            let mut state = self.state();
            let at = state.calls.entry(name.clone()).or_default();
            (at.attempt, at.in_doubt) = (attempt, in_doubt);
        }
        if is_nested && wait.is_none() {
            begins = first_of_nested(level, step, attempt);
            self.state().begin_nested(level, step, attempt, &begins);
        }
        let value = self.shared.encode_failure(&failure);
        let entry = Entry::Failed {
            call: name.clone(),
            next: attempt,
            in_doubt,
            wait: wait.map(millis),
            begins,
        };
        self.write(entry, value, None).await;
        if wait.is_some() {
            let mut state = self.state();
            state.hand.remove(&name);
            if state.hand.is_empty() {
                state.slot = None;
            }
            drop(state);
            self.has_changed();
        }
    }

    /// Takes down that an attempt begins that was waited for, once there is a place for it among the sagas
    /// in flight.
    pub(super) async fn begins(&self, level: &Level, call: Which, attempt: u32) {
        let (name, step, is_nested) = (level.name_of(call), call.step, call.is_nested());
        let has_slot = self.state().slot.is_some();
        if !has_slot && let Some(slot) = self.shared.slot().await {
            self.hold(slot);
        }
        if self.shared.is_shutting_down() {
            // Dropped as soon as nothing of the saga is in hand.
            return pending().await;
        }
        let begins = if is_nested {
            first_of_nested(level, step, attempt)
        } else {
            Vec::new()
        };
        {
            let mut state = self.state();
            if is_nested {
                state.begin_nested(level, step, attempt, &begins);
            } else {
                state.hand.insert(name.clone());
            }
        }
        let entry = Entry::Began {
            call: name,
            attempt,
            begins,
        };
        self.write(entry, Vec::new(), None).await;
    }

    /// Takes down that somebody asked for the saga to end.
    ///
    /// # Errors
    ///
    /// When the journal says that it never can be written.
    pub(super) async fn request_cancellation(&self) -> Result<(), JournalError> {
        let entry = Entry::CancelRequested {};
        self.write_unless_broken(entry, Vec::new(), None).await?;
        self.state().is_cancelled = true;
        Ok(())
    }

    /// Takes down that the saga has ended, and did not complete, with its report.
    ///
    /// # Errors
    ///
    /// When the journal says that it never can be written.
    pub(super) async fn end_saga(&self, end: End, report: Vec<u8>) -> Result<(), JournalError> {
        let state = match end {
            End::Compensated => SagaState::Compensated,
            End::Stuck => SagaState::Stuck,
        };
        let entry = Entry::Ended { end };
        let ended = self.write_unless_broken(entry, report, Some(state));
        ended.await?;
        self.state().end = Some(state);
        Ok(())
    }

    /// What is written beside the run of the saga, which is what else is stopped when that cannot be.
    async fn write_unless_broken(
        &self,
        entry: Entry,
        value: Vec<u8>,
        of_saga: Option<SagaState>,
    ) -> Result<(), JournalError> {
        tokio::select! {
            biased;
            () = self.write(entry, value, of_saga) => Ok(()),
            error = self.broken() => Err(error),
        }
    }

    /// Ready when the journal has said that it never can be written.
    async fn broken(&self) -> JournalError {
        loop {
            let mut changed = pin!(self.changed.notified());
            // From here on, not from when it is waited for.
            changed.as_mut().enable();
            if let Some(error) = &self.state().broken {
                return error.clone();
            }
            changed.await;
        }
    }

    /// Ready when the run is to be dropped where it is.
    pub(super) async fn stopped(&self) -> Stopped {
        loop {
            let mut changed = pin!(self.changed.notified());
            // From here on, not from when it is waited for.
            changed.as_mut().enable();
            let is_shutting_down = self.shared.is_shutting_down();
            {
                let state = self.state();
                if let Some(error) = &state.broken {
                    return Stopped::Broken(error.clone());
                }
                if is_shutting_down && state.hand.is_empty() {
                    return Stopped::ShutDown;
                }
            }
            tokio::select! {
                () = changed => {}
                () = self.shared.shuts_down(), if !is_shutting_down => {}
            }
        }
    }

    fn has_changed(&self) {
        if self.shared.is_shutting_down() {
            self.changed.notify_waiters();
        }
    }

    /// Adds a record. Ready when it is there for good; a journal that is not available is asked until it is.
    async fn write(&self, entry: Entry, value: Vec<u8>, of_saga: Option<SagaState>) {
        let number = {
            let mut state = self.state();
            if !matches!(entry, Entry::CancelRequested {}) {
                state.hand.remove(NEXT_UNDO);
            }
            let number = state.next_number;
            state.next_number += 1;
            let record = Record {
                number,
                at: now(),
                head: entry.head(),
                value,
            };
            state.waiting.push((record, of_saga));
            number
        };
        let mut writing = self.writing.lock().await;
        // Whoever held it before may have written this as well.
        while self.state().written <= number {
            if writing.is_none() {
                let waiting = core::mem::take(&mut self.state().waiting);
                let state = waiting.iter().filter_map(|(_, state)| *state).next_back();
                let records = waiting.into_iter().map(|(record, _)| record).collect();
                *writing = Some(Batch { records, state });
            }
            self.write_batch(&mut writing).await;
        }
    }

    async fn write_batch(&self, writing: &mut Option<Batch>) {
        let Some(Batch { records, state }) = &*writing else {
            return;
        };
        let mut wait = FIRST_WAIT;
        loop {
            let journal = &self.shared.journal;
            let Err(error) = journal.append(self.key, Arc::clone(records), *state).await else {
                break;
            };
            if error.kind() != JournalErrorKind::Unavailable {
                // Of this saga alone: the others have no trouble.
                self.state().broken = Some(error);
                self.changed.notify_waiters();
                return pending().await;
            }
            self.shared.journal_failed(&error);
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        self.shared.journal_is_back();
        if let Some(last) = records.last() {
            self.state().written = last.number + 1;
        }
        *writing = None;
    }
}
