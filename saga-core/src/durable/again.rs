//! What fails for a while is asked again: the journal, or the codec.

use core::future::Future;
use core::time::Duration;

use tokio::time::sleep;

use super::shared::Shared;
use saga_journal::{JournalError, JournalErrorKind};

const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The waits between tries of the same thing: each twice as long as the one before, up to a second.
#[derive(Debug)]
pub(super) struct Tries {
    wait: Duration,
}

impl Tries {
    /// Before the first.
    pub(super) const fn new() -> Self {
        Self { wait: FIRST_WAIT }
    }

    /// Whether one has failed.
    pub(super) fn have_failed(&self) -> bool {
        self.wait != FIRST_WAIT
    }

    /// One has failed: ready when the next may be made.
    pub(super) async fn failed(&mut self) {
        sleep(self.wait).await;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
    }
}

impl Shared {
    /// What the journal answers once it is available. While it is not, callers that wait for the engine get its error.
    ///
    /// # Errors
    ///
    /// Of any other kind than [`JournalErrorKind::Unavailable`].
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

    /// The journal has failed: ready when it may be asked again.
    pub(super) async fn is_unavailable(&self, error: &JournalError, tries: &mut Tries) {
        self.journal_failed(error);
        tries.failed().await;
    }
}
