//! Checks that the clock is paused, so that the waits of a run take no time.

use core::future::Future;
use core::time::Duration;
use std::time::Instant;

use tokio::time;

use crate::util::panics;

/// Longer than any run that ends. In paused time this finds a run that waits for something that never happens.
const LONGEST_RUN: Duration = Duration::from_secs(365 * 24 * 60 * 60);

const A_WHILE: Duration = Duration::from_millis(200);

/// Returns why runs would really wait, if the clock is not paused.
pub(super) async fn problem() -> Option<String> {
    const NOT_PAUSED: &str = "the clock is not paused, and runs would take hours: \
                              `#[tokio::test(start_paused = true)]`";
    // One miss may be a busy machine.
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

/// Returns the output of `run`, or nothing if it never ends.
pub(super) async fn end_of<T>(run: impl Future<Output = T>) -> Option<T> {
    time::timeout(LONGEST_RUN, run).await.ok()
}
