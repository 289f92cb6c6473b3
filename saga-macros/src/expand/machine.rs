//! The machine: each step, and each compensation, as a call of the executor.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Generics, Ident, WhereClause, parse_quote, parse_quote_spanned};

use super::call::Call;
use super::context::{Expansion, code, stand_in};
use super::state::slot;
use crate::model::{Compensation, Step};

impl Expansion<'_> {
    pub(super) fn machine(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (_, type_generics, _) = saga.generics.split_for_impl();
        let generics = self.machine_generics(|step| step.index.into_token_stream());
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (name, service, slots) = (&saga.names.saga, &saga.service, &saga.names.slots);
        let error = self.error_type();
        let stand_ins = self.stand_ins();
        let stages = saga.steps.chunk_by(|one, next| one.stage == next.stage);
        let stages = stages.map(|stage| match stage {
            [step] => self.advance_step(step),
            members => self.advance_group(members),
        });
        let undos = saga.steps.iter().rev().filter_map(|step| {
            if saga.is_undone_by_its_saga(step) {
                return Some(self.rewind_nested(step));
            }
            let compensation = step.compensation.as_ref()?;
            Some(self.rewind_step(step, compensation))
        });
        let methods = code! {
            fn advance<'__run>(
                __service: &'__run #service,
                __slots: &'__run mut #slots #type_generics,
                __failures: &'__run mut #krate::machine::Failures<#error>,
                __executor: &'__run __X,
            ) -> impl ::core::future::Future<
                Output = ::core::result::Result<(), __X::Halt>,
            > + ::core::marker::Send {
                async move {
                    #(#stages)*
                    ::core::result::Result::Ok(())
                }
            }

            #[allow(unused_variables)]
            fn rewind<'__run>(
                __service: &'__run #service,
                __slots: &'__run mut #slots #type_generics,
                __rollback: &'__run mut #krate::machine::Rollback,
                __executor: &'__run __X,
            ) -> impl ::core::future::Future<
                Output = ::core::result::Result<(), __X::Halt>,
            > + ::core::marker::Send {
                async move {
                    #(#undos)*
                    ::core::result::Result::Ok(())
                }
            }
        };
        // The span is that of the service, so that the compiler points there and not at `#[saga]`.
        let at = name.span();
        let machine =
            |of: TokenStream, where_clause: Option<&WhereClause>, methods: &TokenStream| {
                quote_spanned! {at=>
                    impl #impl_generics #of<__X> for #name #type_generics #where_clause { #methods }
                }
            };
        let at_the_service = self.krate_at(at);
        let of = quote_spanned!(at=> #at_the_service::Machine);
        let machine = if self.is_checked_in_a_constant() {
            let checked = self.machine_generics(|step| self.position(step));
            let steps = quote_spanned!(at=> #at_the_service::__private::Steps);
            let [steps, machine] = [
                (steps, &generics, &methods),
                (of, &checked, &self.delegated()),
            ]
            .map(|(of, generics, methods)| machine(of, generics.where_clause.as_ref(), methods));
            quote!(#steps #machine)
        } else {
            machine(of, where_clause, &methods)
        };
        code! {
            #stand_ins
            #machine
        }
    }

    /// Returns the parameters of the machine, and its bounds on the executor: one for each step, at its
    /// position.
    fn machine_generics(&self, position: impl Fn(&Step<'_>) -> TokenStream) -> Generics {
        let Self { saga, krate, .. } = self;
        let mut generics = self.checked_generics();
        generics
            .params
            .push(parse_quote!(__X: #krate::executor::Executor));
        let clause = generics.make_where_clause();
        for step in &saga.steps {
            let (position, output) = (position(step), self.output_for_others(step));
            // The span is that of the step, so that the compiler points there if an executor cannot execute
            // it.
            let at = step.ident.span();
            let krate = self.krate_at(at);
            clause.predicates.push(match step.nested() {
                Some(nested) => {
                    let nested = self.outside(nested);
                    parse_quote_spanned!(at=> __X: #krate::__private::Nests<#nested>)
                }
                None => {
                    parse_quote_spanned!(at=> __X: #krate::executor::Execute<#position, #output>)
                }
            });
        }
        clause
            .predicates
            .push(parse_quote!(__X: #krate::executor::Execute<0, ()>));
        generics
    }

    /// Writes a machine that delegates to `Steps`.
    fn delegated(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (_, type_generics, _) = saga.generics.split_for_impl();
        let (service, slots) = (&saga.service, &saga.names.slots);
        let error = self.error_type();
        let methods = [
            (code!(advance), code!(#krate::machine::Failures<#error>)),
            (code!(rewind), code!(#krate::machine::Rollback)),
        ];
        let methods = methods.map(|(method, notes)| {
            code! {
                fn #method<'__run>(
                    __service: &'__run #service,
                    __slots: &'__run mut #slots #type_generics,
                    __notes: &'__run mut #notes,
                    __executor: &'__run __X,
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<(), __X::Halt>,
                > + ::core::marker::Send {
                    <Self as #krate::__private::Steps<__X>>::#method(
                        __service, __slots, __notes, __executor,
                    )
                }
            }
        });
        code!(#(#methods)*)
    }

    /// Writes the names of the methods and the input in messages. They have their own module, so that they hide
    /// no type or module of the user.
    pub(super) fn stand_ins(&self) -> TokenStream {
        let steps = self.saga.steps.iter();
        let methods = steps.flat_map(|step| {
            let undo = step.compensation.as_ref();
            let condition = step.condition.as_ref();
            let condition = condition.map(|condition| &condition.ident);
            [Some(step.ident), undo.map(|undo| &undo.ident), condition]
        });
        let input = Ident::new("input", Span::mixed_site());
        let stand_ins: BTreeSet<_> = methods.flatten().map(stand_in).chain([input]).collect();
        let module = self.stand_in_module();
        code! {
            #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
            mod #module {
                #(pub enum #stand_ins {})*
            }
        }
    }

    /// Writes the type that calls the executor for a step. If a check fails the compiler does not know it, and reports
    /// none of the errors that follow at the steps that use a wrong type.
    pub(super) fn at(&self, index: usize, at: Span) -> TokenStream {
        let krate = self.krate_at(at);
        let checked = self.checked(
            &quote_spanned!(at=> #krate::checks::StepOf<Self, #index>),
            at,
        );
        quote_spanned!(at=> <#checked>)
    }

    /// Writes the arguments that every call of the executor for a step takes.
    fn executor_arguments(&self, step: &Step<'_>, call: &Call<'_>) -> TokenStream {
        let (slot, at) = (slot(step), call.span());
        let when = step.policy.when();
        if let Some(nested) = step.nested() {
            return self.nested_executor_arguments(nested, step, call);
        }
        let in_doubt = step.options().in_doubt.as_ref().map(|keyed| &keyed.value);
        let faults = self.faults_function(step.ident, &step.output, when, in_doubt, at);
        let attempt = self.attempt(call);
        let [executor, slots] = ["__executor", "__slots"].map(|name| call.local(name));
        quote_spanned!(at=> #executor, #faults, #attempt, &mut #slots.#slot)
    }

    fn advance_step(&self, step: &Step<'_>) -> TokenStream {
        let (error, variant, index) = (&self.saga.names.error, &step.variant, step.index);
        let call = Call::step(step);
        let (lent, arguments) = (self.lend(&call), self.executor_arguments(step, &call));
        let calls = self.at(index, call.span());
        let [failures, halt] = ["__failures", "__halt"].map(|name| call.local(name));
        let step = call.name_of_a_step("run_on_any_thread", "nested");
        quote_spanned! {call.span()=>
            {
                #lent
                match #calls::#step(
                    #arguments,
                    &mut *#failures,
                    #error::#variant,
                ).await {
                    ::core::result::Result::Ok(true) => {}
                    ::core::result::Result::Ok(false) => return ::core::result::Result::Ok(()),
                    ::core::result::Result::Err(#halt) => return ::core::result::Result::Err(#halt),
                }
            }
        }
    }

    /// Writes the members of a parallel group: each like a single step, and a join of all.
    fn advance_group(&self, members: &[Step<'_>]) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let past_the_pivot = saga.pivot().is_some_and(|pivot| {
            let first = members.first();
            first.is_some_and(|first| first.index > pivot)
        });
        let siblings = if past_the_pivot {
            code!(::core::option::Option::None)
        } else {
            code!(::core::option::Option::Some(&#krate::executor::Siblings::new()))
        };
        let begun = members.iter().map(|step| self.begin_member(step));
        let joined = members.iter().map(|step| {
            let (call, index) = (Call::step(step), step.index);
            let (krate, member) = (call.krate(self), call.local(&format!("__member_{index}")));
            quote_spanned! {call.span()=>
                ::core::option::Option::Some(#krate::machine::Member::new(#index, #member))
            }
        });
        code! {
            {
                let __siblings = #siblings;
                #(#begun)*
                #krate::machine::join(
                    &mut *__failures,
                    __siblings,
                    &mut [#(#joined),*],
                ).await?;
                if !#krate::machine::Failures::is_empty(__failures) {
                    return ::core::result::Result::Ok(());
                }
            }
        }
    }

    /// Writes the pinned future of one member of a group.
    fn begin_member(&self, step: &Step<'_>) -> TokenStream {
        let (error, variant, index) = (&self.saga.names.error, &step.variant, step.index);
        let call = Call::step(step);
        let (lent, arguments) = (self.lend(&call), self.executor_arguments(step, &call));
        let (calls, siblings) = (self.at(index, call.span()), call.local("__siblings"));
        let member = call.local(&format!("__member_{index}"));
        let begin = call.name_of_a_step("run_member_on_any_thread", "nested_member");
        quote_spanned! {call.span()=>
            #lent
            let #member = #calls::#begin(
                #arguments,
                #siblings,
                #error::#variant,
            );
            let #member = ::core::pin::pin!(#member);
        }
    }

    fn rewind_step(&self, step: &Step<'_>, compensation: &Compensation<'_>) -> TokenStream {
        let index = step.index;
        let Some(in_block) = &compensation.in_block else {
            return self.rewind_elsewhere(step, &compensation.ident);
        };
        let call = Call::undo(step, in_block);
        let lent = self.lend(&call);
        let faults = self.faults_function(
            call.method,
            &in_block.returned,
            compensation.policy.when(),
            None,
            call.span(),
        );
        let faults_of_error = self.faults_of(&in_block.returned, call.span());
        let attempt = self.attempt(&call);
        let (krate, calls) = (call.krate(self), self.at(index, call.span()));
        let [executor, rollback, undone, halt] =
            ["__executor", "__rollback", "__undone", "__halt"].map(|name| call.local(name));
        let due = self.is_due(step, &rollback, &call.local("__slots"), call.span());
        quote_spanned! {call.span()=>
            if #due {
                #lent
                let #undone = #calls::undo_on_any_thread(
                    #executor,
                    #krate::machine::Rollback::cause(#rollback),
                    #faults,
                    #attempt,
                    &mut ::core::option::Option::None,
                ).await;
                if let ::core::result::Result::Err(#halt) = #krate::checks::StepOf::<Self, #index>::note(
                    #rollback,
                    #undone,
                    #faults_of_error,
                ) {
                    return ::core::result::Result::Err(#halt);
                }
            }
        }
    }

    /// Writes whether a step must be undone. A member of a group, or a conditional step, may have no output
    /// although others at its position have one.
    pub(super) fn is_due(
        &self,
        step: &Step<'_>,
        rollback: &Ident,
        slots: &Ident,
        at: Span,
    ) -> TokenStream {
        let (krate, index, own) = (self.krate_at(at), step.index, slot(step));
        if !step.is_member() && !step.is_conditional() {
            return quote_spanned!(at=> #krate::machine::Rollback::is_due(#rollback, #index));
        }
        let output = if step.is_conditional() {
            quote_spanned!(at=> #krate::__private::ran(&#slots.#own))
        } else {
            quote_spanned!(at=> #slots.#own)
        };
        quote_spanned! {at=>
            #krate::machine::Rollback::is_member_due(
                #rollback,
                #index,
                ::core::option::Option::is_some(&#output),
            )
        }
    }
}
