//! The policies that are left once the defaults of the saga are filled in.

use crate::errors::Errors;
use crate::model::{Policy, Saga};
use crate::parse::retry::NEEDS_ATTEMPTS;

/// Reports each `retry(..)` that neither has a number of attempts nor inherits one.
pub(super) fn policies(saga: &Saga<'_>, errors: &Errors) {
    let needs_attempts = |policy: &Policy, subject: &str, defaults: &str| {
        let retry = policy.retry.as_ref();
        if let Some(span) = retry.and_then(|retry| retry.needs_attempts) {
            let message =
                format!("{subject}: {NEEDS_ATTEMPTS}, or once for all in `#[saga({defaults})]`");
            errors.at_span(span, message);
        }
    };
    let mut seen = Vec::new();
    for step in &saga.steps {
        let subject = format!("step `{}`", step.ident);
        needs_attempts(&step.policy, &subject, "retry(attempts = 4)");
        let Some(compensation) = &step.compensation else {
            continue;
        };
        // A compensation of several steps is checked once.
        if !seen.contains(&&compensation.ident) {
            seen.push(&compensation.ident);
            let subject = format!("compensation `{}`", compensation.ident);
            let defaults = "compensation(retry(attempts = 4))";
            needs_attempts(&compensation.policy, &subject, defaults);
        }
    }
}
