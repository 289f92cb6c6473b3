//! Copies a journal while it is in use.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::error::BackupError;
use crate::file::Place;

/// Writes a copy to `path`, where no file may exist. Blocks.
pub(crate) fn write(place: &Place, path: &Path) -> Result<(), BackupError> {
    let failed = |reason: io::Error| match reason.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists {
            path: path.to_owned(),
        },
        _ => BackupError::failed(path, reason),
    };
    // SQLite would create a file that others can read. It writes into an existing empty file.
    make(path).map_err(failed)?;
    let written = copy(place, path).and_then(|()| sync(path).map_err(failed));
    if written.is_err() {
        // Half of a copy would look like a whole one.
        let _ = fs::remove_file(path);
    }
    written
}

fn make(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

fn copy(place: &Place, path: &Path) -> Result<(), BackupError> {
    // An absolute path, because some relative names have a special meaning for SQLite.
    let real = fs::canonicalize(path).map_err(|reason| BackupError::failed(path, reason))?;
    let Some(real) = real.to_str() else {
        let reason = io::Error::new(io::ErrorKind::InvalidInput, "the path is not UTF-8");
        return Err(BackupError::failed(path, reason));
    };
    let opened = place.open_to_read();
    let opened = opened.map_err(|reason| BackupError::failed(path, reason))?;
    let copied = opened.connection.execute("VACUUM INTO ?1", [real]);
    copied.map_err(|reason| BackupError::failed(path, reason))?;
    Ok(())
}

/// Syncs a copy, which SQLite does not.
fn sync(path: &Path) -> io::Result<()> {
    File::options().write(true).open(path)?.sync_all()?;
    // The name is synced, too. Other systems cannot open a folder.
    #[cfg(unix)]
    if let Some(folder) = fs::canonicalize(path)?.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
