//! `CheckoutSaga` and its `impl Saga`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use super::context::{Expansion, code};
use super::types::short;
use crate::model::Kind;
use crate::util::spelling::spelled;

impl Expansion<'_> {
    /// `CheckoutSaga`.
    pub(super) fn saga_type(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (name, vis, service) = (&saga.names.saga, &saga.vis, &saga.service);
        let generics = &saga.generics;
        let where_clause = &generics.where_clause;
        let service_in_docs = match service {
            Type::Path(_) => format!("[`{}`]", short(service)),
            // No link can name it.
            _ => format!("`{}`", spelled(service)),
        };
        let doc = format!(" The saga `{}` of {service_in_docs}.", saga.name);
        code! {
            #[doc = #doc]
            #[allow(dead_code)]
            #vis struct #name #generics (#krate::__private::Marker<#service>) #where_clause;
        }
    }

    pub(super) fn saga_impl(&self) -> TokenStream {
        let (_, type_generics, _) = self.saga.generics.split_for_impl();
        let slots = &self.saga.names.slots;
        let slots = self.checked(&code!(#slots #type_generics), Span::mixed_site());
        let (way, definition) = (self.way(), self.definition());
        self.saga_impl_with(&code! {
            type Slots = #slots;
            type Way = #way;
            #definition
        })
    }

    /// Returns a type that shows the compiler whether the saga can be undone after it completes.
    fn way(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let last = saga.steps.last().filter(|step| saga.is_last(step));
        match last.map(|step| (saga.kind(step), step.nested())) {
            _ if saga.pivot().is_some() => code!(#krate::checks::OneWay),
            Some((Some(Kind::Last), _)) => code!(#krate::checks::OneWay),
            Some((_, Some(nested))) => {
                let nested = self.outside(nested);
                code!(<#nested as #krate::Saga>::Way)
            }
            _ => code!(#krate::checks::TwoWay),
        }
    }

    /// Writes `impl Saga` with these items.
    pub(super) fn saga_impl_with(&self, inside: &TokenStream) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let generics = self.checked_generics();
        let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
        let (name, service, input) = (&saga.names.saga, &saga.service, self.checked_input());
        // The spans are those of the types, so that the compiler points there if a type is too private.
        let at = saga.input.span();
        let input = quote_spanned!(at=> type Input = #input;);
        let output = self.saga_output();
        let at = output.span();
        let output = quote_spanned!(at=> type Output = #output;);
        let [service, error] = [
            ("Service", service.to_token_stream()),
            ("Error", self.error_type()),
        ]
        .map(|(name, ty)| self.checked_item(name, &ty));
        let state = self.state_type();
        code! {
            impl #impl_generics #krate::Saga for #name #type_generics #where_clause {
                #service
                #input
                #output
                #error
                type State<'__saga> = #state where Self: '__saga;
                #inside
            }
        }
    }

    /// Writes a type of `impl Saga` that depends on the checks. The documentation shows it as it is.
    fn checked_item(&self, name: &str, ty: &TokenStream) -> TokenStream {
        let name = Ident::new(name, Span::mixed_site());
        if self.is_stub {
            return code!(type #name = #ty;);
        }
        let checked = self.checked(ty, Span::mixed_site());
        code! {
            #[cfg(doc)]
            type #name = #ty;
            #[cfg(not(doc))]
            type #name = #checked;
        }
    }
}
