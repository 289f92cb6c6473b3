//! The file: how it is opened, and whether it is still there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, OpenError};
use crate::lock;
use crate::schema::{APPLICATION_ID, MIGRATIONS, VERSION};

/// A journal's file.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Without links, so that all who open it lock the same side file.
    pub(crate) path: PathBuf,
    pub(crate) lock: PathBuf,
    pub(crate) busy_timeout: Duration,
}

/// Which file it is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity([u64; 2]);

impl Identity {
    #[cfg(unix)]
    pub(crate) fn of(of: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self([of.dev(), of.ino()])
    }

    // Elsewhere an open file cannot be deleted.
    #[cfg(not(unix))]
    pub(crate) fn of(_: &fs::Metadata) -> Self {
        Self([0, 0])
    }
}

/// A connection, and which file it is to.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    identity: Identity,
}

impl Place {
    /// Opens or makes the file at `path`, for who writes.
    pub(crate) fn make(path: &Path, busy_timeout: Duration) -> Result<(Self, Opened), OpenError> {
        // SQLite would take an empty name for a database in a temporary file.
        if path.as_os_str().is_empty() {
            let reason = io::Error::new(io::ErrorKind::InvalidInput, "the path is empty");
            return Err(OpenError::unavailable(path, reason));
        }
        let real = match fs::canonicalize(path) {
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
                // Made by SQLite, and no file of a journal is ever opened but by SQLite: where this process has
                // it open already, closing it would let go of the locks of POSIX that SQLite has on it.
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
                    | OpenFlags::SQLITE_OPEN_CREATE
                    | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let made = Connection::open_with_flags(path, flags);
                drop(made.map_err(|reason| OpenError::of_sqlite(path, reason))?);
                fs::canonicalize(path)
            }
            real => real,
        };
        let real = real.map_err(|reason| OpenError::unavailable(path, reason))?;
        let mut lock = real.clone().into_os_string();
        lock.push("-lock");
        let place = Self {
            path: real,
            lock: lock.into(),
            busy_timeout,
        };
        let opened = place.open_to_write()?;
        Ok((place, opened))
    }

    /// A connection that writes.
    pub(crate) fn open_to_write(&self) -> Result<Opened, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = self.open(flags)?;
        let failed = |reason| OpenError::of_sqlite(&self.path, reason);
        // Of another program's database not even the log is written back when this is dropped.
        let config = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        let connection = &opened.connection;
        connection.set_db_config(config, true).map_err(failed)?;
        let version = self.version(connection)?;
        connection.set_db_config(config, false).map_err(failed)?;
        // A cache of 16 MiB, so that the index of random ids is not read again and again.
        let pragmas = "
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA fullfsync = ON;
            PRAGMA checkpoint_fullfsync = ON;
            PRAGMA cell_size_check = ON;
            PRAGMA journal_size_limit = 67108864;
            PRAGMA cache_size = -16384;
        ";
        connection.execute_batch(pragmas).map_err(failed)?;
        if version < VERSION {
            self.upgrade(connection, version)?;
        }
        Ok(opened)
    }

    /// A connection that reads.
    pub(crate) fn open_to_read(&self) -> Result<Opened, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = self.open(flags)?;
        self.version(&opened.connection)?;
        let pragmas = "PRAGMA cell_size_check = ON;";
        let read = opened.connection.execute_batch(pragmas);
        read.map_err(|reason| OpenError::of_sqlite(&self.path, reason))?;
        Ok(opened)
    }

    fn open(&self, flags: OpenFlags) -> Result<Opened, OpenError> {
        let of_file = fs::metadata(&self.path);
        let of_file = of_file.map_err(|reason| OpenError::unavailable(&self.path, reason))?;
        let failed = |reason| OpenError::of_sqlite(&self.path, reason);
        let connection = Connection::open_with_flags(&self.path, flags).map_err(failed)?;
        connection.busy_timeout(self.busy_timeout).map_err(failed)?;
        Ok(Opened {
            connection,
            identity: Identity::of(&of_file),
        })
    }

    /// The version of its schema, 0 where it is empty, or why it is not one to be used.
    fn version(&self, connection: &Connection) -> Result<i32, OpenError> {
        let sql = "
            SELECT
                (SELECT application_id FROM pragma_application_id),
                (SELECT user_version FROM pragma_user_version),
                (SELECT count(*) FROM sqlite_schema)
        ";
        let read = connection.query_row(sql, [], |row| {
            Ok((
                row.get::<_, i32>(0)?,
                row.get::<_, i32>(1)?,
                row.get::<_, i64>(2)?,
            ))
        });
        let failed = |reason| OpenError::of_sqlite(&self.path, reason);
        let (application_id, version, tables) = read.map_err(failed)?;
        match (application_id, version, tables) {
            (0, 0, 0) => Ok(0),
            (APPLICATION_ID, 1..=VERSION, 1..) => Ok(version),
            (APPLICATION_ID, found, _) if found > VERSION => Err(OpenError::Newer {
                path: self.path.clone(),
                found,
                known: VERSION,
            }),
            _ => Err(OpenError::Foreign {
                path: self.path.clone(),
                application_id,
                tables,
            }),
        }
    }

    fn upgrade(&self, connection: &Connection, from: i32) -> Result<(), OpenError> {
        // An engine of an older version would go on with its own statements.
        let _locked = if from > 0 {
            let locked = lock::take(&self.lock).map_err(|error| match error {
                Error::Lock { path, reason } => OpenError::unavailable(&path, reason),
                _ => OpenError::Locked {
                    path: self.lock.clone(),
                },
            })?;
            Some(locked)
        } else {
            None
        };
        let failed = |reason| OpenError::of_sqlite(&self.path, reason);
        let begun = connection.execute_batch("BEGIN IMMEDIATE");
        begun.map_err(failed)?;
        // Dropping the connection rolls back what is left open here.
        let from = self.version(connection)?;
        let missing = MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(0));
        for migration in missing {
            connection.execute_batch(migration).map_err(failed)?;
        }
        let done = format!(
            "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}; COMMIT"
        );
        connection.execute_batch(&done).map_err(failed)
    }

    /// Fails where what was opened is no longer what has the name of the journal: what is written then, nobody
    /// finds again.
    pub(crate) fn still(&self, opened: &Opened) -> Result<(), Error> {
        let now = fs::metadata(&self.path);
        match now {
            Ok(now) if Identity::of(&now) == opened.identity => Ok(()),
            _ => Err(Error::Gone {
                path: self.path.clone(),
            }),
        }
    }

    /// What SQLite says, as what was being done.
    pub(crate) fn failed(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> Error + '_ {
        move |reason| Error::Sqlite {
            path: self.path.clone(),
            doing,
            reason,
        }
    }
}
