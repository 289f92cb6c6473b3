//! Names for the lifetimes that a block elides.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{Generics, Ident, Lifetime, Type, TypeParamBound, parse_quote, parse_quote_spanned};

use crate::parse::block::Block;
use crate::util::types::without_parens;

/// Returns the service and generics of a block like `impl Service<'_>` with names for its lifetimes: the
/// items beside the block cannot elide them.
pub(super) fn with_named_lifetimes(block: &Block) -> (Type, Generics) {
    let mut generics = block.generics.clone();
    let mut named = 0;
    let service = rename_lifetimes(block.service.to_token_stream(), &mut |ident| {
        if ident != "_" {
            return None;
        }
        let lifetime = Lifetime::new(&format!("'__elided_{named}"), ident.span());
        generics.params.insert(named, parse_quote!(#lifetime));
        named += 1;
        Some(lifetime.ident)
    });
    let service = syn::parse2(service).unwrap_or_else(|_| block.service.clone());
    (as_written_anywhere(service), generics)
}

/// Writes out what the place of a type decides: behind a reference a trait object without a lifetime has that of the
/// reference, and one of several traits needs parentheses.
fn as_written_anywhere(service: Type) -> Type {
    let Type::TraitObject(object) = without_parens(&service) else {
        return service;
    };
    let mut object = object.clone();
    let is_lifetime = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Lifetime(_));
    if !object.bounds.iter().any(is_lifetime) {
        object.bounds.push(parse_quote!('static));
    }
    // The span is at the service and not of it: the compiler would report needless parentheses there.
    parse_quote_spanned!(Span::mixed_site().located_at(service.span())=> (#object))
}

fn rename_lifetimes(
    tokens: TokenStream,
    rename: &mut dyn FnMut(&Ident) -> Option<Ident>,
) -> TokenStream {
    let mut after_apostrophe = false;
    let renamed = |token| {
        let apostrophe = matches!(&token, TokenTree::Punct(p) if p.as_char() == '\'');
        let is_lifetime = core::mem::replace(&mut after_apostrophe, apostrophe);
        match token {
            TokenTree::Ident(ident) if is_lifetime => {
                TokenTree::Ident(rename(&ident).unwrap_or(ident))
            }
            TokenTree::Group(group) => {
                let inner = rename_lifetimes(group.stream(), rename);
                let mut outer = Group::new(group.delimiter(), inner);
                outer.set_span(group.span());
                TokenTree::Group(outer)
            }
            other => other,
        }
    };
    tokens.into_iter().map(renamed).collect()
}

/// Replaces the lifetimes that a method declares by `'_`: they do not exist outside of its signature.
pub(crate) fn anonymous(ty: &Type, method: &Generics) -> Type {
    let own: Vec<_> = method
        .lifetimes()
        .map(|own| own.lifetime.ident.to_string())
        .collect();
    if own.is_empty() {
        return ty.clone();
    }
    let anonymous = rename_lifetimes(ty.to_token_stream(), &mut |ident| {
        own.iter()
            .any(|own| *ident == own)
            .then(|| Ident::new("_", ident.span()))
    });
    syn::parse2(anonymous).unwrap_or_else(|_| ty.clone())
}
