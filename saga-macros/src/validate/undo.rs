//! The options that state how a step is undone.

use syn::{Ident, Meta};

use super::suggested::{attempt_of, with_attempt};
use crate::errors::Errors;
use crate::model::{Compensation, CompensationMethod, Kind, Parameter, Saga, Source, Step};
use crate::util::spelling::spelled;
use crate::util::types::is_context_value;

pub(super) fn pivots(saga: &Saga<'_>, errors: &Errors) {
    let mut pivots = saga.steps.iter().filter_map(|step| {
        let pivot = step.options().pivot.as_ref()?;
        Some((step, pivot))
    });
    let Some((first, _)) = pivots.next() else {
        return;
    };
    for (step, pivot) in pivots {
        let message = format!(
            "step `{}` is a second pivot: step `{}` already is the point of no return; remove `pivot` from \
             one of them, steps after a pivot do not need it",
            step.ident, first.ident
        );
        errors.at(pivot, message);
    }
}

/// Checks that a step states how it is undone, once, and where it may.
pub(super) fn undo(saga: &Saga<'_>, step: &Step<'_>, errors: &Errors) {
    let options = step.options();
    let compensate = options.compensate().map(|keyed| &keyed.key);
    let no_compensation = options.no_compensation().map(|keyed| &keyed.key);
    // The pivot may have a compensation too, for when it is in doubt.
    let undone = compensate.filter(|_| options.pivot.is_none());
    let stated: Vec<(&Ident, &str)> = [
        (undone, "a method undoes it"),
        (options.readonly.as_ref(), "it changes nothing"),
        (no_compensation, "it cannot be undone"),
        (options.pivot.as_ref(), "no way back after it"),
    ]
    .into_iter()
    .filter_map(|(key, meaning)| Some((key?, meaning)))
    .collect();
    if let [_, (second, _), ..] = &*stated {
        let meanings: Vec<_> = stated
            .iter()
            .map(|(key, meaning)| format!("`{key}` ({meaning})"))
            .collect();
        let message = format!(
            "step `{}` has {}, which contradict each other: keep one",
            step.ident,
            meanings.join(" and ")
        );
        errors.at(second, message);
        return;
    }
    if let Some(reason) = options.no_compensation()
        && reason.value.value().trim().is_empty()
    {
        let message = format!(
            "step `{}` has an empty `no_compensation`, but every report shows the reason: say why the step \
             cannot be undone, as in `no_compensation = \"a mail cannot be unsent\"`",
            step.ident
        );
        errors.at(&reason.value, message);
    }
    if let (Some(_), Some(in_doubt)) = (&options.readonly, &options.in_doubt) {
        let message = format!(
            "step `{}` is `readonly`, so it is never in doubt: remove `in_doubt`",
            step.ident
        );
        errors.at(&in_doubt.key, message);
    }
    if let (Some(_), Some(at_most_once)) = (&options.readonly, &options.at_most_once) {
        let message = format!(
            "step `{}` is `readonly`, so it is never in doubt, and `at_most_once` is only for steps that \
             can be: remove `at_most_once`",
            step.ident
        );
        errors.at(at_most_once, message);
    }
    if let (Some(_), Some(max)) = (&options.at_most_once, &options.max_interruptions) {
        let message = format!(
            "step `{}` is `at_most_once`, so it never runs again after an interruption: remove \
             `max_interruptions`",
            step.ident
        );
        errors.at(&max.key, message);
    }
    match (saga.kind(step), compensate) {
        (Some(Kind::Pivot), Some(_)) => {
            if let Some(compensation) = &step.compensation
                && !compensation.takes_attempt()
                && let Some(in_block) = &compensation.in_block
            {
                undo_of_the_pivot(saga, step, compensation, in_block, errors);
            }
        }
        // A saga that the step runs has its own compensations; `nested` reports these options.
        (Some(Kind::Retriable), Some(key)) if step.nested().is_none() => {
            let pivot = saga.pivot().and_then(|pivot| saga.steps.get(pivot));
            if pivot.is_some_and(Step::is_member) {
                // The pivot in a group is the mistake, which `groups` reports.
                return;
            }
            let pivot = pivot
                .map(|pivot| pivot.ident.to_string())
                .unwrap_or_default();
            let message = format!(
                "step `{}` comes after the pivot `{pivot}`, so it is never undone: remove \
                 `compensate`, or move the step above the pivot",
                step.ident
            );
            errors.at(key, message);
        }
        (None, _) if !options.is_undo_stated() => undo_not_stated(saga, step, errors),
        _ => {}
    }
}

