//! Signatures of steps and compensations.

use syn::{FnArg, GenericParam, Ident, ReceiverKind, ReturnType, Safety, Type, TypePath};

use super::suggested::{Suggested, suggested_result, suggested_signature};
use crate::errors::Errors;
use crate::model::{Parameter, Role};
use crate::parse::block::Method;
use crate::util::spelling::spelled;
use crate::util::types::{
    borrowed, find_impl, is_context_value, is_no_result, is_unit, owning, spelled_result,
    without_parens,
};

/// Checks that the saga can call a method as a step or compensation.
pub(super) fn signature(method: &Method, role: Role, errors: &Errors) {
    let sig = &method.sig;
    let subject = format!("{} `{}`", role.noun(), sig.ident);
    let suggestion = suggested_signature(method, role);
    if let Safety::Unsafe(token) = &sig.safety {
        let message = format!(
            "{subject} is `unsafe`, but the generated call cannot uphold its safety requirements: remove `unsafe`"
        );
        errors.at(token, message);
    }
    if let (Role::Nested, Some(asyncness)) = (role, &sig.asyncness) {
        let message = format!(
            "{subject} runs a saga, and its method only returns the input, so it must not be `async`: write \
             {suggestion}; do what takes time or can fail in a step before it"
        );
        return errors.at(asyncness, message);
    }
    if sig.asyncness.is_none() && role != Role::Nested {
        // All other mistakes follow from this one, or the suggestion corrects them.
        let message = format!("{subject} is not `async`: write {suggestion}");
        return errors.at(sig.fn_token, message);
    }
    match sig.receiver() {
        Some(receiver) => {
            if !matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) {
                let message = format!(
                    "{subject} takes `{}`: write {suggestion}",
                    spelled(receiver)
                );
                errors.at(receiver, message);
            }
        }
        None => {
            let message = format!("{subject} does not take `&self`: write {suggestion}");
            errors.at(&sig.ident, message);
        }
    }
    let generic = sig
        .generics
        .params
        .iter()
        .find(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(generic) = generic {
        let message = match generic {
            GenericParam::Type(generic) => format!(
                "{subject} is generic, but the saga cannot infer which type `{}` is: write {suggestion}; or \
                 if the service has the parameter too, put it on the impl block",
                generic.ident
            ),
            _ => format!(
                "{subject} is generic, but the saga cannot infer the value of its const parameter: write \
                 the value, or if the service has the parameter too, put it on the impl block"
            ),
        };
        errors.at(generic, message);
    }
    for argument in &sig.inputs {
        if let FnArg::Typed(typed) = argument
            && let Some(found) = find_impl(&typed.ty)
        {
            let message = format!(
                "{subject} takes an `impl Trait`, but the saga cannot infer its type: write {suggestion}"
            );
            errors.at(found, message);
        }
    }
    output(method, role, &suggestion, errors);
    for attr in &method.attrs {
        if attr.path().is_ident("cfg") {
            let message = format!(
                "{subject} is behind `#[cfg]`, which `#[saga]` cannot evaluate: put the `#[cfg]` on the \
                 whole impl block, or inside the body"
            );
            errors.at(attr, message);
        }
    }
}

/// Checks that the return type can be stored.
fn output(method: &Method, role: Role, suggestion: &Suggested<'_>, errors: &Errors) {
    let sig = &method.sig;
    let subject = format!("{} `{}`", role.noun(), sig.ident);
    match &sig.output {
        // The input of a saga may be `()`. The compiler checks that where the saga is run.
        ReturnType::Default if role == Role::Nested => {}
        ReturnType::Type(_, ty) if role == Role::Nested => {
            input(method, ty, &suggestion.to_string(), errors);
        }
        ReturnType::Default => {
            let message = format!("{subject} returns nothing: write {suggestion}");
            errors.at(&sig.ident, message);
        }
        ReturnType::Type(_, ty) => {
            if is_no_result(ty) {
                let alias = possible_alias(ty).map_or(String::new(), |alias| {
                    format!(". If `{alias}` is an alias of `Result`, write the `Result` out")
                });
                let message = format!(
                    "{subject} does not return a `Result`: write {}{alias}",
                    suggested_result(method, role)
                );
                errors.at(ty, message);
            } else if let Some(found) = find_impl(ty) {
                let message = format!(
                    "{subject} returns an `impl Trait`, which cannot be stored until the next step: write \
                     the type, or `Box<dyn Trait>`"
                );
                errors.at(found, message);
            } else if let Some(found) = borrowed(ty, &sig.generics) {
                let owned = owning(ty);
                let suggestion = match spelled_result(ty) {
                    Some((Type::Reference(_), _)) => format!("{suggestion}, and return a clone"),
                    _ if borrowed(&owned, &sig.generics).is_none() => {
                        format!("`{}`, or a lifetime of the service", spelled(&owned))
                    }
                    // The owned form of a user's type with a lifetime is not known.
                    _ => "a type that owns its data, or a lifetime of the service".to_owned(),
                };
                let message = format!(
                    "{subject} returns a borrow of its arguments, which cannot be stored until the next \
                     step: write {suggestion}"
                );
                errors.at(found, message);
            }
        }
    }
}

