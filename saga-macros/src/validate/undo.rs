//! The options that state how a step is undone.

use syn::{Ident, Meta, ReturnType, Type};

use super::suggested::{attempt_of, with_attempt};
use crate::errors::Errors;
use crate::model::{Compensation, CompensationMethod, Kind, Parameter, Saga, Source, Step};
use crate::parse::block::{Block, Method};
use crate::util::spelling::spelled;
use crate::util::types::{
    attempt_argument, is_context, is_context_value, is_unit, spelled_result, without_parens,
};

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
pub(super) fn undo(saga: &Saga<'_>, step: &Step<'_>, block: &Block, errors: &Errors) {
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
        (None, _) if !options.is_undo_stated() => undo_not_stated(saga, step, block, errors),
        _ => {}
    }
}

const READONLY: &str = "`readonly` if it changes nothing";
const NO_COMPENSATION: &str = "`no_compensation = \"reason\"` if it cannot be undone";

/// Reports a step that must state how it is undone, and does not.
fn undo_not_stated(saga: &Saga<'_>, step: &Step<'_>, block: &Block, errors: &Errors) {
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
            "",
        ),
        // A step that may be skipped cannot be the pivot.
        None if step.is_conditional() => ("a later step".to_owned(), ""),
        None => (
            "a later step".to_owned(),
            "`pivot` if there is no way back after it",
        ),
    };
    let (undo, condition) = match unnamed_undo(saga, step, block) {
        Some(undo) => (undo.to_string(), ", if that undoes it"),
        None => ("method".to_owned(), ""),
    };
    let attr = step.method.step.first();
    let options = match attr.map(|attr| &attr.meta) {
        Some(Meta::List(list)) => spelled(&list.tokens),
        _ => String::new(),
    };
    let options = match options.trim_end_matches([',', ' ']) {
        "" => String::new(),
        options => format!("{options}, "),
    };
    let others = match pivot {
        "" => format!("{READONLY} or {NO_COMPENSATION}"),
        pivot => format!("{READONLY}, {NO_COMPENSATION}, or {pivot}"),
    };
    let message = format!(
        "step `{}` does not say how it is undone when {when} fails: write `#[step({options}compensate = \
         {undo})]`{condition}; or in place of `compensate` write {others}",
        step.ident
    );
    match attr {
        Some(attr) => errors.at(attr, message),
        None => errors.at(step.ident, message),
    }
}

/// Returns the only method of the block that may undo a step and that nothing names.
fn unnamed_undo<'b>(saga: &Saga<'_>, step: &Step<'_>, block: &'b Block) -> Option<&'b Ident> {
    let named = saga.methods();
    let (output, _) = step.output.result_types?;
    let undoes = |method: &&Method| {
        let sig = &method.sig;
        let returned = match &sig.output {
            ReturnType::Type(_, ty) => spelled_result(ty),
            ReturnType::Default => None,
        };
        let mut parameters = method.parameters().map(|(parameter, _)| &*parameter.ty);
        let taken = parameters.find(|ty| !is_context(ty));
        let taken = taken.map(|ty| without_parens(attempt_argument(ty).unwrap_or(ty)));
        let takes_output = match taken {
            Some(Type::Reference(taken)) => spelled(&taken.elem) == spelled(output),
            _ => false,
        };
        takes_output
            && sig.asyncness.is_some()
            && returned.is_some_and(|(returned, _)| is_unit(returned))
            && !named.contains(&sig.ident)
    };
    let mut undoing = block.methods().filter(undoes);
    let undo = undoing.next()?;
    undoing.next().is_none().then_some(&undo.sig.ident)
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
                Some(output) => format!("`{}<&{output}>`", spelled(&saga.paths.attempt)),
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
        let suggestion = with_attempt(saga, step, compensation);
        let message = format!("{why}: write {suggestion}, or remove `compensate = {undo}`");
        return errors.at(&in_block.method.sig.ident, message);
    };
    // An `Attempt` belongs to the undone step. With a marker the parameter would take an output.
    let unmarked = if first.is_bare {
        String::new()
    } else {
        format!(", without `#[from({})]`", step.ident)
    };
    let write = format!("write `{}` here{unmarked}", attempt_of(saga, step, &taken));
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
