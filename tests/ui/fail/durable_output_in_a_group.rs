use saga_core::saga;

#[derive(serde::Serialize, serde::Deserialize)]
struct Order;
#[derive(serde::Serialize, serde::Deserialize)]
struct Hotel;
struct Flight;

struct Checkout;

#[saga(durable)]
impl Checkout {
    #[step(parallel = bookings, readonly)]
    async fn book_hotel(&self, _order: &Order) -> Result<Hotel, String> {
        todo!()
    }

    #[step(parallel = bookings, readonly)]
    async fn book_flight(&self) -> Result<Flight, String> {
        todo!()
    }
}

fn main() {}
