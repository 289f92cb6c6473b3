//! Helpers for names, types and tokens, used by every stage. They know nothing of sagas.

pub(crate) mod names;
pub(crate) mod spans;
pub(crate) mod spelling;
pub(crate) mod types;
