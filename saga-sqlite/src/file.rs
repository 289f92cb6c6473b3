//! Opens the file, and checks that it is still there.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use std::{fs, io, thread};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use crate::error::{Error, OpenError};
use crate::lock;
use crate::schema::{APPLICATION_ID, MIGRATIONS, VERSION};

/// The file of a journal.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Resolved, so that everyone who opens the file locks the same side file.
    pub(crate) path: PathBuf,
    pub(crate) log: PathBuf,
    pub(crate) lock: PathBuf,
    pub(crate) busy_timeout: Duration,
}

/// The identity of a file, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity([u64; 2]);

impl Identity {
    #[cfg(unix)]
    pub(crate) fn of(of: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self([of.dev(), of.ino()])
    }

    // Other systems do not let an open file be deleted.
    #[cfg(not(unix))]
    pub(crate) fn of(_: &fs::Metadata) -> Self {
        Self([0, 0])
    }
}

/// A connection, and the identity of its file.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    identity: Identity,
    /// The log that the connection has open, if it has one.
    log: Option<Identity>,
    /// The version of the file, if it was opened as immutable.
    immutable: Option<Version>,
}

/// What a write to a file changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    length: u64,
    modified: Option<SystemTime>,
}

impl Version {
    fn of(of: &fs::Metadata) -> Self {
        Self {
            length: of.len(),
            modified: of.modified().ok(),
        }
    }
}

/// How a journal can be opened.
pub(crate) enum Found {
    /// For reading and writing.
    Writable(Opened),
    /// Only for reading.
    ReadOnly,
}

/// Held while a file is created. Closing a file releases all POSIX locks that SQLite holds on it in this process.
/// So only SQLite opens the file of a journal, except at the moment of its creation.
static MAKING: Mutex<()> = Mutex::new(());

/// Creates an empty file that only its owner can open, if there is none. SQLite uses the same mode for its other
/// files.
fn make(path: &Path) -> io::Result<()> {
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut beside = path.to_owned().into_os_string();
    beside.push(end);
    beside.into()
}

