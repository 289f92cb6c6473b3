use saga_core::saga;

struct Trip;
struct Hotel;
struct Flight;

struct Trips;

#[saga]
impl Trips {
    #[step(parallel = bookings, compensate = cancel_hotel)]
    async fn book_hotel(&self, _trip: Trip) -> Result<Hotel, String> {
        Ok(Hotel)
    }

    #[step(parallel = bookings, only_if = is_far, compensate = cancel_flight)]
    async fn book_flight(&self, ) -> Result<Flight, String> {
        Ok(Flight)
    }

    async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
        Ok(())
    }

    async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
        Ok(())
    }

    fn is_far(&self, _trip: &Trip) -> bool {
        true
    }
}

fn main() {}
