//! The methods that are steps, with the options of their attributes.

use syn::ReturnType;

use super::block::{Block, Method};
use super::options::{ANY_ERROR, CompensationOptions, StepOptions};
use super::read::Read;
use crate::errors::Errors;
use crate::util::spelling::spelled;
use crate::util::types::{has_self, spelled_result};

/// A method with a `#[step(..)]`.
pub(crate) struct StepSyntax<'a> {
    pub(crate) method: &'a Method,
    pub(crate) options: Read<StepOptions, StepOptions>,
    /// The options of its compensation, if that stands in the block.
    pub(crate) compensation: CompensationOptions,
}

/// Reads the options of every step of a block, and then those of their compensations.
pub(crate) fn steps<'a>(block: &'a Block, errors: &Errors) -> Vec<StepSyntax<'a>> {
    let methods = block.methods().filter(|method| !method.step.is_empty());
    let steps = methods.map(|method| StepSyntax {
        method,
        options: step_options(method, errors),
        compensation: CompensationOptions::default(),
    });
    let mut steps: Vec<_> = steps.collect();
    for step in &mut steps {
        step.compensation = compensation_options(step.options.intended(), block, errors);
    }
    steps
}

/// Reads the `#[step(..)]` of a method.
fn step_options(method: &Method, errors: &Errors) -> Read<StepOptions, StepOptions> {
    if let [_, second, ..] = &*method.step {
        let message = format!(
            "step `{}` has two `#[step(..)]`: write all its options in one",
            method.sig.ident
        );
        errors.at(second, message);
    }
    match method.step.first() {
        Some(attr) => {
            let subject = format!("step `{}`", method.sig.ident);
            StepOptions::read(attr, &error_of(method), &errors.about(&subject))
        }
        None => Read::Ok(StepOptions::default()),
    }
}

/// Reads the `#[compensation(..)]` of the method that undoes a step.
fn compensation_options(step: &StepOptions, block: &Block, errors: &Errors) -> CompensationOptions {
    let ident = step.compensate().map(|compensate| &compensate.value);
    let method = ident.and_then(|ident| block.method(ident));
    match method.and_then(|method| Some((method, method.compensation.first()?))) {
        Some((method, attr)) => {
            let subject = format!("compensation `{}`", method.sig.ident);
            CompensationOptions::of(attr, &error_of(method), &errors.about(&subject))
        }
        None => CompensationOptions::default(),
    }
}

/// Returns the type of a method's errors, as it is written outside of the block.
fn error_of(method: &Method) -> String {
    let error = match &method.sig.output {
        ReturnType::Type(_, ty) => spelled_result(ty).map(|(_, error)| error),
        ReturnType::Default => None,
    };
    let error = error.filter(|error| !has_self(error));
    error.map_or_else(|| ANY_ERROR.to_owned(), spelled)
}
