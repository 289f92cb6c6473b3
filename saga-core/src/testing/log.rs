//! What happens in one cell, taken down as it happens.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::Fault;
use crate::definition::Phase;

/// One attempt that was begun.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Made {
    /// The names of the steps around it and its own, with `/` between.
    pub(super) step: String,
    /// The same, with the method of the compensation in place of the last.
    pub(super) called: String,
    pub(super) phase: Phase,
    pub(super) attempt: u32,
    /// What was done to it.
    pub(super) fault: Option<Fault>,
    /// Whether its condition said no.
    pub(super) skipped: bool,
}

impl fmt::Display for Made {
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

/// What is known when a cell has ended.
#[derive(Debug, Default, Clone)]
pub(super) struct Taken {
    pub(super) made: Vec<Made>,
    /// Whether the error that was given to a step or compensation is one that its `when` accepts.
    pub(super) accepted: BTreeMap<(String, Phase), bool>,
    /// What a person has to give before the cell can be run.
    pub(super) missing: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(super) struct Log(Mutex<Taken>);

impl Log {
    pub(super) fn made(&self, made: Made) {
        self.lock().made.push(made);
    }

    /// The attempt of this step that is in hand was skipped.
    pub(super) fn skipped(&self, step: &str) {
        let mut taken = self.lock();
        let mut last = taken.made.iter_mut().rev();
        if let Some(made) = last.find(|made| made.step == step && made.phase == Phase::Step) {
            made.skipped = true;
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

    pub(super) fn taken(&self) -> Taken {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        // Nothing of the user's runs while it is locked, so nothing is half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
