//! Whether a saga is to be rolled back, and until when that can be asked for.

use super::SagaLog;
use super::apply::{CallStage, LogState};
use crate::definition::Phase;
use crate::run::Run;
use saga_journal::{CallId, Entry, JournalError, Record};

impl SagaLog {
    /// Whether the cancellation of the saga is recorded.
    pub(in crate::durable) fn is_cancelled(&self) -> bool {
        self.inner().state.is_cancelled()
    }

    /// Whether a cancellation comes too late for a saga with these records: all steps of one of the `points` have
    /// completed, or the saga is being rolled back.
    pub(in crate::durable) fn is_final(records: &[Record], points: &[Vec<&str>]) -> bool {
        let mut state = LogState::default();
        for record in records {
            state.apply(&record.entry, record.number, record.at, None);
        }
        state.is_final(points)
    }

    /// Records that the saga is cancelled, unless it has ended or is [past](Self::is_final) one of these points.
    /// Returns whether it is cancelled, after all records that decide so are written.
    ///
    /// # Errors
    ///
    /// If the journal refuses to write, permanently.
    pub(in crate::durable) async fn request_cancellation(
        &self,
        points: &[Vec<&str>],
    ) -> Result<bool, JournalError> {
        let (written, is_requested) = {
            let mut inner = self.inner();
            let is_over = inner.state.end().is_some() || inner.state.is_final(points);
            let is_known = is_over || inner.state.is_cancelled();
            match inner.last_decided() {
                // Recorded before: the records up to now contain it.
                Some(last) if is_known => (last, !is_over),
                _ => {
                    let request = Entry::CancelRequested {};
                    (inner.decide(request, Vec::new(), None), true)
                }
            }
        };
        self.write_unless_broken(written).await?;
        Ok(is_requested)
    }
}

impl LogState {
    fn is_final(&self, points: &[Vec<&str>]) -> bool {
        let has_completed = |step: &&str| {
            let call = CallId::new(None, (*step).to_owned(), Phase::Step);
            let call = self.call(&call);
            call.is_some_and(|call| matches!(call.stage, CallStage::Completed { .. }))
        };
        let mut points = points.iter();
        points.any(|steps| steps.iter().all(has_completed)) || self.is_rolled_back()
    }

    /// Whether a cancellation or the deadline keeps further steps of this run from beginning.
    pub(super) fn ends_steps(&self, run: &Run) -> bool {
        run.ended_by().is_some() || (self.is_cancelled() && run.can_be_cancelled())
    }
}
