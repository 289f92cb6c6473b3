//! Spans of tokens.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Moves tokens to another span: a type that is checked for another parameter.
pub(crate) fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        let located = token.span().located_at(span);
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), respanned(group.stream(), span)).into();
        }
        token.set_span(located);
        token
    };
    tokens.into_iter().map(respan).collect()
}

/// The span of the last token.
pub(crate) fn end_of(tokens: &impl ToTokens) -> Span {
    let last = tokens.to_token_stream().into_iter().last();
    last.map_or_else(Span::mixed_site, |last| last.span())
}
