//! The orders file: one JSON object a line.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::faults::Fault;
use crate::service;

/// One line: an order, what goes wrong on its way, and how it is expected to end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// The same in words, for the table.
    pub(crate) story: String,
    pub(crate) order: Order,
    #[serde(default)]
    pub(crate) faults: Vec<Fault>,
    pub(crate) expect: Expected,
}

/// What a customer ordered: the input of the saga.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) items: Vec<Item>,
    pub(crate) card: String,
    pub(crate) ship_to: String,
    pub(crate) email: String,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    pub(crate) sku: String,
    pub(crate) quantity: u32,
}

/// What stands in reports: what was ordered, and nothing about who ordered it.
impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut order = f.debug_struct("Order");
        order.field("id", &self.id).field("items", &self.items);
        order.finish_non_exhaustive()
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", self.quantity, self.sku)
    }
}

/// How the saga is expected to end.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Expected {
    Completed,
    /// All undone, because this step gave up.
    Compensated(String),
    /// Waiting for an operator, because this step gave up.
    Stuck(String),
}

impl Expected {
    pub(crate) fn end(&self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Compensated(_) => "compensated",
            Self::Stuck(_) => "stuck",
        }
    }

    pub(crate) fn step(&self) -> Option<&str> {
        match self {
            Self::Completed => None,
            Self::Compensated(step) | Self::Stuck(step) => Some(step),
        }
    }
}

/// A line that is no order.
pub(crate) struct Malformed {
    pub(crate) line: usize,
    problem: anyhow::Error,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {:#}", self.line, self.problem)
    }
}

/// Reads a file of orders. A line that is none does not keep the others from being read.
///
/// # Errors
///
/// When the file cannot be read at all.
pub(crate) fn read(path: &Path) -> anyhow::Result<(Vec<Scenario>, Vec<Malformed>)> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut scenarios = Vec::new();
    let mut malformed = Vec::new();
    let mut lines_by_id = BTreeMap::new();
    // By bytes, so that a line that is not text is an error of that line only.
    for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match scenario(bytes, &lines_by_id) {
            Ok(scenario) => {
                lines_by_id.insert(scenario.order.id.clone(), line);
                scenarios.push(scenario);
            }
            Err(problem) => malformed.push(Malformed { line, problem }),
        }
    }
    Ok((scenarios, malformed))
}

fn scenario(line: &[u8], lines_by_id: &BTreeMap<String, usize>) -> anyhow::Result<Scenario> {
    let scenario: Scenario = serde_json::from_slice(line).map_err(|error| {
        // Its `Display` ends with a place in its input, in which every line is line 1.
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let problem = text.strip_suffix(&place).unwrap_or(&text);
        anyhow!("{problem} (column {})", error.column())
    })?;
    let Order { id, items, .. } = &scenario.order;
    if let Some(line) = lines_by_id.get(id) {
        bail!("order {id} is on line {line} already");
    }
    ensure!(!items.is_empty(), "order {id} has no items");
    for Item { sku, quantity } in items {
        ensure!(*quantity > 0, "order {id} wants 0 × {sku}");
    }
    if let Some(step) = scenario.expect.step() {
        one_of("step", step, service::steps())?;
    }
    for fault in &scenario.faults {
        let methods = service::steps().chain(service::compensations());
        one_of("step or compensation", &fault.at, methods)?;
    }
    Ok(scenario)
}

/// That a name is one of those there are.
pub(crate) fn one_of(
    what: &str,
    name: &str,
    names: impl Iterator<Item = &'static str>,
) -> anyhow::Result<()> {
    let names: Vec<_> = names.collect();
    ensure!(
        names.contains(&name),
        "there is no {what} `{name}`, only {}",
        names.join(", ")
    );
    Ok(())
}
