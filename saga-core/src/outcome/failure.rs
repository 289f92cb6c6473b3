//! Why a step gave up, typed while its type is at hand and as text where it cannot be.

use core::error::Error;
use core::fmt;
use core::time::Duration;

use crate::outcome::FailureKind;
use crate::util::foreign::{self, LONGEST, Line};
use crate::util::panics;

/// Why an attempt did not complete: the last attempt of a step that gave up.
///
/// The variants of a generated error enum hold one each, with the error type of that step.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure<E> {
    /// The method returned this error.
    Error(E),
    /// The attempt took longer than its policy allows, which is this long. It was dropped where
    /// it was, so it may have taken effect.
    TimedOut(Duration),
    /// The method panicked with this message, so it may have taken effect.
    Panicked(String),
    /// The process ended while the attempt was in flight, so it may have taken effect.
    Interrupted,
    /// The method returned an error, of which this text was recorded and the error itself was not, or cannot be
    /// read any more: in an earlier life of the process, or in this one if the outcome was taken before.
    ///
    /// An engine (feature `durable`) keeps the error itself where its type is `Serialize` and `Deserialize`, and
    /// where what is read has the same text as what was written. Every handle has [`Failure::Error`] then, in every
    /// life. A handler of a saga that an engine runs has an arm for both.
    Recorded(Box<ErrorText>),
    /// No attempt, or no further one, could be begun, for this reason. Where none was made, which the
    /// number of attempts says, nothing took effect.
    NotStarted(Box<str>),
}

impl<E> Failure<E> {
    /// The same with what can be told of the error in its place.
    pub fn view<'e>(&'e self, view: fn(&'e E) -> ErrorView<'e>) -> Failure<ErrorView<'e>> {
        match self {
            Self::Error(error) => Failure::Error(view(error)),
            Self::TimedOut(limit) => Failure::TimedOut(*limit),
            Self::Panicked(message) => Failure::Panicked(message.clone()),
            Self::Interrupted => Failure::Interrupted,
            Self::Recorded(text) => Failure::Recorded(text.clone()),
            Self::NotStarted(reason) => Failure::NotStarted(reason.clone()),
        }
    }

    /// The same with what `f` makes of the error in its place.
    ///
    /// # Errors
    ///
    /// That of `f`.
    pub fn try_map<F, X>(self, f: impl FnOnce(E) -> Result<F, X>) -> Result<Failure<F>, X> {
        Ok(match self {
            Self::Error(error) => Failure::Error(f(error)?),
            Self::TimedOut(limit) => Failure::TimedOut(limit),
            Self::Panicked(message) => Failure::Panicked(message),
            Self::Interrupted => Failure::Interrupted,
            Self::Recorded(text) => Failure::Recorded(text),
            Self::NotStarted(reason) => Failure::NotStarted(reason),
        })
    }

    pub(crate) const fn kind(&self) -> FailureKind {
        match self {
            Self::Error(_) => FailureKind::Error,
            Self::TimedOut(_) => FailureKind::TimedOut,
            Self::Panicked(_) => FailureKind::Panicked,
            Self::Interrupted => FailureKind::Interrupted,
            Self::Recorded(_) => FailureKind::Recorded,
            Self::NotStarted(_) => FailureKind::NotStarted,
        }
    }

    /// The failure as text, in its place: the error is dropped.
    pub fn into_text(self, view: for<'e> fn(&'e E) -> ErrorView<'e>) -> ErrorText {
        let text = self.view(view).text();
        panics::discard(self);
        text
    }
}

impl<'e> Failure<ErrorView<'e>> {
    /// The failure as text.
    ///
    /// A `Display` that panics does not make this panic: the text says so instead.
    #[must_use]
    pub fn text(self) -> ErrorText {
        match self {
            Self::Error(error) => ErrorText::of(error),
            Self::TimedOut(limit) => ErrorText::new(format!("timed out after {limit:?}")),
            Self::Panicked(message) => ErrorText::new(format!("panicked: {message}")),
            Self::Interrupted => ErrorText::new("interrupted: the process ended meanwhile"),
            Self::Recorded(text) => *text,
            Self::NotStarted(reason) => ErrorText::new(format!("not started: {reason}")),
        }
    }

    /// What the error says it was caused by.
    #[must_use]
    pub fn source(&self) -> Option<&'e (dyn Error + 'static)> {
        match self {
            Self::Error(error) => error.source(),
            _ => None,
        }
    }
}

