//! Checks on the types of a `durable` saga, each at the span of the type. The program never runs them.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned as _;
use syn::{Ident, Type};

use super::context::{DurableChecks, Expansion, code};
use crate::model::{Step, TypeParts};
use crate::util::spans::end_of;

impl Expansion<'_> {
    /// Marks a saga as durable, for others that run it.
    pub(super) fn marked_durable(&self) -> Option<TokenStream> {
        let Self { saga, krate, .. } = self;
        saga.durable.as_ref()?;
        let generics = self.checked_generics();
        let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
        let name = &saga.names.saga;
        Some(code! {
            impl #impl_generics #krate::__private::MarkedDurable for #name #type_generics #where_clause {}
        })
    }

    /// Writes the checks: in a constant, if possible, on which the rest of the expansion depends.
    pub(super) fn durable(&self) -> Option<TokenStream> {
        let krate = &self.krate;
        let at = self.saga.durable.as_ref()?.span();
        let marked = self.marked_durable();
        let DurableChecks {
            checks,
            is_in_a_constant,
            ..
        } = self.durable_checks.as_ref()?;
        let has_feature = {
            let krate = self.krate_at(at);
            quote_spanned!(at=> <() as #krate::checks::HasFeatureDurable>::checked();)
        };
        let checks = code! {
            #[allow(unused_imports)]
            use #krate::__private::journaled::{
                IsKept as _, IsMarked as _, IsNeither as _, IsNoSaga as _, IsNotRunDurably as _,
                IsOfOthers as _, IsOnlyRead as _, IsOnlyWritten as _, IsRunDurably as _,
                WholeIsKept as _,
            };
            #has_feature
            #checks
        };
        if *is_in_a_constant {
            // The checks are not constant, so a closure holds them.
            return Some(code! {
                #marked
                const __KEPT: ::core::primitive::usize = {
                    let _ = || {
                        #checks
                    };
                    0
                };
            });
        }
        let generics = self.generics_in(&checks);
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        Some(code! {
            #marked
            #[allow(dead_code)]
            fn __kept #impl_generics () #where_clause {
                #checks
            }
        })
    }

    /// Returns the position of a step, for the executor. If a check fails this is not a number, and the
    /// compiler reports no errors that follow from it where the saga is registered.
    pub(super) fn position(&self, step: &Step<'_>) -> TokenStream {
        let index = step.index;
        if self.is_checked_in_a_constant() {
            return code!({ __KEPT + #index });
        }
        code!(#index)
    }

    /// Returns the type of the input, which depends on the checks in the same way.
    pub(super) fn checked_input(&self) -> TokenStream {
        let (krate, input) = (&self.krate, self.input());
        if !self.is_stub && self.is_checked_in_a_constant() {
            return code!(<#krate::checks::Checked<__KEPT> as #krate::checks::Of<#input>>::Type);
        }
        input
    }

    pub(super) fn is_checked_in_a_constant(&self) -> bool {
        self.durable_checks
            .as_ref()
            .is_some_and(|checks| checks.is_in_a_constant)
    }

    /// Returns the checks on a durable saga.
    pub(super) fn durable_checks(&self) -> Option<DurableChecks> {
        let saga = self.saga;
        saga.durable.as_ref()?;
        let mut checks = DurableChecks::default();
        for kept in saga.journaled_types() {
            let giver = |span| match kept.step {
                Some(step) => self.stand_in_type(step.ident, span),
                None => self.stand_in_type(&Ident::new("input", Span::mixed_site()), span),
            };
            match (kept.ty, kept.step) {
                (Some(ty), _) => self.check_type(ty, &self.outside(ty), &giver, &mut checks),
                (None, Some(step)) => {
                    let (whole, at) = (self.output_of_an_alias(step), step.output.ty.span());
                    let (parts, giver) = (code!(()), giver(at));
                    let check =
                        self.journaled_check("IsJournaled", &whole, &whole, &parts, &giver, at);
                    checks.push(&whole, check);
                }
                (None, None) => {}
            }
        }
        for step in &saga.steps {
            checks.checks.extend(self.nested_check(step));
        }
        checks.is_in_a_constant = self.generics_in(&checks.checks).params.is_empty();
        Some(checks)
    }

    /// Adds the checks on a type that is `whole` or a part of it.
    fn check_type(
        &self,
        ty: &Type,
        whole: &TokenStream,
        giver: &dyn Fn(Span) -> TokenStream,
        checks: &mut DurableChecks,
    ) {
        let spelled = self.outside(ty);
        let check_of = |check: &str, parts: &TokenStream| {
            let span = ty.span();
            self.journaled_check(check, &spelled, whole, parts, &giver(span), span)
        };
        let parts = TypeParts::of(ty, &self.saga.generics);
        match &parts {
            // Validation reports a borrow.
            TypeParts::Borrowed | TypeParts::Tuple(_) => {}
            TypeParts::Parameter => {
                checks.push(&spelled, check_of("IsJournaledGeneric", &code!(())));
            }
            TypeParts::Opaque => checks.push(&spelled, check_of("IsJournaled", &code!(()))),
            TypeParts::Instant => checks.push(&spelled, check_of("IsJournaledInstant", &code!(()))),
            TypeParts::OfProcess => {
                checks.push(&spelled, check_of("IsJournaledOfProcess", &code!(())));
            }
            TypeParts::Shared(shared) => {
                let parts = self.outside(shared);
                checks.push(&spelled, check_of("IsJournaledShared", &code!((#parts,))));
            }
            TypeParts::Holds(types) => {
                let parts = types.iter().map(|ty| self.outside(ty));
                checks.push(&spelled, check_of("IsJournaled", &code!((#(#parts,)*))));
            }
        }
        for ty in parts.types() {
            self.check_type(ty, whole, giver, checks);
        }
    }

    /// Returns the output of a step that returns an alias, with the span of the whole alias.
    fn output_of_an_alias(&self, step: &Step<'_>) -> TokenStream {
        let alias = self.outside(step.output.ty);
        let end = end_of(step.output.ty);
        let krate = self.krate_at(end);
        let begin = quote_spanned!(step.output.ty.span()=> <);
        quote_spanned!(end=> #begin #alias as #krate::checks::StepReturn>::Output)
    }

    /// Writes one check on whether a journal can record a type.
    fn journaled_check(
        &self,
        check: &str,
        ty: &TokenStream,
        whole: &TokenStream,
        parts: &TokenStream,
        giver: &TokenStream,
        at: Span,
    ) -> TokenStream {
        let krate = self.krate_at(at);
        let check = Ident::new(check, at);
        let [both, written, read] =
            ["__both", "__written", "__read"].map(|name| Ident::new(name, at));
        let found = quote_spanned! {at=>
            (&&&&&&#krate::__private::journaled::InJournal::<#ty, #whole, #parts>::of()).__saga_kept()
        };
        if check == "IsJournaled" {
            return quote_spanned! {at=>
                {
                    let (#both, #written, #read) = #found;
                    <#ty as #krate::checks::IsJournaled<_, #giver>>::checked(#both);
                    <#ty as #krate::checks::IsWritten<_, #giver>>::checked(#written);
                    <#ty as #krate::checks::IsReadAgain<_, #giver>>::checked(#read);
                }
            };
        }
        // The remedy is the same for every type.
        if check == "IsJournaledGeneric" {
            return quote_spanned! {at=>
                <#krate::checks::TheBlock as #krate::checks::#check<#ty, _, #giver>>::checked(#found);
            };
        }
        quote_spanned! {at=>
            <#ty as #krate::checks::#check<_, #giver>>::checked(#found);
        }
    }

    /// Writes the check on whether the saga that a step runs can be durable.
    fn nested_check(&self, step: &Step<'_>) -> Option<TokenStream> {
        let nested = step.nested()?;
        let (at, saga) = (nested.span(), self.outside(nested));
        // A generic saga is known only where this one is registered.
        let mentions_a_parameter = self.generics_in(&saga).type_params().next().is_some();
        let (krate, taker) = (self.krate_at(at), self.stand_in_type(step.ident, at));
        let end = Ident::new("TheBlock", end_of(nested));
        let the_block = quote_spanned!(at=> #krate::checks::#end);
        (!mentions_a_parameter).then(|| {
            quote_spanned! {at=>
                <#the_block as #krate::checks::IsDurable<#saga, _, #taker>>::checked(
                    (&&&&#krate::__private::journaled::NestedSaga::<#saga>::of()).__saga_runs()
                );
            }
        })
    }
}
