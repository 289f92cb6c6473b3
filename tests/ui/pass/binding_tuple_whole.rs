#![deny(warnings)]

use saga_core::{Attempt, saga};

struct Order;
struct Parcel;
struct Label;

struct Shipping;

#[saga]
impl Shipping {
    #[step(compensate = unpack)]
    async fn pack(&self, _order: &Order) -> Result<(Parcel, Label), String> {
        Ok((Parcel, Label))
    }

    #[step(pivot)]
    async fn book_courier(&self, (_parcel, _label): &(Parcel, Label)) -> Result<u32, String> {
        Ok(7)
    }

    async fn unpack(&self, _packed: Attempt<&(Parcel, Label)>) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
