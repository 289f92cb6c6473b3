//! The journal: what is asked of it goes to its two threads.

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
/// Dropping it writes what was already asked for, and waits for that. It can be opened many times, by readers
/// too: [`lock`](Journal::lock) is what one engine takes.
///
/// A file that cannot be written is opened to be read: the calls that write, and `lock`, then fail.
pub struct SqliteJournal {
    place: Arc<Place>,
    /// The lock, while an engine has it by this journal.
    lock: Mutex<Weak<Locked>>,
    writes: Arc<Queue<Write>>,
    reads: Arc<Queue<Read>>,
    reader: Option<JoinHandle<()>>,
    /// None where the file is read-only.
    writer: Option<JoinHandle<()>>,
}

/// How large the files of a journal are, in bytes: [`SqliteJournal::sizes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sizes {
    /// The database.
    pub file: u64,
    /// Its log, `<file>-wal`: what has been written and is not in the database yet. It stays below about 64 MiB,
    /// except while one reads the journal for long.
    pub log: u64,
}

/// How a [`SqliteJournal`] is opened: [`SqliteJournal::options`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Options {
    busy_timeout: Duration,
    check_indexes: bool,
}

impl Options {
    /// How long is waited for another program that holds SQLite's write lock, before the calls that are to be
    /// written fail as unavailable: 5 seconds if not said otherwise.
    ///
    /// The engine itself never waits: it is the only one that writes. A `sqlite3` shell with a transaction
    /// open is what makes it wait, or a backup that is not SQLite's own. Reading does not wait for either.
    pub const fn busy_timeout(mut self, busy_timeout: Duration) -> Self {
        self.busy_timeout = busy_timeout;
        self
    }

    /// Whether each index is compared with its table when the journal is opened: not, if not said otherwise.
    ///
    /// What an index lacks is found by nothing: a saga that is missing in that of the unfinished ones never goes
    /// on, and no error says so. Damage of that kind is rare (a disk that loses a write, a file that was restored
    /// in parts). To find it the whole file is read, which took 0.2 seconds for 400,000 records that the system
    /// had in its cache, and else takes as long as reading the file does.
    pub const fn check_indexes(mut self, check_indexes: bool) -> Self {
        self.check_indexes = check_indexes;
        self
    }

    /// Opens the journal at `path`, or makes one where there is no file, or an empty one. On Unix a new file can
    /// be opened by its owner alone.
    ///
    /// Blocks while it reads the file.
    ///
    /// # Errors
    ///
    /// Where the file cannot be opened, or is none of ours: [`OpenError`]. It is then left as it was.
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
    /// Opens the journal at `path`, or makes one where there is no file, or an empty one.
    ///
    /// Blocks while it reads the file.
    ///
    /// # Errors
    ///
    /// Where the file cannot be opened, or is none of ours: [`OpenError`]. It is then left as it was.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::options().open(path)
    }

    /// What can be said before it is opened.
    pub const fn options() -> Options {
        Options {
            busy_timeout: Duration::from_secs(5),
            check_indexes: false,
        }
    }

    /// Where it is: the path without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// Whether the file cannot be written, so that it can be read and no engine can have it.
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    /// How large its files are. A log that stays large says that one reads the journal for long.
    ///
    /// # Errors
    ///
    /// When the database is not there.
    pub fn sizes(&self) -> io::Result<Sizes> {
        let file = fs::metadata(&self.place.path)?.len();
        let log = fs::metadata(&self.place.log).map_or(0, |of| of.len());
        Ok(Sizes { file, log })
    }

    /// Writes a copy of the journal, as it is now, to a new file: while sagas run, and without keeping them
    /// waiting. The copy is a journal, and on Unix can be opened by its owner alone.
    ///
    /// It is SQLite's `VACUUM INTO`, on a connection and a thread of its own, and is synced when this returns. While
    /// it is written the log of the journal grows.
    ///
    /// # Errors
    ///
    /// Where there is a file at `path`, or it cannot be written; nothing is left there then.
    ///
    /// # Cancellation
    ///
    /// Dropped, it goes on by itself.
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
        // They return nothing: a caller that still waits sees that its answer was dropped.
        self.reads.close();
        let _ = self.reader.take().map(JoinHandle::join);
        // Last: a connection that only reads cannot write the log back into the file.
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
            // It has none before.
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
