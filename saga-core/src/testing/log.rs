//! The log of one cell.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::Fault;
use crate::definition::Phase;

/// An attempt that began.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LoggedAttempt {
    /// The names of the steps around it and its own, separated by `/`.
    pub(super) step: String,
    /// The same, with the method of the compensation in place of the last name.
    pub(super) called: String,
    pub(super) phase: Phase,
    pub(super) attempt: u32,
    /// The fault that was injected.
    pub(super) fault: Option<Fault>,
    /// Whether its condition returned `false`.
    pub(super) skipped: bool,
}

impl fmt::Display for LoggedAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.called, self.attempt)?;
        if let Some(fault) = self.fault {
            write!(f, " {fault}")?;
        }
        if self.skipped {
            f.write_str(" is skipped")?;
        }
        if self.phase == Phase::Compensation {
            write!(f, " (undoes {})", self.step)?;
        }
        Ok(())
    }
}

/// What a cell has logged.
#[derive(Debug, Default, Clone)]
pub(super) struct CellLog {
    pub(super) attempts: Vec<LoggedAttempt>,
    /// For each attempt, its name in a journal, and whether its method returned an output. `None` if the method did not
    /// return.
    pub(super) calls: Vec<(String, Option<bool>)>,
    /// Whether the error that a step or compensation failed with is one that its `when` accepts.
    pub(super) accepted: BTreeMap<(String, Phase), bool>,
    /// What the test must provide before the cell can be run.
    pub(super) missing: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(super) struct Log(Mutex<CellLog>);

impl Log {
    /// Records that an attempt has begun, which is called `name` in a journal. Returns its index.
    pub(super) fn began(&self, attempt: LoggedAttempt, name: String) -> usize {
        let mut log = self.lock();
        log.attempts.push(attempt);
        log.calls.push((name, None));
        log.attempts.len() - 1
    }

    /// Records that the method of this attempt has returned.
    pub(super) fn returned(&self, attempt: usize, is_ok: bool) {
        if let Some((_, returned)) = self.lock().calls.get_mut(attempt) {
            *returned = Some(is_ok);
        }
    }

    /// Records that the attempt in flight of this step was skipped.
    pub(super) fn skipped(&self, step: &str) {
        let mut log = self.lock();
        let mut last = log.attempts.iter_mut().rev();
        if let Some(attempt) =
            last.find(|attempt| attempt.step == step && attempt.phase == Phase::Step)
        {
            attempt.skipped = true;
        }
    }

    pub(super) fn accepted(&self, step: &str, phase: Phase, accepted: bool) {
        self.lock()
            .accepted
            .insert((step.to_owned(), phase), accepted);
    }

    pub(super) fn missing(&self, what: String) {
        self.lock().missing.insert(what);
    }

    pub(super) fn contents(&self) -> CellLog {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, CellLog> {
        // No user code runs while it is locked, so nothing is half-changed after a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
