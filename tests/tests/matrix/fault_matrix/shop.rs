//! A shop that is correct, or has one bug.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use saga_core::testing::Ending;
use saga_core::{Attempt, StepContext, saga};

/// The bug of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    /// The undo of `reserve` forgets the stock.
    UndoForgetsATable,
    /// The undo of `reserve` puts back the same cups again.
    UndoIsNotIdempotent,
    /// `charge` takes the money again for a key that it knows.
    StepIsNotIdempotent,
    /// The undo of `charge` pays back the price in the order instead of what was paid.
    UndoReadsTheWrongValue,
    /// The undo of `charge` assumes that a charge in doubt was not made.
    StepLeaksOnATimeout,
    /// The undo of `charge` needs an output.
    UndoPanicsInDoubt,
    /// The undo of `label` pays back as well.
    MemberIsUndoneTwice,
    /// `charge` notifies the customer that the cups are on their way, which only `notify` may.
    EffectComesTooEarly,
}

#[derive(Debug, thiserror::Error)]
#[error("not found")]
pub(crate) struct LookUpError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("refused")]
    ForGood,
    #[error("busy")]
    Busy,
}

impl Refused {
    fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

pub(crate) struct Shop {
    bug: Bug,
    world: Mutex<World>,
}

/// By idempotency key, where several are possible.
#[derive(Debug, Default)]
struct World {
    in_stock: u32,
    reserved: BTreeMap<String, u32>,
    paid: BTreeMap<String, u32>,
    balance: u32,
    labels: u32,
    shipped: u32,
    mails: u32,
}

const STOCK: u32 = 10;
const BALANCE: u32 = 100;
const PRICE: u32 = 3;
/// A charge is the price of the cups and this.
const FEE: u32 = 1;

impl Shop {
    pub(crate) fn with(bug: Bug) -> Self {
        let world = World {
            in_stock: STOCK,
            balance: BALANCE,
            ..World::default()
        };
        Self {
            bug,
            world: Mutex::new(world),
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What must be true of a shop after one order of two cups.
    pub(crate) fn is_right(&self, end: &Ending) -> Result<(), String> {
        let world = self.world();
        let reserved: u32 = world.reserved.values().sum();
        let paid: u32 = world.paid.values().sum();
        let rule = |holds: bool, what: &str| {
            if holds {
                Ok(())
            } else {
                Err(format!("{what}: {world:?}"))
            }
        };
        rule(world.in_stock + reserved == STOCK, "cups got lost, or more")?;
        rule(world.balance + paid == BALANCE, "money got lost, or more")?;
        rule(paid <= 2 * PRICE + FEE, "paid more than once")?;
        rule(
            world.mails <= world.shipped,
            "notified of what is not shipped",
        )?;
        if end.is_completed() {
            let done = reserved == 2 && paid > 0 && world.labels == 1;
            rule(done && world.shipped == 1 && world.mails == 1, "not done")?;
        }
        if end.is_compensated() {
            let undone = reserved == 0 && paid == 0 && world.labels == 0;
            rule(undone && world.shipped == 0, "not undone")?;
        }
        // The report names each undo that gave up for an operator: the others have undone their steps.
        if !end.left.is_empty() {
            let is_left = |step| end.left.contains(&step);
            rule(is_left("reserve") || reserved == 0, "reserve not undone")?;
            rule(is_left("charge") || paid == 0, "charge not undone")?;
            rule(is_left("label") || world.labels == 0, "label not undone")?;
        }
        Ok(())
    }
}

#[saga(vis = pub(crate), compensation(retry(attempts = 2)))]
impl Shop {
    #[step(readonly)]
    async fn look_up(&self, cups: &u32) -> Result<u32, LookUpError> {
        if *cups > STOCK {
            Err(LookUpError)
        } else {
            Ok(*cups)
        }
    }

    #[step(compensate = release)]
    async fn reserve(&self, cups: &u32, run: &StepContext) -> Result<u32, Refused> {
        let mut world = self.world();
        if world
            .reserved
            .insert(run.idempotency_key(), *cups)
            .is_none()
        {
            world.in_stock -= cups;
        }
        Ok(*cups)
    }

    #[step(
        parallel = paying,
        compensate = refund,
        retry(attempts = 3, backoff = "1s..4s", when = Refused::is_busy),
        timeout = "3s"
    )]
    async fn charge(&self, #[from(reserve)] cups: &u32, run: &StepContext) -> Result<u32, Refused> {
        let mut world = self.world();
        let price = cups * PRICE + FEE;
        let known = world.paid.get(&run.idempotency_key()).copied();
        if known.is_none() || self.bug == Bug::StepIsNotIdempotent {
            world.balance -= price;
            *world.paid.entry(run.idempotency_key()).or_default() += price;
        }
        if self.bug == Bug::EffectComesTooEarly {
            world.mails = 1;
        }
        Ok(price)
    }

    #[step(parallel = paying, compensate = remove_label)]
    async fn label(&self) -> Result<(), Refused> {
        self.world().labels = 1;
        Ok(())
    }

    #[step(pivot, retry(attempts = 2), timeout = "3s")]
    async fn ship(&self) -> Result<(), Refused> {
        self.world().shipped = 1;
        Ok(())
    }

    #[step(retry(attempts = 2, when = Refused::is_busy))]
    async fn notify(&self) -> Result<(), Refused> {
        self.world().mails = 1;
        Ok(())
    }

    async fn release(&self, cups: &u32, run: &StepContext) -> Result<(), Refused> {
        let mut world = self.world();
        let reserved = world.reserved.remove(&run.step_idempotency_key());
        match self.bug {
            Bug::UndoForgetsATable => {}
            Bug::UndoIsNotIdempotent => world.in_stock += cups,
            _ => world.in_stock += reserved.unwrap_or(0),
        }
        Ok(())
    }

    async fn refund(
        &self,
        charged: Attempt<&u32>,
        #[input] cups: &u32,
        run: &StepContext,
    ) -> Result<(), Refused> {
        match (self.bug, charged) {
            (Bug::StepLeaksOnATimeout, Attempt::InDoubt) => return Ok(()),
            (Bug::UndoPanicsInDoubt, Attempt::InDoubt) => {
                std::panic::resume_unwind(Box::new("there is no charge"))
            }
            _ => {}
        }
        let mut world = self.world();
        let paid = world.paid.remove(&run.step_idempotency_key());
        world.balance += match (self.bug, paid) {
            (_, None) => 0,
            (Bug::UndoReadsTheWrongValue, _) => cups * PRICE,
            (_, Some(paid)) => paid,
        };
        Ok(())
    }

    async fn remove_label(&self, _: Attempt<&()>) -> Result<(), Refused> {
        let mut world = self.world();
        world.labels = 0;
        if self.bug == Bug::MemberIsUndoneTwice {
            world.balance += 2 * PRICE + FEE;
        }
        Ok(())
    }
}
