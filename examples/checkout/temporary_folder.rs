//! A folder that is gone when it is dropped.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, io, process};

/// A new, empty folder.
pub(crate) struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    pub(crate) fn create() -> io::Result<Self> {
        let now = SystemTime::UNIX_EPOCH.elapsed().map_err(io::Error::other)?;
        let name = format!("saga-example-{}-{}", process::id(), now.as_nanos());
        let path = env::temp_dir().join(name);
        // Fails if a folder of this name exists: it would belong to another program.
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("warning: {} is left behind: {error}", self.0.display());
        }
    }
}
