//! Writes decided records to the journal.

use core::future::pending;
use core::pin::pin;
use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::{LogInner, SagaLog, Stopped};
use crate::durable::again::Tries;
use crate::durable::clock::now;
use crate::durable::codec::Journalable;
use crate::durable::executor::Halt;
use saga_journal::{CallId, Entry, JournalError, JournalErrorKind, Record, SagaState};

/// The records that are decided and not written yet, in order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<(Record, Option<SagaState>)>,
    /// The records that the journal was called to write, without an `Ok` so far: the same call is repeated.
    batch: Option<Batch>,
    /// The number of the first record that is not written.
    written: u64,
    /// The number after the last record that the run of the saga decided. Requests from outside do not count.
    decided_by_run: u64,
}

#[derive(Debug, Clone)]
struct Batch {
    records: Arc<[Record]>,
    state: Option<SagaState>,
}

impl Queue {
    /// The queue of a saga whose records before this number are written.
    pub(super) fn after(written: u64) -> Self {
        Self {
            written,
            ..Self::default()
        }
    }

    /// Whether all records before this number are written.
    pub(super) fn is_written_up_to(&self, number: u64) -> bool {
        self.written >= number
    }

    fn batch(&mut self) -> Option<Batch> {
        if self.batch.is_none() && !self.waiting.is_empty() {
            let waiting = core::mem::take(&mut self.waiting);
            let state = waiting.iter().filter_map(|(_, state)| *state).next_back();
            let records = waiting.into_iter().map(|(record, _)| record).collect();
            self.batch = Some(Batch { records, state });
        }
        self.batch.clone()
    }
}

/// The number of a record that was decided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decided(u64);

impl LogInner {
    /// Changes the state as this record will when it is read back, and puts it into the queue.
    pub(super) fn decide(
        &mut self,
        entry: Entry,
        value: Vec<u8>,
        of_saga: Option<SagaState>,
    ) -> Decided {
        let number = self.state.next_number();
        let at = now().max(self.state.latest());
        self.state.apply(&entry, number, at, None);
        if !matches!(entry, Entry::CancelRequested {}) {
            self.queue.decided_by_run = number + 1;
        }
        let record = Record::new(number, at, entry, value);
        self.queue.waiting.push_back((record, of_saga));
        Decided(number)
    }
}

impl LogInner {
    /// The last record that was decided.
    pub(super) fn last_decided(&self) -> Option<Decided> {
        self.state.next_number().checked_sub(1).map(Decided)
    }

    /// Releases what the saga holds to others, while none of its calls runs. Returns whether it held the permit to be
    /// read alone.
    fn leaves(&mut self, is_over: bool) -> (bool, [Option<OwnedSemaphorePermit>; 2]) {
        let alone = self.take_loading_permit();
        let runs = !is_over && self.state.is_in_flight_beside(&self.unencoded);
        let place = if runs { None } else { self.place.take() };
        self.has_left_place |= place.is_some();
        (alone.is_some(), [alone, place])
    }
}

impl SagaLog {
    /// Encodes a value of a call that ended, or of the saga. If the codec fails, it is tried again until it succeeds.
    /// Meanwhile the saga stays where it is, and does not keep others from going on.
    pub(super) async fn encoded(&self, call: Option<&CallId>, json: Option<Vec<u8>>) -> Vec<u8> {
        let Some(json) = json else {
            return Vec::new();
        };
        match self.shared.encoded(json.clone()) {
            Ok(encoded) => encoded,
            Err(error) => self.encoded_later(call, json, error).await,
        }
    }

    async fn encoded_later(&self, call: Option<&CallId>, json: Vec<u8>, error: String) -> Vec<u8> {
        let (mut tries, mut error) = (Tries::new(), error);
        self.inner().unencoded.extend(call.cloned());
        let encoded = loop {
            let left = {
                let mut inner = self.inner();
                let alone = call.and_then(|call| inner.alone.remove(call));
                (alone, inner.leaves(call.is_none()))
            };
            drop(left);
            self.codec_failed(error, &mut tries).await;
            match self.shared.encoded(json.clone()) {
                Ok(encoded) => break encoded,
                Err(still) => error = still,
            }
        };
        self.trouble.is_over();
        if self.inner().has_left_place {
            self.takes_place().await;
        }
        self.inner().unencoded.retain(|ended| Some(ended) != call);
        encoded
    }

