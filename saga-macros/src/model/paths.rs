//! The paths by which a user writes the types of `saga_core`: for messages.

use quote::format_ident;
use syn::{Path, PathArguments, Type, parse_quote};

use crate::parse::block::{Block, Method};
use crate::util::types::{without_parens, written_with};

/// The paths of the types that a parameter can have.
pub(crate) struct Paths {
    pub(crate) attempt: Path,
    pub(crate) context: Path,
}

impl Paths {
    /// Takes a path as the block writes it, or else the one that needs no import.
    pub(super) fn of(block: &Block, krate: Option<&Path>) -> Self {
        let path = |name: &str| {
            let parameters = block.methods().flat_map(Method::parameters);
            let mut types = parameters.map(|(parameter, _)| &*parameter.ty);
            types.find_map(|ty| written(name, ty)).unwrap_or_else(|| {
                let name = format_ident!("{name}");
                match krate {
                    Some(krate) => parse_quote!(#krate::#name),
                    None => parse_quote!(saga_core::#name),
                }
            })
        };
        Self {
            attempt: path("Attempt"),
            context: path("StepContext"),
        }
    }
}

/// Returns the path with this name in a type.
fn written(name: &str, ty: &Type) -> Option<Path> {
    if let Type::Path(path) = without_parens(ty)
        && path.qself.is_none()
        && path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == name)
    {
        let mut path = path.path.clone();
        if let Some(last) = path.segments.last_mut() {
            last.arguments = PathArguments::None;
        }
        return Some(path);
    }
    written_with(ty)
        .into_iter()
        .find_map(|ty| written(name, ty))
}
