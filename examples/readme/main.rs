//! The README's example. It stands in a file that holds nothing else, so that it can be compared.

include!("example.rs");
