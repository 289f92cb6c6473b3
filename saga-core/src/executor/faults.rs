//! How the errors of a step are judged and told.

use crate::executor::Injected;
use crate::outcome::{ErrorView, JsonForm};

/// How the errors of one step are judged and told. Function pointers, so that no executor needs a
/// bound on `E`; and passed as a function that makes them, for a call that completes never asks.
pub struct Faults<E> {
    /// Whether another attempt is worth it.
    pub when: fn(&E) -> bool,
    /// Whether the step may have taken effect although it returned this error.
    pub in_doubt: fn(&E) -> bool,
    /// What the error says.
    pub view: for<'e> fn(&'e E) -> ErrorView<'e>,
    /// Whether a test can give one.
    pub injected: Injected<E>,
    /// How a journal keeps one, if it can: a later life of the process has it then.
    pub journal: JsonForm<E>,
}

impl<E> Clone for Faults<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Faults<E> {}

impl<E> core::fmt::Debug for Faults<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Faults").finish_non_exhaustive()
    }
}
