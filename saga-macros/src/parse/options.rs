//! What stands in the parentheses of `#[saga(..)]`, `#[step(..)]` and `#[compensation(..)]`.
//!
//! One small reader serves all: a list of `key`, `key = value` and `key(list)`. Each attribute
//! takes the keys it knows; what is left over is unknown, what comes twice is a duplicate.

use core::time::Duration;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Attribute, ExprPath, Ident, LitInt, LitStr, Meta, Path, Token, Type, Visibility};

use super::duration;
use crate::errors::Errors;

/// A value and the key it was given under.
#[derive(Clone)]
pub(crate) struct Keyed<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// `#[saga(..)]`
#[derive(Default)]
pub(crate) struct SagaOptions {
    pub(crate) name: Option<LitStr>,
    pub(crate) saga: Option<Ident>,
    pub(crate) vis: Option<Visibility>,
    pub(crate) input: Option<Type>,
    pub(crate) krate: Option<Path>,
    pub(crate) retry: Option<Retry>,
    pub(crate) compensation: CompensationOptions,
}

/// `#[step(..)]`
#[derive(Default)]
pub(crate) struct StepOptions {
    pub(crate) compensate: Option<Keyed<Ident>>,
    pub(crate) readonly: Option<Ident>,
    pub(crate) no_compensation: Option<Keyed<LitStr>>,
    pub(crate) pivot: Option<Ident>,
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) in_doubt: Option<Keyed<ExprPath>>,
    pub(crate) name: Option<LitStr>,
    pub(crate) sensitive: Option<Ident>,
    /// Whether it says how the step is undone, however badly.
    pub(crate) says_how_undone: bool,
}

/// `#[compensation(..)]`, on a method or in `#[saga(..)]`
#[derive(Default)]
pub(crate) struct CompensationOptions {
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<Duration>,
}

/// `retry(..)`
#[derive(Clone)]
pub(crate) struct Retry {
    pub(crate) attempts: u32,
    pub(crate) backoff: Option<(Duration, Duration)>,
    pub(crate) when: Option<Keyed<ExprPath>>,
}

impl SagaOptions {
    pub(crate) fn read(arguments: TokenStream, errors: &Errors) -> Self {
        let mut list = List::read("#[saga]", arguments, errors);
        let options = Self {
            name: list.name(),
            saga: list.value("saga", "the name of the generated type: `saga = OrderSaga`"),
            vis: list.value("vis", "a visibility: `vis = pub`"),
            input: list.value("input", "a type: `input = Order`"),
            krate: list.value("crate", "a path without quotes: `crate = saga_core`"),
            retry: list.retry(),
            compensation: match list.arguments("compensation", "retry(..), timeout = \"3s\"") {
                Some(arguments) => CompensationOptions::read("compensation(..)", arguments, errors),
                None => CompensationOptions::default(),
            },
        };
        let typed = [&options.retry, &options.compensation.retry];
        for when in typed
            .into_iter()
            .flatten()
            .filter_map(|retry| retry.when.as_ref())
        {
            errors.at(
                &when.key,
                "`when` looks at one step's error: write it in the `retry(..)` of that step, not in \
                 the saga's",
            );
        }
        list.finish();
        options
    }
}

impl StepOptions {
    pub(crate) fn read(attr: &Attribute, errors: &Errors) -> Self {
        let mut list = List::of(attr, "#[step]", errors);
        let says_how_undone = list.has(&["compensate", "readonly", "no_compensation", "pivot"]);
        let options = Self {
            says_how_undone,
            compensate: list.keyed("compensate", "the bare name of a method: `compensate = release_stock`"),
            readonly: list.flag("readonly"),
            no_compensation: list.keyed(
                "no_compensation",
                "the reason: `no_compensation = \"a mail cannot be unsent\"`",
            ),
            pivot: list.flag("pivot"),
            retry: list.retry(),
            timeout: list.timeout(),
            in_doubt: list.keyed(
                "in_doubt",
                "the name of a function, not a closure: `fn is_lost(error: &Error) -> bool` and `in_doubt = is_lost`",
            ),
            name: list.name(),
            sensitive: list.flag("sensitive"),
        };
        list.finish();
        options
    }
}

impl CompensationOptions {
    pub(crate) fn of(attr: &Attribute, errors: &Errors) -> Self {
        Self::from_list(List::of(attr, "#[compensation]", errors))
    }

    fn read(whose: &'static str, arguments: TokenStream, errors: &Errors) -> Self {
        Self::from_list(List::read(whose, arguments, errors))
    }

    fn from_list(mut list: List<'_>) -> Self {
        let options = Self {
            retry: list.retry(),
            timeout: list.timeout(),
        };
        list.finish();
        options
    }
}

