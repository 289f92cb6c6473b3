//! Where everything is that has to outlive the process.

use std::path::{Path, PathBuf};
use std::{fs, io};

use saga_core::durable::Journal as _;
use saga_sqlite::SqliteJournal;

const SHOP: &str = "shop.sqlite";
const JOURNAL: &str = "journal.sqlite";

/// What `SQLite` and the journal put beside a file.
const BESIDE: [&str; 5] = ["", "-journal", "-wal", "-shm", "-lock"];

/// A folder that stays.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`, made if there is none.
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Deletes what earlier runs left in it, and nothing else: it may be the folder of something else, too.
    ///
    /// # Errors
    ///
    /// Also while another process is at work there.
    pub(crate) async fn clear(&self) -> anyhow::Result<()> {
        let _lock = SqliteJournal::open(self.journal())?.lock().await?;
        for name in [SHOP, JOURNAL] {
            for beside in BESIDE {
                match fs::remove_file(self.0.join(format!("{name}{beside}"))) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    deleted => deleted?,
                }
            }
        }
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The database of the shop: the world outside the sagas.
    pub(crate) fn shop(&self) -> PathBuf {
        self.0.join(SHOP)
    }

    /// The journal of the sagas.
    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join(JOURNAL)
    }
}
