//! Conditions: the methods that say whether a step is to run.

use syn::{GenericParam, ReceiverKind, ReturnType, Type};

use super::signature::passing;
use crate::errors::Errors;
use crate::model::{Asked, Pass, Saga, Source, Step, ungrouped};
use crate::parse::block::Block;
use crate::search::similar;
use crate::spelling::spelled;

pub(super) fn conditions(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    for step in &saga.steps {
        not_spread(saga, step, errors);
        let Some(condition) = &step.condition else {
            continue;
        };
        let (ident, asked) = (step.ident, &condition.ident);
        if let Some(pivot) = &step.options.pivot {
            let message = format!(
                "step `{ident}` is the pivot, and one that is skipped would leave nobody to say \
                 whether there is a way back: remove `only_if = {asked}`, or `pivot`"
            );
            errors.at(pivot, message);
        }
        if let Some(other) = saga.steps.iter().find(|other| other.ident == asked) {
            let message = format!(
                "`{}` is a step: the condition of step `{ident}` is a method without `#[step]`, \
                 `fn name(&self, ..) -> bool`",
                other.ident
            );
            errors.at(asked, message);
            continue;
        }
        match &condition.here {
            Some(here) => signature(step, here, errors),
            None => {
                let methods = block.methods().filter(|method| method.step.is_empty());
                let names = methods.map(|method| method.sig.ident.to_string());
                let meant = match similar(&asked.to_string(), names) {
                    Some(meant) => format!("write `only_if = {meant}`, or "),
                    None => String::new(),
                };
                let message = format!(
                    "`{asked}`, the condition of step `{ident}`, is no method of this block, and has \
                     to be one for its parameters to be known: {meant}write \
                     `fn {asked}(&self, ..) -> bool` here"
                );
                errors.at(asked, message);
            }
        }
    }
}

fn signature(step: &Step<'_>, here: &Asked<'_>, errors: &Errors) {
    let sig = &here.method.sig;
    let name = &sig.ident;
    let whose = format!("condition `{name}`");
    if let Some(asyncness) = &sig.asyncness {
        let message = format!(
            "{whose} is `async`, and is asked inside of an attempt of step `{}`: write \
             `fn {name}`; what has to be looked up is a `readonly` step before it",
            step.ident
        );
        errors.at(asyncness, message);
    }
    let by_reference =
        |receiver: &syn::Receiver| matches!(receiver.kind, ReceiverKind::Reference(_, _, None));
    match sig.receiver() {
        Some(receiver) if by_reference(receiver) => {}
        Some(receiver) => {
            let message = format!(
                "{whose} takes `{}`: write `fn {name}(&self, ..) -> bool`",
                spelled(receiver)
            );
            errors.at(receiver, message);
        }
        None => {
            let message =
                format!("{whose} does not take `&self`: write `fn {name}(&self, ..) -> bool`");
            errors.at(name, message);
        }
    }
    let mut params = sig.generics.params.iter();
    if let Some(generic) = params.find(|param| !matches!(param, GenericParam::Lifetime(_))) {
        let message = format!("{whose} is generic, and nothing says for what: write the type");
        errors.at(generic, message);
    }
    let is_bool =
        |ty: &Type| matches!(ungrouped(ty), Type::Path(path) if path.path.is_ident("bool"));
    match &sig.output {
        ReturnType::Type(_, ty) if is_bool(ty) => {}
        ReturnType::Type(_, ty) => {
            let message = format!(
                "{whose} returns `{}`: it says whether step `{}` is to run, so write `bool`",
                spelled(ty),
                step.ident
            );
            errors.at(ty, message);
        }
        ReturnType::Default => {
            let message = format!("{whose} returns nothing: write `-> bool`");
            errors.at(name, message);
        }
    }
    for parameter in &here.parameters {
        passing(&parameter.ty, &whose, errors);
        if parameter.pass != Pass::Lent {
            let message = format!(
                "{whose} is asked by reference, for the step needs the value: write `&{}`",
                spelled(&parameter.ty)
            );
            errors.at(&parameter.ty, message);
        }
    }
    let behind = here
        .method
        .attrs
        .iter()
        .find(|attr| attr.path().is_ident("cfg"));
    if let Some(attr) = behind {
        let message = format!(
            "{whose} is behind `#[cfg]`, which a saga cannot follow: put the `#[cfg]` into its body"
        );
        errors.at(attr, message);
    }
}

/// That what may not be there is not taken apart.
fn not_spread(saga: &Saga<'_>, step: &Step<'_>, errors: &Errors) {
    let mut spread = step.all_parameters().filter(|p| p.part.is_some());
    let conditional = |source: Source| match source {
        Source::Output(index) => saga.steps.get(index).filter(|step| step.is_conditional()),
        _ => None,
    };
    let found = spread.find_map(|parameter| Some((parameter, conditional(parameter.source)?)));
    let Some((first, giver)) = found else {
        return;
    };
    let output = match giver.output.spelled {
        Some((output, _)) => spelled(output),
        None => "Output".to_owned(),
    };
    let message = format!(
        "`{}` takes several values of `{}`, which has `only_if`, so there may be none to take apart: \
         take it whole, as one parameter of type `Option<&{output}>`",
        step.ident, giver.ident
    );
    errors.at(&first.ty, message);
}
