//! Advice: what a user most likely intended.
//!
//! Known misspellings are rows of a table; a distance between names covers all others. This module does not
//! decide that something is wrong, and does not know how options are read.

use core::cmp::Reverse;

use proc_macro2::TokenStream;
use syn::parse::Parse;
use syn::{Ident, LitInt, LitStr, Path};

use crate::util::spelling::spelled;

/// A list of options.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `#[saga(..)]`
    Saga,
    /// `#[step(..)]`
    Step,
    /// `#[compensation(..)]`
    Compensation,
    /// `compensation(..)` in `#[saga(..)]`
    EveryCompensation,
    /// `retry(..)`, in any of them
    Retry,
}

impl Place {
    /// The attribute or option, as messages show it.
    pub(crate) fn shown(self) -> &'static str {
        match self {
            Self::Saga => "#[saga]",
            Self::Step => "#[step]",
            Self::Compensation => "#[compensation]",
            Self::EveryCompensation => "compensation(..)",
            Self::Retry => "retry(..)",
        }
    }
}

/// The text to write in place of an unknown option.
enum Advice {
    /// This option, with the same value, followed by this text.
    Option(&'static str, &'static str),
    /// This text.
    Text(&'static str),
    /// `attempts`, which counts the first attempt too.
    Attempts,
    /// `backoff`, which is the first wait and the longest.
    Backoff,
    /// The same option inside of `retry(..)`.
    InRetry,
    /// The same option on the steps, with this value.
    OnSteps(&'static str),
}

/// A row of the table: in these places, users write these names for something else.
struct Row(&'static [Place], &'static [&'static str], Advice);

const SAGA: &[Place] = &[Place::Saga];
const STEP: &[Place] = &[Place::Step];
const RETRY: &[Place] = &[Place::Retry];

/// The places that have a `retry(..)`.
const WITH_RETRY: &[Place] = &[
    Place::Saga,
    Place::Step,
    Place::Compensation,
    Place::EveryCompensation,
];

/// All places.
const ANYWHERE: &[Place] = &[
    Place::Saga,
    Place::Step,
    Place::Compensation,
    Place::EveryCompensation,
    Place::Retry,
];

/// The names that other libraries use for the attempts after the first.
pub(crate) const REPETITIONS: &[&str] = &["retries", "max_retries"];

/// The options of `retry(..)`, which users write beside it.
const RETRY_OPTIONS: &[&str] = &["attempts", "backoff", "when"];

/// Known misspellings. The first row that matches decides.
const MISSPELLINGS: &[Row] = &[
    Row(ANYWHERE, REPETITIONS, Advice::Attempts),
    Row(
        RETRY,
        &["min_backoff", "max_backoff", "delay"],
        Advice::Backoff,
    ),
    Row(WITH_RETRY, RETRY_OPTIONS, Advice::InRetry),
    Row(STEP, &["nested", "run", "runs"], Advice::Option("saga", "")),
    Row(STEP, &["service"], Advice::Option("on", "")),
    Row(
        STEP,
        &["group", "concurrent", "together"],
        Advice::Option("parallel", ""),
    ),
    Row(
        STEP,
        &["condition", "if", "run_if", "run_when"],
        Advice::Option("only_if", ""),
    ),
    Row(STEP, &["once"], Advice::Option("at_most_once", "")),
    Row(
        STEP,
        &["undo", "rollback", "undo_with", "compensated_by"],
        Advice::Option("compensate", ""),
    ),
    Row(
        STEP,
        &["deadline"],
        Advice::Option(
            "timeout",
            ", the limit of one attempt; a deadline is the saga's: `#[saga(deadline = \"30s\")]`",
        ),
    ),
    Row(
        STEP,
        &["input"],
        Advice::Text(
            ": remove it; the input of a saga that the step runs is what its method returns, and that of \
             this saga is set in `#[saga(input = ..)]`",
        ),
    ),
    Row(
        STEP,
        &["skip_if", "unless"],
        Advice::Text(
            "; write `only_if = method`, which is true when the step runs, not when it is skipped",
        ),
    ),
    Row(SAGA, &["parallel", "only_if"], Advice::OnSteps(" = ..")),
    Row(SAGA, &["at_most_once"], Advice::OnSteps("")),
    Row(
        SAGA,
        &["pub"],
        Advice::Text("; write `vis = pub`, or `vis = pub(crate)`"),
    ),
];

/// Returns the advice for a known misspelling of an option.
fn misspelling(place: Place, written: &str) -> Option<&'static Advice> {
    let fits = |Row(places, names, _): &&Row| places.contains(&place) && names.contains(&written);
    MISSPELLINGS
        .iter()
        .find(fits)
        .map(|Row(_, _, advice)| advice)
}

/// Returns the option that an unknown one most likely stands for.
pub(crate) fn intended_option(
    place: Place,
    written: &str,
    known: &[&'static str],
) -> Option<&'static str> {
    match misspelling(place, written) {
        Some(Advice::Option(intended, _)) => Some(intended),
        _ => similar(written, known.iter().copied()),
    }
}

/// Whether an unknown option is known to stand for something else than one option of the same place.
pub(crate) fn is_known_misspelling(place: Place, written: &str) -> bool {
    misspelling(place, written).is_some()
}

/// An option that its place does not have.
pub(crate) struct UnknownOption<'a> {
    pub(crate) place: Place,
    pub(crate) key: &'a str,
    /// The tokens after its `=`.
    pub(crate) value: Option<&'a TokenStream>,
    /// The options of the place.
    pub(crate) known: &'a [&'static str],
    /// Whether at most `retry(..)` stands beside it.
    pub(crate) is_alone: bool,
    /// The options in the `retry(..)` that it stands in or beside.
    pub(crate) in_retry: &'a [&'static str],
}

