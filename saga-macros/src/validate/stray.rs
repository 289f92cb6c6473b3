//! Attributes of this macro in places without a meaning.

use syn::Ident;

use crate::errors::Errors;
use crate::model::{Saga, Step};
use crate::parse::block::Block;
use crate::parse::read::Read;
use crate::util::spelling::spelled;

/// Reports attributes on methods that the saga does not call. An option that is wrong may have named them, so
/// it then reports none.
pub(super) fn stray(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    let is_found = |step: &Step<'_>| {
        let condition = step.condition.as_ref();
        condition.is_none_or(|condition| condition.in_block.is_some())
    };
    let is_known = |step: &Step<'_>| matches!(step.read, Read::Ok(_)) && is_found(step);
    if saga.steps.iter().all(is_known) {
        stray_markers(saga, block, errors);
        stray_policies(saga, block, errors);
    }
}

/// Returns the step whose condition this method is.
fn condition_of<'s, 'a>(saga: &'s Saga<'a>, method: &Ident) -> Option<&'s Step<'a>> {
    let is_condition = |step: &&Step<'_>| {
        let condition = step.condition.as_ref();
        condition.is_some_and(|condition| condition.ident == *method)
    };
    saga.steps.iter().find(is_condition)
}

/// Reports receivers with the markers of parameters.
pub(super) fn receivers(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    let called = saga.methods();
    for method in block.methods() {
        let name = &method.sig.ident;
        let subject = if !method.step.is_empty() {
            format!("step `{name}`")
        } else if condition_of(saga, name).is_some() {
            format!("condition `{name}`")
        } else if called.contains(name) {
            format!("compensation `{name}`")
        } else {
            format!("`{name}`")
        };
        let receiver = method.sig.receiver().map(spelled).unwrap_or_default();
        for marker in &method.receiver_markers {
            let marked = spelled(marker);
            let message = format!(
                "{subject}: `{marked}` marks a parameter, and `{receiver}` is the service: remove \
                 `{marked}`"
            );
            errors.at(marker, message);
        }
    }
}

/// Reports marked parameters of methods that the saga does not call.
fn stray_markers(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    let called = saga.methods();
    for method in block
        .methods()
        .filter(|method| !called.contains(&method.sig.ident))
    {
        for marker in method.markers.iter().flatten() {
            let message = format!(
                "`{}` is neither a step nor a compensation nor a condition, so the saga never calls it: remove \
                 `{}`, or write `#[step(..)]` on the method",
                method.sig.ident,
                spelled(marker)
            );
            errors.at(marker, message);
        }
    }
}

/// Reports a `#[compensation(..)]` on another method, or twice on one.
fn stray_policies(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    for method in block.methods() {
        let Some(attr) = method.compensation.first() else {
            continue;
        };
        let name = &method.sig.ident;
        if let [_, second, ..] = &*method.compensation {
            let message = format!(
                "compensation `{name}` has two `#[compensation(..)]`: write all its options in one"
            );
            errors.at(second, message);
        }
        if !method.step.is_empty() {
            let message = format!(
                "`{name}` is a step: write its `retry` and `timeout` in `#[step(..)]`, and remove \
                 `#[compensation(..)]`"
            );
            errors.at(attr, message);
        } else if let Some(step) = condition_of(saga, name) {
            let message = format!(
                "`{name}` is the condition of step `{}`, and a condition has no policy: remove \
                 `#[compensation(..)]`",
                step.ident
            );
            errors.at(attr, message);
        } else if !is_compensation(saga, name) {
            let message = format!(
                "no step of this saga is undone by `{name}`: write `compensate = {name}` in the \
                 `#[step(..)]` of the step it undoes"
            );
            errors.at(attr, message);
        }
    }
}

/// Whether this method is the compensation of a step.
fn is_compensation(saga: &Saga<'_>, method: &Ident) -> bool {
    let is_undone_by = |step: &Step<'_>| {
        let undo = step.compensation.as_ref();
        undo.is_some_and(|undo| undo.ident == *method)
    };
    saga.steps.iter().any(is_undone_by) && saga.steps.iter().all(|step| step.ident != method)
}
