//! The saga: what a checkout consists of, and how each part is undone.
//!
//! Everything here is what a real service would hold. What is particular to the example, that calls
//! fail as the orders file says, is behind [`Checkout::ask`].

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use saga_core::{Attempt, Saga as _, StepContext, definition::Phase, saga};

use crate::faults::Faults;
use crate::orders::Order;
use crate::store::{Payment, Quote, Receipt, Reservation, Shipment, Store};

/// Runs a checkout.
pub(crate) struct Checkout {
    // Its calls block the thread, each for as long as one small transaction takes. A service with
    // more to do would have a thread or a pool for them.
    store: Mutex<Store>,
    faults: Faults,
}

#[saga(
    vis = pub(crate),
    compensation(retry(attempts = 3, backoff = "5ms..50ms"), timeout = "200ms")
)]
impl Checkout {
    #[step(readonly, timeout = "200ms")]
    async fn price_order(&self, order: &Order, ctx: &StepContext) -> Result<Quote, ShopError> {
        self.ask(ctx, |store| store.price(order)).await
    }

    #[step(compensate = release_stock, timeout = "200ms", in_doubt = ShopError::may_have_happened)]
    async fn reserve_stock(
        &self,
        quote: &Quote,
        ctx: &StepContext,
    ) -> Result<Reservation, ShopError> {
        self.ask(ctx, |store| store.reserve(&ctx.idempotency_key(), quote))
            .await
    }

    #[step(
        compensate = refund,
        retry(attempts = 3, backoff = "5ms..50ms", when = ShopError::is_transient),
        timeout = "200ms",
        in_doubt = ShopError::may_have_happened
    )]
    async fn charge_card(
        &self,
        reservation: &Reservation,
        #[input] order: &Order,
        ctx: &StepContext,
    ) -> Result<Payment, ShopError> {
        self.ask(ctx, |store| {
            store.charge(&ctx.idempotency_key(), order, *reservation)
        })
        .await
    }

    // Nothing is undone once the parcel is with the courier. `cancel_courier` is only for a booking
    // in doubt.
    #[step(
        pivot,
        compensate = cancel_courier,
        retry(attempts = 2, backoff = "5ms..50ms", when = ShopError::is_transient),
        timeout = "200ms",
        in_doubt = ShopError::may_have_happened
    )]
    async fn book_courier(
        &self,
        #[from(reserve_stock)] reservation: &Reservation,
        #[input] order: &Order,
        ctx: &StepContext,
    ) -> Result<Shipment, ShopError> {
        self.ask(ctx, |store| {
            store.book(&ctx.idempotency_key(), order, *reservation)
        })
        .await
    }

    #[step(retry(attempts = 3, backoff = "5ms..50ms"), timeout = "200ms")]
    async fn send_receipt(
        &self,
        shipment: &Shipment,
        #[from(charge_card)] payment: &Payment,
        #[input] order: &Order,
        ctx: &StepContext,
    ) -> Result<Receipt, ShopError> {
        self.ask(ctx, |store| {
            store.send_receipt(&ctx.idempotency_key(), order, *payment, *shipment)
        })
        .await
    }

    // A step in doubt has no output: its effect, if there is one, is found by the idempotency
    // key of the step.

    async fn release_stock(
        &self,
        reservation: Attempt<&Reservation>,
        ctx: &StepContext,
    ) -> Result<(), ShopError> {
        self.ask_to_undo(ctx, |store| {
            let reservation = match reservation {
                Attempt::Completed(reservation) => Some(*reservation),
                Attempt::InDoubt => store.find_reservation(&ctx.step_idempotency_key())?,
            };
            reservation.map_or(Ok(()), |reservation| store.release(reservation))
        })
        .await
    }

    async fn refund(&self, payment: Attempt<&Payment>, ctx: &StepContext) -> Result<(), ShopError> {
        self.ask_to_undo(ctx, |store| {
            let payment = match payment {
                Attempt::Completed(payment) => Some(*payment),
                Attempt::InDoubt => store.find_payment(&ctx.step_idempotency_key())?,
            };
            payment.map_or(Ok(()), |payment| {
                store.refund(&ctx.idempotency_key(), payment)
            })
        })
        .await
    }

    async fn cancel_courier(
        &self,
        shipment: Attempt<&Shipment>,
        ctx: &StepContext,
    ) -> Result<(), ShopError> {
        self.ask_to_undo(ctx, |store| {
            let shipment = match shipment {
                Attempt::Completed(shipment) => Some(*shipment),
                Attempt::InDoubt => store.find_shipment(&ctx.step_idempotency_key())?,
            };
            shipment.map_or(Ok(()), |shipment| store.cancel(shipment))
        })
        .await
    }
}

