use std::sync::Arc;

use saga_core::{Attempt, StepContext, saga};

#[derive(Debug, thiserror::Error)]
pub enum BankApiError {
    #[error("HTTP {0}")]
    Status(u16),
    #[error("connection reset")]
    Reset,
}

impl BankApiError {
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Reset | Self::Status(502..=504))
    }
}

#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error("{0} is not covered")]
    NotCovered(u64),
    #[error("the bank could not be reached")]
    Api(#[from] BankApiError),
}

impl TransferError {
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Api(error) if error.is_transient())
    }
}

pub struct BankApi;

impl BankApi {
    async fn post(&self, path: &str, _key: &str) -> Result<u64, BankApiError> {
        u64::try_from(path.len()).map_err(|_| BankApiError::Status(500))
    }
}

#[derive(Debug)]
pub struct Order {
    pub from: String,
    pub to: String,
    pub cents: u64,
}

pub struct Transfers {
    api: Arc<BankApi>,
}

#[saga]
impl Transfers {
    #[step(
        compensate = credit_back,
        retry(attempts = 4, backoff = "50ms..1s", when = BankApiError::is_transient),
        timeout = "5s"
    )]
    async fn debit(&self, order: &Order, ctx: &StepContext) -> Result<u64, TransferError> {
        if order.cents > 1_000_000 {
            return Err(TransferError::NotCovered(order.cents));
        }
        let path = format!("/debit/{}", order.from);
        Ok(self.api.post(&path, &ctx.idempotency_key()).await?)
    }

    #[step(pivot)]
    async fn credit(
        &self,
        #[input] order: &Order,
        ctx: &StepContext,
    ) -> Result<u64, TransferError> {
        let path = format!("/credit/{}", order.to);
        Ok(self.api.post(&path, &ctx.idempotency_key()).await?)
    }

    async fn credit_back(
        &self,
        _debit: Attempt<&u64>,
        ctx: &StepContext,
    ) -> Result<(), BankApiError> {
        self.api
            .post("/reverse", &ctx.step_idempotency_key())
            .await?;
        Ok(())
    }
}

fn main() {}