/// The entries of one list that nobody has asked for yet.
struct List<'e> {
    /// The attribute, or the option in it.
    whose: &'static str,
    entries: Vec<Entry>,
    known: Vec<&'static str>,
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
            return Err(input.error("an option has a name: write `pivot`, or `timeout = \"3s\"`"));
        };
        let value = if input.parse::<Option<Token![=]>>()?.is_some() {
            let mut value = TokenStream::new();
            while !input.is_empty() && !input.peek(Token![,]) {
                value.extend([input.parse::<TokenTree>()?]);
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
    fn of(attr: &Attribute, whose: &'static str, errors: &'e Errors) -> Self {
        let arguments = match &attr.meta {
            Meta::Path(_) => TokenStream::new(),
            Meta::List(list) => list.tokens.clone(),
            Meta::NameValue(pair) => {
                errors.at(
                    pair,
                    format!(
                        "the options of `{whose}` stand in parentheses: write `{}(..)]`",
                        whose.trim_end_matches(']')
                    ),
                );
                TokenStream::new()
            }
        };
        Self::read(whose, arguments, errors)
    }

    fn read(whose: &'static str, arguments: TokenStream, errors: &'e Errors) -> Self {
        let parser = |input: ParseStream<'_>| {
            // Entry by entry: one that cannot be read does not take the others with it.
            let mut entries = Vec::new();
            while !input.is_empty() {
                entries.push(input.parse::<Entry>()?);
                if !input.is_empty() && input.parse::<Token![,]>().is_err() {
                    return Err(input.error("options are separated: write `,` before this"));
                }
            }
            Ok(entries)
        };
        let mut entries: Vec<Entry> = Vec::new();
        for entry in errors.ok(parser.parse2(arguments)).unwrap_or_default() {
            if entries.iter().any(|other| other.key == entry.key) {
                let key = &entry.key;
                errors.at(key, format!("`{key}` stands here twice: remove one"));
            } else {
                entries.push(entry);
            }
        }
        Self {
            whose,
            entries,
            known: Vec::new(),
            errors,
        }
    }

    fn has(&self, keys: &[&str]) -> bool {
        let is_one = |entry: &Entry| keys.iter().any(|key| entry.key == key);
        self.entries.iter().any(is_one)
    }

    fn take(&mut self, key: &'static str) -> Option<Entry> {
        self.known.push(key);
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(index))
    }

    fn flag(&mut self, key: &'static str) -> Option<Ident> {
        let entry = self.take(key)?;
        if !matches!(entry.value, Value::None) {
            let message = format!("`{key}` takes no value: write `{key}` alone");
            self.errors.at(&entry.key, message);
        }
        Some(entry.key)
    }

    fn keyed<T: Parse>(&mut self, key: &'static str, expected: &str) -> Option<Keyed<T>> {
        let entry = self.take(key)?;
        let value = match entry.value {
            Value::Equals(value) if !value.is_empty() => value,
            _ => {
                let message = format!("`{key}` needs a value, {expected}");
                self.errors.at(&entry.key, message);
                return None;
            }
        };
        match syn::parse2(value.clone()) {
            Ok(value) => Some(Keyed {
                key: entry.key,
                value,
            }),
            Err(_) => {
                let message = format!("the value of `{key}` is {expected}");
                self.errors.at(value, message);
                None
            }
        }
    }

    fn value<T: Parse>(&mut self, key: &'static str, expected: &str) -> Option<T> {
        self.keyed(key, expected).map(|keyed| keyed.value)
    }

    fn arguments(&mut self, key: &'static str, expected: &str) -> Option<TokenStream> {
        let entry = self.take(key)?;
        if let Value::Arguments(arguments) = entry.value {
            Some(arguments)
        } else {
            let message = format!("`{key}` takes a list: `{key}({expected})`");
            self.errors.at(&entry.key, message);
            None
        }
    }

    /// A name goes into keys that are put together with `/`.
    fn name(&mut self) -> Option<LitStr> {
        let name: LitStr = self.value("name", "a text: `name = \"charge-card\"`")?;
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let text = name.value();
        if text.is_empty() || !text.chars().all(allowed) {
            let message = format!(
                "`{text}` cannot be a name in journals and idempotency keys: write one of letters, \
                 digits, `_`, `-` and `.`"
            );
            self.errors.at(&name, message);
            return None;
        }
        Some(name)
    }

    fn timeout(&mut self) -> Option<Duration> {
        let literal: LitStr = self.value("timeout", "a duration: `timeout = \"3s\"`")?;
        self.errors.ok(duration::duration(&literal))
    }

    fn retry(&mut self) -> Option<Retry> {
        const FORM: &str = "attempts = 4, backoff = \"100ms..5s\"";
        let errors = self.errors;
        let key_span = self.span_of("retry");
        let arguments = self.arguments("retry", FORM)?;
        let mut list = List::read("retry(..)", arguments, errors);
        let has_attempts = list.has(&["attempts"]);
        let attempts: Option<Keyed<LitInt>> = list.keyed("attempts", "a number: `attempts = 4`");
        let backoff: Option<LitStr> = list.value("backoff", "a range: `backoff = \"100ms..5s\"`");
        let when = list.keyed(
            "when",
            "the name of a function, not a closure: `fn is_transient(error: &Error) -> bool` and \
             `when = is_transient`",
        );
        let complete = list.entries.is_empty() && !has_attempts;
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
                    let message = format!("`retry` needs to know how often: `retry({FORM})`");
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
    fn finish(self) {
        for Entry { key, .. } in self.entries {
            let known: Vec<_> = self.known.iter().map(|key| format!("`{key}`")).collect();
            let message = format!(
                "`{}` has no option `{key}`; it has {}",
                self.whose,
                known.join(", ")
            );
            self.errors.at(key.to_token_stream(), message);
        }
    }
}
