//! The names of what is generated.

use quote::format_ident;
use syn::{Ident, Type};

use super::saga::Names;
use crate::errors::Errors;
use crate::util::names::camel_case;

impl Names {
    pub(super) fn of(service: &Type, saga: Option<Ident>, errors: &Errors) -> Self {
        let saga = saga.unwrap_or_else(|| {
            let segment = match service {
                Type::Path(path) => path.path.segments.last(),
                _ => None,
            };
            match segment {
                Some(segment) => {
                    format_ident!("{}Saga", segment.ident, span = segment.ident.span())
                }
                None => {
                    let message = "`#[saga]` names the saga after the service, and this type has \
                                   no name: write `#[saga(saga = OrderSaga)]`";
                    errors.at(service, message);
                    format_ident!("Saga")
                }
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

/// The variant of a step: its name in the other case, if that is a name.
pub(super) fn variant_name(plain: &str, ident: &Ident, errors: &Errors) -> Ident {
    let name = camel_case(plain);
    if let Ok(mut variant) = syn::parse_str::<Ident>(&name) {
        variant.set_span(ident.span());
        return variant;
    }
    errors.at(
        ident,
        format!(
            "step `{plain}` would be the variant `{name}` of the error enum, which is no name: \
             rename the method"
        ),
    );
    Ident::new("Unnamed", ident.span())
}
