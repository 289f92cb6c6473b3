//! Guards the journal of an engine: a panic becomes an error, calls have a Tokio runtime, and nothing is written after
//! the journal was released.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::runtime::Handle;

use crate::id::SagaId;
use crate::util::panics;
use saga_journal::{
    Answer, Claim, Count, Created, DefinitionText, Epoch, Journal, JournalError, JournalErrorKind,
    JournalLock, NewSaga, Query, Record, RecordPosition, SagaEntry, SagaKey, SagaState,
};

pub(super) struct Guarded {
    journal: Arc<dyn Journal>,
    runtime: Handle,
    /// Whether the journal may be written. It is locked while a write is polled, so nothing is written after
    /// [`close`](Self::close), even if a task is in the middle of a write.
    is_open: RwLock<bool>,
}

impl Guarded {
    pub(super) fn new(journal: Arc<dyn Journal>, runtime: Handle) -> Self {
        Self {
            journal,
            runtime,
            is_open: RwLock::new(true),
        }
    }

    /// Stops all writes, before the lock of the journal is released.
    pub(super) fn close(&self) {
        *self.is_open.write().unwrap_or_else(PoisonError::into_inner) = false;
    }

    pub(super) fn lock(&self) -> GuardedCall<'_, JournalLock> {
        self.call(true, |journal| journal.lock())
    }

    pub(super) fn define(&self, definition: DefinitionText) -> GuardedCall<'_, ()> {
        self.call(true, |journal| journal.define(definition))
    }

    pub(super) fn definition(&self, hash: u64) -> GuardedCall<'_, Option<String>> {
        self.call(false, |journal| journal.definition(hash))
    }

    pub(super) fn create(&self, epoch: Epoch, saga: NewSaga) -> GuardedCall<'_, Created> {
        self.call(true, |journal| journal.create(epoch, saga))
    }

    pub(super) fn claim(&self, epoch: Epoch, claim: Claim) -> GuardedCall<'_, Vec<SagaEntry>> {
        self.call(true, |journal| journal.claim(epoch, claim))
    }

    pub(super) fn loaded(&self, epoch: Epoch, saga: SagaKey) -> GuardedCall<'_, ()> {
        self.call(true, |journal| journal.loaded(epoch, saga))
    }

    pub(super) fn counts(&self) -> GuardedCall<'_, Vec<Count>> {
        self.call(false, |journal| journal.counts())
    }

    pub(super) fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> GuardedCall<'_, ()> {
        self.call(true, |journal| journal.append(epoch, saga, records, state))
    }

    pub(super) fn find(&self, id: &SagaId) -> GuardedCall<'_, Option<SagaEntry>> {
        self.call(false, |journal| journal.find(id))
    }

    pub(super) fn records(&self, saga: SagaKey) -> GuardedCall<'_, Vec<Record>> {
        self.call(false, |journal| journal.records(saga))
    }

    pub(super) fn record(
        &self,
        saga: SagaKey,
        position: RecordPosition,
    ) -> GuardedCall<'_, Option<Record>> {
        self.call(false, |journal| journal.record(saga, position))
    }

    pub(super) fn list(&self, query: Query) -> GuardedCall<'_, Vec<SagaEntry>> {
        self.call(false, |journal| journal.list(query))
    }

    fn call<'a, T>(
        &'a self,
        writes: bool,
        call: impl FnOnce(&'a dyn Journal) -> Answer<'a, T>,
    ) -> GuardedCall<'a, T> {
        GuardedCall {
            guarded: self,
            writes,
            answer: panics::catch(|| call(&*self.journal)).map_err(Some),
        }
    }
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").finish_non_exhaustive()
    }
}

/// It is not known whether the call took effect, so the error is temporary.
pub(super) fn panicked(message: &str) -> JournalError {
    let text = format!("it panicked: {message}");
    JournalError::new(JournalErrorKind::Unavailable, text)
}

/// A call of a journal.
pub(super) struct GuardedCall<'a, T> {
    guarded: &'a Guarded,
    writes: bool,
    /// The future, or the message of a panic before there was one.
    answer: Result<Answer<'a, T>, Option<String>>,
}

impl<T> Future for GuardedCall<'_, T> {
    type Output = Result<T, JournalError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let guarded = self.guarded;
        let is_open = self.writes.then(|| {
            let is_open = guarded.is_open.read();
            is_open.unwrap_or_else(PoisonError::into_inner)
        });
        if is_open.as_deref() == Some(&false) {
            // The task that polls this is about to be dropped with its engine.
            return Poll::Pending;
        }
        let entered = match Handle::try_current() {
            Ok(_) => None,
            Err(_) => Some(guarded.runtime.enter()),
        };
        let answer = match &mut self.answer {
            Ok(answer) => answer,
            Err(message) => {
                let message = message.take().unwrap_or_default();
                return Poll::Ready(Err(panicked(&message)));
            }
        };
        let polled = panics::catch(|| answer.as_mut().poll(cx));
        drop(entered);
        match polled {
            Ok(polled) => polled,
            Err(message) => {
                let broken = core::mem::replace(&mut self.answer, Err(None));
                panics::discard(broken);
                Poll::Ready(Err(panicked(&message)))
            }
        }
    }
}
