//! Checks on the types of a saga, each at the span of the type. The program never runs them.
//!
//! They are in a constant on which other code of the expansion depends. If one fails, the constant has no value, and
//! the compiler reports none of the errors that follow from it.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Generics, Ident, PathArguments, Type, WherePredicate, parse_quote};

use super::context::{Expansion, code};
use crate::model::{Pass, ReturnedType, Source};
use crate::util::spans::end_of;
use crate::util::types::without_parens;

/// The checks of a saga.
#[derive(Default)]
struct Checks {
    in_a_constant: TokenStream,
    /// Those that use a generic parameter of the block: a constant cannot.
    of_parameters: TokenStream,
    /// What they check. Other code of the expansion assumes it, so that a failed check is reported once.
    assumed: Vec<WherePredicate>,
}

/// A value of the saga whose type is checked.
struct Checked {
    ty: TokenStream,
    at: Span,
    /// The stand-in of the step; `None` for the input.
    giver: Option<TokenStream>,
    is_shared: bool,
}

/// A trait of `saga_core::checks` that a type is checked for.
#[derive(Clone, Copy)]
enum Check {
    /// The return type of a step is a `Result`.
    StepResult,
    /// That of a compensation is a `Result` without an output.
    CompensationResult,
    SentOutput,
    SharedOutput,
    SentInput,
    SharedInput,
    SentError,
    SentErrorOfAlias,
    SharedService,
}

