//! The errors, with texts for an operator.

use core::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;
use saga_journal::{JournalError, JournalErrorKind};

/// The error of opening a journal. The file is unchanged.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file, or one beside it, could not be opened or created.
    #[error("{}: cannot be opened{}: {reason}", path.display(), Missing(path))]
    #[non_exhaustive]
    Unavailable {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The file is damaged, or not an SQLite database.
    #[error("{}: is not an SQLite database, or a damaged one: {reason}", path.display())]
    #[non_exhaustive]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// The error of SQLite.
        reason: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// The file is an SQLite database, but not a journal.
    #[error("{}: is the database of another program (application id {application_id}, {tables} tables and the like): give the journal a file of its own", path.display())]
    #[non_exhaustive]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The application id in its header.
        application_id: i32,
        /// The number of entries in its schema.
        tables: i64,
    },
    /// A newer version of this crate wrote the journal.
    #[error("{}: has the schema version {found}, and this version of saga-sqlite knows those up to {known}: upgrade it", path.display())]
    #[non_exhaustive]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: i32,
        /// The newest version that this crate knows.
        known: i32,
    },
    /// An index differs from its table. Only reported if [`check_indexes`](crate::Options::check_indexes) is set.
    #[error("{}: its indexes do not fit its tables (after a backup, try `REINDEX`): {found}", path.display())]
    #[non_exhaustive]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first lines of SQLite's report.
        found: String,
    },
    /// The schema has to be upgraded, and an engine of the older version is still running.
    #[error("{}: is locked by an engine of an older version: end that before the schema is upgraded", path.display())]
    #[non_exhaustive]
    Locked {
        /// The side file, which is locked.
        path: PathBuf,
    },
}

/// Adds that the folder of a file does not exist, if that is why the file cannot be created.
struct Missing<'a>(&'a Path);

impl fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self
            .0
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        match folder.map(Path::try_exists) {
            Some(Ok(false)) => f.write_str(", for its folder does not exist"),
            _ => Ok(()),
        }
    }
}

/// A `main` that returns the error prints this.
impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl OpenError {
    pub(crate) fn unavailable(
        path: &Path,
        reason: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Unavailable {
            path: path.to_owned(),
            reason: Arc::new(reason),
        }
    }

    pub(crate) fn of_sqlite(path: &Path, reason: rusqlite::Error) -> Self {
        if is_corrupt(&reason) {
            Self::NotADatabase {
                path: path.to_owned(),
                reason: Arc::new(reason),
            }
        } else {
            Self::unavailable(path, reason)
        }
    }

    const fn kind(&self) -> JournalErrorKind {
        match self {
            Self::Unavailable { .. } => JournalErrorKind::Unavailable,
            Self::Locked { .. } => JournalErrorKind::Locked,
            Self::NotADatabase { .. } | Self::Foreign { .. } | Self::Damaged { .. } => {
                JournalErrorKind::Corrupt
            }
            Self::Newer { .. } => JournalErrorKind::Newer,
        }
    }
}

/// The error of making a copy.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The file already exists.
    #[error("{}: there is a file of that name: a backup is written to a new one", path.display())]
    #[non_exhaustive]
    Exists {
        /// The path of the copy.
        path: PathBuf,
    },
    /// The copy could not be written. Nothing of it is left.
    #[error("{}: the backup could not be written: {reason}", path.display())]
    #[non_exhaustive]
    Failed {
        /// The path of the copy.
        path: PathBuf,
        /// The reason.
        reason: Arc<dyn std::error::Error + Send + Sync>,
    },
}

/// A `main` that returns the error prints this.
impl fmt::Debug for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl BackupError {
    pub(crate) fn failed(
        path: &Path,
        reason: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Failed {
            path: path.to_owned(),
            reason: Arc::new(reason),
        }
    }
}

