//! The stand-in of a saga with a mistake in it.
//!
//! It has the names of the real code and its types, as far as they are known, and does nothing. So one
//! mistake in the block causes no errors where the saga is used. It never runs, because the block does not
//! compile.

use proc_macro2::{Span, TokenStream};
use syn::{Ident, parse_quote};

use super::context::{Expansion, code};
use crate::util::names::{plain, snake_case};

impl Expansion<'_> {
    pub(super) fn stubs(&self) -> TokenStream {
        let saga = self.saga_type();
        let state = self.state_enum();
        let error = self.error_enum();
        let checks = self.checks();
        let stand_ins = self.stand_ins();
        let step_error = self.step_error_stub();
        let implementation = self.saga_impl_stub();
        let machine = self.machine_stub();
        let durable = self.marked_durable();
        let mistake = self.mistake_constant();
        code! {
            #mistake
            #saga
            #state
            #error
            const _: () = {
                #checks
                #stand_ins
                #step_error
                #implementation
                #machine
                #durable
            };
        }
    }

    /// The report of a mistake, as a constant. So the constant has no value, and of a type with such a constant
    /// in it the compiler reports nothing, wherever the saga is used.
    fn mistake_constant(&self) -> Option<TokenStream> {
        let mistake = self.mistake.as_ref()?;
        let name = self.mistake_name();
        Some(code! {
            #[doc(hidden)]
            #[allow(dead_code)]
            const #name: ::core::primitive::usize = #mistake;
        })
    }

    fn mistake_name(&self) -> Ident {
        let saga = plain(&self.saga.names.saga);
        let name = format!("__MISTAKE_IN_{}", snake_case(&saga).to_uppercase());
        Ident::new(&name, Span::mixed_site())
    }

    /// Returns the type of what has no type because of a mistake.
    pub(super) fn untyped(&self) -> TokenStream {
        if self.mistake.is_none() {
            // The compiler finds the mistake.
            return code!(::core::convert::Infallible);
        }
        let (krate, mistake) = (&self.krate, self.mistake_name());
        code!(<#krate::checks::Checked<#mistake> as #krate::checks::Of<()>>::Type)
    }

    fn step_error_stub(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let name = &saga.names.error;
        let generics = self.error_generics();
        let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
        code! {
            impl #impl_generics #krate::StepError for #name #type_generics #where_clause {
                fn cancelled(_: #krate::Cancellation) -> Self {
                    #krate::__private::stub()
                }
                fn cancellation(&self) -> ::core::option::Option<#krate::Cancellation> {
                    #krate::__private::stub()
                }
                fn step(&self) -> ::core::option::Option<&'static #krate::definition::Step> {
                    #krate::__private::stub()
                }
                fn failure(
                    &self,
                ) -> ::core::option::Option<#krate::Failure<#krate::executor::ErrorView<'_>>> {
                    #krate::__private::stub()
                }
            }
        }
    }

    fn saga_impl_stub(&self) -> TokenStream {
        let krate = &self.krate;
        self.saga_impl_with(&code! {
            type Slots = #krate::__private::StubSlots;
            // A saga that runs this one reports nothing of its mistake.
            type Way = #krate::checks::TwoWay;
            const DEFINITION: &'static #krate::definition::Definition = &#krate::__private::STUB_DEFINITION;
        })
    }

    fn machine_stub(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (_, type_generics, _) = saga.generics.split_for_impl();
        let mut generics = self.checked_generics();
        generics
            .params
            .push(parse_quote!(__X: #krate::executor::Executor));
        let (impl_generics, _, where_clause) = generics.split_for_impl();
        let (name, service, error) = (&saga.names.saga, &saga.service, self.error_type());
        code! {
            impl #impl_generics #krate::Machine<__X> for #name #type_generics #where_clause {
                fn advance<'__run>(
                    _: &'__run #service,
                    _: &'__run mut #krate::__private::StubSlots,
                    _: &'__run mut #krate::machine::Failures<#error>,
                    _: &'__run __X,
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<(), __X::Halt>,
                > + ::core::marker::Send {
                    async move { #krate::__private::stub() }
                }

                fn rewind<'__run>(
                    _: &'__run #service,
                    _: &'__run mut #krate::__private::StubSlots,
                    _: &'__run mut #krate::machine::Rollback,
                    _: &'__run __X,
                ) -> impl ::core::future::Future<
                    Output = ::core::result::Result<(), __X::Halt>,
                > + ::core::marker::Send {
                    async move { #krate::__private::stub() }
                }
            }
        }
    }
}
