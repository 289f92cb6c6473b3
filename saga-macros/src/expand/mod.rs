//! From the model to code.
//!
//! The user's block comes first and untouched. Data and calls of `saga-core`'s `__private` module follow:
//! logic belongs there, where it is compiled once.
//!
//! Hygiene: the locals of the generated code have the span of the macro's definition site ([`code!`]), so
//! that they capture no path of the user. Names begin at `::core` or at the crate that the user names. The
//! user's own tokens keep their spans, so that the compiler reports a wrong type where it stands.

mod arguments;
mod attempts;
mod call;
mod checks;
mod context;
mod definition;
mod durable;
mod error;
mod faults;
mod generics;
mod machine;
mod nested;
mod saga;
mod slots;
mod state;
mod stubs;
mod types;
mod undo_elsewhere;

use proc_macro2::TokenStream;
use syn::Path;

use self::context::{Expansion, code};
use crate::model::Saga;

/// Writes the code of a saga. `krate` is the path of `saga-core`, if the user names one.
pub(crate) fn whole(saga: &Saga<'_>, krate: Option<Path>) -> TokenStream {
    prepared(saga, krate, false, None).whole()
}

/// Writes the stand-in of a saga with a mistake in it. It contains `mistake`, the report of one of them.
pub(crate) fn stubs(
    saga: Saga<'_>,
    krate: Option<Path>,
    mistake: Option<TokenStream>,
) -> TokenStream {
    let saga = saga.without_collisions().with_bounded_parameters();
    prepared(&saga, krate, true, mistake).stubs()
}

fn prepared<'a>(
    saga: &'a Saga<'a>,
    krate: Option<Path>,
    is_stub: bool,
    mistake: Option<TokenStream>,
) -> Expansion<'a> {
    let mut expansion = Expansion::new(saga, krate, is_stub);
    expansion.mistake = mistake;
    expansion.error_types = expansion.error_types();
    expansion.durable_checks = expansion.durable_checks();
    expansion
}

impl Expansion<'_> {
    fn whole(&self) -> TokenStream {
        let saga = self.saga_type();
        let state = self.state_enum();
        let error = self.error_enum();
        let step_error = self.step_error();
        let checks = self.checks();
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
                #checks
                #step_error
                #slots
                #implementation
                #faults
                #machine
                #durable
            };
        }
    }
}
