//! What is kept while a run goes on: the input, and an `Option` for the output of each step.
//!
//! Flat in the number of steps: an output is written once, into its place, and lent from there
//! (`docs/performance.md` has what else was measured).

use std::collections::BTreeSet;

use proc_macro2::TokenStream;

use super::state::slot;
use super::{Cx, code};
use crate::model::{Part, Source};

impl Cx<'_> {
    pub(super) fn slots(&self) -> TokenStream {
        let Self { saga, krate } = self;
        let (impl_generics, type_generics, where_clause) = saga.generics.split_for_impl();
        let generics = saga.generics;
        let (name, saga_name, service) = (&saga.names.slots, &saga.names.saga, saga.service);
        let input = self.input();
        let slots: Vec<_> = saga.steps.iter().map(slot).collect();
        let outputs: Vec<_> = saga.steps.iter().map(|step| self.output(step)).collect();
        let indices: Vec<_> = saga.steps.iter().map(|step| step.index).collect();
        let fields = self.fields();
        let state = self.state_of_slots();
        let finish = match saga.steps.last() {
            Some(step) => {
                let (slot, error, variant) = (slot(step), &saga.names.error, &step.variant);
                code! {
                    match self.#slot.take() {
                        ::core::option::Option::Some(output) => ::core::result::Result::Ok(output),
                        ::core::option::Option::None => ::core::result::Result::Err(
                            #krate::__private::missing(#error::#variant),
                        ),
                    }
                }
            }
            None => TokenStream::new(),
        };
        let output = saga.steps.last().map(|step| self.output(step));
        let error = self.error_type();
        code! {
            #[doc(hidden)]
            pub struct #name #generics #where_clause {
                input: #input,
                #(#slots: ::core::option::Option<#outputs>,)*
                service: #krate::__private::Marker<#service>,
            }

            impl #impl_generics #krate::Slots<#saga_name #type_generics> for #name #type_generics
            #where_clause
            {
                fn begin(input: #input) -> Self {
                    Self {
                        input,
                        #(#slots: ::core::option::Option::None,)*
                        service: ::core::marker::PhantomData,
                    }
                }

                fn state(&self) -> <#saga_name #type_generics as #krate::Saga>::State<'_> {
                    #state
                }

                fn value(
                    &self,
                    source: #krate::Source,
                    part: ::core::option::Option<usize>,
                ) -> #krate::Value<'_> {
                    #[allow(unused_imports)]
                    use #krate::__private::{FieldProbe, Probe, value::{ViaDebug as _, ViaNothing as _}};
                    match (source, part) {
                        #fields
                        (#krate::Source::Input, _) => (&&Probe(&self.input)).value(),
                        #((#krate::Source::Output(#indices), _) => match &self.#slots {
                            ::core::option::Option::Some(output) => (&&Probe(output)).value(),
                            ::core::option::Option::None => #krate::Value::Missing,
                        },)*
                        _ => #krate::Value::Missing,
                    }
                }

                fn finish(
                    &mut self,
                ) -> ::core::result::Result<#output, #krate::GaveUp<#error>> {
                    #finish
                }
            }
        }
    }

    /// The arms for values that are spread over parameters.
    fn fields(&self) -> TokenStream {
        let krate = &self.krate;
        let parameters = self.saga.steps.iter().flat_map(|step| {
            let undo = step
                .compensation
                .as_ref()
                .and_then(|undo| undo.here.as_ref());
            let undo = undo.into_iter().flat_map(|here| &here.parameters);
            step.parameters.iter().chain(undo)
        });
        let spread: BTreeSet<_> = parameters
            .filter_map(|parameter| Some((parameter.source, parameter.part?)))
            .collect();
        let mut arms = TokenStream::new();
        for (source, Part { field, arity }) in spread {
            let probe = |value| code!((&&FieldProbe::<_, #field, #arity>(#value)).value());
            let arm = match source {
                Source::Output(index) => {
                    let Some(step) = self.saga.steps.get(index) else {
                        continue;
                    };
                    let (slot, probe) = (slot(step), probe(code!(output)));
                    code! {
                        (#krate::Source::Output(#index), ::core::option::Option::Some(#field)) => {
                            match &self.#slot {
                                ::core::option::Option::Some(output) => #probe,
                                ::core::option::Option::None => #krate::Value::Missing,
                            }
                        }
                    }
                }
                _ => {
                    let probe = probe(code!(&self.input));
                    code! {
                        (#krate::Source::Input, ::core::option::Option::Some(#field)) => #probe,
                    }
                }
            };
            arms.extend(arm);
        }
        arms
    }
}
