//! Moments as they are recorded: in milliseconds since the Unix epoch.

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

/// The current time by the machine's clock.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    millis(since.unwrap_or_default())
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
