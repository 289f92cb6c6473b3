use saga_core::{StepContext, saga};

#[derive(Debug)]
pub struct Payout {
    pub merchant: u64,
    pub cents: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutId(String);

#[derive(Debug)]
pub struct Lock(u64);

#[derive(Debug, thiserror::Error)]
pub enum PayoutError {
    #[error("merchant {0} is blocked")]
    Blocked(u64),
    #[error("the network failed")]
    Network(#[source] std::io::Error),
}

pub struct Payouts;

#[saga(compensation(retry(attempts = 10, backoff = "1s..1m"), timeout = "20s"))]
impl Payouts {
    #[step(compensate = unlock_balance)]
    async fn lock_balance(&self, payout: &Payout) -> Result<Lock, PayoutError> {
        if payout.merchant == 0 {
            return Err(PayoutError::Blocked(payout.merchant));
        }
        Ok(Lock(payout.cents))
    }

    #[step(pivot, compensate = recall, timeout = "30s", in_doubt = Payouts::is_network)]
    async fn send_money(
        &self,
        lock: &Lock,
        #[input] payout: &Payout,
        ctx: &StepContext,
    ) -> Result<PayoutId, PayoutError> {
        if lock.0 != payout.cents {
            return Err(PayoutError::Network(
                std::io::ErrorKind::ConnectionReset.into(),
            ));
        }
        Ok(PayoutId(ctx.idempotency_key()))
    }

    #[step(retry(attempts = 100, backoff = "1s..10m"))]
    async fn book_payout(&self, payout: &PayoutId) -> Result<String, PayoutError> {
        Ok(payout.0.clone())
    }

    async fn unlock_balance(&self, lock: &Lock) -> Result<(), PayoutError> {
        println!("unlocking {}", lock.0);
        Ok(())
    }

    async fn recall(&self, payout: &PayoutId, ctx: &StepContext) -> Result<(), PayoutError> {
        println!("recalling {payout:?} of {}", ctx.step_idempotency_key());
        Ok(())
    }
}

impl Payouts {
    fn is_network(error: &PayoutError) -> bool {
        matches!(error, PayoutError::Network(_))
    }
}

fn main() {}
