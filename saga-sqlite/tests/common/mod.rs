//! Shared by the tests.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use saga_core::definition::Phase;
use saga_core::durable::{
    CallId, Claim, Created, Entry, Epoch, Journal, JournalError, JournalLock, NewSaga, READER,
    Record, SagaEntry, SagaKey, SagaState,
};
use saga_sqlite::SqliteJournal;

/// A folder for one test. It is deleted when this is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        Self::within(Path::new(env!("CARGO_TARGET_TMPDIR")), name)
    }

    /// A folder in memory, if the system has such a file system: for tests whose data must survive the process and
    /// that write too much for a disk.
    pub(crate) fn in_memory(name: &str) -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            Self::within(memory, &format!("saga-sqlite-{name}"))
        } else {
            Self::new(name)
        }
    }

    /// A folder that every user of the system can reach.
    pub(crate) fn shared(name: &str) -> Self {
        Self::within(&std::env::temp_dir(), &format!("saga-sqlite-{name}"))
    }

    fn within(within: &Path, name: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let unique = format!("{name}-{}-{number}", std::process::id());
        let path = within.join(unique);
        fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A record with this number.
pub(crate) fn record(number: u64) -> Record {
    let call = CallId::new(None, format!("step {number}"), Phase::Step);
    let entry = Entry::Began { call, attempt: 1 };
    let value = format!("the value of record {number}").into_bytes();
    Record::new(number, 1_700_000_000_000 + number, entry, value)
}

/// A saga to add.
pub(crate) fn saga(id: &str) -> NewSaga {
    NewSaga {
        id: id.into(),
        saga: "checkout".into(),
        definition: 7,
        first: record(0),
    }
}

/// A journal that is locked.
pub(crate) struct Owned {
    pub(crate) journal: SqliteJournal,
    pub(crate) lock: JournalLock,
}

impl Owned {
    pub(crate) async fn open(path: impl AsRef<Path>) -> Self {
        Self::of(SqliteJournal::open(path).expect("it opens")).await
    }

    pub(crate) async fn of(journal: SqliteJournal) -> Self {
        let lock = journal.lock().await.expect("no other engine has it");
        Self { journal, lock }
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.lock.epoch()
    }

    pub(crate) async fn append(
        &self,
        key: SagaKey,
        records: impl Into<Arc<[Record]>>,
        state: Option<SagaState>,
    ) -> Result<(), JournalError> {
        let records = records.into();
        self.journal.append(self.epoch(), key, records, state).await
    }

    pub(crate) async fn create(&self, saga: NewSaga) -> Result<Created, JournalError> {
        self.journal.create(self.epoch(), saga).await
    }

    pub(crate) async fn claim(&self, claim: Claim) -> Result<Vec<SagaEntry>, JournalError> {
        self.journal.claim(self.epoch(), claim).await
    }

    /// Adds a saga with the records 0 to `last`.
    pub(crate) async fn added(&self, id: &str, last: u64) -> SagaKey {
        added(&self.journal, self.epoch(), id, last).await
    }
}

/// Claims sagas of [`saga`], at most this many.
pub(crate) fn next(limit: usize) -> Claim {
    Claim::Next {
        definitions: [7].into(),
        reader: READER,
        limit,
    }
}

/// Adds a saga with the records 0 to `last`.
pub(crate) async fn added(journal: &impl Journal, epoch: Epoch, id: &str, last: u64) -> SagaKey {
    let created = journal
        .create(epoch, saga(id))
        .await
        .expect("it is created");
    let Created::New(key) = created else {
        panic!("{id} was there: {created:?}");
    };
    let records = (1..=last).map(record).collect();
    let appended = journal.append(epoch, key, records, None).await;
    appended.expect("its records are appended");
    key
}
