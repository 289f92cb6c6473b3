//! What a diagram shows, before anybody decides how: the steps in order, each with what undoes it, and
//! where a run is shown with what became of both. A step may hold the steps of another saga.
//!
//! Owns all it has, and knows of no syntax and no shape.

use crate::outcome::{End, Outcome, Undo};
use crate::report::StepKind;

/// The steps of one saga.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flow {
    pub(super) saga: String,
    pub(super) nodes: Vec<Node>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// Its position, counted from 1; in a saga within step 3 that is `3.1`.
    pub(super) number: String,
    pub(super) name: String,
    pub(super) kind: StepKind,
    pub(super) group: Option<String>,
    pub(super) only_if: Option<String>,
    /// The names of what it is given, without the context.
    pub(super) takes: Vec<String>,
    /// How its attempts are carried out, where that is known and more than one plain attempt.
    pub(super) policy: Vec<String>,
    /// Why it cannot be undone.
    pub(super) reason: Option<String>,
    pub(super) undo: Option<UndoNode>,
    /// The saga that it runs.
    pub(super) inner: Option<Flow>,
    pub(super) went: Option<Went>,
}

/// What undoes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UndoNode {
    pub(super) method: String,
    pub(super) due: Due,
    pub(super) policy: Vec<String>,
    pub(super) went: Option<UndoWent>,
}

/// When a compensation is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// As far as is known: when its step has completed.
    AfterCompletion,
    /// When its step has completed, or is in doubt.
    InDoubtToo,
    /// That of a pivot.
    OnlyInDoubt,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Went {
    pub(super) outcome: Outcome,
    pub(super) attempts: Option<u32>,
    /// The error, if it gave up.
    pub(super) error: Option<String>,
    /// Why it is not to be undone.
    pub(super) not_undone_because: Option<String>,
    /// How the saga that it runs was undone, if it runs one.
    pub(super) undo_of_saga: Option<SagaUndo>,
}

/// How a saga that a step runs was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SagaUndo {
    /// It did not complete.
    InItsRun(End),
    /// It had completed, and something later failed.
    Afterwards(Undo),
}

/// What became of a compensation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UndoWent {
    pub(super) undo: Undo,
    /// It gave up, and may have undone the step all the same.
    pub(super) in_doubt: bool,
    pub(super) attempts: Option<u32>,
    pub(super) error: Option<String>,
}

/// The run that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DrawnRun {
    pub(super) id: String,
    pub(super) end: End,
    /// What it ended for, where that was no step: it was cancelled.
    pub(super) ended_from_outside: Option<String>,
    /// The number of the step that gave up first.
    pub(super) gave_up: Option<String>,
}

impl Flow {
    /// The steps of each stage: the members of a parallel group, or one.
    pub(super) fn stages(&self) -> impl Iterator<Item = &[Node]> {
        let together = |a: &Node, b: &Node| a.group.is_some() && a.group == b.group;
        self.nodes.chunk_by(together)
    }

    /// The steps whose compensations run one after the other when all have completed: the last one first,
    /// and in place of a step that runs a saga those of that saga.
    pub(super) fn backwards(&self) -> Vec<(&Node, &UndoNode)> {
        let nodes = self.nodes.iter().rev();
        let undone = nodes.flat_map(|node| match (&node.undo, &node.inner) {
            (Some(undo), _) => vec![(node, undo)],
            (None, Some(inner)) => inner.backwards(),
            (None, None) => Vec::new(),
        });
        undone.collect()
    }

    /// Whether it has a step of this number, itself or in a saga that a step runs.
    pub(super) fn has(&self, number: &str) -> bool {
        let mut nodes = self.nodes.iter();
        nodes.any(|node| {
            let inner = node.inner.as_ref();
            node.number == number || inner.is_some_and(|inner| inner.has(number))
        })
    }
}

impl UndoWent {
    pub(super) fn was_run(&self) -> bool {
        self.undo != Undo::NotDue
    }
}
