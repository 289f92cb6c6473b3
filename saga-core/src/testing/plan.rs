//! Plans the cells of a saga, and which of them are impossible.

use std::collections::BTreeSet;

use super::fault::{Cell, Fault, FaultAt, Order};
use super::judge::{Expected, Known};
use crate::definition::{Definition, Kind, Phase, Step};

/// A larger group is only run in the order of the definition.
const MOST_IN_ANY_ORDER: usize = 3;

/// A cell that the definition makes impossible.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The step, with the names of those around it.
    pub step: String,
    /// The fault of the step.
    pub fault: Fault,
    /// The compensation that would then be broken, and its fault.
    pub undo: Option<(String, Fault)>,
    /// Why the cell is impossible.
    pub reason: String,
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The steps, which are the rows of the table.
    pub(super) steps: Vec<String>,
    pub(super) cells: Vec<Cell>,
    pub(super) left_out: Vec<LeftOut>,
    /// The compensations that are run twice in a cell already.
    twice: BTreeSet<String>,
}

/// The outer steps of a step.
#[derive(Clone, Copy)]
struct OuterSteps {
    /// Whether a saga runs at the same time.
    is_beside_a_saga: bool,
    /// Whether an outer step is skipped for this input.
    is_skipped: bool,
}

impl Plan {
    pub(super) fn of(definition: &'static Definition, known: &Known) -> Self {
        let mut plan = Self::default();
        let around = OuterSteps {
            is_beside_a_saga: false,
            is_skipped: false,
        };
        plan.saga((definition, definition), "", around, known);
        plan
    }

    fn saga(
        &mut self,
        (root, saga): (&'static Definition, &'static Definition),
        prefix: &str,
        around: OuterSteps,
        known: &Known,
    ) {
        for step in saga.steps {
            let path = format!("{prefix}{}", step.name);
            let members = saga.steps.get(saga.stage(step.index)).unwrap_or_default();
            let runs_sagas = members.iter().any(|member| member.nested.is_some());
            let around = OuterSteps {
                is_beside_a_saga: around.is_beside_a_saga || (members.len() > 1 && runs_sagas),
                is_skipped: around.is_skipped || known.skipped.contains(&path),
            };
            self.steps.push(path.clone());
            if let Some(nested) = step.nested {
                for fault in Fault::OF_STEPS {
                    let reason = format!("runs the saga `{}`, whose steps are broken", nested.name);
                    self.leave_out(&path, fault, None, reason);
                }
                self.saga((root, nested), &format!("{path}/"), around, known);
                continue;
            }
            for fault in Fault::OF_STEPS {
                if let Some(reason) = impossible(step, fault, around) {
                    self.leave_out(&path, fault, None, reason.to_owned());
                    continue;
                }
                let at = FaultAt {
                    step: path.clone(),
                    called: path.clone(),
                    fault,
                };
                for order in orders(members, prefix) {
                    self.cells_of(root, at.clone(), order, known);
                }
            }
        }
    }

    /// The cells of one fault: without and with faults of each compensation that is then due.
    fn cells_of(
        &mut self,
        root: &'static Definition,
        at: FaultAt,
        order: Option<Order>,
        known: &Known,
    ) {
        let cell = Cell {
            step: Some(at),
            undo: None,
            order,
        };
        let expected = Expected::of(root, &cell, known);
        self.add(cell.clone(), &expected);
        // The undo does not depend on the order in which the members of a group finish.
        if !expected.is_known || cell.order.as_ref().is_some_and(|order| !order.is_natural) {
            return;
        }
        let due = expected.calls.into_iter();
        let mut seen = BTreeSet::new();
        for call in due.filter(|call| call.phase == Phase::Compensation) {
            if !seen.insert(call.step.clone()) {
                continue;
            }
            let first = self.twice.insert(call.step.clone());
            let faults = Fault::OF_COMPENSATIONS.into_iter();
            for fault in faults.chain(first.then_some(Fault::Twice)) {
                let cell = Cell {
                    undo: Some(FaultAt {
                        step: call.step.clone(),
                        called: undo_of(root, &call.step, &call.called),
                        fault,
                    }),
                    ..cell.clone()
                };
                if fault == Fault::ErrorThenSuccess && attempts_of_undo(root, &call.step) == 1 {
                    self.leave_out_cell(cell, ONE_ATTEMPT);
                } else {
                    let expected = Expected::of(root, &cell, known);
                    self.add(cell, &expected);
                }
            }
        }
    }

