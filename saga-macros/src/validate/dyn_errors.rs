//! `Box<dyn Error>`: an error of any type, which must be `Send`, in a return type.

use syn::{Type, TypeTraitObject};

use crate::errors::Errors;
use crate::model::{Pass, ReturnedType, Role, Saga, Source, Step};
use crate::util::dyn_error::{has_bound, is_error, sendable};
use crate::util::spelling::spelled;
use crate::util::types::{without_parens, written_with};

/// Reports each `dyn Error` that cannot be sent to another thread, in what steps and compensations return.
pub(super) fn dyn_errors(saga: &Saga<'_>, errors: &Errors) {
    let mut seen = Vec::new();
    for step in &saga.steps {
        let is_lent = saga.steps.iter().flat_map(Step::all_parameters).any(|p| {
            p.pass == Pass::Lent
                && [Source::Output(step.index), Source::Ran(step.index)].contains(&p.source)
        });
        let subject = format!("{} `{}`", Role::Step.noun(), step.ident);
        check(&step.output, &subject, is_lent, errors);
        if let Some(compensation) = &step.compensation
            && let Some(in_block) = &compensation.in_block
            && !seen.contains(&&compensation.ident)
        {
            seen.push(&compensation.ident);
            let subject = format!("{} `{}`", Role::Compensation.noun(), compensation.ident);
            check(&in_block.returned, &subject, false, errors);
        }
    }
}

fn check(returned: &ReturnedType<'_>, subject: &str, is_lent: bool, errors: &Errors) {
    let Some((output, error)) = returned.result_types.filter(|_| returned.nested.is_none()) else {
        return;
    };
    for (ty, needed, what) in [
        (
            output,
            if is_lent {
                &["Send", "Sync"][..]
            } else {
                &["Send"]
            },
            "output",
        ),
        (error, &["Send"], "error"),
    ] {
        let Some((pointer, object)) = find(ty, ty) else {
            continue;
        };
        if needed.iter().all(|marker| has_bound(object, marker)) {
            continue;
        }
        let message = format!(
            "{subject} returns an {what} that may not be sent to another thread, where the saga may go on: write \
             `{}`",
            spelled(sendable(pointer))
        );
        errors.at(pointer, message);
    }
}

/// Returns the first `dyn Error` in a type, and the innermost type that is written with it.
fn find<'t>(ty: &'t Type, within: &'t Type) -> Option<(&'t Type, &'t TypeTraitObject)> {
    match without_parens(ty) {
        Type::TraitObject(object) if is_error(object) => Some((within, object)),
        ty => written_with(ty)
            .into_iter()
            .find_map(|inner| find(inner, ty)),
    }
}
