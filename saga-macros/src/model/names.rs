//! The names of what is generated.

use quote::format_ident;
use syn::{Ident, Type};

use super::saga::SagaNames;
use crate::util::names::{camel_case, plain};

impl SagaNames {
    pub(super) fn of(service: &Type, saga: Option<Ident>) -> Self {
        let saga = saga.unwrap_or_else(|| {
            let segment = match service {
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

/// The variant of a step: its name in the other case. If that is no name, the error is the text of it.
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

/// The same, or another variant in place of what is no name.
pub(super) fn variant(step: &Ident) -> Ident {
    variant_name(step).unwrap_or_else(|_| Ident::new("Unnamed", step.span()))
}
