//! Steps that run another saga.

use quote::ToTokens as _;
use syn::{Expr, ExprLit, Generics, Ident, Lit, Type};

use crate::errors::Errors;
use crate::model::{Saga, Step, intended_saga, value_of};
use crate::parse::read::Keyed;
use crate::util::spelling::spelled;
use crate::util::types::borrowed;

/// Checks the options of a step that runs a saga: they do not repeat what that saga states, and a service
/// comes with a saga.
pub(super) fn nested(saga: &Saga<'_>, step: &Step<'_>, errors: &Errors) {
    let options = step.options();
    if let Some(on) = options.on() {
        service(step, on, errors);
    }
    let Some(nested) = step.nested() else {
        if let Some(on) = options.on().filter(|_| !options.is_saga_intended()) {
            let message = format!(
                "step `{}` has `on`, but names no saga: write `saga = ..` too, with the saga of that \
                 service which the step runs, or remove `on`",
                step.ident
            );
            errors.at(&on.key, message);
        }
        return;
    };
    if let Some((ty, value)) = value_of(nested) {
        let message = format!(
            "step `{}` runs a saga, but `{value}` is not a type: write `saga = {}`",
            step.ident,
            spelled(ty)
        );
        return errors.at(nested, message);
    }
    if let Some(found) = borrowed(nested, &Generics::default()) {
        let service = saga.service.to_token_stream().into_iter().next();
        let service = service.map_or_else(String::new, |name| name.to_string());
        let message = format!(
            "step `{}` runs a saga with an elided lifetime, which cannot be inferred here: write one that \
             the impl block has, as in `impl<'a> {service}<'a>`, or `'static`",
            step.ident
        );
        return errors.at(found, message);
    }
    let intended = intended_saga(nested, &saga.generics).map(Type::Path);
    let is_other = |intended: &&Type| !saga.is_itself(intended);
    if let Some(intended) = intended.as_ref().filter(is_other) {
        let written = spelled(nested);
        let message = format!(
            "step `{}` runs a saga, but `{written}` is not named like one: write `saga = {}`, the type that \
             `#[saga]` generates beside a service; if `{written}` is a saga, put `Saga` into its name",
            step.ident,
            spelled(intended)
        );
        return errors.at(nested, message);
    }
    if intended.is_some() || saga.is_itself(nested) {
        let message = format!(
            "step `{}` runs its own saga, which would never end: write another saga here, or \
             `retry(attempts = 4)` on the step to repeat",
            step.ident
        );
        errors.at(nested, message);
    }
    if let Some(circle) = saga.circle(nested) {
        let name = &saga.names.saga;
        let way = circle.join("`, which runs `");
        let message = format!(
            "step `{}` runs `{way}`, which runs `{name}` again, and this would never end: write a saga here that \
             does not run `{name}`",
            step.ident
        );
        errors.at(nested, message);
    }
    let compensate = options.compensate().map(|keyed| &keyed.key);
    let no_compensation = options.no_compensation().map(|keyed| &keyed.key);
    let in_doubt = options.in_doubt.as_ref().map(|keyed| &keyed.key);
    let undone = "it is undone by the compensations of that saga";
    let max_interruptions = options.max_interruptions.as_ref().map(|keyed| &keyed.key);
    let stated: [(Option<&Ident>, &str); 6] = [
        (compensate, undone),
        (options.readonly.as_ref(), undone),
        (no_compensation, undone),
        (in_doubt, "it is in doubt if that saga is stuck"),
        (
            options.at_most_once.as_ref(),
            "it is never repeated if that saga is stuck",
        ),
        (
            max_interruptions,
            "only the steps of that saga can be interrupted",
        ),
    ];
    for (key, why) in stated {
        if let Some(key) = key {
            let message = format!(
                "step `{}` runs the saga `{}`, so {why}: remove `{key}`",
                step.ident,
                spelled(nested)
            );
            errors.at(key, message);
        }
    }
}

/// Checks that `on = ..` begins at the service.
fn service(step: &Step<'_>, on: &Keyed<Expr>, errors: &Errors) {
    if begins_with_self(&on.value) {
        return;
    }
    let place = match &on.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => text.value(),
        place => spelled(place),
    };
    let place = place.strip_prefix("self.").unwrap_or(&place);
    let message = format!(
        "step `{}` must reach the service of the other saga through `self`: write `on = self.{place}`",
        step.ident
    );
    errors.at(&on.value, message);
}

/// Whether an expression begins at the service.
fn begins_with_self(on: &Expr) -> bool {
    let tokens = on.to_token_stream().into_iter();
    has_self(tokens)
}

fn has_self(mut tokens: impl Iterator<Item = proc_macro2::TokenTree>) -> bool {
    tokens.any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == "self",
        proc_macro2::TokenTree::Group(group) => has_self(group.stream().into_iter()),
        _ => false,
    })
}
