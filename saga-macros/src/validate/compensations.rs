//! The methods that undo steps.

use syn::Type;

use super::attempts::wrapped_output;
use super::conditions::own_option;
use super::signature::{passing, signature};
use super::spread::{spread, surplus, swapped};
use crate::errors::Errors;
use crate::model::{Parameter, Role, Saga, Source};
use crate::util::spelling::spelled;
use crate::util::types::{attempt_argument, is_context_value, is_unit};

/// Checks the compensations that the steps name.
pub(super) fn compensations(saga: &Saga<'_>, errors: &Errors) {
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
        let Some(in_block) = &compensation.in_block else {
            continue;
        };
        // A compensation of several steps is checked once.
        if seen.contains(&&compensation.ident) {
            continue;
        }
        seen.push(&compensation.ident);
        let subject = format!("compensation `{}`", compensation.ident);
        signature(in_block.method, Role::Compensation, errors);
        if let Some((output, error)) = in_block.returned.result_types
            && !is_unit(output)
        {
            let message = format!(
                "{subject} returns a value, which nothing would use: write `Result<(), {}>`",
                spelled(error)
            );
            errors.at(output, message);
        }
        let attempt = in_block
            .parameters
            .iter()
            .find(|p| p.source == Source::Attempt);
        if let Some(attempt) = attempt {
            let own = Source::Output(step.index);
            // A context taken by value has an error of its own.
            let twice = |p: &&Parameter| p.source == own && !is_context_value(&p.ty);
            for parameter in in_block.parameters.iter().filter(twice) {
                let otherwise = format!(
                    "takes the output of step `{}` twice: `{}` has it already, so remove `{}: {}`, or mark \
                     it with `#[input]` or `#[from(step)]`",
                    step.ident,
                    spelled(&attempt.ty),
                    parameter.name,
                    spelled(&parameter.ty)
                );
                surplus(saga, &subject, parameter, &otherwise, errors);
            }
        }
        if wrapped_output(saga, step, compensation, in_block, errors) {
            continue;
        }
        if attempt.is_none() {
            spread(saga, &subject, &in_block.parameters, errors);
            swapped(saga, step, &subject, &in_block.parameters, errors);
        }
        for parameter in &in_block.parameters {
            passing(
                parameter,
                in_block.method,
                Role::Compensation,
                &subject,
                errors,
            );
            own_option(step, &subject, parameter, errors);
            if let Some(argument) = attempt_argument(&parameter.ty)
                && !matches!(argument, Type::Reference(_))
            {
                let inner = match step.output.result_types {
                    Some((output, _)) => spelled(output),
                    None => spelled(argument),
                };
                let message = format!(
                    "{subject} must take the output by reference: write `{}<&{inner}>`",
                    spelled(&saga.paths.attempt)
                );
                errors.at(argument, message);
            }
        }
    }
}
