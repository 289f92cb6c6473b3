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

struct Desk {
    payments: Payments,
}

#[saga]
impl Desk {
    #[step(saga = PaymentsSaga, on = self.payments)]
    fn order(&self, _amount: &Amount) -> Amount {
        Amount
    }
}

struct Shop {
    desk: Desk,
}

#[saga]
impl Shop {
    #[step(readonly)]
    async fn price(&self, _cents: &u32) -> Result<Amount, String> {
        Ok(Amount)
    }

    #[step(saga = DeskSaga, on = self.desk)]
    fn pay(&self, _amount: &Amount) -> Amount {
        Amount
    }

    #[step]
    async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
        Ok(Parcel)
    }
}

fn main() {}
