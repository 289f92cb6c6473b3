//! `CheckoutSagaError`: one variant a step, with that step's own error.

use proc_macro2::{Span, TokenStream};
use syn::Generics;

use super::context::{Expansion, code};

impl Expansion<'_> {
    pub(super) fn error_enum(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (name, vis) = (&saga.names.error, &saga.vis);
        let generics = self.error_generics();
        let mention = self.mention(&generics, &self.errors());
        let mut variants = TokenStream::new();
        for step in &saga.steps {
            let variant = &step.variant;
            let error = self.error(&step.output);
            let failure = mention.in_field(code!(#krate::Failure<#error>));
            let doc = format!(
                " Step `{}` gave up: `{variant}(Failure::Error(error))` if it returned an error.",
                step.name
            );
            variants.extend(code! {
                #[doc = #doc]
                #variant(#failure),
            });
        }
        let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
        let doc = format!(" Which step of [`{}`] gave up, and why.", saga.names.saga);
        let example = saga.steps.first().map(|step| {
            let variant = &step.variant;
            let docs = [
                String::new(),
                " To `match` on the error that a step returned:".to_owned(),
                " ```text".to_owned(),
                format!(" {name}::{variant}(Failure::Error(error)) => ..,"),
                " ```".to_owned(),
            ];
            code!(#(#[doc = #docs])*)
        });
        code! {
            #[doc = #doc]
            #example
            #[allow(dead_code, private_interfaces)]
            #[non_exhaustive]
            #vis enum #name #generics #where_clause {
                #variants
                /// The run was cancelled.
                Cancelled,
                /// The deadline of the run passed.
                DeadlineExceeded,
            }

            #[automatically_derived]
            impl #impl_generics ::core::fmt::Debug for #name #type_generics #where_clause {
                fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #krate::__private::display(self, __f)
                }
            }

            #[automatically_derived]
            impl #impl_generics ::core::fmt::Display for #name #type_generics #where_clause {
                fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #krate::__private::display(self, __f)
                }
            }

            #[automatically_derived]
            impl #impl_generics ::core::error::Error for #name #type_generics #where_clause {
                fn source(
                    &self,
                ) -> ::core::option::Option<&(dyn ::core::error::Error + 'static)> {
                    #krate::__private::source(self)
                }
            }
        }
    }

    /// Writes the implementation of `StepError` for the error enum.
    pub(super) fn step_error(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let name = &saga.names.error;
        let generics = self.error_generics();
        let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
        let mut steps = TokenStream::new();
        let mut failures = TokenStream::new();
        let mut nested = TokenStream::new();
        for step in &saga.steps {
            let (variant, index) = (&step.variant, step.index);
            steps.extend(code!(Self::#variant(_) => &Self::__STEPS[#index],));
            let view = if step.nested().is_some() {
                code!(|__error| #krate::executor::ErrorView::Error(__error))
            } else {
                let faults = self.faults_of(&step.output, Span::mixed_site());
                code!(#faults().view)
            };
            failures.extend(code!(Self::#variant(__failure) => __failure.view(#view),));
            if step.nested().is_some() {
                nested.extend(code! {
                    Self::#variant(#krate::Failure::Error(__error)) => {
                        ::core::option::Option::Some(::std::boxed::Box::new(__error))
                    }
                });
            }
        }
        let nested = (!nested.is_empty()).then(|| {
            code! {
                fn nested(
                    &self,
                ) -> ::core::option::Option<
                    ::std::boxed::Box<dyn #krate::__private::NestedRun + '_>,
                > {
                    match self {
                        #nested
                        _ => ::core::option::Option::None,
                    }
                }
            }
        });
        let steps_data = self.steps();
        code! {
            impl #impl_generics #name #type_generics #where_clause {
                #steps_data
            }

            impl #impl_generics #krate::StepError for #name #type_generics #where_clause {
                #nested
                fn cancelled(__why: #krate::Cancellation) -> Self {
                    match __why {
                        #krate::Cancellation::Requested => Self::Cancelled,
                        _ => Self::DeadlineExceeded,
                    }
                }
                fn cancellation(&self) -> ::core::option::Option<#krate::Cancellation> {
                    match self {
                        Self::Cancelled => {
                            ::core::option::Option::Some(#krate::Cancellation::Requested)
                        }
                        Self::DeadlineExceeded => {
                            ::core::option::Option::Some(#krate::Cancellation::DeadlineExceeded)
                        }
                        _ => ::core::option::Option::None,
                    }
                }
                fn step(&self) -> ::core::option::Option<&'static #krate::definition::Step> {
                    ::core::option::Option::Some(match self {
                        #steps
                        Self::Cancelled | Self::DeadlineExceeded => {
                            return ::core::option::Option::None;
                        }
                    })
                }
                fn failure(
                    &self,
                ) -> ::core::option::Option<#krate::Failure<#krate::executor::ErrorView<'_>>> {
                    ::core::option::Option::Some(match self {
                        #failures
                        Self::Cancelled | Self::DeadlineExceeded => {
                            return ::core::option::Option::None;
                        }
                    })
                }
            }
        }
    }

    /// The error enum as a type.
    pub(super) fn error_type(&self) -> TokenStream {
        let generics = self.error_generics();
        let (_, type_generics, _) = generics.split_for_impl();
        let name = &self.saga.names.error;
        code!(#name #type_generics)
    }

    pub(super) fn error_generics(&self) -> Generics {
        self.generics_in(&self.errors())
    }

    /// The types of the steps' errors.
    fn errors(&self) -> TokenStream {
        let errors = self.saga.steps.iter().map(|step| self.error(&step.output));
        errors.collect()
    }
}
