//! The attempts of one call, under its policy.

mod attempts;
pub(crate) mod notify;
#[cfg_attr(not(feature = "tracing"), path = "no_spans.rs")]
pub(crate) mod spans;

pub use self::attempts::{Attempts, attempts};
