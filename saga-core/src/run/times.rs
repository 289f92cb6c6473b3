//! When the calls of a run began and how long they took.

use core::time::Duration;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use crate::definition::{Phase, Step};

/// When a step or compensation began and how long it took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timed {
    pub(crate) step: &'static Step,
    pub(crate) phase: Phase,
    pub(crate) started_at: SystemTime,
    pub(crate) took: Duration,
    // Measures `took`: `SystemTime` may be set back during the call.
    clock: Instant,
}

/// The times of the calls of a run, in the order in which the calls began.
#[derive(Debug, Default)]
pub(super) struct Times(Mutex<Vec<Timed>>);

impl Times {
    pub(super) fn began(&self, step: &'static Step, phase: Phase) {
        self.lock().push(Timed {
            step,
            phase,
            started_at: SystemTime::now(),
            took: Duration::ZERO,
            clock: Instant::now(),
        });
    }

    pub(super) fn ended(&self, step: &'static Step, phase: Phase) {
        let mut calls = self.lock();
        let is_it = |timed: &&mut Timed| timed.step.index == step.index && timed.phase == phase;
        if let Some(timed) = calls.iter_mut().rev().find(is_it) {
            timed.took = timed.clock.elapsed();
        }
    }

    pub(super) fn lock(&self) -> impl core::ops::DerefMut<Target = Vec<Timed>> {
        // No user code runs while it is locked, so nothing is half-changed after a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for Times {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.lock().clone()))
    }
}
