//! What is recorded of a call so that a later process can resume it. An executor with a journal implements [`Memory`];
//! the attempts of a call use it.
//!
//! Knows nothing of where the records are kept. A run in memory has no history.
#![cfg_attr(
    not(feature = "durable"),
    expect(dead_code, reason = "only runs over a journal have a history")
)]

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

use crate::outcome::{Doubt, ErrorText, ErrorView, Failure, GaveUp, JsonForm, Prevention, Stop};
use crate::run::Call;

/// A future that is ready once something has been recorded.
pub(crate) type Written = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Reads and writes the history of the calls of a run.
pub(crate) trait Memory: Send + Sync + fmt::Debug {
    /// The point at which a call is resumed that an earlier process began.
    fn resumed(&self, call: Call<'_>) -> Option<Resumed>;

    /// How a call ended in an earlier process: for a step that runs a saga, whose attempts are repeated from the
    /// records of that saga.
    fn ended_before(&self, call: Call<'_>) -> Option<EndedBefore>;

    /// The recorded answer of the condition of a step, if there is one.
    fn answered(&self, call: Call<'_>) -> Option<bool>;

    /// How often the process ended while the call was in flight.
    fn interruptions(&self, call: Call<'_>) -> u32;

    /// Records that an attempt failed and that the call waits for another one.
    fn record_wait(&self, call: Call<'_>, retry: Retry) -> Written;

    /// Whether it is recorded that the condition of a step returned `true`. Its method is not called before.
    fn has_begun(&self, call: Call<'_>) -> bool;

    /// Ready when there is a place for the next attempt of a call that waited.
    fn take_place(&self) -> Written;

    /// Records that this attempt begins: its wait is over, or the condition of the step returned `true`.
    fn record_begin(&self, call: Call<'_>, attempt: u32) -> Written;
}

/// The point at which a call is resumed.
#[derive(Debug)]
pub(crate) struct Resumed {
    /// The attempt that is in flight or waited for, counted from 1.
    pub(crate) attempt: u32,
    /// The first attempt that may have taken effect, if there is one.
    pub(crate) doubt: Option<Doubt>,
    /// The rest of the wait before the next attempt, if there is a wait.
    pub(crate) wait: Option<Duration>,
    /// The failure of the last attempt, if the call waits for the next one.
    pub(crate) failure: Option<KeptFailure>,
}

/// How a call that did not complete ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndedBefore {
    /// How many attempts were made.
    pub(crate) attempts: u32,
    /// Whether any of them may have taken effect.
    pub(crate) in_doubt: bool,
    /// The first of those, if it is known.
    pub(crate) doubt: Option<Doubt>,
    /// Whether the process ended during the last one, which is not made again.
    pub(crate) is_interrupted: bool,
    /// What prevented another attempt, if one was allowed.
    pub(crate) prevented_by: Option<Prevention>,
}

/// Another attempt that the call waits for.
#[derive(Debug)]
pub(crate) struct Retry {
    /// The number of the attempt, counted from 1.
    pub(crate) attempt: u32,
    /// Whether any earlier attempt may have taken effect.
    pub(crate) in_doubt: bool,
    /// The failure of the last attempt.
    pub(crate) failure: KeptFailure,
    /// How long the call waits, if it waits.
    pub(crate) wait: Option<Duration>,
}

/// A failure in the form that is recorded, whatever the type of its error.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "durable",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(crate) enum KeptFailure {
    Error {
        message: String,
        #[cfg_attr(feature = "durable", serde(default))]
        chain: Vec<String>,
        // The error itself, if reading it again yields the same text. It is JSON in a string, because `null` is a valid
        // error too.
        #[cfg_attr(
            feature = "durable",
            serde(default, skip_serializing_if = "Option::is_none")
        )]
        typed: Option<String>,
    },
    TimedOut(Duration),
    Panicked(String),
    Interrupted,
    NotStarted(Box<str>),
}

#[cfg(feature = "durable")]
impl KeptFailure {
    /// Never fails: the fields are texts and numbers.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl KeptFailure {
    pub(crate) fn of<E>(
        failure: &Failure<E>,
        view: for<'e> fn(&'e E) -> ErrorView<'e>,
        journal: JsonForm<E>,
    ) -> Self {
        match failure.view(view) {
            Failure::TimedOut(limit) => Self::TimedOut(limit),
            Failure::Panicked(message) => Self::Panicked(message),
            Failure::Interrupted => Self::Interrupted,
            Failure::NotStarted(reason) => Self::NotStarted(reason),
            error @ (Failure::Error(_) | Failure::Recorded(_)) => {
                let text = error.text();
                let typed = match failure {
                    Failure::Error(error) => journal.write_text(error, &text, view),
                    _ => None,
                };
                let ErrorText { message, chain } = text;
                Self::Error {
                    message,
                    chain,
                    typed,
                }
            }
        }
    }

    /// The failure as every later process sees it: with the error itself, if that was recorded and can be read.
    pub(crate) fn into_failure<E>(self, journal: JsonForm<E>) -> Failure<E> {
        match self {
            Self::Error {
                message,
                chain,
                typed,
            } => match typed.and_then(|typed| journal.read_text(&typed)) {
                Some(error) => Failure::Error(error),
                None => Failure::Recorded(Box::new(ErrorText::new(message).with_chain(chain))),
            },
            Self::TimedOut(limit) => Failure::TimedOut(limit),
            Self::Panicked(message) => Failure::Panicked(message),
            Self::Interrupted => Failure::Interrupted,
            Self::NotStarted(reason) => Failure::NotStarted(reason),
        }
    }
}

impl EndedBefore {
    fn by<F>(gave_up: &GaveUp<F>, is_interrupted: bool) -> Self {
        Self {
            attempts: gave_up.attempts,
            in_doubt: gave_up.in_doubt,
            doubt: gave_up.doubt,
            is_interrupted,
            prevented_by: gave_up.prevented_by,
        }
    }

    /// The same, with the failure of the last attempt.
    pub(crate) fn of<F>(self, failure: F) -> GaveUp<F> {
        GaveUp::new(failure, self.attempts, self.in_doubt)
            .prevented_by(self.prevented_by)
            .in_doubt_since(self.doubt)
    }
}

/// How a call ended, and its failure, in the form that is recorded. `None` for a halt, which does not end the call.
pub(crate) fn recorded_end<E, H>(
    stop: &Stop<Failure<E>, H>,
    view: for<'e> fn(&'e E) -> ErrorView<'e>,
    journal: JsonForm<E>,
) -> Option<(EndedBefore, KeptFailure)> {
    Some(match stop {
        Stop::GaveUp(gave_up) | Stop::Cancelled(_, Some(gave_up)) => {
            let failure = KeptFailure::of(&gave_up.failure, view, journal);
            let is_interrupted = matches!(gave_up.failure, Failure::Interrupted);
            (EndedBefore::by(gave_up, is_interrupted), failure)
        }
        Stop::Cancelled(why, None) => {
            let not_begun = GaveUp::new((), 0, false).prevented_by(Some(why.prevention()));
            let failure = KeptFailure::NotStarted("cancelled".into());
            (EndedBefore::by(&not_begun, false), failure)
        }
        Stop::Halted(_) => return None,
    })
}

#[cfg(all(test, feature = "durable"))]
mod tests {
    use super::*;
    use crate::outcome::{ErrorView, JsonForm};

