//! A shop that writes its calls and effects as lines into a file, so that they survive its process.

use core::time::Duration;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use saga_core::{Attempt, StepContext, saga};
use tokio::time::sleep;

/// The service.
#[derive(Debug)]
pub struct Till {
    /// The file with a line for the beginning and for the end of each call.
    pub log: PathBuf,
}

/// The error of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl core::fmt::Display for Closed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("closed")
    }
}

impl Till {
    async fn call(&self, run: &StepContext) {
        let line = format!("{}#{}", run.idempotency_key(), run.attempt());
        self.add(&format!("{line}\n"));
        sleep(Duration::from_millis(3)).await;
        self.add(&format!("{line} ended\n"));
    }

    fn add(&self, line: &str) {
        let file = OpenOptions::new().append(true).create(true).open(&self.log);
        let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
        written.expect("a file to write to");
    }
}

#[saga(vis = pub, name = "till")]
impl Till {
    #[step(compensate = unreserve, max_interruptions = 1000)]
    async fn reserve(&self, number: &u32, run: &StepContext) -> Result<u32, Closed> {
        self.call(run).await;
        Ok(*number)
    }

    #[step(parallel = both, compensate = refund, max_interruptions = 1000)]
    async fn charge(&self, number: &u32, run: &StepContext) -> Result<u32, Closed> {
        self.call(run).await;
        Ok(*number)
    }

    #[step(parallel = both, readonly, max_interruptions = 1000)]
    async fn weigh(&self, number: &u32, run: &StepContext) -> Result<u32, Closed> {
        self.call(run).await;
        Ok(*number)
    }

    #[step(pivot, compensate = recall, max_interruptions = 1000)]
    async fn ship(&self, number: &u32, weight: &u32, run: &StepContext) -> Result<u32, Closed> {
        self.call(run).await;
        // Every third call is refused.
        if number % 3 == 2 {
            Err(Closed)
        } else {
            Ok(number + weight)
        }
    }

    #[compensation(max_interruptions = 1000)]
    async fn unreserve(&self, _: Attempt<&u32>, run: &StepContext) -> Result<(), Closed> {
        self.call(run).await;
        Ok(())
    }

    #[compensation(max_interruptions = 1000)]
    async fn refund(&self, _: Attempt<&u32>, run: &StepContext) -> Result<(), Closed> {
        self.call(run).await;
        Ok(())
    }

    #[compensation(max_interruptions = 1000)]
    async fn recall(&self, _: Attempt<&u32>, run: &StepContext) -> Result<(), Closed> {
        self.call(run).await;
        Ok(())
    }
}
