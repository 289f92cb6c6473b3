use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
#[derive(serde::Serialize)]
struct Reservation;
#[derive(serde::Deserialize)]
struct Payment;
struct Parcel;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(readonly)]
    async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
        todo!()
    }

    #[step(readonly)]
    async fn check_card(&self) -> Result<Reservation, String> {
        todo!()
    }

    #[step(readonly)]
    async fn charge_card(&self) -> Result<Payment, String> {
        todo!()
    }

    #[step(pivot)]
    async fn book_courier(&self) -> Result<(Order, Parcel), String> {
        todo!()
    }
}

fn main() {}
