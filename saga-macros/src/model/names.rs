//! The names of the generated items.

use quote::format_ident;
use syn::{Ident, Type};

use super::saga::SagaNames;
use crate::util::names::{camel_case, plain};
use crate::util::types::without_parens;

impl SagaNames {
    pub(super) fn of(service: &Type, saga: Option<Ident>) -> Self {
        let saga = saga.unwrap_or_else(|| {
            let segment = match without_parens(service) {
                Type::Path(path) => path.path.segments.last(),
                _ => None,
            };
            match segment {
                Some(segment) => {
                    format_ident!("{}Saga", segment.ident, span = segment.ident.span())
                }
                None => format_ident!("Saga"),
            }
        });
        Self {
            error: format_ident!("{saga}Error"),
            state: format_ident!("{saga}State"),
            slots: format_ident!("__{saga}Slots"),
            saga,
        }
    }
}

/// Returns the variant of a step: its name in camel case. The error is that name, if it is not an identifier.
pub(crate) fn variant_name(step: &Ident) -> Result<Ident, String> {
    let name = camel_case(&plain(step));
    match syn::parse_str::<Ident>(&name) {
        Ok(mut variant) => {
            variant.set_span(step.span());
            Ok(variant)
        }
        Err(_) => Err(name),
    }
}

/// Returns the variant of a step, or a stand-in.
pub(super) fn variant(step: &Ident) -> Ident {
    variant_name(step).unwrap_or_else(|_| Ident::new("Unnamed", step.span()))
}
