//! An engine that keeps the runs of one saga in a directory, one file each.

use core::time::Duration;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use saga_core::durable::{Carried, Hosted, HostedStop, InFlight, Journalable, Record, Requests};
use saga_core::{Ended, Saga};
use tokio::time::sleep;

use crate::file::{FileRecords, hex};

/// The engine.
#[derive(Debug)]
pub struct Host<S: Saga> {
    dir: PathBuf,
    /// Drives the runs.
    pub hosted: Hosted<S>,
}

/// Why a run does not continue.
#[derive(Debug)]
pub enum Unable {
    /// Its file cannot be read or written.
    File(io::Error),
    /// The run stopped.
    Stopped(HostedStop),
}

impl From<io::Error> for Unable {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl<S: Saga> Host<S>
where
    S::Input: Journalable,
{
    /// An engine for the runs in this directory.
    pub fn new(dir: impl Into<PathBuf>, hosted: Hosted<S>) -> Self {
        let dir = dir.into();
        Self { dir, hosted }
    }

    /// The file with the records of a run.
    #[must_use]
    pub fn path(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{}.saga", hex(id.as_bytes())))
    }

    /// A file with this name exists while no call of the run is in flight.
    fn idle(&self, id: &str) -> PathBuf {
        self.path(id).with_extension("idle")
    }

    /// Begins a run, unless one with this id exists.
    ///
    /// # Errors
    ///
    /// If the input does not fit the saga, or the run cannot be written.
    pub fn start(&self, id: &str, input: &str) -> io::Result<()> {
        let (file, records) = FileRecords::open(&self.path(id))?;
        if records.is_empty() {
            let first = self.hosted.submitted(input.as_bytes());
            file.write(&[first.map_err(io::Error::other)?])
                .map_err(io::Error::other)?;
            fs::write(self.idle(id), "")?;
        }
        Ok(())
    }

    /// The records of a run.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub fn records(&self, id: &str) -> io::Result<Vec<Record>> {
        FileRecords::open(&self.path(id)).map(|(_, records)| records)
    }

    /// Carries a run until it ends, waits or stops.
    ///
    /// # Errors
    ///
    /// If the run stops.
    pub async fn carry(&self, id: &str, requests: impl Requests) -> Result<Carried<S>, Unable> {
        let (file, records) = FileRecords::open(&self.path(id))?;
        let in_flight = match fs::remove_file(self.idle(id)) {
            Ok(()) => InFlight::NotBegun,
            Err(_) => InFlight::Interrupted,
        };
        let carried = self.hosted.carry(id, records, in_flight, file, requests);
        let carried = carried.await;
        if matches!(
            carried,
            Ok(Carried::Waits { .. })
                | Err(HostedStop::ShutDown {
                    in_flight: InFlight::NotBegun
                } | HostedStop::Unreadable {
                    in_flight: InFlight::NotBegun,
                    ..
                })
        ) {
            fs::write(self.idle(id), "")?;
        }
        carried.map_err(Unable::Stopped)
    }

    /// Carries a run to its end. Continues after each wait.
    ///
    /// # Errors
    ///
    /// If the run stops.
    pub async fn carry_to_end<R: Requests>(
        &self,
        id: &str,
        requests: impl Fn() -> R,
    ) -> Result<Ended<S>, Unable> {
        loop {
            match self.carry(id, requests()).await? {
                Carried::Ended(ended) => return Ok(ended),
                Carried::Waits { until } => {
                    let left = until.duration_since(SystemTime::now());
                    sleep(left.unwrap_or(Duration::ZERO)).await;
                }
            }
        }
    }
}

/// A directory for one test. It is deleted when this is dropped.
#[derive(Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// Creates a directory with this name.
    ///
    /// # Panics
    ///
    /// If it cannot be created.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("saga-hosted-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("a directory");
        Self(dir)
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.0.clone()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left over does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}
