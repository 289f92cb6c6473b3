//! The cells in which the process ends, and their names.

use core::fmt;
use std::collections::BTreeMap;

use super::cut_journal::Cut;
use super::record_text::{Head, What, path_of, step_at, words};
use crate::definition::{Definition, Phase};
use crate::testing::fault::{Cell, Fault, FaultAt};

/// The rows of the table for writes that belong to no step.
pub(in crate::testing) const SUBMISSION: &str = "(submission)";
pub(in crate::testing) const END: &str = "(end)";

/// A run whose process ends once, and which a second process continues.
#[derive(Debug, Clone)]
pub(in crate::testing) struct CrashCell {
    /// The other fault of the run.
    pub(super) run: Cell,
    pub(super) cut: Cut,
    /// What is written at that write, as text.
    pub(super) write: String,
    /// The steps that it concerns.
    pub(in crate::testing) rows: Vec<String>,
    /// The fault in the second life.
    pub(super) then: Option<FaultAt>,
    /// How many earlier cells would have the same name.
    alike: usize,
}

impl CrashCell {
    /// The column of the table.
    pub(in crate::testing) const fn fault(&self) -> Fault {
        match (&self.then, self.cut.is_after) {
            (Some(_), _) => Fault::CrashThenError,
            (None, false) => Fault::CrashBefore,
            (None, true) => Fault::CrashAfter,
        }
    }

    /// The faults of the second life.
    pub(super) fn second(&self) -> Cell {
        match &self.then {
            Some(_) => Cell {
                step: self.then.clone(),
                ..self.run.clone()
            },
            None => self.run.clone(),
        }
    }

    /// The cells of a run with these writes.
    pub(super) fn of(
        saga: &'static Definition,
        run: &Cell,
        writes: &[Vec<String>],
        failing: &[FaultAt],
    ) -> Vec<Self> {
        let (mut cells, mut names) = (Vec::new(), BTreeMap::<String, usize>::new());
        let mut has_given_up = false;
        for (index, write) in writes.iter().enumerate() {
            let heads: Vec<_> = write.iter().filter_map(|head| Head::of(head)).collect();
            has_given_up |= heads.iter().any(|head| is_of(run, head, What::GaveUp));
            if !is_worth_it(run, &heads, has_given_up) {
                continue;
            }
            let rows: Vec<_> = heads.iter().filter_map(row).collect();
            let mut add = |is_after, then: Option<&FaultAt>| {
                let mut cell = Self {
                    run: run.clone(),
                    cut: Cut {
                        write: index + 1,
                        is_after,
                    },
                    write: words(saga, write),
                    rows: match then {
                        Some(then) => vec![then.step.clone()],
                        None => rows.clone(),
                    },
                    then: then.cloned(),
                    alike: 0,
                };
                let alike = names.entry(cell.to_string()).or_default();
                cell.alike = *alike;
                *alike += 1;
                cells.push(cell);
            };
            add(false, None);
            add(true, None);
            let completed = heads.iter().filter(|head| head.what == What::Completed);
            let completed: Vec<_> = completed.filter_map(step_of).collect();
            let then = failing.iter().filter(|at| completed.contains(&at.step));
            then.for_each(|at| add(false, Some(at)));
        }
        cells
    }

    /// Why a step that completed cannot fail in the second life.
    pub(super) fn cannot_fail(saga: &Definition, path: &str) -> Option<&'static str> {
        let step = step_at(saga, path)?;
        step.at_most_once
            .then_some("is `at_most_once`, and not called again after a crash")
    }
}

/// Whether a write of this run is worth a cell. Before the fault, the writes are those of the run without a fault. For
/// a step that fails at once, its repeated attempts are those of the run in which it succeeds in the end.
fn is_worth_it(run: &Cell, heads: &[Head], has_given_up: bool) -> bool {
    let Some(at) = &run.step else {
        return true;
    };
    if at.fault != Fault::ErrorThenSuccess {
        return has_given_up;
    }
    heads.iter().any(|head| {
        let is_its = head.call.as_deref().and_then(path_of);
        matches!(head.what, What::Began(_) | What::Failed(_))
            && is_its == Some((at.step.clone(), Phase::Step))
    })
}

/// Whether the record says this of the step that is broken.
fn is_of(run: &Cell, head: &Head, what: What) -> bool {
    let step = step_of(head);
    head.what == what && step.is_some() && step.as_ref() == run.step.as_ref().map(|at| &at.step)
}

/// The step that the record is about.
fn step_of(head: &Head) -> Option<String> {
    let (path, phase) = path_of(head.call.as_deref()?)?;
    (phase == Phase::Step).then_some(path)
}

fn row(head: &Head) -> Option<String> {
    match head.what {
        What::Submitted => Some(SUBMISSION.to_owned()),
        What::Ended => Some(END.to_owned()),
        _ => Some(path_of(head.call.as_deref()?)?.0),
    }
}

impl fmt::Display for CrashCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.run.step.is_some() {
            write!(f, "{}; ", self.run)?;
        }
        let when = if self.cut.is_after { "after" } else { "before" };
        write!(f, "crash {when} {}", self.write)?;
        if self.alike > 0 {
            write!(f, " ({})", self.alike + 1)?;
        }
        if let Some(then) = &self.then {
            write!(f, "; then {} {}", then.called, then.fault)?;
        }
        Ok(())
    }
}
