#![deny(warnings)]

use saga_core::saga;

struct Order;
struct Parcel;
#[derive(Clone)]
struct Label(String);

struct Shipping;

#[saga]
impl Shipping {
    #[step(compensate = unpack)]
    async fn pack(&self, _order: &Order) -> Result<(Parcel, Label, u32), String> {
        Ok((Parcel, Label("a".to_owned()), 7))
    }

    #[step(readonly)]
    async fn weigh(&self, _parcel: &Parcel, label: &Label, grams: &u32) -> Result<(Label, u32), String> {
        Ok((label.clone(), *grams))
    }

    #[step(pivot)]
    async fn book_courier(&self, label: Label, grams: u32, #[input] _order: &Order) -> Result<String, String> {
        Ok(format!("{} {grams}", label.0))
    }

    async fn unpack(&self, _parcel: &Parcel, _label: &Label, _grams: &u32) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
