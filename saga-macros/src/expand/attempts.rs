//! One attempt of the user's method: what it is lent, checked parameter by parameter, and the call.

use std::collections::BTreeSet;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::state::{given_away, slot};
use super::{Cx, code};
use crate::model::{Asked, Here, Parameter, Part, Pass, Source, Step};
use crate::util::names::plain;

/// A call of a method: of a step, or of the compensation of one.
pub(super) struct Call<'a> {
    pub(super) step: &'a Step<'a>,
    pub(super) method: &'a Ident,
    pub(super) parameters: &'a [Parameter],
    /// What is asked whether it is to be made.
    condition: Option<&'a Asked<'a>>,
}

impl<'a> Call<'a> {
    pub(super) fn step(step: &'a Step<'a>) -> Self {
        let condition = step.condition.as_ref();
        Self {
            step,
            method: step.ident,
            parameters: &step.parameters,
            condition: condition.and_then(|condition| condition.here.as_ref()),
        }
    }

    /// The condition of a step.
    fn asked(step: &'a Step<'a>, here: &'a Asked<'a>) -> Self {
        Self {
            step,
            method: &here.method.sig.ident,
            parameters: &here.parameters,
            condition: None,
        }
    }

    pub(super) fn undo(step: &'a Step<'a>, here: &'a Here<'a>) -> Self {
        Self {
            step,
            method: &here.method.sig.ident,
            parameters: &here.parameters,
            condition: None,
        }
    }

    /// Where all of the call is written: what is wrong with it is told at the method's name, and once,
    /// for rustc tells nothing twice that is the same to the letter.
    pub(super) fn span(&self) -> Span {
        self.method.span()
    }

    /// A local of the machine, to be named there.
    pub(super) fn local(&self, name: &str) -> Ident {
        Ident::new(name, Span::mixed_site().located_at(self.span()))
    }

    /// What carries out its step: another thing where that runs a saga.
    pub(super) fn name_of_a_step(&self, plain: &str, nested: &str) -> Ident {
        let name = if self.step.nested().is_some() {
            nested
        } else {
            plain
        };
        Ident::new(name, self.span())
    }

    /// Where a tuple is taken apart: at the first of the parameters that it is spread over.
    fn spread_at(&self) -> Span {
        let spread = self.parameters.iter().find(|p| p.part.is_some());
        spread.map_or_else(|| self.span(), |first| first.ty.span())
    }

    /// `saga-core`, named there.
    pub(super) fn krate(&self, cx: &Cx<'_>) -> TokenStream {
        cx.krate_at(self.span())
    }

    /// What is kept in the slots and lent to the attempts, in order, each once; and whether it is
    /// given away.
    fn lent(&self) -> BTreeSet<(Source, bool)> {
        let kept = self
            .parameters
            .iter()
            .filter(|parameter| parameter.source != Source::Context);
        kept.map(|parameter| (parameter.source, parameter.pass == Pass::Moved))
            .collect()
    }

    /// The same with what its condition is lent: of what is given away to the call that is a part.
    fn lent_to_all(&self) -> BTreeSet<(Source, bool)> {
        let mut all = self.lent();
        if let Some(here) = self.condition {
            let asked = Call::asked(self.step, here).lent();
            all.extend(
                asked
                    .into_iter()
                    .filter(|(source, _)| !all_has(&self.lent(), *source)),
            );
        }
        all
    }
}

fn all_has(lent: &BTreeSet<(Source, bool)>, source: Source) -> bool {
    lent.iter().any(|(other, _)| *other == source)
}

