use std::cell::RefCell;

use saga_core::saga;

struct Order;
struct Parcel;
struct Label;
struct Tracking;

struct Shipping;

#[saga]
impl Shipping {
    #[step(readonly)]
    async fn pack(&self, _order: &Order) -> Result<(Parcel, RefCell<Label>), String> {
        Ok((Parcel, RefCell::new(Label)))
    }

    #[step(pivot)]
    async fn book_courier(&self, _parcel: &Parcel, _label: &RefCell<Label>) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
