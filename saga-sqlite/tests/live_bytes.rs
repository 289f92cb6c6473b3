//! A saga that has ended leaves nothing in memory: after many sagas as many bytes are alive as after a few.
//!
//! The only test in this file, because it counts the allocations of the whole process. (SQLite's own memory is not
//! counted; its cache limits it.)

mod common;

use std::alloc::System;
use std::sync::Arc;
use std::time::Duration;

use common::Folder;
use saga_core::durable::{DurableHandle, Engine, Query, SagaState};
use saga_core::saga;
use saga_sqlite::SqliteJournal;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

struct Shop;

/// The output of each step. (All of them has to fit into 64 MiB, which is what a container has in memory.)
const BYTES: usize = 100;

#[saga]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, order: &str) -> Result<String, String> {
        Ok(order.to_owned())
    }

    #[step(pivot)]
    async fn ship(&self, reserved: &str) -> Result<usize, String> {
        if reserved.starts_with("bad") {
            return Err(reserved.to_owned());
        }
        Ok(reserved.len())
    }

    async fn release(&self, reserved: &str) -> Result<(), String> {
        assert_eq!(reserved.len(), BYTES);
        Ok(())
    }
}

/// Runs the sagas of these numbers, 50 at a time. One in four fails; for one in two, no caller asks how it ended.
async fn run(engine: &Engine, numbers: std::ops::Range<usize>) {
    let mut handles: Vec<(bool, DurableHandle<ShopSaga>)> = Vec::new();
    for number in numbers {
        let fails = number % 4 == 1;
        let order = if fails { "bad" } else { "good" };
        let order = format!("{order:<BYTES$}");
        let submitted = engine.submit::<ShopSaga>(format!("order-{number}"), order);
        let handle = submitted.await.unwrap();
        if number % 2 == 0 || number % 8 == 1 {
            handles.push((fails, handle));
        }
        if handles.len() == 50 {
            for (fails, mut handle) in handles.drain(..) {
                assert_eq!(handle.outcome().await.unwrap().is_err(), fails);
            }
        }
    }
    drop(handles);
}

/// The number of sagas in this state.
async fn count(engine: &Engine, state: SagaState) -> usize {
    let query = Query {
        state: Some(state),
        saga: None,
        after: None,
        created_before: None,
        limit: usize::MAX,
    };
    engine.list(query).await.unwrap().len()
}

#[test]
fn as_many_bytes_are_alive_after_22_000_sagas_on_one_engine_as_after_2_000() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let folder = Folder::in_memory("live-bytes");
    let journal = SqliteJournal::open(folder.file("sagas.db")).unwrap();
    runtime.block_on(async {
        let builder = Engine::builder().register::<ShopSaga>(Arc::new(Shop));
        let engine = builder.max_in_flight(50).open(journal).await.unwrap();
        let region = Region::new(ALLOCATOR);
        let alive = || {
            let change = region.change();
            change.bytes_allocated.cast_signed() - change.bytes_deallocated.cast_signed()
        };
        let ended = async || {
            let forgotten = async {
                while !format!("{engine:?}").contains("active: 0") {
                    tokio::task::yield_now().await;
                }
            };
            let forgotten = tokio::time::timeout(Duration::from_secs(60), forgotten).await;
            forgotten.expect("a saga that has ended is forgotten");
        };
        run(&engine, 0..2_000).await;
        ended().await;
        let before = alive();
        run(&engine, 2_000..22_000).await;
        ended().await;
        let more = alive() - before;
        assert_eq!(count(&engine, SagaState::Completed).await, 16_500);
        assert_eq!(count(&engine, SagaState::Compensated).await, 5_500);
        // One-time allocations may differ in size. 20,000 sagas that leave a byte each would still show.
        assert!(more.abs() < 20_000, "{more}");
        engine.shutdown(Duration::from_secs(60)).await;
    });
}