impl Cx<'_> {
    /// What is lent to the attempts of a call, out of the slots, as locals.
    pub(super) fn lend(&self, call: &Call<'_>) -> TokenStream {
        let (at, slots) = (call.span(), call.local("__slots"));
        let mut lent = TokenStream::new();
        for (source, moved) in call.lent_to_all() {
            let local = call.local(&self.local(source, call.step).to_string());
            let field = match source {
                Source::Input => quote_spanned!(at=> input),
                Source::Output(_) | Source::Ran(_) => quote_spanned!(at=> #local),
                Source::Attempt | Source::Context => {
                    let own = slot(call.step);
                    quote_spanned!(at=> #own)
                }
            };
            lent.extend(if moved {
                let given_away = given_away(source);
                quote_spanned! {at=>
                    #slots.#given_away = true;
                    let #local = &mut #slots.#field;
                }
            } else if matches!(source, Source::Ran(_))
                || (source == Source::Attempt && call.step.is_conditional())
            {
                let krate = call.krate(self);
                quote_spanned!(at=> let #local = #krate::__private::ran(&#slots.#field);)
            } else if source == Source::Attempt || self.is_option(source) {
                quote_spanned!(at=> let #local = ::core::option::Option::as_ref(&#slots.#field);)
            } else {
                quote_spanned!(at=> let #local = &#slots.#field;)
            });
        }
        lent
    }

    /// The closure that begins an attempt of a call, with what is lent to it.
    pub(super) fn attempt(&self, call: &Call<'_>) -> TokenStream {
        let (krate, at) = (call.krate(self), call.span());
        let service = &self.saga.service;
        let mut values = TokenStream::new();
        for (source, moved) in call.lent() {
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
        if let Some(here) = call.condition {
            return self.conditional(call, here, &quote_spanned!(at=> #values #spread), &future);
        }
        if call.parameters.iter().any(|p| p.source == Source::Context) {
            return quote_spanned! {at=>
                move |#begin| {
                    #values
                    #spread
                    async move {
                        let #context = #krate::Begin::context(&#begin);
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

    /// The closure that begins an attempt of a call that is only made if its condition says so: asked
    /// in the first attempt, and not again.
    fn conditional(
        &self,
        call: &Call<'_>,
        here: &Asked<'_>,
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
                    let #context = #krate::Begin::context(&#begin);
                    #future.await
                }
            }
        } else {
            future.clone()
        };
        let asked = Call::asked(call.step, here);
        let asked_at = asked.span();
        let mut asked_values = TokenStream::new();
        for (source, _) in asked.lent() {
            let local = asked.local(&self.local(source, call.step).to_string());
            let krate = asked.krate(self);
            if call.lent().contains(&(source, true)) {
                asked_values.extend(quote_spanned! {asked_at=>
                    let #local = #krate::__private::lent(::core::option::Option::as_ref(#local));
                });
            } else if self.is_option(source) {
                asked_values.extend(
                    quote_spanned!(asked_at=> let #local = #krate::__private::lent(#local);),
                );
            }
        }
        if takes_context(asked.parameters) {
            let [context, begin] = ["__context", "__begin"].map(|name| asked.local(name));
            let krate = asked.krate(self);
            asked_values.extend(quote_spanned! {asked_at=>
                let #context = #krate::Begin::context(&#begin);
            });
        }
        let spread = self.spread(&asked);
        let arguments = asked.parameters.iter().map(|p| self.argument(p, &asked));
        let (service, method) = (&self.saga.service, asked.method);
        let receiver = asked.local("__service");
        let told = plain(method);
        let ask = quote_spanned! {asked_at=>
            {
                #asked_values
                #spread
                <#service>::#method(#receiver, #(#arguments),*)
            }
        };
        quote_spanned! {at=>
            {
                let mut #answer = ::core::option::Option::None;
                move |#begin| {
                    let #answer = #krate::__private::asked(&mut #answer, #told, || #ask);
                    #krate::__private::only_if(if #answer {
                        #values
                        ::core::option::Option::Some(#future)
                    } else {
                        ::core::option::Option::None
                    })
                }
            }
        }
    }

    /// `saga-core`, named at this place; or where the user named it.
    pub(super) fn krate_at(&self, at: Span) -> TokenStream {
        match &self.named {
            Some(path) => path.to_token_stream(),
            None => quote_spanned!(at=> ::saga_core),
        }
    }

    /// The type that stands for a method in messages, or for the input.
    pub(super) fn told_as(&self, method: &Ident, at: Span) -> TokenStream {
        let (mut module, mut method) = (self.told_in(), stand_in(method));
        module.set_span(at);
        method.set_span(at);
        quote_spanned!(at=> #module::#method)
    }

    /// The module of these types. Where two sagas have a step of one name, rustc writes it before the
    /// name.
    pub(super) fn told_in(&self) -> Ident {
        format_ident!(
            "steps_of_{}",
            self.saga.names.saga,
            span = Span::mixed_site()
        )
    }

    /// Whether a value is kept as an `Option`: the input is there from the beginning to the end,
    /// unless it is given away.
    fn is_option(&self, source: Source) -> bool {
        match source {
            Source::Input => self.saga.is_given_away(source),
            Source::Output(_) | Source::Ran(_) => true,
            Source::Attempt | Source::Context => false,
        }
    }

    /// An argument: what its parameter is bound to, checked against the parameter's own type.
    fn argument(&self, parameter: &Parameter, call: &Call<'_>) -> TokenStream {
        let span = parameter.ty.span();
        let krate = self.krate_at(span);
        let ty = self.outside(&parameter.ty);
        let taker = self.told_as(call.method, span);
        if parameter.source == Source::Attempt {
            let (output, local) = (self.output(call.step), local("__attempt"));
            return quote_spanned! {span=>
                <#ty as #krate::checks::HandOverAttempt<'_, #output, #taker>>::hand_over(#local)
            };
        }
        let Some((giver, given)) = self.given(parameter.source, span) else {
            return code!(&__context);
        };
        let (given, local) = match parameter.part {
            None => (given, self.local(parameter.source, call.step)),
            Some(Part { field, .. }) => (code!(_), field_local(field, call.spread_at())),
        };
        match parameter.pass {
            Pass::Lent if parameter.source == Source::Input && parameter.part.is_none() => {
                quote_spanned! {span=>
                    <#ty as #krate::checks::HandInput<'_, #given, #taker>>::hand_over(#local)
                }
            }
            Pass::Lent if self.may_be_skipped(parameter.source) => {
                let given = self.inner(parameter.source);
                quote_spanned! {span=>
                    <#ty as #krate::checks::HandOverOptional<'_, #given, #giver, #taker>>
                        ::hand_over(#local)
                }
            }
            Pass::Lent => quote_spanned! {span=>
                <#ty as #krate::checks::HandOver<'_, #given, #giver, #taker>>::hand_over(#local)
            },
            Pass::Cloned if self.may_be_skipped(parameter.source) => {
                let given = self.inner(parameter.source);
                quote_spanned! {span=>
                    <#ty as #krate::checks::TakeOverOptional<#given, #giver, #taker>>::take_over(
                        <#krate::checks::Kept as #krate::checks::OptionAgain<
                            _, #giver, #taker
                        >>::again(#local)
                    )
                }
            }
            Pass::Moved if self.may_be_skipped(parameter.source) => {
                let given = self.inner(parameter.source);
                quote_spanned! {span=>
                    <#ty as #krate::checks::TakeOverOptional<#given, #giver, #taker>>
                        ::take_over(#local)
                }
            }
            Pass::Cloned => quote_spanned! {span=>
                <#ty as #krate::checks::TakeOver<#given, #giver, #taker>>::take_over(
                    <#krate::checks::Kept as #krate::checks::Again<_, #giver, #taker>>::again(#local)
                )
            },
            Pass::Moved => quote_spanned! {span=>
                <#ty as #krate::checks::TakeOver<#given, #giver, #taker>>::take_over(#local)
            },
        }
    }

    /// Whether a value is of a step that may be skipped.
    fn may_be_skipped(&self, source: Source) -> bool {
        match source {
            Source::Output(index) => {
                let step = self.saga.steps.get(index);
                step.is_some_and(Step::is_conditional)
            }
            _ => false,
        }
    }

    /// The type of such a value where the step was not.
    fn inner(&self, source: Source) -> Option<TokenStream> {
        match source {
            Source::Output(index) => Some(self.output(self.saga.steps.get(index)?)),
            _ => None,
        }
    }

    /// Takes the tuple apart that is spread over several parameters, if one is.
    fn spread(&self, call: &Call<'_>) -> TokenStream {
        let spread = call.parameters.iter().find_map(|p| Some((p, p.part?)));
        let Some((first, Part { arity, .. })) = spread else {
            return TokenStream::new();
        };
        let Some((giver, ty)) = self.given(first.source, first.ty.span()) else {
            return TokenStream::new();
        };
        let moved = call.lent().contains(&(first.source, true));
        let local = self.local(first.source, call.step);
        let at = first.ty.span();
        let taker = self.told_as(call.method, at);
        let krate = self.krate_at(at);
        let fields = (0..arity).map(|field| field_local(field, at));
        let whole = Ident::new("__whole", at);
        let lent = (!moved).then(|| quote_spanned!(at=> &));
        // At the first of the parameters, so that what is no such tuple is reported there. Without
        // hygiene, for the same reason; nothing of the user's but types is near.
        let ty = respanned(ty, at);
        quote_spanned! {at=>
            let #whole = #local;
            let (#(#fields,)*) = <#lent #ty as #krate::checks::Spread<#arity, #giver, #taker>>::spread(#whole);
        }
    }

    /// Who made a value that is kept in the slots, and its type.
    fn given(&self, source: Source, at: Span) -> Option<(TokenStream, TokenStream)> {
        match source {
            Source::Input => Some((self.told_as(&local("input"), at), self.input())),
            Source::Output(index) => {
                let step = self.saga.steps.get(index)?;
                Some((self.told_as(step.ident, at), self.kept(step)))
            }
            Source::Ran(index) => {
                let step = self.saga.steps.get(index)?;
                Some((self.told_as(step.ident, at), self.output(step)))
            }
            Source::Attempt | Source::Context => None,
        }
    }

    /// The local that a value is lent from.
    fn local(&self, source: Source, step: &Step<'_>) -> Ident {
        match source {
            Source::Input => local("__input"),
            Source::Output(index) | Source::Ran(index) => {
                let steps = &self.saga.steps;
                steps.get(index).map_or_else(|| slot(step), slot)
            }
            Source::Attempt => local("__attempt"),
            Source::Context => local("__context"),
        }
    }
}

fn field_local(field: usize, at: Span) -> Ident {
    format_ident!("__field_{field}", span = at)
}

/// The same tokens at another place: a type that is checked for somebody else's parameter.
pub(super) fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        let located = token.span().located_at(span);
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), respanned(group.stream(), span)).into();
        }
        token.set_span(located);
        token
    };
    tokens.into_iter().map(respan).collect()
}

/// A local of the code around, to be named between tokens that have a span of the user's.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The name of the type that stands for a method in messages.
pub(super) fn stand_in(method: &Ident) -> Ident {
    Ident::new_raw(&plain(method), Span::mixed_site())
}
