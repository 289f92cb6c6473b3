//! Conditions: the methods that decide whether a step runs.

use syn::{GenericParam, Ident, ReceiverKind, ReturnType, Safety, Type};

use super::signature::passing;
use super::spread::whole;
use super::suggested::{suggested_condition, suggested_signature};
use crate::errors::Errors;
use crate::model::{ConditionMethod, Parameter, Pass, Role, Saga, Source, Step};
use crate::parse::block::Block;
use crate::suggest::similar;
use crate::util::spelling::spelled;
use crate::util::types::{
    find_impl, is_context_value, is_primitive, option_argument, spelled_result, without_parens,
};

pub(super) fn conditions(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    for step in &saga.steps {
        not_spread(saga, step, errors);
        let Some(condition) = &step.condition else {
            continue;
        };
        let (ident, condition_ident) = (step.ident, &condition.ident);
        if let Some(pivot) = &step.options().pivot {
            let message = format!(
                "step `{ident}` is the pivot, and `only_if` could skip it, which would leave open whether \
                 the saga can still be undone: remove `only_if = {condition_ident}`, or `pivot`"
            );
            let key = step.options().only_if.as_ref().map(|only_if| &only_if.key);
            errors.at(key.unwrap_or(pivot), message);
        }
        if let Some(other) = saga
            .steps
            .iter()
            .find(|other| other.ident == condition_ident)
        {
            let message = if other.index == step.index {
                format!(
                    "step `{ident}` cannot be its own condition: name a method without `#[step]` in \
                     `only_if`, `fn name(&self, ..) -> bool`"
                )
            } else {
                format!(
                    "`{condition_ident}` is a step: name a method without `#[step]` as the condition of step \
                     `{ident}`, `fn name(&self, ..) -> bool`"
                )
            };
            errors.at(condition_ident, message);
            continue;
        }
        let mut others = saga.steps.iter();
        let undone = others.find(|other| {
            let undo = other.compensation.as_ref();
            undo.is_some_and(|undo| undo.ident == *condition_ident)
        });
        if let Some(undone) = undone {
            let message = format!(
                "`{condition_ident}` is the compensation of step `{}`: name a method of its own as the condition of \
                 step `{ident}`, `fn name(&self, ..) -> bool`",
                undone.ident
            );
            errors.at(condition_ident, message);
            continue;
        }
        if is_checked_before(saga, step.index, condition_ident) {
            continue;
        }
        match &condition.in_block {
            Some(in_block) => signature(step, in_block, errors),
            None => {
                let methods = block.methods().filter(|method| method.step.is_empty());
                let names = methods.map(|method| method.sig.ident.to_string());
                let intended = match similar(&condition_ident.to_string(), names) {
                    Some(similar) => format!("write `only_if = {similar}`; or else "),
                    None => String::new(),
                };
                let message = format!(
                    "`{condition_ident}`, the condition of step `{ident}`, is not a method of this block, \
                     and must be one so that its parameters are known: {intended}write it here, or \
                     move it here from its other block: {}",
                    suggested_condition(condition_ident, step.method)
                );
                errors.at(condition_ident, message);
            }
        }
    }
}

/// Whether an earlier step has the same condition, whose signature is checked there.
fn is_checked_before(saga: &Saga<'_>, before: usize, condition_ident: &Ident) -> bool {
    let mut earlier = saga.steps.iter().take(before);
    earlier.any(|other| {
        let condition = other.condition.as_ref();
        condition.is_some_and(|condition| {
            condition.ident == *condition_ident && condition.in_block.is_some()
        })
    })
}

