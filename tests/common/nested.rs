//! A shop with steps that are sagas: one within another, in a group, under a condition, as the pivot, and after it.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};

use saga_core::{Attempt, SagaError, StepContext, saga};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::Calls;
use crate::history::{History, Returned};

/// What an attempt does. Without a script it completes.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// Returns an error.
    Fail,
    /// Panics.
    Panic,
    /// Completes after this many milliseconds.
    Take(u64),
}

/// The state that all services of a run share.
#[derive(Debug, Default)]
pub struct World {
    /// The calls, by their idempotency keys.
    pub calls: Calls,
    /// The causes that compensations saw.
    pub causes: Calls,
    script: Mutex<BTreeMap<&'static str, VecDeque<Act>>>,
    always: Vec<(&'static str, Act)>,
    /// Whether the undo of `wrap` panics for a step in doubt.
    is_unready_for_doubt: bool,
    /// How long a call without a script takes.
    pub takes: Duration,
    /// The log of all lives of the process.
    pub history: Option<Arc<History>>,
}

impl World {
    /// What the attempts of this method do, in order.
    pub fn script(&self, method: &'static str, acts: &[Act]) {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script.insert(method, acts.iter().copied().collect());
    }

    /// A world in which every call does this if its idempotency key ends like that.
    #[must_use]
    pub fn always(always: &[(&'static str, Act)]) -> Self {
        Self {
            always: always.to_vec(),
            ..Self::default()
        }
    }

    /// A world in which the undo of `wrap` cannot handle a step in doubt, and panics.
    #[must_use]
    pub fn unready_for_doubt() -> Self {
        Self {
            is_unready_for_doubt: true,
            ..Self::default()
        }
    }

    async fn call(&self, method: &'static str, run: &StepContext) -> Result<(), Refused> {
        self.call_with(method, None, run).await
    }

    /// Logs the call of an undo that also takes a step in doubt.
    async fn call_with(
        &self,
        method: &'static str,
        completed: Option<bool>,
        run: &StepContext,
    ) -> Result<(), Refused> {
        let key = run.idempotency_key();
        let always = self.always.iter().find(|(end, _)| key.ends_with(end));
        let attempt = run.attempt();
        if let Some(history) = &self.history {
            history.began(&key, attempt, completed);
        }
        self.calls.add(key.clone());
        if let Some(cause) = run.cause() {
            self.causes.add(cause.to_string());
        }
        let act = {
            let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
            script.get_mut(method).and_then(VecDeque::pop_front)
        };
        let act = act.or(always.map(|(_, act)| *act));
        match act {
            Some(Act::Take(ms)) => sleep(Duration::from_millis(ms)).await,
            _ if self.takes.is_zero() => {}
            _ => sleep(self.takes).await,
        }
        if let Some(history) = &self.history {
            let returned = match act {
                None | Some(Act::Take(_)) => Returned::Output,
                Some(Act::Panic) => Returned::Panic,
                Some(Act::Fail) => Returned::Error {
                    when: true,
                    in_doubt: false,
                },
            };
            history.ended(&key, attempt, returned);
        }
        match act {
            None | Some(Act::Take(_)) => Ok(()),
            Some(Act::Fail) => Err(Refused(method)),
            // Panics without printing a message.
            Some(Act::Panic) => resume_unwind(Box::new(format!("{method} panicked"))),
        }
    }
}

/// The error of every method.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} does not work")]
pub struct Refused(&'static str);

impl Refused {
    /// That this does not work.
    #[must_use]
    pub const fn of(method: &'static str) -> Self {
        Self(method)
    }
}

/// The amount that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold(pub u32);

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking(pub u32);

/// The innermost service.
#[derive(Debug)]
pub struct Bank(pub Arc<World>);

#[saga(vis = pub)]
impl Bank {
    #[step(compensate = unhold)]
    async fn hold(&self, cents: &u32, run: &StepContext) -> Result<Hold, Refused> {
        self.0.call("hold", run).await?;
        Ok(Hold(*cents))
    }

    #[step(compensate = unsettle)]
    async fn settle(&self, hold: &Hold, run: &StepContext) -> Result<Booking, Refused> {
        self.0.call("settle", run).await?;
        Ok(Booking(hold.0))
    }

    async fn unhold(&self, _hold: &Hold, run: &StepContext) -> Result<(), Refused> {
        self.0.call("unhold", run).await
    }

    async fn unsettle(&self, _booking: &Booking, run: &StepContext) -> Result<(), Refused> {
        self.0.call("unsettle", run).await
    }
}

/// A service whose last step is a saga of another service.
#[derive(Debug)]
pub struct Payments {
    /// The shared state.
    pub world: Arc<World>,
    /// The service of its last step.
    pub bank: Bank,
}

#[saga(vis = pub)]
impl Payments {
    #[step(compensate = forget)]
    async fn check(&self, cents: &u32, run: &StepContext) -> Result<u32, Refused> {
        self.world.call("check", run).await?;
        Ok(*cents)
    }

    #[step(saga = BankSaga, on = self.bank)]
    fn transfer(&self, cents: &u32) -> u32 {
        *cents
    }

    async fn forget(&self, _cents: &u32, run: &StepContext) -> Result<(), Refused> {
        self.world.call("forget", run).await
    }
}

/// A service whose saga has a pivot.
#[derive(Debug)]
pub struct Couriers(pub Arc<World>);

#[saga(vis = pub)]
impl Couriers {
    #[step(compensate = cancel)]
    async fn find(&self, parcel: &str, run: &StepContext) -> Result<u32, Refused> {
        self.0.call("find", run).await?;
        Ok(u32::try_from(parcel.len()).unwrap_or(u32::MAX))
    }

    #[step(pivot)]
    async fn dispatch(&self, courier: &u32, run: &StepContext) -> Result<String, Refused> {
        self.0.call("dispatch", run).await?;
        Ok(format!("courier {courier}"))
    }

    #[step]
    async fn label(&self, courier: &str, run: &StepContext) -> Result<String, Refused> {
        self.0.call("label", run).await?;
        Ok(courier.to_owned())
    }

    async fn cancel(&self, _courier: &u32, run: &StepContext) -> Result<(), Refused> {
        self.0.call("cancel", run).await
    }
}

/// A service whose saga ends in a group.
#[derive(Debug)]
pub struct Gifts(pub Arc<World>);

#[saga(vis = pub)]
impl Gifts {
    #[step(parallel = presents, compensate = unwrap)]
    async fn wrap(&self, cents: &u32, run: &StepContext) -> Result<u32, Refused> {
        self.0.call("wrap", run).await?;
        Ok(*cents)
    }

    #[step(parallel = presents, compensate = erase)]
    async fn write(&self, run: &StepContext) -> Result<String, Refused> {
        self.0.call("write", run).await?;
        Ok("many returns".to_owned())
    }

    async fn unwrap(&self, cents: Attempt<&u32>, run: &StepContext) -> Result<(), Refused> {
        let completed = cents.completed().is_some();
        assert!(completed || !self.0.is_unready_for_doubt);
        self.0.call_with("unwrap", Some(completed), run).await
    }

    async fn erase(&self, _card: &str, run: &StepContext) -> Result<(), Refused> {
        self.0.call("erase", run).await
    }
}

/// The outermost service.
#[derive(Debug)]
pub struct Shop {
    /// The shared state.
    pub world: Arc<World>,
    payments: Payments,
    couriers: Box<Couriers>,
    gifts: Arc<Gifts>,
    panics_in: Option<&'static str>,
}

impl Default for Shop {
    fn default() -> Self {
        Self::of(Arc::new(World::default()))
    }
}

impl Shop {
    /// A shop in this world.
    #[must_use]
    pub fn of(world: Arc<World>) -> Self {
        let bank = Bank(Arc::clone(&world));
        Self {
            payments: Payments {
                world: Arc::clone(&world),
                bank,
            },
            couriers: Box::new(Couriers(Arc::clone(&world))),
            gifts: Arc::new(Gifts(Arc::clone(&world))),
            world,
            panics_in: None,
        }
    }
}

impl Shop {
    /// The same, but this method panics instead of returning the input of a saga, or the service on which it is
    /// undone.
    #[must_use]
    pub fn that_panics_in(self, place: &'static str) -> Self {
        Self {
            panics_in: Some(place),
            ..self
        }
    }

    fn panic_in(&self, place: &str) {
        assert!(self.panics_in != Some(place), "no {place}");
    }

    fn gifts(&self) -> &Gifts {
        if !self.world.causes.is_empty() {
            self.panic_in("gifts");
        }
        &self.gifts
    }
}

/// Whether the payments should run again.
fn is_of_check(error: &SagaError<PaymentsSaga>) -> bool {
    error.step().is_none_or(|step| step.name == "check")
}

#[saga(vis = pub)]
impl Shop {
    #[step(readonly)]
    async fn price(&self, cups: &u32, run: &StepContext) -> Result<u32, Refused> {
        self.world.call("price", run).await?;
        Ok(cups * 100)
    }

    #[step(parallel = preparations, compensate = unpack)]
    async fn pack(&self, cents: &u32, run: &StepContext) -> Result<String, Refused> {
        self.world.call("pack", run).await?;
        Ok(format!("parcel of {cents}"))
    }

    #[step(
        parallel = preparations,
        saga = PaymentsSaga,
        on = self.payments,
        retry(attempts = 3, backoff = "10ms..10ms", when = is_of_check),
        timeout = "1s"
    )]
    fn pay(&self, cents: &u32, run: &StepContext) -> u32 {
        assert_eq!(run.step(), "pay");
        self.panic_in("pay");
        *cents
    }

    #[step(saga = GiftsSaga, on = self.gifts(), only_if = is_large)]
    fn gift(&self, _parcel: &str, booking: &Booking) -> u32 {
        booking.0 / 10
    }

    #[step(pivot, saga = CouriersSaga, on = self.couriers)]
    fn ship(&self, gift: Option<&(u32, String)>, #[from(pack)] parcel: &str) -> String {
        match gift {
            Some((_, card)) => format!("{parcel}, {card}"),
            None => parcel.to_owned(),
        }
    }

    #[step(saga = CouriersSaga, on = self.couriers.as_ref(), retry(attempts = 2))]
    fn thank(&self, courier: &str) -> String {
        format!("thanks to {courier}")
    }

    fn is_large(&self, #[from(price)] cents: &u32, run: &StepContext) -> bool {
        if let Some(history) = &self.world.history {
            history.asked(&run.idempotency_key());
        }
        *cents > 500
    }

    async fn unpack(&self, _parcel: &str, run: &StepContext) -> Result<(), Refused> {
        self.world.call("unpack", run).await
    }
}
