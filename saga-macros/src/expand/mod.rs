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

use proc_macro2::TokenStream;
use syn::{Path, parse_quote};

use self::durable::Asked;
use self::faults::Told;
use crate::model::{Kind, Saga};

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

/// The code of a saga. `krate` is the path of `saga-core`, if the user names one.
pub(crate) fn whole(saga: &Saga<'_>, krate: Option<Path>) -> TokenStream {
    Cx::new(saga, krate, false).whole()
}

/// What is written in place of a saga with a mistake in it.
pub(crate) fn stubs(saga: Saga<'_>, krate: Option<Path>) -> TokenStream {
    let saga = saga.without_collisions();
    Cx::new(&saga, krate, true).stubs()
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
