//! One attempt of the user's method: the closure that begins it.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote_spanned};

use super::call::Call;
use super::context::{Expansion, code};
use crate::model::{ConditionMethod, Parameter, Source};
use crate::util::names::plain;

impl Expansion<'_> {
    /// Writes the closure that begins an attempt of a call, with the values it borrows.
    pub(super) fn attempt(&self, call: &Call<'_>) -> TokenStream {
        let (krate, at) = (call.krate(self), call.span());
        let service = &self.saga.service;
        let mut values = TokenStream::new();
        for (source, moved) in call.loans() {
            let local = call.local(&self.local(source, call.step).to_string());
            if moved {
                values.extend(quote_spanned!(at=> let #local = #krate::__private::given(#local);));
            } else if self.is_option(source) {
                values.extend(quote_spanned!(at=> let #local = #krate::__private::lent(#local);));
            }
        }
        let spread = self.spread(call);
        let arguments = call.parameters.iter().map(|p| self.argument(p, call));
        let [receiver, context, begin] =
            ["__service", "__context", "__begin"].map(|name| call.local(name));
        let method = call.method;
        let called = quote_spanned!(at=> <#service>::#method(#receiver, #(#arguments),*));
        let nested = call.step.nested();
        let future = match nested {
            Some(nested) => self.nest(nested, call, &called),
            None => called,
        };
        if let Some(in_block) = call.condition {
            return self.conditional(
                call,
                in_block,
                &quote_spanned!(at=> #values #spread),
                &future,
            );
        }
        if call.parameters.iter().any(|p| p.source == Source::Context) {
            let kept = call.local("__kept_begin");
            return quote_spanned! {at=>
                move |#begin| {
                    // With a statement before the `async` block, no lint takes this for an `async` closure.
                    let #kept = #begin;
                    #values
                    #spread
                    async move {
                        let #context = #krate::executor::Begin::context(&#kept);
                        #future.await
                    }
                }
            };
        }
        let begin = nested.map_or_else(|| code!(_), |_| begin.to_token_stream());
        quote_spanned! {at=>
            move |#begin| {
                #values
                #spread
                #future
            }
        }
    }

    /// Writes the closure that begins an attempt of a conditional call. The first attempt evaluates the
    /// condition, later ones do not.
    fn conditional(
        &self,
        call: &Call<'_>,
        in_block: &ConditionMethod<'_>,
        values: &TokenStream,
        future: &TokenStream,
    ) -> TokenStream {
        let (krate, at) = (call.krate(self), call.span());
        let [context, begin, answer] =
            ["__context", "__begin", "__answer"].map(|name| call.local(name));
        let takes_context = |parameters: &[Parameter]| {
            let mut parameters = parameters.iter();
            parameters.any(|p| p.source == Source::Context)
        };
        let future = if takes_context(call.parameters) {
            quote_spanned! {at=>
                async move {
                    let #context = #krate::executor::Begin::context(&#begin);
                    #future.await
                }
            }
        } else {
            future.clone()
        };
        let condition = Call::condition(call.step, in_block);
        let condition_at = condition.span();
        let mut condition_values = TokenStream::new();
        for (source, _) in condition.loans() {
            let local = condition.local(&self.local(source, call.step).to_string());
            let krate = condition.krate(self);
            if call.loans().contains(&(source, true)) {
                condition_values.extend(quote_spanned! {condition_at=>
                    let #local = #krate::__private::lent(::core::option::Option::as_ref(#local));
                });
            } else if self.is_option(source) {
                condition_values.extend(
                    quote_spanned!(condition_at=> let #local = #krate::__private::lent(#local);),
                );
            }
        }
        if takes_context(condition.parameters) {
            let [context, begin] = ["__context", "__begin"].map(|name| condition.local(name));
            let krate = condition.krate(self);
            condition_values.extend(quote_spanned! {condition_at=>
                let #context = #krate::executor::Begin::context(&#begin);
            });
        }
        let spread = self.spread(&condition);
        let arguments = condition
            .parameters
            .iter()
            .map(|p| self.argument(p, &condition));
        let (service, method) = (&self.saga.service, condition.method);
        let receiver = condition.local("__service");
        let name = plain(method);
        let answered = quote_spanned! {condition_at=>
            {
                #condition_values
                #spread
                <#service>::#method(#receiver, #(#arguments),*)
            }
        };
        quote_spanned! {at=>
            {
                let mut #answer = ::core::option::Option::None;
                move |#begin| {
                    let #answer = #krate::__private::condition_says(&#begin, &mut #answer, #name, || #answered);
                    #krate::__private::only_if(#begin, if #answer {
                        #values
                        #krate::__private::Conditional::Runs(#future)
                    } else {
                        #krate::__private::Conditional::IsSkipped
                    })
                }
            }
        }
    }
}