impl Place {
    /// Opens or creates the file at `path`: for writing, if possible.
    pub(crate) fn make(path: &Path, busy_timeout: Duration) -> Result<(Self, Found), OpenError> {
        // SQLite would take an empty name for a temporary database.
        if path.as_os_str().is_empty() {
            let reason = io::Error::new(io::ErrorKind::InvalidInput, "the path is empty");
            return Err(OpenError::unavailable(path, reason));
        }
        let real = {
            let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
            match fs::canonicalize(path) {
                Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
                    make(path).and_then(|()| fs::canonicalize(path))
                }
                real => real,
            }
        };
        let real = real.map_err(|reason| OpenError::unavailable(path, reason))?;
        let place = Self {
            log: beside(&real, "-wal"),
            lock: beside(&real, "-lock"),
            path: real,
            busy_timeout,
        };
        let found = place.find()?;
        Ok((place, found))
    }

    fn find(&self) -> Result<Found, OpenError> {
        let failed = match self.open_to_write() {
            Ok(Some(opened)) => return Ok(Found::Writable(opened)),
            Ok(None) => None,
            // If the folder cannot be written, there can be no log.
            Err(error @ OpenError::Unavailable { .. }) => Some(error),
            Err(error) => return Err(error),
        };
        match (self.open_to_read(), failed) {
            (Ok(_), _) => Ok(Found::ReadOnly),
            (Err(_), Some(failed)) => Err(failed),
            (Err(error), None) => Err(error),
        }
    }

    /// Opens a connection that writes. Returns none if the file is read-only.
    pub(crate) fn open_to_write(&self) -> Result<Option<Opened>, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut opened = self.open(flags)?;
        let failed = |reason| OpenError::of_sqlite(&self.path, reason);
        let connection = &opened.connection;
        if connection.is_readonly(MAIN_DB).map_err(failed)? {
            return Ok(None);
        }
        // In another program's database, dropping this must not even write the log back.
        let config = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        connection.set_db_config(config, true).map_err(failed)?;
        let version = self.version(connection)?;
        connection.set_db_config(config, false).map_err(failed)?;
        use_log(connection, self.busy_timeout).map_err(failed)?;
        // A cache of 16 MiB, so that the index of random ids is not read again and again.
        let pragmas = "
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
        // Reading once opens the log.
        self.version(connection)?;
        opened.log = self.log_now().ok().map(|of| Identity::of(&of));
        Ok(Some(opened))
    }

    /// Opens a connection that reads.
    pub(crate) fn open_to_read(&self) -> Result<Opened, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut opened = self.open(flags)?;
        let mut version = self.version(&opened.connection);
        if let Err(error) = version {
            // On a read-only file system SQLite cannot create the files beside the database. Without a log, they
            // would be empty.
            let is_missed = matches!(&error, OpenError::Unavailable { .. });
            if !is_missed || self.log_now().is_ok() {
                return Err(error);
            }
            let now = fs::metadata(&self.path).map(|of| Version::of(&of));
            opened.immutable = now.ok();
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            let uri = format!("file:{}?immutable=1", escaped(&self.path));
            let connection = Connection::open_with_flags(uri, flags);
            opened.connection =
                connection.map_err(|reason| OpenError::of_sqlite(&self.path, reason))?;
            version = self.version(&opened.connection);
        }
        if version? == 0 {
            let reason = "it is empty, and cannot be written";
            return Err(OpenError::unavailable(&self.path, io::Error::other(reason)));
        }
        let pragmas = "PRAGMA cell_size_check = ON;";
        let read = opened.connection.execute_batch(pragmas);
        read.map_err(|reason| OpenError::of_sqlite(&self.path, reason))?;
        opened.log = self.log_now().ok().map(|of| Identity::of(&of));
        Ok(opened)
    }

    /// Compares each index with its table.
    pub(crate) fn check_indexes(&self) -> Result<(), OpenError> {
        let opened = self.open_to_read()?;
        let failed = |reason| OpenError::of_sqlite(&self.path, reason);
        let sql = "PRAGMA integrity_check";
        let mut check = opened.connection.prepare(sql).map_err(failed)?;
        let lines = check.query_map([], |row| row.get::<_, String>(0));
        let lines: Result<Vec<_>, _> = lines.map_err(failed)?.collect();
        let mut lines = lines.map_err(failed)?;
        // A damaged value concerns one row only: its saga is listed with the damage.
        lines.retain(|line| line != "ok" && !line.contains(" value in "));
        if lines.is_empty() {
            return Ok(());
        }
        lines.truncate(5);
        Err(OpenError::Damaged {
            path: self.path.clone(),
            found: lines.join("; "),
        })
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
            log: None,
            immutable: None,
        })
    }

    /// The version of the schema, 0 if the file is empty, or why the file cannot be used.
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
        // An engine of an older version would continue with its own statements.
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
        // If a transaction is still open, dropping the connection rolls it back.
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

    /// Fails if the path no longer leads to the open file: what is written then is lost.
    pub(crate) fn still(&self, opened: &Opened) -> Result<(), Error> {
        let now = fs::metadata(&self.path);
        match now {
            Ok(now) if Identity::of(&now) == opened.identity => Ok(()),
            _ => Err(Error::Gone {
                path: self.path.clone(),
            }),
        }
    }

    fn log_now(&self) -> io::Result<fs::Metadata> {
        fs::symlink_metadata(&self.log)
    }

    /// Returns the size of the log. Fails if the path of the log no longer leads to the open log: what is written
    /// then is lost.
    pub(crate) fn log_size(&self, opened: &Opened) -> Result<u64, Error> {
        let now = self.log_now();
        let is_same = |now: &fs::Metadata| Some(Identity::of(now)) == opened.log;
        match now {
            Ok(now) if is_same(&now) => Ok(now.len()),
            _ => Err(Error::LogGone {
                path: self.log.clone(),
            }),
        }
    }

    /// Whether a connection that reads misses what others have written since.
    pub(crate) fn is_stale(&self, opened: &Opened) -> bool {
        let now = self.log_now();
        if let Some(version) = opened.immutable {
            let file = fs::metadata(&self.path).map(|of| Version::of(&of));
            return now.is_ok() || !file.is_ok_and(|now| now == version);
        }
        // A deleted log still has what was written to it; the log that replaced it has what is written now.
        now.is_ok_and(|now| opened.log.is_some_and(|log| log != Identity::of(&now)))
    }

    /// Turns an error of SQLite into one that says what was being done.
    pub(crate) fn failed(&self, doing: &'static str) -> impl Fn(rusqlite::Error) -> Error + '_ {
        move |reason| Error::Sqlite {
            path: self.path.clone(),
            doing,
            reason,
        }
    }
}

/// Turns on the write-ahead log. Another connection that does so at the same moment fails this one at once, because
/// SQLite does not wait for the lock of this statement, whatever its busy timeout is. So the statement is repeated.
fn use_log(connection: &Connection, busy_timeout: Duration) -> rusqlite::Result<()> {
    let began = Instant::now();
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error) if is_busy(&error) && began.elapsed() < busy_timeout => {
                thread::sleep(Duration::from_millis(1));
            }
            done => return done,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// Escapes a path for a URI.
fn escaped(path: &Path) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                escaped.push(char::from(*byte));
            }
            // Writing into a text never fails.
            _ => drop(write!(escaped, "%{byte:02x}")),
        }
    }
    escaped
}
