//! What a type is, as far as it is spelled: the context, an `Attempt`, an `Option`, and what owns what it lends.

use syn::spanned::Spanned as _;
use syn::{GenericArgument, PathArguments, Type, TypeReference};

use super::ungrouped;

/// Whether this is the `&StepContext`.
pub(crate) fn is_context(ty: &Type) -> bool {
    let Type::Reference(reference) = ungrouped(ty) else {
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
    argument_of("Option", ty).map(ungrouped)
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
    match ungrouped(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

pub(super) fn is_static(reference: &TypeReference) -> bool {
    let lifetime = reference.lifetime.as_ref();
    lifetime.is_some_and(|lifetime| lifetime.ident == "static")
}

/// What has to be kept for a parameter of this type to be lent.
pub(crate) fn owned(ty: &Type) -> Type {
    match ungrouped(ty) {
        Type::Reference(reference) if !is_static(reference) => owned_of(reference),
        _ => ty.clone(),
    }
}

/// The same of a reference, however long that lives.
pub(crate) fn owned_of(reference: &TypeReference) -> Type {
    let span = reference.elem.span();
    let owned = match ungrouped(&reference.elem) {
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
