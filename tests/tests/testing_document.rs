//! The code of `docs/testing.md`, which quotes parts of it exactly.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use saga_core::testing::fault_matrix;
use saga_core::{Attempt, Cause, End, ErrorText, Failure, Saga, StepContext, saga};

/// The till of a shop. It stands for a database.
struct Till(Mutex<Drawer>);

#[derive(Debug, Clone, PartialEq)]
struct Drawer {
    coins: u32,
    /// How many coins were taken, by idempotency key.
    taken: BTreeMap<String, u32>,
}

#[derive(Debug, PartialEq)]
enum TillError {
    Empty,
    Jammed,
}

impl TillError {
    fn is_transient(&self) -> bool {
        *self == Self::Jammed
    }
}

impl fmt::Display for TillError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the till is empty",
            Self::Jammed => "the till is jammed",
        })
    }
}

impl Till {
    fn drawer(&self) -> MutexGuard<'_, Drawer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[saga]
impl Till {
    #[step(compensate = give_back, retry(attempts = 2, when = TillError::is_transient))]
    async fn take(&self, coins: &u32, run: &StepContext) -> Result<u32, TillError> {
        let mut drawer = self.drawer();
        let key = run.idempotency_key();
        // An attempt whose answer was lost may already have taken them.
        if !drawer.taken.contains_key(&key) {
            drawer.coins = drawer.coins.checked_sub(*coins).ok_or(TillError::Empty)?;
            drawer.taken.insert(key, *coins);
        }
        Ok(*coins)
    }

    #[step(pivot)]
    async fn spend(&self, coins: &u32) -> Result<(), String> {
        if *coins > 5 {
            return Err("too dear".to_owned());
        }
        Ok(())
    }

    async fn give_back(&self, _taken: Attempt<&u32>, run: &StepContext) -> Result<(), TillError> {
        let mut drawer = self.drawer();
        // Found by the key of the step, whether it completed or is in doubt.
        if let Some(coins) = drawer.taken.remove(&run.step_idempotency_key()) {
            drawer.coins += coins;
        }
        Ok(())
    }
}

/// A till that nothing was taken from yet.
fn till() -> Till {
    Till(Mutex::new(Drawer {
        coins: 9,
        taken: BTreeMap::new(),
    }))
}

#[tokio::test]
async fn coins_are_taken_once_under_one_key() {
    let till = till();
    let run = StepContext::new("till", "order-42", "take");
    assert_eq!(till.take(&2, &run).await, Ok(2));
    assert_eq!(till.take(&2, &run.with_attempt(2)).await, Ok(2));
    assert_eq!(till.drawer().coins, 7);
}

#[tokio::test]
async fn coins_are_returned_whether_or_not_it_is_known_that_they_were_taken() {
    for taken in [Attempt::Completed(&2), Attempt::InDoubt] {
        let till = till();
        let run = StepContext::new("till", "order-42", "take");
        till.take(&2, &run).await.unwrap();
        let undo = run.with_cause(Cause::new("spend", ErrorText::new("too dear")));
        till.give_back(taken, &undo).await.unwrap();
        assert_eq!(till.drawer().coins, 9);
        // A repeated call, as after a crash, or one without coins: no coin appears from nowhere.
        till.give_back(Attempt::InDoubt, &undo).await.unwrap();
        assert_eq!(till.drawer().coins, 9);
    }
}

#[tokio::test]
async fn what_is_too_dear_is_not_bought_and_the_coins_are_back() {
    let till = till();
    let error = TillSaga::run(&till, 6).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "spend");
    let TillSagaError::Spend(Failure::Error(why)) = error.error() else {
        panic!("{error}");
    };
    assert_eq!(why, "too dear");
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(till.drawer().coins, 9);
}

#[tokio::test(start_paused = true)]
async fn no_coin_is_lost_wherever_a_purchase_breaks() {
    let coverage = fault_matrix::<TillSaga>(till, 2)
        .errors(|| TillError::Empty)
        .errors(|| TillError::Jammed) // `take` is repeated for this one
        .error("spend", || "too dear".to_owned())
        .snapshot(|till| till.drawer().clone())
        .invariant(|till, _| {
            let drawer = till.drawer();
            drawer.coins + drawer.taken.values().sum::<u32>() == 9
        })
        .run()
        .await;
    assert_eq!(coverage.cells.len(), 25);
}

#[tokio::test(start_paused = true)]
async fn no_coin_is_lost_wherever_the_process_ends() {
    let coverage = fault_matrix::<TillSaga>(till, 2)
        .errors(|| TillError::Empty)
        .errors(|| TillError::Jammed)
        .error("spend", || "too dear".to_owned())
        .snapshot(|till| till.drawer().clone())
        .crashes()
        .run()
        .await;
    assert_eq!(coverage.cells.len(), 49);
}

#[test]
fn every_part_that_the_document_shows_is_here() {
    let here: Vec<_> = include_str!("testing_document.rs").lines().collect();
    let parts = include_str!("../../docs/testing.md")
        .split("```rs\n")
        .skip(1);
    let parts: Vec<_> = parts.filter_map(|part| part.split("```").next()).collect();
    assert_eq!(parts.len(), 5);
    for part in parts {
        let part: Vec<_> = part.lines().collect();
        assert!(
            here.windows(part.len()).any(|found| found == part),
            "{part:#?}"
        );
    }
}
