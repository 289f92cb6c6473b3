//! The machine: each step, and each compensation, as a call of the executor.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Ident, parse_quote};

use super::attempts::{Call, stand_in};
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
        }
        clause
            .predicates
            .push(parse_quote!(__X: #krate::Execute<0, ()>));
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (name, service, slots) = (&saga.names.saga, &saga.service, &saga.names.slots);
        let error = self.error_type();
        let (told_in, stand_ins) = (self.told_in(), self.stand_ins());
        let steps = saga.steps.iter().map(|step| self.advance_step(step));
        let undos = saga.steps.iter().rev().filter_map(|step| {
            let compensation = step.compensation.as_ref()?;
            Some(self.rewind_step(step, compensation))
        });
        code! {
            // What messages call the methods and the input. In a module of their own, so that no
            // type or module of the user's is hidden by them.
            #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
            mod #told_in {
                #(pub enum #stand_ins {})*
            }
            impl #impl_generics #krate::Machine<__X> for #name #type_generics #where_clause {
                fn advance<'__run>(
                    __service: &'__run #service,
                    __slots: &'__run mut #slots #type_generics,
                    __executor: &'__run __X,
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<(), #krate::Stop<#error, __X::Halt>>,
                > + ::core::marker::Send {
                    async move {
                        #(#steps)*
                        ::core::result::Result::Ok(())
                    }
                }

                #[allow(unused_variables)]
                fn rewind<'__run>(
                    __service: &'__run #service,
                    __slots: &'__run mut #slots #type_generics,
                    __rollback: &'__run mut #krate::Rollback,
                    __executor: &'__run __X,
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<(), __X::Halt>,
                > + ::core::marker::Send {
                    async move {
                        #(#undos)*
                        ::core::result::Result::Ok(())
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
        let saga = &self.saga;
        let (index, slot) = (step.index, slot(step));
        let (error, variant) = (&saga.names.error, &step.variant);
        let call = Call::step(step);
        let lent = self.lend(&call);
        let when = step.policy.when();
        let in_doubt = step.options.in_doubt.as_ref().map(|keyed| &keyed.value);
        let faults = self.judged(&step.output, when, in_doubt, call.span());
        let attempt = self.attempt(&call);
        let krate = call.krate(self);
        let [executor, slots, stop] =
            ["__executor", "__slots", "__stop"].map(|name| call.local(name));
        quote_spanned! {call.span()=>
            {
                #lent
                if let ::core::result::Result::Err(#stop) = #krate::checks::At::<#index>::step(
                    #executor,
                    &__DEFINITION,
                    #faults,
                    #attempt,
                    &mut #slots.#slot,
                ).await {
                    return ::core::result::Result::Err(#stop.map(#error::#variant));
                }
            }
        }
    }

    fn rewind_step(&self, step: &Step<'_>, compensation: &Compensation<'_>) -> TokenStream {
        let index = step.index;
        let Some(here) = &compensation.here else {
            return self.rewind_elsewhere(step, &compensation.ident);
        };
        let call = Call::undo(step, here);
        let lent = self.lend(&call);
        let faults = self.judged(
            &here.returned,
            compensation.policy.when(),
            None,
            call.span(),
        );
        let told = self.faults_of(&here.returned, call.span());
        let attempt = self.attempt(&call);
        let krate = call.krate(self);
        let [executor, rollback, undone, halt] =
            ["__executor", "__rollback", "__undone", "__halt"].map(|name| call.local(name));
        quote_spanned! {call.span()=>
            if #krate::Rollback::is_due(#rollback, #index) {
                #lent
                let #undone = #krate::checks::At::<#index>::undo(
                    #executor,
                    &__DEFINITION,
                    #krate::Rollback::cause(#rollback),
                    #faults,
                    #attempt,
                    &mut ::core::option::Option::None,
                ).await;
                if let ::core::result::Result::Err(#halt) = #krate::Rollback::note(
                    #rollback,
                    &__STEPS[#index],
                    #undone,
                    #told,
                ) {
                    return ::core::result::Result::Err(#halt);
                }
            }
        }
    }

    /// A compensation in another block, where the macro cannot see it: it takes the step's output.
    fn rewind_elsewhere(&self, step: &Step<'_>, method: &Ident) -> TokenStream {
        let (index, own) = (step.index, slot(step));
        let rungs = self.rungs();
        let told_as = self.told_as(method, method.span());
        let at = method.span();
        // At the name in `compensate = ..`, so that a method that does not fit is reported there; what
        // is made here without hygiene, so that nothing is reported at the attribute as well.
        let local = |name: &str| Ident::new(name, Span::mixed_site().located_at(at));
        let [service, executor, slots] = ["__service", "__executor", "__slots"].map(local);
        let [rollback, undone, halt] = ["__rollback", "__undone", "__halt"].map(local);
        let own_local = |name: &str| Ident::new(name, at);
        let [output, undo, error] = ["__output", "__undo", "__error_type"].map(own_local);
        let [view, lent] = ["__view", "__lent"].map(own_local);
        let krate = self.krate_at(at);
        quote_spanned! {at=>
            if #krate::Rollback::is_due(#rollback, #index) {
                let #output = ::core::option::Option::as_ref(&#slots.#own);
                let #undo = #krate::__private::undo_of(#output, move |#lent| (&*#service).#method(#lent));
                #rungs
                let #error = #krate::__private::error_type_of(&#undo);
                let #view = <_ as #krate::checks::StepErrorType<#told_as>>::told(
                    (&&&&#error).__saga_view(),
                );
                let #undone = #krate::checks::At::<#index>::undo(
                    #executor,
                    &__DEFINITION,
                    #krate::Rollback::cause(#rollback),
                    #krate::__private::recorded,
                    move |_| #krate::__private::undone(
                        #undo(#krate::__private::lent(#output)),
                        #view,
                    ),
                    &mut ::core::option::Option::None,
                ).await;
                if let ::core::result::Result::Err(#halt) = #krate::Rollback::note(
                    #rollback,
                    &__STEPS[#index],
                    #undone,
                    #krate::__private::recorded,
                ) {
                    return ::core::result::Result::Err(#halt);
                }
            }
        }
    }
}
