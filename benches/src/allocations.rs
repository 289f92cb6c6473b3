//! What a run allocates on the heap.

use core::ops::Sub;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case::Case;
use crate::contestants::Name;
use crate::exercise::{Meter, exercise, runtime};

/// What the allocator of this process has given out so far.
#[derive(Debug, Clone, Copy)]
pub struct Heap {
    /// How often, reallocations included.
    pub allocations: usize,
    /// How many bytes. A reallocation counts with what it adds.
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

/// What one run allocates: the mean of a number of runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Allocated {
    /// How often.
    pub allocations: f64,
    /// How many bytes.
    pub bytes: f64,
}

/// What a run of each contestant allocates, by the contestant's and the case's key.
pub type Counted = BTreeMap<String, BTreeMap<String, Allocated>>;

/// Runs before anything is counted: a thread sets up its random numbers in the first.
const WARM_UP: u64 = 100;

/// Runs that are counted, as many as [`Contestant::RUNS`](crate::contestants::Contestant::RUNS) of
/// the contestant with the least, so that all are counted with what was prepared once.
const RUNS: u64 = 100;

/// Counts for each contestant and each case, by what `heap` says of the allocator.
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
