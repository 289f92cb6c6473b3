use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use saga_core::{Saga, saga};

#[derive(Debug, Clone, Copy, PartialEq)]
struct Rate(f64);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Pair(String, String);

#[derive(Debug, thiserror::Error)]
enum FxError {
    #[error("no rate for {0:?}")]
    NoRate(Pair),
    #[error("the desk is closed")]
    Closed,
}

struct RatesApi;

impl RatesApi {
    async fn fetch(&self, pair: &Pair) -> Result<Rate, FxError> {
        tokio::task::yield_now().await;
        if pair.0 == pair.1 {
            return Err(FxError::NoRate(pair.clone()));
        }
        Ok(Rate(1.08))
    }
}

struct FxDesk {
    api: Arc<RatesApi>,
    cache: Mutex<HashMap<Pair, Rate>>,
}

#[saga]
impl FxDesk {
    #[step(readonly, timeout = "2s")]
    async fn quote(&self, pair: &Pair) -> Result<Rate, FxError> {
        let mut cache = self.cache.lock().unwrap();
        if let Some(rate) = cache.get(pair) {
            return Ok(*rate);
        }
        let rate = self.api.fetch(pair).await?;
        cache.insert(pair.clone(), rate);
        Ok(rate)
    }

    #[step(compensate = unwind)]
    async fn hedge(&self, rate: &Rate) -> Result<u64, FxError> {
        if rate.0 <= 0.0 {
            return Err(FxError::Closed);
        }
        Ok(7)
    }

    #[step]
    async fn confirm(&self, hedge: &u64, #[from(quote)] rate: &Rate) -> Result<String, FxError> {
        Ok(format!("hedge {hedge} at {}", rate.0))
    }

    async fn unwind(&self, hedge: &u64) -> Result<(), FxError> {
        println!("unwinding {hedge}");
        Ok(())
    }
}

#[tokio::main]
async fn main() {
    let desk = FxDesk {
        api: Arc::new(RatesApi),
        cache: Mutex::default(),
    };
    let pair = Pair("EUR".to_owned(), "USD".to_owned());
    println!("{:?}", FxDeskSaga::run(&desk, pair).await);
}
