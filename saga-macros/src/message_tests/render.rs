//! Shows the errors of `#[saga]` for a source text, in the form in which rustc shows them.

use std::fmt::Write as _;
use std::mem;

use proc_macro2::{Delimiter, LineColumn, TokenStream, TokenTree};
use syn::LitStr;

/// The errors of all `#[saga]` items of `source`, in the order in which rustc shows them.
pub(super) fn render(source: &str) -> String {
    let tokens = source.parse().expect("the source can be split into tokens");
    let mut shown = Vec::new();
    for (arguments, item) in annotated(tokens) {
        let expansion = crate::pipeline::saga(arguments, item);
        if let Err(error) = syn::parse2::<syn::File>(expansion.clone()) {
            panic!("the expansion is not items: {error}: {expansion}");
        }
        let errors = errors(expansion);
        shown.extend(errors.iter().map(|error| error.shown_in(source)));
    }
    shown.join("\n")
}

/// The arguments and the item of each `#[saga]`, outside of other items.
fn annotated(tokens: TokenStream) -> Vec<(TokenStream, TokenStream)> {
    let mut tokens = tokens.into_iter().peekable();
    let mut found = Vec::new();
    let mut arguments = None;
    let mut item = TokenStream::new();
    while let Some(token) = tokens.next() {
        let of_saga = match (&token, tokens.peek()) {
            (TokenTree::Punct(punct), Some(TokenTree::Group(group))) if punct.as_char() == '#' => {
                saga_arguments(group.stream())
            }
            _ => None,
        };
        if of_saga.is_some() {
            assert!(arguments.is_none(), "an item has two `#[saga]`");
            arguments = of_saga;
            tokens.next();
            continue;
        }
        let is_end = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        };
        item.extend([token]);
        if is_end {
            let item = mem::take(&mut item);
            found.extend(arguments.take().map(|arguments| (arguments, item)));
        }
    }
    assert!(arguments.is_none(), "a `#[saga]` stands on no item");
    found
}

/// The arguments of `saga` or `saga(..)`, which is the inside of an attribute.
fn saga_arguments(attribute: TokenStream) -> Option<TokenStream> {
    let mut tokens = attribute.into_iter();
    match (tokens.next()?, tokens.next()) {
        (TokenTree::Ident(name), None) if name == "saga" => Some(TokenStream::new()),
        (TokenTree::Ident(name), Some(TokenTree::Group(group))) if name == "saga" => {
            Some(group.stream())
        }
        _ => None,
    }
}

/// One error, and where its caret is.
struct Error {
    message: String,
    start: LineColumn,
    end: LineColumn,
}

/// Each `::core::compile_error! { "message" }` of an expansion. rustc puts the caret under the whole
/// invocation: from its first colon to its closing brace.
fn errors(expansion: TokenStream) -> Vec<Error> {
    let tokens: Vec<_> = expansion.into_iter().collect();
    let invocations = tokens.windows(8).filter_map(|tokens| match tokens {
        [
            colon,
            _,
            _,
            _,
            _,
            TokenTree::Ident(name),
            _,
            TokenTree::Group(group),
        ] if name == "compile_error" => Some((colon, group)),
        _ => None,
    });
    let errors = invocations.map(|(colon, group)| {
        let message: LitStr = syn::parse2(group.stream()).expect("the message is a text");
        let message = message.value();
        // No token of the source is empty: this is the span of `#[saga]` itself.
        let is_in_the_source = !colon.span().byte_range().is_empty();
        assert!(is_in_the_source, "the caret is on `#[saga]`: {message}");
        Error {
            message,
            start: colon.span().start(),
            end: group.span().end(),
        }
    });
    errors.collect()
}

impl Error {
    fn shown_in(&self, source: &str) -> String {
        let Self {
            message,
            start,
            end,
        } = self;
        assert_eq!(start.line, end.line, "the caret has two lines: {message}");
        let number = start.line.to_string();
        let line = source.lines().nth(start.line - 1);
        let line = line.expect("the line is in the source");
        let column = start.column + 1;
        let margin = " ".repeat(number.len());
        let before = " ".repeat(start.column);
        let caret = "^".repeat(end.column - start.column);
        let mut text = format!("error: {message}\n{margin}--> {number}:{column}\n");
        writeln!(
            text,
            "{margin} |\n{number} | {line}\n{margin} | {before}{caret}"
        )
        .expect("a `String` takes all text");
        text
    }
}
