use saga_core::{Attempt, Saga, StepContext, saga};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Currency {
    Eur,
    Usd,
}

#[derive(Debug, Clone, Copy)]
struct Money {
    cents: u64,
    currency: Currency,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct PaymentError(&'static str);

struct Payments;

#[saga]
impl Payments {
    #[step(compensate = release)]
    async fn authorize(&self, amount: &Money, ctx: &StepContext) -> Result<String, PaymentError> {
        if amount.currency == Currency::Usd && amount.cents > 100_000 {
            return Err(PaymentError("over the limit for dollars"));
        }
        Ok(ctx.idempotency_key())
    }

    #[step(compensate = refund)]
    async fn capture(&self, authorization: &str) -> Result<String, PaymentError> {
        Ok(format!("receipt of {authorization}"))
    }

    async fn release(&self, _authorization: Attempt<&String>) -> Result<(), PaymentError> {
        Ok(())
    }

    async fn refund(&self, _receipt: Attempt<&String>) -> Result<(), PaymentError> {
        Ok(())
    }
}

struct Gym {
    payments: Payments,
}

#[saga(saga = MembershipSaga)]
impl Gym {
    #[step(readonly)]
    async fn monthly_fee(&self, plan: &str) -> Result<u64, String> {
        match plan {
            "basic" => Ok(1_999),
            "premium" => Ok(3_999),
            other => Err(format!("there is no plan `{other}`")),
        }
    }

    #[step(saga = PaymentsSaga, on = self.payments)]
    fn pay(&self, fee: &u64) -> u64 {
        *fee
    }

    #[step(pivot)]
    async fn issue_card(&self, receipt: &str) -> Result<String, String> {
        Ok(format!("card for {receipt}"))
    }
}

#[tokio::main]
async fn main() {
    let gym = Gym { payments: Payments };
    println!("{:?}", MembershipSaga::run(&gym, "basic".to_owned()).await);
}
