use saga_core::saga;

struct Order;
struct Parcel;
struct Payment;

struct Checkout;

#[saga]
impl Checkout {
    #[step(compensate = return_parcel)]
    async fn ship_parcel(&self, _order: &Order) -> Result<Parcel, String> {
        Ok(Parcel)
    }

    #[step(compensate = return_parcel)]
    async fn charge_card(&self, _parcel: &Parcel) -> Result<Payment, String> {
        Ok(Payment)
    }

    async fn return_parcel(&self, _parcel: &Parcel) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
