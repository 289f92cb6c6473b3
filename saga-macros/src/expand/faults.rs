//! How the errors of steps and compensations are classified and shown.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{ExprPath, GenericParam, Generics, Ident, Type, TypeParamBound, WherePredicate};

use super::context::{ErrorType, Expansion, code};
use super::generics::turbofish;
use crate::model::ReturnedType;
use crate::util::spans::{end_of, respanned};

impl Expansion<'_> {
    /// Writes one function for each error type, which finds out how reports show it. A type that cannot be
    /// shown is reported once, for the first method that returns it.
    pub(super) fn faults(&self) -> TokenStream {
        let krate = &self.krate;
        let probe_imports = self.probe_imports();
        let mut faults = TokenStream::new();
        for (index, error_type) in self.error_types.iter().enumerate() {
            let ErrorType { error, span, .. } = error_type;
            let name = name(index);
            let method = self.stand_in_type(error_type.method, *span);
            let generics = self.generics_in(error);
            let (impl_generics, _, where_clause) = generics.split_for_impl();
            // The probes cannot find out whether a type borrows: they do not see lifetimes.
            let injected = if is_static(&generics) {
                code!(of_type)
            } else {
                code!(none)
            };
            let probe = Ident::new("__error", Span::mixed_site());
            let journal = if generics.lifetimes().next().is_none() {
                code!((&&#probe).__saga_json())
            } else {
                code!(#krate::executor::JsonForm::none())
            };
            // The span is that of the error type, so that the compiler reports there what cannot be shown.
            let view = quote_spanned! {*span=>
                <#error as #krate::checks::DisplayedErrorOf<#method>>::view
            };
            faults.extend(code! {
                fn #name #impl_generics() -> #krate::executor::Faults<#error> #where_clause {
                    #probe_imports
                    #[allow(unused_imports)]
                    use #krate::__private::json_form::{ViaSerde as _, ViaText as _};
                    let #probe = #krate::__private::ErrorType::<#error>::new();
                    #krate::executor::Faults {
                        when: #krate::__private::always,
                        in_doubt: #krate::__private::never,
                        view: #view((&&&&#probe).__saga_view()),
                        injected: #krate::executor::Injected::#injected(),
                        journal: #journal,
                    }
                }
            });
        }
        faults
    }

    /// Returns a function that classifies and shows the errors of a step or compensation.
    pub(super) fn faults_function(
        &self,
        method: &Ident,
        returned: &ReturnedType<'_>,
        when: Option<&ExprPath>,
        in_doubt: Option<&ExprPath>,
        at: Span,
    ) -> TokenStream {
        let krate = self.krate_at(at);
        let faults = self.faults_of(returned, at);
        if when.is_none() && in_doubt.is_none() {
            return faults;
        }
        let error = self.error(returned);
        let predicates = [
            ("when", "AskedWhen", when),
            ("in_doubt", "AskedInDoubt", in_doubt),
        ];
        let predicates = predicates.into_iter().filter_map(|(field, check, path)| {
            let path_at = path?.span();
            let path = self.outside(path?);
            let (field, check) = (Ident::new(field, at), Ident::new(check, path_at));
            let (krate, method) = (self.krate_at(path_at), self.stand_in_type(method, path_at));
            let error = respanned(error.clone(), path_at);
            // As a pointer, whose type says what the function takes, and not as the function itself; in a tuple, whose
            // field has the span of the whole path.
            let predicate = Ident::new("__predicate", path_at);
            let mut field_at_end = Literal::usize_unsuffixed(0);
            field_at_end.set_span(end_of(&path));
            let predicate = quote_spanned! {path_at=>
                {
                    let #predicate: (fn(&_) -> _,) = (#path,);
                    #krate::checks::#check::<#error, #method>::predicate(#predicate.#field_at_end)
                }
            };
            Some(quote_spanned!(at=> #field: #predicate,))
        });
        quote_spanned!(at=> || #krate::executor::Faults::<#error> { #(#predicates)* ..#faults() })
    }

    /// Returns the function that shows the errors of a step or compensation.
    pub(super) fn faults_of(&self, returned: &ReturnedType<'_>, at: Span) -> TokenStream {
        let error = self.error(returned);
        let text = error.to_string();
        let is_it = |error_type: &ErrorType<'_>| error_type.text == text;
        let mut name = name(self.error_types.iter().position(is_it).unwrap_or_default());
        name.set_span(at);
        let turbofish = turbofish(&self.generics_in(&error));
        quote_spanned!(at=> #name #turbofish)
    }

    /// Imports the traits that `ErrorType` is probed by.
    pub(super) fn probe_imports(&self) -> TokenStream {
        let krate = &self.krate;
        code! {
            #[allow(unused_imports)]
            use #krate::__private::error_type::{
                ViaDisplay as _, ViaDyn as _, ViaError as _, ViaNoError as _,
            };
        }
    }
}

impl<'a> Expansion<'a> {
    /// Returns the error types, each with the first method that returns it. Those of other sagas are known.
    pub(super) fn error_types(&self) -> Vec<ErrorType<'a>> {
        let steps = self.saga.steps.iter();
        let returned = steps.flat_map(|step| {
            let undo = step.compensation.as_ref();
            let undo = undo.and_then(|undo| Some((&undo.ident, &undo.in_block.as_ref()?.returned)));
            let own = step
                .nested()
                .is_none()
                .then_some((step.ident, &step.output));
            own.into_iter().chain(undo)
        });
        let mut error_types: Vec<ErrorType<'a>> = Vec::new();
        for (method, returned) in returned {
            let error = self.error(returned);
            let text = error.to_string();
            if error_types.iter().all(|other| other.text != text) {
                let span = returned
                    .result_types
                    .map_or(returned.ty.span(), |(_, error)| error.span());
                error_types.push(ErrorType {
                    method,
                    error,
                    text,
                    span,
                });
            }
        }
        error_types
    }
}

/// Whether a type with these parameters can borrow nothing, whatever they stand for.
fn is_static(generics: &Generics) -> bool {
    let is_static = |bound: &TypeParamBound| matches!(bound, TypeParamBound::Lifetime(lifetime) if lifetime.ident == "static");
    let clause = generics.where_clause.as_ref();
    let is_said_of = |param: &Ident| {
        let mut predicates = clause.into_iter().flat_map(|clause| &clause.predicates);
        predicates.any(|predicate| match predicate {
            WherePredicate::Type(of) => {
                matches!(&of.bounded_ty, Type::Path(ty) if ty.path.is_ident(param))
                    && of.bounds.iter().any(is_static)
            }
            _ => false,
        })
    };
    generics.params.iter().all(|param| match param {
        GenericParam::Lifetime(_) => false,
        GenericParam::Type(param) => param.bounds.iter().any(is_static) || is_said_of(&param.ident),
        GenericParam::Const(_) => true,
    })
}

fn name(index: usize) -> Ident {
    format_ident!("__faults_{index}", span = Span::mixed_site())
}
