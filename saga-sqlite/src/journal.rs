//! The journal. It passes calls on to its two threads.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fs, io};

use saga_journal::{
    Answer, Claim, Count, Created, DefinitionText, Epoch, Journal, JournalError, JournalLock,
    NewSaga, Query, Record, RecordPosition, SagaEntry, SagaId, SagaKey, SagaState,
};
use tokio::sync::oneshot;

use crate::backup;
use crate::error::{BackupError, Error, OpenError};
use crate::file::{Found, Place};
use crate::lock::{self, Locked};
use crate::queue::Queue;
use crate::reader::{self, Read};
use crate::writer::{self, Addition, Creation, What, Write, Written};

/// A journal in one SQLite file.
///
/// Dropping it waits until all pending calls are written. It can be opened many times, also by readers; an engine
/// has to [`lock`](Journal::lock) it.
///
/// If the file cannot be written, the journal opens for reading, and `lock` and all writing calls fail.
pub struct SqliteJournal {
    place: Arc<Place>,
    /// The lock, while an engine holds it through this journal.
    lock: Mutex<Weak<Locked>>,
    writes: Arc<Queue<Write>>,
    reads: Arc<Queue<Read>>,
    reader: Option<JoinHandle<()>>,
    /// `None` if the file is read-only.
    writer: Option<JoinHandle<()>>,
}

/// The sizes of the files of a journal, in bytes: [`SqliteJournal::sizes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sizes {
    /// The database.
    pub file: u64,
    /// Its log, `<file>-wal`: data that is not in the database yet. It stays below about 64 MiB, except while a
    /// reader is active for long.
    pub log: u64,
}

/// The options of a [`SqliteJournal`]: [`SqliteJournal::options`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Options {
    busy_timeout: Duration,
    check_indexes: bool,
}

impl Options {
    /// How long a write waits for another program that holds SQLite's write lock, before the pending calls fail as
    /// unavailable. The default is 5 seconds.
    ///
    /// An engine is normally the only writer and never waits. It does if a `sqlite3` shell has an open transaction,
    /// or a backup is made by other means than SQLite's. Reads wait for neither.
    pub const fn busy_timeout(mut self, busy_timeout: Duration) -> Self {
        self.busy_timeout = busy_timeout;
        self
    }

    /// Whether opening the journal compares each index with its table. The default is `false`.
    ///
    /// Nothing reports an entry that is missing in an index: if the index of unfinished sagas lacks a saga, that
    /// saga never continues. Such damage is rare (a disk that loses a write, a file that was partly restored). The
    /// check reads the whole file. That took 0.2 seconds for 400,000 records in the cache of the system; otherwise
    /// it takes as long as reading the file does.
    pub const fn check_indexes(mut self, check_indexes: bool) -> Self {
        self.check_indexes = check_indexes;
        self
    }

    /// Opens the journal at `path`. Creates one if the file does not exist or is empty. On Unix, only its owner can
    /// open a new file.
    ///
    /// Blocks while it reads the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, or is not a journal: [`OpenError`]. The file is then unchanged.
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteJournal, OpenError> {
        let path = path.as_ref();
        let (place, found) = Place::make(path, self.busy_timeout)?;
        if self.check_indexes {
            place.check_indexes()?;
        }
        let place = Arc::new(place);
        let mut journal = SqliteJournal {
            place: Arc::clone(&place),
            lock: Mutex::new(Weak::new()),
            writes: Arc::new(Queue::new()),
            reads: Arc::new(Queue::new()),
            reader: None,
            writer: None,
        };
        let failed = |reason: io::Error| OpenError::unavailable(path, reason);
        if let Found::Writable(opened) = found {
            let (queue, of_writer) = (Arc::clone(&journal.writes), Arc::clone(&place));
            let writer = thread::Builder::new().name("saga-sqlite writer".to_owned());
            let writer = writer.spawn(move || writer::run(&queue, &of_writer, opened));
            journal.writer = Some(writer.map_err(failed)?);
        }
        let queue = Arc::clone(&journal.reads);
        let reader = thread::Builder::new().name("saga-sqlite reader".to_owned());
        let reader = reader.spawn(move || reader::run(&queue, &place));
        journal.reader = Some(reader.map_err(failed)?);
        Ok(journal)
    }
}

