use std::sync::Arc;

use saga_core::{Attempt, StepContext as Ctx, saga};

#[derive(Debug, Clone)]
pub struct Topup {
    pub phone: String,
    pub cents: u32,
}

#[derive(Debug)]
pub struct Debit {
    pub key: String,
}

#[derive(Debug, thiserror::Error)]
pub enum TopupError {
    #[error("the wallet is empty")]
    Empty,
    #[error("{0} is not a number of this operator")]
    ForeignNumber(String),
}

pub struct Wallet;

impl Wallet {
    async fn debit(&self, key: String, cents: u32) -> Result<Debit, TopupError> {
        if cents == 0 {
            return Err(TopupError::Empty);
        }
        Ok(Debit { key })
    }

    async fn undo(&self, key: &str) -> Result<(), TopupError> {
        println!("crediting back {key}");
        Ok(())
    }
}

pub struct Topups {
    wallet: Arc<Wallet>,
}

#[saga(vis = pub, deadline = "20s")]
impl Topups {
    #[step(compensate = credit_back, timeout = "3s", at_most_once)]
    async fn debit_wallet(&self, topup: &Topup, ctx: &Ctx) -> Result<Debit, TopupError> {
        self.wallet.debit(ctx.idempotency_key(), topup.cents).await
    }

    #[step(pivot, retry(attempts = 5, backoff = "200ms..2s"))]
    async fn load_phone(
        &self,
        debit: &Debit,
        #[input] topup: &Topup,
    ) -> Result<String, TopupError> {
        if !topup.phone.starts_with("+32") {
            return Err(TopupError::ForeignNumber(topup.phone.clone()));
        }
        Ok(format!("{} loaded by {}", topup.phone, debit.key))
    }

    async fn credit_back(&self, debit: Attempt<&Debit>, ctx: &Ctx) -> Result<(), TopupError> {
        match debit {
            Attempt::Completed(debit) => self.wallet.undo(&debit.key).await,
            Attempt::InDoubt => self.wallet.undo(&ctx.step_idempotency_key()).await,
        }
    }
}

fn main() {}
