//! Types in the place of a saga, judged by their names.

use syn::{Generics, Ident, Type, TypePath};

use crate::util::names::plain;
use crate::util::types::{borrowed, without_parens};

/// Whether this type may be a saga.
pub(crate) fn may_be_a_saga(ty: &Type, service: &Generics) -> bool {
    let is_owned = borrowed(ty, &Generics::default()).is_none();
    is_owned && intended_saga(ty, service).is_none() && value_of(ty).is_none()
}

/// Splits a path to an associated item, such as `PaymentsSaga::run`, into the type and the name of the item.
pub(crate) fn value_of(ty: &Type) -> Option<(TypePath, String)> {
    let Type::Path(path) = without_parens(ty) else {
        return None;
    };
    let mut path = path.clone();
    let value = path.path.segments.pop()?;
    path.path.segments.pop_punct();
    let is_type = |ident: &Ident| ident.to_string().starts_with(char::is_uppercase);
    let of = path.path.segments.last()?;
    (path.qself.is_none() && is_type(&of.ident) && !is_type(&value.ident))
        .then(|| (path, value.ident.to_string()))
}

/// Returns the saga that a type most likely stands for, if it is not named like one. The macro cannot resolve
/// a type, so its name decides: the compiler would report any other type in a dozen places.
pub(crate) fn intended_saga(nested: &Type, service: &Generics) -> Option<TypePath> {
    let Type::Path(path) = without_parens(nested) else {
        return None;
    };
    let mut path = path.clone();
    let is_parameter = |ident: &Ident| {
        let mut types = service.type_params();
        types.any(|param| param.ident == *ident)
    };
    // A type parameter of the service may have any name.
    let first = path.path.segments.first()?;
    if path.qself.is_some() || first.ident == "Self" || is_parameter(&first.ident) {
        return None;
    }
    let last = path.path.segments.last_mut()?;
    let name = plain(&last.ident);
    let stem = ["Error", "State"].into_iter().find_map(|of_a_saga| {
        name.strip_suffix(of_a_saga)
            .filter(|stem| stem.ends_with("Saga"))
    });
    let intended = match stem {
        Some(stem) => stem.to_owned(),
        None if name.to_lowercase().contains("saga") => return None,
        None => format!("{name}Saga"),
    };
    last.ident = Ident::new(&intended, last.ident.span());
    Some(path)
}
