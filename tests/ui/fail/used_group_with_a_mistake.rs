use saga_core::{Failure, Saga as _, saga};

struct Trip;
struct Hotel;
struct Flight;

struct Trips;

#[saga]
impl Trips {
    #[step(parallel = bookings, compensate = cancel_hotel)]
    async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
        Ok(Hotel)
    }

    #[step(parallel = bookings, timeout = "soon", compensate = cancel_flight)]
    async fn book_flight(&self, _trip: &Trip) -> Result<Flight, String> {
        Ok(Flight)
    }

    async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
        Ok(())
    }

    async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
        Ok(())
    }
}

async fn book(trips: &Trips) -> Result<(Hotel, Flight), String> {
    match TripsSaga::run(trips, Trip).await {
        Ok((hotel, flight)) => Ok((hotel, flight)),
        Err(error) => {
            if let TripsSagaState::BeforeBookings { input: _ } = error.state() {
                return Err("nothing booked".to_owned());
            }
            match error.into_error() {
                TripsSagaError::BookHotel(Failure::Error(text)) => Err(text),
                TripsSagaError::Cancelled | TripsSagaError::DeadlineExceeded => Err("too late".to_owned()),
                other => Err(other.to_string()),
            }
        }
    }
}

fn main() {}
