//! Several unmarked parameters: the fields of one tuple.

use syn::Type;

use super::groups::is_stage_known;
use crate::errors::Errors;
use crate::model::{Parameter, Saga, Source, Step};
use crate::util::spelling::spelled;
use crate::util::types::{option_argument, owned, owning, without_parens};

/// Reports the parameters beside one that takes the whole value. The value is no tuple then, and they should
/// take something else.
pub(super) fn spread(saga: &Saga<'_>, subject: &str, parameters: &[Parameter], errors: &Errors) {
    let unmarked: Vec<_> = parameters.iter().filter(|p| p.part.is_some()).collect();
    let Some(Source::Output(giver) | Source::Ran(giver)) =
        unmarked.first().map(|first| first.source)
    else {
        return;
    };
    let Some(giver) = saga
        .steps
        .get(giver)
        .filter(|giver| is_stage_known(saga, giver))
    else {
        return;
    };
    let Some((output, _)) = giver.output.result_types else {
        return;
    };
    if whole(giver, &unmarked) != 1 {
        return;
    }
    let output = spelled(output);
    let takes = |parameter: &&&Parameter| takes_whole(giver, parameter);
    for stray in unmarked.iter().filter(|parameter| !takes(parameter)) {
        let (name, ty) = (&stray.name, spelled(&stray.ty));
        let how_many = format!(
            "has {} unmarked parameters, but gets one value, the `{output}` of `{}`",
            unmarked.len(),
            giver.ident
        );
        if let Some(marker) = marker(saga, giver.index, stray) {
            let message = format!("{subject} {how_many}: write `{marker} {name}: {ty}`");
            errors.at(&stray.ty, message);
        } else {
            let otherwise = format!(
                "{how_many}: remove `{name}: {ty}`, or write `#[input]` or `#[from(step)]` before it"
            );
            surplus(saga, subject, stray, &otherwise, errors);
        }
    }
}

/// Reports unmarked parameters that take all values they get, and in another order.
pub(super) fn swapped(
    saga: &Saga<'_>,
    step: &Step<'_>,
    subject: &str,
    parameters: &[Parameter],
    errors: &Errors,
) {
    let bare: Vec<_> = parameters.iter().filter(|p| p.is_bare_value()).collect();
    let is_known = |giver: &Step<'_>| is_stage_known(saga, giver);
    if !saga.above(step).iter().chain([step]).all(is_known) {
        return;
    }
    let Some((given, what)) = given(saga, step, &bare) else {
        return;
    };
    let taken: Vec<_> = bare.iter().map(|parameter| taken(&parameter.ty)).collect();
    if given.len() != taken.len() {
        return;
    }
    let wrong = given
        .iter()
        .zip(&taken)
        .position(|(given, taken)| given != taken);
    let mut left: Vec<_> = bare.iter().zip(&taken).collect();
    let in_order = given.iter().map(|given| {
        let found = left.iter().position(|(_, taken)| *taken == given)?;
        let (parameter, _) = left.remove(found);
        Some(format!("{}: {}", parameter.name, spelled(&parameter.ty)))
    });
    let in_order: Option<Vec<_>> = in_order.collect();
    if let (Some(wrong), Some(in_order)) = (wrong.and_then(|wrong| bare.get(wrong)), in_order) {
        let message = format!(
            "{subject} takes {what} in another order than they come: swap the parameters, write `{}`",
            in_order.join(", ")
        );
        errors.at(&wrong.ty, message);
    }
}

/// Returns the types of the values that several unmarked parameters get, and what these values are.
fn given(saga: &Saga<'_>, step: &Step<'_>, bare: &[&Parameter]) -> Option<(Vec<String>, String)> {
    let (first, second) = (bare.first()?, bare.get(1)?);
    let giver = |source: Source| match source {
        Source::Output(giver) | Source::Ran(giver) => saga.steps.get(giver),
        _ => None,
    };
    let output = |giver: &Step<'_>| {
        let (output, _) = giver
            .output
            .result_types
            .filter(|_| giver.nested().is_none())?;
        Some(output.clone())
    };
    if first.source == second.source {
        let giver = giver(first.source)?;
        let Type::Tuple(tuple) = output(giver)? else {
            return None;
        };
        let fields = tuple.elems.iter().map(spelled).collect();
        return Some((
            fields,
            format!(
                "the fields of the `{}` of `{}`",
                spelled(&tuple),
                giver.ident
            ),
        ));
    }
    let members = saga.above(step);
    let outputs: Option<Vec<_>> = members
        .iter()
        .map(|member| Some(spelled(output(member)?)))
        .collect();
    let group = members.first()?.group.as_deref()?;
    Some((outputs?, format!("the outputs of the group `{group}`")))
}

/// The type of the value that a parameter of this type takes.
pub(super) fn taken(ty: &Type) -> String {
    let ty = option_argument(ty).unwrap_or(ty);
    let ty = match ty {
        Type::Reference(reference) => owning(&Type::Reference(reference.clone())),
        ty => ty.clone(),
    };
    spelled(ty)
}

