use saga_core::{Failure, Saga, SagaError, saga};

struct Amount;
struct Receipt;
struct Parcel;

struct Payments;

#[saga]
impl Payments {
    #[step(compensate = refund)]
    async fn charge(&self, _amount: &Amount) -> Result<Receipt, String> {
        Ok(Receipt)
    }

    async fn refund(&self, _receipt: &Receipt) -> Result<(), String> {
        Ok(())
    }
}

struct Shop {
    payments: Payments,
}

#[saga]
impl Shop {
    #[step(readonly)]
    async fn price(&self, _cents: &u32) -> Result<Amount, String> {
        Ok(Amount)
    }

    #[step(saga = PaymentsSaga, on = self.payments, timeout = "soon")]
    fn pay(&self, _amount: &Amount) -> Amount {
        Amount
    }

    #[step(pivot)]
    async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
        Ok(Parcel)
    }
}

fn what(error: ShopSagaError) -> Option<SagaError<PaymentsSaga>> {
    match error {
        ShopSagaError::Pay(Failure::Error(error)) => Some(error),
        _ => None,
    }
}

async fn buy(shop: &Shop) -> Option<SagaError<PaymentsSaga>> {
    what(ShopSaga::run(shop, 7).await.err()?.into_error())
}

fn main() {
    let _ = buy(&Shop { payments: Payments });
}
