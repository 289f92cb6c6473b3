use saga_core::{Attempt, StepContext, saga};

#[derive(Debug, Clone)]
pub struct Basket {
    pub customer: u64,
    pub lines: Vec<(String, u32)>,
    pub cents: u64,
}

#[derive(Debug)]
pub struct StockHold {
    pub id: u64,
}

#[derive(Debug)]
pub struct FraudScore(pub u8);

#[derive(Debug)]
pub struct Capture {
    pub reference: String,
}

#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    #[error("{0} is out of stock")]
    OutOfStock(String),
    #[error("the score {0} is too high")]
    Suspicious(u8),
    #[error("the card was declined")]
    Declined,
}

pub struct Checkout {
    fraud_limit: u8,
}

#[saga(
    deadline = "1m",
    compensation(retry(attempts = 5, backoff = "200ms..10s"))
)]
impl Checkout {
    #[step(compensate = release_stock, timeout = "2s")]
    async fn hold_stock(&self, basket: &Basket) -> Result<StockHold, CheckoutError> {
        match basket.lines.iter().find(|(_, count)| *count > 100) {
            Some((sku, _)) => Err(CheckoutError::OutOfStock(sku.clone())),
            None => Ok(StockHold {
                id: basket.customer,
            }),
        }
    }

    #[step(readonly)]
    async fn score_fraud(&self, #[input] basket: &Basket) -> Result<FraudScore, CheckoutError> {
        let score = u8::try_from(basket.cents / 100_000).unwrap_or(u8::MAX);
        if score > self.fraud_limit {
            return Err(CheckoutError::Suspicious(score));
        }
        Ok(FraudScore(score))
    }

    #[step(pivot, compensate = void_capture, timeout = "10s")]
    async fn capture_payment(
        &self,
        hold: &StockHold,
        #[input] basket: &Basket,
        ctx: &StepContext,
    ) -> Result<Capture, CheckoutError> {
        if basket.cents == 0 {
            return Err(CheckoutError::Declined);
        }
        Ok(Capture {
            reference: format!("{}/{}", hold.id, ctx.idempotency_key()),
        })
    }

    async fn release_stock(&self, hold: Attempt<&StockHold>) -> Result<(), CheckoutError> {
        if let Attempt::Completed(hold) = hold {
            println!("releasing hold {}", hold.id);
        }
        Ok(())
    }

    async fn void_capture(
        &self,
        _capture: Attempt<&Capture>,
        ctx: &StepContext,
    ) -> Result<(), CheckoutError> {
        println!("voiding {}", ctx.step_idempotency_key());
        Ok(())
    }
}

fn main() {}
