//! The errors found so far, in the order in which they were found.

use core::cell::{Cell, RefCell};
use core::fmt::Display;
use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Collects errors, so that one does not hide the next.
#[derive(Clone, Default)]
pub(crate) struct Errors {
    found: Rc<RefCell<Option<syn::Error>>>,
    is_left_to_the_compiler: Rc<Cell<bool>>,
    /// The beginning of every message.
    about: String,
}

impl Errors {
    /// Returns the same collection, for messages that begin with `subject`.
    pub(crate) fn about(&self, subject: &str) -> Self {
        Self {
            found: Rc::clone(&self.found),
            is_left_to_the_compiler: Rc::clone(&self.is_left_to_the_compiler),
            about: format!("{subject}: "),
        }
    }

    /// Reports `message` at `tokens`.
    pub(crate) fn at(&self, tokens: impl ToTokens, message: impl Display) {
        let message = format!("{}{message}", self.about);
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Reports `message` at `span`.
    pub(crate) fn at_span(&self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, format!("{}{message}", self.about)));
    }

    /// Returns the value, or reports the error.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result
            .map_err(|error| self.at_span(error.span(), error))
            .ok()
    }

    fn push(&self, error: syn::Error) {
        let mut found = self.found.borrow_mut();
        match &mut *found {
            None => *found = Some(error),
            Some(found) => found.combine(error),
        }
    }

    /// Records that the code is wrong in a way that the compiler reports itself.
    pub(crate) fn leave_to_the_compiler(&self) {
        self.is_left_to_the_compiler.set(true);
    }

    /// The number of errors.
    pub(crate) fn count(&self) -> usize {
        let found = self.found.borrow();
        found.as_ref().map_or(0, |found| found.into_iter().count())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.borrow().is_none() && !self.is_left_to_the_compiler.get()
    }

    /// Returns a `compile_error!` for each error.
    pub(crate) fn to_compile_errors(&self) -> Vec<TokenStream> {
        let found = self.found.borrow();
        let errors = found.iter().flatten();
        errors.map(|error| error.to_compile_error()).collect()
    }
}
