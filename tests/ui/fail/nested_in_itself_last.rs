use saga_core::saga;

struct Shop;

#[saga]
impl Shop {
    #[step(readonly)]
    async fn price(&self, _cents: &u32) -> Result<u32, String> {
        Ok(1)
    }

    #[step(saga = ShopSaga)]
    fn pay(&self, _amount: &u32) -> u32 {
        7
    }
}

fn main() {}
