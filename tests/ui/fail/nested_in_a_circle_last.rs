use saga_core::saga;

struct Order;
struct Parcel;
struct Shop {
    depot: Depot,
}
struct Depot;

static SHOP: Shop = Shop { depot: Depot };

#[saga]
impl Shop {
    #[step(readonly)]
    async fn bill(&self, _order: &Order) -> Result<(), String> {
        Ok(())
    }

    #[step(saga = DepotSaga, on = self.depot)]
    fn ship(&self) -> Order {
        Order
    }
}

#[saga]
impl Depot {
    fn shop(&self) -> &Shop {
        &SHOP
    }

    #[step(readonly)]
    async fn pack(&self, _order: &Order) -> Result<(), String> {
        Ok(())
    }

    #[step(saga = ShopSaga, on = self.shop())]
    fn reorder(&self) -> Order {
        Order
    }
}

fn main() {}
