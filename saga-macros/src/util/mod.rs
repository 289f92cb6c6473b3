//! What every stage asks of names, types and tokens. Knows nothing of sagas.

pub(crate) mod names;
pub(crate) mod spelling;
pub(crate) mod types;
