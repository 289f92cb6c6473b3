//! The clock of a test: it is paused, so runs take no time.

use core::future::Future;
use core::time::Duration;
use std::time::Instant;

use tokio::time;

use crate::util::panics;

/// Longer than any run that ends. In paused time, a run that waits for something that never happens is ended after
/// it.
const LONGEST_RUN: Duration = Duration::from_secs(365 * 24 * 60 * 60);

const A_WHILE: Duration = Duration::from_millis(200);

/// The problem if the clock is not paused, so that runs would take real time.
pub(super) async fn problem() -> Option<String> {
    const NOT_PAUSED: &str = "the clock is not paused, and runs would take hours: \
                              `#[tokio::test(start_paused = true)]`";
    // Several tries, because a busy machine can delay one.
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

/// The output of a run, or `None` if it never ends.
pub(super) async fn end_of<T>(run: impl Future<Output = T>) -> Option<T> {
    time::timeout(LONGEST_RUN, run).await.ok()
}
