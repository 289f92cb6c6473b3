#![deny(warnings)]

use saga_core::{Saga, saga};

struct Market;

#[saga]
impl Market {
    #[step(parallel = asked, readonly)]
    async fn ask_0(&self, cents: &u64) -> Result<u64, String> {
        Ok(cents + 0)
    }

    #[step(parallel = asked, readonly)]
    async fn ask_1(&self, cents: &u64) -> Result<u64, String> {
        Ok(cents + 1)
    }

    #[step(parallel = asked, readonly)]
    async fn ask_2(&self, cents: &u64) -> Result<u64, String> {
        Ok(cents + 2)
    }

    #[step(parallel = asked, readonly)]
    async fn ask_3(&self, cents: &u64) -> Result<u64, String> {
        Ok(cents + 3)
    }

    #[step(parallel = asked, readonly)]
    async fn ask_4(&self, cents: &u64) -> Result<u64, String> {
        Ok(cents + 4)
    }

    #[step(parallel = asked, readonly)]
    async fn ask_5(&self, cents: &u64) -> Result<u64, String> {
        Ok(cents + 5)
    }

    #[step(parallel = asked, readonly)]
    async fn ask_6(&self, cents: &u64) -> Result<u64, String> {
        Ok(cents + 6)
    }

    #[step(parallel = asked, readonly)]
    async fn ask_7(&self, cents: &u64) -> Result<u64, String> {
        Ok(cents + 7)
    }

    #[step(parallel = asked, readonly)]
    async fn ask_8(&self, cents: &u64) -> Result<u64, String> {
        Ok(cents + 8)
    }

    #[step(parallel = asked, readonly)]
    async fn ask_9(&self, cents: &u64) -> Result<u64, String> {
        Ok(cents + 9)
    }

    #[step]
    async fn choose(
        &self,
        a: &u64,
        b: &u64,
        c: &u64,
        d: &u64,
        e: &u64,
        f: &u64,
        g: &u64,
        h: &u64,
        i: &u64,
        j: &u64,
    ) -> Result<u64, String> {
        Ok([a, b, c, d, e, f, g, h, i, j].into_iter().sum())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    assert_eq!(MarketSaga::run(&Market, 1).await.unwrap(), 55);
}
