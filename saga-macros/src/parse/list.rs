//! Reads the options of an attribute: a list of `key`, `key = value` and `key(list)`.
//!
//! One small reader serves all attributes. Each takes the keys it knows; what is left over is
//! unknown, what comes twice is a duplicate.

use core::time::Duration;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Attribute, Ident, LitInt, LitStr, Meta, Path, Token};

use super::duration;
use super::options::Retry;
use crate::errors::Errors;
use crate::suggest::similar;
use crate::util::spelling::spelled;

/// A value and the key it was given under.
#[derive(Clone)]
pub(crate) struct Keyed<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// What `retry(..)` has, which is easily looked for beside it.
const RETRY_OPTIONS: [&str; 3] = ["attempts", "backoff", "when"];

/// What others call the attempts after the first.
const REPETITIONS: [&str; 2] = ["retries", "max_retries"];

/// What others call the first wait, the longest, or each.
const WAITS: [&str; 3] = ["min_backoff", "max_backoff", "delay"];

/// What was most likely meant as the value of an option.
pub(crate) enum Meant {
    Named(Ident),
    Unknown,
}

/// What others call an option of a step.
const STEP_SYNONYMS: [(&str, &str); 13] = [
    ("nested", "saga"),
    ("run", "saga"),
    ("runs", "saga"),
    ("service", "on"),
    ("group", "parallel"),
    ("concurrent", "parallel"),
    ("together", "parallel"),
    ("condition", "only_if"),
    ("if", "only_if"),
    ("run_if", "only_if"),
    ("run_when", "only_if"),
    ("once", "at_most_once"),
    ("deadline", "timeout"),
];

/// The entries of one list that nobody has asked for yet.
pub(super) struct List<'e> {
    /// The attribute, or the option in it.
    whose: &'static str,
    entries: Vec<Entry>,
    known: Vec<&'static str>,
    /// Those of the known that are there.
    given: Vec<&'static str>,
    /// The same of the list in `retry(..)`.
    given_in_retry: Vec<&'static str>,
    errors: &'e Errors,
}

struct Entry {
    key: Ident,
    value: Value,
}

enum Value {
    None,
    Equals(TokenStream),
    Arguments(TokenStream),
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let Ok(key) = input.call(Ident::parse_any) else {
            return Err(input.error(
                "an option begins with its name, without quotes: write it like `pivot` or \
                 `timeout = \"3s\"`",
            ));
        };
        let value = if input.parse::<Option<Token![=]>>()?.is_some() {
            let mut value = TokenStream::new();
            // A comma between the parameters of a type is one of its own.
            let mut open = 0_usize;
            while !input.is_empty() && (open > 0 || !input.peek(Token![,])) {
                let token = input.parse::<TokenTree>()?;
                match &token {
                    TokenTree::Punct(punct) if punct.as_char() == '<' => open += 1,
                    TokenTree::Punct(punct) if punct.as_char() == '>' => {
                        open = open.saturating_sub(1);
                    }
                    _ => {}
                }
                value.extend([token]);
            }
            Value::Equals(value)
        } else if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Value::Arguments(content.parse()?)
        } else {
            Value::None
        };
        Ok(Self { key, value })
    }
}

