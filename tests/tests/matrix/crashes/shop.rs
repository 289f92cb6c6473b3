//! A shop that handles crashes, or has one bug that only a crash shows, or that a crash shows as well.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use saga_core::testing::Ending;
use saga_core::{Attempt, StepContext, saga};
use serde::{Deserialize, Serialize};

/// The bug of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    /// `charge` takes the money again for a key that it knows.
    StepIsNotIdempotent,
    /// The undo of `reserve` puts back the same cups again.
    UndoIsNotIdempotent,
    /// What the refund needs of a payment is only in memory, and not written.
    ReceiptIsLost,
    /// The undo of `charge` assumes that a charge in doubt was not made.
    UndoIgnoresDoubt,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("busy")]
    Busy,
    #[error("there are only {0} cups")]
    TooMany(u32),
}

/// The output of `charge`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payment {
    key: String,
    /// The same as the key, where the refund asks for it.
    #[serde(skip)]
    receipt: Option<String>,
}

pub(crate) struct Shop {
    bug: Bug,
    world: Mutex<World>,
}

/// The state of the world, by idempotency key where several are possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct World {
    in_stock: u32,
    reserved: BTreeMap<String, u32>,
    balance: u32,
    paid: BTreeMap<String, u32>,
    labels: u32,
    shipped: u32,
    mails: u32,
}

const STOCK: u32 = 10;
const BALANCE: u32 = 100;
const PRICE: u32 = 3;

impl Shop {
    pub(crate) fn with(bug: Bug) -> Self {
        Self {
            bug,
            world: Mutex::new(World {
                in_stock: STOCK,
                reserved: BTreeMap::new(),
                balance: BALANCE,
                paid: BTreeMap::new(),
                labels: 0,
                shipped: 0,
                mails: 0,
            }),
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn seen(&self) -> World {
        self.world().clone()
    }

    /// No cup and no coin appears or is lost, and a compensated run leaves none.
    pub(crate) fn is_right(&self, end: &Ending) -> Result<(), String> {
        let world = self.world();
        let reserved: u32 = world.reserved.values().sum();
        let paid: u32 = world.paid.values().sum();
        if world.in_stock + reserved != STOCK {
            return Err(format!("cups got lost, or more: {world:?}"));
        }
        if world.balance + paid != BALANCE {
            return Err(format!("money got lost, or more: {world:?}"));
        }
        if !end.is_completed() && world.mails > world.shipped {
            return Err(format!("notified of what is not shipped: {world:?}"));
        }
        Ok(())
    }
}

#[saga(vis = pub(crate), compensation(retry(attempts = 2)))]
impl Shop {
    #[step(readonly)]
    async fn look_up(&self, cups: &u32) -> Result<u32, Refused> {
        if *cups > STOCK {
            return Err(Refused::TooMany(STOCK));
        }
        Ok(*cups)
    }

    #[step(compensate = release)]
    async fn reserve(&self, cups: &u32, run: &StepContext) -> Result<u32, Refused> {
        let mut world = self.world();
        let key = run.idempotency_key();
        if world.reserved.insert(key, *cups).is_none() {
            world.in_stock -= cups;
        }
        Ok(*cups)
    }

    #[step(
        parallel = paying,
        compensate = refund,
        retry(attempts = 3, backoff = "1s..4s"),
        timeout = "3s"
    )]
    async fn charge(
        &self,
        #[from(reserve)] cups: &u32,
        run: &StepContext,
    ) -> Result<Payment, Refused> {
        let mut world = self.world();
        let (key, price) = (run.idempotency_key(), cups * PRICE);
        if !world.paid.contains_key(&key) || self.bug == Bug::StepIsNotIdempotent {
            world.balance -= price;
            *world.paid.entry(key.clone()).or_default() += price;
        }
        let receipt = (self.bug == Bug::ReceiptIsLost).then(|| key.clone());
        Ok(Payment { key, receipt })
    }

    #[step(parallel = paying, compensate = remove_label)]
    async fn label(&self) -> Result<(), Refused> {
        self.world().labels = 1;
        Ok(())
    }

    #[step(pivot)]
    async fn ship(&self) -> Result<(), Refused> {
        self.world().shipped = 1;
        Ok(())
    }

    #[step(retry(attempts = 2), at_most_once)]
    async fn notify(&self) -> Result<(), Refused> {
        self.world().mails += 1;
        Ok(())
    }

    async fn release(&self, cups: &u32, run: &StepContext) -> Result<(), Refused> {
        let mut world = self.world();
        let reserved = world.reserved.remove(&run.step_idempotency_key());
        world.in_stock += match self.bug {
            Bug::UndoIsNotIdempotent => *cups,
            _ => reserved.unwrap_or(0),
        };
        Ok(())
    }

    async fn refund(&self, payment: Attempt<&Payment>, run: &StepContext) -> Result<(), Refused> {
        let key = match (self.bug, payment) {
            (Bug::UndoIgnoresDoubt, Attempt::InDoubt) => return Ok(()),
            (Bug::ReceiptIsLost, Attempt::Completed(payment)) => payment.receipt.clone(),
            (_, Attempt::Completed(payment)) => Some(payment.key.clone()),
            (_, Attempt::InDoubt) => Some(run.step_idempotency_key()),
        };
        let mut world = self.world();
        let paid = key.and_then(|key| world.paid.remove(&key));
        world.balance += paid.unwrap_or(0);
        Ok(())
    }

    async fn remove_label(&self, _: Attempt<&()>) -> Result<(), Refused> {
        self.world().labels = 0;
        Ok(())
    }
}
