//! The `#[saga]` attribute of [`saga-core`](https://docs.rs/saga-core), which re-exports and documents
//! it. Depend on `saga-core`, not on this crate: what the attribute generates calls it, and the two have
//! to be of one version.
//!
//! One way through, a stage a file or folder: `parse` reads the block and the attributes in it,
//! `model` names what they mean in the words of sagas, `validate` says what is wrong with it,
//! and `expand` writes the code. Each stage reports what it finds into `errors` and goes on, so
//! that all the mistakes of a block are told at once.

mod errors;
mod expand;
mod model;
mod parse;
mod pipeline;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod stages;
mod suggest;
mod util;
mod validate;

use proc_macro::TokenStream;

/// Makes a saga of the methods of an impl block. Documented where `saga-core` re-exports it.
#[proc_macro_attribute]
pub fn saga(arguments: TokenStream, block: TokenStream) -> TokenStream {
    pipeline::saga(arguments.into(), block.into()).into()
}
