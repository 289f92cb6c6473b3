use saga_core::saga;

struct Amount;
struct Receipt;
struct Parcel;

struct Payments;

#[saga]
impl Payments {
    #[step(pivot)]
    async fn charge(&self, _amount: &Amount) -> Result<Receipt, String> {
        Ok(Receipt)
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

    #[step(saga = PaymentsSaga, on = self.payments, parallel = both)]
    fn pay(&self, _amount: &Amount) -> Amount {
        Amount
    }

    #[step(parallel = both, readonly)]
    async fn weigh(&self) -> Result<u32, String> {
        Ok(7)
    }
}

fn main() {}
