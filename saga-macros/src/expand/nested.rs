//! A step that runs another saga: its run in place of the method's future, and its undo.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Expr, Ident, Type};

use super::call::Call;
use super::context::Expansion;
use super::state::{kept_slot, slot};
use crate::model::Step;
use crate::util::spans::respanned;

impl Expansion<'_> {
    /// Writes the arguments of an executor's call for a step that runs a saga.
    pub(super) fn nested_executor_arguments(
        &self,
        nested: &Type,
        step: &Step<'_>,
        call: &Call<'_>,
    ) -> TokenStream {
        let (slot, kept, at) = (slot(step), kept_slot(step), call.span());
        let krate = call.krate(self);
        let attempt = self.attempt(call);
        let [executor, slots, error] =
            ["__executor", "__slots", "__error"].map(|name| call.local(name));
        let when = step.policy.when();
        let when_at = when.map_or(at, syn::spanned::Spanned::span);
        let when = when.map_or_else(
            || quote_spanned!(at=> #krate::__private::always),
            |path| self.outside(path),
        );
        // It is a field, as in other steps: rustc would report a wrong argument at the call as well.
        let when = {
            let krate = self.krate_at(when_at);
            quote_spanned!(when_at=> &#krate::__private::When { when: #when })
        };
        let may_follow = self.undo_check(nested, step);
        let nested = self.outside(nested);
        quote_spanned! {at=>
            #executor,
            || {
                #may_follow
                #krate::executor::Faults::<#krate::__private::Unfinished<#nested, __X::Halt>> {
                    when: |#error| #error.is_worth_another(#when),
                    in_doubt: |#error| #error.is_stuck(),
                    view: |#error| #error.view(),
                    injected: #krate::executor::Injected::none(),
                    journal: #krate::executor::JsonForm::none(),
                }
            },
            #attempt,
            (&mut #slots.#slot, &mut #slots.#kept)
        }
    }

    /// Writes the check that a saga can be undone, where it may have to be.
    fn undo_check(&self, nested: &Type, step: &Step<'_>) -> Option<TokenStream> {
        let has_to = self.saga.is_undone_by_its_saga(step) && !self.saga.is_last(step);
        let (at, saga) = (nested.span(), self.outside(nested));
        let (krate, taker) = (self.krate_at(at), self.stand_in_type(step.ident, at));
        let can_be_undone =
            if self.saga.pivot().is_some() || step.is_member() || step.is_conditional() {
                quote_spanned!(at=> CanBeUndoneHere)
            } else {
                quote_spanned!(at=> CanBeUndone)
            };
        has_to.then(|| {
            quote_spanned! {at=>
                <<#saga as #krate::Saga>::Way as #krate::checks::#can_be_undone<#saga, #taker>>::checked();
            }
        })
    }

    /// Writes the undo of the saga that a step ran.
    pub(super) fn rewind_nested(&self, step: &Step<'_>) -> TokenStream {
        let call = Call::step(step);
        let calls = self.at(step.index, call.span());
        let (slot, kept) = (slot(step), kept_slot(step));
        let service = self.nested_service(&call);
        let [executor, rollback, slots, halt] =
            ["__executor", "__rollback", "__slots", "__halt"].map(|name| call.local(name));
        let due = self.is_due(step, &rollback, &slots, call.span());
        quote_spanned! {call.span()=>
            if #due {
                if let ::core::result::Result::Err(#halt) =
                    #calls::undo_nested(
                        #executor,
                        &mut #slots.#slot,
                        &mut #slots.#kept,
                        #rollback,
                        || #service,
                    ).await
                {
                    return ::core::result::Result::Err(#halt);
                }
            }
        }
    }

    /// Writes the run of the saga that a step runs, with the input that its method returns.
    pub(super) fn nest(&self, nested: &Type, call: &Call<'_>, called: &TokenStream) -> TokenStream {
        let (krate, at) = (call.krate(self), call.span());
        let [executor, begin] = ["__executor", "__begin"].map(|name| call.local(name));
        let (service, taker) = (
            self.nested_service(call),
            self.stand_in_type(call.method, at),
        );
        // The span is that of the return type, so that the compiler reports a wrong input there.
        let input_type = call.step.output.written();
        let input_at = input_type.as_ref().map_or(at, syn::spanned::Spanned::span);
        let input_type = input_type.map_or_else(
            || quote_spanned!(input_at=> ()),
            |input_type| self.outside(input_type),
        );
        let nested = self.outside(nested);
        let input = {
            let krate = self.krate_at(input_at);
            quote_spanned! {input_at=>
                <#input_type as #krate::checks::InputOf<
                    #nested, <#nested as #krate::Saga>::Input, #taker
                >>::input
            }
        };
        quote_spanned! {at=>
            #krate::__private::nest::<#nested, __X>(
                #executor,
                #begin,
                move || #service,
                move || #input(#called),
            )
        }
    }

    /// Writes a reference to the service of the saga that a step runs.
    pub(super) fn nested_service(&self, call: &Call<'_>) -> TokenStream {
        let (step, service) = (call.step, &self.saga.service);
        let receiver = call.local("__service");
        let Some(nested) = step.nested() else {
            return receiver.into_token_stream();
        };
        let Some(on) = step.options().on() else {
            let at = nested.span();
            let (krate, taker) = (self.krate_at(at), self.stand_in_type(call.method, at));
            let service = respanned(service.to_token_stream(), at);
            let nested = self.outside(nested);
            return quote_spanned! {at=>
                <#service as #krate::checks::IsServiceOf<
                    #nested, <#nested as #krate::Saga>::Service, #taker
                >>::service(#receiver)
            };
        };
        let at = on.value.span();
        let (krate, taker) = (self.krate_at(at), self.stand_in_type(call.method, at));
        let nested = self.outside(nested);
        let lent = lent_place(&on.value, &receiver);
        // A written type keeps the lifetime of the run out of messages.
        let lent = quote_spanned! {at=>
            <_ as #krate::checks::Lends<
                '_, #nested, <#nested as #krate::Saga>::Service, #taker
            >>::lend(#lent)
        };
        quote_spanned! {call.span()=>
            {
                let #receiver: &#service = #receiver;
                #lent
            }
        }
    }
}

/// Writes a reference to an expression, with the span of all of it. Parentheses of its own would have one
/// span only.
fn lent_place(place: &Expr, receiver: &Ident) -> TokenStream {
    let tokens = replace_receiver(place.to_token_stream(), receiver);
    // The span is not the user's: clippy would report a needless borrow of theirs.
    let at = Span::mixed_site().located_at(place.span());
    match place {
        Expr::Call(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::MethodCall(_)
        | Expr::Paren(_)
        | Expr::Path(_)
        | Expr::Reference(_)
        | Expr::Unary(_) => quote_spanned!(at=> & #tokens),
        _ => quote_spanned!(at=> &(#tokens)),
    }
}

/// Replaces `self` by the service.
fn replace_receiver(tokens: TokenStream, receiver: &Ident) -> TokenStream {
    let replace = |token: TokenTree| match token {
        TokenTree::Ident(ident) if ident == "self" => {
            let mut receiver = receiver.clone();
            receiver.set_span(receiver.span().located_at(ident.span()));
            receiver.into()
        }
        TokenTree::Group(group) => {
            let inner = replace_receiver(group.stream(), receiver);
            let mut outer = Group::new(group.delimiter(), inner);
            outer.set_span(group.span());
            outer.into()
        }
        other => other,
    };
    tokens.into_iter().map(replace).collect()
}
