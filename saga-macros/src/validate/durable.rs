//! Types that a journal cannot record because they borrow. The compiler checks the rest.

use syn::Type;

use crate::errors::Errors;
use crate::model::{Saga, TypeParts};
use crate::util::spelling::spelled;
use crate::util::types::{owned_of, without_parens};

pub(super) fn durable(saga: &Saga<'_>, errors: &Errors) {
    if saga.durable.is_none() {
        return;
    }
    for kept in saga.journaled_types() {
        let is_usable = match kept.step {
            Some(step) => step.output.is_usable(step.output.ty),
            None => saga.is_input_usable,
        };
        // A borrow from the method's arguments is reported elsewhere.
        if let Some(ty) = kept.ty.filter(|_| is_usable) {
            let subject = match kept.step {
                Some(step) => format!("step `{}` returns", step.ident),
                None => "this saga takes".to_owned(),
            };
            borrowed(saga, ty, &subject, errors);
        }
    }
}

fn borrowed(saga: &Saga<'_>, ty: &Type, subject: &str, errors: &Errors) {
    if let Type::Reference(reference) = without_parens(ty) {
        let message = format!(
            "{subject} `{}`, but a `durable` saga may continue in another process, where the borrowed value \
             does not exist: write `{}`",
            spelled(ty),
            short(&spelled(owned_of(reference))),
        );
        return errors.at(ty, message);
    }
    for ty in TypeParts::of(ty, &saga.generics).types() {
        borrowed(saga, ty, subject, errors);
    }
}

/// Removes the path of a type that needs no import.
fn short(owned: &str) -> &str {
    let paths = ["::std::string::", "::std::vec::"];
    let is_there = |path: &&str| owned.starts_with(*path);
    let path = paths.into_iter().find(is_there).unwrap_or_default();
    owned.strip_prefix(path).unwrap_or(owned)
}
