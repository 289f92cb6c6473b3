//! One engine at a time: a lock of the operating system on a side file.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

use saga_journal::Epoch;

use crate::error::Error;
use crate::file::Identity;

/// A file that stays locked until this is dropped.
pub(crate) struct Locked {
    file: File,
    /// The epoch of the engine that holds the lock, once it has one.
    pub(crate) epoch: OnceLock<Epoch>,
}

impl Drop for Locked {
    fn drop(&mut self) {
        // Closing the file is not enough: a child process that is being started has a copy of it for a moment.
        let _ = self.file.unlock();
    }
}

/// Locks the file at `path`.
pub(crate) fn take(path: &Path) -> Result<Locked, Error> {
    let failed = |reason| Error::Lock {
        path: path.to_owned(),
        reason,
    };
    loop {
        let file = open(path).map_err(|reason| {
            let is_link = fs::symlink_metadata(path).is_ok_and(|of| of.is_symlink());
            if is_link {
                let path = path.to_owned();
                Error::LockIsLink { path }
            } else {
                failed(reason)
            }
        })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(reason)) => return Err(failed(reason)),
        }
        let file = Locked {
            file,
            epoch: OnceLock::new(),
        };
        // If the file was deleted between the two calls, the lock would exclude no engine.
        let locked = Identity::of(&file.file.metadata().map_err(failed)?);
        let there = fs::symlink_metadata(path).map(|of| Identity::of(&of));
        if there.is_ok_and(|there| there == locked) {
            return Ok(file);
        }
    }
}

/// Opens the file at `path`, or creates one that only its owner can open, so that no other user can block an
/// engine.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Through a link, this would create or lock a file elsewhere.
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW);
    }
    options.open(path)
}
