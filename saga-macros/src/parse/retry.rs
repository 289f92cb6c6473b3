//! `retry(..)`, which stands in all other lists of options.

use core::time::Duration;

use proc_macro2::Span;
use syn::{ExprPath, LitInt};

use super::list::List;
use super::read::Keyed;
use crate::suggest::{Place, REPETITIONS};

/// `retry(..)`
#[derive(Clone)]
pub(crate) struct Retry {
    pub(crate) attempts: Option<u32>,
    pub(crate) backoff: Option<(Duration, Duration)>,
    pub(crate) when: Option<Keyed<ExprPath>>,
    /// The `retry` that has no number of attempts, and no mistake that may hide one.
    pub(crate) needs_attempts: Option<Span>,
}

/// The mistake of a `retry(..)` that has no number of attempts and inherits none.
pub(crate) const NEEDS_ATTEMPTS: &str = "`retry` needs a number of attempts: write `attempts` too, as in \
                                         `retry(attempts = 4, backoff = \"100ms..5s\")`";

impl Retry {
    /// Reads the `retry(..)` of a list.
    ///
    /// `error` is the type of the errors that `when` looks at.
    pub(super) fn of(outer: &mut List<'_>, error: &str) -> Option<Self> {
        let errors = outer.errors;
        let key_span = outer.span_of("retry");
        let arguments = outer.arguments("retry", |value| {
            // `retry = 3` can only mean one thing.
            match value.and_then(|value| syn::parse2::<LitInt>(value.clone()).ok()) {
                Some(attempts) => format!("attempts = {attempts}"),
                None => "attempts = 4, backoff = \"100ms..5s\"".to_owned(),
            }
        })?;
        let mut list = List::read(Place::Retry, arguments, errors);
        let has_attempts = list.has(&["attempts"]);
        let attempts: Option<Keyed<LitInt>> =
            list.keyed("attempts", "a whole number: write `attempts = 4`");
        let backoff = list.backoff();
        let when = list.keyed(
            "when",
            &format!(
                "the name of a function: write `when = is_transient`, and outside of the block \
                 `fn is_transient(error: &{error}) -> bool`"
            ),
        );
        // An option of `retry(..)` that stands beside it is reported there.
        let is_beside = outer.has(&["attempts"]) || outer.has(REPETITIONS);
        let complete = list.is_used_up() && !has_attempts && !is_beside;
        outer.note_retry(&list);
        list.finish();
        let attempts = match attempts {
            Some(Keyed { value, .. }) => match value.base10_parse::<u32>() {
                Ok(0) => {
                    let message = "`attempts` counts the first attempt too: write 1 for one \
                                   attempt, 2 for one repetition";
                    errors.at(&value, message);
                    None
                }
                Ok(attempts) => Some(attempts),
                Err(_) => {
                    errors.at(
                        &value,
                        "`attempts` is too large: write a whole number from 1 to 4294967295",
                    );
                    None
                }
            },
            None => None,
        };
        Some(Self {
            attempts,
            backoff,
            when,
            needs_attempts: key_span.filter(|_| complete),
        })
    }

    /// Fills in what is not written from the `retry(..)` of `#[saga(..)]`. With one attempt there is no wait.
    pub(crate) fn or(own: Option<&Self>, defaults: Option<&Self>) -> Option<Self> {
        let (own, defaults) = match (own, defaults) {
            (Some(own), Some(defaults)) => (own, defaults),
            (own, defaults) => return own.or(defaults).cloned(),
        };
        let inherited = defaults.backoff.filter(|_| own.attempts != Some(1));
        Some(Self {
            attempts: own.attempts.or(defaults.attempts),
            backoff: own.backoff.or(inherited),
            when: own.when.clone(),
            needs_attempts: None,
        })
    }
}
