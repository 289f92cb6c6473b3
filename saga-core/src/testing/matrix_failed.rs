//! The result of a matrix that failed.

use core::fmt;
use std::collections::BTreeSet;

use super::coverage::Coverage;

/// The end of the name of a cell that a durable engine runs without a crash.
pub(super) const OVER_A_JOURNAL: &str = "over a journal";

/// A cell that failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FailedCell {
    /// The name of the cell: what was broken.
    pub name: String,
    /// What was wrong, each as one sentence.
    pub wrong: Vec<String>,
    /// All that is known of the cell: the calls that were made and those that were expected, how the run ended, the
    /// report, and the line that runs only this cell again.
    pub description: String,
}

/// A matrix failed. `Display` writes the first failed cell of each method in full, and the others by name.
#[derive(Debug)]
#[non_exhaustive]
pub struct MatrixFailed {
    /// The name of the saga.
    pub saga: &'static str,
    /// Why the matrix cannot run, or proves nothing: an error that is missing, no cell, no call.
    pub problems: Vec<String>,
    /// The cells that failed.
    pub cells: Vec<FailedCell>,
    /// The coverage, if any cell was run.
    pub coverage: Option<Coverage>,
}

impl MatrixFailed {
    /// Adds what is missing, each once.
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
        // One bug fails many cells in the same way, so only the first cell of each method is shown in full.
        let mut shown = BTreeSet::new();
        for cell in self.cells.iter().filter(|cell| shown.insert(cell.broken())) {
            writeln!(f, "\n{}", cell.description.trim_end())?;
        }
        if let (Some(coverage), false) = (&self.coverage, self.cells.is_empty()) {
            let (failed, all) = (self.cells.len(), coverage.cells.len());
            writeln!(f, "\n{failed} of {all} cells failed:")?;
            for cell in &self.cells {
                writeln!(f, "  {}", cell.name)?;
            }
            if shown.len() < failed {
                let hint = "the first cell of each method that was broken is shown in full; `.only(..)` shows another";
                writeln!(f, "{hint}")?;
            }
        }
        Ok(())
    }
}

impl FailedCell {
    /// The method that was broken, the last one if there are two; or the write at which the process ended.
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
