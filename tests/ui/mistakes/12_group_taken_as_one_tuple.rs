use std::sync::Arc;

use saga_core::{CancellationToken, Lost, RunOptions, Saga, saga};

#[derive(Debug, Clone)]
struct Trip {
    city: String,
    nights: u32,
}

#[derive(Debug)]
struct Hotel {
    cents: u64,
}

#[derive(Debug)]
struct Flight {
    seat: String,
    cents: u64,
}

#[derive(Debug, thiserror::Error)]
enum TravelError {
    #[error("nothing left in {0}")]
    SoldOut(String),
    #[error("{0} cents are over the budget")]
    OverBudget(u64),
}

struct TravelDesk {
    budget: u64,
}

#[saga]
impl TravelDesk {
    #[step(parallel = bookings, compensate = cancel_hotel, timeout = "10s")]
    async fn book_hotel(&self, trip: &Trip) -> Result<Hotel, TravelError> {
        Ok(Hotel {
            cents: 9_000 * u64::from(trip.nights),
        })
    }

    #[step(parallel = bookings, compensate = cancel_flight, timeout = "10s")]
    async fn book_flight(&self, trip: &Trip) -> Result<Flight, TravelError> {
        if trip.city == "Atlantis" {
            return Err(TravelError::SoldOut(trip.city.clone()));
        }
        Ok(Flight {
            seat: "12A".to_owned(),
            cents: 25_000,
        })
    }

    #[step(pivot)]
    async fn pay(&self, bookings: &(Hotel, Flight)) -> Result<String, TravelError> {
        let (hotel, flight) = bookings;
        let total = hotel.cents + flight.cents;
        if total > self.budget {
            return Err(TravelError::OverBudget(total));
        }
        Ok(format!("{total} cents, seat {}", flight.seat))
    }

    async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), TravelError> {
        Ok(())
    }

    async fn cancel_flight(&self, flight: &Flight) -> Result<(), TravelError> {
        println!("giving back {}", flight.seat);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Lost> {
    let shutdown = CancellationToken::new();
    let desk = Arc::new(TravelDesk { budget: 100_000 });
    let trip = Trip {
        city: "Lisbon".to_owned(),
        nights: 4,
    };
    let options = RunOptions::new().cancellation(shutdown.clone());
    match TravelDeskSaga::spawn(desk, trip, options).await? {
        Ok(text) => println!("{text}"),
        Err(error) => println!("{}", error.report()),
    }
    Ok(())
}
