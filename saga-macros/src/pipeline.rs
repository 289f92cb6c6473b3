//! The stages of an expansion, in their order, and the guard against panics.
//!
//! 1. *parse* reads the block and the options of its attributes (`parse`);
//! 2. *model* describes the saga in the words of sagas (`model`);
//! 3. *validate* finds and reports mistakes (`validate`);
//! 4. *expand* writes the code of the saga, or stubs in its place (`expand`);
//! 5. *emit* joins the user's block, that code and the errors.
//!
//! A stage reports errors and goes on, so that one expansion shows every mistake of a block. Only a block
//! that cannot be parsed ends the expansion early.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Meta, Path};

use crate::errors::Errors;
use crate::expand;
use crate::model::Saga;
use crate::parse::block::{Block, without_our_attributes};
use crate::parse::invisible::without_invisible_groups;
use crate::parse::options::SagaOptions;
use crate::parse::siblings::Siblings;
use crate::parse::steps::steps;
use crate::util::spelling::spelled;
use crate::validate::validate;

/// Expands `#[saga(arguments)] block`. A panic in here is a bug: it becomes an error that asks for a report,
/// and the user's block stays.
pub(crate) fn saga(arguments: TokenStream, block: TokenStream) -> TokenStream {
    let tokens = block.clone();
    let expanded = catch_unwind(AssertUnwindSafe(|| stages(arguments, tokens)));
    expanded.unwrap_or_else(|_| {
        let block = without_our_attributes(block);
        let message = "`#[saga]` panicked on this block; this is a bug in saga-macros, please \
                       report it with the block";
        quote!(#block ::core::compile_error!(#message);)
    })
}

fn stages(arguments: TokenStream, tokens: TokenStream) -> TokenStream {
    let errors = Errors::default();
    let arguments = without_invisible_groups(arguments);
    let written = arguments.clone();
    let tokens = without_invisible_groups(tokens);
    let options = SagaOptions::read(arguments, &errors);
    let krate = options.krate.clone();
    let block = match syn::parse2::<Block>(tokens.clone()) {
        Ok(block) => block,
        Err(error) => {
            errors.at_span(error.span(), error);
            let block = without_our_attributes(tokens);
            return emit(&block, &TokenStream::new(), &errors.to_compile_errors());
        }
    };
    let is_name_given = options.saga.is_some();
    let mut saga = Saga::of(&block, options, steps(&block, &errors));
    let siblings = if saga.is_named {
        Siblings::of(&saga.names.saga, &block.service, saga.runs_by_name())
    } else {
        Siblings::default()
    };
    if siblings.has_namesake {
        let name = &saga.names.saga;
        errors.at(name, two_of_one_name(name, is_name_given, &block, written));
    }
    saga.circles = siblings.circles;
    validate(&saga, &block, &errors);
    let others = other_sagas(&block, &saga, krate.as_ref(), &errors);
    let users_block = block.tokens(&saga.methods());
    let mut reported = errors.to_compile_errors();
    let generated = if !saga.is_named || siblings.has_namesake {
        // There is an error. Without a name there is no stub, and the types of a namesake are there already.
        TokenStream::new()
    } else if errors.is_empty() {
        expand::whole(&saga, krate)
    } else {
        let first = (!reported.is_empty()).then(|| reported.remove(0));
        expand::stubs(saga, krate, first)
    };
    emit(&users_block, &quote!(#generated #others), &reported)
}

/// Writes the message for a saga that has the name of an earlier one.
fn two_of_one_name(
    name: &Ident,
    is_name_given: bool,
    block: &Block,
    arguments: TokenStream,
) -> String {
    if is_name_given {
        return format!(
            "two sagas are named `{name}`: write another name here, such as `OtherSaga`"
        );
    }
    let arguments = spelled(arguments);
    let comma = if arguments.is_empty() { "" } else { ", " };
    format!(
        "`{}` has two sagas named `{name}`: write `#[saga(saga = OtherSaga{comma}{arguments})]` here",
        spelled(&block.service)
    )
}

/// Reports further `#[saga]` of the same block, and writes the stubs of their sagas.
fn other_sagas(
    block: &Block,
    saga: &Saga<'_>,
    krate: Option<&Path>,
    errors: &Errors,
) -> TokenStream {
    let mut stubs = TokenStream::new();
    let mut names = vec![saga.names.saga.clone()];
    for attr in &block.sagas {
        let arguments = match &attr.meta {
            Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        let unreported = Errors::default();
        let options = SagaOptions::read(arguments, &unreported);
        let other = Saga::of(block, options, steps(block, &unreported));
        let service = &block.service;
        let name = &other.names.saga;
        let wanted = if names.contains(name) {
            "OtherSaga".to_owned()
        } else {
            name.to_string()
        };
        let message = format!(
            "`#[saga]` is on this block twice, and a block is one saga: remove this one, or write \
             `#[saga(saga = {wanted})]` on another `impl {} {{ .. }}` with its own steps",
            spelled(service)
        );
        errors.at(attr, message);
        if !names.contains(name) {
            names.push(name.clone());
            stubs.extend(expand::stubs(other, krate.cloned(), None));
        }
    }
    stubs
}

/// Joins the parts of an expansion. The user's block comes first, untouched.
///
/// # Panics
///
/// If there is neither code nor an error: then the user would get no saga, and no reason.
fn emit(block: &TokenStream, generated: &TokenStream, errors: &[TokenStream]) -> TokenStream {
    assert!(!generated.is_empty() || !errors.is_empty());
    quote!(#block #generated #(#errors)*)
}
