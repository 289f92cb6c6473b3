use saga_core::saga;

struct Order;
struct Parcel;
struct Label;
struct Tracking;

struct Shipping;

#[saga]
impl Shipping {
    #[step(readonly)]
    async fn pack(&self, _order: &Order) -> Result<(Parcel, Label), String> {
        Ok((Parcel, Label))
    }

    #[step(pivot)]
    async fn book_courier(&self, _label: &Order, _parcel: &Tracking) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
