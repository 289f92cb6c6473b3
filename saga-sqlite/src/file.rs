//! The file: how it is opened, and whether it is still there.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};

use crate::error::{Error, OpenError};
use crate::lock;
use crate::schema::{APPLICATION_ID, MIGRATIONS, VERSION};

/// A journal's file.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// Without links, so that all who open it lock the same side file.
    pub(crate) path: PathBuf,
    pub(crate) log: PathBuf,
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
    /// The log that it has open, if it has one.
    log: Option<Identity>,
    /// The version of the file, if it was opened as immutable.
    immutable: Option<Version>,
}

/// What changes when a file is written.
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

/// What is at the place of a journal.
pub(crate) enum Found {
    /// It can be written.
    Writable(Opened),
    /// It can be read.
    ReadOnly,
}

/// While a file is made. Closing a file lets go of the locks of POSIX that SQLite has on it, in all of the process;
/// so no file of a journal is opened but by SQLite, except for a moment to make it.
static MAKING: Mutex<()> = Mutex::new(());

/// Makes an empty file that its owner alone can open, where there is none. SQLite makes those beside it like it.
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
    /// Opens or makes the file at `path`, to write if that is possible.
    pub(crate) fn make(path: &Path, busy_timeout: Duration) -> Result<(Self, Found), OpenError> {
        // SQLite would take an empty name for a database in a temporary file.
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
            // Where its folder cannot be written, it cannot have a log.
            Err(error @ OpenError::Unavailable { .. }) => Some(error),
            Err(error) => return Err(error),
        };
        match (self.open_to_read(), failed) {
            (Ok(_), _) => Ok(Found::ReadOnly),
            (Err(_), Some(failed)) => Err(failed),
            (Err(error), None) => Err(error),
        }
    }

    /// A connection that writes: none where the file is read-only.
    pub(crate) fn open_to_write(&self) -> Result<Option<Opened>, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut opened = self.open(flags)?;
        let failed = |reason| OpenError::of_sqlite(&self.path, reason);
        let connection = &opened.connection;
        if connection.is_readonly(MAIN_DB).map_err(failed)? {
            return Ok(None);
        }
        // Of another program's database not even the log is written back when this is dropped.
        let config = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
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
        // It has the log open once it has read.
        self.version(connection)?;
        opened.log = self.log_now().ok().map(|of| Identity::of(&of));
        Ok(Some(opened))
    }

    /// A connection that reads.
    pub(crate) fn open_to_read(&self) -> Result<Opened, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut opened = self.open(flags)?;
        let mut version = self.version(&opened.connection);
        if let Err(error) = version {
            // On a file system that cannot be written SQLite misses the files beside it. Without a log there is
            // nothing in them.
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
        // A value that was not written here is a matter of its row: that saga is listed with its damage.
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

    /// Fails where what was opened is no longer what has the name of the journal: what is written then is lost.
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

    /// The size of the log, or why what is written to it is lost: it is no longer what has its name.
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

    /// Whether a connection that reads does not see what others have written since.
    pub(crate) fn is_stale(&self, opened: &Opened) -> bool {
        let now = self.log_now();
        if let Some(version) = opened.immutable {
            let file = fs::metadata(&self.path).map(|of| Version::of(&of));
            return now.is_ok() || !file.is_ok_and(|now| now == version);
        }
        // One that was deleted still has what was written to it; one in its place has what is written now.
        now.is_ok_and(|now| opened.log.is_some_and(|log| log != Identity::of(&now)))
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

/// A path in a URI.
fn escaped(path: &Path) -> String {
    use std::fmt::Write as _;
    let mut escaped = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                escaped.push(char::from(*byte));
            }
            // Into a text it never fails.
            _ => drop(write!(escaped, "%{byte:02x}")),
        }
    }
    escaped
}