/// Reports a surplus parameter, with `otherwise` if it is not the context of the run under another name.
pub(super) fn surplus(
    saga: &Saga<'_>,
    subject: &str,
    parameter: &Parameter,
    otherwise: &str,
    errors: &Errors,
) {
    let path = spelled(&saga.paths.context);
    let message = match context(saga, parameter) {
        Some(name) if is_named_like_a_context(parameter, &name) => {
            let others = others_with(saga, subject, parameter);
            format!(
                "{subject} takes `{}`, and `{name}` is not known as the context of the run: write \
                 `&{path}`{others}; if it is something else, mark it with `#[input]` or `#[from(step)]`",
                spelled(&parameter.ty)
            )
        }
        Some(name) => format!(
            "{subject} {otherwise}; if `{name}` is the context of the run, write `&{path}`: it is known by \
             that name"
        ),
        None => format!("{subject} {otherwise}"),
    };
    errors.at(&parameter.ty, message);
}

/// The type that may be the context of the run under another name.
fn context(saga: &Saga<'_>, parameter: &Parameter) -> Option<String> {
    let outputs = saga
        .steps
        .iter()
        .filter_map(|step| step.output.result_types);
    let mut known = outputs.map(|(output, _)| output).chain([&saga.input]);
    let mut is_known = |ty: &Type| known.any(|known| spelled(known) == spelled(ty));
    match without_parens(&parameter.ty) {
        Type::Reference(reference)
            if may_be_a_context(&reference.elem) && !is_known(&reference.elem) =>
        {
            Some(spelled(&reference.elem))
        }
        _ => None,
    }
}

fn is_named_like_a_context(parameter: &Parameter, ty: &str) -> bool {
    let name = parameter.name.trim_start_matches('_');
    ["cx", "ctx", "context", "run"].contains(&name) || ty.contains("Ctx") || ty.contains("Context")
}

/// The other methods with a parameter of the same type that has no marker.
fn others_with(saga: &Saga<'_>, subject: &str, parameter: &Parameter) -> String {
    let ty = spelled(&parameter.ty);
    let has = |parameters: &[Parameter]| {
        let mut bare = parameters.iter().filter(|other| other.is_bare);
        bare.any(|other| spelled(&other.ty) == ty)
    };
    let mut others = Vec::new();
    for step in &saga.steps {
        let condition = step.condition.as_ref();
        let condition = condition.and_then(|condition| condition.in_block.as_ref());
        let undo = step.compensation.as_ref();
        let undo = undo.and_then(|undo| undo.in_block.as_ref());
        let methods = [
            Some((step.method, &step.parameters)),
            condition.map(|condition| (condition.method, &condition.parameters)),
            undo.map(|undo| (undo.method, &undo.parameters)),
        ];
        for (method, parameters) in methods.into_iter().flatten() {
            let name = format!("`{}`", method.sig.ident);
            if has(parameters) && !subject.ends_with(&name) && !others.contains(&name) {
                others.push(name);
            }
        }
    }
    match &*others {
        [] => String::new(),
        others => format!(" here and in {}", others.join(" and ")),
    }
}

/// Whether a type may be a `StepContext` under another name: it has no parameters.
fn may_be_a_context(ty: &Type) -> bool {
    let Type::Path(path) = without_parens(ty) else {
        return false;
    };
    let mut segments = path.path.segments.iter();
    let is_type = |last: &syn::PathSegment| {
        let name = last.ident.to_string();
        last.arguments.is_none() && name.starts_with(char::is_uppercase)
    };
    segments.next_back().is_some_and(is_type)
}

/// Returns how many of `parameters` take the whole output of `giver`.
pub(super) fn whole(giver: &Step<'_>, parameters: &[&Parameter]) -> usize {
    let taking = parameters.iter().filter(|p| takes_whole(giver, p));
    taking.count()
}

fn takes_whole(giver: &Step<'_>, parameter: &Parameter) -> bool {
    let Some((output, _)) = giver.output.result_types else {
        return false;
    };
    // An output that may be absent is passed as an `Option`.
    let is_optional = giver.is_conditional() && matches!(parameter.source, Source::Output(_));
    let ty = option_argument(&parameter.ty).filter(|_| is_optional);
    spelled(owned(ty.unwrap_or(&parameter.ty))) == spelled(output)
}

/// Returns the marker for the only value of this type, if there is exactly one.
fn marker(saga: &Saga<'_>, before: usize, parameter: &Parameter) -> Option<String> {
    match saga.only_value_of(&parameter.ty, before)? {
        Source::Output(giver) => {
            let giver = saga.steps.get(giver)?;
            Some(format!("#[from({})]", giver.ident))
        }
        _ => Some("#[input]".to_owned()),
    }
}
