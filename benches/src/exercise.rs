//! Runs a contestant many times, with a meter.

use core::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use crate::case::Case;
use crate::contestants::{Contestant, Name, Visitor, visit};
use crate::steps::{Service, Silent, Value};

/// The input of a saga. Any number would do.
pub const INPUT: u64 = 7;

/// Measures something between the beginning and the end of some runs.
pub trait Meter {
    /// The runs begin.
    fn begin(&mut self);

    /// The runs have ended.
    fn end(&mut self);
}

/// The runtime for everything, on this thread alone.
///
/// # Panics
///
/// If the system cannot create one.
#[must_use]
pub fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// Runs the steps of this case `runs` times, all in one `block_on`.
///
/// The meter only runs during the runs, not while their input is prepared. This is not generic over what is
/// measured, so that the contestants are compiled once.
pub fn exercise(runtime: &Runtime, name: Name, case: Case, runs: u64, meter: &mut dyn Meter) {
    visit::<Silent, _>(
        name,
        case,
        Exercise {
            runtime,
            case,
            runs,
            meter,
        },
    );
}

struct Exercise<'a> {
    runtime: &'a Runtime,
    case: Case,
    runs: u64,
    meter: &'a mut dyn Meter,
}

impl Visitor<Silent> for Exercise<'_> {
    type Output = ();

    fn visit<S: Service<Notes = Silent>, C: Contestant<S>>(self) {
        let service = Arc::new(S::new(self.case.refuses()));
        let input = S::Value::of(INPUT);
        self.runtime.block_on(async {
            let mut left = self.runs;
            while left > 0 {
                let runs = left.min(C::RUNS);
                left -= runs;
                let prepared = C::prepare(&service, &input);
                self.meter.begin();
                for _ in 0..runs {
                    let ended = C::run(&service, &prepared, black_box(&input).clone()).await;
                    drop(black_box(ended));
                }
                self.meter.end();
            }
        });
    }
}

/// The total duration of the runs.
#[derive(Debug, Default)]
pub struct Stopwatch {
    begun: Option<Instant>,
    total: Duration,
}

impl Stopwatch {
    /// The time so far.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.total
    }
}

impl Meter for Stopwatch {
    fn begin(&mut self) {
        self.begun = Some(Instant::now());
    }

    fn end(&mut self) {
        if let Some(begun) = self.begun.take() {
            self.total += begun.elapsed();
        }
    }
}

/// The size of the future of a run, including everything that it keeps by value.
///
/// This does not include boxed values, so it says nothing about contestants that box.
#[must_use]
pub fn size_of_future(runtime: &Runtime, name: Name, case: Case) -> usize {
    visit::<Silent, _>(name, case, SizeOfFuture(runtime))
}

struct SizeOfFuture<'a>(&'a Runtime);

impl Visitor<Silent> for SizeOfFuture<'_> {
    type Output = usize;

    fn visit<S: Service<Notes = Silent>, C: Contestant<S>>(self) -> usize {
        let service = Arc::new(S::new(None));
        let input = S::Value::of(INPUT);
        self.0.block_on(async {
            let prepared = C::prepare(&service, &input);
            size_of_val(&C::run(&service, &prepared, input))
        })
    }
}
