//! The `#[saga]` attribute of [`saga-core`](https://docs.rs/saga-core), which re-exports and documents it.
//! Depend on `saga-core`, not on this crate: the generated code calls `saga-core`, and both must have the
//! same version.
//!
//! This file is only the door. `pipeline` runs the stages in their order: `parse`, `model`, `validate`,
//! `expand`. Each imports only from the stages before it, from `suggest`, which holds the advice of messages,
//! from `errors` and from `util`. Tests in `import_order_tests` hold that order.

mod errors;
mod expand;
#[cfg(test)]
mod fragment_tests;
#[cfg(test)]
mod import_order_tests;
#[cfg(test)]
mod message_tests;
mod model;
#[cfg(test)]
mod name_tests;
mod parse;
mod pipeline;
#[cfg(test)]
mod snapshot_tests;
mod suggest;
mod util;
mod validate;

use proc_macro::TokenStream;

/// Makes a saga of the methods of an impl block. `saga-core` documents it where it re-exports it.
#[proc_macro_attribute]
pub fn saga(arguments: TokenStream, block: TokenStream) -> TokenStream {
    pipeline::saga(arguments.into(), block.into()).into()
}
