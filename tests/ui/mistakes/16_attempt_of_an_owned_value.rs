use std::sync::Arc;

use saga_core::{Attempt, Saga, StepContext, saga};

#[derive(Debug)]
struct Payment {
    id: String,
    cents: u64,
}

#[derive(Debug, thiserror::Error)]
enum PspError {
    #[error("card declined: {reason}")]
    Declined { reason: String },
    #[error("gateway timeout")]
    GatewayTimeout,
}

fn may_have_charged(error: &PspError) -> bool {
    matches!(error, PspError::GatewayTimeout)
}

struct PspClient;

impl PspClient {
    async fn charge(&self, key: String, cents: u64) -> Result<Payment, PspError> {
        if cents > 500_000 {
            return Err(PspError::Declined {
                reason: "limit".to_owned(),
            });
        }
        Ok(Payment { id: key, cents })
    }

    async fn find(&self, _key: &str) -> Result<Option<Payment>, PspError> {
        Ok(None)
    }

    async fn refund(&self, _id: &str, _cents: u64) -> Result<(), PspError> {
        Ok(())
    }
}

struct Subscriptions {
    psp: Arc<PspClient>,
}

#[saga(saga = SubscribeSaga)]
impl Subscriptions {
    #[step(compensate = refund, in_doubt = may_have_charged, timeout = "15s")]
    async fn charge(&self, cents: &u64, ctx: &StepContext) -> Result<Payment, PspError> {
        self.psp.charge(ctx.idempotency_key(), *cents).await
    }

    #[step]
    async fn activate(&self, payment: &Payment) -> Result<String, PspError> {
        Ok(format!("active: {}", payment.id))
    }

    async fn refund(&self, payment: Attempt<Payment>, ctx: &StepContext) -> Result<(), PspError> {
        match payment {
            Attempt::Completed(payment) => self.psp.refund(&payment.id, payment.cents).await,
            Attempt::InDoubt => match self.psp.find(&ctx.step_idempotency_key()).await? {
                Some(payment) => self.psp.refund(&payment.id, payment.cents).await,
                None => Ok(()),
            },
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let subscriptions = Subscriptions {
        psp: Arc::new(PspClient),
    };
    println!("{}", SubscribeSaga::run(&subscriptions, 1_299).await?);
    Ok(())
}
