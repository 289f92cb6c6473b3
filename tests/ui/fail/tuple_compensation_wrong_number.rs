use saga_core::saga;

struct Order;
struct Parcel;
struct Label;
struct Tracking;

struct Shipping;

#[saga]
impl Shipping {
    #[step(compensate = unpack)]
    async fn pack(&self, _order: &Order) -> Result<(Parcel, Label), String> {
        Ok((Parcel, Label))
    }

    #[step(pivot)]
    async fn book_courier(&self, _parcel: &Parcel, _label: &Label) -> Result<Tracking, String> {
        Ok(Tracking)
    }

    async fn unpack(&self, _parcel: &Parcel, _label: &Label, _order: &Order) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
