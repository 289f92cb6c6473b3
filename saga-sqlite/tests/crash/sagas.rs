//! The sagas whose processes are killed: one with every feature, whose compensations take steps in doubt, and one
//! whose compensations do not.

use std::sync::Arc;

use saga_core::{Attempt, StepContext, saga};
use serde::{Deserialize, Serialize};

use crate::killing::die;
use crate::world::World;

/// The input of a run: what its calls do. By default all of them complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) gift: bool,
    /// What calls do, by the ends of their idempotency keys. All others complete.
    pub(crate) script: Vec<(String, Act)>,
}

/// What a call does instead of completing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Act {
    /// Fails, and has no effect.
    Fail,
    /// Has its effect, and says that it is in doubt.
    Lose,
    /// Has its effect, and kills the process.
    Die,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Fault {
    Refused,
    Lost,
}

impl Fault {
    fn is_lost(&self) -> bool {
        *self == Self::Lost
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Refused => "refused",
            Self::Lost => "lost",
        })
    }
}

impl World {
    fn act(order: &Order, run: &StepContext) -> Option<Act> {
        let key = run.idempotency_key();
        let mut acts = order.script.iter();
        let act = acts.find(|(end, _)| key.ends_with(&format!("/{end}")))?;
        Some(act.1)
    }

    /// Returns the key of the call, which is the output of each step.
    fn step(&self, order: &Order, run: &StepContext) -> Result<String, Fault> {
        let key = run.idempotency_key();
        match Self::act(order, run) {
            None => {
                self.make(&key);
                Ok(key)
            }
            Some(Act::Fail) => {
                self.call(&key);
                Err(Fault::Refused)
            }
            Some(Act::Lose) => {
                self.make(&key);
                Err(Fault::Lost)
            }
            Some(Act::Die) => {
                self.make(&key);
                die()
            }
        }
    }

    fn undo(&self, order: &Order, run: &StepContext) -> Result<(), Fault> {
        let key = run.idempotency_key();
        match Self::act(order, run) {
            None => {
                self.take_back(&key, &run.step_idempotency_key());
                Ok(())
            }
            Some(_) => {
                self.call(&key);
                Err(Fault::Refused)
            }
        }
    }
}

/// A saga that is a step of the other one.
pub(crate) struct Packing(Arc<World>);

#[saga(vis = pub(crate))]
impl Packing {
    #[step(compensate = unbox)]
    async fn fill(&self, order: &Order, run: &StepContext) -> Result<String, Fault> {
        self.0.step(order, run)
    }

    #[step(compensate = unseal)]
    async fn seal(&self, #[input] order: &Order, run: &StepContext) -> Result<String, Fault> {
        self.0.step(order, run)
    }

    async fn unbox(
        &self,
        _: Attempt<&String>,
        #[input] order: &Order,
        run: &StepContext,
    ) -> Result<(), Fault> {
        self.0.undo(order, run)
    }

    async fn unseal(
        &self,
        _: Attempt<&String>,
        #[input] order: &Order,
        run: &StepContext,
    ) -> Result<(), Fault> {
        self.0.undo(order, run)
    }
}

pub(crate) struct Shop {
    world: Arc<World>,
    packing: Packing,
}

impl Shop {
    pub(crate) fn of(world: &Arc<World>) -> Self {
        Self {
            world: Arc::clone(world),
            packing: Packing(Arc::clone(world)),
        }
    }
}

#[saga(vis = pub(crate))]
impl Shop {
    #[step(compensate = undo)]
    async fn reserve(&self, order: &Order, run: &StepContext) -> Result<String, Fault> {
        self.world.step(order, run)
    }

    #[step(parallel = paying, compensate = undo, in_doubt = Fault::is_lost)]
    async fn charge(&self, #[input] order: &Order, run: &StepContext) -> Result<String, Fault> {
        self.world.step(order, run)
    }

    #[step(parallel = paying, compensate = undo)]
    async fn bill(&self, #[input] order: &Order, run: &StepContext) -> Result<String, Fault> {
        self.world.step(order, run)
    }

    #[step(only_if = wants_gift, compensate = undo)]
    async fn wrap(&self, #[input] order: &Order, run: &StepContext) -> Result<String, Fault> {
        self.world.step(order, run)
    }

    #[step(readonly)]
    async fn weigh(&self, #[input] order: &Order, run: &StepContext) -> Result<usize, Fault> {
        self.world.call(&run.idempotency_key());
        match World::act(order, run) {
            None => Ok(7),
            Some(_) => Err(Fault::Refused),
        }
    }

    #[step(saga = PackingSaga, on = self.packing)]
    fn pack(&self, #[input] order: &Order) -> Order {
        order.clone()
    }

    #[step(pivot, compensate = undo, in_doubt = Fault::is_lost)]
    async fn ship(&self, #[input] order: &Order, run: &StepContext) -> Result<String, Fault> {
        self.world.step(order, run)
    }

    #[step(retry(attempts = 2, backoff = "1ms..1ms"))]
    async fn mail(
        &self,
        shipped: &str,
        #[from(wrap)] wrapped: Option<&str>,
        #[from(weigh)] weight: &usize,
        #[input] order: &Order,
        run: &StepContext,
    ) -> Result<String, Fault> {
        let mailed = self.world.step(order, run)?;
        Ok(format!("{shipped} {} {weight} {mailed}", wrapped.is_some()))
    }

    fn wants_gift(&self, #[input] order: &Order) -> bool {
        order.gift
    }

    async fn undo(
        &self,
        _: Attempt<&String>,
        #[input] order: &Order,
        run: &StepContext,
    ) -> Result<(), Fault> {
        self.world.undo(order, run)
    }
}

/// A saga whose compensations take the output of their step.
pub(crate) struct Library(pub(crate) Arc<World>);

#[saga(vis = pub(crate))]
impl Library {
    #[step(compensate = undo)]
    async fn find(&self, order: &Order, run: &StepContext) -> Result<String, Fault> {
        self.0.step(order, run)
    }

    #[step(compensate = undo)]
    async fn lend(&self, #[input] order: &Order, run: &StepContext) -> Result<String, Fault> {
        self.0.step(order, run)
    }

    async fn undo(&self, _: &str, #[input] order: &Order, run: &StepContext) -> Result<(), Fault> {
        self.0.undo(order, run)
    }
}
