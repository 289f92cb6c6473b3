//! Counts what a run of each contestant allocates in each case, and prints it as JSON.
//!
//! A separate program, so that the process that is timed keeps the system's allocator.

use std::alloc::System;

use saga_benches::allocations::{Heap, count};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> serde_json::Result<()> {
    let counted = count(|| {
        let stats = ALLOCATOR.stats();
        Heap {
            allocations: stats.allocations + stats.reallocations,
            bytes: stats.bytes_allocated,
        }
    });
    println!("{}", serde_json::to_string(&counted)?);
    Ok(())
}
