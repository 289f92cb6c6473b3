//! A matrix that did not pass.

use core::fmt;

use super::coverage::Coverage;

/// One cell in which something was not as it has to be.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FailedCell {
    /// What it is called: what was broken.
    pub name: String,
    /// What was wrong, each as one sentence.
    pub wrong: Vec<String>,
    /// All that is known of it: the calls as they happened and as they had to, how it ended, the report, and
    /// the line that runs only this cell again.
    pub told: String,
}

/// A matrix that did not pass: `Display` says all that is known.
#[derive(Debug)]
#[non_exhaustive]
pub struct MatrixFailed {
    /// The saga's name.
    pub saga: &'static str,
    /// Why it cannot be run, or proves nothing: an error that is missing, no cell, no call.
    pub problems: Vec<String>,
    /// The cells that failed.
    pub cells: Vec<FailedCell>,
    /// What was run, if anything was.
    pub coverage: Option<Coverage>,
}

impl fmt::Display for MatrixFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the fault matrix of saga `{}` failed", self.saga)?;
        for problem in &self.problems {
            writeln!(f, "  {problem}")?;
        }
        for cell in &self.cells {
            writeln!(f, "\n{}", cell.told.trim_end())?;
        }
        if let (Some(coverage), false) = (&self.coverage, self.cells.is_empty()) {
            let (failed, all) = (self.cells.len(), coverage.cells.len());
            writeln!(f, "\n{failed} of {all} cells failed:")?;
            for cell in &self.cells {
                writeln!(f, "  {}", cell.name)?;
            }
        }
        Ok(())
    }
}

impl core::error::Error for MatrixFailed {}
