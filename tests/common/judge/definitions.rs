//! What the definition of a saga says about a step.

use saga_core::definition::{Definition, Kind, Source, Step};

pub(super) fn is_past_the_pivot(definition: &Definition, step: &Step) -> bool {
    let mut before = definition.steps[..step.index].iter();
    before.any(|before| matches!(before.kind, Kind::Pivot))
}

pub(super) fn takes_attempt(step: &Step) -> bool {
    let compensation = step.compensation.as_ref();
    compensation.is_some_and(|undo| {
        let mut parameters = undo.parameters.iter();
        parameters.any(|parameter| matches!(parameter.source, Source::Attempt))
    })
}

/// The step at this path: `pay/1/charge`.
pub(super) fn step_of(definition: &'static Definition, path: &str) -> &'static Step {
    let mut parts = path.split('/');
    let name = parts.next().expect("a step");
    let step = definition.steps.iter().find(|step| step.name == name);
    let step = step.expect("a step of the saga");
    match parts.next() {
        None => step,
        Some(_) => {
            let (_, rest) = path.split_once('/').expect("an attempt");
            let (_, rest) = rest.split_once('/').expect("a step in it");
            step_of(step.nested.expect("a nested saga"), rest)
        }
    }
}

/// Whether a cancellation or the deadline of the outermost saga can end this call: it is a step, and neither its
/// own pivot nor one of the sagas around it has completed.
pub(super) fn can_be_cancelled(definition: &'static Definition, call: &str) -> bool {
    let Some(path) = call.strip_suffix("/do") else {
        return false;
    };
    let name = path.split('/').next().expect("a step");
    let step = definition.steps.iter().find(|step| step.name == name);
    let step = step.expect("a step of the saga");
    if is_past_the_pivot(definition, step) {
        return false;
    }
    match (step.nested, path.split_once('/')) {
        (Some(nested), Some((_, rest))) => {
            let (_, rest) = rest.split_once('/').expect("a step in it");
            can_be_cancelled(nested, &format!("{rest}/do"))
        }
        _ => true,
    }
}
