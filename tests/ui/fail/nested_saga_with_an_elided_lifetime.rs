use saga_core::saga;

struct Amount;
struct Receipt;
struct Parcel;

struct Payments<'a>(&'a str);

#[saga]
impl Payments<'_> {
    #[step(compensate = refund)]
    async fn charge(&self, _amount: &Amount) -> Result<Receipt, String> {
        Ok(Receipt)
    }

    async fn refund(&self, _receipt: &Receipt) -> Result<(), String> {
        Ok(())
    }
}

struct Shop<'a> {
    payments: Payments<'a>,
}

#[saga]
impl Shop<'_> {
    #[step(readonly)]
    async fn price(&self, _cents: &u32) -> Result<Amount, String> {
        Ok(Amount)
    }

    #[step(saga = PaymentsSaga<'_>, on = self.payments)]
    fn pay(&self, _amount: &Amount) -> Amount {
        Amount
    }

    #[step(pivot)]
    async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
        Ok(Parcel)
    }
}

fn main() {}
