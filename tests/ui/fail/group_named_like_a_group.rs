use saga_core::saga;

struct Trip;
struct Hotel;
struct Flight;
struct Car;

struct Trips;

#[saga]
impl Trips {
    #[step(parallel = first_try, compensate = cancel_hotel)]
    async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
        Ok(Hotel)
    }

    #[step(parallel = first_try, compensate = cancel_flight)]
    async fn book_flight(&self, _trip: &Trip) -> Result<Flight, String> {
        Ok(Flight)
    }

    #[step(parallel = _first_try, readonly)]
    async fn find_car(&self) -> Result<Car, String> {
        Ok(Car)
    }

    #[step(parallel = _first_try, readonly)]
    async fn find_driver(&self) -> Result<Car, String> {
        Ok(Car)
    }

    async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
        Ok(())
    }

    async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
