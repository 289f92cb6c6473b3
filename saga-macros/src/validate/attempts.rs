//! Compensations that are intended to handle a step in doubt, and do not take an `Attempt<&T>`.

use syn::Type;

use crate::errors::Errors;
use crate::model::{Compensation, CompensationMethod, Kind, Parameter, Saga, Source, Step};
use crate::util::spelling::spelled;
use crate::util::types::{
    attempt_argument, attempt_within, option_argument, owned, spelled_result, without_parens,
};

/// Reports the parameter of a compensation that wraps the output of its step, or an `Attempt`, in another
/// type. Returns whether there is one.
pub(super) fn wrapped_output(
    saga: &Saga<'_>,
    step: &Step<'_>,
    compensation: &Compensation<'_>,
    in_block: &CompensationMethod<'_>,
    errors: &Errors,
) -> bool {
    let wrapped = in_block.parameters.iter().find(|p| is_wrapped(step, p));
    let Some(parameter) = wrapped else {
        return false;
    };
    // At the pivot any parameter but an `Attempt` is a mistake, which `undo` reports.
    if saga.kind(step) == Some(Kind::Pivot) {
        return true;
    }
    let output = output(step, parameter);
    let is_attempt = attempt_within(&parameter.ty).is_some();
    let why = if is_attempt {
        "an `Attempt` is passed by value"
    } else {
        "without an output it runs only if it takes an `Attempt`"
    };
    let without = if is_attempt {
        String::new()
    } else {
        format!(", or `&{output}`")
    };
    let unmarked = if parameter.is_bare {
        String::new()
    } else {
        format!(", without `#[from({})]`", step.ident)
    };
    let message = format!(
        "compensation `{}` takes `{}`, but {why}: write `{}<&{output}>`{unmarked}{without}",
        compensation.ident,
        spelled(&parameter.ty),
        spelled(&saga.paths.attempt)
    );
    errors.at(&parameter.ty, message);
    true
}

fn is_wrapped(step: &Step<'_>, parameter: &Parameter) -> bool {
    let own = [Source::Output(step.index), Source::Ran(step.index)];
    if !own.contains(&parameter.source) {
        return false;
    }
    let output = step.output.result_types.map(|(output, _)| spelled(output));
    let is_output = |ty: &Type| output.as_ref() == Some(&spelled(owned(ty)));
    let inner = match without_parens(&parameter.ty) {
        Type::Reference(reference) => &reference.elem,
        ty => ty,
    };
    if is_output(&parameter.ty) {
        return false;
    }
    // A type of the user may be called `Attempt` too: this one has the output in it, or a reference.
    let inside = attempt_within(&parameter.ty).and_then(attempt_argument);
    if let Some(inside) = inside.map(without_parens) {
        return matches!(inside, Type::Reference(_)) || is_output(inside);
    }
    let optional = option_argument(inner).or_else(|| spelled_result(inner).map(|(ty, _)| ty));
    // The compensation of a conditional step has a message of its own for an `Option`.
    !step.is_conditional() && parameter.part.is_none() && optional.is_some_and(is_output)
}

/// The output of the step, or what the parameter shows of it.
fn output(step: &Step<'_>, parameter: &Parameter) -> String {
    if let Some((output, _)) = step.output.result_types {
        return spelled(output);
    }
    let attempt = attempt_within(&parameter.ty);
    let shown = attempt.and_then(attempt_argument).map(without_parens);
    match shown {
        Some(Type::Reference(reference)) => spelled(&reference.elem),
        Some(ty) => spelled(ty),
        None => "_".to_owned(),
    }
}
