//! Finds in a type what cannot be written outside of a method's signature.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Generics, Type};

/// The `impl` of an `impl Trait`.
pub(crate) fn find_impl(ty: &Type) -> Option<TokenTree> {
    fn find_in(tokens: TokenStream) -> Option<TokenTree> {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Group(group) => find_in(group.stream()),
            TokenTree::Ident(ident) => (ident == "impl").then_some(TokenTree::Ident(ident)),
            TokenTree::Punct(_) | TokenTree::Literal(_) => None,
        })
    }
    find_in(ty.to_token_stream())
}

/// The lifetime of what a method borrows from its arguments: left out, or named by the method.
pub(crate) fn borrowed(ty: &Type, method: &Generics) -> Option<TokenTree> {
    let own = method.lifetimes().map(|own| own.lifetime.ident.to_string());
    let own: BTreeSet<_> = own.chain(["_".to_owned()]).collect();
    borrowed_in(ty.to_token_stream(), &own)
}

fn borrowed_in(tokens: TokenStream, own: &BTreeSet<String>) -> Option<TokenTree> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Group(group) => {
                let found = borrowed_in(group.stream(), own);
                if found.is_some() {
                    return found;
                }
            }
            TokenTree::Punct(punct) => {
                let (named, is_own) = match tokens.peek() {
                    Some(TokenTree::Punct(next)) => (next.as_char() == '\'', false),
                    Some(TokenTree::Ident(next)) => (false, own.contains(&next.to_string())),
                    _ => (false, false),
                };
                if (punct.as_char() == '&' && !named) || (punct.as_char() == '\'' && is_own) {
                    return Some(token);
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
    }
    None
}