    const TEXT: for<'e> fn(&'e u32) -> ErrorView<'e> = |error| ErrorView::Text(error);

    #[test]
    fn the_text_of_an_error_is_kept_as_before_and_the_error_beside_it() {
        for (journal, json) in [
            (JsonForm::none(), r#"{"error":{"message":"7","chain":[]}}"#),
            (
                JsonForm::json(),
                r#"{"error":{"message":"7","chain":[],"typed":"7"}}"#,
            ),
        ] {
            let kept = KeptFailure::of(&Failure::Error(7), TEXT, journal);
            assert_eq!(serde_json::to_string(&kept).unwrap(), json);
            assert_eq!(serde_json::from_str::<KeptFailure>(json).unwrap(), kept);
        }
    }

    #[test]
    fn a_failure_without_the_error_itself_is_text() {
        let json = r#"{"error":{"message":"7"}}"#;
        let kept: KeptFailure = serde_json::from_str(json).unwrap();
        let failure = kept.into_failure(JsonForm::<u32>::json());
        assert!(matches!(failure, Failure::Recorded(text) if text.message == "7"));
    }

    #[test]
    fn text_that_was_recorded_before_is_no_error() {
        let recorded = Failure::Recorded(Box::new(ErrorText::new("7")));
        let kept = KeptFailure::of(&recorded, TEXT, JsonForm::json());
        let failure = kept.into_failure(JsonForm::<u32>::json());
        assert!(matches!(failure, Failure::Recorded(_)));
    }
}
