//! Nodes, edges and clusters, in no syntax yet: what every form of diagram is written from.

use std::collections::BTreeSet;

use crate::diagram::look::Look;
use crate::diagram::words::short;

/// Where the flow begins, and where the chain of compensations leads to.
pub(super) const BEGIN: &str = "begin";
/// What the flow leads to: the last of all.
pub(super) const COMPLETED: &str = "completed_end";
/// Why a run was ended from outside.
pub(super) const OUTSIDE: &str = "outside";

/// What stands in a diagram.
pub(super) struct Drawing {
    pub(super) items: Vec<Item>,
    pub(super) edges: Vec<Edge>,
    /// What is in the legend: what happened in this run, each once.
    pub(super) legend: BTreeSet<Look>,
}

/// A node, or a frame with more of them.
pub(super) enum Item {
    Node(Shape),
    Cluster(Cluster),
    /// The second stands beside the first, where a form can say so.
    Beside(String, String),
}

/// A frame.
pub(super) struct Cluster {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) items: Vec<Item>,
}

/// A node.
pub(super) struct Shape {
    pub(super) id: String,
    pub(super) form: Form,
    pub(super) look: Look,
    /// Raw text: each form of diagram has its own way to write it.
    pub(super) lines: Vec<String>,
}

/// The outline of a node, which says what it is where there is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The beginning, or the end.
    End,
    Step,
    /// A step that runs a saga.
    Saga,
    Pivot,
    PivotLine,
    Undo,
    Condition,
    Fork,
    Join,
    /// Why a run was ended from outside.
    Note,
}

/// From one node to another.
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) line: Line,
    pub(super) label: Option<&'static str>,
}

impl Edge {
    /// Whether it leads to where the saga begins.
    pub(super) fn to_begin(&self) -> bool {
        self.to == BEGIN
    }
}

/// What an edge means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// What runs next.
    Forward,
    /// The same after the pivot: there is no way back.
    ForwardOnly,
    /// From a step to what undoes it.
    Undoes,
    /// From a compensation to the next one.
    Back,
    /// The same within a group, whose compensations stand beside one another.
    BackBeside,
    /// From what went wrong to what was undone first.
    Cause,
    /// Not seen: the second stands below the first.
    Above,
}

impl Shape {
    /// The lines are made short.
    pub(super) fn new(id: &str, form: Form, look: Look, lines: &[String]) -> Self {
        let lines = lines.iter().map(|line| short(line));
        Self {
            id: id.to_owned(),
            form,
            look,
            lines: lines.collect(),
        }
    }
}
