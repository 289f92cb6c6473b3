//! The timers of an attempt.

use core::pin::Pin;
use core::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{self, Instant, Sleep};

use crate::util::panics;

/// Boxed, because Tokio's `Sleep` is as large as all the rest of a call.
pub(super) type Timer = Pin<Box<Sleep>>;

/// How long it takes until this timer elapses.
pub(super) fn left_of(timer: Option<&Timer>) -> Duration {
    timer.map_or(Duration::ZERO, |timer| {
        timer.deadline().duration_since(Instant::now())
    })
}

/// Fails if there is no runtime, or one without a time driver: Tokio's timers would panic.
#[cold]
pub(super) fn require_timers() -> Result<(), String> {
    const NEEDED: &str = "the run has a timeout or a backoff, which needs a Tokio runtime with time \
                          enabled (`tokio::runtime::Builder::enable_time`)";
    if Handle::try_current().is_err() {
        return Err(NEEDED.to_owned());
    }
    panics::catch(|| drop(time::sleep(Duration::ZERO))).map_err(|_| NEEDED.to_owned())
}
