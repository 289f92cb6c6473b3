//! The attempts of one call, under its policy.

mod attempts;
pub(crate) mod notify;
#[cfg_attr(feature = "tracing", path = "spans.rs")]
#[cfg_attr(not(feature = "tracing"), path = "no_spans.rs")]
pub(crate) mod trace;

pub use self::attempts::{Attempts, attempts};
