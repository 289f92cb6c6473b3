//! The policies of an engine for steps of nested sagas, across crashes.

use core::time::Duration;
use std::sync::Arc;

use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::{Policy, RunOptions, StepContext, saga};
use saga_tests::Calls;
use tokio::sync::Notify;

#[derive(Debug, Default)]
struct Bank {
    calls: Calls,
    reached: Notify,
}

#[saga(saga = PaymentSaga)]
impl Bank {
    #[step(compensate = refund)]
    async fn charge(&self, run: &StepContext) -> Result<u32, String> {
        self.calls.add(format!("charge {}", run.attempt()));
        if run.attempt() < 4 {
            self.reached.notify_one();
            return Err("busy".to_owned());
        }
        Ok(7)
    }

    async fn refund(&self, run: &StepContext) -> Result<(), String> {
        self.calls.add(format!("refund {}", run.attempt()));
        self.reached.notify_one();
        Err("busy".to_owned())
    }
}

#[saga]
impl Bank {
    #[step(saga = PaymentSaga)]
    fn pay(&self) {}

    #[step]
    async fn ship(&self) -> Result<(), String> {
        Err("no courier".to_owned())
    }
}

/// One life of a process, which ends at the end of the saga, or at its first wait.
fn life(bank: &Arc<Bank>, journal: &InMemoryJournal) -> Option<String> {
    let wait = Duration::from_hours(1);
    let patient = |attempts| Policy::attempts(attempts).backoff(wait, wait);
    let options = RunOptions::new()
        .policy("pay/charge", patient(4))
        .and_then(|options| options.compensation_policy("pay/charge", patient(2)))
        .unwrap();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let engine = Engine::builder().register_with::<BankSaga>(Arc::clone(bank), options);
        let engine = engine.open(journal.clone()).await.unwrap();
        let mut saga = engine.submit::<BankSaga>("1", ()).await.unwrap();
        let reached = async {
            bank.reached.notified().await;
            // The failure is recorded before the wait begins.
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        tokio::select! {
            biased;
            end = saga.outcome() => Some(end.unwrap().unwrap_err().to_string()),
            () = reached => None,
        }
    })
}

#[test]
fn a_policy_for_a_step_of_a_nested_saga_holds_in_every_life() {
    let (bank, journal) = (Arc::new(Bank::default()), InMemoryJournal::new());
    let ends: Vec<_> = (0..9)
        .map_while(|_| match life(&bank, &journal) {
            None => Some(()),
            Some(end) => {
                assert!(end.contains("is stuck"), "{end}");
                None
            }
        })
        .collect();
    let calls = bank.calls.take();
    let expected = [
        "charge 1", "charge 2", "charge 3", "charge 4", "refund 1", "refund 2",
    ];
    assert_eq!(calls, expected);
    assert!(
        ends.len() >= 3,
        "the process ended during waits: {}",
        ends.len()
    );
}
