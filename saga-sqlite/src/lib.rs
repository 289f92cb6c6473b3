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
//! The file is in WAL mode with `synchronous = FULL`: once a writing call has returned `Ok`, its data has been
//! synced. One thread writes all pending calls in one transaction, so the more sagas run at once, the less each of
//! them pays for a sync. Another thread reads, on its own connection, and waits for no writer. `docs/journal.md`
//! describes the tables for other tools.
//!
//! A copy of the file alone is not a copy of the journal: the newest data is in `<file>-wal`.
//! [`SqliteJournal::backup`] makes a copy while sagas run. [`SqliteJournal::sizes`] returns the sizes of both
//! files.
//!
//! On Unix, only their owner can open the files that this crate creates. The mode of an existing file does not
//! change.
//!
//! # One engine
//!
//! The lock is one of the operating system, on `<file>-lock`. It ends with the process, however that ends. Do not
//! delete the lock file while an engine is open: a second engine could then lock the journal. From that moment, the
//! first one writes nothing more, because every transaction checks that its engine is the newest. Where the file
//! system has no locks or no shared memory (network file systems), neither the lock nor SQLite's WAL can be relied
//! on.
//!
//! # When it cannot be written
//!
//! A full disk, a missing file, or another program that holds SQLite's write lock for longer than
//! [`busy_timeout`](Options::busy_timeout) fails all pending calls. Nothing of them is written, and the next call
//! uses a new connection. The journal repeats no call by itself. A call that can never be written, for example
//! because a value is too large, fails alone.
//!
//! A file that cannot be written, because of its permissions or of a read-only file system, can be opened and read.
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