    fn add(&mut self, cell: Cell, expected: &Expected) {
        if expected.is_known {
            self.cells.push(cell);
        } else {
            self.leave_out_cell(cell, NOT_KNOWN);
        }
    }

    fn leave_out_cell(&mut self, cell: Cell, reason: &str) {
        if let Some(at) = cell.step {
            let undo = cell.undo.map(|undo| (undo.called, undo.fault));
            self.leave_out(&at.step, at.fault, undo, reason.to_owned());
        }
    }

    fn leave_out(
        &mut self,
        step: &str,
        fault: Fault,
        undo: Option<(String, Fault)>,
        reason: String,
    ) {
        self.left_out.push(LeftOut {
            step: step.to_owned(),
            fault,
            undo,
            reason,
        });
    }
}

const ONE_ATTEMPT: &str = "has one attempt only";
const NOT_KNOWN: &str = "fails a saga that is repeated for errors that `when` accepts, and which those are is \
                         not known";

/// Why such a cell is impossible.
fn impossible(step: &Step, fault: Fault, around: OuterSteps) -> Option<&'static str> {
    match fault {
        _ if around.is_skipped => Some("its condition says no for this input"),
        Fault::InDoubtAfterEffect | Fault::InDoubtWithoutEffect if step.kind == Kind::ReadOnly => {
            Some("is readonly, and never in doubt")
        }
        Fault::ErrorThenSuccess if step.policy.attempts == 1 => Some(ONE_ATTEMPT),
        Fault::Twice if step.at_most_once && step.kind != Kind::ReadOnly => {
            Some("is `at_most_once`, and not called again once it may have taken effect")
        }
        Fault::Twice if !step.repeatable => Some("a value is moved into its first attempt"),
        Fault::Cancellation if around.is_beside_a_saga => {
            Some("a saga runs beside it, and how far that is then is not known")
        }
        _ => None,
    }
}

/// The name of a compensation, made unique: with its step, if the method undoes other steps too.
pub(super) fn undo_of(saga: &Definition, path: &str, called: &str) -> String {
    if let Some((name, inner)) = path.split_once('/')
        && let Some(nested) = saga.step(name).and_then(|step| step.nested)
        && let Some(inner_called) = called.strip_prefix(name).and_then(|c| c.strip_prefix('/'))
    {
        return format!("{name}/{}", undo_of(nested, inner, inner_called));
    }
    let undos = saga
        .steps
        .iter()
        .filter_map(|step| step.compensation.as_ref());
    match undos.filter(|undo| undo.method == called).count() {
        0 | 1 => called.to_owned(),
        _ => format!("{called} of {path}"),
    }
}

fn attempts_of_undo(saga: &Definition, path: &str) -> u32 {
    let (name, inner) = path
        .split_once('/')
        .map_or((path, None), |(n, i)| (n, Some(i)));
    let Some(step) = saga.step(name) else {
        return 1;
    };
    match (inner, step.nested, &step.compensation) {
        (Some(inner), Some(nested), _) => attempts_of_undo(nested, inner),
        (_, _, Some(undo)) => undo.policy.attempts,
        _ => 1,
    }
}

/// The orders in which the members of a group finish. The first one is that of the definition.
fn orders(members: &[Step], prefix: &str) -> Vec<Option<Order>> {
    if members.len() == 1 || members.iter().any(|member| member.nested.is_some()) {
        return vec![None];
    }
    let names: Vec<_> = members.iter().map(|member| member.name).collect();
    let all = if names.len() <= MOST_IN_ANY_ORDER {
        permutations(&names)
    } else {
        vec![names.clone()]
    };
    let order = |members: Vec<&'static str>| Order {
        prefix: prefix.to_owned(),
        is_natural: members == names,
        members,
    };
    all.into_iter()
        .map(|members| Some(order(members)))
        .collect()
}

fn permutations(names: &[&'static str]) -> Vec<Vec<&'static str>> {
    if names.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let mut rest = names.to_vec();
        rest.remove(index);
        for mut tail in permutations(&rest) {
            tail.insert(0, *name);
            all.push(tail);
        }
    }
    all
}
