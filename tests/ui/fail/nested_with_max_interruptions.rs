use saga_core::saga;

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

    #[step(saga = PaymentsSaga, on = self.payments, max_interruptions = 2)]
    fn pay(&self, _amount: &Amount) -> Amount {
        Amount
    }

    #[step(pivot)]
    async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
        Ok(Parcel)
    }
}

fn main() {}
