//! The time that runs take in a test: none, for the clock is paused.

use core::future::Future;
use core::time::Duration;
use std::time::Instant;

use tokio::time;

use crate::util::panics;

/// Longer than any run that ends: in paused time, a run that is given up after it waits for something that
/// never comes.
const LONGEST_RUN: Duration = Duration::from_secs(365 * 24 * 60 * 60);

const A_WHILE: Duration = Duration::from_millis(200);

/// Why runs would take the time that they say, if they would.
pub(super) async fn problem() -> Option<String> {
    const NOT_PAUSED: &str = "the clock is not paused, and runs would take hours: \
                              `#[tokio::test(start_paused = true)]`";
    // Once may be a machine that was busy elsewhere.
    for _ in 0..3 {
        let began = Instant::now();
        let Ok(sleep) = panics::catch(|| Box::pin(time::sleep(A_WHILE))) else {
            return Some(NOT_PAUSED.to_owned());
        };
        sleep.await;
        if began.elapsed() < A_WHILE {
            return None;
        }
    }
    Some(NOT_PAUSED.to_owned())
}

/// What a run gives, unless it never ends.
pub(super) async fn end_of<T>(run: impl Future<Output = T>) -> Option<T> {
    time::timeout(LONGEST_RUN, run).await.ok()
}
