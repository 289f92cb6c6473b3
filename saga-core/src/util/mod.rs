//! Helpers that every room uses and that know nothing of sagas: guards around user code, JSON of user values, and
//! escaping of foreign text.

#[cfg(feature = "durable")]
pub(crate) mod json;
pub(crate) mod map;
pub(crate) mod panics;
pub(crate) mod rare;

pub(crate) use saga_journal::text as foreign;
