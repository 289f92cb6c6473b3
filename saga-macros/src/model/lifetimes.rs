//! Names for the lifetimes that a block leaves out.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Generics, Ident, Lifetime, Type, parse_quote};

use crate::parse::block::Block;

/// `impl Service<'_>` as the items beside it have to be written: they cannot leave a lifetime out.
pub(super) fn with_named_lifetimes(block: &Block) -> (Type, Generics) {
    let mut generics = block.generics.clone();
    let mut named = 0;
    let service = name_lifetimes(block.service.to_token_stream(), &mut |span| {
        let lifetime = Lifetime::new(&format!("'__elided_{named}"), span);
        generics.params.insert(named, parse_quote!(#lifetime));
        named += 1;
        lifetime.ident
    });
    let service = syn::parse2(service).unwrap_or_else(|_| block.service.clone());
    (service, generics)
}

fn name_lifetimes(tokens: TokenStream, name: &mut dyn FnMut(Span) -> Ident) -> TokenStream {
    let mut after_apostrophe = false;
    let rename = |token| {
        let is_lifetime = core::mem::replace(
            &mut after_apostrophe,
            matches!(&token, TokenTree::Punct(p) if p.as_char() == '\''),
        );
        match token {
            TokenTree::Ident(ident) if is_lifetime && ident == "_" => {
                TokenTree::Ident(name(ident.span()))
            }
            TokenTree::Group(group) => {
                let mut named = Group::new(group.delimiter(), name_lifetimes(group.stream(), name));
                named.set_span(group.span());
                TokenTree::Group(named)
            }
            other => other,
        }
    };
    tokens.into_iter().map(rename).collect()
}
