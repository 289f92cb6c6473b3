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
    #[step(saga = DepotSaga, on = self.depot)]
    fn ship(&self, _order: &Order) -> Order {
        Order
    }

    #[step(readonly)]
    async fn bill(&self) -> Result<(), String> {
        Ok(())
    }
}

#[saga]
impl Depot {
    fn shop(&self) -> &Shop {
        &SHOP
    }

    #[step(saga = ShopSaga, on = self.shop())]
    fn reorder(&self, _order: &Order) -> Order {
        Order
    }

    #[step(readonly)]
    async fn pack(&self) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
