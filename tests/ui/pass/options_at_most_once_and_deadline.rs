#![deny(warnings)]

use std::time::Duration;

use saga_core::{Saga as _, saga};

struct Trips;

#[saga(deadline = "30s")]
impl Trips {
    #[step(at_most_once, compensate = cancel, retry(attempts = 3), timeout = "5s")]
    async fn book(&self, nights: &u32) -> Result<u32, String> {
        Ok(*nights)
    }

    #[step(pivot, at_most_once)]
    async fn pay(&self, nights: &u32) -> Result<u32, String> {
        Ok(*nights)
    }

    #[step(at_most_once)]
    async fn thank(&self) -> Result<(), String> {
        Ok(())
    }

    async fn cancel(&self, _nights: &u32) -> Result<(), String> {
        Ok(())
    }
}

// Both ends from outside have a variant of their own.
fn cause(error: &TripsSagaError) -> &'static str {
    match error {
        TripsSagaError::Book(_) | TripsSagaError::Pay(_) | TripsSagaError::Thank(_) => "a step",
        TripsSagaError::Cancelled => "cancelled",
        TripsSagaError::DeadlineExceeded => "too late",
    }
}

fn main() {
    assert_eq!(TripsSaga::DEFINITION.deadline, Some(Duration::from_secs(30)));
    assert!(TripsSaga::DEFINITION.steps.iter().all(|step| step.at_most_once));
    let _ = cause;
}
