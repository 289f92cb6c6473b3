//! `CheckoutSagaState`: one variant for each point between two steps.

use proc_macro2::{Span, TokenStream};
use quote::format_ident;
use syn::{GenericParam, Generics, Ident, WherePredicate, parse_quote};

use super::context::{Expansion, code};
use super::generics::Mention;
use super::types;
use crate::model::{Source, Step};
use crate::util::names::camel_case;

impl Expansion<'_> {
    pub(super) fn state_enum(&self) -> TokenStream {
        let Self { saga, .. } = self;
        let (name, vis) = (&saga.names.state, &saga.vis);
        let generics = self.state_generics();
        let mention = self.mention(&generics, &self.state_fields());
        let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
        let mut variants = TokenStream::new();
        let mut arms = TokenStream::new();
        let starts = saga
            .steps
            .iter()
            .filter(|step| step.stage.start == step.index);
        let starts = starts.map(|step| step.index).chain([saga.steps.len()]);
        for index in starts {
            let variant = self.state_variant(index);
            let text = variant.to_string();
            let fields = types::fields(self, saga.steps.iter().take(index), &mention);
            let doc = match saga.steps.get(index) {
                Some(step) => match &step.group {
                    Some(group) => format!(" The group `{group}` has not completed."),
                    None => format!(" `{}` has not completed.", step.name),
                },
                None => " All steps have completed.".to_owned(),
            };
            variants.extend(code! {
                #[doc = #doc]
                #variant { #fields },
            });
            arms.extend(code!(Self::#variant { .. } => #text,));
        }
        let doc = format!(
            " The progress of a run of [`{}`]: each variant has only the values that exist at that point.",
            saga.names.saga
        );
        code! {
            #[doc = #doc]
            #[allow(dead_code, private_interfaces)]
            #[non_exhaustive]
            #vis enum #name #generics #where_clause { #variants }

            // This is not a derive, which would add bounds to the service's parameters.
            #[automatically_derived]
            impl #impl_generics ::core::clone::Clone for #name #type_generics #where_clause {
                fn clone(&self) -> Self {
                    *self
                }
            }

            #[automatically_derived]
            impl #impl_generics ::core::marker::Copy for #name #type_generics #where_clause {}

            #[automatically_derived]
            impl #impl_generics ::core::fmt::Debug for #name #type_generics #where_clause {
                fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    __f.write_str(match self { #arms })
                }
            }
        }
    }

    /// The state enum as a type, for the lifetime `'__saga`.
    pub(super) fn state_type(&self) -> TokenStream {
        let name = &self.saga.names.state;
        let generics = self.state_generics();
        let (_, type_generics, _) = generics.split_for_impl();
        code!(#name #type_generics)
    }

    /// Writes the body of `Slots::state`: it returns the variant for the outputs that are there.
    pub(super) fn state_of_slots(&self) -> TokenStream {
        let Self { saga, .. } = self;
        let state = &saga.names.state;
        let mut body = TokenStream::new();
        let mut fields = TokenStream::new();
        if !saga.is_moved(Source::Input) {
            fields.extend(code!(input: &self.input,));
        }
        let mut before_stage = TokenStream::new();
        for step in &saga.steps {
            let (name, slot) = (step.ident, slot(step));
            let variant = self.state_variant(step.stage.start);
            if step.stage.start == step.index {
                before_stage.clone_from(&fields);
            }
            let fields_before = &before_stage;
            let before = code!(return #state::#variant { #fields_before };);
            if saga.is_moved(Source::Output(step.index)) {
                let moved_flag = moved_flag(Source::Output(step.index));
                body.extend(code! {
                    if ::core::option::Option::is_none(&self.#slot) && !self.#moved_flag {
                        #before
                    }
                });
            } else {
                body.extend(code! {
                    let ::core::option::Option::Some(#slot) = &self.#slot else {
                        #before
                    };
                });
                fields.extend(if step.is_conditional() {
                    code!(#name: ::core::option::Option::as_ref(#slot),)
                } else {
                    code!(#name: #slot,)
                });
            }
        }
        let variant = self.state_variant(saga.steps.len());
        code! {
            #body
            #state::#variant { #fields }
        }
    }

    fn state_variant(&self, index: usize) -> Ident {
        match self.saga.steps.get(index) {
            Some(step) => match &step.group {
                Some(group) => {
                    let variant = camel_case(group);
                    format_ident!("Before{variant}", span = step.ident.span())
                }
                None => format_ident!("Before{}", step.variant, span = step.ident.span()),
            },
            None => format_ident!("Completed"),
        }
    }

    /// All values that the state enum shows, as fields.
    fn state_fields(&self) -> TokenStream {
        types::fields(self, self.saga.steps.iter(), &Mention::default())
    }

    fn state_generics(&self) -> Generics {
        let mut generics = self.generics_in(&self.state_fields());
        let lifetime: GenericParam = parse_quote!('__saga);
        generics.params.insert(0, lifetime);
        let outlive = self.outlive_the_state();
        if !outlive.is_empty() {
            generics.make_where_clause().predicates.extend(outlive);
        }
        generics
    }

    /// Returns bounds for the parameters of the service in the outputs of other sagas: rustc infers them for
    /// written types, not for such an output.
    fn outlive_the_state(&self) -> Vec<WherePredicate> {
        let Self { saga, .. } = self;
        let nested = saga
            .steps
            .iter()
            .filter(|step| step.nested().is_some() && !saga.is_moved(Source::Output(step.index)));
        let outputs = nested.map(|step| self.output(step)).collect();
        let used = self.generics_in(&outputs).params.into_iter();
        let outlive = used.filter_map(|param| match param {
            GenericParam::Lifetime(param) => {
                let lifetime = param.lifetime;
                Some(parse_quote!(#lifetime: '__saga))
            }
            GenericParam::Type(param) => {
                let ident = param.ident;
                Some(parse_quote!(#ident: '__saga))
            }
            GenericParam::Const(_) => None,
        });
        outlive.collect()
    }
}

/// The slot of a step's output.
pub(super) fn slot(step: &Step<'_>) -> Ident {
    format_ident!("__output_{}", step.index, span = Span::mixed_site())
}

/// The slot of the saga that a step ran.
pub(super) fn kept_slot(step: &Step<'_>) -> Ident {
    format_ident!("__nested_{}", step.index, span = Span::mixed_site())
}

/// The slot that records that a value was moved.
pub(super) fn moved_flag(source: Source) -> Ident {
    match source {
        Source::Output(index) => format_ident!("__given_away_{index}", span = Span::mixed_site()),
        _ => format_ident!("__given_away_input", span = Span::mixed_site()),
    }
}