    /// Decodes a value. If the codec fails, it is tried again until it succeeds, except for a saga that is only read.
    /// Meanwhile the saga does not keep others from going on.
    pub(in crate::durable) async fn decoded(&self, written: &[u8]) -> Result<Vec<u8>, Halt> {
        let (mut tries, mut was_alone) = (Tries::new(), false);
        loop {
            match self.shared.decoded(written) {
                Ok(decoded) => {
                    if tries.have_failed() {
                        self.trouble.is_over();
                        self.comes_back(was_alone).await;
                    }
                    return Ok(decoded);
                }
                Err(error) if self.is_read_only => return Err(Halt::Codec { error }),
                Err(error) => {
                    let (had_permit, left) = self.inner().leaves(false);
                    drop(left);
                    was_alone |= had_permit;
                    self.codec_failed(error, &mut tries).await;
                }
            }
        }
    }

    /// Takes back what it released while its codec failed, in the same order as all sagas do.
    async fn comes_back(&self, was_alone: bool) {
        let has_left_place = self.inner().has_left_place;
        if has_left_place {
            self.takes_place().await;
        }
        if was_alone && let Some(permit) = self.shared.alone().await {
            self.inner().put_loading_permit(permit);
        }
    }

    async fn codec_failed(&self, error: String, tries: &mut Tries) {
        self.trouble.set(Halt::Codec { error }.to_string());
        tries.failed().await;
    }

    /// Decodes a recorded value and reads it as this type. `call` names it in errors.
    pub(in crate::durable) async fn read<T: Journalable>(
        &self,
        call: impl ToString,
        written: &[u8],
    ) -> Result<T, Halt> {
        T::of_json(&self.decoded(written).await?).map_err(|error| Halt::Unreadable {
            call: call.to_string(),
            error,
        })
    }

    /// Ready when a record is written for good. While the journal is unavailable, writing is repeated.
    pub(super) async fn write(&self, Decided(number): Decided) {
        let _writing = self.writing.lock().await;
        // The task that held the lock before may have written this record too.
        while self.inner().queue.written <= number {
            let Some(batch) = self.inner().queue.batch() else {
                return;
            };
            self.write_batch(&batch).await;
        }
    }

    async fn write_batch(&self, Batch { records, state }: &Batch) {
        let shared = &self.shared;
        let append = || self.keeper.append(Arc::clone(records), *state);
        if let Err(error) = shared.once_available(append).await {
            if error.kind() == JournalErrorKind::Fenced {
                shared.journal_failed(&error);
            }
            // Otherwise it concerns this saga alone: the others go on.
            self.inner().broken = Some(error);
            self.changed.notify_waiters();
            return pending().await;
        }
        shared.journal_is_back();
        let mut inner = self.inner();
        if let Some(last) = records.last() {
            inner.queue.written = last.number + 1;
        }
        inner.queue.batch = None;
        // With this record the journal counts the saga as loaded.
        inner.loading = None;
    }

    /// Writes a record from outside of the run of the saga, and so is not dropped with it if the journal fails.
    pub(super) async fn write_unless_broken(&self, decided: Decided) -> Result<(), JournalError> {
        tokio::select! {
            biased;
            () = self.write(decided) => Ok(()),
            error = self.broken() => Err(error),
        }
    }

    /// Ready when the journal has refused a record for good.
    async fn broken(&self) -> JournalError {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Registers now, so that no notification is missed before the first poll.
            changed.as_mut().enable();
            if let Some(error) = &self.inner().broken {
                return error.clone();
            }
            changed.await;
        }
    }

    /// Ready when the run must be dropped where it is.
    pub(in crate::durable) async fn stopped(&self) -> Stopped {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Registers now, so that no notification is missed before the first poll.
            changed.as_mut().enable();
            let is_shutting_down = self.shared.is_shutting_down();
            {
                let inner = self.inner();
                if let Some(error) = &inner.broken {
                    return Stopped::Broken(error.clone());
                }
                let is_written = inner.queue.written >= inner.queue.decided_by_run;
                if is_shutting_down && is_written && !inner.state.is_in_flight() {
                    return Stopped::ShutDown;
                }
            }
            tokio::select! {
                () = changed => {}
                () = self.shared.shuts_down(), if !is_shutting_down => {}
            }
        }
    }

    pub(super) fn has_changed(&self) {
        if self.shared.is_shutting_down() {
            self.changed.notify_waiters();
        }
    }
}
