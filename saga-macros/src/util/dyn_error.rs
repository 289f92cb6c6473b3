//! `dyn Error`: an error of any type, which a saga needs to be `Send`.

use syn::{GenericArgument, Ident, Path, PathArguments, Type, TypeParamBound, TypeTraitObject};

use super::types::{without_parens, written_with};

/// Whether this is the `Error` of the standard library, as far as its name shows.
pub(crate) fn is_error(object: &TypeTraitObject) -> bool {
    let mut traits = object.bounds.iter().filter_map(of_trait);
    let of_std = |path: &Path| {
        let mut names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        match names.next_back().as_deref() {
            Some("StdError") => true,
            Some("Error") => names.all(|module| ["std", "core", "error"].contains(&&*module)),
            _ => false,
        }
    };
    traits.next().is_some_and(of_std)
}

fn of_trait(bound: &TypeParamBound) -> Option<&Path> {
    match bound {
        TypeParamBound::Trait(bound) => Some(&bound.path),
        _ => None,
    }
}

pub(crate) fn has_bound(object: &TypeTraitObject, marker: &str) -> bool {
    let mut traits = object.bounds.iter().filter_map(of_trait);
    traits.any(|path| {
        path.segments
            .last()
            .is_some_and(|last| last.ident == marker)
    })
}

/// Whether a `dyn Error` in this type cannot be sent to another thread.
pub(crate) fn has_unsendable_error(ty: &Type) -> bool {
    match without_parens(ty) {
        Type::TraitObject(object) => is_error(object) && !has_bound(object, "Send"),
        ty => written_with(ty).into_iter().any(has_unsendable_error),
    }
}

/// Returns the type with each `dyn Error` in it bound by `Send` and `Sync`; and with an `Arc` for an `Rc` of
/// one, which cannot be sent at all.
pub(crate) fn sendable(ty: &Type) -> Type {
    match without_parens(ty) {
        Type::TraitObject(object) if is_error(object) => {
            let mut object = object.clone();
            for marker in ["Send", "Sync"] {
                if !has_bound(&object, marker) {
                    let marker = Ident::new(marker, proc_macro2::Span::mixed_site());
                    object.bounds.push(syn::parse_quote!(#marker));
                }
            }
            Type::TraitObject(object)
        }
        Type::Path(path) => {
            let mut path = path.clone();
            let mut is_shared = false;
            for segment in &mut path.path.segments {
                let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else {
                    continue;
                };
                for argument in &mut arguments.args {
                    if let GenericArgument::Type(ty) = argument {
                        is_shared |= segment.ident == "Rc"
                            && matches!(without_parens(ty), Type::TraitObject(object) if is_error(object));
                        *ty = sendable(ty);
                    }
                }
            }
            if is_shared {
                let last = path.path.segments.last().map(|last| &last.arguments);
                return syn::parse_quote!(std::sync::Arc #last);
            }
            Type::Path(path)
        }
        Type::Tuple(tuple) => {
            let mut tuple = tuple.clone();
            for elem in &mut tuple.elems {
                *elem = sendable(elem);
            }
            Type::Tuple(tuple)
        }
        other => other.clone(),
    }
}
