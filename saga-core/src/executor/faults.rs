//! How the errors of a step are classified and viewed.

use crate::executor::Injected;
use crate::outcome::{ErrorView, JsonForm};

/// How the errors of one step are classified and viewed. It contains function pointers, so that no executor needs a
/// bound on `E`. It is passed as a function that makes it, because a call that completes does not need it.
pub struct Faults<E> {
    /// Whether an error is worth another attempt.
    pub when: fn(&E) -> bool,
    /// Whether the step may have taken effect although it returned this error.
    pub in_doubt: fn(&E) -> bool,
    /// The view of an error, for its text.
    pub view: for<'e> fn(&'e E) -> ErrorView<'e>,
    /// Whether a test can inject such an error.
    pub injected: Injected<E>,
    /// How a journal records such an error, if its type allows that. A later process then has the error itself.
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