impl Checkout {
    pub(crate) fn new(store: Store, faults: Faults) -> Self {
        Self {
            store: Mutex::new(store),
            faults,
        }
    }

    /// What it holds, when it is no longer needed.
    pub(crate) fn into_store(self) -> Store {
        let store = self.store.into_inner();
        store.unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the world outside for something, and has the call fail where the orders file says so.
    async fn ask<T>(
        &self,
        ctx: &StepContext,
        effect: impl FnOnce(&mut Store) -> Result<T, ShopError>,
    ) -> Result<T, ShopError> {
        let method = method(ctx);
        let fault = self.faults.in_attempt(method, ctx);
        if let Some(fault) = fault {
            fault.before().await?;
        }
        let answer = effect(&mut self.store())?;
        if let Some(fault) = fault {
            fault.after(method, ctx).await?;
        }
        Ok(answer)
    }

    /// The same for a compensation, which may have been broken on purpose: then it says that all is
    /// well and does nothing.
    async fn ask_to_undo(
        &self,
        ctx: &StepContext,
        effect: impl FnOnce(&mut Store) -> Result<(), ShopError>,
    ) -> Result<(), ShopError> {
        if self.faults.breaks(method(ctx)) {
            return Ok(());
        }
        self.ask(ctx, effect).await
    }

    /// To be held for a statement, never across an `await`.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        // A panic under the lock rolls its transaction back, so the store is as good as before.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The method that a context was made for.
fn method(ctx: &StepContext) -> &'static str {
    let step = CheckoutSaga::DEFINITION.step(ctx.step());
    let method = step.and_then(|step| match ctx.phase() {
        Phase::Step => Some(step.method),
        Phase::Compensation => step.compensation.as_ref().map(|undo| undo.method),
    });
    method.unwrap_or_default()
}

/// The methods that are steps.
pub(crate) fn steps() -> impl Iterator<Item = &'static str> {
    CheckoutSaga::DEFINITION
        .steps
        .iter()
        .map(|step| step.method)
}

/// The methods that undo one.
pub(crate) fn compensations() -> impl Iterator<Item = &'static str> {
    let compensations = CheckoutSaga::DEFINITION
        .steps
        .iter()
        .filter_map(|step| step.compensation.as_ref());
    compensations.map(|compensation| compensation.method)
}

/// Why the world outside did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShopError {
    #[error("there is no product `{0}`")]
    UnknownProduct(String),
    #[error("{wanted} × {sku} wanted, {on_hand} on hand")]
    OutOfStock {
        sku: String,
        wanted: u32,
        on_hand: u32,
    },
    #[error("refused: {0}")]
    Refused(String),
    #[error("too busy, try again later")]
    Busy,
    #[error("the connection was lost before the answer came")]
    ConnectionLost(#[source] io::Error),
    #[error("the database failed")]
    Database(#[from] rusqlite::Error),
}

impl ShopError {
    /// Whether asking again may help.
    fn is_transient(&self) -> bool {
        matches!(self, Self::Busy | Self::ConnectionLost(_))
    }

    /// Whether what was asked for may have been done all the same.
    fn may_have_happened(&self) -> bool {
        matches!(self, Self::ConnectionLost(_) | Self::Database(_))
    }
}
