//! The saga: the three steps of an order, and how each is undone.
//!
//! Knows nothing of HTTP.

use std::num::NonZeroU32;

use saga_core::{Attempt, StepContext, saga};
use serde::{Deserialize, Serialize};

use crate::stores::{BankError, CourierError, Stores, WarehouseError};

/// What a customer asks for: the body of a request, and the input of the saga.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    pub(crate) item: String,
    pub(crate) quantity: NonZeroU32,
    /// The bank's name for the card. Only the bank has the number.
    pub(crate) card: String,
    pub(crate) city: String,
}

/// What has become of an order that went well: the output of the saga.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Confirmation {
    pub(crate) order: String,
    pub(crate) cents: u64,
    pub(crate) city: String,
}

const CENTS_APIECE: u64 = 4_900;

/// Executes orders.
pub(crate) struct Orders {
    pub(crate) stores: Stores,
}

// A customer is made to wait until the deadline, and for the attempt that is in flight then. An undo has a
// limit too: a shutdown waits for it.
#[saga(
    vis = pub(crate),
    deadline = "1s",
    compensation(retry(attempts = 3, backoff = "5ms..20ms"), timeout = "200ms")
)]
impl Orders {
    #[step(compensate = release_stock, timeout = "200ms")]
    async fn reserve_stock(&self, order: &Order, ctx: &StepContext) -> Result<(), WarehouseError> {
        let Order { item, quantity, .. } = order;
        let key = ctx.idempotency_key();
        self.stores.reserve(key, item, quantity.get()).await
    }

    // One attempt: the customer is at hand to decide whether to try again.
    #[step(compensate = refund, timeout = "200ms")]
    async fn charge_card(
        &self,
        #[input] order: &Order,
        ctx: &StepContext,
    ) -> Result<u64, BankError> {
        let cents = CENTS_APIECE * u64::from(order.quantity.get());
        let key = ctx.idempotency_key();
        self.stores.charge(key, &order.card, cents).await?;
        Ok(cents)
    }

    // A courier gets free at any moment, so it is the deadline that ends this. Once one is booked,
    // nothing is undone any more.
    #[step(
        pivot,
        timeout = "200ms",
        retry(attempts = 1000, backoff = "20ms..100ms", when = CourierError::is_transient)
    )]
    async fn book_courier(
        &self,
        cents: &u64,
        #[input] order: &Order,
        ctx: &StepContext,
    ) -> Result<Confirmation, CourierError> {
        self.stores.book(ctx.idempotency_key(), &order.city).await?;
        Ok(Confirmation {
            order: ctx.saga_id().to_string(),
            cents: *cents,
            city: order.city.clone(),
        })
    }

    // Both undo what stands under the key of their step, so they can be run in doubt too.
    async fn release_stock(
        &self,
        _reserved: Attempt<&()>,
        ctx: &StepContext,
    ) -> Result<(), WarehouseError> {
        self.stores.release(&ctx.step_idempotency_key()).await;
        Ok(())
    }

    async fn refund(&self, _charged: Attempt<&u64>, ctx: &StepContext) -> Result<(), BankError> {
        self.stores.refund(&ctx.step_idempotency_key())
    }
}
