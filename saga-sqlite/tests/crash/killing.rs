//! A journal in a file that kills its process at one of its writes.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use saga_core::SagaId;
use saga_core::durable::{
    Answer, Claim, Count, Created, DefinitionText, Epoch, Journal, JournalError, JournalLock,
    NewSaga, Query, Record, SagaEntry, SagaKey, SagaState,
};
use saga_sqlite::SqliteJournal;

/// The write at which a process is killed, counted from 1 in each life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kill {
    Never,
    /// The write has no effect. If it records an effect outside, that effect has happened without its record.
    Before(usize),
    /// The write has taken effect, and its caller has not been answered.
    After(usize),
}

impl Kill {
    /// As text, for the environment of a process.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Never => "never 0".to_owned(),
            Self::Before(nth) => format!("before {nth}"),
            Self::After(nth) => format!("after {nth}"),
        }
    }

    pub(crate) fn of_text(text: &str) -> Self {
        let (when, nth) = text.split_once(' ').unwrap();
        let nth = nth.parse().unwrap();
        match when {
            "never" => Self::Never,
            "before" => Self::Before(nth),
            "after" => Self::After(nth),
            _ => panic!("{text}"),
        }
    }
}

/// Kills this process as `kill -9` does. Other threads may continue until it is dead; the calling thread does
/// nothing more.
pub(crate) fn die() -> ! {
    let mut kill = Command::new("sh");
    let killed = kill.args(["-c", "kill -s KILL $PPID"]).status();
    panic!("still alive: {killed:?}")
}

pub(crate) struct KillingJournal {
    journal: SqliteJournal,
    kill: Kill,
    writes: Arc<AtomicUsize>,
}

impl KillingJournal {
    /// A life that ends at this write, and counts its writes.
    pub(crate) fn new(journal: SqliteJournal, kill: Kill) -> (Self, Arc<AtomicUsize>) {
        let writes = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&writes);
        let killing = Self {
            journal,
            kill,
            writes,
        };
        (killing, counted)
    }

    async fn write<T>(&self, write: Answer<'_, T>) -> Result<T, JournalError> {
        let nth = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        if self.kill == Kill::Before(nth) {
            die();
        }
        let written = write.await;
        if self.kill == Kill::After(nth) {
            die();
        }
        written
    }
}

impl Journal for KillingJournal {
    fn lock(&self) -> Answer<'_, JournalLock> {
        self.journal.lock()
    }

    fn define(&self, definition: DefinitionText) -> Answer<'_, ()> {
        Box::pin(self.write(self.journal.define(definition)))
    }

    fn definition(&self, hash: u64) -> Answer<'_, Option<String>> {
        self.journal.definition(hash)
    }

    fn create(&self, epoch: Epoch, saga: NewSaga) -> Answer<'_, Created> {
        Box::pin(self.write(self.journal.create(epoch, saga)))
    }

    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()> {
        Box::pin(self.write(self.journal.append(epoch, saga, records, state)))
    }

    fn claim(&self, epoch: Epoch, claim: Claim) -> Answer<'_, Vec<SagaEntry>> {
        self.journal.claim(epoch, claim)
    }

    fn loaded(&self, epoch: Epoch, saga: SagaKey) -> Answer<'_, ()> {
        self.journal.loaded(epoch, saga)
    }

    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>> {
        self.journal.find(id)
    }

    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>> {
        self.journal.records(saga)
    }

    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>> {
        self.journal.list(query)
    }

    fn counts(&self) -> Answer<'_, Vec<Count>> {
        self.journal.counts()
    }
}