/// Checks that the return type of a step that runs a saga can be the input of that saga.
fn input(method: &Method, ty: &Type, suggestion: &str, errors: &Errors) {
    let sig = &method.sig;
    let subject = format!("{} `{}`", Role::Nested.noun(), sig.ident);
    if spelled_result(ty).is_some() {
        let message = format!(
            "{subject} runs a saga, and its method only returns the input, which cannot fail: write \
             {suggestion}; do what can fail in a step before it"
        );
        errors.at(ty, message);
    } else if let Some(found) = find_impl(ty) {
        let message = format!(
            "{subject} returns the input of a saga as an `impl Trait`, but the saga needs its type: write \
             {suggestion}"
        );
        errors.at(found, message);
    } else if let Some(found) = borrowed(ty, &sig.generics) {
        let message = format!(
            "{subject} returns the input of a saga, which outlives this call and cannot borrow from its \
             arguments: write {suggestion}"
        );
        errors.at(found, message);
    }
}

/// Returns the name of a type that may be an alias: one in camel case, other than `Option`.
fn possible_alias(ty: &Type) -> Option<&Ident> {
    let Type::Path(TypePath { path, .. }) = without_parens(ty) else {
        return None;
    };
    let name = &path.segments.last()?.ident;
    let is_capital = name.to_string().starts_with(char::is_uppercase);
    (is_capital && name != "Option").then_some(name)
}

/// Checks that a parameter of `method` is no mutable reference, and that the context is taken by reference.
pub(super) fn passing(
    parameter: &Parameter,
    method: &Method,
    role: Role,
    subject: &str,
    errors: &Errors,
) {
    let ty = &parameter.ty;
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => {
            let inner = spelled(&reference.elem);
            let message = if is_context_value(&reference.elem) {
                format!(
                    "{subject} must take the context by shared reference: write `&{inner}`, not `&mut \
                     {inner}`"
                )
            } else {
                let write = match role {
                    Role::Step => changed(parameter, method, &inner),
                    Role::Nested | Role::Condition | Role::Compensation => format!("`&{inner}`"),
                };
                format!(
                    "{subject} takes `&mut {inner}`, but the change would be lost: write {write}"
                )
            };
            errors.at(ty, message);
        }
        ty if is_context_value(ty) => {
            let message = format!(
                "{subject} must take the context by reference: write `&{}`",
                spelled(ty)
            );
            errors.at(ty, message);
        }
        _ => {}
    }
}

/// The suggestion for a step that changes a value in place: it takes and returns it.
fn changed(parameter: &Parameter, method: &Method, inner: &str) -> String {
    let value = spelled(owning(&parameter.ty));
    let taken = match &*parameter.name {
        "_" => value.clone(),
        name => format!("mut {name}: {value}"),
    };
    let returned = match &method.sig.output {
        ReturnType::Type(_, ty) => spelled_result(ty),
        ReturnType::Default => None,
    };
    let returned = match returned {
        Some((unit, error)) if is_unit(unit) => {
            format!(" it, `Result<{value}, {}>`", spelled(error))
        }
        Some((output, error)) => format!(
            " it too, `Result<({value}, {}), {}>`",
            spelled(output),
            spelled(error)
        ),
        None => " it too".to_owned(),
    };
    format!(
        "`{taken}` and return{returned}, or `&{inner}` if it only reads; the steps that need the changed one \
         take it from this step"
    )
}
