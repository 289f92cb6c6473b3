//! From tokens to syntax: the impl block, and the options of its attributes.
//!
//! This stage knows which attributes exist and which options each has, not what they mean together.

pub(crate) mod block;
pub(crate) mod duration;
pub(crate) mod invisible;
pub(crate) mod list;
pub(crate) mod options;
pub(crate) mod read;
pub(crate) mod retry;
pub(crate) mod siblings;
pub(crate) mod steps;
