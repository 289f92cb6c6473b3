//! The shapes in which a step can run another saga: each compiles, and does what it should.

mod contexts;
mod generics;
mod names;
mod outputs;
mod outputs_of_generic_sagas;
mod places;
mod the_same_service;
mod ways_to_the_service;

use std::sync::Arc;

use saga_core::{Attempt, End, Failure, RunOptions, Saga, SagaError, StepContext, saga};

/// What happened, in order.
#[derive(Debug, Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<String>>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Amount(u32);

#[derive(Debug, Clone, PartialEq)]
struct Receipt(u32);

/// A saga that can be undone.
#[derive(Debug, Clone, Default)]
struct Payments {
    log: Log,
    declines: bool,
}

#[saga]
impl Payments {
    #[step(compensate = release)]
    async fn reserve(&self, amount: &Amount) -> Result<u32, String> {
        self.log.note("reserve");
        Ok(amount.0)
    }

    #[step(compensate = refund)]
    async fn charge(&self, reserved: &u32) -> Result<Receipt, String> {
        if self.declines {
            return Err("declined".to_owned());
        }
        self.log.note("charge");
        Ok(Receipt(*reserved))
    }

    async fn release(&self, _reserved: &u32) -> Result<(), String> {
        self.log.note("release");
        Ok(())
    }

    async fn refund(&self, receipt: &Receipt) -> Result<(), String> {
        self.log.note(format!("refund {}", receipt.0));
        Ok(())
    }
}
