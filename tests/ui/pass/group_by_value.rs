#![deny(warnings)]

use saga_core::saga;

// Needed by both members: cloned for each.
#[derive(Clone)]
struct Trip;

// Not `Clone`: each is asked for once, and moved.
struct Hotel;
struct Flight;

// Not `Clone`: one member takes it, and no other member is bound to it.
struct Car;

struct Trips;

#[saga]
impl Trips {
    #[step(parallel = bookings, readonly)]
    async fn find_hotel(&self, _trip: Trip) -> Result<Hotel, String> {
        Ok(Hotel)
    }

    #[step(parallel = bookings, readonly, retry(attempts = 2))]
    async fn find_flight(&self, _trip: Trip) -> Result<Flight, String> {
        Ok(Flight)
    }

    #[step(readonly)]
    async fn find_car(&self, _hotel: Hotel, _flight: Flight) -> Result<Car, String> {
        Ok(Car)
    }

    #[step(parallel = last, readonly)]
    async fn wash(&self, car: Car) -> Result<Car, String> {
        Ok(car)
    }

    #[step(parallel = last, readonly)]
    async fn wait(&self) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
