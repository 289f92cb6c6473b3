use saga_core::{Saga, saga};

struct Shop;

#[saga]
impl Shop {
    #[step(saga = DepotSaga, on = self.depot())]
    fn ship(&self, _cents: &u32) -> u32 {
        1
    }

    #[step(readonly)]
    async fn bill(&self) -> Result<(), String> {
        Ok(())
    }
}

impl Shop {
    fn depot(&self) -> &Depot {
        &Depot
    }
}

struct Depot;

#[saga(saga = DepotSaga, vis = pub(crate))]
impl Depot {
    #[step(saga = CourierSaga, on = self.courier())]
    fn send(&self, _cents: &u32) -> u32 {
        1
    }
}

impl Depot {
    fn courier(&self) -> &Courier {
        &Courier
    }
}

struct Courier;

#[saga]
impl Courier {
    #[step(readonly)]
    async fn weigh(&self, _cents: &u32) -> Result<u32, String> {
        Ok(1)
    }

    #[step(saga = ShopSaga, on = self.shop())]
    fn insure(&self) -> u32 {
        1
    }

    fn shop(&self) -> &Shop {
        &Shop
    }
}

async fn run() {
    let _ = ShopSaga::run(&Shop, 1).await;
    let _ = CourierSaga::run(&Courier, 1).await;
}

fn main() {}
