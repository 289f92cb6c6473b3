//! The journal: what is asked of it goes to its two threads.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use saga_core::SagaId;
use saga_core::durable::{
    Answer, Created, DefinitionText, Journal, JournalError, JournalLock, NewSaga, Query, Record,
    SagaEntry, SagaKey, SagaState,
};
use tokio::sync::oneshot;

use crate::error::{Error, OpenError};
use crate::file::Place;
use crate::lock::{self, Locked};
use crate::queue::Queue;
use crate::reader::{self, Read};
use crate::writer::{self, What, Write, Written};

/// A journal in one SQLite file.
///
/// Dropping it writes what was already asked for, and waits for that. It can be opened many times, by readers
/// too: [`lock`](Journal::lock) is what one engine takes.
pub struct SqliteJournal {
    place: Arc<Place>,
    /// The lock, while an engine has it by this journal.
    lock: Mutex<Weak<Locked>>,
    writes: Arc<Queue<Write>>,
    reads: Arc<Queue<Read>>,
    reader: Option<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
}

/// How a [`SqliteJournal`] is opened: [`SqliteJournal::options`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Options {
    busy_timeout: Duration,
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

    /// Opens the journal at `path`, or makes one where there is no file, or an empty one.
    ///
    /// Blocks while it reads the file.
    ///
    /// # Errors
    ///
    /// Where the file cannot be opened, or is none of ours: [`OpenError`]. It is then left as it was.
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteJournal, OpenError> {
        let path = path.as_ref();
        let (place, opened) = Place::make(path, self.busy_timeout)?;
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
        let (queue, of_writer) = (Arc::clone(&journal.writes), Arc::clone(&place));
        let writer = thread::Builder::new().name("saga-sqlite writer".to_owned());
        let writer = writer.spawn(move || writer::run(&queue, &of_writer, opened));
        journal.writer = Some(writer.map_err(failed)?);
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
        }
    }

    /// Where it is: the path without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    fn ended(&self) -> JournalError {
        let path = self.place.path.clone();
        Error::Ended { path }.into()
    }

    fn lock_of_engine(&self) -> MutexGuard<'_, Weak<Locked>> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, what: What) -> Result<Written, JournalError> {
        let (answer, told) = oneshot::channel();
        let lock = self.lock_of_engine().upgrade();
        self.writes.push(Write { lock, what, answer });
        told.await.unwrap_or_else(|_| Err(self.ended()))
    }

    async fn read<T>(
        &self,
        read: impl FnOnce(reader::Answer<T>) -> Read,
    ) -> Result<T, JournalError> {
        let (answer, told) = oneshot::channel();
        self.reads.push(read(answer));
        told.await.unwrap_or_else(|_| Err(self.ended()))
    }
}

impl Drop for SqliteJournal {
    fn drop(&mut self) {
        // They have nothing to say when they end: whom they left waiting is told by that.
        self.reads.close();
        let _ = self.reader.take().map(JoinHandle::join);
        // Last: who reads only cannot write the log back into the file.
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
    fn lock(&self) -> Result<JournalLock, JournalError> {
        let lock = Arc::new(lock::take(&self.place.lock)?);
        *self.lock_of_engine() = Arc::downgrade(&lock);
        Ok(JournalLock::new(lock))
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

    fn create(&self, saga: NewSaga) -> Answer<'_, Created> {
        Box::pin(async move {
            match self.write(What::Create(saga)).await? {
                Written::Created(created) => Ok(created),
                Written::Done => Err(self.ended()),
            }
        })
    }

    fn append(
        &self,
        saga: SagaKey,
        records: Arc<[Record]>,
        state: Option<SagaState>,
    ) -> Answer<'_, ()> {
        Box::pin(async move {
            self.write(What::Append(saga, records, state)).await?;
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

    fn list(&self, query: Query) -> Answer<'_, Vec<SagaEntry>> {
        Box::pin(self.read(move |answer| Read::List(query, answer)))
    }
}