impl Check {
    fn name(self) -> &'static str {
        match self {
            Self::StepResult => "IsResult",
            Self::CompensationResult => "IsUnitResult",
            Self::SentOutput => "SentOutput",
            Self::SharedOutput => "SharedOutput",
            Self::SentInput => "SentInput",
            Self::SharedInput => "SharedInput",
            Self::SentError => "SentError",
            Self::SentErrorOfAlias => "SentErrorOfAlias",
            Self::SharedService => "SharedService",
        }
    }

    /// The check on the return type of a method.
    fn of_returned(returned: &ReturnedType<'_>) -> Self {
        if returned.of_compensation {
            Self::CompensationResult
        } else {
            Self::StepResult
        }
    }

    /// The trait for a type with parameters of the block, and the bounds that it asks for. Whether a type is a `Result`
    /// only a constant can check without errors elsewhere.
    fn of_parameters(self) -> Option<(&'static str, TokenStream)> {
        let sent = quote!(::core::marker::Send);
        let shared = quote!(::core::marker::Sync);
        match self {
            Self::StepResult | Self::CompensationResult => None,
            Self::SentOutput | Self::SentInput | Self::SentError | Self::SentErrorOfAlias => {
                Some(("SentGeneric", sent))
            }
            Self::SharedOutput | Self::SharedInput => {
                Some(("SharedGeneric", quote!(#sent + #shared)))
            }
            Self::SharedService => Some(("SharedGenericService", shared)),
        }
    }
}

impl Expansion<'_> {
    /// Writes the checks on everything but what a journal must keep.
    pub(super) fn checks(&self) -> TokenStream {
        let krate = &self.krate;
        let Checks {
            in_a_constant,
            of_parameters,
            ..
        } = self.all_checks();
        let of_parameters = (!of_parameters.is_empty()).then(|| {
            let generics = self.generics_in(&of_parameters);
            let (impl_generics, _, where_clause) = generics.split_for_impl();
            code! {
                #[allow(dead_code)]
                fn __checked #impl_generics () #where_clause {
                    #of_parameters
                }
            }
        });
        let name = &self.saga.names.saga;
        // The enums are outside of the block of the constant.
        let reachable = self.has_an_alias().then(|| {
            code! {
                impl #name {
                    const __CHECKED: ::core::primitive::usize = __CHECKED;
                }
            }
        });
        code! {
            // The checks are not constant, so a closure holds them.
            const __CHECKED: ::core::primitive::usize = {
                let _ = || {
                    #in_a_constant
                };
                0
            };
            type __Checked = #krate::checks::Checked<__CHECKED>;
            #reachable
            #of_parameters
        }
    }

    /// Returns the generics of the block, with what the checks have found of them.
    pub(super) fn checked_generics(&self) -> Generics {
        let mut generics = self.saga.generics.clone();
        if generics.params.is_empty() {
            return generics;
        }
        let assumed = if self.is_stub && generics.lifetimes().next().is_none() {
            let (service, error) = (&self.saga.service, self.error_type());
            vec![
                parse_quote!(#service: ::core::marker::Sync),
                parse_quote!(#error: ::core::marker::Send),
            ]
        } else if self.is_stub {
            Vec::new()
        } else {
            self.all_checks().assumed
        };
        generics.make_where_clause().predicates.extend(assumed);
        generics
    }

    fn all_checks(&self) -> Checks {
        let mut checks = Checks::default();
        self.check_returned(&mut checks);
        if !self.is_stub {
            self.check_service(&mut checks);
            self.check_values(&mut checks);
            self.check_errors(&mut checks);
        }
        checks
    }

    /// Returns a type that is unknown to the compiler if a check fails.
    pub(super) fn checked(&self, ty: &TokenStream, at: Span) -> TokenStream {
        let krate = self.krate_at(at);
        let checked = Ident::new("__Checked", Span::mixed_site().located_at(at));
        quote_spanned!(at=> <#checked as #krate::checks::Of<#ty>>::Type)
    }

    /// Returns the same of the return type of a method, if it may be no `Result`.
    pub(super) fn checked_alias(&self, ty: &TokenStream) -> TokenStream {
        let (krate, name) = (&self.krate, &self.saga.names.saga);
        if !self.has_an_alias() {
            return ty.clone();
        }
        code!(<#krate::checks::Checked<{ #name::__CHECKED }> as #krate::checks::Of<#ty>>::Type)
    }

    /// Whether a method returns what may be an alias of a `Result`, and a constant can check it.
    fn has_an_alias(&self) -> bool {
        let is_alias = |(_, returned): (&Ident, &ReturnedType<'_>)| self.is_alias(returned);
        self.saga.generics.params.is_empty() && self.returned_types().any(is_alias)
    }

    fn is_alias(&self, returned: &ReturnedType<'_>) -> bool {
        returned.nested.is_none()
            && returned.result_types.is_none()
            && (!self.is_stub || Self::is_usable_alias(returned))
    }

    /// The methods of steps and compensations, with what they return.
    fn returned_types(&self) -> impl Iterator<Item = (&Ident, &ReturnedType<'_>)> {
        self.saga.steps.iter().flat_map(|step| {
            let undo = step.compensation.as_ref();
            let undo = undo.and_then(|undo| Some((&undo.ident, &undo.in_block.as_ref()?.returned)));
            [(step.ident, &step.output)].into_iter().chain(undo)
        })
    }

    fn check_returned(&self, checks: &mut Checks) {
        for (method, returned) in self.returned_types() {
            if !self.is_alias(returned) {
                continue;
            }
            let (ty, at) = (self.outside(returned.ty), returned.ty.span());
            let check = Check::of_returned(returned);
            self.push(
                checks,
                check,
                &ty,
                Some(&self.stand_in_type(method, at)),
                at,
            );
            if returned.of_compensation && self.generics_in(&ty).params.is_empty() {
                let (krate, undo) = (self.krate_at(at), self.stand_in_type(method, at));
                let [output, error] = ["Output", "Error"]
                    .map(|projection| self.of_alias(method, returned, projection));
                let end = Ident::new("TheBlock", end_of(&ty));
                let the_block = quote_spanned!(at=> #krate::checks::#end);
                checks.in_a_constant.extend(quote_spanned! {at=>
                    <#the_block as #krate::checks::ReturnsNothing<#output, #error, #undo>>::checked();
                });
            }
        }
    }

    fn check_service(&self, checks: &mut Checks) {
        let service = &self.saga.service;
        self.push(
            checks,
            Check::SharedService,
            &service.to_token_stream(),
            None,
            service.span(),
        );
    }

    /// Adds the checks on the input and the outputs.
    fn check_values(&self, checks: &mut Checks) {
        let mut values: Vec<(String, Checked)> = Vec::new();
        let mut add = |value: Checked| {
            let text = value.ty.to_string();
            match values.iter_mut().find(|(known, _)| *known == text) {
                Some((_, known)) => known.is_shared |= value.is_shared,
                None => values.push((text, value)),
            }
        };
        parts(&self.saga.input, &mut |ty| {
            add(Checked {
                ty: self.outside(ty),
                at: ty.span(),
                giver: None,
                is_shared: self.is_shared(Source::Input),
            });
        });
        for step in &self.saga.steps {
            let mut of_step = |ty: TokenStream, at: Span| {
                add(Checked {
                    ty,
                    at,
                    giver: Some(self.stand_in_type(step.ident, at)),
                    is_shared: self.is_shared(Source::Output(step.index)),
                });
            };
            match step.output.result_types.filter(|_| step.nested().is_none()) {
                Some((output, _)) => {
                    parts(output, &mut |ty| of_step(self.outside(ty), ty.span()));
                }
                None => match step.nested() {
                    Some(nested) => of_step(self.output(step), nested.span()),
                    None => {
                        let output = self.of_alias(step.ident, &step.output, "Output");
                        of_step(output, step.output.ty.span());
                    }
                },
            }
        }
        for (_, value) in &values {
            let check = match (&value.giver, value.is_shared) {
                (Some(_), true) => Check::SharedOutput,
                (Some(_), false) => Check::SentOutput,
                (None, true) => Check::SharedInput,
                (None, false) => Check::SentInput,
            };
            self.push(checks, check, &value.ty, value.giver.as_ref(), value.at);
        }
    }

    fn check_errors(&self, checks: &mut Checks) {
        let mut checked = BTreeSet::new();
        for (method, returned) in self.returned_types() {
            let (known, ty, check, at) = match returned.result_types {
                _ if returned.nested.is_some() => continue,
                Some((_, error)) => {
                    let error_type = self.outside(error);
                    let known = error_type.to_string();
                    (known, error_type, Check::SentError, error.span())
                }
                // The error stands where the alias is declared, whatever its argument is here.
                None => {
                    let error_type = self.of_alias(method, returned, "Error");
                    let known = name_of_alias(returned.ty).to_string();
                    (
                        known,
                        error_type,
                        Check::SentErrorOfAlias,
                        returned.ty.span(),
                    )
                }
            };
            if checked.insert(known) {
                let method = self.stand_in_type(method, at);
                self.push(checks, check, &ty, Some(&method), at);
            }
        }
    }

    /// Whether an attempt borrows the value.
    fn is_shared(&self, source: Source) -> bool {
        let mut steps = self.saga.steps.iter();
        steps.any(|step| {
            let is_own = source == Source::Output(step.index);
            let undo = step.compensation.as_ref();
            let elsewhere = is_own && undo.is_some_and(|undo| undo.in_block.is_none());
            let mut parameters = step.all_parameters();
            elsewhere
                || parameters.any(|parameter| match parameter.source {
                    Source::Ran(_) | Source::Attempt => is_own,
                    other => other == source && parameter.pass != Pass::Moved,
                })
        })
    }

    fn push(
        &self,
        checks: &mut Checks,
        check: Check,
        ty: &TokenStream,
        method: Option<&TokenStream>,
        at: Span,
    ) {
        let krate = self.krate_at(at);
        if self.generics_in(ty).params.is_empty() {
            let check = Ident::new(check.name(), at);
            let method = method.map(|method| quote_spanned!(at=> <#method>));
            let check = quote_spanned!(at=> <#ty as #krate::checks::#check #method>::checked(););
            checks.in_a_constant.extend(check);
            return;
        }
        // In an assumption the compiler would take a lifetime for every other one.
        if self.generics_in(ty).lifetimes().next().is_some() {
            return;
        }
        let Some((name, bounds)) = check.of_parameters() else {
            return;
        };
        let name = Ident::new(name, at);
        let input = self.stand_in_type(&Ident::new("input", Span::mixed_site()), at);
        // The service has no giver.
        let method = (!matches!(check, Check::SharedService)).then(|| method.unwrap_or(&input));
        let method = method.map(|method| quote_spanned!(at=> , #method));
        let the_block = Ident::new("TheBlock", end_of(ty));
        let the_block = quote_spanned!(at=> #krate::checks::#the_block);
        checks.of_parameters.extend(
            quote_spanned!(at=> <#the_block as #krate::checks::#name<#ty, _ #method>>::checked(#krate::checks::AsRequired);),
        );
        checks.assumed.push(parse_quote!(#ty: #bounds));
    }

    /// Returns the output or the error of an alias of a `Result` in a check on which the constant depends.
    fn of_alias(
        &self,
        method: &Ident,
        returned: &ReturnedType<'_>,
        projection: &str,
    ) -> TokenStream {
        let (ty, at) = (self.outside(returned.ty), returned.ty.span());
        let (krate, method) = (self.krate_at(at), self.stand_in_type(method, at));
        let check = Ident::new(Check::of_returned(returned).name(), at);
        let projection = Ident::new(projection, at);
        quote_spanned!(at=> <#ty as #krate::checks::#check<#method>>::#projection)
    }
}

/// Returns an alias without its first argument, which is the output: the others may be the error.
fn name_of_alias(ty: &Type) -> TokenStream {
    let mut ty = without_parens(ty).clone();
    if let Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(arguments) = &mut last.arguments
    {
        let others = core::mem::take(&mut arguments.args);
        arguments.args = others.into_iter().skip(1).collect();
    }
    ty.into_token_stream()
}

/// Calls `each` for the fields of a tuple, or for the type itself.
fn parts(ty: &Type, each: &mut dyn FnMut(&Type)) {
    match without_parens(ty) {
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| parts(ty, each)),
        Type::Paren(paren) => parts(&paren.elem, each),
        ty => each(ty),
    }
}