fn signature(step: &Step<'_>, in_block: &ConditionMethod<'_>, errors: &Errors) {
    let (method, sig) = (in_block.method, &in_block.method.sig);
    let (name, ident) = (&sig.ident, step.ident);
    let subject = format!("condition `{name}` of step `{ident}`");
    let suggestion = suggested_signature(method, Role::Condition);
    if let Some(asyncness) = &sig.asyncness {
        let message = format!(
            "{subject} is `async`, but a condition cannot wait: write {suggestion}, and load what it needs \
             in a `readonly` step before it"
        );
        errors.at(asyncness, message);
    }
    if let Safety::Unsafe(token) = &sig.safety {
        let message = format!(
            "{subject} is `unsafe`, but the generated call cannot uphold its safety requirements: remove `unsafe`"
        );
        errors.at(token, message);
    }
    let by_reference =
        |receiver: &syn::Receiver| matches!(receiver.kind, ReceiverKind::Reference(_, _, None));
    match sig.receiver() {
        Some(receiver) if by_reference(receiver) => {}
        Some(receiver) => {
            let message = format!(
                "{subject} takes `{}`: write {suggestion}",
                spelled(receiver)
            );
            errors.at(receiver, message);
        }
        None => {
            let message = format!("{subject} does not take `&self`: write {suggestion}");
            errors.at(name, message);
        }
    }
    let mut params = sig.generics.params.iter();
    if let Some(generic) = params.find(|param| !matches!(param, GenericParam::Lifetime(_))) {
        let message = format!(
            "{subject} is generic, but the saga cannot infer the argument: write the type in place of the \
             parameter, or if the service has it too, put it on the impl block"
        );
        errors.at(generic, message);
    }
    let is_bool = |ty: &Type| is_primitive(ty, "bool");
    match &sig.output {
        ReturnType::Type(_, ty) if is_bool(ty) => {}
        // The suggestion corrects this as well.
        _ if sig.asyncness.is_some() => {}
        ReturnType::Type(_, ty) => {
            let fails = spelled_result(ty).map_or("", |_| {
                "; do what can fail in a `readonly` step before it, whose output the condition takes"
            });
            let message = format!(
                "{subject} returns `{}`, but a condition decides whether the step runs: write `bool`{fails}",
                spelled(ty)
            );
            errors.at(ty, message);
        }
        ReturnType::Default => {
            let message = format!("{subject} returns nothing: write {suggestion}");
            errors.at(name, message);
        }
    }
    for parameter in &in_block.parameters {
        if let Some(found) = find_impl(&parameter.ty) {
            let message = format!(
                "{subject} takes an `impl Trait`, but the saga cannot infer its type: write the type that \
                 step `{ident}` takes"
            );
            errors.at(found, message);
            continue;
        }
        if let Type::Reference(reference) = &parameter.ty
            && reference.mutability.is_some()
            && !is_context_value(&reference.elem)
        {
            let inner = spelled(&reference.elem);
            let message = format!(
                "{subject} takes `&mut {inner}`, but a condition only reads: write `&{inner}`"
            );
            errors.at(&parameter.ty, message);
            continue;
        }
        passing(parameter, method, Role::Condition, &subject, errors);
        if parameter.pass != Pass::Lent && !is_context_value(&parameter.ty) {
            let message = format!(
                "{subject} takes a value by move, but a condition only borrows: write `{}`",
                lent(&parameter.ty)
            );
            errors.at(&parameter.ty, message);
        }
    }
    let mut attrs = in_block.method.attrs.iter();
    if let Some(attr) = attrs.find(|attr| attr.path().is_ident("cfg")) {
        let message = format!(
            "{subject} is behind `#[cfg]`, which `#[saga]` cannot evaluate: put the `#[cfg]` inside its body"
        );
        errors.at(attr, message);
    }
}

/// Writes a type that is taken by value as a reference: inside of an `Option`, for a value that may be
/// absent.
fn lent(ty: &Type) -> String {
    match option_argument(ty) {
        Some(inner) => format!("Option<&{}>", spelled(inner)),
        None => format!("&{}", spelled(ty)),
    }
}

/// Checks that no parameters take an output apart that may be absent.
fn not_spread(saga: &Saga<'_>, step: &Step<'_>, errors: &Errors) {
    let role = |role: Role, name: &Ident| format!("{} `{name}`", role.noun());
    check_spread(
        saga,
        &role(Role::Step, step.ident),
        &step.parameters,
        errors,
    );
    if let Some(condition) = &step.condition
        && let Some(in_block) = &condition.in_block
    {
        let subject = role(Role::Condition, &condition.ident);
        check_spread(saga, &subject, &in_block.parameters, errors);
    }
    if let Some(compensation) = &step.compensation
        && let Some(in_block) = &compensation.in_block
    {
        let subject = role(Role::Compensation, &compensation.ident);
        check_spread(saga, &subject, &in_block.parameters, errors);
    }
}

fn check_spread(saga: &Saga<'_>, subject: &str, parameters: &[Parameter], errors: &Errors) {
    let conditional = |source: Source| match source {
        Source::Output(index) => saga.steps.get(index).filter(|step| step.is_conditional()),
        _ => None,
    };
    let spread: Vec<_> = parameters.iter().filter(|p| p.part.is_some()).collect();
    let found = spread
        .iter()
        .find_map(|parameter| Some((parameter, conditional(parameter.source)?)));
    let Some((first, giver)) = found else {
        return;
    };
    if whole(giver, &spread) == 1 {
        // One parameter takes the whole, so `spread` reports the others.
        return;
    }
    let output = match giver.output.result_types {
        Some((output, _)) => spelled(output),
        None => "_".to_owned(),
    };
    let several = spread.len();
    let message = format!(
        "{subject} takes {several} values of step `{}`, which has `only_if`, so there may be no output to \
         split: take it whole, as one parameter of type `Option<&{output}>`",
        giver.ident
    );
    errors.at(&first.ty, message);
}

/// Checks that the compensation of a conditional step takes no `Option`: it runs only where the step did.
pub(super) fn own_option(step: &Step<'_>, subject: &str, parameter: &Parameter, errors: &Errors) {
    let Some((output, _)) = step.output.result_types else {
        return;
    };
    let is_own = parameter.part.is_none() && parameter.source == Source::Ran(step.index);
    let inner = match without_parens(&parameter.ty) {
        Type::Reference(reference) => &reference.elem,
        ty => ty,
    };
    if is_own && option_argument(inner).is_some() && option_argument(output).is_none() {
        let message = format!(
            "{subject} runs only if step `{}` has run, so there is an output: write `&{}`",
            step.ident,
            spelled(output)
        );
        errors.at(&parameter.ty, message);
    }
}
