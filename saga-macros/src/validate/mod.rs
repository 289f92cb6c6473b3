//! What is wrong with a saga that could be read.
//!
//! Only what the macro can see: that types fit is checked by the compiler, on the code that hands
//! them over.

mod conditions;
mod durable;
mod groups;
mod nested;
mod signature;
mod spread;
mod suggested;

use std::collections::BTreeMap;

use syn::{Ident, Meta, Type};

use self::conditions::{conditions, own_option};
use self::durable::durable;
use self::groups::groups;
use self::nested::nested;
use self::signature::{passing, signature};
use self::spread::spread;
use self::suggested::{attempt_of, with_attempt};
use crate::errors::Errors;
use crate::model::{Compensation, Kind, Parameter, Role, Saga, Source, Step, TAKEN_VARIANTS};
use crate::parse::block::Block;
use crate::util::spelling::spelled;
use crate::util::types::{attempt_argument, is_context_value};

pub(crate) fn validate(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    if saga.steps.is_empty() {
        let message = "this saga has no steps: write `#[step(..)]` on the methods that are its \
                       steps, in the order in which they run";
        errors.at(&saga.service, message);
    }
    names(saga, errors);
    pivots(saga, errors);
    groups(saga, errors);
    for step in &saga.steps {
        let means_nested = step.options.means_saga || step.options.on.is_some();
        let role =
            if step.nested().is_some() || (means_nested && step.method.sig.asyncness.is_none()) {
                Role::Nested
            } else {
                Role::Step
            };
        signature(step.method, role, errors);
        nested(saga, step, errors);
        let whose = format!("step `{}`", step.ident);
        for parameter in &step.parameters {
            passing(&parameter.ty, &whose, errors);
        }
        spread(saga, &whose, &step.parameters, errors);
        undo(saga, step, errors);
    }
    conditions(saga, block, errors);
    compensations(saga, block, errors);
    receivers(saga, block, errors);
    durable(saga, errors);
}

