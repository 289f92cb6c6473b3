//! Reads the options of an attribute: a list of `key`, `key = value` and `key(list)`.
//!
//! One small reader serves all attributes. The caller takes the keys it knows. What is left over is unknown,
//! and a key that comes twice is a duplicate.

use core::time::Duration;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Attribute, Ident, LitInt, LitStr, Meta, Token};

use super::duration;
use super::read::{Keyed, Read};
use crate::errors::Errors;
use crate::suggest::{Place, UnknownOption, bare_name, intended_option, is_known_misspelling};
use crate::util::spelling::spelled;

/// The entries of one list that the caller has not taken yet.
pub(super) struct List<'e> {
    place: Place,
    entries: Vec<Entry>,
    known: Vec<&'static str>,
    /// The known keys that are present.
    given: Vec<&'static str>,
    /// The keys that are present in its `retry(..)`.
    given_in_retry: Vec<&'static str>,
    /// Whether some entries could not be read.
    is_torn: bool,
    pub(super) errors: &'e Errors,
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

impl Value {
    /// The single name in the value, with or without quotes or parentheses.
    fn name(&self) -> Option<Ident> {
        let tokens = match self {
            Self::None => return None,
            Self::Equals(tokens) | Self::Arguments(tokens) => tokens,
        };
        match syn::parse2::<LitStr>(tokens.clone()) {
            Ok(quoted) => quoted.parse().ok(),
            Err(_) => syn::parse2(tokens.clone()).ok(),
        }
    }
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
            // A comma between the parameters of a type does not end the value.
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

/// Reads one entry, up to the comma after it.
fn entry(input: ParseStream<'_>) -> syn::Result<Entry> {
    let entry: Entry = input.parse()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(entry);
    }
    let key = &entry.key;
    let error = if input.peek(Token![:]) || input.peek(syn::Lit) {
        let ahead = input.fork();
        let colon = ahead.parse::<Option<Token![:]>>()?;
        let instead = colon.map_or("", |_| " in place of `:`");
        let value: TokenTree = ahead.parse()?;
        format!(
            "the value of `{key}` stands after `=`: write `{key} = {}`{instead}",
            spelled(value)
        )
    } else {
        format!(
            "a comma is missing between two options: write `,` before this one, or `=` if it is the value \
             of `{key}`"
        )
    };
    Err(input.error(error))
}

