//! What a saga costs in memory, beside the same by hand and beside others, in one run:
//! `cargo bench -p saga-benches`.
//!
//! - [`steps`]: the service whose no-op steps all contestants run; `lengths`, the list of its steps.
//! - [`contestants`]: the ways to run them, each in a file. `peers/` has the one in Python.
//! - [`case`](mod@case): what is run. [`exercise`]: running it many times under a meter.
//! - [`measuring`]: timing, in rounds. [`allocations`]: counting. [`results`]: all of it together.
//! - [`table`], [`chart`], [`document`]: how it is shown. [`command`] does all of this.

pub mod allocations;
pub mod case;
pub mod chart;
pub mod command;
pub mod contestants;
pub mod document;
pub mod exercise;
mod lengths;
pub mod machine;
pub mod measuring;
pub mod python;
pub mod results;
pub mod steps;
pub mod table;
