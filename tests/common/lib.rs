//! What several tests share.

pub mod cells;
pub mod cut_journal;
#[cfg(doctest)]
mod documents;
pub mod failing_journal;
pub mod faults;
pub mod five_steps;
pub mod history;
pub mod json;
pub mod judge;
pub mod lives;
pub mod nested;
pub mod other_executor;
pub mod process_clock;
pub mod replay;
pub mod ten_steps;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The calls that a service was asked for, in order.
#[derive(Debug, Default)]
pub struct Calls(Mutex<Vec<String>>);

impl Calls {
    /// None so far.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Records a call.
    pub fn add(&self, call: impl Into<String>) {
        self.lock().push(call.into());
    }

    /// Whether nothing was recorded since it was last taken.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// What was recorded since it was last taken.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
