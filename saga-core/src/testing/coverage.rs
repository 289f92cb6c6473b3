//! The coverage of a matrix: a table of steps and faults.

use core::fmt;
use std::collections::BTreeMap;

use super::fault::{Cell, Fault};
use super::plan::{LeftOut, Plan};

/// The coverage of a matrix, as a table of steps and faults with the number of cells in each field.
///
/// `Display` writes it as text, [`markdown`](Self::markdown) as Markdown.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Coverage {
    /// The saga's name.
    pub saga: &'static str,
    /// The cells that were run, including the one without a fault.
    pub cells: Vec<String>,
    /// The cells that the definition makes impossible, and why.
    pub left_out: Vec<LeftOut>,
    steps: Vec<String>,
    counts: BTreeMap<(String, Fault), usize>,
    columns: Vec<Fault>,
}

impl Coverage {
    pub(super) fn of(saga: &'static str, plan: Plan) -> Self {
        Self {
            saga,
            cells: Vec::new(),
            left_out: plan.left_out,
            steps: plan.steps,
            counts: BTreeMap::new(),
            columns: Fault::OF_STEPS.to_vec(),
        }
    }

    /// Adds columns for crashes, and these rows.
    #[cfg(feature = "durable")]
    pub(super) fn with_crashes(&mut self, rows: [&str; 2], left_out: Vec<LeftOut>) {
        self.columns.extend(Fault::OF_CRASHES);
        self.steps.extend(rows.map(ToOwned::to_owned));
        self.left_out.extend(left_out);
    }

    /// Adds a cell with this name, for these steps.
    #[cfg(feature = "durable")]
    pub(super) fn add_crash(&mut self, name: String, rows: &[String], fault: Fault) {
        self.cells.push(name);
        for step in rows {
            let count = self.counts.entry((step.clone(), fault));
            *count.or_default() += 1;
        }
    }

    pub(super) fn add(&mut self, cell: &Cell) {
        self.cells.push(cell.to_string());
        if let Some(at) = &cell.step {
            let count = self.counts.entry((at.step.clone(), at.fault));
            *count.or_default() += 1;
        }
    }

    /// How many cells have this fault at this step, which is named with the steps around it.
    #[must_use]
    pub fn count(&self, step: &str, fault: Fault) -> usize {
        let count = self.counts.get(&(step.to_owned(), fault));
        count.copied().unwrap_or(0)
    }

    /// The table as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut lines = vec![self.row("step", |fault| fault.to_string())];
        let rules = core::iter::repeat_n("---", 1 + self.columns.len());
        lines.push(format!("|{}|", rules.collect::<Vec<_>>().join("|")));
        for step in &self.steps {
            lines.push(self.row(&format!("`{step}`"), |fault| self.field(step, fault)));
        }
        lines.push(String::new());
        lines.push(self.summary());
        for line in self.reasons() {
            lines.push(format!("- {line}"));
        }
        lines.join("\n") + "\n"
    }

    /// A row of the table as Markdown.
    fn row(&self, first: &str, field: impl Fn(Fault) -> String) -> String {
        let fields: Vec<_> = self.columns.iter().map(|fault| field(*fault)).collect();
        format!("| {first} | {} |", fields.join(" | "))
    }

    fn field(&self, step: &str, fault: Fault) -> String {
        match self.count(step, fault) {
            0 => "-".to_owned(),
            count => count.to_string(),
        }
    }

    fn summary(&self) -> String {
        format!(
            "{} cells of saga `{}`, {} left out",
            self.cells.len(),
            self.saga,
            self.left_out.len()
        )
    }

    /// The reasons why cells are left out, each once, with the number of cells.
    fn reasons(&self) -> Vec<String> {
        let mut reasons: Vec<(String, usize)> = Vec::new();
        for left_out in &self.left_out {
            let whose = match &left_out.undo {
                None => &left_out.step,
                Some((called, _)) => called,
            };
            let reason = format!("`{whose}` {}", left_out.reason);
            match reasons.iter_mut().find(|(other, _)| *other == reason) {
                Some((_, count)) => *count += 1,
                None => reasons.push((reason, 1)),
            }
        }
        let line = |(reason, count): (String, usize)| format!("{count}: {reason}");
        reasons.into_iter().map(line).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest = self.steps.iter().map(String::len).max().unwrap_or(0).max(4);
        write!(f, "{:longest$}", "step")?;
        for fault in &self.columns {
            write!(f, "  {fault}")?;
        }
        writeln!(f)?;
        for step in &self.steps {
            write!(f, "{step:longest$}")?;
            for fault in &self.columns {
                write!(
                    f,
                    "  {:>1$}",
                    self.field(step, *fault),
                    fault.as_str().len()
                )?;
            }
            writeln!(f)?;
        }
        writeln!(f, "{}", self.summary())?;
        for line in self.reasons() {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }
}
