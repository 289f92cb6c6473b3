//! One call of the user's method: what is lent to it, and how its errors are judged and told.

use std::collections::BTreeSet;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{ExprPath, Ident};

use super::state::{given_away, slot};
use super::{Cx, code};
use crate::model::{Compensation, Parameter, Part, Pass, Returned, Source, Step, plain};

impl Cx<'_> {
    /// Borrows from the slots what the parameters are bound to, or else does `missing`; and the
    /// step's own slot, to be written.
    pub(super) fn lent(
        &self,
        parameters: &[Parameter],
        taker: &Ident,
        own: Option<&Ident>,
        missing: &TokenStream,
    ) -> TokenStream {
        let slots = &self.saga.names.slots;
        let sources: BTreeSet<_> = parameters
            .iter()
            .map(|p| (p.source, p.pass == Pass::Moved))
            .collect();
        let mut fields = TokenStream::new();
        let mut reborrows = TokenStream::new();
        let mut can_be_missing = false;
        for (source, moved) in sources {
            let Some(Given { local, .. }) = self.given(source) else {
                continue;
            };
            let field = match source {
                Source::Input => code!(input),
                _ => code!(#local),
            };
            if moved {
                // The whole `Option`, for the attempt to take the value out of.
                let given_away = given_away(source);
                can_be_missing = true;
                fields
                    .extend(code!(#field: #local @ ::core::option::Option::Some(_), #given_away,));
                reborrows.extend(code!(*#given_away = true;));
            } else if source == Source::Input && !self.saga.is_given_away(source) {
                fields.extend(code!(#field: #local,));
                reborrows.extend(code!(let #local = &*#local;));
            } else {
                can_be_missing = true;
                fields.extend(code!(#field: ::core::option::Option::Some(#local),));
                reborrows.extend(code!(let #local = &*#local;));
            }
        }
        if let Some(own) = own {
            fields.extend(code!(#own: __slot,));
            if parameters.iter().any(|p| p.source == Source::Attempt) {
                reborrows.extend(code!(let __attempt = ::core::option::Option::as_ref(__slot);));
            }
        }
        reborrows.extend(self.spread(parameters, taker, false));
        if fields.is_empty() {
            return TokenStream::new();
        }
        let or_missing = can_be_missing.then(|| code!(else { #missing }));
        code! {
            let #slots { #fields .. } = &mut *__slots #or_missing;
            #reborrows
        }
    }

    /// The closure that begins one attempt of a step.
    pub(super) fn step_attempt(&self, step: &Step<'_>) -> TokenStream {
        let taker = step.ident;
        let arguments = step
            .parameters
            .iter()
            .map(|p| self.argument(p, step, taker));
        self.attempt(taker, &step.parameters, arguments)
    }

    /// What is lent to a compensation, the closure that begins one attempt of it, and how its
    /// errors are judged.
    pub(super) fn compensation_call(
        &self,
        step: &Step<'_>,
        compensation: &Compensation<'_>,
    ) -> (TokenStream, TokenStream, TokenStream) {
        let krate = &self.krate;
        let ident = &compensation.ident;
        let nothing_to_undo = code! {
            return ::core::result::Result::Err(#krate::Stop::GaveUp(
                #krate::__private::missing_for_undo(),
            ))
        };
        let own = slot(step);
        let Some(here) = &compensation.here else {
            // In another block, where the macro cannot see it: it takes the step's output.
            let output = [Parameter {
                name: String::new(),
                ty: self.saga.input.clone(),
                source: Source::Output(step.index),
                part: None,
                pass: Pass::Lent,
                sensitive: false,
                is_bare: true,
            }];
            let rungs = self.rungs();
            let method = stand_in(ident);
            let error_type = local("__error_type");
            // At the name in `compensate = ..`, so that a method that does not fit is reported there.
            let located = Ident::new(&own.to_string(), own.span().located_at(ident.span()));
            let service = local("__service");
            let undo = local("__undo");
            let asked = quote_spanned!(ident.span()=> #krate::__private::error_type_of(&#undo));
            let call = quote_spanned!(ident.span()=> (&*#service).#ident(#located));
            let told = quote_spanned! {ident.span()=>
                <_ as #krate::checks::StepErrorType<__saga_steps::#method>>::told(
                    (&&&&#error_type).__saga_view()
                )
            };
            let mut lent = self.lent(&output, ident, None, &nothing_to_undo);
            lent.extend(code! {
                let __undo = move || #call;
                #rungs
                let __error_type = #asked;
            });
            let faults = code! {
                #krate::Faults {
                    when: #krate::__private::always,
                    in_doubt: #krate::__private::never,
                    view: #told,
                }
            };
            return (lent, code!(move |_| __undo()), faults);
        };
        let attempted = Some(&own).filter(|_| compensation.takes_attempt());
        let lent = self.lent(&here.parameters, ident, attempted, &nothing_to_undo);
        let arguments = here
            .parameters
            .iter()
            .map(|p| self.argument(p, step, ident));
        let attempt = self.attempt(&here.method.sig.ident, &here.parameters, arguments);
        let faults = self.faults(&here.returned, ident, compensation.policy.when(), None);
        (lent, attempt, faults)
    }

    /// An argument: what its parameter is bound to, checked against the parameter's own type.
    fn argument(&self, parameter: &Parameter, step: &Step<'_>, taker: &Ident) -> TokenStream {
        let krate = &self.krate;
        let span = parameter.ty.span();
        let ty = self.outside(&parameter.ty);
        let taker = stand_in(taker);
        if parameter.source == Source::Attempt {
            let (output, local) = (self.output(step), local("__attempt"));
            return quote_spanned! {span=>
                <#ty as #krate::checks::HandOverAttempt<'_, #output, __saga_steps::#taker>>::hand_over(#local)
            };
        }
        let Some(Given {
            giver,
            ty: given,
            local,
        }) = self.given(parameter.source)
        else {
            return code!(&__context);
        };
        let (given, local) = match parameter.part {
            None => (given, local),
            Some(Part { field, .. }) => (code!(_), field_local(field)),
        };
        match parameter.pass {
            Pass::Lent if parameter.source == Source::Input && parameter.part.is_none() => {
                quote_spanned! {span=>
                    <#ty as #krate::checks::HandInput<'_, #given, __saga_steps::#taker>>::hand_over(#local)
                }
            }
            Pass::Lent => quote_spanned! {span=>
                <#ty as #krate::checks::HandOver<'_, #given, __saga_steps::#giver, __saga_steps::#taker>>::hand_over(#local)
            },
            Pass::Cloned => quote_spanned! {span=>
                <#ty as #krate::checks::TakeOver<#given, __saga_steps::#giver, __saga_steps::#taker>>::take_over(
                    <_ as #krate::checks::Again<__saga_steps::#giver, __saga_steps::#taker>>::again(#local)
                )
            },
            Pass::Moved => quote_spanned! {span=>
                <#ty as #krate::checks::TakeOver<#given, __saga_steps::#giver, __saga_steps::#taker>>::take_over(#local)
            },
        }
    }

    /// Takes the tuple apart that is spread over several parameters, if one is.
    fn spread(&self, parameters: &[Parameter], taker: &Ident, by_value: bool) -> TokenStream {
        let krate = &self.krate;
        let mut spread = parameters.iter().filter_map(|p| Some((p, p.part?)));
        // What is moved is taken apart in the attempt, and by value.
        let moved = parameters
            .iter()
            .any(|p| p.part.is_some() && p.pass == Pass::Moved);
        if moved != by_value {
            return TokenStream::new();
        }
        let Some((first, Part { arity, .. })) = spread.next() else {
            return TokenStream::new();
        };
        let Some(Given { giver, ty, local }) = self.given(first.source) else {
            return TokenStream::new();
        };
        let taker = stand_in(taker);
        let located = |field| {
            let field = field_local(field);
            Ident::new(&field.to_string(), field.span().located_at(first.ty.span()))
        };
        let fields = (0..arity).map(located);
        let ty = respanned(ty, first.ty.span());
        let lent = (!by_value).then(|| quote_spanned!(first.ty.span()=> &));
        // At the first of the parameters, so that what is no such tuple is reported there.
        quote_spanned! {first.ty.span()=>
            let (#(#fields,)*) = <#lent #ty as #krate::checks::Spread<#arity, __saga_steps::#giver, __saga_steps::#taker>>::spread(#local);
        }
    }

    /// A value that can be lent; none for what is not kept in the slots.
    fn given(&self, source: Source) -> Option<Given> {
        match source {
            Source::Input => Some(Given {
                giver: local("input"),
                ty: self.input(),
                local: local("__input"),
            }),
            Source::Output(index) => {
                let step = self.saga.steps.get(index)?;
                Some(Given {
                    giver: stand_in(step.ident),
                    ty: self.output(step),
                    local: slot(step),
                })
            }
            Source::Attempt | Source::Context => None,
        }
    }

    fn attempt(
        &self,
        method: &Ident,
        parameters: &[Parameter],
        arguments: impl Iterator<Item = TokenStream>,
    ) -> TokenStream {
        let krate = &self.krate;
        let service = &self.saga.service;
        let receiver = local("__service");
        // At the method's name, so that a future that is not `Send` is reported there.
        let future = quote_spanned! {method.span()=>
            #krate::checks::step_future(<#service>::#method(#receiver, #(#arguments),*))
        };
        let context = parameters.iter().any(|p| p.source == Source::Context);
        let context = context.then(|| code!(let __context = #krate::Begin::context(&__begin);));
        let moved = parameters
            .iter()
            .filter(|p| p.pass == Pass::Moved)
            .map(|p| p.source);
        let moved: BTreeSet<_> = moved.collect();
        let moved = moved.into_iter().filter_map(|source| self.given(source));
        let moved: Vec<_> = moved.map(|given| given.local).collect();
        if moved.is_empty() {
            return match context {
                None => code!(move |_| async move { #future.await }),
                Some(_) => code! {
                    move |__begin| async move {
                        #context
                        #future.await
                    }
                },
            };
        }
        let spread = self.spread(parameters, method, true);
        code! {
            move |__begin| {
                #(let #moved = ::core::option::Option::take(#moved);)*
                async move {
                    #(
                        let ::core::option::Option::Some(#moved) = #moved else {
                            #krate::__private::given_away_twice()
                        };
                    )*
                    let _ = __begin;
                    #context
                    #spread
                    #future.await
                }
            }
        }
    }

    /// How the errors of a step or compensation are judged and told.
    pub(super) fn faults(
        &self,
        returned: &Returned<'_>,
        method: &Ident,
        when: Option<&ExprPath>,
        in_doubt: Option<&ExprPath>,
    ) -> TokenStream {
        let krate = &self.krate;
        let error = self.error(returned);
        let view = self.error_view(returned, method);
        let predicate = |path: Option<&ExprPath>, otherwise: &str| match path {
            Some(path) => self.outside(path),
            None => {
                let otherwise = format_ident!("{otherwise}");
                code!(#krate::__private::#otherwise)
            }
        };
        let (when, in_doubt) = (predicate(when, "always"), predicate(in_doubt, "never"));
        code! {
            #krate::Faults::<#error> { when: #when, in_doubt: #in_doubt, view: #view }
        }
    }

    /// A `fn(&E) -> ErrorView`.
    pub(super) fn error_view(&self, returned: &Returned<'_>, method: &Ident) -> TokenStream {
        let krate = &self.krate;
        let error = self.error(returned);
        let span = returned
            .spelled
            .map_or(returned.ty.span(), |(_, error)| error.span());
        let rungs = self.rungs();
        let view = local("__view");
        // At the error's type, so that one that cannot be told is reported there.
        let method = stand_in(method);
        let told = quote_spanned!(span=> <#error as #krate::checks::StepErrorType<__saga_steps::#method>>::told(#view));
        code! {
            {
                #rungs
                let __view = (&&&&#krate::__private::ErrorType::<#error>::new()).__saga_view();
                #told
            }
        }
    }

    /// Brings what `ErrorType` is asked by into scope.
    fn rungs(&self) -> TokenStream {
        let krate = &self.krate;
        code! {
            #[allow(unused_imports)]
            use #krate::__private::error_type::{
                ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNothing as _,
            };
        }
    }
}

/// A value in the slots.
struct Given {
    /// The type that stands for what made it.
    giver: Ident,
    ty: TokenStream,
    /// The local that it is lent from.
    local: Ident,
}

fn field_local(field: usize) -> Ident {
    local(&format!("__field_{field}"))
}

/// The same tokens at another place: a type that is checked for somebody else's parameter.
fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), respanned(group.stream(), span)).into();
        }
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(respan).collect()
}

/// A local of the code around, to be named between tokens that have a span of the user's.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The type that stands for a method in messages.
pub(super) fn stand_in(method: &Ident) -> Ident {
    Ident::new_raw(&plain(method), Span::mixed_site())
}