impl<'e> List<'e> {
    pub(super) fn of(attr: &Attribute, place: Place, errors: &'e Errors) -> Self {
        let arguments = match &attr.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens.clone(),
            Meta::NameValue(pair) => {
                let options = match syn::parse2::<LitStr>(pair.value.to_token_stream()) {
                    Ok(quoted) => quoted.value(),
                    Err(_) => spelled(&pair.value),
                };
                let shown = place.shown();
                let attribute = shown.trim_end_matches(']');
                let message = format!(
                    "the options of `{shown}` belong in parentheses: write `{attribute}({options})]`"
                );
                errors.at(pair, message);
                TokenStream::new()
            }
        };
        Self::read(place, arguments, errors)
    }

    pub(super) fn read(place: Place, arguments: TokenStream, errors: &'e Errors) -> Self {
        let mut is_torn = false;
        let parser = |input: ParseStream<'_>| {
            // Each entry is parsed by itself, so that a wrong one does not hide the others.
            let mut entries = Vec::new();
            while !input.is_empty() {
                match entry(input) {
                    Ok(entry) => entries.push(entry),
                    Err(error) => {
                        is_torn = true;
                        errors.at_span(error.span(), error);
                        while !input.is_empty() && !input.peek(Token![,]) {
                            input.parse::<TokenTree>()?;
                        }
                    }
                }
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(entries)
        };
        let mut entries: Vec<Entry> = Vec::new();
        for entry in errors.ok(parser.parse2(arguments)).unwrap_or_default() {
            if entries.iter().any(|other| other.key == entry.key) {
                let key = &entry.key;
                errors.at(key, format!("`{key}` appears twice: remove one of them"));
            } else {
                entries.push(entry);
            }
        }
        Self {
            place,
            entries,
            known: Vec::new(),
            given: Vec::new(),
            given_in_retry: Vec::new(),
            is_torn,
            errors,
        }
    }

    /// Returns the intended value of `key` from an entry whose key is misspelled.
    pub(super) fn misspelled<T>(&self, key: &str) -> Option<Read<T>> {
        let entry = self.misspelling_of(key)?;
        Some(Read::Wrong(entry.value.name()))
    }

    /// Returns the value of `key` from an entry whose key is misspelled.
    pub(super) fn misspelled_value<T: Parse>(&self, key: &str) -> Option<T> {
        match &self.misspelling_of(key)?.value {
            Value::Equals(value) => syn::parse2(value.clone()).ok(),
            _ => None,
        }
    }

    /// Returns the entry whose key is a misspelling of `key`.
    fn misspelling_of(&self, key: &str) -> Option<&Entry> {
        let is_intended = |entry: &&Entry| {
            let written = entry.key.to_string();
            intended_option(self.place, &written, &self.known) == Some(key)
        };
        self.entries.iter().find(is_intended)
    }

    /// Whether an entry that was not taken may stand for one of `keys`: it is a misspelling of one of them, of
    /// none of the known keys, or could not be read.
    pub(super) fn may_have(&self, keys: &[&str]) -> bool {
        let may_be_one = |entry: &Entry| {
            let written = entry.key.to_string();
            let intended = intended_option(self.place, &written, &self.known);
            match intended {
                Some(intended) => keys.contains(&intended),
                None => !is_known_misspelling(self.place, &written),
            }
        };
        self.is_torn || self.entries.iter().any(may_be_one)
    }

    /// Returns the key of an entry that is a misspelling of the flag `key`.
    pub(super) fn misspelled_flag(&self, key: &str) -> Option<Ident> {
        self.misspelling_of(key).map(|entry| entry.key.clone())
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

    pub(super) fn option<T: Parse>(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Option<Read<Keyed<T>>> {
        let entry = self.take(key)?;
        let value = match &entry.value {
            Value::Equals(value) if !value.is_empty() => value,
            Value::Arguments(value) if syn::parse2::<T>(value.clone()).is_ok() => {
                let message = format!(
                    "the value of `{key}` stands after `=`: write `{key} = {}`",
                    spelled(value)
                );
                self.errors.at(&entry.key, message);
                return Some(Read::Wrong(entry.value.name()));
            }
            _ => {
                self.errors
                    .at(&entry.key, format!("`{key}` needs {expected}"));
                return Some(Read::Wrong(entry.value.name()));
            }
        };
        if let Ok(value) = syn::parse2(value.clone()) {
            return Some(Read::Ok(Keyed {
                key: entry.key,
                value,
            }));
        }
        let message = match bare_name::<T>(value) {
            Some((name, without)) => {
                format!("`{key}` needs a name without {without}: write `{key} = {name}`")
            }
            None => format!("`{key}` needs {expected}"),
        };
        self.errors.at(value, message);
        Some(Read::Wrong(entry.value.name()))
    }

    pub(super) fn keyed<T: Parse>(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Option<Keyed<T>> {
        self.option(key, expected).and_then(Read::ok)
    }

    /// Reads the name of a method, or of a wrong value the intended one.
    pub(super) fn intended_name(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Option<Keyed<Ident>> {
        let intended = |value: Ident| Keyed {
            key: value.clone(),
            value,
        };
        match self.option(key, expected)? {
            Read::Ok(name) => Some(name),
            Read::Wrong(name) => name.map(intended),
        }
    }

    pub(super) fn value<T: Parse>(&mut self, key: &'static str, expected: &str) -> Option<T> {
        self.keyed(key, expected).map(|keyed| keyed.value)
    }

    /// Returns the tokens in the parentheses of `key(..)`. `suggestion` is what to write there if there are
    /// none.
    pub(super) fn arguments(
        &mut self,
        key: &'static str,
        suggestion: impl FnOnce(Option<&TokenStream>) -> String,
    ) -> Option<TokenStream> {
        let entry = self.take(key)?;
        let value = match &entry.value {
            Value::Arguments(arguments) => return Some(arguments.clone()),
            Value::Equals(value) => Some(value),
            Value::None => None,
        };
        let message = format!(
            "`{key}` has its own options, in parentheses: write `{key}({})`",
            suggestion(value)
        );
        self.errors.at(&entry.key, message);
        None
    }

    /// Reads `name`. Idempotency keys join names with `/`, so its characters are limited.
    pub(super) fn name(&mut self, example: &str) -> Option<LitStr> {
        let expected = format!("a text in quotes: write `name = \"{example}\"`");
        let name: LitStr = self.value("name", &expected)?;
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let text = name.value();
        if text.is_empty() || !text.chars().all(allowed) {
            let message = if text.is_empty() {
                format!("the name is empty: write `name = \"{example}\"`, or remove `name`")
            } else {
                let suggestion = text.replace(|c| !allowed(c), "-");
                format!(
                    "`{text}` cannot be a name in reports and idempotency keys, which may contain only \
                     letters, digits, `_`, `-` and `.`: write `name = \"{suggestion}\"`"
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
        let expected = "the number of crashes after which the call is still repeated: write \
                        `max_interruptions = 2`";
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
        let written = self.written_for(key);
        let number = written.and_then(|value| syn::parse2::<LitInt>(value.clone()).ok());
        let expected = if let Some(text) = written.and_then(duration::as_text) {
            format!("a duration in quotes: write `{key} = \"{text}\"`")
        } else if let Some(number) = number.filter(|number| number.suffix().is_empty()) {
            format!(
                "a duration in quotes, with its unit: write `{key} = \"{number}s\"` if it is in seconds"
            )
        } else {
            format!(
                "a duration in quotes: write a whole number and its unit, such as `{key} = \"{example}\"`"
            )
        };
        let literal: LitStr = self.value(key, &expected)?;
        self.errors.ok(duration::duration(&literal))
    }

    /// Reads the `backoff` of a `retry(..)`: the first wait and the longest.
    pub(super) fn backoff(&mut self) -> Option<(Duration, Duration)> {
        let expected = match self
            .written_for("backoff")
            .and_then(duration::range_as_text)
        {
            Some(text) => format!("a range in quotes: write `backoff = \"{text}\"`"),
            None => "a range in quotes: write the first wait and the longest, such as \
                     `backoff = \"100ms..5s\"`"
                .to_owned(),
        };
        let literal: LitStr = self.value("backoff", &expected)?;
        self.errors.ok(duration::range(&literal))
    }

    /// The value that is written for a key, after `=` or in parentheses.
    fn written_for(&self, key: &str) -> Option<&TokenStream> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        match &entry.value {
            Value::None => None,
            Value::Equals(value) | Value::Arguments(value) => Some(value),
        }
    }

    /// Whether the caller has taken all entries.
    pub(super) fn is_used_up(&self) -> bool {
        self.entries.is_empty()
    }

    /// Remembers the keys of the `retry(..)` in this list, for advice.
    pub(super) fn note_retry(&mut self, retry: &List<'_>) {
        self.given_in_retry.clone_from(&retry.given);
    }

    pub(super) fn span_of(&self, key: &str) -> Option<Span> {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        entry.map(|entry| entry.key.span())
    }

    /// Reports the entries that the caller has not taken.
    pub(super) fn finish(self) {
        let is_alone = self.entries.len() == 1 && self.given.iter().all(|key| *key == "retry");
        let in_retry = match self.place {
            Place::Retry => &self.given,
            _ => &self.given_in_retry,
        };
        for Entry { key, value } in &self.entries {
            let unknown = UnknownOption {
                place: self.place,
                key: &key.to_string(),
                value: match value {
                    Value::Equals(value) => Some(value),
                    _ => None,
                },
                known: &self.known,
                is_alone,
                in_retry,
            };
            let message = format!(
                "`{}` has no option `{key}`{}",
                self.place.shown(),
                unknown.advice()
            );
            self.errors.at(key, message);
        }
    }
}
