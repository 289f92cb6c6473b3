//! Missing names, and names that collide.

use std::collections::BTreeMap;

use crate::errors::Errors;
use crate::model::{Saga, Step, TAKEN_VARIANTS, variant_name};
use crate::parse::block::Block;
use crate::util::names::plain;

/// Reports a saga that is named neither after its service nor by an option.
pub(super) fn named(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    if !saga.is_named {
        let message = "`#[saga]` names the saga after the service, and this type has no name: \
                       write `#[saga(saga = OrderSaga)]`";
        errors.at(&block.service, message);
    }
}

/// Reports names that collide, and those that are no identifiers.
pub(super) fn names(saga: &Saga<'_>, errors: &Errors) {
    let mut names: BTreeMap<&str, &Step<'_>> = BTreeMap::new();
    let mut variants: BTreeMap<String, &Step<'_>> = BTreeMap::new();
    for step in &saga.steps {
        if let Err(name) = variant_name(step.ident) {
            let message = format!(
                "step `{}` would be the variant `{name}` of the error enum, which is not a valid name: \
                 rename the method",
                plain(step.ident)
            );
            errors.at(step.ident, message);
        }
        if let Some(other) = names.insert(&step.name, step) {
            if other.ident == step.ident {
                // The compiler reports two methods of one name.
                errors.leave_to_the_compiler();
                continue;
            }
            let message = format!(
                "steps `{}` and `{}` are both called `{}`: give one of them another `name = \"..\"`",
                other.ident, step.ident, step.name
            );
            match &step.options().name {
                Some(name) => errors.at(name, message),
                None => errors.at(step.ident, message),
            }
        } else if let Some(other) = variants.insert(step.variant.to_string(), step) {
            let message = format!(
                "steps `{}` and `{}` would both be the variant `{}` of the error enum: rename one",
                other.ident, step.ident, step.variant
            );
            errors.at(step.ident, message);
        }
        if TAKEN_VARIANTS.contains(&&*step.variant.to_string()) {
            let message = format!(
                "step `{}` would be the variant `{}` of the error enum, which is reserved for a run that is \
                 stopped from outside: rename the method",
                step.ident, step.variant
            );
            errors.at(step.ident, message);
        }
        if step.ident == "input" {
            let message = "a step cannot be called `input`: in the state enum that is the field \
                           of the saga's input; rename the method";
            errors.at(step.ident, message);
        }
    }
}
