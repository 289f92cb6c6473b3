//! `CheckoutSaga` and its `impl Saga`.

use proc_macro2::TokenStream;
use syn::Type;

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
        let (way, definition) = (self.way(), self.definition());
        self.saga_impl_with(&code! {
            type Slots = #slots #type_generics;
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
        let (impl_generics, type_generics, where_clause) = saga.generics.split_for_impl();
        let (name, service, input) = (&saga.names.saga, &saga.service, self.checked_input());
        let output = self.saga_output();
        let error = self.error_type();
        let state = self.state_type();
        code! {
            impl #impl_generics #krate::Saga for #name #type_generics #where_clause {
                type Service = #service;
                type Input = #input;
                type Output = #output;
                type Error = #error;
                type State<'__saga> = #state where Self: '__saga;
                #inside
            }
        }
    }
}
