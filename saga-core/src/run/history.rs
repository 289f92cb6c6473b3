//! What a run remembers of the attempts of a call beyond the life of the process: for an executor with a
//! journal, told by whoever makes the attempts.
//!
//! Knows nothing of where that is kept. A run in memory has none of it.
#![cfg_attr(
    not(feature = "durable"),
    expect(dead_code, reason = "only runs over a journal remember")
)]

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

use crate::outcome::{Cancellation, ErrorText, ErrorView, Failure, GaveUp, JsonForm, Stop};
use crate::run::Call;

/// Ready when it is remembered.
pub(crate) type Written = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What remembers.
pub(crate) trait Memory: Send + Sync + fmt::Debug {
    /// Where a call goes on that was begun in an earlier life of the process.
    fn resumed(&self, call: Call<'_>) -> Option<Resumed>;

    /// How it ended then: of a step that runs a saga, whose attempts are made again out of what is remembered
    /// of that saga.
    fn ended_before(&self, call: Call<'_>) -> Option<EndedBefore>;

    /// What the condition of a step said then, if it said something.
    fn answered(&self, call: Call<'_>) -> Option<bool>;

    /// An attempt failed, and another is waited for.
    fn waits(&self, call: Call<'_>, retry: Retry) -> Written;

    /// Ready when there is a place for the next attempt of a call that waited.
    fn has_place(&self) -> Written;

    /// This attempt begins: the wait for it is over, or the condition of the step has said yes.
    fn begins(&self, call: Call<'_>, attempt: u32) -> Written;
}

/// Where a call goes on.
#[derive(Debug)]
pub(crate) struct Resumed {
    /// The attempt that is in flight, or waited for, counted from 1.
    pub(crate) attempt: u32,
    /// Whether the step may have taken effect already.
    pub(crate) in_doubt: bool,
    /// How long the next attempt still waits, if it does.
    pub(crate) wait: Option<Duration>,
    /// What the last attempt failed with, if the next one waits.
    pub(crate) failure: Option<KeptFailure>,
}

/// How a call ended that did not complete.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EndedBefore {
    /// How many attempts were made.
    pub(crate) attempts: u32,
    /// Whether any of them may have taken effect.
    pub(crate) in_doubt: bool,
    /// Whether that is because the run was ended from outside.
    pub(crate) cancelled: Option<Cancellation>,
}

/// Another attempt that is waited for.
#[derive(Debug)]
pub(crate) struct Retry {
    /// Which, counted from 1.
    pub(crate) attempt: u32,
    /// Whether any before it may have taken effect.
    pub(crate) in_doubt: bool,
    /// What the last one failed with.
    pub(crate) failure: KeptFailure,
    /// For how long, if at all.
    pub(crate) wait: Option<Duration>,
}

/// A failure as it is kept, whatever its type.
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
        // The error itself, where it is read again as one of the same text. JSON in a string, for `null` is an
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
    /// Texts and numbers, which can always be written.
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
            told @ (Failure::Error(_) | Failure::Recorded(_)) => {
                let text = told.text();
                let typed = match failure {
                    Failure::Error(error) => journal.kept(error, &text, view),
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

    /// The failure as every later life of the process has it: with the error itself, where it was kept and can be
    /// read.
    pub(crate) fn again<E>(self, journal: JsonForm<E>) -> Failure<E> {
        match self {
            Self::Error {
                message,
                chain,
                typed,
            } => match typed.and_then(|typed| journal.again(&typed)) {
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
    pub(crate) fn of<F>(gave_up: &GaveUp<F>, cancelled: Option<Cancellation>) -> Self {
        Self {
            attempts: gave_up.attempts,
            in_doubt: gave_up.in_doubt,
            cancelled,
        }
    }
}

/// How a call ended that stopped, and why, in a form that can be kept; none of a halt, which is no end.
pub(crate) fn kept_of<E, H>(
    stop: &Stop<Failure<E>, H>,
    view: for<'e> fn(&'e E) -> ErrorView<'e>,
    journal: JsonForm<E>,
) -> Option<(EndedBefore, KeptFailure)> {
    let (gave_up, cancelled) = match stop {
        Stop::GaveUp(gave_up) => (Some(gave_up), None),
        Stop::Cancelled(why, gave_up) => (gave_up.as_ref(), Some(*why)),
        Stop::Halted(_) => return None,
    };
    Some(match gave_up {
        Some(gave_up) => {
            let failure = KeptFailure::of(&gave_up.failure, view, journal);
            (EndedBefore::of(gave_up, cancelled), failure)
        }
        None => {
            let not_begun = GaveUp::new((), 0, false);
            let failure = KeptFailure::NotStarted("cancelled".into());
            (EndedBefore::of(&not_begun, cancelled), failure)
        }
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
        let again = kept.again(JsonForm::<u32>::json());
        assert!(matches!(again, Failure::Recorded(text) if text.message == "7"));
    }

    #[test]
    fn text_that_was_recorded_before_is_no_error() {
        let recorded = Failure::Recorded(Box::new(ErrorText::new("7")));
        let kept = KeptFailure::of(&recorded, TEXT, JsonForm::json());
        let again = kept.again(JsonForm::<u32>::json());
        assert!(matches!(again, Failure::Recorded(_)));
    }
}
