use saga_core::saga;

struct Order;
struct Parcel;
struct Form;
struct Label;
struct Tracking;

struct Shipping;

#[saga]
impl Shipping {
    #[step(readonly)]
    async fn pack(&self, _order: &Order) -> Result<Parcel, String> {
        Ok(Parcel)
    }

    #[step(pivot)]
    async fn book_courier(&self, _form: &Form, _label: &Label) -> Result<Tracking, String> {
        Ok(Tracking)
    }
}

fn main() {}
