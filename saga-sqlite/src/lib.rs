//! A [`Journal`] in one SQLite file: sagas that survive the process, without a server.
//!
//! ```
//! use saga_journal::Journal;
//! use saga_sqlite::SqliteJournal;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("saga-sqlite-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("sagas.db");
//! let journal = SqliteJournal::open(&path)?;
//! let lock = journal.lock().await?;
//! # drop((journal, lock));
//! # std::fs::remove_dir_all(folder)?;
//! # Ok(())
//! # }
//! ```
//!
//! # What is on disk, and when
//!
//! The file is in WAL mode with `synchronous = FULL`: what a call that writes said `Ok` to has been synced.
//! All calls that are waiting are written in one transaction, by one thread, so that the more sagas there are
//! at once, the less each pays for its sync. Reading is done by another thread on a connection of its own,
//! and waits for no writer. The tables are described in `docs/journal.md`, for other tools that read them.
//!
//! A copy of the file alone is not a copy of the journal: what was written last is in `<file>-wal`.
//! [`SqliteJournal::backup`] makes one, while sagas run. [`SqliteJournal::sizes`] says how large both are.
//!
//! On Unix the files that are made can be opened by their owner alone. The mode of a file that is there stays.
//!
//! # One engine
//!
//! The lock is one of the operating system, on `<file>-lock`. It ends with the process, however that ends. The
//! file stays, and is not to be deleted while an engine is open: a second one could then be opened. The
//! first writes nothing more from that moment, for every transaction sees whether its engine is still the newest.
//! Where the file system has no locks or no shared memory (network file systems), neither the lock nor SQLite's
//! WAL can be relied upon.
//!
//! # When it cannot be written
//!
//! A full disk, a file that is gone, another program that holds SQLite's write lock for longer than
//! [`busy_timeout`](Options::busy_timeout): all calls that were to be written together fail, nothing of them is
//! written, and the next call is tried on a new connection. Nothing is tried again unasked. A call that can never be
//! written, because a value is too large for example, fails alone.
//!
//! A file on a file system that is read-only, or without the permission to write it, can be opened and read.
#![deny(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]
#![cfg_attr(test, allow(clippy::panic, clippy::unwrap_used, clippy::expect_used))]

mod backup;
mod error;
mod file;
mod journal;
mod lock;
mod log;
mod page;
mod queue;
mod reader;
mod row;
mod schema;
mod writer;

#[cfg(doc)]
use saga_journal::Journal;

pub use self::error::{BackupError, OpenError};
pub use self::journal::{Options, Sizes, SqliteJournal};
