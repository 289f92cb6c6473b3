//! The context of an expansion, and the names in it.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote_spanned};
use syn::{Ident, Path, parse_quote};

use crate::model::Saga;
use crate::util::names::plain;

/// `quote!` whose own tokens are hygienic.
macro_rules! code {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned! { ::proc_macro2::Span::mixed_site() => $($tokens)* }
    };
}
pub(super) use code;

/// The context from which all parts of an expansion are written.
pub(crate) struct Expansion<'a> {
    pub(crate) saga: &'a Saga<'a>,
    /// The path of `saga-core`.
    pub(crate) krate: Path,
    /// The same, if the user names it.
    pub(super) named: Option<Path>,
    /// Whether the block has a mistake, so that its types may be wrong.
    pub(crate) is_stub: bool,
    /// The report of one mistake, which in a stub is the type of all that has no type because of it.
    pub(super) mistake: Option<TokenStream>,
    /// The error types that reports show.
    pub(super) error_types: Vec<ErrorType<'a>>,
    /// The checks on the types of a `durable` saga.
    pub(super) durable_checks: Option<DurableChecks>,
}

/// An error type of the block's methods.
pub(super) struct ErrorType<'a> {
    /// The first method that returns it.
    pub(super) method: &'a Ident,
    pub(super) error: TokenStream,
    pub(super) text: String,
    pub(super) span: Span,
}

/// Checks that a journal can record the types of a saga.
#[derive(Default)]
pub(super) struct DurableChecks {
    pub(super) checks: TokenStream,
    /// The types that are checked: an error is reported once for each.
    pub(super) checked: BTreeSet<String>,
    /// Whether no check uses a generic parameter of the block: a constant cannot.
    pub(super) is_in_a_constant: bool,
}

impl<'a> Expansion<'a> {
    pub(super) fn new(saga: &'a Saga<'a>, named: Option<Path>, is_stub: bool) -> Self {
        let krate = named.clone().unwrap_or_else(|| parse_quote!(::saga_core));
        Self {
            saga,
            krate,
            named,
            is_stub,
            mistake: None,
            error_types: Vec::new(),
            durable_checks: None,
        }
    }
}

impl Expansion<'_> {
    /// The path of `saga-core` at this span, or where the user names it.
    pub(super) fn krate_at(&self, at: Span) -> TokenStream {
        match &self.named {
            Some(path) => path.to_token_stream(),
            None => quote_spanned!(at=> ::saga_core),
        }
    }

    /// The type that stands for a method, or for the input, in messages.
    pub(super) fn stand_in_type(&self, method: &Ident, at: Span) -> TokenStream {
        let (mut module, mut method) = (self.stand_in_module(), stand_in(method));
        module.set_span(at);
        method.set_span(at);
        quote_spanned!(at=> #module::#method)
    }

    /// The module of these types. If two sagas have a step of the same name, rustc writes the module before
    /// it.
    pub(super) fn stand_in_module(&self) -> Ident {
        format_ident!(
            "steps_of_{}",
            self.saga.names.saga,
            span = Span::mixed_site()
        )
    }
}

impl DurableChecks {
    pub(super) fn push(&mut self, ty: &TokenStream, check: TokenStream) {
        if self.checked.insert(ty.to_string()) {
            self.checks.extend(check);
        }
    }
}

/// The name of the type that stands for a method in messages.
pub(super) fn stand_in(method: &Ident) -> Ident {
    Ident::new_raw(&plain(method), Span::mixed_site())
}
