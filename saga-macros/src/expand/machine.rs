//! The machine: each step, and each compensation, as a call of the executor.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use syn::{Ident, parse_quote};

use super::calls::stand_in;
use super::state::slot;
use super::{Cx, code};
use crate::model::{Compensation, Step};

impl Cx<'_> {
    pub(super) fn machine(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (_, type_generics, _) = saga.generics.split_for_impl();
        let mut generics = saga.generics.clone();
        generics.params.push(parse_quote!(__X: #krate::Executor));
        let clause = generics.make_where_clause();
        for step in &saga.steps {
            let (index, output) = (step.index, self.output(step));
            clause
                .predicates
                .push(parse_quote!(__X: #krate::Execute<#index, #output>));
            if step.compensation.is_some() {
                clause
                    .predicates
                    .push(parse_quote!(__X: #krate::Execute<#index, ()>));
            }
        }
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (name, service, slots) = (&saga.names.saga, &saga.service, &saga.names.slots);
        let error = self.error_type();
        let stand_ins = self.stand_ins();
        let steps = saga.steps.iter().map(|step| self.advance_step(step));
        let undos = saga.steps.iter().filter_map(|step| {
            let compensation = step.compensation.as_ref()?;
            let (index, undo) = (step.index, self.rewind_step(step, compensation));
            Some(code!(#index => #undo))
        });
        code! {
            // What messages call the methods and the input. In a module of their own, so that no
            // type or module of the user's is hidden by them.
            #[allow(non_camel_case_types, dead_code, unreachable_pub)]
            mod __saga_steps {
                #(pub enum #stand_ins {})*
            }
            impl #impl_generics #krate::Machine<__X> for #name #type_generics #where_clause {
                fn advance<'__run>(
                    __service: &'__run #service,
                    __slots: &'__run mut #slots #type_generics,
                    __executor: &'__run __X,
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<(), #krate::Stop<#error, __X::Halt>>,
                > + ::core::marker::Send + '__run {
                    async move {
                        #(#steps)*
                        ::core::result::Result::Ok(())
                    }
                }

                #[allow(unused_variables)]
                fn rewind<'__run>(
                    __service: &'__run #service,
                    __slots: &'__run mut #slots #type_generics,
                    __step: usize,
                    __cause: ::core::option::Option<
                        &'__run #krate::__private::Arc<#krate::Cause>,
                    >,
                    __executor: &'__run __X,
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<
                        (),
                        #krate::Stop<#krate::ErrorText, __X::Halt>,
                    >,
                > + ::core::marker::Send + '__run {
                    async move {
                        match __step {
                            #(#undos)*
                            _ => ::core::result::Result::Ok(()),
                        }
                    }
                }
            }
        }
    }

    /// What stands for the methods in messages, and for the saga's input.
    fn stand_ins(&self) -> BTreeSet<Ident> {
        let steps = self.saga.steps.iter();
        let methods = steps.flat_map(|step| {
            let undo = step.compensation.as_ref();
            [Some(step.ident), undo.map(|undo| &undo.ident)]
        });
        let input = Ident::new("input", Span::mixed_site());
        methods.flatten().map(stand_in).chain([input]).collect()
    }

    fn advance_step(&self, step: &Step<'_>) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (index, output) = (step.index, self.output(step));
        let (error, variant) = (&saga.names.error, &step.variant);
        let lent = self.lent(
            &step.parameters,
            step.ident,
            Some(&slot(step)),
            &code! {
                return ::core::result::Result::Err(#krate::Stop::GaveUp(
                    #krate::__private::missing(#error::#variant),
                ))
            },
        );
        let attempt = self.step_attempt(step);
        let when = step.policy.when();
        let in_doubt = step.options.in_doubt.as_ref().map(|keyed| &keyed.value);
        let faults = self.faults(&step.output, step.ident, when, in_doubt);
        code! {
            {
                #lent
                match <__X as #krate::Execute<#index, #output>>::execute(
                    __executor,
                    #krate::Call::step(&__DEFINITION, &__STEPS[#index]),
                    #faults,
                    #attempt,
                    __slot,
                ).await {
                    ::core::result::Result::Ok(()) => {}
                    ::core::result::Result::Err(__stop) => {
                        return ::core::result::Result::Err(__stop.map(#error::#variant));
                    }
                }
            }
        }
    }

    fn rewind_step(&self, step: &Step<'_>, compensation: &Compensation<'_>) -> TokenStream {
        let krate = &self.krate;
        let index = step.index;
        let (lent, attempt, faults) = self.compensation_call(step, compensation);
        code! {
            {
                #lent
                let __faults = #faults;
                let mut __slot = ::core::option::Option::None;
                match <__X as #krate::Execute<#index, ()>>::execute(
                    __executor,
                    #krate::Call::compensation(&__DEFINITION, &__STEPS[#index], __cause),
                    __faults,
                    #attempt,
                    &mut __slot,
                ).await {
                    ::core::result::Result::Ok(()) => ::core::result::Result::Ok(()),
                    ::core::result::Result::Err(__stop) => ::core::result::Result::Err(
                        __stop.map(|__failure| __failure.into_text(__faults.view)),
                    ),
                }
            }
        }
    }
}
