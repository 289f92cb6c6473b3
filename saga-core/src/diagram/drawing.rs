//! Nodes, edges and clusters, independent of the syntax: every form of diagram is written from them.

use std::collections::BTreeSet;

use crate::diagram::look::Look;
use crate::diagram::words::short;

/// The id of the first node, where the flow begins and the chain of compensations ends.
pub(super) const BEGIN: &str = "begin";
/// The id of the last node of the flow.
pub(super) const COMPLETED: &str = "completed_end";
/// The id of the node that says why a run was ended from outside.
pub(super) const OUTSIDE: &str = "outside";

/// The contents of a diagram.
pub(super) struct Drawing {
    pub(super) items: Vec<Item>,
    pub(super) edges: Vec<Edge>,
    /// The looks that the legend explains: those of the outcomes in this run.
    pub(super) legend: BTreeSet<Look>,
}

/// A node, or a frame that contains items.
pub(super) enum Item {
    Node(Shape),
    Cluster(Cluster),
    /// Places the second node beside the first, if the syntax can express it.
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
    /// Unescaped text: each syntax escapes it in its own way.
    pub(super) lines: Vec<String>,
}

/// The outline of a node, which shows what it is without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The beginning or the end.
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

/// An edge from one node to another.
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) line: Line,
    pub(super) label: Option<&'static str>,
}

impl Edge {
    /// Whether it leads to the first node.
    pub(super) fn to_begin(&self) -> bool {
        self.to == BEGIN
    }
}

/// The meaning of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// To what runs next.
    Forward,
    /// To what runs next after the pivot: there is no way back.
    ForwardOnly,
    /// From a step to its compensation.
    Undoes,
    /// From a compensation to the next one.
    Back,
    /// From a compensation to the next one within a group, whose compensations stand beside one another.
    BackBeside,
    /// From what failed to the first compensation that ran.
    Cause,
    /// Invisible: places the second node below the first.
    Above,
}

impl Shape {
    /// A node with these lines, which are cut if they are too long.
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
