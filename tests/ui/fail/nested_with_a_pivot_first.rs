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
    #[step(saga = PaymentsSaga, on = self.payments)]
    fn pay(&self, _amount: &Amount) -> Amount {
        Amount
    }

    #[step(pivot)]
    async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
        Ok(Parcel)
    }
}

fn main() {}
