//! Parallel groups: neighbours with one name.

use std::collections::BTreeMap;

use crate::errors::Errors;
use crate::model::{Saga, Step};
use crate::util::names::{camel_case, plain};

pub(super) fn groups(saga: &Saga<'_>, errors: &Errors) {
    let mut seen: BTreeMap<String, &Step<'_>> = BTreeMap::new();
    let mut variants = BTreeMap::new();
    for step in &saga.steps {
        let Some(parallel) = step.options().parallel() else {
            continue;
        };
        let (written, ident) = (plain(&parallel.value), step.ident);
        let group = step.group.clone().unwrap_or_else(|| written.clone());
        if group != written {
            let siblings = saga.steps.get(step.stage.clone()).unwrap_or_default();
            let neighbour = siblings
                .iter()
                .find(|other| other.index != step.index && other.index.abs_diff(step.index) == 1);
            let neighbour = neighbour.map(|other| format!(" of step `{}`", other.ident));
            let message = format!(
                "step `{ident}` is alone in the group `{written}`: write `parallel = {group}`, the group{}, \
                 or another name on each member of its own group",
                neighbour.unwrap_or_default()
            );
            errors.at(&parallel.value, message);
        }
        if let Some(pivot) = &step.options().pivot {
            let message = format!(
                "step `{ident}` is the pivot and a member of the group `{group}`: before the pivot \
                 everything can be undone and after it nothing, so no other step may run beside it; remove \
                 `parallel = {group}`, or `pivot`"
            );
            errors.at(pivot, message);
        }
        if let [only] = saga.steps.get(step.stage.clone()).unwrap_or_default()
            && !seen.contains_key(&group)
            && !is_resumed(saga, only, &group)
        {
            let message = format!(
                "step `{ident}` is alone in the group `{group}`: write `parallel = {group}` on the \
                 step before or after it as well, or remove `parallel = {group}` here"
            );
            errors.at(&parallel.value, message);
        }
        if step.stage.start == step.index && !seen.contains_key(&group) {
            same_variant(saga, step, &group, &mut variants, errors);
        }
        match seen.insert(group.clone(), step) {
            Some(before) if before.stage != step.stage => {
                let between = saga.steps.get(before.index + 1);
                let between = between.map(|step| step.ident.to_string());
                let message = format!(
                    "the group `{group}` is interrupted by step `{}`, but the members of a group must be \
                     neighbours: move `{ident}` to the others, or give it another group",
                    between.unwrap_or_default()
                );
                errors.at(&parallel.value, message);
            }
            _ => {}
        }
    }
}

/// Reports a group whose variant of the state enum is that of a step or of another group.
fn same_variant(
    saga: &Saga<'_>,
    step: &Step<'_>,
    group: &str,
    variants: &mut BTreeMap<String, String>,
    errors: &Errors,
) {
    let variant = camel_case(group);
    let mut alone = saga.steps.iter().filter(|other| !other.is_member());
    let other = match alone.find(|other| other.variant == variant) {
        Some(other) => Some((format!("step `{}`", other.ident), "the group, or the step")),
        None => variants
            .get(&variant)
            .map(|other| (format!("group `{other}`"), "one of them")),
    };
    if let Some((other, rename)) = other
        && let Some(parallel) = step.options().parallel()
    {
        let message = format!(
            "the group `{group}` of step `{}` is called like the {other}, and both would be \
             `Before{variant}` in the state enum: rename {rename}",
            step.ident
        );
        errors.at(&parallel.value, message);
    }
    variants.insert(variant, group.to_owned());
}

/// Whether the macro knows which steps run at the same time as this one: its group has no mistake.
pub(super) fn is_stage_known(saga: &Saga<'_>, step: &Step<'_>) -> bool {
    let Some(group) = &step.group else {
        return true;
    };
    let of_group = |other: &&Step<'_>| other.group.as_ref() == Some(group);
    saga.steps.iter().filter(of_group).count() == step.stage.len() && step.stage.len() > 1
}

/// Whether the same group comes again later, which is reported there.
fn is_resumed(saga: &Saga<'_>, step: &Step<'_>, group: &str) -> bool {
    let later = saga.steps.iter().skip(step.index + 1);
    let mut named = later.filter_map(|step| step.options().parallel());
    named.any(|other| plain(&other.value) == group)
}

/// Whether the group of a step has members elsewhere, which is reported there.
pub(super) fn is_interrupted(saga: &Saga<'_>, step: &Step<'_>) -> bool {
    let Some(group) = &step.group else {
        return false;
    };
    let of_group = |other: &&Step<'_>| other.group.as_ref() == Some(group);
    saga.steps.iter().filter(of_group).count() > step.stage.len()
}
