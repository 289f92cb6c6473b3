//! What the tests share.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use saga_core::durable::{Created, Journal, NewSaga, Record, SagaKey};

/// A folder of its own, deleted when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        Self::within(Path::new(env!("CARGO_TARGET_TMPDIR")), name)
    }

    /// One in memory, where there is a file system that is: for what has to survive its process, and writes too
    /// much to wait for a disk.
    pub(crate) fn in_memory(name: &str) -> Self {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            Self::within(memory, &format!("saga-sqlite-{name}"))
        } else {
            Self::new(name)
        }
    }

    fn within(within: &Path, name: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let unique = format!("{name}-{}-{number}", std::process::id());
        let path = within.join(unique);
        fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A record with this number.
pub(crate) fn record(number: u64) -> Record {
    Record {
        number,
        at: 1_700_000_000_000 + number,
        head: format!(r#"{{"number":{number}}}"#),
        value: format!("the value of record {number}").into_bytes(),
    }
}

/// A saga that is to be added.
pub(crate) fn saga(id: &str) -> NewSaga {
    NewSaga {
        id: id.into(),
        saga: "checkout".into(),
        definition: 7,
        first: record(0),
    }
}

/// Adds a saga with the records 0 to `last`.
pub(crate) async fn added(journal: &impl Journal, id: &str, last: u64) -> SagaKey {
    let created = journal.create(saga(id)).await.expect("it is created");
    let Created::New(key) = created else {
        panic!("{id} was there: {created:?}");
    };
    let records = (1..=last).map(record).collect();
    let appended = journal.append(key, records, None).await;
    appended.expect("its records are appended");
    key
}
