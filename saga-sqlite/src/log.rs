//! The log beside the file, where SQLite has what it has not written back.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::error::Error;
use crate::file::{Opened, Place};

/// How large the log may be before the thread that writes has it emptied.
const LIMIT: u64 = 64 << 20;

/// How long that waits for those who read, at most.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long the next attempt is put off where the log is still read.
const PAUSE: Duration = Duration::from_secs(5);

/// Keeps the log small.
///
/// SQLite writes it back by itself after 1,000 pages, and then begins it again from its start; but only if nothing
/// is read from it at that moment. While one reads for long, or several read all the time, it grows.
#[derive(Default)]
pub(crate) struct Bound {
    next: Option<Instant>,
}

impl Bound {
    /// Empties the log where it has become large. Its size is that of after a commit.
    pub(crate) fn keep(&mut self, place: &Place, opened: &Opened, size: u64) {
        let began = Instant::now();
        if size <= LIMIT || self.next.is_some_and(|next| began < next) {
            return;
        }
        // Where it fails it is tried again.
        let is_empty = empty(place, &opened.connection).unwrap_or(false);
        self.next = (!is_empty).then(|| Instant::now() + PAUSE);
    }
}

/// Whether what is in the log is in the file afterwards too, and nothing is in the log.
fn empty(place: &Place, connection: &Connection) -> Result<bool, Error> {
    let failed = place.failed("writing the log back");
    connection.busy_timeout(PATIENCE).map_err(&failed)?;
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy = connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let restored = connection.busy_timeout(place.busy_timeout);
    restored.map_err(&failed)?;
    Ok(busy.map_err(&failed)? == 0)
}

/// Whether the connection can be given up, at which a write has failed. Where its log was deleted it is the only one
/// that has what was in it, until that is written to the file.
pub(crate) fn is_saved(place: &Place, opened: &Opened, failed: &Error) -> bool {
    let is_lost = matches!(failed, Error::LogGone { .. }) && place.still(opened).is_ok();
    !is_lost || empty(place, &opened.connection).unwrap_or(false)
}
