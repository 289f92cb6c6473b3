//! From the model to code.
//!
//! The user's block comes first and untouched. What follows is data, and calls of what
//! `saga-core` has in its `__private` module: logic belongs there, where it is compiled once.
//!
//! Hygiene: everything written here has the span of the macro's definition site for locals
//! ([`code!`]), so that no path of the user's is captured by a local of ours; names are spelled
//! from `::core` and from the crate that the user names. What the user wrote keeps its own span,
//! so that a type that does not fit is reported where it stands.

mod attempts;
mod definition;
mod durable;
mod error;
mod faults;
mod machine;
mod nested;
mod slots;
mod state;
mod stubs;
mod types;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Path, Type, parse_quote};

use self::durable::Asked;
use self::faults::Told;
use crate::errors::Errors;
use crate::model::{Kind, Saga};
use crate::parse::block::{self, Block};
use crate::parse::options::SagaOptions;
use crate::validate::validate;

/// `quote!` whose own tokens are hygienic.
macro_rules! code {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned! { ::proc_macro2::Span::mixed_site() => $($tokens)* }
    };
}
use code;

/// What all parts of an expansion are written from.
pub(crate) struct Cx<'a> {
    pub(crate) saga: &'a Saga<'a>,
    /// The path of `saga-core`.
    pub(crate) krate: Path,
    /// The same, if the user named it.
    named: Option<Path>,
    /// Whether the block has a mistake, so that its types may be of no use.
    pub(crate) is_stub: bool,
    /// The types of errors that are told.
    told: Vec<Told<'a>>,
    /// What is asked of the types of a saga that is marked `durable`.
    asked: Option<Asked>,
}

/// The expansion of `#[saga(arguments)] block`. A panic in here is a bug; it is told as one, and the
/// block is kept.
pub(crate) fn saga(arguments: TokenStream, tokens: TokenStream) -> TokenStream {
    let block = tokens.clone();
    let expanded = catch_unwind(AssertUnwindSafe(|| expand(arguments, block)));
    expanded.unwrap_or_else(|_| {
        let block = block::without_our_attributes(tokens);
        let message = "`#[saga]` panicked on this block; this is a bug in saga-macros, please \
                       report it with the block";
        quote!(#block ::core::compile_error!(#message);)
    })
}

fn expand(arguments: TokenStream, tokens: TokenStream) -> TokenStream {
    let errors = Errors::default();
    let mut options = SagaOptions::read(arguments, &errors);
    let krate = options.krate.take();
    let block = match syn::parse2::<Block>(tokens.clone()) {
        Ok(block) => block,
        Err(error) => {
            errors.at_span(error.span(), error);
            let block = block::without_our_attributes(tokens);
            let errors = errors.to_compile_errors();
            return quote!(#block #errors);
        }
    };
    let saga = Saga::of(&block, options, &errors);
    validate(&saga, &block, &errors);
    let users_block = block.tokens(&saga.methods());
    let generated = if !matches!(block.service, Type::Path(_)) {
        // What has no name has no saga that could be named after it.
        TokenStream::new()
    } else if errors.is_empty() {
        Cx::new(&saga, krate, false).whole()
    } else {
        let saga = saga.without_collisions();
        Cx::new(&saga, krate, true).stubs()
    };
    let errors = errors.to_compile_errors();
    quote!(#users_block #generated #errors)
}

impl<'a> Cx<'a> {
    fn new(saga: &'a Saga<'a>, named: Option<Path>, is_stub: bool) -> Self {
        let krate = named.clone().unwrap_or_else(|| parse_quote!(::saga_core));
        let told = Vec::new();
        let mut cx = Self {
            saga,
            krate,
            named,
            is_stub,
            told,
            asked: None,
        };
        cx.told = cx.told();
        cx.asked = cx.asked();
        cx
    }
}

impl Cx<'_> {
    fn whole(&self) -> TokenStream {
        let saga = self.saga_type();
        let state = self.state_enum();
        let error = self.error_enum();
        let step_error = self.step_error();
        let slots = self.slots();
        let implementation = self.saga_impl();
        let faults = self.faults();
        let machine = self.machine();
        let durable = self.durable();
        code! {
            #saga
            #state
            #error
            const _: () = {
                #step_error
                #slots
                #implementation
                #faults
                #machine
                #durable
            };
        }
    }

    /// `CheckoutSaga`.
    fn saga_type(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (name, vis, service) = (&saga.names.saga, &saga.vis, &saga.service);
        let generics = &saga.generics;
        let where_clause = &generics.where_clause;
        let doc = format!(
            " The saga `{}` of [`{}`].",
            saga.name,
            types::short(service)
        );
        code! {
            #[doc = #doc]
            #[allow(dead_code)]
            #vis struct #name #generics (#krate::__private::Marker<#service>) #where_clause;
        }
    }

    fn saga_impl(&self) -> TokenStream {
        let (_, type_generics, _) = self.saga.generics.split_for_impl();
        let slots = &self.saga.names.slots;
        let (way, definition) = (self.way(), self.definition());
        self.saga_impl_with(&code! {
            type Slots = #slots #type_generics;
            type Way = #way;
            #definition
        })
    }

    /// Whether the saga can be undone once it has completed: a type, for the compiler to check.
    fn way(&self) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let last = saga.steps.last().filter(|step| saga.is_last(step));
        match last.map(|step| (saga.kind(step), step.nested())) {
            _ if saga.pivot().is_some() => code!(#krate::checks::OneWay),
            Some((Some(Kind::Last), _)) => code!(#krate::checks::OneWay),
            Some((_, Some(nested))) => {
                let nested = self.outside(nested);
                code!(<#nested as #krate::Saga>::Way)
            }
            _ => code!(#krate::checks::TwoWay),
        }
    }

    /// `impl Saga`, with what is inside of it.
    fn saga_impl_with(&self, inside: &TokenStream) -> TokenStream {
        let Self { saga, krate, .. } = self;
        let (impl_generics, type_generics, where_clause) = saga.generics.split_for_impl();
        let (name, service, input) = (&saga.names.saga, &saga.service, self.checked_input());
        let output = self.saga_output();
        let error = self.error_type();
        let state = self.state_type();
        code! {
            impl #impl_generics #krate::Saga for #name #type_generics #where_clause {
                type Service = #service;
                type Input = #input;
                type Output = #output;
                type Error = #error;
                type State<'__saga> = #state where Self: '__saga;
                #inside
            }
        }
    }
}
