//! The mistakes found so far, in the order in which they were found.

use core::cell::RefCell;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Collects errors, so that one does not hide the next.
#[derive(Default)]
pub(crate) struct Errors(RefCell<Option<syn::Error>>);

impl Errors {
    /// Reports `message` at `tokens`.
    pub(crate) fn at(&self, tokens: impl ToTokens, message: impl core::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Reports `message` at `span`.
    pub(crate) fn at_span(&self, span: Span, message: impl core::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Reports what went wrong, if it did.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    pub(crate) fn push(&self, error: syn::Error) {
        let mut errors = self.0.borrow_mut();
        match &mut *errors {
            None => *errors = Some(error),
            Some(errors) => errors.combine(error),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_none()
    }

    /// A `compile_error!` for each.
    pub(crate) fn into_compile_errors(self) -> TokenStream {
        let errors = self.0.into_inner();
        errors
            .map(|errors| errors.to_compile_error())
            .unwrap_or_default()
    }
}
