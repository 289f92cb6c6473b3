//! Why a step gave up: typed where its type is known, and otherwise as text.

use core::error::Error;
use core::fmt;
use core::time::Duration;

use crate::outcome::FailureKind;
use crate::util::foreign::{self, LONGEST, Line};
use crate::util::panics;

/// Why an attempt did not complete: the last attempt of a step that gave up.
///
/// Each variant of a generated error enum that stands for a step holds one, with the error type of that step.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure<E> {
    /// The method returned this error.
    Error(E),
    /// The attempt exceeded the time limit of its policy, which is this long. Its future was dropped, so it may have
    /// taken effect.
    TimedOut(Duration),
    /// The method panicked, so it may have taken effect. This is the message of the panic.
    Panicked(String),
    /// The process ended while the attempt was in flight, so it may have taken effect.
    Interrupted,
    /// The method returned an error of which only the text is known: the error itself was not recorded, or can no
    /// longer be read. The method ran in an earlier process, or in this one if the outcome was taken before.
    ///
    /// An engine (feature `durable`) records the error itself if its type is `Serialize` and `Deserialize` and if the
    /// value that is read back has the same text as the one that was written. Every handle then returns
    /// [`Failure::Error`], in every process. A handler of a saga that an engine runs should match both variants.
    Recorded(Box<ErrorText>),
    /// No attempt, or no further one, could begin, for this reason. If the number of attempts is 0, nothing took
    /// effect.
    NotStarted(Box<str>),
}

impl<E> Failure<E> {
    /// The same, with a view of the error in its place.
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

    /// The same, with the error mapped by `f`.
    ///
    /// # Errors
    ///
    /// The error of `f`.
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

    /// Converts the failure to text and drops the error.
    pub fn into_text(self, view: for<'e> fn(&'e E) -> ErrorView<'e>) -> ErrorText {
        let text = self.view(view).text();
        panics::discard(self);
        text
    }
}

impl<'e> Failure<ErrorView<'e>> {
    /// The failure as text.
    ///
    /// If the `Display` of the error panics, the text says so.
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

    /// The source of the error.
    #[must_use]
    pub fn source(&self) -> Option<&'e (dyn Error + 'static)> {
        match self {
            Self::Error(error) => error.source(),
            _ => None,
        }
    }
}

/// An error as text, for where its type cannot be kept.
///
/// A message or source longer than 64 KiB is cut, with a note at its end: `… (cut: 1234567 bytes in all)`.
///
/// `Display` writes the message in one line, with control characters and line breaks escaped: `\n`, `\u{1b}`. The
/// fields have the unescaped texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ErrorText {
    /// The `Display` of the error.
    pub message: String,
    /// The `Display` of each of its sources, the nearest first.
    pub chain: Vec<String>,
}

/// The largest number of sources that are kept of an error.
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

    /// The texts of an error and its sources. Each call runs user code and is guarded by itself, so a panic replaces
    /// only one text.
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
        // A chain that contains itself has no end.
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

/// The error of a step, whatever its type.
///
/// `Display` writes what the `Display` of the error writes, unescaped. `Debug` writes the same in one line, escaped.
#[derive(Clone, Copy)]
pub enum ErrorView<'e> {
    /// A [`std::error::Error`], which may have a source.
    Error(&'e (dyn Error + 'e)),
    /// A value that is not an error itself but converts to one: `anyhow::Error`, `Box<dyn Error + Send + Sync>`.
    Leads(
        &'e (dyn fmt::Display + 'e),
        &'e (dyn AsRef<dyn Error + Send + Sync> + 'e),
    ),
    /// A value that only has a `Display`.
    Text(&'e (dyn fmt::Display + 'e)),
    /// A recorded text, with its chain.
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

    /// An error that is its own source.
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
