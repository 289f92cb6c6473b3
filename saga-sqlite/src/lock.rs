//! One engine at a time: a lock of the operating system on a side file.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::error::Error;
use crate::file::Identity;

/// A file that is locked until this is dropped.
pub(crate) struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        // Closing it is not enough: a child process that is being started has a copy of it for a moment.
        let _ = self.0.unlock();
    }
}

/// Locks the file at `path`.
pub(crate) fn take(path: &Path) -> Result<Locked, Error> {
    let failed = |reason| Error::Lock {
        path: path.to_owned(),
        reason,
    };
    loop {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Locked {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(reason)) => return Err(failed(reason)),
        }
        let file = Locked(file);
        // Somebody may have deleted it between the two: then it is nobody's lock.
        let locked = Identity::of(&file.0.metadata().map_err(failed)?);
        let there = fs::metadata(path).map(|of| Identity::of(&of));
        if there.is_ok_and(|there| there == locked) {
            return Ok(file);
        }
    }
}
