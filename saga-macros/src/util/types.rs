//! What the tokens of a type show: a context, an `Attempt`, an `Option`, a `Result`, a borrow.

use core::iter::Peekable;
use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree, token_stream};
use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{
    GenericArgument, Generics, PathArguments, PathSegment, Type, TypeParamBound, TypePath,
    TypeReference,
};

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

/// The `Attempt<..>` in a type that only wraps it: in a reference, an `Option`, or a pointer.
pub(crate) fn attempt_within(ty: &Type) -> Option<&Type> {
    match without_parens(ty) {
        Type::Reference(reference) => attempt_within(&reference.elem),
        ty if attempt_argument(ty).is_some() => Some(ty),
        ty => {
            let wrapped = ["Option", "Box", "Rc", "Arc"].into_iter();
            let mut wrapped = wrapped.filter_map(|name| argument_of(name, ty));
            attempt_within(wrapped.next()?)
        }
    }
}

/// The `T` of an `Option<T>`.
pub(crate) fn option_argument(ty: &Type) -> Option<&Type> {
    argument_of("Option", ty).map(without_parens)
}

fn argument_of<'t>(name: &str, ty: &'t Type) -> Option<&'t Type> {
    let last = last_segment(ty).filter(|last| last.ident == name)?;
    arguments_of(last).next()
}

/// The types between the angle brackets.
fn arguments_of(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    let arguments = arguments.into_iter().flatten();
    arguments.filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Returns the types that a type is written with, one level down.
pub(crate) fn written_with(ty: &Type) -> Vec<&Type> {
    match without_parens(ty) {
        Type::Reference(reference) => vec![&reference.elem],
        Type::Slice(slice) => vec![&slice.elem],
        Type::Array(array) => vec![&array.elem],
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        Type::Path(path) => path.path.segments.iter().flat_map(arguments_of).collect(),
        _ => Vec::new(),
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match without_parens(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Whether this is the primitive type of that name, by whatever path.
pub(crate) fn is_primitive(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|last| last.ident == name)
}

pub(crate) fn is_unit(ty: &Type) -> bool {
    matches!(without_parens(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
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

/// Whether `Self` is in a type.
pub(crate) fn has_self(ty: &Type) -> bool {
    fn is_in(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => is_in(group.stream()),
            TokenTree::Ident(ident) => ident == "Self",
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    is_in(ty.to_token_stream())
}

/// Returns the `T` of a future that a method returns instead of being `async`: an `impl Future<Output = T>`,
/// or a boxed one.
pub(crate) fn awaited(ty: &Type) -> Option<&Type> {
    let bounds = match without_parens(ty) {
        Type::ImplTrait(future) => &future.bounds,
        Type::TraitObject(future) => &future.bounds,
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let inner = arguments_of(last).next()?;
            return match &*last.ident.to_string() {
                "Pin" | "Box" => awaited(inner),
                "BoxFuture" | "LocalBoxFuture" => Some(inner),
                _ => None,
            };
        }
        _ => return None,
    };
    bounds.iter().find_map(|bound| {
        let TypeParamBound::Trait(bound) = bound else {
            return None;
        };
        let last = bound.path.segments.last()?;
        let PathArguments::AngleBracketed(arguments) = &last.arguments else {
            return None;
        };
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(output) if output.ident == "Output" => Some(&output.ty),
            _ => None,
        })
    })
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
/// that the method declares. The arguments of a function in it, such as a `dyn Fn(&T)`, borrow nothing.
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
            TokenTree::Ident(ident) => {
                if is_function(ident) {
                    skip_signature(&mut tokens);
                } else if ident == "Cow" && is_lifetime_hidden(tokens.clone()) {
                    return Some(token);
                }
            }
            TokenTree::Literal(_) => {}
        }
    }
    None
}

/// Whether a `Cow` with these arguments borrows: its lifetime comes first and is often left out.
fn is_lifetime_hidden(mut arguments: impl Iterator<Item = TokenTree>) -> bool {
    let is_open = is_punct(arguments.next().as_ref(), '<');
    is_open
        && match arguments.next() {
            Some(TokenTree::Ident(ident)) => ident == "str",
            Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Bracket,
            _ => false,
        }
}

/// Whether a type shows its borrows: `async` methods must write the lifetime of a parameter out, which the
/// compiler reports.
pub(crate) fn is_every_lifetime_shown(ty: &Type) -> bool {
    let argument = argument_of("Cow", ty);
    let is_hidden = argument.is_some_and(|_| {
        let mut tokens = ty.to_token_stream().into_iter();
        let _ = tokens.find(|token| matches!(token, TokenTree::Ident(ident) if ident == "Cow"));
        is_lifetime_hidden(tokens)
    });
    !is_hidden && written_with(ty).into_iter().all(is_every_lifetime_shown)
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

/// Whether a signature may follow.
fn is_function(ident: &Ident) -> bool {
    let names = [
        "fn",
        "Fn",
        "FnMut",
        "FnOnce",
        "AsyncFn",
        "AsyncFnMut",
        "AsyncFnOnce",
    ];
    names.iter().any(|name| ident == name)
}

/// Skips the `(&T) -> &U` of a function's type: its lifetimes are those of each call.
fn skip_signature(tokens: &mut Peekable<token_stream::IntoIter>) {
    let is_arguments = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
    if tokens.next_if(is_arguments).is_none() || !is_punct(tokens.peek(), '-') {
        return;
    }
    tokens.next();
    tokens.next();
    let mut open = 0_usize;
    let is_returned = |token: &TokenTree| {
        if let TokenTree::Punct(punct) = token {
            match punct.as_char() {
                '<' => open += 1,
                '>' if open > 0 => open -= 1,
                '>' | ',' | '+' if open == 0 => return false,
                _ => {}
            }
        }
        true
    };
    let mut is_returned = is_returned;
    while tokens.next_if(&mut is_returned).is_some() {}
}

/// Returns the type with owned types in place of its borrows, as far as the standard library has them.
pub(crate) fn owning(ty: &Type) -> Type {
    match without_parens(ty) {
        Type::Reference(reference) if !is_static(reference) => owning(&short_owned(reference)),
        Type::Path(path) => match argument_of("Cow", ty) {
            Some(inner) => {
                let borrowed = syn::parse_quote!(&#inner);
                owning(&borrowed)
            }
            None => {
                let mut path = path.clone();
                for segment in &mut path.path.segments {
                    if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                        for argument in &mut arguments.args {
                            if let GenericArgument::Type(ty) = argument {
                                *ty = owning(ty);
                            }
                        }
                    }
                }
                Type::Path(path)
            }
        },
        Type::Tuple(tuple) => {
            let mut tuple = tuple.clone();
            for elem in &mut tuple.elems {
                *elem = owning(elem);
            }
            Type::Tuple(tuple)
        }
        Type::Slice(slice) => {
            let elem = owning(&slice.elem);
            syn::parse_quote!([#elem])
        }
        Type::Array(array) => {
            let mut array = array.clone();
            *array.elem = owning(&array.elem);
            Type::Array(array)
        }
        other => other.clone(),
    }
}

/// Returns the type to store for a reference, as a user writes it.
fn short_owned(reference: &TypeReference) -> Type {
    match owned_of(reference) {
        Type::Path(path) if path.path.leading_colon.is_some() => {
            let last = path.path.segments.last();
            syn::parse_quote!(#last)
        }
        owned => owned,
    }
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
