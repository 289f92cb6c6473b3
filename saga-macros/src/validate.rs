//! What is wrong with a saga that could be read.
//!
//! Only what the macro can see: that types fit is checked by the compiler, on the code that hands
//! them over.

use std::collections::BTreeMap;

use syn::{FnArg, GenericParam, Ident, ReceiverKind, ReturnType, Safety, Type};

use crate::errors::Errors;
use crate::model::{Compensation, Kind, Saga, Source, Step, attempt_argument};
use crate::parse::block::{Block, Method};
use crate::search::{borrowed, find_impl};
use crate::spelling::spelled;

const SIGNATURE: &str = "`async fn step(&self, previous: &Output) -> Result<Output, Error>`";
const UNDO_SIGNATURE: &str = "`async fn undo(&self, output: &Output) -> Result<(), Error>`";

pub(crate) fn validate(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    if saga.steps.is_empty() {
        let message = "this saga has no steps: write `#[step(..)]` on the methods that are its \
                       steps, in the order in which they run";
        errors.at(&saga.service, message);
    }
    names(saga, errors);
    pivots(saga, errors);
    for step in &saga.steps {
        signature(
            step.method,
            &format!("step `{}`", step.ident),
            SIGNATURE,
            errors,
        );
        for parameter in &step.parameters {
            passing(&parameter.ty, &format!("step `{}`", step.ident), errors);
        }
        undo(saga, step, errors);
    }
    compensations(saga, block, errors);
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
            "step `{}` is a second pivot: the point of no return is step `{}` already; remove one, \
             steps after the pivot need no mark",
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
    let said: Vec<&Ident> = [
        compensate.filter(|_| options.pivot.is_none()),
        options.readonly.as_ref(),
        no_compensation,
        options.pivot.as_ref(),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let [first, second, ..] = &*said {
        let message = format!(
            "step `{}` is said to be `{first}` and `{second}`, which contradict each other: keep \
             one",
            step.ident
        );
        errors.at(second, message);
        return;
    }
    if let Some(reason) = &options.no_compensation
        && reason.value.value().trim().is_empty()
    {
        let message = format!(
            "the reason shows in every report: say why step `{}` cannot be undone",
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
    let takes_attempt = step
        .compensation
        .as_ref()
        .is_some_and(Compensation::takes_attempt);
    match (saga.kind(step), compensate) {
        (Some(Kind::Pivot), Some(_)) if !takes_attempt => {
            if let Some(compensation) = &step.compensation {
                let message = if compensation.here.is_none() {
                    format!(
                        "step `{}` is the pivot, which is undone only when it is in doubt, and its \
                         compensation has to stand in this block for that: move `{}` here, taking \
                         `Attempt<&..>`, or remove `compensate`",
                        step.ident, compensation.ident
                    )
                } else {
                    format!(
                        "step `{}` is the pivot, which is undone only when it is in doubt: \
                     `{}` has to take `Attempt<&..>` for that; otherwise remove `compensate`",
                        step.ident, compensation.ident
                    )
                };
                errors.at(&compensation.ident, message);
            }
        }
        (Some(Kind::Retriable), Some(key)) => {
            let pivot = saga.pivot().and_then(|pivot| saga.steps.get(pivot));
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
        (None, _) if !options.says_how_undone => {
            let message = format!(
                "step `{}` does not say how it is undone when a later step fails: write \
                 `compensate = method`, or `readonly` if it changes nothing, or \
                 `no_compensation = \"reason\"`, or `pivot` if there is no way back after it",
                step.ident
            );
            errors.at(step.ident, message);
        }
        _ => {}
    }
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
            let message = format!(
                "`{}` is a step itself: name a method without `#[step]` as the compensation of \
                 step `{}`",
                other.ident, step.ident
            );
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
        signature(here.method, &whose, UNDO_SIGNATURE, errors);
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
            for parameter in here.parameters.iter().filter(|p| p.source == own) {
                let message = format!(
                    "{whose} takes `{}`, which has the output of step `{}` if there is one: remove \
                     this parameter",
                    spelled(&attempt.ty),
                    step.ident
                );
                errors.at(&parameter.ty, message);
            }
        }
        for parameter in &here.parameters {
            passing(&parameter.ty, &whose, errors);
            if let Some(argument) = attempt_argument(&parameter.ty)
                && !matches!(argument, Type::Reference(_))
            {
                let inner = spelled(argument);
                let message = format!("{whose} is lent the output: write `Attempt<&{inner}>`");
                errors.at(argument, message);
            }
        }
    }
    let called = saga.methods();
    for method in block
        .methods()
        .filter(|method| !called.contains(&method.sig.ident))
    {
        for marker in method.markers.iter().flatten() {
            let message = format!(
                "`{}` is neither a step nor a compensation, so nothing binds its parameters: remove \
                 `{}`, or write `#[step(..)]` on the method",
                method.sig.ident,
                spelled(marker)
            );
            errors.at(marker, message);
        }
    }
    for method in block.methods() {
        let Some(attr) = method.compensation.first() else {
            continue;
        };
        let name = &method.sig.ident;
        if let [_, second, ..] = &*method.compensation {
            let message = format!("write all the options of `{name}` in one `#[compensation(..)]`");
            errors.at(second, message);
        }
        if !method.step.is_empty() {
            let message = format!(
                "`{name}` is a step: write its policies in `#[step(..)]`, and remove \
                 `#[compensation]`"
            );
            errors.at(attr, message);
        } else if !seen.contains(&name) {
            let message = format!(
                "no step of this saga is undone by `{name}`: write `compensate = {name}` in the \
                 `#[step(..)]` of the step it undoes"
            );
            errors.at(attr, message);
        }
    }
}

/// That a method can be called as a step or compensation at all.
fn signature(method: &Method, whose: &str, legal: &str, errors: &Errors) {
    let sig = &method.sig;
    if let Safety::Unsafe(token) = &sig.safety {
        let message = format!(
            "{whose} is `unsafe`, and nothing could promise what it asks for: remove `unsafe`"
        );
        errors.at(token, message);
    }
    if sig.asyncness.is_none() {
        // What else is wrong with it follows from this.
        return errors.at(
            sig.fn_token,
            format!("{whose} is not `async`: write {legal}"),
        );
    }
    match sig.receiver() {
        Some(receiver) => {
            if !matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) {
                let message = format!("{whose} takes `{}`: write {legal}", spelled(receiver));
                errors.at(receiver, message);
            }
        }
        None => {
            errors.at(
                &sig.ident,
                format!("{whose} does not take `&self`: write {legal}"),
            );
        }
    }
    let generic = sig
        .generics
        .params
        .iter()
        .find(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(generic) = generic {
        let message = format!(
            "{whose} is generic, and nothing says for which type it is to be called: write the \
             type, or if the service has the parameter too, put it on the impl block"
        );
        errors.at(generic, message);
    }
    for argument in &sig.inputs {
        if let FnArg::Typed(typed) = argument
            && let Some(found) = find_impl(&typed.ty)
        {
            let message = format!(
                "{whose} takes an `impl Trait`, and nothing says which type that is: write the \
                 type"
            );
            errors.at(found, message);
        }
    }
    match &sig.output {
        ReturnType::Default => {
            errors.at(
                &sig.ident,
                format!("{whose} returns nothing: write {legal}"),
            );
        }
        ReturnType::Type(_, ty) => {
            if is_no_result(ty) {
                errors.at(
                    ty,
                    format!("{whose} does not return a `Result`: write {legal}"),
                );
            } else if let Some(found) = find_impl(ty) {
                let message = format!(
                    "{whose} returns an `impl Trait`, which cannot be kept until the next step: \
                     write the type, or `Box<dyn Trait>`"
                );
                errors.at(found, message);
            } else if let Some(found) = borrowed(ty, &sig.generics) {
                let message = format!(
                    "{whose} returns what borrows from its arguments, which cannot be kept until \
                     the next step: write an owned type"
                );
                errors.at(found, message);
            }
        }
    }
    for attr in &method.attrs {
        if attr.path().is_ident("cfg") {
            let message = format!(
                "{whose} is behind `#[cfg]`, which a saga cannot follow: put the `#[cfg]` on the \
                 whole impl block, or inside the body"
            );
            errors.at(attr, message);
        }
    }
}

/// Whether this is no `Result`, by any name that could be an alias.
fn is_no_result(ty: &Type) -> bool {
    const PRIMITIVES: &[&str] = &[
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16",
        "u32", "u64", "u128", "usize", "String", "Option", "Vec", "Box",
    ];
    match ty {
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| PRIMITIVES.iter().any(|name| last.ident == name))
        }
        _ => true,
    }
}

/// A value is lent or given, never lent to be changed; and the context is only ever lent.
fn passing(ty: &Type, whose: &str, errors: &Errors) {
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => {
            let inner = spelled(&reference.elem);
            if inner.ends_with("StepContext") {
                return errors.at(ty, format!("{whose} is lent the context: write `&{inner}`"));
            }
            let message = format!(
                "{whose} takes `&mut {inner}`, and nobody would see the change: write `&{inner}`, \
                 or `{inner}` to be given the value"
            );
            errors.at(ty, message);
        }
        Type::Path(path)
            if path
                .path
                .segments
                .last()
                .is_some_and(|s| s.ident == "StepContext") =>
        {
            errors.at(
                ty,
                format!("{whose} is lent the context: write `&StepContext`"),
            );
        }
        _ => {}
    }
}
