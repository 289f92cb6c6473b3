use saga_core::saga;

struct Order;
struct Parcel;
struct Label;
struct Tracking;

struct Shipping;

#[saga]
impl Shipping {
    #[step(readonly)]
    async fn pack(&self, _order: &Order) -> Result<(Parcel, Label, u32), String> {
        Ok((Parcel, Label, 3))
    }

    #[step(pivot)]
    async fn book_courier(&self, _parcel: &Parcel, _label: &Label) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
