//! The errors that the caller provides for steps and compensations to fail with.

use core::any::Any;
use core::fmt;
use std::sync::Arc;

use super::log::Log;
use crate::definition::Phase;
use crate::executor::Faults;
use crate::outcome::ErrorText;
use crate::run::Call;
use crate::util::panics;

struct Given {
    /// The step or compensation that the error is for. Without a name it is for all that fail with its type.
    called: Option<String>,
    make: Box<dyn Fn() -> Box<dyn Any + Send> + Send + Sync>,
}

/// The errors in the order in which the caller added them.
#[derive(Clone, Default)]
pub(super) struct GivenErrors(Vec<Arc<Given>>);

impl GivenErrors {
    pub(super) fn add<E: Any + Send>(
        &mut self,
        called: Option<&str>,
        error: impl Fn() -> E + Send + Sync + 'static,
    ) {
        self.0.push(Arc::new(Given {
            called: called.map(ToOwned::to_owned),
            make: Box::new(move || Box::new(error())),
        }));
    }

    /// The names that have an error of their own.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|given| given.called.as_deref())
    }

    /// Returns an error for this call that does not leave it in doubt; if another attempt `is_wanted`, one that
    /// `when` accepts. Logs it as missing if there is none.
    pub(super) fn choose<E>(
        &self,
        (step, called): (&str, &str),
        call: Call<'_>,
        is_wanted: bool,
        faults: Faults<E>,
        log: &Log,
    ) -> Option<E> {
        let named = |given: &&Arc<Given>| given.called.as_deref() == Some(called);
        let unnamed = |given: &&Arc<Given>| given.called.is_none();
        let candidates = self.0.iter().filter(named);
        let candidates = candidates.chain(self.0.iter().filter(unnamed));
        // The error of a compensation in another block has no type that a caller could name.
        let text: Box<dyn Any + Send> = Box::new(ErrorText::new("an injected error"));
        let errors = candidates
            .map(|given| (given.make)())
            .chain(core::iter::once(text));
        let (mut of_type, mut clean) = (0, 0);
        for error in errors.filter_map(|error| faults.injected.take(error)) {
            of_type += 1;
            // If a predicate panics, the driver counts the call as in doubt, and the error as not accepted.
            if panics::catch(|| (faults.in_doubt)(&error)).unwrap_or(true) {
                continue;
            }
            clean += 1;
            let accepted = panics::catch(|| (faults.when)(&error)).unwrap_or(false);
            if accepted || !is_wanted {
                log.accepted(step, call.phase, accepted);
                return Some(error);
            }
        }
        let (when, in_doubt) = match (call.phase, &call.step.compensation) {
            (Phase::Compensation, Some(undo)) => (undo.when, None),
            _ => (call.step.when, call.step.in_doubt),
        };
        log.missing(if !faults.injected.is_possible() {
            format!(
                "`{called}` fails with a type that may borrow, by a parameter of the service: no test can give \
                 one, unless the parameter has the bound `'static`"
            )
        } else if of_type == 0 && self.names().any(|name| name == called) {
            format!(
                "the error given for `{called}` is not of the type that it fails with, `{}`",
                core::any::type_name::<E>()
            )
        } else if of_type == 0 {
            format!(
                "there is no error for `{called}`, which fails with `{}`: `.error(\"{called}\", || ..)`, or \
                 `.errors(|| ..)` for all that fail with it",
                core::any::type_name::<E>()
            )
        } else if clean == 0 {
            format!(
                "every error given for `{called}` leaves it in doubt, says `{}`: give one that does not",
                in_doubt.unwrap_or("in_doubt")
            )
        } else {
            format!(
                "`{called}` is never retried: `{}` accepts none of the errors for it, so add one \
                 that it accepts",
                when.unwrap_or("when")
            )
        });
        None
    }
}

impl fmt::Debug for GivenErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
