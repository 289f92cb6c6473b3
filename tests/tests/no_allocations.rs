//! A run that completes allocates nothing, also one with a group, a condition and a saga in it; and also with
//! the feature `tracing`, which these tests have, without a subscriber.
//!
//! The only test in this file, because it counts the allocations of the whole process.

use std::alloc::System;

use saga_core::{Attempt, Saga, StepContext, saga};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

struct Shop;

#[saga(saga = WrapSaga)]
impl Shop {
    #[step(parallel = both, compensate = unwrap)]
    async fn wrap(&self, gift: &u64) -> Result<u64, String> {
        Ok(*gift)
    }

    #[step(parallel = both, readonly)]
    async fn weigh(&self, #[input] gift: &u64) -> Result<u64, String> {
        tokio::task::yield_now().await;
        Ok(*gift)
    }

    async fn unwrap(&self, _wrap: &u64) -> Result<(), String> {
        Ok(())
    }
}

#[saga]
impl Shop {
    #[step(compensate = close)]
    async fn open(&self, order: &u64) -> Result<[u64; 8], String> {
        Ok([*order; 8])
    }

    #[step(parallel = gather, readonly)]
    async fn look(&self, open: &[u64; 8]) -> Result<u64, String> {
        Ok(open[0])
    }

    #[step(parallel = gather, compensate = release, retry(attempts = 3))]
    async fn hold(&self, open: &[u64; 8], ctx: &StepContext) -> Result<u64, String> {
        tokio::task::yield_now().await;
        Ok(open[1] + u64::from(ctx.attempt()))
    }

    #[step(parallel = gather, compensate = refund)]
    async fn pay(&self, #[input] order: &u64) -> Result<u64, String> {
        tokio::task::yield_now().await;
        Ok(*order)
    }

    #[step(only_if = is_odd, compensate = take_back)]
    async fn gift(&self, look: &u64, hold: &u64, pay: &u64) -> Result<u64, String> {
        Ok(look + hold + pay)
    }

    #[step(saga = WrapSaga)]
    fn pack(&self, gift: Option<&u64>) -> u64 {
        gift.copied().unwrap_or_default()
    }

    #[step(pivot)]
    async fn ship(&self, wrap: &u64, weigh: &u64) -> Result<u64, String> {
        assert_eq!(wrap, weigh);
        Ok(*wrap)
    }

    #[step(parallel = tell)]
    async fn mail(&self, ship: &u64) -> Result<u64, String> {
        Ok(*ship)
    }

    #[step(parallel = tell, only_if = is_odd_order)]
    async fn log(&self, ship: &u64) -> Result<u64, String> {
        Ok(*ship)
    }

    fn is_odd(&self, look: &u64, _hold: &u64, _pay: &u64) -> bool {
        look % 2 == 1
    }

    fn is_odd_order(&self, #[input] order: &u64) -> bool {
        order % 2 == 1
    }

    async fn close(&self, _open: &[u64; 8]) -> Result<(), String> {
        Ok(())
    }

    async fn release(&self, _hold: &u64) -> Result<(), String> {
        Ok(())
    }

    async fn refund(&self, _pay: Attempt<&u64>) -> Result<(), String> {
        Ok(())
    }

    async fn take_back(&self, _gift: &u64) -> Result<(), String> {
        Ok(())
    }
}

async fn run(count: u64) -> u64 {
    let mut gifts = 0;
    for order in 0..count {
        let (mail, log) = ShopSaga::run(&Shop, order).await.unwrap();
        assert_eq!(mail, if order % 2 == 1 { 3 * order + 1 } else { 0 });
        assert_eq!(log, (order % 2 == 1).then_some(mail));
        gifts += mail;
    }
    gifts
}

#[test]
fn a_run_with_groups_conditions_and_a_saga_in_it_that_completes_allocates_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (warm, again, change) = runtime.block_on(async {
        // One-time allocations of the thread and the runtime happen in the first run.
        let warm = run(1_000).await;
        let region = Region::new(ALLOCATOR);
        let again = run(1_000).await;
        (warm, again, region.change())
    });
    assert_eq!(warm, again);
    assert_eq!((change.allocations, change.reallocations), (0, 0));
}
