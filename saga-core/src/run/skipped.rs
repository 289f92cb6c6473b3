//! Which of the steps in flight their conditions have skipped.

use core::sync::atomic::{AtomicU64, Ordering};

use crate::definition::Phase;
use crate::run::Call;

/// Which of the steps in flight their conditions have skipped: one bit for each member of the group in flight.
///
/// It belongs to the run, so that no step of another run, also of a nested one, changes it.
#[derive(Debug)]
pub(super) struct Skipped(AtomicU64);

impl Skipped {
    pub(super) const fn none() -> Self {
        Self(AtomicU64::new(0))
    }

    /// The bit of the step of this call. Groups of more than 64 members share them.
    fn bit(call: Call<'_>) -> u64 {
        let step = call.step.index;
        let member = step - call.definition.stage(step).start;
        1 << (member % 64)
    }

    /// Records whether this step is skipped, which begins now.
    pub(super) fn set(&self, call: Call<'_>, is_skipped: bool) {
        let bit = Self::bit(call);
        // Set and read by one task.
        if is_skipped {
            self.0.fetch_or(bit, Ordering::Relaxed);
        } else {
            self.0.fetch_and(!bit, Ordering::Relaxed);
        }
    }

    pub(super) fn get(&self, call: Call<'_>) -> bool {
        call.phase == Phase::Step
            && call.step.condition.is_some()
            && self.0.load(Ordering::Relaxed) & Self::bit(call) != 0
    }
}
