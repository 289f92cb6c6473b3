//! From a report to what its diagram shows.

use crate::diagram::model::{Due, Flow, Node, RunShown, UndoNode, UndoWent, Went};
use crate::report::{CompensationReport, FailureReport, Report, StepKind, StepReport};

/// What there is to say of the run itself.
pub(super) fn run(report: &Report) -> RunShown {
    let failure = &report.failure;
    RunShown {
        id: report.id.clone(),
        end: report.end,
        ended_from_outside: failure.step.is_none().then(|| failure.message.clone()),
        gave_up: failure.step.map(|step| step.to_string()),
    }
}

/// The steps of the saga that was run.
pub(super) fn flow(report: &Report) -> Flow {
    let failures = core::iter::once(&report.failure).chain(&report.also_failed);
    let failures: Vec<_> = failures.collect();
    steps(&report.saga, &report.steps, &failures, "")
}

/// These steps, with the failures of some of them. `within` is put before their numbers.
fn steps(saga: &str, steps: &[StepReport], failures: &[&FailureReport], within: &str) -> Flow {
    let nodes = steps.iter().map(|step| {
        let failure = failures.iter().find(|it| it.step == Some(step.number));
        node(step, failure.copied(), within)
    });
    Flow {
        saga: saga.to_owned(),
        nodes: nodes.collect(),
    }
}

fn node(step: &StepReport, failure: Option<&FailureReport>, within: &str) -> Node {
    let undo = step.compensation.as_ref();
    let takes = step.arguments.iter();
    Node {
        number: format!("{within}{}", step.number),
        name: step.name.clone(),
        kind: step.kind,
        group: step.group.clone(),
        only_if: step.only_if.clone(),
        takes: takes.map(|argument| argument.name.clone()).collect(),
        policy: Vec::new(),
        reason: step.no_compensation_reason.clone(),
        undo: undo.map(|undo| compensation(undo, step.kind)),
        inner: None,
        went: Some(Went {
            outcome: step.outcome,
            attempts: failure.map(|it| it.attempts).or(step.attempts),
            error: failure.map(|it| it.message.clone()),
            not_undone_because: step.not_undone_because.clone(),
        }),
    }
}

fn compensation(report: &CompensationReport, of: StepKind) -> UndoNode {
    let failure = report.failure.as_ref();
    UndoNode {
        method: report.method.clone(),
        due: match of {
            StepKind::Pivot => Due::OnlyInDoubt,
            _ => Due::AfterCompletion,
        },
        policy: Vec::new(),
        went: Some(UndoWent {
            undo: report.undo,
            in_doubt: failure.is_some_and(|it| it.in_doubt),
            attempts: failure.map(|it| it.attempts),
            error: failure.map(|it| it.message.clone()),
        }),
    }
}
