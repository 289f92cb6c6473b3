//! The errors that the test provides for the steps and compensations to fail with.

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
    /// The step or compensation that it is for. Without a name, it is for all that fail with its type.
    called: Option<String>,
    make: Box<dyn Fn() -> Box<dyn Any + Send> + Send + Sync>,
}

/// The provided errors, in order.
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

    /// The names for which errors are provided.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|given| given.called.as_deref())
    }

    /// An error for this call that does not leave it in doubt and, if another attempt `is_wanted`, that `when` accepts.
    /// If there is none, that is recorded.
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
        // The error type of a compensation in another block cannot be named: it takes a text.
        let text: Box<dyn Any + Send> = Box::new(ErrorText::new("an injected error"));
        let errors = candidates
            .map(|given| (given.make)())
            .chain(core::iter::once(text));
        let (mut of_type, mut clean) = (0, 0);
        for error in errors.filter_map(|error| faults.injected.take(error)) {
            of_type += 1;
            // If a predicate panics, the driver treats the error as in doubt, or as not accepted.
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
                "`{called}` fails with a type that may borrow, by a parameter of the service: no test can provide \
                 one, unless the parameter has the bound `'static`"
            )
        } else if of_type == 0 && self.names().any(|name| name == called) {
            format!(
                "the error provided for `{called}` is not of the type that it fails with, `{}`",
                core::any::type_name::<E>()
            )
        } else if of_type == 0 {
            format!(
                "no error is provided for `{called}`, which fails with `{}`: `.error(\"{called}\", || ..)`, or \
                 `.errors(|| ..)` for all that fail with it",
                core::any::type_name::<E>()
            )
        } else if clean == 0 {
            format!(
                "every error provided for `{called}` leaves it in doubt, says `{}`: provide one that does not",
                in_doubt.unwrap_or("in_doubt")
            )
        } else {
            format!(
                "`{called}` is never repeated for an error that is provided for it: `{}` accepts none, so provide \
                 another one",
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
