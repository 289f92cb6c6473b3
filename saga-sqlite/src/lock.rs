//! One engine at a time: a lock of the operating system on a side file.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::error::Error;
use crate::file::Identity;

/// Locks the file at `path`, until what it gives is dropped.
pub(crate) fn take(path: &Path) -> Result<File, Error> {
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
        // Somebody may have deleted it between the two: then it is nobody's lock.
        let locked = Identity::of(&file.metadata().map_err(failed)?);
        let there = fs::metadata(path).map(|of| Identity::of(&of));
        if there.is_ok_and(|there| there == locked) {
            return Ok(file);
        }
    }
}
