//! A compensation in another block, whose signature the macro cannot see.
//!
//! The compiler reads it: the method itself is passed to `checks::Undoes`, in the definition and in the machine. All code
//! has the span of the name in `compensate = ..`, so that a wrong method is reported there, and once.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Ident;

use super::context::Expansion;
use super::state::slot;
use crate::model::{Kind, Step};

impl Expansion<'_> {
    /// Writes `<_ as Undoes<..>>`, which the method implements.
    fn undo_trait(&self, step: &Step<'_>, method: &Ident) -> TokenStream {
        let at = method.span();
        let (krate, index) = (self.krate_at(at), step.index);
        let (service, output) = (&self.saga.service, self.output(step));
        let undone = self.stand_in_type(step.ident, at);
        let undo = self.stand_in_type(method, at);
        quote_spanned! {at=>
            <_ as #krate::checks::Undoes<'_, #service, #output, #index, #undone, #undo, _, _>>
        }
    }

    /// Writes the method as a value.
    fn undo_method(&self, method: &Ident) -> TokenStream {
        let service = &self.saga.service;
        quote_spanned!(method.span()=> <#service>::#method)
    }

    /// Writes its parameters as data.
    pub(super) fn parameters_elsewhere(&self, step: &Step<'_>, method: &Ident) -> TokenStream {
        let at = method.span();
        let krate = self.krate_at(at);
        let (undo, value) = (self.undo_trait(step, method), self.undo_method(method));
        quote_spanned!(at=> .parameters(#krate::checks::Parameters::of(#undo::PARAMETERS, &#value)))
    }

    /// Writes its call.
    pub(super) fn rewind_elsewhere(&self, step: &Step<'_>, method: &Ident) -> TokenStream {
        let (index, own) = (step.index, slot(step));
        let probe_imports = self.probe_imports();
        let at = method.span();
        let (undone_step, undo_stand_in) = (
            self.stand_in_type(step.ident, at),
            self.stand_in_type(method, at),
        );
        let (undo_trait, value) = (self.undo_trait(step, method), self.undo_method(method));
        // The locals have no hygiene, so that the compiler reports nothing at the attribute.
        let local = |name: &str| Ident::new(name, Span::mixed_site().located_at(at));
        let [service, executor, slots] = ["__service", "__executor", "__slots"].map(local);
        let [rollback, undone, halt] = ["__rollback", "__undone", "__halt"].map(local);
        let own_local = |name: &str| Ident::new(name, at);
        let [output, undo, error] = ["__output", "__undo", "__error_type"].map(own_local);
        let [view, begin, context] = ["__view", "__begin", "__context"].map(own_local);
        let kept_begin = own_local("__kept_begin");
        let (krate, calls) = (self.krate_at(at), self.at(index, at));
        let due = self.is_due(step, &rollback, &slots, at);
        let kept = if step.is_conditional() {
            quote_spanned!(at=> #krate::__private::ran(&#slots.#own))
        } else {
            quote_spanned!(at=> ::core::option::Option::as_ref(&#slots.#own))
        };
        let of_the_pivot = (self.saga.kind(step) == Some(Kind::Pivot)).then(|| {
            let given = self.output(step);
            quote_spanned! {at=>
                <_ as #krate::checks::TakesAttempt<#given, #undone_step, #undo_stand_in>>::checked(
                    #undo_trait::role(&#undo),
                );
            }
        });
        quote_spanned! {at=>
            if #due {
                let #output = #kept;
                let #undo = #value;
                #of_the_pivot
                #probe_imports
                let #error = <_ as #krate::checks::UndoReturn<#undone_step, #undo_stand_in>>::error_type(
                    #undo_trait::returned(&#undo),
                );
                let #view = <_ as #krate::checks::DisplayedErrorOf<#undo_stand_in>>::view(
                    (&&&&#error).__saga_view(),
                );
                let #undone = #calls::undo_on_any_thread(
                    #executor,
                    #krate::machine::Rollback::cause(#rollback),
                    #krate::__private::recorded,
                    move |#begin| {
                        // With a statement before the `async` block, no lint takes this for an `async` closure.
                        let #kept_begin = #begin;
                        async move {
                            let #context = #krate::executor::Begin::context(&#kept_begin);
                            #krate::__private::undone(
                                #undo_trait::undo(&#undo, #service, #output, &#context),
                                #view,
                            ).await
                        }
                    },
                    &mut ::core::option::Option::None,
                ).await;
                if let ::core::result::Result::Err(#halt) = #krate::checks::StepOf::<Self, #index>::note(
                    #rollback,
                    #undone,
                    #krate::__private::recorded,
                ) {
                    return ::core::result::Result::Err(#halt);
                }
            }
        }
    }
}
