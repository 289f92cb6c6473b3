use saga_core::saga;

struct Amount;
struct Receipt;
struct Parcel;

struct Shop;

#[saga]
impl Shop {
    #[step(readonly)]
    async fn price(&self, _cents: &u32) -> Result<Amount, String> {
        Ok(Amount)
    }

    #[step(saga = self::ShopSaga)]
    fn pay(&self, _amount: &Amount) -> u32 {
        7
    }

    #[step(pivot)]
    async fn ship(&self, _parcel: &Parcel) -> Result<Parcel, String> {
        Ok(Parcel)
    }
}

fn main() {}
