//! A journal that fails, reports a failure after a success, does not answer, or is slow.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use saga_core::SagaId;
use saga_core::durable::{
    Answer, Claim, Count, Created, DefinitionText, Epoch, InMemoryJournal, Journal, JournalError,
    JournalErrorKind, JournalLock, NewSaga, Query, Record, SagaEntry, SagaKey, SagaState,
};
use tokio::sync::Notify;
use tokio::time::sleep;

/// A method of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// `define`.
    Define,
    /// `definition`.
    Definition,
    /// `create`.
    Create,
    /// `append`.
    Append,
    /// `claim`.
    Claim,
    /// `loaded`.
    Loaded,
    /// `find`.
    Find,
    /// `records`.
    Records,
    /// `list`.
    List,
    /// `counts`.
    Counts,
}

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It fails and has no effect.
    Before(JournalErrorKind),
    /// It fails, but takes effect.
    After(JournalErrorKind),
    /// It has no effect and is not answered until it is released.
    Hangs,
    /// It takes effect and is not answered until it is released.
    DoneAndHangs,
    /// It takes this many seconds.
    Takes(u64),
    /// It panics when it is polled, and has no effect.
    Panics,
    /// It panics before it returns a future.
    PanicsAtOnce,
}

/// A journal in which some calls have trouble: by method and number, counted from 1.
#[derive(Debug, Clone, Default)]
pub struct Troubled {
    /// The journal that executes the calls.
    pub kept: InMemoryJournal,
    troubles: Arc<Mutex<Vec<(Method, usize, Trouble)>>>,
    calls: Arc<Mutex<BTreeMap<Method, usize>>>,
    /// Notified when a call hangs.
    pub reached: Arc<Notify>,
    /// Releases such a call.
    pub go: Arc<Notify>,
    /// Whether the process has ended. Nothing is answered then.
    pub is_over: Arc<AtomicBool>,
    /// A record is refused if the JSON of its entry contains this text.
    refuses: Arc<Mutex<Option<&'static str>>>,
}

impl Troubled {
    /// Creates a journal in which these calls have trouble.
    #[must_use]
    pub fn new(troubles: &[(Method, usize, Trouble)]) -> Self {
        let journal = Self::default();
        journal
            .troubles
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(troubles);
        journal
    }

    /// The next call of this method has this trouble.
    pub fn next(&self, method: Method, trouble: Trouble) {
        self.next_calls(method, 1, trouble);
    }

    /// The next calls of this method, this many, have this trouble.
    pub fn next_calls(&self, method: Method, times: usize, trouble: Trouble) {
        let made = self.calls(method);
        let next = (made + 1..=made + times).map(|nth| (method, nth, trouble));
        self.troubles
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(next);
    }

    /// From now on, a record is refused as unavailable if the JSON of its entry contains this text.
    pub fn refuses(&self, text: Option<&'static str>) {
        *self.refuses.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }

    /// How many calls of this method there were.
    #[must_use]
    pub fn calls(&self, method: Method) -> usize {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.get(&method).copied().unwrap_or_default()
    }

    #[expect(clippy::panic, reason = "some calls are to")]
    fn call<'a, T: Send + 'a>(&'a self, method: Method, call: Answer<'a, T>) -> Answer<'a, T> {
        let nth = self.calls(method) + 1;
        self.calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(method, nth);
        let trouble = {
            let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
            let mut troubles = troubles.iter();
            let trouble = troubles.find(|(of, number, _)| (*of, *number) == (method, nth));
            trouble.map(|(.., trouble)| *trouble)
        };
        assert!(trouble != Some(Trouble::PanicsAtOnce), "{method:?} {nth}");
        let failed = move |kind| JournalError::new(kind, format!("{method:?} {nth} failed"));
        Box::pin(async move {
            if self.is_over.load(Ordering::Relaxed) {
                return core::future::pending().await;
            }
            match trouble {
                None | Some(Trouble::PanicsAtOnce) => call.await,
                Some(Trouble::Panics) => panic!("{method:?} {nth}"),
                Some(Trouble::Before(kind)) => Err(failed(kind)),
                Some(Trouble::After(kind)) => {
                    call.await?;
                    Err(failed(kind))
                }
                Some(Trouble::Hangs) => {
                    self.reached.notify_one();
                    self.go.notified().await;
                    call.await
                }
                Some(Trouble::DoneAndHangs) => {
                    let done = call.await;
                    self.reached.notify_one();
                    self.go.notified().await;
                    done
                }
                Some(Trouble::Takes(seconds)) => {
                    sleep(Duration::from_secs(seconds)).await;
                    call.await
                }
            }
        })
    }
}

impl Journal for Troubled {
    fn lock(&self) -> Answer<'_, JournalLock> {
        self.kept.lock()
    }

    fn define(&self, definition: DefinitionText) -> Answer<'_, ()> {
        self.call(Method::Define, self.kept.define(definition))
    }

    fn definition(&self, hash: u64) -> Answer<'_, Option<String>> {
        self.call(Method::Definition, self.kept.definition(hash))
    }

    fn create(&self, epoch: Epoch, saga: NewSaga) -> Answer<'_, Created> {
        self.call(Method::Create, self.kept.create(epoch, saga))
    }

    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()> {
        let refused = *self.refuses.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |record: &Record, text| record.entry.to_json().contains(text);
        if let Some(text) = refused
            && records.iter().any(|record| is_it(record, text))
        {
            let error = JournalError::new(JournalErrorKind::Unavailable, "it is away");
            return Box::pin(async { Err(error) });
        }
        self.call(
            Method::Append,
            self.kept.append(epoch, saga, records, state),
        )
    }

    fn claim(&self, epoch: Epoch, claim: Claim) -> Answer<'_, Vec<SagaEntry>> {
        self.call(Method::Claim, self.kept.claim(epoch, claim))
    }

    fn loaded(&self, epoch: Epoch, saga: SagaKey) -> Answer<'_, ()> {
        self.call(Method::Loaded, self.kept.loaded(epoch, saga))
    }

    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>> {
        self.call(Method::Find, self.kept.find(id))
    }

    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>> {
        self.call(Method::Records, self.kept.records(saga))
    }

    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>> {
        self.call(Method::List, self.kept.list(query))
    }

    fn counts(&self) -> Answer<'_, Vec<Count>> {
        self.call(Method::Counts, self.kept.counts())
    }
}