/// Names that would collide.
fn names(saga: &Saga<'_>, errors: &Errors) {
    let mut names: BTreeMap<&str, &Step<'_>> = BTreeMap::new();
    let mut variants: BTreeMap<String, &Step<'_>> = BTreeMap::new();
    for step in &saga.steps {
        if let Some(other) = names.insert(&step.name, step) {
            if other.ident == step.ident {
                // Two methods of one name: the compiler says so.
                errors.of_the_compiler();
                continue;
            }
            let message = format!(
                "steps `{}` and `{}` are both called `{}`: give one another `name = \"..\"`",
                other.ident, step.ident, step.name
            );
            match &step.options.name {
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
                "step `{}` would be the variant `{}` of the error enum, which says that the run was \
                 ended from outside: rename the method",
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

fn pivots(saga: &Saga<'_>, errors: &Errors) {
    let mut pivots = saga.steps.iter().filter_map(|step| {
        let pivot = step.options.pivot.as_ref()?;
        Some((step, pivot))
    });
    let Some((first, _)) = pivots.next() else {
        return;
    };
    for (step, pivot) in pivots {
        let message = format!(
            "step `{}` is a second pivot: the point of no return is step `{}` already; remove \
             `pivot` from one of them, the steps after a pivot need no such option",
            step.ident, first.ident
        );
        errors.at(pivot, message);
    }
}

/// That the step says how it is undone, once, and where it may.
fn undo(saga: &Saga<'_>, step: &Step<'_>, errors: &Errors) {
    let options = &step.options;
    let compensate = options.compensate.as_ref().map(|keyed| &keyed.key);
    let no_compensation = options.no_compensation.as_ref().map(|keyed| &keyed.key);
    // The pivot may be undone as well: when it is in doubt.
    let undone = compensate.filter(|_| options.pivot.is_none());
    let said: Vec<(&Ident, &str)> = [
        (undone, "a method undoes it"),
        (options.readonly.as_ref(), "it changes nothing"),
        (no_compensation, "it cannot be undone"),
        (options.pivot.as_ref(), "no way back after it"),
    ]
    .into_iter()
    .filter_map(|(key, meaning)| Some((key?, meaning)))
    .collect();
    if let [_, (second, _), ..] = &*said {
        let meanings: Vec<_> = said
            .iter()
            .map(|(key, meaning)| format!("`{key}` ({meaning})"))
            .collect();
        let message = format!(
            "step `{}` says {}, which contradict each other: keep one",
            step.ident,
            meanings.join(" and ")
        );
        errors.at(second, message);
        return;
    }
    if let Some(reason) = &options.no_compensation
        && reason.value.value().trim().is_empty()
    {
        let message = format!(
            "step `{}` gives no reason in `no_compensation`, and every report shows it: say why the \
             step cannot be undone, as in `no_compensation = \"a mail cannot be unsent\"`",
            step.ident
        );
        errors.at(&reason.value, message);
    }
    if let (Some(_), Some(in_doubt)) = (&options.readonly, &options.in_doubt) {
        let message = format!(
            "step `{}` is `readonly`, so it is never in doubt: remove `in_doubt`",
            step.ident
        );
        errors.at(&in_doubt.key, message);
    }
    if let (Some(_), Some(at_most_once)) = (&options.readonly, &options.at_most_once) {
        let message = format!(
            "step `{}` is `readonly`, so it is never in doubt, and doubt is what `at_most_once` is \
             about: remove `at_most_once`",
            step.ident
        );
        errors.at(at_most_once, message);
    }
    if let (Some(_), Some(max)) = (&options.at_most_once, &options.max_interruptions) {
        let message = format!(
            "step `{}` is never executed again after an interruption, for it is `at_most_once`: remove \
             `max_interruptions`",
            step.ident
        );
        errors.at(&max.key, message);
    }
    let takes_attempt = step
        .compensation
        .as_ref()
        .is_some_and(Compensation::takes_attempt);
    match (saga.kind(step), compensate) {
        (Some(Kind::Pivot), Some(_)) if !takes_attempt => {
            if let Some(compensation) = &step.compensation {
                undo_of_the_pivot(step, compensation, errors);
            }
        }
        // That it runs a saga is told, which has compensations of its own.
        (Some(Kind::Retriable), Some(key)) if step.nested().is_none() => {
            let pivot = saga.pivot().and_then(|pivot| saga.steps.get(pivot));
            if pivot.is_some_and(|pivot| step.stage.contains(&pivot.index)) {
                // That the pivot is in its group is told, and it would not be after it otherwise.
                return;
            }
            let pivot = pivot
                .map(|pivot| pivot.ident.to_string())
                .unwrap_or_default();
            let message = format!(
                "step `{}` comes after the pivot `{pivot}`, so it is never undone: remove \
                 `compensate`, or move the step above the pivot",
                step.ident
            );
            errors.at(key, message);
        }
        (None, _) if !options.says_how_undone => not_said(saga, step, errors),
        _ => {}
    }
}

/// A step that does not say how it is undone, and has to.
fn not_said(saga: &Saga<'_>, step: &Step<'_>, errors: &Errors) {
    let has_options = step.method.step.first().is_some_and(
        |attr| matches!(&attr.meta, Meta::List(options) if !options.tokens.is_empty()),
    );
    let others = if has_options { ".., " } else { "" };
    let (when, pivot) = match &step.options.parallel {
        Some(group) => (
            format!(
                "another member of the group `{}`{}",
                group.value,
                if step.stage.end < saga.steps.len() {
                    ", or a later step,"
                } else {
                    ""
                }
            ),
            String::new(),
        ),
        // One that may be skipped cannot be the pivot.
        None if step.is_conditional() => ("a later step".to_owned(), String::new()),
        None => (
            "a later step".to_owned(),
            format!(", or `#[step({others}pivot)]` if there is no way back after it"),
        ),
    };
    let message = format!(
        "step `{}` does not say how it is undone when {when} fails: write \
         `#[step({others}compensate = method)]`, or `#[step({others}readonly)]` if it changes \
         nothing, or `#[step({others}no_compensation = \"reason\")]`{pivot}",
        step.ident
    );
    errors.at(step.ident, message);
}

/// A compensation of the pivot that takes no `Attempt`.
fn undo_of_the_pivot(step: &Step<'_>, compensation: &Compensation<'_>, errors: &Errors) {
    let undo = &compensation.ident;
    let Some(here) = &compensation.here else {
        let message = format!(
            "step `{}` is the pivot, which is undone only when it is in doubt, and its \
             compensation has to stand in this block for that: move `{undo}` here and write {}, or \
             remove `compensate`",
            step.ident,
            with_attempt(step, compensation)
        );
        return errors.at(undo, message);
    };
    let own = Source::Output(step.index);
    let takes_output = |p: &&Parameter| p.source == own && !is_context_value(&p.ty);
    let taken: Vec<_> = here.parameters.iter().filter(takes_output).collect();
    let why = format!(
        "`{undo}` undoes the pivot `{}`, which may have no output when it is in doubt",
        step.ident
    );
    let Some((first, others)) = taken.split_first() else {
        let legal = with_attempt(step, compensation);
        let message = format!("{why}: write {legal}, or remove `compensate = {undo}`");
        return errors.at(&here.method.sig.ident, message);
    };
    // An `Attempt` is of the step that is undone: marked, it would be an output.
    let unmarked = if first.is_bare {
        String::new()
    } else {
        format!(", without `#[from({})]`", step.ident)
    };
    let write = format!("write `{}` here{unmarked}", attempt_of(step, &taken));
    let remove = others
        .iter()
        .map(|other| format!("remove `{}: {}`", other.name, spelled(&other.ty)));
    let mends: Vec<_> = [write].into_iter().chain(remove).collect();
    let message = format!(
        "{why}: {}, or remove `compensate = {undo}`",
        mends.join(" and ")
    );
    errors.at(&first.ty, message);
}

/// The methods that undo, and those that say so and do not.
fn compensations(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    let mut seen = Vec::new();
    for step in &saga.steps {
        let Some(compensation) = &step.compensation else {
            continue;
        };
        if let Some(other) = saga
            .steps
            .iter()
            .find(|other| *other.ident == compensation.ident)
        {
            let message = if other.index == step.index {
                format!(
                    "step `{}` cannot undo itself: name a method without `#[step]` in `compensate`",
                    step.ident
                )
            } else {
                format!(
                    "`{}` is a step itself: name a method without `#[step]` as the compensation of \
                     step `{}`",
                    other.ident, step.ident
                )
            };
            errors.at(&compensation.ident, message);
            continue;
        }
        let Some(here) = &compensation.here else {
            continue;
        };
        // One that undoes several steps is looked at once.
        if seen.contains(&&compensation.ident) {
            continue;
        }
        seen.push(&compensation.ident);
        let whose = format!("compensation `{}`", compensation.ident);
        signature(here.method, Role::Compensation, errors);
        if let Some((output, error)) = here.returned.spelled
            && !matches!(output, Type::Tuple(unit) if unit.elems.is_empty())
        {
            let message = format!(
                "{whose} returns a value, and nobody would take it: write `Result<(), {}>`",
                spelled(error)
            );
            errors.at(output, message);
        }
        let attempt = here.parameters.iter().find(|p| p.source == Source::Attempt);
        if let Some(attempt) = attempt {
            let own = Source::Output(step.index);
            // A context that is taken by value is told as that.
            let twice = |p: &&Parameter| p.source == own && !is_context_value(&p.ty);
            for parameter in here.parameters.iter().filter(twice) {
                let message = format!(
                    "{whose} takes the output of step `{}` twice: `{}` has it already, so remove \
                     `{}: {}`, or say what it is with `#[input]` or `#[from(step)]`",
                    step.ident,
                    spelled(&attempt.ty),
                    parameter.name,
                    spelled(&parameter.ty)
                );
                errors.at(&parameter.ty, message);
            }
        }
        if attempt.is_none() {
            spread(saga, &whose, &here.parameters, errors);
        }
        for parameter in &here.parameters {
            passing(&parameter.ty, &whose, errors);
            own_option(step, &whose, parameter, errors);
            if let Some(argument) = attempt_argument(&parameter.ty)
                && !matches!(argument, Type::Reference(_))
            {
                let inner = match step.output.spelled {
                    Some((output, _)) => spelled(output),
                    None => spelled(argument),
                };
                let message =
                    format!("{whose} is given the output by reference: write `Attempt<&{inner}>`");
                errors.at(argument, message);
            }
        }
    }
    // What could not be read, or found, may have meant them.
    let is_found = |step: &Step<'_>| {
        let condition = step.condition.as_ref();
        condition.is_none_or(|condition| condition.here.is_some())
    };
    let is_known = |step: &Step<'_>| step.options.is_read && is_found(step);
    if saga.steps.iter().all(is_known) {
        stray_markers(saga, block, errors);
        stray_policies(saga, &seen, block, errors);
    }
}

/// The step that has this method as its condition.
fn condition_of<'s, 'a>(saga: &'s Saga<'a>, method: &Ident) -> Option<&'s Step<'a>> {
    let is_asked = |step: &&Step<'_>| {
        let condition = step.condition.as_ref();
        condition.is_some_and(|condition| condition.ident == *method)
    };
    saga.steps.iter().find(is_asked)
}

/// Receivers that are marked like parameters.
fn receivers(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    let called = saga.methods();
    for method in block.methods() {
        let name = &method.sig.ident;
        let whose = if !method.step.is_empty() {
            format!("step `{name}`")
        } else if condition_of(saga, name).is_some() {
            format!("condition `{name}`")
        } else if called.contains(name) {
            format!("compensation `{name}`")
        } else {
            format!("`{name}`")
        };
        let receiver = method.sig.receiver().map(spelled).unwrap_or_default();
        for marker in &method.receiver_markers {
            let marked = spelled(marker);
            let message = format!(
                "{whose}: `{marked}` marks a parameter, and `{receiver}` is the service: remove \
                 `{marked}`"
            );
            errors.at(marker, message);
        }
    }
}

/// Marked parameters of methods that the saga never calls.
fn stray_markers(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    let called = saga.methods();
    for method in block
        .methods()
        .filter(|method| !called.contains(&method.sig.ident))
    {
        for marker in method.markers.iter().flatten() {
            let message = format!(
                "`{}` is neither a step nor a compensation nor a condition, so the saga never calls it: remove \
                 `{}`, or write `#[step(..)]` on the method",
                method.sig.ident,
                spelled(marker)
            );
            errors.at(marker, message);
        }
    }
}

/// `#[compensation(..)]` on what is none of `compensations`, or twice on one.
fn stray_policies(saga: &Saga<'_>, compensations: &[&Ident], block: &Block, errors: &Errors) {
    for method in block.methods() {
        let Some(attr) = method.compensation.first() else {
            continue;
        };
        let name = &method.sig.ident;
        if let [_, second, ..] = &*method.compensation {
            let message = format!(
                "compensation `{name}` has two `#[compensation(..)]`: write all its options in one"
            );
            errors.at(second, message);
        }
        if !method.step.is_empty() {
            let message = format!(
                "`{name}` is a step: write its `retry` and `timeout` in `#[step(..)]`, and remove \
                 `#[compensation(..)]`"
            );
            errors.at(attr, message);
        } else if let Some(step) = condition_of(saga, name) {
            let message = format!(
                "`{name}` is the condition of step `{}`, asked once and without a policy: remove \
                 `#[compensation(..)]`",
                step.ident
            );
            errors.at(attr, message);
        } else if !compensations.contains(&name) {
            let message = format!(
                "no step of this saga is undone by `{name}`: write `compensate = {name}` in the \
                 `#[step(..)]` of the step it undoes"
            );
            errors.at(attr, message);
        }
    }
}
