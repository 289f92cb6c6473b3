//! The values that an attempt borrows, and the arguments of its call, each checked against its parameter.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Ident;
use syn::spanned::Spanned as _;

use super::call::Call;
use super::context::{Expansion, code};
use super::state::{moved_flag, slot};
use crate::model::{Parameter, Part, Pass, Source, Step};
use crate::util::spans::respanned;

impl Expansion<'_> {
    /// Writes the locals that the attempts of a call borrow from the slots.
    pub(super) fn lend(&self, call: &Call<'_>) -> TokenStream {
        let (at, slots) = (call.span(), call.local("__slots"));
        let mut lent = TokenStream::new();
        for (source, moved) in call.loans_with_condition() {
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
                let moved_flag = moved_flag(source);
                quote_spanned! {at=>
                    #slots.#moved_flag = true;
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

    /// Whether the slot of a value is an `Option`. The input is always there, unless a step takes it by move.
    pub(super) fn is_option(&self, source: Source) -> bool {
        match source {
            Source::Input => self.saga.is_moved(source),
            Source::Output(_) | Source::Ran(_) => true,
            Source::Attempt | Source::Context => false,
        }
    }

    /// Writes an argument: the value of a parameter, checked against its own type.
    pub(super) fn argument(&self, parameter: &Parameter, call: &Call<'_>) -> TokenStream {
        let (mut span, mut ty) = (parameter.ty.span(), self.outside(&parameter.ty));
        let undoes_others_too = is_of_own_step(parameter, call) && self.undoes_others_too(call);
        if undoes_others_too {
            // The parameter fits another step, so the mistake is the name at this one.
            span = call.named_at();
            ty = respanned(ty, span);
        }
        let krate = self.krate_at(span);
        let taker = self.stand_in_type(call.method, span);
        if parameter.source == Source::Attempt {
            let (output, local) = (self.output(call.step), local("__attempt"));
            let giver = self.stand_in_type(call.step.ident, span);
            if undoes_others_too {
                return quote_spanned! {span=>
                    <#ty as #krate::checks::UndoAnother<
                        ::core::option::Option<&#output>, #output, #giver, #taker
                    >>::hand_over(#local)
                };
            }
            return quote_spanned! {span=>
                <#ty as #krate::checks::UndoAttempt<'_, #output, #giver, #taker>>::hand_over(#local)
            };
        }
        let Some((giver, given)) = self.origin(parameter.source, span) else {
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
                let given = self.unwrapped(parameter.source);
                quote_spanned! {span=>
                    <#ty as #krate::checks::HandOverOptional<'_, #given, #giver, #taker>>
                        ::hand_over(#local)
                }
            }
            Pass::Lent if undoes_others_too && parameter.part.is_none() => quote_spanned! {span=>
                <#ty as #krate::checks::UndoAnother<&#given, #given, #giver, #taker>>
                    ::hand_over(#local)
            },
            Pass::Lent if is_of_own_step(parameter, call) && parameter.part.is_none() => {
                quote_spanned! {span=>
                    <#ty as #krate::checks::UndoOutput<'_, #given, #giver, #taker>>::hand_over(#local)
                }
            }
            Pass::Lent if let Some(intended) = self.saga.possibly_intended(parameter) => {
                let Some((other, _)) = self.origin(intended, span) else {
                    return code!(&__context);
                };
                let check = match intended {
                    Source::Input => code!(HandOverOrInput<'_, #given, #giver, #taker>),
                    _ => code!(HandOverOrFrom<'_, #given, #giver, #taker, #other>),
                };
                quote_spanned!(span=> <#ty as #krate::checks::#check>::hand_over(#local))
            }
            Pass::Lent => quote_spanned! {span=>
                <#ty as #krate::checks::HandOver<'_, #given, #giver, #taker>>::hand_over(#local)
            },
            Pass::Cloned if self.may_be_skipped(parameter.source) => {
                let given = self.unwrapped(parameter.source);
                quote_spanned! {span=>
                    <#ty as #krate::checks::TakeOverOptional<#given, #giver, #taker>>::take_over(
                        <#krate::checks::Kept as #krate::checks::OptionAgain<
                            _, #giver, #taker
                        >>::again(#local)
                    )
                }
            }
            Pass::Moved if self.may_be_skipped(parameter.source) => {
                let given = self.unwrapped(parameter.source);
                quote_spanned! {span=>
                    <#ty as #krate::checks::TakeOverOptional<#given, #giver, #taker>>
                        ::take_over(#local)
                }
            }
            Pass::Cloned if parameter.source == Source::Input && parameter.part.is_none() => {
                quote_spanned! {span=>
                    <<#ty as #krate::checks::TakeAgain<#given, #giver, #taker>>::Keeper
                        as #krate::checks::InputAgain<#given, #taker>>::again(#local)
                }
            }
            Pass::Cloned => quote_spanned! {span=>
                <<#ty as #krate::checks::TakeAgain<#given, #giver, #taker>>::Keeper
                    as #krate::checks::Again<#given, #giver, #taker>>::again(#local)
            },
            Pass::Moved => quote_spanned! {span=>
                <#ty as #krate::checks::TakeOver<#given, #giver, #taker>>::take_over(#local)
            },
        }
    }

    /// Whether the method of the call is the compensation of several steps.
    fn undoes_others_too(&self, call: &Call<'_>) -> bool {
        let undo = |step: &Step<'_>| Some(step.compensation.as_ref()?.ident.clone());
        let own = Some(call.method);
        let steps = self.saga.steps.iter();
        steps.filter(|step| undo(step).as_ref() == own).count() > 1
    }

    /// Whether the value is the output of a step that may be skipped.
    fn may_be_skipped(&self, source: Source) -> bool {
        match source {
            Source::Output(index) => {
                let step = self.saga.steps.get(index);
                step.is_some_and(Step::is_conditional)
            }
            _ => false,
        }
    }

    /// Returns the type of that output when the step was not skipped.
    fn unwrapped(&self, source: Source) -> Option<TokenStream> {
        match source {
            Source::Output(index) => Some(self.output(self.saga.steps.get(index)?)),
            _ => None,
        }
    }

    /// Writes the destructuring of a tuple that is spread over several parameters.
    pub(super) fn spread(&self, call: &Call<'_>) -> TokenStream {
        let spread = call.parameters.iter().find_map(|p| Some((p, p.part?)));
        let Some((first, Part { arity, .. })) = spread else {
            return TokenStream::new();
        };
        let Some((giver, ty)) = self.origin(first.source, first.ty.span()) else {
            return TokenStream::new();
        };
        let moved = call.loans().contains(&(first.source, true));
        let local = self.local(first.source, call.step);
        let at = first.ty.span();
        let taker = self.stand_in_type(call.method, at);
        let krate = self.krate_at(at);
        let fields = (0..arity).map(|field| field_local(field, at));
        let whole = Ident::new("__whole", at);
        let lent = (!moved).then(|| quote_spanned!(at=> &));
        // The span is that of the first parameter, so that the compiler reports a wrong tuple there. For the
        // same reason there is no hygiene; only the user's types are near.
        let ty = respanned(ty, at);
        quote_spanned! {at=>
            let #whole = #local;
            let (#(#fields,)*) = <#lent #ty as #krate::checks::Spread<#arity, #giver, #taker>>::spread(#whole);
        }
    }

    /// Returns the stand-in of the method that made a value in the slots, and the type of that value.
    fn origin(&self, source: Source, at: Span) -> Option<(TokenStream, TokenStream)> {
        match source {
            Source::Input => Some((self.stand_in_type(&local("input"), at), self.input())),
            Source::Output(index) => {
                let step = self.saga.steps.get(index)?;
                Some((
                    self.stand_in_type(step.ident, at),
                    self.output_for_others(step),
                ))
            }
            Source::Ran(index) => {
                let step = self.saga.steps.get(index)?;
                Some((self.stand_in_type(step.ident, at), self.output(step)))
            }
            Source::Attempt | Source::Context => None,
        }
    }

    /// Returns the local that borrows a value.
    pub(super) fn local(&self, source: Source, step: &Step<'_>) -> Ident {
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

/// Whether a parameter of a compensation takes what is known of its own step.
fn is_of_own_step(parameter: &Parameter, call: &Call<'_>) -> bool {
    match parameter.source {
        Source::Attempt => true,
        Source::Output(index) | Source::Ran(index) => index == call.step.index,
        Source::Input | Source::Context => false,
    }
}

fn field_local(field: usize, at: Span) -> Ident {
    format_ident!("__field_{field}", span = at)
}

/// Returns a local of the surrounding code, for use between tokens with the user's spans.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