impl UnknownOption<'_> {
    /// Returns the advice, which follows the statement of the mistake.
    pub(crate) fn advice(&self) -> String {
        match misspelling(self.place, self.key) {
            Some(Advice::Option(intended, note)) => {
                let form = match self.value {
                    Some(value) => format!("{intended} = {}", spelled(value)),
                    None if *intended == "at_most_once" => (*intended).to_owned(),
                    None => format!("{intended} = .."),
                };
                format!("; write `{form}`{note}")
            }
            Some(Advice::Text(text)) => (*text).to_owned(),
            Some(Advice::Attempts) => self.attempts(),
            Some(Advice::Backoff) => self.backoff(),
            Some(Advice::InRetry) => self.inside_of_retry(),
            Some(Advice::OnSteps(value)) => format!(
                ": write `#[step({}{value})]` on the intended steps",
                self.key
            ),
            None => self.options(),
        }
    }

    fn value_or(&self, otherwise: &str) -> String {
        self.value.map_or_else(|| otherwise.to_owned(), spelled)
    }

    fn attempts(&self) -> String {
        let key = self.key;
        if self.in_retry.contains(&"attempts") {
            return format!(
                "; the number of attempts is already in `retry(attempts = ..)`: remove `{key}`"
            );
        }
        let repetitions = self
            .value
            .and_then(|value| syn::parse2::<LitInt>(value.clone()).ok());
        let repetitions = repetitions.and_then(|number| number.base10_parse::<u32>().ok());
        let attempts = repetitions.and_then(|number| number.checked_add(1));
        let attempts = format!("attempts = {}", attempts.unwrap_or(4));
        let form = if self.place == Place::Retry {
            attempts
        } else {
            self.retry_with(&attempts)
        };
        format!("; write `{form}`: the first attempt counts too")
    }

    fn backoff(&self) -> String {
        if self.in_retry.contains(&"backoff") {
            return format!(
                "; the first wait and the longest are already in `backoff = ..`: remove `{}`",
                self.key
            );
        }
        "; write `backoff = \"100ms..1s\"`, the first wait and the longest".to_owned()
    }

    fn inside_of_retry(&self) -> String {
        let key = self.key;
        if self.in_retry.contains(&key) {
            return format!(", and `retry(..)` has it already: remove `{key}`");
        }
        let value = self.value_or("..");
        let retry = self.retry_with(&format!("{key} = {value}"));
        let condition = if key == "when" && self.place == Place::Step {
            format!(", or `only_if = {value}` if it decides whether the step runs")
        } else {
            String::new()
        };
        let others = if self.is_alone { "" } else { ".., " };
        let place = self.place.shown();
        let form = match place.strip_suffix(']') {
            Some(attribute) => format!("{attribute}({others}{retry})]"),
            None => place.replace("..", &format!("{others}{retry}")),
        };
        format!(": write `{form}`{condition}")
    }

    /// `retry(..)` with this option added.
    fn retry_with(&self, option: &str) -> String {
        let others = if self.in_retry.is_empty() { "" } else { ".., " };
        format!("retry({others}{option})")
    }

    /// The similar option, or all of them.
    fn options(&self) -> String {
        let listed: Vec<_> = self.known.iter().map(|key| format!("`{key}`")).collect();
        let listed = listed.join(", ");
        match similar(self.key, self.known.iter().copied()) {
            Some(intended) => format!("; did you mean `{intended}`? The options are {listed}"),
            None => format!("; it has {listed}"),
        }
    }
}