/// The error of a call on an open journal. The caller gets its text in a [`JournalError`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{}: {doing}: {reason}", path.display())]
    Sqlite {
        path: PathBuf,
        doing: &'static str,
        reason: rusqlite::Error,
    },
    #[error(transparent)]
    Reopening(#[from] OpenError),
    #[error("{}: was deleted or replaced while it was open: put it back", path.display())]
    Gone { path: PathBuf },
    #[error("{}: was deleted or replaced while it was open: put it back, or try again when what was in it has been written to the database", path.display())]
    LogGone { path: PathBuf },
    #[error("{}: is read-only here: it can be read, and an engine has to write", path.display())]
    ReadOnly { path: PathBuf },
    #[error("{}: the thread of the journal has ended", path.display())]
    Ended { path: PathBuf },
    #[error("{}: is locked, in this process or in another: end that one first (reading alone needs no lock)", path.display())]
    Locked { path: PathBuf },
    #[error("{}: is a symbolic link, and the lock has to be a file of its own: delete the link", path.display())]
    LockIsLink { path: PathBuf },
    #[error("{}: belongs to epoch {newest}, and this engine has {epoch}: another engine has taken it over", path.display())]
    Fenced {
        path: PathBuf,
        epoch: i64,
        newest: i64,
    },
    #[error("{}: saga {id} belongs to epoch {}, and this engine has {epoch}", path.display(), owner.map_or("none".to_owned(), |owner| owner.to_string()))]
    NotOwned {
        path: PathBuf,
        id: String,
        epoch: i64,
        owner: Option<i64>,
    },
    #[error("{}: the id {id} was that of a saga that was pruned", path.display())]
    Pruned { path: PathBuf, id: String },
    #[error("{}: cannot be locked: {reason}", path.display())]
    Lock { path: PathBuf, reason: io::Error },
    #[error("{}: there is no saga with the key {key}", path.display())]
    NoSaga { path: PathBuf, key: i64 },
    #[error("{}: record {number} of saga {id} does not follow on {last}, its last", path.display())]
    LeftOut {
        path: PathBuf,
        id: String,
        number: u64,
        last: u64,
    },
    #[error("{}: record {number} of saga {id} is there, and another one", path.display())]
    OtherRecord {
        path: PathBuf,
        id: String,
        number: u64,
    },
    #[error("{}: record {number} of saga {id} {what}", path.display())]
    BadRecord {
        path: PathBuf,
        id: String,
        number: u64,
        what: String,
    },
    #[error("{}: record {number} of saga {id} needs reader {needed}: upgrade", path.display())]
    NewerRecord {
        path: PathBuf,
        id: String,
        number: u64,
        needed: u32,
    },
    #[error("{}: the entry of saga {id} is damaged: {what}", path.display())]
    BadSaga {
        path: PathBuf,
        id: String,
        what: Arc<str>,
    },
}

impl Error {
    fn kind(&self) -> JournalErrorKind {
        match self {
            Self::Sqlite { reason, .. } if is_corrupt(reason) => JournalErrorKind::Corrupt,
            // Data that can never be written, however often the call is repeated.
            Self::Sqlite { .. } if self.is_code(ErrorCode::TooBig) => JournalErrorKind::Rejected,
            Self::Sqlite { .. } if self.is_code(ErrorCode::ConstraintViolation) => {
                JournalErrorKind::Conflict
            }
            Self::Sqlite { .. }
            | Self::Gone { .. }
            | Self::LogGone { .. }
            | Self::ReadOnly { .. }
            | Self::Ended { .. }
            | Self::Lock { .. }
            | Self::LockIsLink { .. } => JournalErrorKind::Unavailable,
            Self::Reopening(error) => error.kind(),
            Self::Locked { .. } => JournalErrorKind::Locked,
            Self::Fenced { .. } | Self::NotOwned { .. } => JournalErrorKind::Fenced,
            Self::NoSaga { .. }
            | Self::LeftOut { .. }
            | Self::OtherRecord { .. }
            | Self::Pruned { .. } => JournalErrorKind::Conflict,
            Self::NewerRecord { .. } => JournalErrorKind::Newer,
            Self::BadRecord { .. } | Self::BadSaga { .. } => JournalErrorKind::Corrupt,
        }
    }

    /// Whether it is this error of SQLite.
    pub(crate) fn is_code(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Sqlite { reason, .. } if reason.sqlite_error_code() == Some(code))
    }
}

impl From<Error> for JournalError {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error)
    }
}

/// Whether the error says that the file is damaged, or was changed by another program.
pub(crate) fn is_corrupt(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as Sqlite;
    match error {
        Sqlite::SqliteFailure(error, _) => matches!(
            error.code,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase
        ),
        Sqlite::FromSqlConversionFailure(..)
        | Sqlite::IntegralValueOutOfRange(..)
        | Sqlite::InvalidColumnType(..)
        | Sqlite::Utf8Error(..)
        // A table or a column does not exist.
        | Sqlite::SqlInputError { .. } => true,
        _ => false,
    }
}
