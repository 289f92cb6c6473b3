use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use saga_core::observe::{Event, EventKind, Observer};
use saga_core::{RunOptions, Saga, SagaError, saga};

#[derive(Debug, thiserror::Error)]
enum CardError {
    #[error("declined")]
    Declined,
    #[error("the card expired in {0}")]
    Expired(u16),
}

#[derive(Debug, thiserror::Error)]
#[error("no table for {0}")]
struct NoTable(u8);

struct Restaurant;

#[saga(saga = DinnerSaga)]
impl Restaurant {
    #[step(compensate = free_table)]
    async fn reserve_table(&self, guests: &u8) -> Result<u32, NoTable> {
        if *guests > 12 {
            Err(NoTable(*guests))
        } else {
            Ok(4)
        }
    }

    #[step]
    async fn guarantee(&self, table: &u32, #[input] guests: &u8) -> Result<u32, CardError> {
        match guests {
            0 => Err(CardError::Declined),
            1 => Err(CardError::Expired(2024)),
            _ => Ok(*table),
        }
    }

    async fn free_table(&self, _table: &u32) -> Result<(), NoTable> {
        Ok(())
    }
}

#[derive(Default)]
struct Counter(AtomicU64);

impl Observer for Counter {
    fn observe(&self, event: &Event<'_>) {
        if let EventKind::SagaStarted = event.kind {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn status(result: Result<u32, SagaError<DinnerSaga>>) -> u16 {
    let error = match result {
        Ok(_) => return 201,
        Err(error) => error,
    };
    match error.error() {
        DinnerSagaError::Guarantee(CardError::Declined) => 402,
        DinnerSagaError::Guarantee(CardError::Expired(_)) => 422,
        _ => 503,
    }
}

#[tokio::main]
async fn main() {
    let counter = Arc::new(Counter::default());
    for guests in [0, 1, 4, 20] {
        let options = RunOptions::new().observer(counter.clone());
        let result = DinnerSaga::run_with(&Restaurant, guests, options).await;
        println!("{guests} guests: {}", status(result));
    }
    println!("{} runs", counter.0.load(Ordering::Relaxed));
}
