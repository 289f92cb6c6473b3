use saga_core::saga;

struct Trip;
struct Hotel;
struct Flight;
struct Car;
struct Ticket;

struct Trips;

#[saga]
impl Trips {
    #[step(parallel = bookings, compensate = cancel_hotel)]
    async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
        Ok(Hotel)
    }

    #[step(paralel = bookings, compensate = cancel_flight)]
    async fn book_flight(&self, _trip: &Trip) -> Result<Flight, String> {
        Ok(Flight)
    }

    #[step(parallel = bookings, readonly)]
    async fn find_car(&self) -> Result<Car, String> {
        Ok(Car)
    }

    #[step(pivot)]
    async fn pay(&self, _hotel: &Hotel, _flight: &Flight, _car: &Car) -> Result<Ticket, String> {
        Ok(Ticket)
    }

    async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
        Ok(())
    }

    async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
