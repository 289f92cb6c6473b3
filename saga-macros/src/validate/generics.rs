//! The type parameters of a block that are the error or the output of a step, or the input of the saga.

use syn::{GenericParam, Ident, Path, Type, TypeParam, TypeParamBound, WherePredicate};

use crate::errors::Errors;
use crate::model::{Role, Saga};
use crate::util::spelling::spelled;
use crate::util::types::without_parens;

/// The bounds that are in scope everywhere, and imply neither `Display` nor `Send`. With any other one the compiler
/// decides: a trait of the user may be called `Error` too, and ask for more than the one of the standard library.
const WITHOUT_MORE: [&str; 5] = ["Sized", "Clone", "Copy", "Send", "Sync"];

/// Reports the parameters that lack a bound which every value or every error needs, once for each.
pub(super) fn generics(saga: &Saga<'_>, errors: &Errors) {
    for param in &saga.generics.params {
        let GenericParam::Type(param) = param else {
            continue;
        };
        let bounds = Bounds::of(param, saga);
        if let Some((what, is_error)) = what(saga, &param.ident) {
            bounds.check(param, &what, is_error, errors);
        }
    }
}

/// What a parameter is to the first method that returns it, or takes it as the input, and whether that is an error.
fn what(saga: &Saga<'_>, param: &Ident) -> Option<(String, bool)> {
    let is_param =
        |ty: &Type| matches!(without_parens(ty), Type::Path(path) if path.path.is_ident(param));
    let mut found = None;
    for step in &saga.steps {
        let undo = step.compensation.as_ref();
        let undo = undo.and_then(|undo| undo.in_block.as_ref());
        let undo = undo.map(|undo| (Role::Compensation, &undo.method.sig.ident, &undo.returned));
        for (role, name, returned) in [(Role::Step, step.ident, &step.output)]
            .into_iter()
            .chain(undo)
        {
            let Some((output, error)) = returned.result_types.filter(|_| returned.nested.is_none())
            else {
                continue;
            };
            if is_param(error) {
                return Some((
                    format!("the error `{param}` of {} `{name}`", role.noun()),
                    true,
                ));
            }
            if is_param(output) && found.is_none() {
                found = Some((
                    format!("the output `{param}` of {} `{name}`", role.noun()),
                    false,
                ));
            }
        }
    }
    found.or_else(|| {
        is_param(&saga.input).then(|| (format!("the input `{param}` of the saga"), false))
    })
}

/// The bounds of a parameter, at its declaration and in the `where` clause.
struct Bounds<'a>(Vec<&'a TypeParamBound>);

impl<'a> Bounds<'a> {
    fn of(param: &'a TypeParam, saga: &'a Saga<'_>) -> Self {
        let predicates = saga
            .generics
            .where_clause
            .iter()
            .flat_map(|clause| &clause.predicates);
        let of_param = predicates.filter_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => {
                let bounded = without_parens(&predicate.bounded_ty);
                let is_it = matches!(bounded, Type::Path(path) if path.path.is_ident(&param.ident));
                is_it.then_some(&predicate.bounds)
            }
            _ => None,
        });
        Self(param.bounds.iter().chain(of_param.flatten()).collect())
    }

    fn check(&self, param: &TypeParam, what: &str, is_error: bool, errors: &Errors) {
        let traits: Vec<_> = self.0.iter().filter_map(|bound| name(bound)).collect();
        if !traits.iter().all(|name| WITHOUT_MORE.contains(&&**name)) {
            return;
        }
        let has = |name: &str| traits.iter().any(|bound| bound == name);
        if !is_error && has("Send") {
            return;
        }
        let missing = [
            (!is_error, "std::fmt::Display"),
            (has("Send"), "Send"),
            (has("Sync"), "Sync"),
        ];
        let missing = missing.into_iter().filter(|(is_there, _)| !is_there);
        let written = self.0.iter().map(spelled);
        let bounds: Vec<_> = written
            .chain(missing.map(|(_, bound)| bound.to_owned()))
            .collect();
        let needed = if is_error {
            "`Display` and `Send`"
        } else {
            "`Send`"
        };
        let message = format!(
            "{what} has to be {needed}, which its bounds do not say: write `{}: {}`",
            param.ident,
            bounds.join(" + ")
        );
        errors.at(param, message);
    }
}

/// The name of the trait, or the lifetime.
fn name(bound: &TypeParamBound) -> Option<String> {
    let last = |path: &Path| path.segments.last().map(|last| last.ident.to_string());
    match bound {
        TypeParamBound::Trait(bound) => last(&bound.path),
        TypeParamBound::Lifetime(_) => None,
        _ => Some(String::new()),
    }
}
