use saga_core::saga;

struct Order;
struct Parcel;
struct Item;
struct Tracking;

struct Checkout;

#[saga]
impl Checkout {
    #[step(readonly)]
    async fn list_items(&self, _order: &Order) -> Result<Vec<Item>, String> {
        Ok(vec![Item])
    }

    #[step(pivot)]
    async fn book_courier(&self, _parcels: &[Parcel]) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
