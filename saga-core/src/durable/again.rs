//! Repeats what fails temporarily: calls of the journal and of the codec.

use core::future::Future;
use core::time::Duration;

use tokio::time::sleep;

use super::shared::Shared;
use saga_journal::{JournalError, JournalErrorKind};

const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The waits between repeated tries: each is twice as long as the one before, up to a second.
#[derive(Debug)]
pub(super) struct Tries {
    wait: Duration,
}

impl Tries {
    /// Before the first try.
    pub(super) const fn new() -> Self {
        Self { wait: FIRST_WAIT }
    }

    /// Whether a try has failed.
    pub(super) fn have_failed(&self) -> bool {
        self.wait != FIRST_WAIT
    }

    /// Call it after a try has failed: it is ready when the next one may be made.
    pub(super) async fn failed(&mut self) {
        sleep(self.wait).await;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
    }
}

impl Shared {
    /// Repeats `ask` until the journal is available, and returns its answer. Meanwhile callers that wait for the engine
    /// get the error of the journal.
    ///
    /// # Errors
    ///
    /// Any error of another kind than [`JournalErrorKind::Unavailable`].
    pub(super) async fn once_available<T, F>(
        &self,
        mut ask: impl FnMut() -> F,
    ) -> Result<T, JournalError>
    where
        F: Future<Output = Result<T, JournalError>>,
    {
        let mut tries = Tries::new();
        loop {
            match ask().await {
                Err(error) if error.kind() == JournalErrorKind::Unavailable => {
                    self.is_unavailable(&error, &mut tries).await;
                }
                answer => {
                    if tries.have_failed() {
                        self.journal_is_back();
                    }
                    return answer;
                }
            }
        }
    }

    /// Call it after the journal has failed: it is ready when the next call may be made.
    pub(super) async fn is_unavailable(&self, error: &JournalError, tries: &mut Tries) {
        self.journal_failed(error);
        tries.failed().await;
    }
}