impl SqliteJournal {
    /// Opens the journal at `path`. Creates one if the file does not exist or is empty.
    ///
    /// Blocks while it reads the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, or is not a journal: [`OpenError`]. The file is then unchanged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::options().open(path)
    }

    /// Returns the options for opening a journal.
    pub const fn options() -> Options {
        Options {
            busy_timeout: Duration::from_secs(5),
            check_indexes: false,
        }
    }

    /// The path of the file, with links resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// Whether the file cannot be written. It can then be read, and no engine can lock it.
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    /// The sizes of its files. If the log stays large, a reader is active for long.
    ///
    /// # Errors
    ///
    /// If the database does not exist.
    pub fn sizes(&self) -> io::Result<Sizes> {
        let file = fs::metadata(&self.place.path)?.len();
        let log = fs::metadata(&self.place.log).map_or(0, |of| of.len());
        Ok(Sizes { file, log })
    }

    /// Writes a copy of the current journal to a new file, while sagas run and without making them wait. The copy
    /// is a journal. On Unix, only its owner can open it.
    ///
    /// This is SQLite's `VACUUM INTO` on its own connection and thread. The copy is synced when this returns. The
    /// log of the journal grows in the meantime.
    ///
    /// # Errors
    ///
    /// If a file already exists at `path`, or the copy cannot be written. Nothing is left at `path` then.
    ///
    /// # Cancellation
    ///
    /// If the future is dropped, the copy continues.
    pub async fn backup(&self, path: impl AsRef<Path>) -> Result<(), BackupError> {
        let path = path.as_ref().to_owned();
        let (answer, done) = oneshot::channel();
        let (place, to): (_, PathBuf) = (Arc::clone(&self.place), path.clone());
        let thread = thread::Builder::new().name("saga-sqlite backup".to_owned());
        let thread = thread.spawn(move || drop(answer.send(backup::write(&place, &to))));
        thread.map_err(|reason| BackupError::failed(&path, reason))?;
        let ended = |_| BackupError::failed(&path, io::Error::other("its thread has ended"));
        done.await.unwrap_or_else(|error| Err(ended(error)))
    }

    fn ended(&self) -> JournalError {
        let path = self.place.path.clone();
        Error::Ended { path }.into()
    }

    fn lock_of_engine(&self) -> MutexGuard<'_, Weak<Locked>> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, what: What) -> Result<Written, JournalError> {
        let lock = self.lock_of_engine().upgrade();
        self.write_with(lock, what).await
    }

    async fn write_with(
        &self,
        lock: Option<Arc<Locked>>,
        what: What,
    ) -> Result<Written, JournalError> {
        if self.is_read_only() {
            let path = self.place.path.clone();
            return Err(Error::ReadOnly { path }.into());
        }
        let (answer, written) = oneshot::channel();
        self.writes.push(Write { lock, what, answer });
        written.await.unwrap_or_else(|_| Err(self.ended()))
    }

    async fn read<T>(
        &self,
        read: impl FnOnce(reader::Answer<T>) -> Read,
    ) -> Result<T, JournalError> {
        let (answer, answered) = oneshot::channel();
        self.reads.push(read(answer));
        answered.await.unwrap_or_else(|_| Err(self.ended()))
    }
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        // The threads return nothing: a caller that still waits sees that its answer was dropped.
        self.reads.close();
        let _ = self.reader.take().map(JoinHandle::join);
        // The writer ends last: a connection that only reads cannot write the log back into the file.
        self.writes.close();
        let _ = self.writer.take().map(JoinHandle::join);
    }
}

impl std::fmt::Debug for SqliteJournal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("SqliteJournal");
        shown.field("path", &self.place.path);
        shown.finish_non_exhaustive()
    }
}

impl Journal for SqliteJournal {
    fn lock(&self) -> Answer<'_, JournalLock> {
        Box::pin(async move {
            if self.is_read_only() {
                let path = self.place.path.clone();
                return Err(Error::ReadOnly { path }.into());
            }
            let lock = Arc::new(lock::take(&self.place.lock)?);
            let Written::Locked(epoch) =
                self.write_with(Some(Arc::clone(&lock)), What::Lock).await?
            else {
                return Err(self.ended());
            };
            // The lock is new, so it has no epoch yet.
            let _ = lock.epoch.set(epoch);
            *self.lock_of_engine() = Arc::downgrade(&lock);
            Ok(JournalLock::new(epoch, lock))
        })
    }

    fn define(&self, definition: DefinitionText) -> Answer<'_, ()> {
        Box::pin(async move {
            self.write(What::Define(definition)).await?;
            Ok(())
        })
    }

    fn definition(&self, hash: u64) -> Answer<'_, Option<String>> {
        Box::pin(self.read(move |answer| Read::Definition(hash, answer)))
    }

    fn create(&self, epoch: Epoch, saga: NewSaga) -> Answer<'_, Created> {
        Box::pin(async move {
            let creation = Creation::new(epoch, saga);
            match self.write(What::Create(creation)).await? {
                Written::Created(created) => Ok(created),
                _ => Err(self.ended()),
            }
        })
    }

    fn append(
        &self,
        epoch: Epoch,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()> {
        Box::pin(async move {
            let addition = Addition::new(epoch, saga, records, state);
            self.write(What::Append(addition)).await?;
            Ok(())
        })
    }

    fn claim(&self, epoch: Epoch, claim: Claim) -> Answer<'_, Vec<SagaEntry>> {
        Box::pin(async move {
            match self.write(What::Claim(epoch, claim)).await? {
                Written::Claimed(page) => Ok(page),
                _ => Err(self.ended()),
            }
        })
    }

    fn loaded(&self, epoch: Epoch, saga: SagaKey) -> Answer<'_, ()> {
        Box::pin(async move {
            self.write(What::Loaded(epoch, saga)).await?;
            Ok(())
        })
    }

    fn find(&self, id: &SagaId) -> Answer<'_, Option<SagaEntry>> {
        let id = id.clone();
        Box::pin(self.read(move |answer| Read::Find(id, answer)))
    }

    fn records(&self, saga: SagaKey) -> Answer<'_, Vec<Record>> {
        Box::pin(self.read(move |answer| Read::Records(saga, answer)))
    }

    fn record(&self, saga: SagaKey, position: RecordPosition) -> Answer<'_, Option<Record>> {
        Box::pin(self.read(move |answer| Read::Record(saga, position, answer)))
    }

    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>> {
        Box::pin(self.read(move |answer| Read::List(query, answer)))
    }

    fn counts(&self) -> Answer<'_, Vec<Count>> {
        Box::pin(self.read(Read::Counts))
    }
}
