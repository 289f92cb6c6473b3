//! The model of a diagram: the steps in order, each with its compensation and, for a run, their outcomes. A step may
//! contain the steps of a nested saga.
//!
//! Owns all its data, and knows nothing of syntax and shapes.

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
    /// Its position, counted from 1. In a saga that step 3 runs, it begins with `3.`.
    pub(super) number: String,
    pub(super) name: String,
    pub(super) kind: StepKind,
    pub(super) group: Option<String>,
    pub(super) only_if: Option<String>,
    /// The names of its parameters, without the context.
    pub(super) takes: Vec<String>,
    /// The parts of its policy, if that is known and is more than one plain attempt.
    pub(super) policy: Vec<String>,
    /// Why it cannot be undone.
    pub(super) reason: Option<String>,
    pub(super) undo: Option<UndoNode>,
    /// The saga that it runs.
    pub(super) inner: Option<Flow>,
    pub(super) went: Option<Went>,
}

/// The compensation of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UndoNode {
    pub(super) method: String,
    pub(super) due: Due,
    pub(super) policy: Vec<String>,
    pub(super) went: Option<UndoWent>,
}

/// When a compensation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// When its step has completed, as far as is known.
    AfterCompletion,
    /// When its step has completed, or is in doubt.
    InDoubtToo,
    /// When its step is in doubt: for a pivot.
    OnlyInDoubt,
}

/// The outcome of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Went {
    pub(super) outcome: Outcome,
    pub(super) attempts: Option<u32>,
    /// The error, if it gave up.
    pub(super) error: Option<String>,
    /// Why it was not to be undone.
    pub(super) not_undone_because: Option<String>,
    /// How the saga that it runs was undone, if it runs one.
    pub(super) undo_of_saga: Option<SagaUndo>,
}

/// How a nested saga was undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SagaUndo {
    /// It did not complete, and was undone within its own run.
    InItsRun(End),
    /// It had completed, and something failed later.
    Afterwards(Undo),
}

/// The outcome of a compensation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UndoWent {
    pub(super) undo: Undo,
    /// Whether it gave up and may still have undone the step.
    pub(super) in_doubt: bool,
    pub(super) attempts: Option<u32>,
    pub(super) error: Option<String>,
}

/// The run that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DrawnRun {
    pub(super) id: String,
    pub(super) end: End,
    /// Why it was ended from outside, if it was.
    pub(super) ended_from_outside: Option<String>,
    /// The number of the step that gave up first.
    pub(super) gave_up: Option<String>,
}

impl Flow {
    /// The steps of each stage: the members of a parallel group, or one step.
    pub(super) fn stages(&self) -> impl Iterator<Item = &[Node]> {
        let together = |a: &Node, b: &Node| a.group.is_some() && a.group == b.group;
        self.nodes.chunk_by(together)
    }

    /// The steps with compensations, in the order in which these run if all steps have completed: last step first, with
    /// the steps of a nested saga in place of the step that runs it.
    pub(super) fn backwards(&self) -> Vec<(&Node, &UndoNode)> {
        let nodes = self.nodes.iter().rev();
        let undone = nodes.flat_map(|node| match (&node.undo, &node.inner) {
            (Some(undo), _) => vec![(node, undo)],
            (None, Some(inner)) => inner.backwards(),
            (None, None) => Vec::new(),
        });
        undone.collect()
    }

    /// Whether it contains a step of this number, also in nested sagas.
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
