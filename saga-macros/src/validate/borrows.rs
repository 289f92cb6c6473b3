//! The input of a saga, which lives longer than the call that it comes from.

use syn::{Generics, Type};

use crate::errors::Errors;
use crate::model::{Parameter, Role, Saga};
use crate::util::spelling::spelled;
use crate::util::types::{borrowed, is_every_lifetime_shown, owned, owning};

/// Reports an input that borrows for the time of one call.
pub(super) fn borrowing_input(saga: &Saga<'_>, errors: &Errors) {
    if saga.is_input_given && borrowed(&saga.input, &Generics::default()).is_some() {
        let message = format!(
            "`input = {}` borrows, but the input has to live as long as the saga: {}",
            spelled(&saga.input),
            write(&saga.input, |owned| format!("`input = {}`", spelled(owned)))
        );
        errors.at(&saga.input, message);
    }
    for parameter in saga.input_parameters() {
        if borrowed(&owned(&parameter.ty), &Generics::default()).is_none() {
            continue;
        }
        if !is_every_lifetime_shown(&parameter.ty) {
            errors.leave_to_the_compiler();
            continue;
        }
        let message = format!(
            "{} takes the saga's input as `{}`, but what it borrows has to live as long as the saga: {}",
            taker(saga, parameter),
            spelled(&parameter.ty),
            write(&parameter.ty, |_| format!(
                "`{}`",
                spelled(taken(&parameter.ty))
            ))
        );
        errors.at(&parameter.ty, message);
    }
}

/// What to write: the type without borrows, if it is known.
fn write(ty: &Type, suggestion: impl Fn(&Type) -> String) -> String {
    let lifetime = "a lifetime of the service";
    let owned = owning(ty);
    if borrowed(&owned, &Generics::default()).is_none() {
        format!("write {}, or {lifetime}", suggestion(&owned))
    } else {
        format!("write a type that owns its data, or {lifetime}")
    }
}

/// Returns a parameter's type without borrows below its own reference.
fn taken(ty: &Type) -> Type {
    let Type::Reference(reference) = ty else {
        return owning(ty);
    };
    let owned = owning(&reference.elem);
    let mut reference = reference.clone();
    *reference.elem = match &owned {
        Type::Path(path) if path.path.is_ident("String") => syn::parse_quote!(str),
        _ => owned,
    };
    Type::Reference(reference)
}

/// Names the method of a parameter.
fn taker(saga: &Saga<'_>, parameter: &Parameter) -> String {
    let has = |parameters: &[Parameter]| parameters.iter().any(|p| core::ptr::eq(p, parameter));
    let taker = saga.steps.iter().find_map(|step| {
        if has(&step.parameters) {
            return Some((Role::Step, step.ident));
        }
        if let Some(condition) = &step.condition
            && let Some(in_block) = &condition.in_block
            && has(&in_block.parameters)
        {
            return Some((Role::Condition, &condition.ident));
        }
        let compensation = step.compensation.as_ref()?;
        let in_block = compensation.in_block.as_ref()?;
        has(&in_block.parameters).then_some((Role::Compensation, &compensation.ident))
    });
    taker.map_or_else(String::new, |(role, name)| {
        format!("{} `{name}`", role.noun())
    })
}
