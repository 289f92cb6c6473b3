//! Finds the mistakes of a saga, and reports them.
//!
//! It finds what the macro can see. The compiler checks that types fit, on the code that passes the values.

mod bindings;
mod compensations;
mod conditions;
mod durable;
mod groups;
mod names;
mod nested;
mod signature;
mod spread;
mod stray;
mod suggested;
mod undo;

use self::bindings::bindings;
use self::compensations::compensations;
use self::conditions::conditions;
use self::durable::durable;
use self::groups::groups;
use self::names::{named, names};
use self::nested::nested;
use self::signature::{passing, signature};
use self::spread::spread;
use self::stray::{receivers, stray};
use self::undo::{pivots, undo};
use crate::errors::Errors;
use crate::model::{Role, Saga};
use crate::parse::block::Block;

pub(crate) fn validate(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    named(saga, errors);
    bindings(saga, errors);
    if saga.steps.is_empty() {
        let message = "this saga has no steps: write `#[step(..)]` on the methods that are its \
                       steps, in the order in which they run";
        errors.at(&saga.service, message);
    }
    names(saga, errors);
    pivots(saga, errors);
    groups(saga, errors);
    for step in &saga.steps {
        let means_nested = step.options().is_saga_intended() || step.options().on().is_some();
        let role =
            if step.nested().is_some() || (means_nested && step.method.sig.asyncness.is_none()) {
                Role::Nested
            } else {
                Role::Step
            };
        signature(step.method, role, errors);
        nested(saga, step, errors);
        let subject = format!("step `{}`", step.ident);
        for parameter in &step.parameters {
            passing(&parameter.ty, &subject, errors);
        }
        spread(saga, &subject, &step.parameters, errors);
        undo(saga, step, errors);
    }
    conditions(saga, block, errors);
    compensations(saga, errors);
    stray(saga, block, errors);
    receivers(saga, block, errors);
    durable(saga, errors);
}
