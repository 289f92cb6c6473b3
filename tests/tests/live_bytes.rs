//! A run leaves nothing behind: after many runs as many bytes are alive as after a few.
//!
//! The only test in this file, because it counts the allocations of the whole process.

use std::alloc::System;
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};

use saga_core::{Attempt, End, RunOptions, Saga, StepContext, saga};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The course of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    Completes,
    Fails,
    Panics,
    TimesOut,
    CannotBeUndone,
}

/// One run in two completes.
const COURSES: [Course; 8] = [
    Course::Completes,
    Course::Fails,
    Course::Completes,
    Course::Panics,
    Course::Completes,
    Course::TimesOut,
    Course::Completes,
    Course::CannotBeUndone,
];

/// Everything a step has or returns is on the heap.
struct Shop {
    undone: AtomicU64,
}

#[saga]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, order: &(Course, String)) -> Result<Vec<String>, String> {
        Ok(vec![order.1.clone(); 3])
    }

    #[step(compensate = refund, timeout = "1s", retry(attempts = 2, backoff = "10ms..20ms"))]
    async fn charge(
        &self,
        reserved: &[String],
        #[input] order: &(Course, String),
        context: &StepContext,
    ) -> Result<String, String> {
        match order.0 {
            Course::TimesOut => std::future::pending().await,
            _ => Ok(format!("{} {}", context.idempotency_key(), reserved.len())),
        }
    }

    #[step(compensate = unship)]
    async fn ship(
        &self,
        charged: &str,
        #[input] order: &(Course, String),
    ) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
        match order.0 {
            Course::Panics => panic!("{charged} panicked"),
            Course::Fails | Course::CannotBeUndone => Err(format!("{charged} failed").into()),
            _ => Ok(charged.to_owned()),
        }
    }

    #[step]
    async fn notify(&self, shipped: &str) -> Result<usize, String> {
        Ok(shipped.len())
    }

    async fn release(
        &self,
        reserved: &[String],
        #[input] order: &(Course, String),
        context: &StepContext,
    ) -> Result<(), String> {
        self.undone.fetch_add(1, Ordering::Relaxed);
        if order.0 == Course::CannotBeUndone {
            return Err(format!("{reserved:?}: {:?}", context.cause()));
        }
        Ok(())
    }

    async fn refund(&self, charged: Attempt<&String>) -> Result<(), String> {
        drop(format!("{charged:?}"));
        self.undone.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn unship(&self, shipped: Attempt<&String>) -> Result<(), String> {
        drop(format!("{shipped:?}"));
        self.undone.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// The expected end of a run of this course: the step that failed, the end, and the number of undone steps.
fn expected(course: Course) -> Option<(&'static str, End, u64)> {
    match course {
        Course::Completes => None,
        Course::Fails => Some(("ship", End::Compensated, 2)),
        Course::Panics => Some(("ship", End::Compensated, 3)),
        Course::TimesOut => Some(("charge", End::Compensated, 2)),
        Course::CannotBeUndone => Some(("ship", End::Stuck, 2)),
    }
}

async fn run(shop: &Shop, count: usize) {
    for (number, course) in COURSES.into_iter().cycle().take(count).enumerate() {
        let order = (course, format!("order {}", number % 10));
        let before = shop.undone.load(Ordering::Relaxed);
        let options = RunOptions::new();
        // Every third one with its times.
        let options = if number % 3 == 0 {
            options.timed()
        } else {
            options
        };
        let ended = ShopSaga::run_with(shop, order, options).await;
        let undone = shop.undone.load(Ordering::Relaxed) - before;
        let ended = ended.err().map(|error| {
            assert!(!error.report().to_string().is_empty());
            (error.step().unwrap().name, error.end(), undone)
        });
        assert_eq!(ended, expected(course), "run {number}");
    }
}

#[test]
fn as_many_bytes_are_alive_after_100_000_runs_as_after_1_000_and_half_of_them_fail() {
    panic::set_hook(Box::new(|_| {}));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let shop = Shop {
        undone: AtomicU64::new(0),
    };
    let alive_after = |count| {
        let region = Region::new(ALLOCATOR);
        runtime.block_on(run(&shop, count));
        let change = region.change();
        (
            change.allocations > count,
            change.bytes_allocated.cast_signed() - change.bytes_deallocated.cast_signed(),
        )
    };
    // One-time allocations of the thread and the runtime happen in the first run.
    let (_, _) = alive_after(1_000);
    let thousand = alive_after(1_000);
    let rest = alive_after(100_000);
    drop(panic::take_hook());
    assert_eq!(thousand, (true, 0), "after 1,000 more runs");
    assert_eq!(rest, (true, 0), "after 100,000 more runs");
}
