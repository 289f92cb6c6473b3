//! What all sagas of one engine share.

use core::fmt;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::codec::{Codec, CodecError, Journalable};
use crate::util::panics;
use saga_journal::{JournalError, JournalErrorKind};

/// Returns the trace of the code that submits a saga, as text.
pub(super) type TraceContext = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// The longest trace context that is kept, in bytes.
const LONGEST_TRACE_CONTEXT: usize = 512;

pub(super) struct Shared {
    pub(super) codec: Arc<dyn Codec>,
    pub(super) max_interruptions: u32,
    pub(super) slots: Arc<Semaphore>,
    /// A single permit for calls that may end the process, as they did before: nothing else runs beside them that would
    /// be interrupted too.
    pub(super) alone: Arc<Semaphore>,
    pub(super) shutdown: CancellationToken,
    pub(super) trace_context: Option<TraceContext>,
    /// Why the journal cannot be written, while it cannot.
    pub(super) trouble: watch::Sender<Option<JournalError>>,
}

impl Shared {
    /// The state before anything runs.
    pub(super) fn new(codec: Arc<dyn Codec>, max_interruptions: u32, max_in_flight: usize) -> Self {
        Self {
            codec,
            max_interruptions,
            slots: Arc::new(Semaphore::new(max_in_flight)),
            alone: Arc::new(Semaphore::new(1)),
            shutdown: CancellationToken::new(),
            trace_context: None,
            trouble: watch::Sender::new(None),
        }
    }

    pub(super) fn is_shutting_down(&self) -> bool {
        self.shutdown.is_cancelled()
    }

    pub(super) async fn shuts_down(&self) {
        self.shutdown.cancelled().await;
    }

    /// A place among the sagas in flight. `None` once the engine is shut down.
    pub(super) async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }

    /// The permit to run while no other call runs that was interrupted as often. `None` once the engine is shut down.
    pub(super) async fn alone(&self) -> Option<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.alone).acquire_owned();
        tokio::select! {
            biased;
            () = self.shuts_down() => None,
            permit = permit => permit.ok(),
        }
    }

    pub(super) fn journal_failed(&self, error: &JournalError) {
        self.trouble.send_replace(Some(error.clone()));
    }

    pub(super) fn journal_is_back(&self) {
        self.trouble.send_if_modified(|trouble| {
            // A journal that another engine has taken over does not come back.
            let passes = |error: &JournalError| error.kind() != JournalErrorKind::Fenced;
            trouble.take_if(|error| passes(error)).is_some()
        });
    }

    /// Ready with the reason when the journal cannot be written.
    pub(super) async fn has_trouble(&self) -> JournalError {
        let mut trouble = self.trouble.subscribe();
        loop {
            let now = trouble.borrow_and_update().clone();
            if let Some(error) = now {
                return error;
            }
            // `self` owns the sender, so this cannot fail.
            let _ = trouble.changed().await;
        }
    }

    /// The trace of the code that submits a saga now. No error of it, nor a panic, keeps the saga from being submitted.
    pub(super) fn trace_context(&self) -> Option<String> {
        let current = self.trace_context.as_deref()?;
        let context = panics::catch(current).ok().flatten();
        context.filter(|context| (1..=LONGEST_TRACE_CONTEXT).contains(&context.len()))
    }

    /// Encodes JSON for the journal.
    pub(super) fn encoded(&self, json: Vec<u8>) -> Result<Vec<u8>, String> {
        converted(|| self.codec.encode(json))
    }

    /// Decodes JSON from the journal.
    pub(super) fn decoded(&self, written: &[u8]) -> Result<Vec<u8>, String> {
        converted(|| self.codec.decode(written))
    }

    /// Reads a value from the journal.
    pub(super) fn decode<T: Journalable>(&self, written: &[u8]) -> Result<T, String> {
        T::of_json(&self.decoded(written)?)
    }
}

/// Calls a codec. A panic counts as an error.
fn converted(convert: impl FnOnce() -> Result<Vec<u8>, CodecError>) -> Result<Vec<u8>, String> {
    match panics::catch(|| convert().map_err(|error| error.to_string())) {
        Ok(converted) => converted,
        Err(panic) => Err(format!("the codec panicked: {panic}")),
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
