//! Finds the mistakes of a saga, and reports them.
//!
//! It finds what the macro can see. The compiler checks that types fit, on the code that passes the values.

mod attempts;
mod bindings;
mod borrows;
mod compensations;
mod conditions;
mod durable;
mod generics;
mod groups;
mod names;
mod nested;
mod policies;
mod signature;
mod spread;
mod stray;
mod suggested;
mod undo;

use self::bindings::bindings;
use self::borrows::borrowing_input;
use self::compensations::compensations;
use self::conditions::conditions;
use self::durable::durable;
use self::generics::generics;
use self::groups::groups;
use self::names::{named, names};
use self::nested::nested;
use self::policies::policies;
use self::signature::{passing, signature};
use self::spread::{spread, swapped};
use self::stray::{receivers, stray};
use self::undo::{pivots, undo};
use crate::errors::Errors;
use crate::model::{Role, Saga};
use crate::parse::block::{Block, Method};

pub(crate) fn validate(saga: &Saga<'_>, block: &Block, errors: &Errors) {
    named(saga, block, errors);
    if !block.methods().all(Method::has_body) {
        errors.leave_to_the_compiler();
    }
    bindings(saga, errors);
    if saga.steps.is_empty() {
        let message = "this saga has no steps: write `#[step(..)]` on the methods that are its \
                       steps, in the order in which they run";
        errors.at(&block.service, message);
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
            passing(parameter, step.method, role, &subject, errors);
        }
        spread(saga, &subject, &step.parameters, errors);
        swapped(saga, step, &subject, &step.parameters, errors);
        undo(saga, step, block, errors);
    }
    conditions(saga, block, errors);
    borrowing_input(saga, errors);
    compensations(saga, errors);
    policies(saga, errors);
    stray(saga, block, errors);
    receivers(saga, block, errors);
    durable(saga, errors);
    generics(saga, errors);
}
