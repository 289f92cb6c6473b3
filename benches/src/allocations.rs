//! Counts the heap allocations of a run.

use core::ops::Sub;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::contestants::Name;
use crate::exercise::{Meter, exercise, runtime};

/// What the allocator of this process has handed out so far.
#[derive(Debug, Clone, Copy)]
pub struct Heap {
    /// The number of allocations, including reallocations.
    pub allocations: usize,
    /// The number of bytes. A reallocation counts with the bytes that it adds.
    pub bytes: usize,
}

impl Sub for Heap {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            allocations: self.allocations - earlier.allocations,
            bytes: self.bytes - earlier.bytes,
        }
    }
}

/// The allocations of one run: the mean of several runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Allocated {
    /// The number of allocations.
    pub allocations: f64,
    /// The number of bytes.
    pub bytes: f64,
}

/// The allocations of a run of each contestant, by the keys of the contestant and the case.
pub type Counted = BTreeMap<String, BTreeMap<String, Allocated>>;

/// Runs before the count starts: the first one on a thread sets up its random numbers.
const WARM_UP: u64 = 100;

/// Runs that are counted: as many as [`Contestant::RUNS`](crate::contestants::Contestant::RUNS) of the contestant
/// with the fewest, so that all of them are prepared once.
const RUNS: u64 = 100;

/// Counts for each contestant and each case. `heap` returns the state of the allocator.
#[must_use]
pub fn count(heap: fn() -> Heap) -> Counted {
    let runtime = runtime();
    let mut counted = Counted::new();
    for name in Name::ALL {
        for case in Case::all() {
            exercise(&runtime, name, case, WARM_UP, &mut Counter::new(heap));
            let mut counter = Counter::new(heap);
            exercise(&runtime, name, case, RUNS, &mut counter);
            let of_name = counted.entry(name.key().to_owned()).or_default();
            of_name.insert(case.to_string(), counter.mean());
        }
    }
    counted
}

struct Counter {
    heap: fn() -> Heap,
    begun: Heap,
    ended: Heap,
}

impl Counter {
    fn new(heap: fn() -> Heap) -> Self {
        let now = heap();
        Self {
            heap,
            begun: now,
            ended: now,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn mean(&self) -> Allocated {
        let all = self.ended - self.begun;
        Allocated {
            allocations: all.allocations as f64 / RUNS as f64,
            bytes: all.bytes as f64 / RUNS as f64,
        }
    }
}

impl Meter for Counter {
    fn begin(&mut self) {
        self.begun = (self.heap)();
    }

    fn end(&mut self) {
        self.ended = (self.heap)();
    }
}
