//! What every room uses and no saga is in: guards around the user's code, and its text made fit to print.

#[cfg(feature = "durable")]
pub(crate) mod json;
pub(crate) mod map;
pub(crate) mod panics;
pub(crate) mod rare;

pub(crate) use saga_journal::text as foreign;
