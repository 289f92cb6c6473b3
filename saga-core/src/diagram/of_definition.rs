//! Converts a definition to the model of its diagram.

use crate::definition::{Backoff, Compensation, Definition, Kind, Parameter, Policy, Source, Step};
use crate::diagram::model::{Due, Flow, Node, UndoNode};
use crate::report::StepKind;

/// The steps of a saga. `within` is put before their numbers.
pub(super) fn flow(definition: &Definition, within: &str) -> Flow {
    let steps = (1_usize..).zip(definition.steps);
    Flow {
        saga: definition.name.to_owned(),
        nodes: steps
            .map(|(number, step)| node(step, format!("{within}{number}")))
            .collect(),
    }
}

fn node(step: &Step, number: String) -> Node {
    let (kind, reason) = match step.kind {
        Kind::Compensatable => (StepKind::Compensatable, None),
        Kind::ReadOnly => (StepKind::ReadOnly, None),
        Kind::NoCompensation { reason } => (StepKind::NoCompensation, Some(reason.to_owned())),
        Kind::Pivot => (StepKind::Pivot, None),
        Kind::Last => (StepKind::Last, None),
        Kind::Retriable => (StepKind::Retriable, None),
    };
    let mut policy = policy(&step.policy, step.when);
    if step.at_most_once {
        policy.push("at most once".to_owned());
    }
    if let Some(in_doubt) = step.in_doubt {
        policy.push(format!("in doubt after {in_doubt}"));
    }
    let undo = step.compensation.as_ref();
    let inner = step.nested.map(|saga| flow(saga, &format!("{number}.")));
    Node {
        number,
        name: step.name.to_owned(),
        kind,
        group: step.group.map(ToOwned::to_owned),
        only_if: step.condition.as_ref().map(|asked| asked.method.to_owned()),
        takes: names(step.parameters),
        policy,
        reason,
        undo: undo.map(|undo| compensation(undo, kind)),
        inner,
        went: None,
    }
}

fn compensation(compensation: &Compensation, of: StepKind) -> UndoNode {
    UndoNode {
        method: compensation.method.to_owned(),
        due: match of {
            StepKind::Pivot => Due::OnlyInDoubt,
            _ if compensation.takes_attempt() => Due::InDoubtToo,
            _ => Due::AfterCompletion,
        },
        policy: policy(&compensation.policy, compensation.when),
        went: None,
    }
}

/// The parts of a policy that differ from the default.
fn policy(policy: &Policy, when: Option<&str>) -> Vec<String> {
    let mut parts = Vec::new();
    if policy.attempts != Policy::ONCE.attempts {
        parts.push(format!("{} attempts", policy.attempts));
    }
    if let Some(Backoff { min, max }) = policy.backoff {
        parts.push(format!("backoff {min:?}..{max:?}"));
    }
    if let Some(timeout) = policy.timeout {
        parts.push(format!("timeout {timeout:?}"));
    }
    match policy.max_interruptions {
        Some(1) => parts.push("at most 1 interruption".to_owned()),
        Some(n) => parts.push(format!("at most {n} interruptions")),
        None => {}
    }
    if let Some(when) = when {
        parts.push(format!("when {when}"));
    }
    parts
}

fn names(parameters: &[Parameter]) -> Vec<String> {
    let shown = parameters.iter().filter(|p| p.source != Source::Context);
    shown.map(|parameter| parameter.name.to_owned()).collect()
}
