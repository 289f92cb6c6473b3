use saga_core::saga;

struct Trip;
struct Hotel;
struct Flight;

struct Trips;

#[saga]
impl Trips {
    #[step(parallel = bookings, pivot)]
    async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
        Ok(Hotel)
    }

    #[step(parallel = bookings, compensate = cancel_flight)]
    async fn book_flight(&self, _trip: &Trip) -> Result<Flight, String> {
        Ok(Flight)
    }

    async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
