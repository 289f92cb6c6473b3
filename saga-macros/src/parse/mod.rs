//! From tokens to syntax: the impl block, and the options of the attributes in it.
//!
//! Knows which attributes there are and what may stand in them, not what they mean together.

pub(crate) mod block;
pub(crate) mod duration;
pub(crate) mod list;
pub(crate) mod options;
pub(crate) mod read;
pub(crate) mod retry;
pub(crate) mod steps;
