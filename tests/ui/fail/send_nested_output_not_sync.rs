use saga_core::saga;

struct Amount;
struct Receipt(std::cell::Cell<u32>);
struct Parcel;

struct Payments;

#[saga]
impl Payments {
    #[step(compensate = free)]
    async fn reserve(&self, _amount: &Amount) -> Result<Parcel, String> {
        Ok(Parcel)
    }

    #[step(no_compensation = "it lapses")]
    async fn charge(&self) -> Result<Receipt, String> {
        Ok(Receipt(std::cell::Cell::new(7)))
    }

    async fn free(&self, _parcel: &Parcel) -> Result<(), String> {
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
