//! The errors of a matrix that did not pass.

use core::fmt;
use std::collections::BTreeSet;

use super::coverage::Coverage;

/// The last part of a cell's name if a durable engine runs the cell and the process does not end.
pub(super) const OVER_A_JOURNAL: &str = "over a journal";

/// One cell that failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FailedCell {
    /// The name of the cell: which faults were injected.
    pub name: String,
    /// What was wrong, in one sentence each.
    pub wrong: Vec<String>,
    /// Everything known about the cell: the actual and the expected calls, how the run ended, its report, and the
    /// line that runs only this cell again.
    pub details: String,
}

/// A matrix that did not pass. `Display` shows the first failed cell of each broken method in full, and the others
/// by name.
#[derive(Debug)]
#[non_exhaustive]
pub struct MatrixFailed {
    /// The saga's name.
    pub saga: &'static str,
    /// What keeps the matrix from running or from proving anything: a missing error, no cell, no call.
    pub problems: Vec<String>,
    /// The cells that failed.
    pub cells: Vec<FailedCell>,
    /// What was run, if anything was.
    pub coverage: Option<Coverage>,
}

impl MatrixFailed {
    /// Reports each of these missing things once.
    pub(super) fn miss(&mut self, missing: BTreeSet<String>) {
        for missing in missing {
            if !self.problems.contains(&missing) {
                self.problems.push(missing);
            }
        }
    }
}

impl fmt::Display for MatrixFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the fault matrix of saga `{}` failed", self.saga)?;
        for problem in &self.problems {
            writeln!(f, "  {problem}")?;
        }
        // One bug fails many cells in the same way.
        let mut shown = BTreeSet::new();
        for cell in self.cells.iter().filter(|cell| shown.insert(cell.broken())) {
            writeln!(f, "\n{}", cell.details.trim_end())?;
        }
        if let (Some(coverage), false) = (&self.coverage, self.cells.is_empty()) {
            let (failed, all) = (self.cells.len(), coverage.cells.len());
            writeln!(f, "\n{failed} of {all} cells failed:")?;
            for cell in &self.cells {
                writeln!(f, "  {}", cell.name)?;
            }
            if shown.len() < failed {
                let hint = "of each broken method the first failed cell is shown in full; `.only(..)` shows another";
                writeln!(f, "{hint}")?;
            }
        }
        Ok(())
    }
}

impl FailedCell {
    /// The method that the cell breaks, the last of two; or the write at which the process ends.
    fn broken(&self) -> &str {
        let parts = self.name.split("; ");
        let last = parts
            .filter(|part| !part.starts_with("in the order ") && *part != OVER_A_JOURNAL)
            .last();
        let crash = last.and_then(|part| {
            let at = part.strip_prefix("crash before ");
            at.or_else(|| part.strip_prefix("crash after "))
        });
        if let Some(what) = crash.or_else(|| last.filter(|part| part.starts_with("then "))) {
            return what;
        }
        last.and_then(|part| part.split(' ').next())
            .unwrap_or_default()
    }
}

impl core::error::Error for MatrixFailed {}
