use std::error::Error;

use saga_core::saga;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Order;
struct Parcel;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = return_parcel)]
    async fn ship_parcel(&self, _order: &Order) -> Result<Parcel> {
        Ok(Parcel)
    }

    #[step(pivot)]
    async fn charge_card(&self, _parcel: &Parcel) -> Result<Payment> {
        Ok(Payment)
    }

    async fn return_parcel(&self, _parcel: &Parcel) -> Result<()> {
        Ok(())
    }
}

fn main() {}
