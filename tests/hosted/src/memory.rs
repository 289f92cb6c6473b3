//! Records in memory. Their keeper can fail or end the process at a write.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use saga_core::durable::{Answer, JournalError, JournalErrorKind, Record, Records, SagaState};
use tokio::sync::Notify;
use tokio::task::yield_now;

/// What happens to a write, counted from 1 in each life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// The process ends before the write takes effect.
    EndsBefore,
    /// The process ends after the first record of the write.
    EndsWithin,
    /// The process ends after the write.
    EndsAfter,
    /// The write fails and has no effect.
    Fails(JournalErrorKind),
    /// The write fails, but takes effect.
    FailsAfter(JournalErrorKind),
    /// The write takes a while.
    IsSlow,
}

/// The records of one run. They survive the processes that carry the run.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    records: Vec<Record>,
    state: Option<SagaState>,
}

impl Kept {
    /// A run with this first record.
    #[must_use]
    pub fn of(first: Record) -> Self {
        let kept = Self::default();
        kept.inner().records.push(first);
        kept
    }

    /// All records.
    #[must_use]
    pub fn all(&self) -> Vec<Record> {
        self.inner().records.clone()
    }

    /// Changes the records.
    pub fn change(&self, change: impl FnOnce(&mut Vec<Record>)) {
        change(&mut self.inner().records);
    }

    /// The state that the run has reported.
    #[must_use]
    pub fn state(&self) -> Option<SagaState> {
        self.inner().state
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does exactly what the contract of a keeper says.
    fn append(&self, records: &[Record], state: Option<SagaState>) {
        let mut inner = self.inner();
        for record in records {
            let place = usize::try_from(record.number).expect("a place");
            match inner.records.get(place) {
                Some(there) => assert_eq!(there, record, "another record of this number"),
                None => {
                    assert_eq!(place, inner.records.len(), "a record is left out");
                    inner.records.push(record.clone());
                }
            }
        }
        if state.is_some() {
            assert!(inner.state.is_none_or(|was| Some(was) == state), "two ends");
            inner.state = state;
        }
    }
}

/// One life of a process that keeps records.
#[derive(Debug, Clone)]
pub struct MemoryRecords {
    kept: Kept,
    plan: Arc<BTreeMap<usize, Write>>,
    life: Arc<Life>,
}

#[derive(Debug, Default)]
struct Life {
    writes: AtomicUsize,
    is_writing: AtomicBool,
    is_refused: AtomicBool,
    over: Notify,
}

/// Checks that calls do not overlap.
struct Writing<'a>(&'a Life);

impl<'a> Writing<'a> {
    fn begins(life: &'a Life) -> Self {
        let others = life.is_writing.swap(true, Ordering::Relaxed);
        assert!(!others, "two writes at a time");
        let is_refused = life.is_refused.load(Ordering::Relaxed);
        assert!(!is_refused, "a write after one that was refused for good");
        Self(life)
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.is_writing.store(false, Ordering::Relaxed);
    }
}

impl MemoryRecords {
    /// A life in which these writes have these results. All other writes succeed.
    #[must_use]
    pub fn new(kept: &Kept, plan: &[(usize, Write)]) -> Self {
        Self {
            kept: kept.clone(),
            plan: Arc::new(plan.iter().copied().collect()),
            life: Arc::default(),
        }
    }

    /// How many writes there were.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.life.writes.load(Ordering::Relaxed)
    }

    /// Returns when the process has ended.
    pub async fn over(&self) {
        self.life.over.notified().await;
    }

    async fn ends(&self) {
        self.life.over.notify_one();
        std::future::pending::<()>().await;
    }

    async fn write(
        &self,
        records: &[Record],
        state: Option<SagaState>,
    ) -> Result<(), JournalError> {
        let nth = self.life.writes.fetch_add(1, Ordering::Relaxed) + 1;
        let fails = |kind| {
            let passes = kind == JournalErrorKind::Unavailable;
            self.life.is_refused.store(!passes, Ordering::Relaxed);
            Err(JournalError::new(kind, format!("write {nth}")))
        };
        match self.plan.get(&nth) {
            None => self.kept.append(records, state),
            Some(Write::IsSlow) => {
                for _ in 0..20 {
                    yield_now().await;
                }
                self.kept.append(records, state);
            }
            Some(Write::EndsBefore) => self.ends().await,
            Some(Write::EndsWithin) => {
                self.kept.append(&records[..1], None);
                self.ends().await;
            }
            Some(Write::EndsAfter) => {
                self.kept.append(records, state);
                self.ends().await;
            }
            Some(Write::Fails(kind)) => return fails(*kind),
            Some(Write::FailsAfter(kind)) => {
                self.kept.append(records, state);
                return fails(*kind);
            }
        }
        Ok(())
    }
}

impl Records for MemoryRecords {
    fn append(&self, records: Arc<[Record]>, state: Option<SagaState>) -> Answer<'_, ()> {
        Box::pin(async move {
            let _writing = Writing::begins(&self.life);
            self.write(&records, state).await
        })
    }
}