/// An error as text: what is kept of one where its type cannot be.
///
/// Of a message or a source that is longer than 64 KiB the beginning is kept, and words that say so: `… (cut:
/// 1234567 bytes in all)`.
///
/// `Display` is the message in one line, with control characters and line breaks escaped: `\n`, `\u{1b}`. The
/// fields have the texts as they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ErrorText {
    /// What its `Display` wrote.
    pub message: String,
    /// What its sources wrote, the nearest first.
    pub chain: Vec<String>,
}

/// How many sources of an error are kept.
const LONGEST_CHAIN: usize = 64;

impl ErrorText {
    /// An error without sources.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: foreign::kept(message.into(), LONGEST),
            chain: Vec::new(),
        }
    }

    /// The same with these sources, the nearest first.
    #[must_use]
    pub fn with_chain(self, chain: Vec<String>) -> Self {
        let chain = chain.into_iter();
        Self {
            chain: chain.map(|source| foreign::kept(source, LONGEST)).collect(),
            ..self
        }
    }

    /// What an error and its sources write. All of it runs the user's code, so each is guarded by
    /// itself: one that panics costs its own place only.
    fn of(error: ErrorView<'_>) -> Self {
        if let ErrorView::Recorded(text) = error {
            return text.clone();
        }
        let written = |error: &dyn fmt::Display| match panics::catch(|| foreign::kept_of(error)) {
            Ok(Ok(text)) => text,
            Ok(Err(fmt::Error)) => "(its Display failed)".to_owned(),
            Err(panic) => format!("(its Display panicked: {panic})"),
        };
        let mut chain = Vec::new();
        let mut source = panics::catch(|| error.source());
        // A chain that leads back to itself has no end.
        while chain.len() < LONGEST_CHAIN {
            match source {
                Ok(None) => break,
                Ok(Some(error)) => {
                    chain.push(written(&error));
                    source = panics::catch(|| error.source());
                }
                Err(panic) => {
                    chain.push(format!("(its source panicked: {panic})"));
                    break;
                }
            }
        }
        Self {
            message: written(&error),
            chain,
        }
    }
}

impl fmt::Display for ErrorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Line(self.message.trim()).fmt(f)
    }
}

/// An error of a step, whatever its type.
///
/// `Display` is what the error itself writes, as it is; `Debug` the same in one line, escaped.
#[derive(Clone, Copy)]
pub enum ErrorView<'e> {
    /// One that may say what caused it.
    Error(&'e (dyn Error + 'e)),
    /// One that is no error itself, and leads to one: `anyhow::Error`, `Box<dyn Error + Send + Sync>`.
    Leads(
        &'e (dyn fmt::Display + 'e),
        &'e (dyn AsRef<dyn Error + Send + Sync> + 'e),
    ),
    /// One that is only text.
    Text(&'e (dyn fmt::Display + 'e)),
    /// One that is text already, with its chain.
    Recorded(&'e ErrorText),
}

impl<'e> ErrorView<'e> {
    fn source(self) -> Option<&'e (dyn Error + 'static)> {
        match self {
            Self::Error(error) => error.source(),
            Self::Leads(_, error) => error.as_ref().source(),
            Self::Text(_) | Self::Recorded(_) => None,
        }
    }
}

impl fmt::Debug for ErrorView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Line(self), f)
    }
}

impl fmt::Display for ErrorView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => fmt::Display::fmt(error, f),
            Self::Leads(text, _) | Self::Text(text) => fmt::Display::fmt(text, f),
            Self::Recorded(text) => f.write_str(&text.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says that it was caused by itself.
    #[derive(Debug)]
    struct Endless;

    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("round and round")
        }
    }

    impl Error for Endless {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&Self)
        }
    }

    #[test]
    fn of_a_chain_that_leads_back_to_itself_64_sources_are_kept() {
        let text = Failure::Error(ErrorView::Error(&Endless)).text();
        assert_eq!(text.message, "round and round");
        assert_eq!(text.chain, ["round and round"; 64]);
    }

    #[test]
    fn a_text_has_the_chain_that_it_is_given() {
        let text = ErrorText::new("no boat").with_chain(vec!["it sank".to_owned()]);
        assert_eq!(text.message, "no boat");
        assert_eq!(text.chain, ["it sank"]);
    }

    #[test]
    fn the_view_of_an_error_is_its_text_also_as_debug() {
        assert_eq!(
            format!("{:?}", ErrorView::Error(&Endless)),
            "round and round"
        );
    }
}
