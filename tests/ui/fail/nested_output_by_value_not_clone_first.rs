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
    #[step(saga = PaymentsSaga, on = self.payments)]
    fn pay(&self, _amount: &Amount) -> Amount {
        Amount
    }

    #[step(pivot, retry(attempts = 3))]
    async fn ship(&self, _receipt: Receipt) -> Result<Parcel, String> {
        Ok(Parcel)
    }
}

fn main() {}
