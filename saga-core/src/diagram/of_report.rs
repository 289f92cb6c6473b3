//! Converts a report to the model of its diagram.

use crate::diagram::model::{DrawnRun, Due, Flow, Node, SagaUndo, UndoNode, UndoWent, Went};
use crate::report::{
    CompensationReport, FailureReport, NestedReport, Report, StepKind, StepReport,
};

/// The run itself.
pub(super) fn run(report: &Report) -> DrawnRun {
    let failure = &report.failure;
    DrawnRun {
        id: report.id.clone(),
        end: report.end,
        ended_from_outside: failure.step.is_none().then(|| failure.message.clone()),
        gave_up: gave_up(&report.steps, failure),
    }
}

/// The number of the step that gave up. For a step that runs a saga, it is the step of that saga.
fn gave_up(steps: &[StepReport], failure: &FailureReport) -> Option<String> {
    let number = failure.step?;
    let step = steps.iter().find(|step| step.number == number);
    let nested = step.and_then(|step| step.nested.as_ref());
    let inner = nested.and_then(|it| gave_up(&it.steps, it.failure.as_ref()?));
    Some(match inner {
        Some(inner) => format!("{number}.{inner}"),
        None => number.to_string(),
    })
}

/// The steps of the saga.
pub(super) fn flow(report: &Report) -> Flow {
    let failures = core::iter::once(&report.failure).chain(&report.also_failed);
    let failures: Vec<_> = failures.collect();
    steps(&report.saga, &report.steps, &failures, "")
}

/// The steps of one saga, with their failures. `within` is put before their numbers.
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
    let number = format!("{within}{}", step.number);
    let nested = step.nested.as_deref();
    // If a step of the nested saga gave up, the error is shown there.
    let in_there = nested.and_then(|saga| saga.failure.as_ref()?.step);
    let inner = nested.map(|saga| {
        let failures: Vec<_> = saga.failure.iter().chain(&saga.also_failed).collect();
        steps(&saga.saga, &saga.steps, &failures, &format!("{number}."))
    });
    Node {
        number,
        name: step.name.clone(),
        kind: step.kind,
        group: step.group.clone(),
        only_if: step.only_if.clone(),
        takes: takes.map(|argument| argument.name.clone()).collect(),
        policy: Vec::new(),
        reason: step.no_compensation_reason.clone(),
        undo: undo.map(|undo| compensation(undo, step.kind)),
        inner,
        went: Some(Went {
            outcome: step.outcome,
            attempts: failure.map(|it| it.attempts).or(step.attempts),
            error: failure
                .filter(|_| in_there.is_none())
                .map(|it| it.message.clone()),
            not_undone_because: step.not_undone_because.clone(),
            undo_of_saga: nested.map(undo_of_saga),
        }),
    }
}

/// How a nested saga was undone. One that did not complete is undone within its own run.
fn undo_of_saga(saga: &NestedReport) -> SagaUndo {
    match saga.end {
        Some(end) => SagaUndo::InItsRun(end),
        None => SagaUndo::Afterwards(saga.undo),
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
