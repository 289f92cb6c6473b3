//! What the tokens of a type show: a context, an `Attempt`, an `Option`, a `Result`, a borrow.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{GenericArgument, Generics, PathArguments, Type, TypePath, TypeReference};

/// Returns a type without the parentheses around it.
pub(crate) fn without_parens(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => without_parens(&paren.elem),
        other => other,
    }
}

/// Whether this is the `&StepContext`.
pub(crate) fn is_context(ty: &Type) -> bool {
    let Type::Reference(reference) = without_parens(ty) else {
        return false;
    };
    last_segment(&reference.elem).is_some_and(|last| last.ident == "StepContext")
}

/// The `&T` of an `Attempt<&T>`.
pub(crate) fn attempt_argument(ty: &Type) -> Option<&Type> {
    argument_of("Attempt", ty)
}

/// The `T` of an `Option<T>`.
pub(crate) fn option_argument(ty: &Type) -> Option<&Type> {
    argument_of("Option", ty).map(without_parens)
}

fn argument_of<'t>(name: &str, ty: &'t Type) -> Option<&'t Type> {
    let last = last_segment(ty).filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match without_parens(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Whether this is the primitive type of that name, by whatever path.
pub(crate) fn is_primitive(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|last| last.ident == name)
}

pub(crate) fn is_static(reference: &TypeReference) -> bool {
    let lifetime = reference.lifetime.as_ref();
    lifetime.is_some_and(|lifetime| lifetime.ident == "static")
}

/// Returns the type to store for a parameter of this type.
pub(crate) fn owned(ty: &Type) -> Type {
    match without_parens(ty) {
        Type::Reference(reference) if !is_static(reference) => owned_of(reference),
        _ => ty.clone(),
    }
}

/// Returns the type to store for a reference of any lifetime.
pub(crate) fn owned_of(reference: &TypeReference) -> Type {
    let span = reference.elem.span();
    let owned = match without_parens(&reference.elem) {
        Type::Slice(slice) => {
            let elem = &slice.elem;
            Some(syn::parse_quote_spanned!(span=> ::std::vec::Vec<#elem>))
        }
        elem => match last_segment(elem)
            .map(|last| last.ident.to_string())
            .as_deref()
        {
            Some("str") => Some(syn::parse_quote_spanned!(span=> ::std::string::String)),
            Some("Path") => Some(syn::parse_quote_spanned!(span=> ::std::path::PathBuf)),
            _ => None,
        },
    };
    owned.unwrap_or_else(|| (*reference.elem).clone())
}

/// Returns `T` and `E` of a type written as `Result<T, E>`, by whatever path.
pub(crate) fn spelled_result(ty: &Type) -> Option<(&Type, &Type)> {
    let Type::Path(path) = without_parens(ty) else {
        return None;
    };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let mut types = arguments.args.iter();
    match (types.next(), types.next(), types.next()) {
        (Some(GenericArgument::Type(output)), Some(GenericArgument::Type(error)), None) => {
            Some((output, error))
        }
        _ => None,
    }
}

/// Returns the `impl` of an `impl Trait`.
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

/// Returns the mark of a lifetime that a type borrows from a method's arguments: an elided lifetime, or one
/// that the method declares.
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

/// Whether this is not a `Result`. The macro cannot resolve an alias, so the name decides: the compiler would
/// report any other type in a dozen places.
pub(crate) fn is_no_result(ty: &Type) -> bool {
    match without_parens(ty) {
        Type::Path(TypePath { path, .. }) => {
            let last = path.segments.last();
            last.is_none_or(|last| !last.ident.to_string().contains("Result"))
        }
        _ => true,
    }
}

pub(crate) fn is_context_value(ty: &Type) -> bool {
    let Type::Path(TypePath { path, .. }) = ty else {
        return false;
    };
    let last = path.segments.last();
    last.is_some_and(|last| last.ident == "StepContext")
}
