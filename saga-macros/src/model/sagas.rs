//! What is named where a saga is to be: as far as names tell.

use syn::{Generics, Ident, Type, TypePath};

use crate::util::names::plain;
use crate::util::types::{borrowed, ungrouped};

/// Whether this may be a saga.
pub(crate) fn may_be_a_saga(ty: &Type, service: &Generics) -> bool {
    let is_owned = borrowed(ty, &Generics::default()).is_none();
    is_owned && intended_saga(ty, service).is_none() && value_of(ty).is_none()
}

/// A path to what a type has, such as `PaymentsSaga::run`: the type, and the name of that.
pub(crate) fn value_of(ty: &Type) -> Option<(TypePath, String)> {
    let Type::Path(path) = ungrouped(ty) else {
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

/// What was most likely meant by a type that is not called a saga. What a type is cannot be seen here, so it
/// goes by its name: the compiler would report what is none in a dozen places.
pub(crate) fn intended_saga(nested: &Type, service: &Generics) -> Option<TypePath> {
    let Type::Path(path) = ungrouped(nested) else {
        return None;
    };
    let mut path = path.clone();
    let is_parameter = |ident: &Ident| {
        let mut types = service.type_params();
        types.any(|param| param.ident == *ident)
    };
    // What the service is generic over has the name that it has there.
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