/// Returns the name in a string or at the end of a path, and what to leave out: the quotes or the path.
pub(crate) fn bare_name<T: Parse>(value: &TokenStream) -> Option<(String, &'static str)> {
    let (name, without) = if let Ok(text) = syn::parse2::<LitStr>(value.clone()) {
        (text.value(), "quotes")
    } else {
        let path = syn::parse2::<Path>(value.clone()).ok()?;
        let last = path
            .segments
            .last()
            .filter(|last| last.arguments.is_none())?;
        (last.ident.to_string(), "a path")
    };
    let is_name = syn::parse_str::<Ident>(&name).is_ok() && syn::parse_str::<T>(&name).is_ok();
    is_name.then_some((name, without))
}

/// Returns the name that `written` most likely stands for, if one is close: at most two letters differ, one
/// is part of the other, or both have the same stem.
pub(crate) fn similar<N: AsRef<str>>(
    written: &str,
    names: impl IntoIterator<Item = N>,
) -> Option<N> {
    let stem = |name: &str| {
        let pairs = written.chars().zip(name.chars());
        pairs.take_while(|(a, b)| a == b).count()
    };
    let is_close = |name: &&N| {
        let name = name.as_ref();
        let (shorter, longer) = if name.len() < written.len() {
            (name, written)
        } else {
            (written, name)
        };
        let slips = distance(written, name);
        // In a short name two letters are most of it.
        (slips <= 2 && slips * 2 <= shorter.len())
            || (shorter.len() >= 3 && longer.contains(shorter))
            || (name.len() >= 3 && stem(name) * 5 >= name.len() * 4)
    };
    let close = names.into_iter().filter(|name| is_close(&name));
    close.min_by_key(|name| {
        let name = name.as_ref();
        let differs = !name.starts_with(written) && !written.starts_with(name);
        (differs, distance(written, name), Reverse(stem(name)))
    })
}

/// The number of letters to insert, remove or change to turn one name into the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, a) in from.chars().enumerate() {
        let mut next = vec![index + 1];
        for ((b, above), &left_out) in to.chars().zip(row.windows(2)).zip(row.iter().skip(1)) {
            let changed = above.first().map_or(0, |cost| cost + usize::from(a != b));
            let put_in = next.last().map_or(changed, |cost| cost + 1);
            next.push(changed.min(put_in).min(left_out + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, similar};

    #[test]
    fn the_intended_name_is_found() {
        const OPTIONS: [&str; 9] = [
            "compensate",
            "readonly",
            "no_compensation",
            "pivot",
            "retry",
            "timeout",
            "in_doubt",
            "name",
            "sensitive",
        ];
        for (written, intended) in [
            ("pivto", Some("pivot")),
            ("retries", Some("retry")),
            ("read_only", Some("readonly")),
            ("compensation", Some("compensate")),
            ("no_compensate", Some("no_compensation")),
            ("time", Some("timeout")),
            ("doubt", Some("in_doubt")),
            ("step_name", Some("name")),
            ("delay", None),
            ("saga", None),
            ("x", None),
        ] {
            assert_eq!(similar(written, OPTIONS), intended, "{written}");
        }
        assert_eq!(similar("as", ["vis", "saga"]), None);
        // The beginning of a short name is most of it.
        assert_eq!(similar("onlyif", ["only_if", "on"]), Some("only_if"));
        assert_eq!(similar("once_more", ["on"]), None);
    }

    #[test]
    fn a_distance_is_counted_in_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("größe", "grosse"), 3);
        assert_eq!(distance("same", "same"), 0);
    }
}
