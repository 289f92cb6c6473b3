//! The log beside the file, with data that SQLite has not written back yet.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::error::Error;
use crate::file::{Opened, Place};

/// The size at which the writer empties the log.
const LIMIT: u64 = 64 << 20;

/// How long emptying waits for readers.
const PATIENCE: Duration = Duration::from_millis(100);

/// The pause before the next attempt, if readers still used the log.
const PAUSE: Duration = Duration::from_secs(5);

/// Keeps the log small.
///
/// SQLite writes the log back by itself after 1,000 pages and then starts it over, but only if no reader uses it at
/// that moment. With one long reader, or several that overlap, the log grows.
#[derive(Default)]
pub(crate) struct Bound {
    next: Option<Instant>,
}

impl Bound {
    /// Empties the log if it has become large. The size is that after a commit.
    pub(crate) fn keep(&mut self, place: &Place, opened: &Opened, size: u64) {
        let began = Instant::now();
        if size <= LIMIT || self.next.is_some_and(|next| began < next) {
            return;
        }
        // If it fails, a later commit tries again.
        let is_empty = empty(place, &opened.connection).unwrap_or(false);
        self.next = (!is_empty).then(|| Instant::now() + PAUSE);
    }
}

/// Empties the log into the file. Returns whether nothing is left in the log.
fn empty(place: &Place, connection: &Connection) -> Result<bool, Error> {
    let failed = place.failed("writing the log back");
    connection.busy_timeout(PATIENCE).map_err(&failed)?;
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy = connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let restored = connection.busy_timeout(place.busy_timeout);
    restored.map_err(&failed)?;
    Ok(busy.map_err(&failed)? == 0)
}

/// Whether the connection can be dropped after a failed write. If its log was deleted, only the connection can
/// still write the log's data to the file.
pub(crate) fn is_saved(place: &Place, opened: &Opened, failed: &Error) -> bool {
    let is_lost = matches!(failed, Error::LogGone { .. }) && place.still(opened).is_ok();
    !is_lost || empty(place, &opened.connection).unwrap_or(false)
}