/// Reports a step that must state how it is undone, and does not.
fn undo_not_stated(saga: &Saga<'_>, step: &Step<'_>, errors: &Errors) {
    let has_options = step.method.step.first().is_some_and(
        |attr| matches!(&attr.meta, Meta::List(options) if !options.tokens.is_empty()),
    );
    let others = if has_options { ".., " } else { "" };
    let (when, pivot) = match step.options().parallel() {
        Some(group) => (
            format!(
                "another member of the group `{}`{}",
                group.value,
                if step.stage.end < saga.steps.len() {
                    ", or a later step,"
                } else {
                    ""
                }
            ),
            String::new(),
        ),
        // A step that may be skipped cannot be the pivot.
        None if step.is_conditional() => ("a later step".to_owned(), String::new()),
        None => (
            "a later step".to_owned(),
            format!(", or `#[step({others}pivot)]` if there is no way back after it"),
        ),
    };
    let message = format!(
        "step `{}` does not say how it is undone when {when} fails: write \
         `#[step({others}compensate = method)]`, or `#[step({others}readonly)]` if it changes \
         nothing, or `#[step({others}no_compensation = \"reason\")]`{pivot}",
        step.ident
    );
    errors.at(step.ident, message);
}

/// Reports a compensation of the pivot, in the block, that takes no `Attempt`. The compiler reports one in another
/// block.
fn undo_of_the_pivot(
    saga: &Saga<'_>,
    step: &Step<'_>,
    compensation: &Compensation<'_>,
    in_block: &CompensationMethod<'_>,
    errors: &Errors,
) {
    let undo = &compensation.ident;
    let output = |step: &Step<'_>| step.output.result_types.map(|(output, _)| spelled(output));
    let shares = |other: &&Step<'_>| {
        let undone = other.compensation.as_ref();
        undone.is_some_and(|other| other.ident == *undo) && output(other) != output(step)
    };
    if let Some(other) = saga.steps.iter().find(shares) {
        let message = format!(
            "`{undo}` undoes step `{}` too, and the pivot `{}` needs a compensation that takes {}: name a \
             method of its own here, or remove `compensate = {undo}`",
            other.ident,
            step.ident,
            match output(step) {
                Some(output) => format!("`Attempt<&{output}>`"),
                None => "an `Attempt` of its own output".to_owned(),
            }
        );
        return errors.at(undo, message);
    }
    let own = Source::Output(step.index);
    let takes_output = |p: &&Parameter| p.source == own && !is_context_value(&p.ty);
    let taken: Vec<_> = in_block.parameters.iter().filter(takes_output).collect();
    let why = format!(
        "`{undo}` undoes the pivot `{}`, which may have no output when it is in doubt",
        step.ident
    );
    let Some((first, others)) = taken.split_first() else {
        let suggestion = with_attempt(step, compensation);
        let message = format!("{why}: write {suggestion}, or remove `compensate = {undo}`");
        return errors.at(&in_block.method.sig.ident, message);
    };
    // An `Attempt` belongs to the undone step. With a marker the parameter would take an output.
    let unmarked = if first.is_bare {
        String::new()
    } else {
        format!(", without `#[from({})]`", step.ident)
    };
    let write = format!("write `{}` here{unmarked}", attempt_of(step, &taken));
    let remove = others
        .iter()
        .map(|other| format!("remove `{}: {}`", other.name, spelled(&other.ty)));
    let suggestions: Vec<_> = [write].into_iter().chain(remove).collect();
    let message = format!(
        "{why}: {}, or remove `compensate = {undo}`",
        suggestions.join(" and ")
    );
    errors.at(&first.ty, message);
}