impl<'e> List<'e> {
    pub(super) fn of(attr: &Attribute, whose: &'static str, errors: &'e Errors) -> Self {
        let arguments = match &attr.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens.clone(),
            Meta::NameValue(pair) => {
                let options = match syn::parse2::<LitStr>(pair.value.to_token_stream()) {
                    Ok(quoted) => quoted.value(),
                    Err(_) => spelled(&pair.value),
                };
                let attribute = whose.trim_end_matches(']');
                let message = format!(
                    "the options of `{whose}` stand in parentheses: write `{attribute}({options})]`"
                );
                errors.at(pair, message);
                TokenStream::new()
            }
        };
        Self::read(whose, arguments, errors)
    }

    pub(super) fn read(whose: &'static str, arguments: TokenStream, errors: &'e Errors) -> Self {
        let parser = |input: ParseStream<'_>| {
            // Entry by entry: one that cannot be read does not take the others with it.
            let mut entries = Vec::new();
            while !input.is_empty() {
                entries.push(input.parse::<Entry>()?);
                if !input.is_empty() && input.parse::<Token![,]>().is_err() {
                    return Err(input.error(
                        "a comma is missing between two options: write `,` before this one",
                    ));
                }
            }
            Ok(entries)
        };
        let mut entries: Vec<Entry> = Vec::new();
        for entry in errors.ok(parser.parse2(arguments)).unwrap_or_default() {
            if entries.iter().any(|other| other.key == entry.key) {
                let key = &entry.key;
                errors.at(
                    key,
                    format!("`{key}` stands here twice: remove one of them"),
                );
            } else {
                entries.push(entry);
            }
        }
        Self {
            whose,
            entries,
            known: Vec::new(),
            given: Vec::new(),
            given_in_retry: Vec::new(),
            errors,
        }
    }

    /// The name that was meant as the value of `key`, where it is written in some other way: for what
    /// follows from it. `None` if nothing is there that could mean it.
    pub(super) fn meant(&self, key: &str) -> Option<Meant> {
        let is_meant = |entry: &&Entry| {
            let written = entry.key.to_string();
            written == key
                || STEP_SYNONYMS.contains(&(&*written, key))
                || (!self.known.contains(&&*written)
                    && similar(&written, self.known.iter().copied()) == Some(key))
        };
        let tokens = match &self.entries.iter().find(is_meant)?.value {
            Value::None => return Some(Meant::Unknown),
            Value::Equals(tokens) | Value::Arguments(tokens) => tokens.clone(),
        };
        let quoted = syn::parse2::<LitStr>(tokens.clone()).ok();
        let ident = match quoted {
            Some(quoted) => quoted.parse().ok(),
            None => syn::parse2(tokens).ok(),
        };
        Some(ident.map_or(Meant::Unknown, Meant::Named))
    }

    pub(super) fn has(&self, keys: &[&str]) -> bool {
        let is_one = |entry: &Entry| keys.iter().any(|key| entry.key == key);
        self.entries.iter().any(is_one)
    }

    fn take(&mut self, key: &'static str) -> Option<Entry> {
        self.known.push(key);
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        self.given.push(key);
        Some(self.entries.remove(index))
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Option<Ident> {
        let entry = self.take(key)?;
        if !matches!(entry.value, Value::None) {
            let message = format!("`{key}` takes no value: write `{key}` alone");
            self.errors.at(&entry.key, message);
        }
        Some(entry.key)
    }

    pub(super) fn keyed<T: Parse>(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Option<Keyed<T>> {
        let entry = self.take(key)?;
        let value = match entry.value {
            Value::Equals(value) if !value.is_empty() => value,
            _ => {
                self.errors
                    .at(&entry.key, format!("`{key}` needs {expected}"));
                return None;
            }
        };
        match syn::parse2(value.clone()) {
            Ok(value) => Some(Keyed {
                key: entry.key,
                value,
            }),
            Err(_) => {
                let message = match bare_name::<T>(&value) {
                    Some((name, without)) => {
                        format!("`{key}` needs a name without {without}: write `{key} = {name}`")
                    }
                    None => format!("`{key}` needs {expected}"),
                };
                self.errors.at(value, message);
                None
            }
        }
    }

    pub(super) fn value<T: Parse>(&mut self, key: &'static str, expected: &str) -> Option<T> {
        self.keyed(key, expected).map(|keyed| keyed.value)
    }

    /// What is in the parentheses of `key(..)`; what to write otherwise depends on what is there.
    pub(super) fn arguments(
        &mut self,
        key: &'static str,
        mended: impl FnOnce(Option<&TokenStream>) -> String,
    ) -> Option<TokenStream> {
        let entry = self.take(key)?;
        let value = match &entry.value {
            Value::Arguments(arguments) => return Some(arguments.clone()),
            Value::Equals(value) => Some(value),
            Value::None => None,
        };
        let message = format!(
            "`{key}` has its own options, in parentheses: write `{key}({})`",
            mended(value)
        );
        self.errors.at(&entry.key, message);
        None
    }

    /// A name goes into keys that are put together with `/`.
    pub(super) fn name(&mut self, example: &str) -> Option<LitStr> {
        let expected = format!("a text in quotes: write `name = \"{example}\"`");
        let name: LitStr = self.value("name", &expected)?;
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let text = name.value();
        if text.is_empty() || !text.chars().all(allowed) {
            let message = if text.is_empty() {
                format!("the name is empty: write `name = \"{example}\"`, or remove `name`")
            } else {
                let mended = text.replace(|c| !allowed(c), "-");
                format!(
                    "`{text}` cannot be a name in reports and idempotency keys, which has only \
                     letters, digits, `_`, `-` and `.`: write `name = \"{mended}\"`"
                )
            };
            self.errors.at(&name, message);
            return None;
        }
        Some(name)
    }

    pub(super) fn timeout(&mut self) -> Option<Duration> {
        self.duration("timeout", "3s")
    }

    pub(super) fn max_interruptions(&mut self) -> Option<Keyed<u32>> {
        let expected = "the number of crashes after which the call is still begun again: write `max_interruptions = 2`";
        let Keyed { key, value }: Keyed<LitInt> = self.keyed("max_interruptions", expected)?;
        match value.base10_parse() {
            Ok(value) => Some(Keyed { key, value }),
            Err(_) => {
                self.errors.at(
                    &value,
                    "`max_interruptions` is too large: write a whole number from 0 to 4294967295",
                );
                None
            }
        }
    }

    pub(super) fn duration(&mut self, key: &'static str, example: &str) -> Option<Duration> {
        let expected = format!("a duration in quotes: write `{key} = \"{example}\"`");
        let literal: LitStr = self.value(key, &expected)?;
        self.errors.ok(duration::duration(&literal))
    }

    pub(super) fn retry(&mut self) -> Option<Retry> {
        const FORM: &str = "attempts = 4, backoff = \"100ms..5s\"";
        let errors = self.errors;
        let key_span = self.span_of("retry");
        let arguments = self.arguments("retry", |value| {
            // `retry = 3` can only mean one thing.
            match value.and_then(|value| syn::parse2::<LitInt>(value.clone()).ok()) {
                Some(attempts) => format!("attempts = {attempts}"),
                None => FORM.to_owned(),
            }
        })?;
        let mut list = List::read("retry(..)", arguments, errors);
        let has_attempts = list.has(&["attempts"]);
        let attempts: Option<Keyed<LitInt>> =
            list.keyed("attempts", "a whole number: write `attempts = 4`");
        let backoff: Option<LitStr> = list.value(
            "backoff",
            "a range in quotes: write `backoff = \"100ms..5s\"`",
        );
        let when = list.keyed(
            "when",
            "the name of a function: write `when = is_transient`, and outside of the block \
             `fn is_transient(error: &Error) -> bool`",
        );
        // What is beside `retry(..)` and should be in it is told there.
        let is_beside = self.has(&["attempts"]) || self.has(&REPETITIONS);
        let complete = list.entries.is_empty() && !has_attempts && !is_beside;
        self.given_in_retry.clone_from(&list.given);
        list.finish();
        let attempts = match attempts {
            Some(Keyed { value, .. }) => match value.base10_parse::<u32>() {
                Ok(0) => {
                    let message = "`attempts` counts the first attempt too: write 1 for one \
                                   attempt, 2 for one repetition";
                    errors.at(&value, message);
                    1
                }
                Ok(attempts) => attempts,
                Err(_) => {
                    errors.at(
                        &value,
                        "`attempts` is too large: write a whole number from 1 to 4294967295",
                    );
                    1
                }
            },
            None => {
                if complete && let Some(span) = key_span {
                    let message = format!(
                        "`retry` does not say how often: write `attempts` too, as in `retry({FORM})`"
                    );
                    errors.at_span(span, message);
                }
                1
            }
        };
        let backoff = backoff.and_then(|literal| errors.ok(duration::range(&literal)));
        Some(Retry {
            attempts,
            backoff,
            when,
        })
    }

    fn span_of(&self, key: &str) -> Option<Span> {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        entry.map(|entry| entry.key.span())
    }

    /// Reports the entries that nobody asked for.
    pub(super) fn finish(self) {
        for Entry { key, value } in &self.entries {
            let mend = self.mend(&key.to_string(), value);
            let message = format!("`{}` has no option `{key}`{mend}", self.whose);
            self.errors.at(key, message);
        }
    }

    /// What to write in place of an option that there is not.
    fn mend(&self, key: &str, value: &Value) -> String {
        let is_retry = self.known.contains(&"attempts");
        let has_retry = self.known.contains(&"retry");
        let in_retry = if is_retry {
            &self.given
        } else {
            &self.given_in_retry
        };
        if (is_retry || has_retry) && REPETITIONS.contains(&key) {
            if in_retry.contains(&"attempts") {
                return format!(
                    "; the number of attempts is already in `retry(attempts = ..)`: remove `{key}`"
                );
            }
            let repetitions = match value {
                Value::Equals(value) => syn::parse2::<LitInt>(value.clone()).ok(),
                _ => None,
            };
            let repetitions = repetitions.and_then(|number| number.base10_parse::<u32>().ok());
            let attempts = repetitions.and_then(|number| number.checked_add(1));
            let attempts = format!("attempts = {}", attempts.unwrap_or(4));
            let form = if is_retry {
                attempts
            } else {
                self.retry_with(&attempts)
            };
            return format!("; write `{form}`: the first attempt counts too");
        }
        if is_retry && WAITS.contains(&key) {
            return if in_retry.contains(&"backoff") {
                format!(
                    "; the first wait and the longest are already in `backoff = ..`: remove `{key}`"
                )
            } else {
                "; write `backoff = \"100ms..1s\"`, the first wait and the longest".to_owned()
            };
        }
        if has_retry && RETRY_OPTIONS.contains(&key) {
            if in_retry.contains(&key) {
                return format!(", and `retry(..)` has it already: remove `{key}`");
            }
            let value = match value {
                Value::Equals(value) => spelled(value),
                _ => "..".to_owned(),
            };
            let retry = self.retry_with(&format!("{key} = {value}"));
            let condition = if key == "when" && !is_retry && self.known.contains(&"only_if") {
                format!(", or `only_if = {value}` if it says whether the step is to run")
            } else {
                String::new()
            };
            let is_alone = self.entries.len() == 1 && self.given.iter().all(|key| *key == "retry");
            let others = if is_alone { "" } else { ".., " };
            let form = match self.whose.strip_suffix(']') {
                Some(attribute) => format!("{attribute}({others}{retry})]"),
                None => self.whose.replace("..", &format!("{others}{retry}")),
            };
            return format!(": write `{form}`{condition}");
        }
        if let Some(mend) = self.other_name(key, value) {
            return mend;
        }
        if key == "pub" && self.known.contains(&"vis") {
            return "; write `vis = pub`, or `vis = pub(crate)`".to_owned();
        }
        let listed: Vec<_> = self.known.iter().map(|key| format!("`{key}`")).collect();
        let listed = listed.join(", ");
        match similar(key, self.known.iter().copied()) {
            Some(meant) => format!("; did you mean `{meant}`? The options are {listed}"),
            None => format!("; it has {listed}"),
        }
    }

    /// What to write for what others call an option, or have elsewhere.
    fn other_name(&self, key: &str, value: &Value) -> Option<String> {
        let is_step = self.known.contains(&"only_if");
        let synonym = STEP_SYNONYMS.iter().find(|(other, _)| *other == key);
        if is_step && let Some((_, meant)) = synonym {
            let form = match value {
                Value::Equals(value) => format!("{meant} = {}", spelled(value)),
                _ if *meant == "at_most_once" => (*meant).to_owned(),
                _ => format!("{meant} = .."),
            };
            let limit = if key == "deadline" {
                ", the limit of one attempt; a deadline is the saga's: `#[saga(deadline = \"30s\")]`"
            } else {
                ""
            };
            return Some(format!("; write `{form}`{limit}"));
        }
        if is_step && key == "input" {
            let mend = ": remove it; the input of a saga that the step runs is what its method returns, and \
                        that of this saga is said in `#[saga(input = ..)]`";
            return Some(mend.to_owned());
        }
        if is_step && matches!(key, "skip_if" | "unless") {
            let mend = "; write `only_if = method`, which says when the step is run, not when it is skipped";
            return Some(mend.to_owned());
        }
        if key == "timeout" && self.known.contains(&"deadline") {
            let value = match value {
                Value::Equals(value) => spelled(value),
                _ => "\"30s\"".to_owned(),
            };
            return Some(format!(
                "; write `deadline = {value}` for the whole run, or `timeout` in the `#[step(..)]` \
                 whose attempts it limits"
            ));
        }
        if self.known.contains(&"deadline")
            && matches!(key, "parallel" | "only_if" | "at_most_once")
        {
            let form = if key == "at_most_once" { "" } else { " = .." };
            return Some(format!(
                ": write `#[step({key}{form})]` on the steps that are meant"
            ));
        }
        None
    }

    /// `retry(..)` with an option more than it has.
    fn retry_with(&self, option: &str) -> String {
        let others = if self.given_in_retry.is_empty() {
            ""
        } else {
            ".., "
        };
        format!("retry({others}{option})")
    }
}

/// The name that is meant by one in quotes, or by a path to it, and what is too much about that.
fn bare_name<T: Parse>(value: &TokenStream) -> Option<(String, &'static str)> {
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
