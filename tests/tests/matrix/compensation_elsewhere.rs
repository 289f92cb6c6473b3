//! A compensation in another block, of a service with parameters, in every cell of a matrix.

use std::collections::BTreeSet;
use std::sync::Mutex;

use saga_core::testing::{FaultMatrix, fault_matrix};
use saga_core::{Attempt, Saga, StepContext, saga};

/// The error enum of the saga has none of these parameters.
struct Depot<L, const SIZE: u32> {
    locks: L,
}

trait Locks: Send + Sync + 'static {
    fn lock(&self, key: String) -> bool;
    fn unlock(&self, key: &str);
    fn held(&self) -> BTreeSet<String>;
}

impl Locks for Mutex<BTreeSet<String>> {
    fn lock(&self, key: String) -> bool {
        self.lock().unwrap().insert(key)
    }

    fn unlock(&self, key: &str) {
        self.lock().unwrap().remove(key);
    }

    fn held(&self) -> BTreeSet<String> {
        self.lock().unwrap().clone()
    }
}

#[expect(clippy::unused_async, reason = "the saga awaits them")]
impl<L: Locks, const SIZE: u32> Depot<L, SIZE> {
    async fn take(&self, run: &StepContext) -> Result<u32, String> {
        self.locks.lock(run.idempotency_key());
        Ok(SIZE)
    }

    async fn give_back(&self, taken: Attempt<&u32>, run: &StepContext) -> Result<(), String> {
        assert!(matches!(taken, Attempt::InDoubt) || taken == Attempt::Completed(&SIZE));
        self.locks.unlock(&run.step_idempotency_key());
        Ok(())
    }

    /// Cannot undo a step in doubt.
    async fn put_back(&self, _taken: &u32, run: &StepContext) -> Result<(), String> {
        self.locks.unlock(&run.step_idempotency_key());
        Ok(())
    }
}

#[saga(saga = LoadSaga)]
impl<L: Locks, const SIZE: u32> Depot<L, SIZE> {
    #[step(compensate = give_back, parallel = both)]
    async fn crate_of_cups(&self, run: &StepContext) -> Result<u32, String> {
        self.take(run).await
    }

    #[step(compensate = give_back, parallel = both, only_if = is_large)]
    async fn second_crate(&self, run: &StepContext) -> Result<u32, String> {
        self.take(run).await
    }

    #[step(pivot, compensate = give_back)]
    async fn truck(&self, run: &StepContext) -> Result<u32, String> {
        self.take(run).await
    }

    fn is_large(&self, #[input] size: &u32) -> bool {
        *size > 10
    }
}

#[saga(saga = CarrySaga)]
impl<L: Locks, const SIZE: u32> Depot<L, SIZE> {
    #[step(compensate = put_back)]
    async fn cup(&self, run: &StepContext) -> Result<u32, String> {
        self.take(run).await
    }

    #[step(readonly)]
    async fn look(&self) -> Result<(), String> {
        Ok(())
    }
}

type Held = Mutex<BTreeSet<String>>;

fn depot() -> Depot<Held, 7> {
    Depot {
        locks: Mutex::default(),
    }
}

fn load(size: u32) -> FaultMatrix<LoadSaga<Held, 7>> {
    fault_matrix::<LoadSaga<Held, 7>>(depot, size)
        .errors(|| "refused".to_owned())
        .snapshot(|depot| depot.locks.held())
        .crashes()
}

#[tokio::test(start_paused = true)]
async fn a_compensation_with_attempt_of_another_block_passes_every_cell() {
    for size in [1, 100] {
        let coverage = load(size).run().await;
        // It is undone in doubt, although it is the pivot.
        let undone = "truck is in doubt after its effect; give_back of truck fails";
        assert!(
            coverage.cells.iter().any(|cell| cell == undone),
            "{:?}",
            coverage.cells
        );
    }
    let steps = LoadSaga::<Held, 7>::DEFINITION.steps;
    for step in steps {
        assert!(step.compensation.as_ref().unwrap().takes_attempt());
    }
}

#[tokio::test(start_paused = true)]
async fn one_without_attempt_passes_every_cell() {
    let coverage = fault_matrix::<CarrySaga<Held, 7>>(depot, ())
        .errors(|| "refused".to_owned())
        .snapshot(|depot| depot.locks.held())
        .crashes()
        .run()
        .await;
    assert!(!coverage.cells.is_empty());
}
