use std::sync::Arc;

use anyhow::{Context as _, ensure};
use saga_core::saga;

#[derive(Debug, Clone)]
pub struct Rental {
    pub car_class: char,
    pub days: u32,
}

#[derive(Debug)]
pub struct Deposit {
    pub transaction: u64,
    pub cents: u64,
}

#[derive(Debug)]
pub struct RefundReceipt {
    pub transaction: u64,
}

pub struct Acquirer;

impl Acquirer {
    async fn take(&self, cents: u64) -> anyhow::Result<Deposit> {
        ensure!(cents < 200_000, "over the limit");
        Ok(Deposit {
            transaction: 1,
            cents,
        })
    }

    async fn refund(&self, transaction: u64, cents: u64) -> anyhow::Result<RefundReceipt> {
        ensure!(cents > 0, "nothing to refund");
        Ok(RefundReceipt { transaction })
    }
}

pub struct Rentals {
    acquirer: Arc<Acquirer>,
}

#[saga(vis = pub)]
impl Rentals {
    #[step(readonly)]
    async fn price(&self, rental: &Rental) -> anyhow::Result<u64> {
        let per_day = match rental.car_class {
            'A' => 4_000,
            'B' => 6_000,
            other => anyhow::bail!("there is no class {other}"),
        };
        Ok(per_day * u64::from(rental.days))
    }

    #[step(compensate = refund_deposit)]
    async fn take_deposit(&self, price: &u64) -> anyhow::Result<Deposit> {
        self.acquirer
            .take(price / 4)
            .await
            .context("taking the deposit")
    }

    #[step]
    async fn assign_car(&self, deposit: &Deposit) -> anyhow::Result<String> {
        Ok(format!("KZ-{:03}-X", deposit.transaction))
    }

    async fn refund_deposit(&self, deposit: &Deposit) -> anyhow::Result<RefundReceipt> {
        self.acquirer
            .refund(deposit.transaction, deposit.cents)
            .await
    }
}

fn main() {}
